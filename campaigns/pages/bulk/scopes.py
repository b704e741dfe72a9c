"""What an emergency stop can be about: everything, or the campaigns of one client, region, time zone or calendar."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from campaigns.holidays.lookups import calendars_of
from campaigns.models import Bulk, Campaign, Operation, OperationKind
from campaigns.operations import rank
from campaigns.pages.freshness import Freshness
from campaigns.schedule import zone_key
from campaigns.selection import CampaignSelection, matching_campaigns, tag_label

EVERYTHING, LISTED = "everything", "listed"
# The order in which groups stand; other tags that CXone's campaigns bear come between them.
FIRST, LAST = ("client", "region"), ("zone", "calendar")
GROUP_LABELS = {"client": "Client", "region": "Region", "zone": "Time zone", "calendar": "Holiday calendar"}


@dataclass(slots=True)
class StopScope:
    """`key` comes back from the form. `campaigns`: what would be asked to stop, those with the most calls first."""

    key: str
    label: str
    group: str = ""
    campaigns: list[Campaign] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.campaigns)

    @property
    def calls(self) -> int:
        return sum(campaign.active_calls for campaign in self.campaigns)

    @property
    def campaign_ids(self) -> list[str]:
        return [campaign.pk for campaign in self.campaigns]

    @property
    def on_record(self) -> dict[str, object]:
        """As a bulk keeps what was chosen."""
        return {"emergency": f"{self.group}: {self.label}" if self.group else self.label}


@dataclass(frozen=True)
class ScopeGroup:
    label: str
    scopes: list[StopScope]


@dataclass(frozen=True)
class StopScopes:
    """Everything that can be stopped now, in one fixed number of queries. `listed`: what the list showed from which
    somebody came."""

    everything: StopScope
    listed: StopScope | None
    found: dict[str, StopScope]

    @cached_property
    def groups(self) -> list[ScopeGroup]:
        """Each in the order of its labels."""
        names = {scope.group for scope in self.found.values()}
        others = sorted(names - {GROUP_LABELS[key] for key in (*FIRST, *LAST)})
        ordered = [*(GROUP_LABELS[key] for key in FIRST), *others, *(GROUP_LABELS[key] for key in LAST)]
        return [ScopeGroup(name, self._of_group(name)) for name in ordered if name in names]

    def _of_group(self, name: str) -> list[StopScope]:
        scopes = [scope for scope in self.found.values() if scope.group == name]
        return sorted(scopes, key=lambda scope: scope.label.casefold())

    def get(self, key: str) -> StopScope | None:
        special = {EVERYTHING: self.everything, LISTED: self.listed}
        if key in special:
            return special[key]
        return self.found.get(key)


def read_scopes(listed: CampaignSelection, fresh: Freshness) -> StopScopes:
    """`listed`: the filter of the list that somebody looks at."""
    stoppable = _stoppable()
    everything = StopScope(EVERYTHING, "Every campaign", campaigns=stoppable)
    found: dict[str, StopScope] = {}
    assigned = calendars_of(stoppable)
    names = {calendar.pk: calendar.name for calendar in assigned.calendars}
    for campaign in stoppable:
        calendars = assigned.keys.get(campaign.pk, frozenset())
        for key, group, label in _memberships(campaign, {pk: names[pk] for pk in calendars}):
            found.setdefault(key, StopScope(key, label, group)).campaigns.append(campaign)
    return StopScopes(everything, _listed(listed, stoppable, fresh), found)


def _stoppable() -> list[Campaign]:
    """What dials or may dial again: a pause can be asked for it, or a resume of it is in progress, or waits for a
    second person, who may not know of the stop."""
    resuming = _resuming()
    fields = ("id", "name", "status", "timezone", "tags", "active_calls", "gone_at")
    campaigns = Campaign.objects.filter(gone_at=None).order_by("-active_calls", "name", "id").only(*fields)
    return [campaign for campaign in campaigns if campaign.may_be_paused or campaign.pk in resuming]


def _resuming() -> set[str]:
    resumes = Operation.objects.filter(rank.may_give_way(), kind=OperationKind.RESUME)
    found = set(resumes.values_list("campaign", flat=True))
    # A worker may not have made their operations yet. What has ended already is paused no less for being asked again.
    bulks = Bulk.objects.filter(kind=OperationKind.RESUME, ended_at=None, cancelled_at=None)
    return found.union(*bulks.values_list("campaign_ids", flat=True))


def _memberships(campaign: Campaign, calendars: dict[int, str]) -> Iterable[tuple[str, str, str]]:
    """The key, group and label of each scope that the campaign belongs to, besides everything."""
    for name, value in campaign.tags.items():
        yield f"tag:{name}:{value}", GROUP_LABELS.get(name, tag_label(name)), value
    if campaign.timezone:
        zone = zone_key(campaign.timezone)
        yield f"zone:{zone}", GROUP_LABELS["zone"], zone
    for pk, name in calendars.items():
        yield f"calendar:{pk}", GROUP_LABELS["calendar"], name


def _listed(selection: CampaignSelection, stoppable: list[Campaign], fresh: Freshness) -> StopScope | None:
    if not selection.is_filtered:
        return None
    matching = matching_campaigns(selection, fresh.now)
    chosen = set(matching.order_by().values_list("pk", flat=True))
    return StopScope(LISTED, "What the list shows", campaigns=[each for each in stoppable if each.pk in chosen])

"""The list of campaigns: a page of rows and the summary above them. The number of queries is always the same."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from campaigns import schedule
from campaigns.guard.duty import next_stretches
from campaigns.guard.outlook import GuardSignal, signal_of
from campaigns.guard.stretches import Stretch
from campaigns.holidays.lookups import calendars_of, next_of, zone_of_campaign
from campaigns.models import Bulk, Calendar, Campaign, Control, Operation, OperationKind, Policy
from campaigns.operations import descriptions
from campaigns.pages.actions import Action, Rights, actions_on_many, change_of_dialing
from campaigns.pages.campaigns import picker
from campaigns.pages.freshness import Freshness
from campaigns.pages.version import version_of
from campaigns.policy.in_force import limit_for
from campaigns.schedule import HolidayOn, Opening
from campaigns.selection import (
    COLUMNS,
    EVERYTHING,
    GONE,
    KNOWN_STATUSES,
    NEVER_BEGAN,
    RECENT,
    CampaignSelection,
    matching_campaigns,
    needs_attention,
)
from campaigns.states import BAD_ENDS, ENDS, IN_PROGRESS

# Each refresh draws all of the page's rows again.
PAGE_SIZE = 50
# In progress, above the list. There is hardly ever more than one.
MOST_BULKS = 3


@dataclass(frozen=True, slots=True)
class OperationCell:
    """A campaign's newest operation. `trouble` is the sentence of one that ended badly or is failing, `story` all of
    it."""

    operation: Operation
    label: str
    trouble: str
    story: str


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign. `local_time` is None where the zone is unknown; `age_seconds` where CXone no longer lists it."""

    campaign: Campaign
    local_time: datetime | None
    opening: Opening
    holiday: HolidayOn | None
    guard: GuardSignal | None
    limit: int
    newest: OperationCell | None
    controller: str
    changed_outside: bool
    age_seconds: int | None
    action: Action | None

    @property
    def over_limit(self) -> bool:
        return self.campaign.active_calls > self.limit


@dataclass(frozen=True, slots=True)
class Summary:
    """Of all campaigns in CXone, whatever is selected. `bulks`: the newest ones in progress."""

    total: int
    active: int
    paused: int
    other: int
    calls: int
    attention: int
    bulks: list[Bulk]


@dataclass(frozen=True, slots=True)
class Column:
    """`direction` is how the list is sorted by it now: ascending, descending, or not ("")."""

    key: str
    query: str
    direction: str


@dataclass(frozen=True, slots=True)
class CampaignListing:
    """`previous` and `following` are the address parameters of the pages beside this one. `on_many`: what the reader
    may do to several at once, and `matching` the address parameters of all that match."""

    rows: list[CampaignRow]
    page: Page[Campaign]
    summary: Summary
    columns: dict[str, Column]
    previous: str
    following: str
    on_many: list[Action]
    matching: str


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the filters offer: what there is, and what is chosen already."""

    statuses: list[str]
    zones: list[str]
    calendars: list[Calendar]


def read_listing(selection: CampaignSelection, rights: Rights, fresh: Freshness) -> CampaignListing:
    policy = Policy.current()
    page = Paginator(matching_campaigns(selection, policy, fresh.now), PAGE_SIZE).get_page(selection.page)
    campaigns = list(page)
    newest, assigned = _newest_operations(campaigns), calendars_of(campaigns)
    holidays = next_of(campaigns, fresh.now, assigned)
    guarded = next_stretches(campaigns, assigned, fresh.now)
    rows = [
        _row(
            campaign,
            newest.get(campaign.id),
            holidays.get(campaign.id),
            guarded.get(campaign.id),
            policy=policy,
            rights=rights,
            fresh=fresh,
        )
        for campaign in campaigns
    ]
    columns = {key: _column(key, selection) for key in COLUMNS}
    return CampaignListing(
        rows=rows,
        page=page,
        summary=_summary(policy, fresh.now),
        columns=columns,
        previous=selection.on_page(page.number - 1).query,
        following=selection.on_page(page.number + 1).query,
        on_many=actions_on_many(rights),
        matching=selection.on_page(1).query,
    )


def read_filter_choices(selection: CampaignSelection) -> FilterChoices:
    statuses = Campaign.objects.order_by().values_list("status", flat=True).distinct()
    chosen = {selection.status} - {GONE}
    return FilterChoices(
        statuses=sorted({*KNOWN_STATUSES, *statuses, *chosen} - {""}),
        zones=sorted({*picker.zones(), selection.zone} - {""}),
        calendars=list(Calendar.objects.all()),
    )


def listing_version(selection: CampaignSelection, rights: Rights, fresh: Freshness) -> str:
    """A digest of what a rendered list depends on: with the same one, nothing would look different."""
    minute = f"{fresh.now:%Y%m%d%H%M}"
    return version_of(fresh.version, fresh.shown, fresh.failing_since, minute, selection, rights)


def _newest_operations(campaigns: list[Campaign]) -> dict[str, Operation]:
    """The one in progress, or else the last that has begun and ended."""
    ended = Operation.objects.filter(campaign=OuterRef("pk"), state__in=ENDS).exclude(NEVER_BEGAN)
    ended = ended.order_by("-ended_at", "-id")
    ids = Campaign.objects.filter(pk__in=[c.pk for c in campaigns]).order_by()
    found = Operation.objects.select_related("superseded_by")
    newest = list(found.filter(pk__in=ids.values(newest=Subquery(ended.values("pk")[:1]))))
    # One for a later time may have been requested long before. Of two, the last here: it takes the other's place.
    in_progress = found.filter(campaign__in=ids, state__in=IN_PROGRESS)
    newest += in_progress.order_by(F("outranks").asc(nulls_first=True), "requested_at")
    return {operation.campaign_id: operation for operation in newest}


def _row(
    campaign: Campaign,
    operation: Operation | None,
    holiday: HolidayOn | None,
    guarded: Stretch | None,
    *,
    policy: Policy,
    rights: Rights,
    fresh: Freshness,
) -> CampaignRow:
    zone = zone_of_campaign(campaign)
    in_progress = operation if operation and operation.in_progress else None
    action = change_of_dialing(campaign, in_progress)
    return CampaignRow(
        campaign=campaign,
        local_time=fresh.now.astimezone(zone) if zone else None,
        opening=schedule.opening(campaign.schedule, fresh.now),
        holiday=holiday,
        guard=signal_of(campaign, guarded, operation, fresh.now),
        limit=limit_for(campaign, policy),
        newest=_cell(campaign, operation) if operation else None,
        controller=_controller(campaign),
        changed_outside=_is_changed_outside(campaign, fresh.now),
        age_seconds=None if campaign.gone_at else fresh.age_of(campaign),
        action=action if action and action.right in rights else None,
    )


def _is_changed_outside(campaign: Campaign, now: datetime) -> bool:
    """Changed in CXone itself, and lately: an old change needs nobody's attention."""
    since = campaign.status_since
    return campaign.control == Control.OUTSIDE and since is not None and since >= now - RECENT


def _cell(campaign: Campaign, operation: Operation) -> OperationCell:
    operation.campaign = campaign
    description = descriptions.describe(operation)
    return OperationCell(
        operation=operation,
        label=f"{OperationKind(operation.kind).label} {description.label[:1].lower()}{description.label[1:]}",
        trouble=_trouble(operation, description),
        story=" ".join(filter(None, (description.happened, description.meaning, description.advice))),
    )


def _trouble(operation: Operation, description: descriptions.Description) -> str:
    if operation.state in BAD_ENDS:
        return descriptions.error_of(operation) or description.meaning
    if descriptions.is_failing(operation):
        return description.happened
    return ""


def _controller(campaign: Campaign) -> str:
    if campaign.control == Control.PERSON and campaign.controller:
        return campaign.controller
    return Control(campaign.control).label


def _summary(policy: Policy, now: datetime) -> Summary:
    campaigns = Campaign.objects.filter(gone_at__isnull=True)
    counts = campaigns.aggregate(
        total=Count("pk"),
        active=Count("pk", filter=Q(status="ACTIVE")),
        paused=Count("pk", filter=Q(status="PAUSED")),
        calls=Sum("active_calls", default=0),
    )
    other = counts["total"] - counts["active"] - counts["paused"]
    attention = matching_campaigns(EVERYTHING, policy, now).filter(needs_attention(policy, now)).count()
    bulks = list(Bulk.objects.filter(ended_at=None).defer("campaign_ids")[:MOST_BULKS])
    return Summary(**counts, other=other, attention=attention, bulks=bulks)


def _column(key: str, selection: CampaignSelection) -> Column:
    directions = {key: "ascending", f"-{key}": "descending"}
    return Column(key, selection.sorted_by(key).query, directions.get(selection.sort, ""))

"""One campaign for its page and for the forms that pause and resume it."""

from dataclasses import dataclass
from datetime import datetime

from audit import queries as audit
from audit.models import Record
from campaigns.guard.outlook import CampaignOutlook, outlook_of_campaign
from campaigns.holidays.lookups import restricted_days, today_in, zone_of_campaign
from campaigns.models import Calendar, Campaign, Operation, OperationKind
from campaigns.operations.descriptions import describe_at_rest, describe_control, join_words
from campaigns.pages.actions import Action, Rights, actions_on_campaign, actions_on_operation, later_change
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.operations.drain import DrainView, last_drain_of
from campaigns.pages.operations.due import FEW, DueRow, due_of, marks_of
from campaigns.pages.operations.queries import OperationRow, newest_of
from campaigns.pages.version import version_of
from campaigns.pages.week import Week, week_of
from campaigns.policy.in_force import limit_for
from campaigns.schedule import HolidayOn, Opening, opening
from campaigns.states import IN_PROGRESS

# Between two refreshes. Somebody who waits for a pause watches the screen; otherwise a page that is left open all
# day asks seldom.
WAITING_SECONDS, IDLE_SECONDS = 2, 5


@dataclass(frozen=True, slots=True)
class CampaignDetail:
    """A campaign's page, all of which changes by itself. `records`: None for those who may not see them."""

    campaign: Campaign
    freshness: Freshness
    rows: list[OperationRow]
    records: list[Record] | None
    drain: DrainView | None
    opening: Opening
    week: Week
    calendars: tuple[Calendar, ...]
    holidays: tuple[HolidayOn, ...]
    guard: CampaignOutlook | None
    rights: Rights
    due: list[DueRow]

    @property
    def has_more_due(self) -> bool:
        return len(self.due) > FEW

    @property
    def later(self) -> Action | None:
        return later_change(self.campaign, self.rights)

    @property
    def newest(self) -> OperationRow | None:
        return self.rows[0] if self.rows else None

    @property
    def age_seconds(self) -> int:
        return self.freshness.age_of(self.campaign)

    @property
    def in_progress(self) -> Operation | None:
        """The operation in progress; of two, the pause that takes the other's place."""
        found = [row.operation for row in self.rows if row.operation.in_progress]
        return found[0] if found else None

    @property
    def is_busy(self) -> bool:
        return self.in_progress is not None

    @property
    def actions(self) -> list[Action]:
        return actions_on_campaign(self.campaign, self.rights, self.in_progress)

    @property
    def cancel(self) -> Action | None:
        """The newest operation has sent nothing yet."""
        actions = self.newest and actions_on_operation(self.newest.operation, self.rights, is_trouble=False)
        return actions[0] if actions else None

    @property
    def warning(self) -> str:
        """That some of its calendars, or all of them, only warn; "" if none does."""
        names = [calendar.name for calendar in self.calendars if not calendar.guarded]
        if not names:
            return ""
        what, does = ("Its calendar warns", "it does") if len(names) == 1 else ("Its calendars warn", "they do")
        if len(names) < len(self.calendars):
            what = f"{join_words(names)} only {'warns' if len(names) == 1 else 'warn'}"
        return f"{what}; {does} not stop dialing."

    @property
    def control(self) -> str:
        return describe_control(self.campaign)

    @property
    def at_rest(self) -> str:
        """Why the campaign can be neither paused nor resumed; "" where one is possible, or will be in a moment."""
        campaign = self.campaign
        if self.is_busy or campaign.gone_at or campaign.may_be_paused or campaign.may_be_resumed:
            return ""
        return describe_at_rest(campaign)

    @property
    def seconds(self) -> int:
        """Until the next refresh: soon while there is something to wait for."""
        waiting = self.is_busy or (self.drain is not None and self.drain.going_on)
        return WAITING_SECONDS if waiting else IDLE_SECONDS

    @property
    def version(self) -> str:
        """Of all that decides how it looks, but for ages, which count on by themselves."""
        campaign, drained = self.campaign, self.drain
        return version_of(
            (campaign.name, campaign.status, campaign.active_calls, campaign.control, campaign.controller),
            (campaign.status_since, campaign.gone_at, campaign.max_active_calls, campaign.schedule),
            [(row.operation.pk, row.description) for row in self.rows],
            self.records and self.records[0].number,
            drained and (drained.drain.pk, drained.going_on, drained.took, drained.left),
            self.freshness.shown,
            [row.shown for row in self.due],
            self.week.local and f"{self.week.local:%a %H:%M}",
            ([(calendar.name, calendar.guarded) for calendar in self.calendars], self.holidays, self.guard),
        )


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change would meet: the calls in progress against the threshold, the schedule, another operation, and the
    holiday guard."""

    campaign: Campaign
    calls: int
    limit: int
    freshness: Freshness
    age_seconds: int
    opening: Opening
    in_the_way: Operation | None
    guard: CampaignOutlook | None

    @property
    def at_rest(self) -> str:
        """Why neither a pause nor a resume can be asked for, where that is known for sure; "" where one can."""
        at_rest = not (self.campaign.may_be_paused or self.campaign.is_paused)
        if at_rest and self.freshness.is_known:
            return describe_at_rest(self.campaign)
        return ""

    @property
    def gives_way(self) -> bool:
        """What is in progress gives way to a pause: a stop always wins."""
        return self.in_the_way is not None and self.in_the_way.kind != OperationKind.PAUSE

    @property
    def too_many(self) -> bool:
        return self.calls > self.limit

    @property
    def version(self) -> str:
        """Of all that decides how it looks, but for its age, which counts on by itself."""
        campaign, other = self.campaign, self.in_the_way
        return version_of(
            (campaign.name, campaign.status, campaign.gone_at, self.calls, self.limit, self.opening),
            other and (other.pk, other.kind, other.by),
            (self.freshness.shown, self.guard),
        )


def read_campaign_detail(campaign: Campaign, rights: Rights, *, with_records: bool) -> CampaignDetail:
    fresh = read_freshness()
    now, zone = fresh.now, zone_of_campaign(campaign)
    calendars, due = tuple(Calendar.objects.filter(campaigns=campaign)), due_of(campaign, rights)
    return CampaignDetail(
        campaign=campaign,
        freshness=fresh,
        rows=newest_of(campaign),
        records=audit.newest_of_campaign(campaign.pk) if with_records else None,
        drain=last_drain_of(campaign),
        opening=opening(campaign.schedule, now),
        week=week_of(campaign.schedule, now=now, marks=marks_of(due, now)),
        calendars=calendars,
        holidays=restricted_days(calendars, zone, today_in(zone, now)),
        guard=outlook_of_campaign(campaign, calendars, now),
        rights=rights,
        due=due,
    )


def _guard_of_paused(campaign: Campaign, now: datetime) -> CampaignOutlook | None:
    """Whoever resumes a campaign must know whether a holiday lasts. A pause makes no difference to the guard."""
    if not campaign.is_paused:
        return None
    return outlook_of_campaign(campaign, Calendar.objects.filter(campaigns=campaign), now)


def impact_on(campaign: Campaign) -> Impact:
    fresh = read_freshness()
    return Impact(
        campaign=campaign,
        calls=campaign.active_calls,
        limit=limit_for(campaign),
        freshness=fresh,
        age_seconds=fresh.age_of(campaign),
        opening=opening(campaign.schedule, fresh.now),
        in_the_way=campaign.operations.filter(state__in=IN_PROGRESS).first(),
        guard=_guard_of_paused(campaign, fresh.now),
    )

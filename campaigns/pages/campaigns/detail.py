"""One campaign for its page and for the forms that pause and resume it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, User

from audit import queries as audit
from audit.models import Record
from campaigns.attention.findings import FindingView, findings_of
from campaigns.guard.outlook import CampaignOutlook, outlook_of_campaign
from campaigns.history import HistoryPage, history_of
from campaigns.holidays.lookups import restricted_days, today_in, zone_of_campaign
from campaigns.models import Calendar, Campaign, Operation, OperationKind, Policy
from campaigns.observation.calls import calls_between
from campaigns.observation.gaps import gaps_between
from campaigns.operations.labels import Tone, describe_control, ends_at_the_latest
from campaigns.operations.phrases import join_words
from campaigns.operations.rank import gives_way_to_resume
from campaigns.operations.timed import begin_of
from campaigns.operations.undo import may_be_undone
from campaigns.pages.access import SEE_AUDIT
from campaigns.pages.actions import (
    LIFT_HOLD,
    PLACE_HOLD,
    Action,
    Rights,
    actions_on_campaign,
    actions_on_operation,
    later_change,
    rights_of,
    undo_of_kind,
)
from campaigns.pages.campaigns.last_hour import HOUR, LastHour, draw_last_hour
from campaigns.pages.campaigns.state import StateSentence, describe_state, start_again
from campaigns.pages.campaigns.waiting import WaitingRequest, waiting_for
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.operations.drain import DrainView, last_drain_of
from campaigns.pages.operations.due import FEW, DueRow, due_of, marks_of
from campaigns.pages.operations.queries import OperationRow, newest_of
from campaigns.pages.version import version_of
from campaigns.pages.week import Week, week_of
from campaigns.policy.in_force import limit_for, rule_for
from campaigns.schedule import HolidayOn, Opening, opening
from campaigns.states import IN_PROGRESS, describe_at_rest

# Between two refreshes. Somebody who waits for a pause watches the screen; otherwise a page that is left open all
# day asks seldom.
WAITING_SECONDS, IDLE_SECONDS = 2, 5
# Entries of its history on its page; the rest is on a page of its own.
MOST_ENTRIES = 12


@dataclass(frozen=True, slots=True)
class CampaignDetail:
    """A campaign's page, all of which changes by itself. `records`: None for those who may not see them."""

    campaign: Campaign
    freshness: Freshness
    rows: list[OperationRow]
    findings: list[FindingView]
    history: HistoryPage
    hour: LastHour
    limit: int
    records: list[Record] | None
    drain: DrainView | None
    opening: Opening
    week: Week
    calendars: tuple[Calendar, ...]
    holidays: tuple[HolidayOn, ...]
    guard: CampaignOutlook | None
    rights: Rights
    due: list[DueRow]
    waiting: list[WaitingRequest]

    @property
    def state(self) -> StateSentence:
        return describe_state(self.campaign, self.opening, self.freshness.now, limit=self.limit)

    @property
    def start_again(self) -> str:
        """When its schedule may end its pause; "" if it can't, or it isn't paused."""
        return self.next_start if self.campaign.is_paused else ""

    @property
    def next_start(self) -> str:
        """When its schedule may start it, or start it again; "" if it can't."""
        return start_again(self.campaign, self.freshness.now)

    @property
    def shows_drain(self) -> bool:
        """It goes on, or ended lately: an older one is told by the history."""
        return self.drain is not None and (
            self.drain.going_on or self.freshness.now - self.drain.drain.started_at < HOUR
        )

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
    def tells_newest(self) -> bool:
        """Its newest operation waits for something, or ended in a way that somebody should know of."""
        return self.newest is not None and (
            bool(self.newest.wait) or self.newest.description.tone in {Tone.BAD, Tone.WARNING}
        )

    @property
    def age_seconds(self) -> int:
        return self.freshness.age_of(self.campaign)

    @property
    def wait_seconds(self) -> int:
        """For how long its newest operation has been waited for."""
        if self.newest is None:
            return 0
        return max(int((self.freshness.now - begin_of(self.newest.operation)).total_seconds()), 0)

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
    def hold_actions(self) -> list[Action]:
        """Beside the list, where the form that pauses or resumes stands for the others."""
        return [action for action in self.actions if action in {PLACE_HOLD, LIFT_HOLD}]

    @property
    def cancel(self) -> Action | None:
        """The newest operation has sent nothing yet."""
        wanted = self.freshness.wanted
        actions = self.newest and actions_on_operation(self.newest.operation, self.rights, wanted, is_trouble=False)
        return actions[0] if actions else None

    @property
    def undo(self) -> Action | None:
        """The newest operation is a stop that CXone has yet to carry out, and may be taken back with one click."""
        if self.newest is None or not self.newest.operation.in_progress:
            return None
        if not may_be_undone(self.newest.operation, self.freshness.now):
            return None
        action = undo_of_kind(OperationKind(self.newest.operation.kind), self.freshness.wanted)
        return action if action.right in self.rights else None

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
        if self.is_busy or campaign.gone_at or not campaign.is_at_rest:
            return ""
        return describe_at_rest(campaign.status)

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
            (campaign.status_since, campaign.gone_at, campaign.max_active_calls, campaign.schedule, campaign.hold_id),
            [(row.operation.pk, row.description, row.wait) for row in self.rows],
            ([(view.finding.pk, view.words) for view in self.findings], self.history, self.hour, self.limit),
            self.records and self.records[0].number,
            drained and (drained.drain.pk, drained.going_on, drained.took, drained.left),
            (self.freshness.shown, self.freshness.wanted),
            ([row.shown for row in self.due], [each.shown for each in self.waiting]),
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
    resume_waits: bool  # for a second person
    schedule_waits: bool

    @property
    def start_again(self) -> str:
        """When its schedule may end a pause; "" if it can't."""
        return start_again(self.campaign, self.freshness.now)

    @property
    def at_rest(self) -> str:
        """Why neither a pause nor a resume can be asked for, where that is known for sure; "" where one can."""
        if self.campaign.is_at_rest and self.freshness.is_known:
            return describe_at_rest(self.campaign.status)
        return ""

    @property
    def on_hold(self) -> bool:
        """Nothing but a pause can be asked for."""
        return self.campaign.hold_id is not None

    @property
    def gives_way(self) -> bool:
        """What is in progress gives way to a pause: a stop always wins."""
        return self.in_the_way is not None and self.in_the_way.kind != OperationKind.PAUSE

    @property
    def takes_back(self) -> Operation | None:
        """The accepted stop in progress whose place a resume takes."""
        other = self.in_the_way
        return other if other and gives_way_to_resume(other) else None

    @property
    def way_is_free(self) -> str:
        """When what is in progress ends that can't be resumed before; "" if nobody knows, or it gives way."""
        return ends_at_the_latest(self.in_the_way) if self.in_the_way and not self.takes_back else ""

    @property
    def too_many(self) -> bool:
        return self.calls > self.limit

    @property
    def version(self) -> str:
        """Of all that decides how it looks, but for its age, which counts on by itself."""
        campaign, other = self.campaign, self.in_the_way
        return version_of(
            (campaign.name, campaign.status, campaign.gone_at, self.calls, self.limit, self.opening, campaign.hold_id),
            other and (other.pk, other.kind, other.by, self.takes_back is not None),
            (self.freshness.shown, self.guard, self.resume_waits, self.schedule_waits),
        )


def read_campaign_detail(campaign: Campaign, user: User | AnonymousUser) -> CampaignDetail:
    fresh, rights = read_freshness(), rights_of(user)
    now, zone = fresh.now, zone_of_campaign(campaign)
    calendars, due = tuple(Calendar.objects.filter(campaigns=campaign)), due_of(campaign, rights)
    holidays, drain = restricted_days(calendars, zone, today_in(zone, now)), last_drain_of(campaign)
    limit, rule = limit_for(campaign), rule_for(campaign, now)
    return CampaignDetail(
        campaign=campaign,
        freshness=fresh,
        rows=newest_of(campaign, limit=1),
        findings=findings_of([campaign]).get(campaign.pk, []),
        history=history_of(campaign, limit=MOST_ENTRIES),
        hour=_last_hour(campaign, drain, fresh, limit),
        limit=limit,
        records=audit.newest_of_campaign(campaign.pk) if user.has_perm(SEE_AUDIT) else None,
        drain=drain,
        opening=opening(campaign.schedule, now),
        week=week_of(campaign.schedule, (rule,) if rule else (), now=now, marks=marks_of(due, now), holidays=holidays),
        calendars=calendars,
        holidays=holidays,
        guard=outlook_of_campaign(campaign, calendars, now),
        rights=rights,
        due=due,
        # Nobody's page costs more while none wait.
        waiting=waiting_for(campaign, user) if fresh.approvals else [],
    )


def _last_hour(campaign: Campaign, drain: DrainView | None, fresh: Freshness, limit: int) -> LastHour:
    """By the minute, and more closely while calls were watched after a pause."""
    now = fresh.now
    since = now - HOUR
    samples = calls_between([campaign], since, now)[campaign.pk]
    watched = drain.samples if drain and drain.drain.started_at > since else []
    if watched:
        begins, ends = watched[0][0], drain.drain.ended_at or watched[-1][0] if drain else now
        samples = [*(sample for sample in samples if not begins <= sample[0] <= ends), *watched]
    gaps = gaps_between(since, now, now)
    if fresh.read_at and not gaps:
        samples = [*samples, (max(campaign.read_at, fresh.read_at), campaign.active_calls)]
    return draw_last_hour(samples, gaps, now, limit=limit, drain=drain.drain if drain else None)


def _guard_of_paused(campaign: Campaign, now: datetime) -> CampaignOutlook | None:
    """Whoever resumes a campaign must know whether a holiday lasts. A pause makes no difference to the guard."""
    if not campaign.is_paused:
        return None
    return outlook_of_campaign(campaign, Calendar.objects.filter(campaigns=campaign), now)


def impact_on(campaign: Campaign) -> Impact:
    fresh, policy = read_freshness(), Policy.current()
    return Impact(
        campaign=campaign,
        calls=campaign.active_calls,
        limit=limit_for(campaign, policy),
        freshness=fresh,
        age_seconds=fresh.age_of(campaign),
        opening=opening(campaign.schedule, fresh.now),
        in_the_way=campaign.operations.filter(state__in=IN_PROGRESS).first(),
        guard=_guard_of_paused(campaign, fresh.now),
        resume_waits=policy.two_for_resume,
        schedule_waits=policy.two_for_schedule,
    )

"""The rows of the list of campaigns, each with all that any column shows. The number of queries is always the same."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from urllib.parse import quote

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.safestring import SafeString, mark_safe

from audit.csv_safe import Cell
from campaigns import schedule
from campaigns.attention.descriptions import describe_finding
from campaigns.attention.findings import FindingView, findings_of
from campaigns.dialing import DialingState, dialing_state
from campaigns.guard.duty import next_stretches
from campaigns.guard.outlook import GuardSignal, signal_of
from campaigns.guard.stretches import Stretch
from campaigns.holidays.lookups import calendars_of, next_of, zone_of_campaign
from campaigns.models import Campaign, Control, Finding, FindingCode, Operation, OperationKind, Policy, Star
from campaigns.operations import descriptions, labels
from campaigns.pages.actions import Action, Rights, change_of_dialing
from campaigns.pages.campaigns.state import state_word
from campaigns.pages.freshness import Freshness
from campaigns.policy.holds import hold_in_words
from campaigns.policy.in_force import limit_for
from campaigns.prepared import fetch_objects, fetch_of
from campaigns.schedule import HolidayOn, Opening
from campaigns.schedule.clock_face import date_in_words, time_of_day
from campaigns.schedule.due_times import abbreviation_of
from campaigns.selection import GONE, NEVER_BEGAN
from campaigns.states import ACTIVE, BAD_ENDS, ENDS, IN_PROGRESS, PAUSED, State, status_word

DONE = {
    OperationKind.PAUSE: "Paused",
    OperationKind.RESUME: "Resumed",
    OperationKind.SCHEDULE: "Hours changed",
}
DONE_IN_CXONE = {PAUSED: "Paused in CXone", ACTIVE: "Resumed in CXone"}


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that is not as usual with a campaign: in a word or three, and why in a sentence."""

    label: str
    why: str
    tone: str
    shape: str


@dataclass(frozen=True, slots=True)
class LastAction:
    """What was last done to a campaign. `operation`: None if that was in CXone itself. `story`: what there is to know
    of one that ended badly or is failing."""

    words: str
    by: str
    at: datetime
    operation: Operation | None = None
    story: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class ListColumn:
    """`cell` draws it; `sort` is the order that its head leads to. `fields`: what a CSV file has of it, by heading.
    `tag`: the name of the one that it shows; offered where campaigns have it."""

    key: str
    label: str
    cell: Callable[["CampaignRow"], SafeString]
    fields: dict[str, Callable[["CampaignRow"], Cell]]
    sort: str = ""
    tag: str = ""


@dataclass(frozen=True)
class CampaignRow:
    """One campaign. `reported_at`: when CXone last reported it, if that was after the last read of all. `columns`:
    those that are shown."""

    campaign: Campaign
    state: DialingState
    is_starred: bool
    local_time: datetime | None
    opening: Opening
    holiday: HolidayOn | None
    guard: GuardSignal | None
    findings: Collection[FindingView]
    limit: int
    last: LastAction | None
    reported_at: datetime | None
    action: Action | None
    columns: Sequence[ListColumn]

    @property
    def cells(self) -> SafeString:
        return mark_safe("".join(column.cell(self) for column in self.columns))  # noqa: S308

    @property
    def over_limit(self) -> bool:
        return self.campaign.active_calls > self.limit

    @property
    def state_label(self) -> str:
        return state_word(self.campaign, self.state)

    @property
    def zone(self) -> str:
        """The short name of its time zone, "" where that is unknown."""
        return abbreviation_of(self.local_time) if self.local_time else ""

    @cached_property
    def place(self) -> str:
        """The end of its pages' addresses: an id may hold anything."""
        return quote(self.campaign.pk, safe="/~:@!$&'()*+,;=")

    @property
    def mark(self) -> str:
        """Short, without spaces, and no other row's: by it a row's controls find its name."""
        if re.fullmatch(r"[\w.-]{1,12}", self.campaign.pk, re.ASCII):
            return self.campaign.pk
        return urlsafe_b64encode(sha256(self.campaign.pk.encode()).digest()[:6]).decode()

    @property
    def signals(self) -> list[Signal]:
        """The most urgent first."""
        found = [Signal(each.label, each.words.why, each.tone, each.shape) for each in self.findings]
        return [*self._hold_signal(), *found, *self._guard_signal(), *self._holiday_signal()]

    def _hold_signal(self) -> list[Signal]:
        """First: whatever else needs somebody, this says what can't be done about it."""
        if self.campaign.hold is None:
            return []
        return [Signal("On hold", hold_in_words(self.campaign.hold, self.campaign.timezone), "warning", "lock")]

    def _holiday_signal(self) -> list[Signal]:
        is_found = any(each.code == FindingCode.DIALING_ON_HOLIDAY for each in self.findings)
        # What the guard makes of it says that there is one.
        if is_found or self.guard or not self.holiday or not self.local_time:
            return []
        if self.holiday.date != self.local_time.date():
            return []
        return [Signal("Holiday today", self.holiday.name, "warning", "diamond")]

    def _guard_signal(self) -> list[Signal]:
        if self.guard is None:
            return []
        this_year = self.local_time.year if self.local_time else None
        day = date_in_words(self.guard.at, this_year=this_year)
        words = f"{self.guard.words} {day} {time_of_day(self.guard.at)}"
        return [Signal(words, "The holiday guard of its calendar is on.", "quiet", "ring")]

    @property
    def controller(self) -> str:
        """Who caused its status."""
        if self.campaign.control == Control.PERSON and self.campaign.controller:
            return self.campaign.controller
        return Control(self.campaign.control).label


@dataclass(frozen=True, slots=True)
class RowDetails:
    """What a row shows besides its campaign's own columns. They change only where something is put on record."""

    policy: Policy
    operation: Operation | None
    holiday: HolidayOn | None
    stretch: Stretch | None
    findings: Sequence[Finding]


def read_campaign_rows(
    campaigns: list[Campaign],
    rights: Rights,
    fresh: Freshness,
    *,
    person: int | None = None,
    columns: Sequence[ListColumn] = (),
) -> list[CampaignRow]:
    """`person`: whose stars are shown."""
    details = read_row_details(campaigns, fresh)
    starred = read_starred([campaign.pk for campaign in campaigns], person)
    return [
        row_of(campaign, details[campaign.pk], rights, fresh, is_starred=campaign.pk in starred, columns=columns)
        for campaign in campaigns
    ]


def read_row_details(campaigns: list[Campaign], fresh: Freshness) -> dict[str, RowDetails]:
    """By campaign id."""
    newest, assigned = _newest_operations(campaigns), calendars_of(campaigns)
    holidays = next_of(campaigns, fresh.now, assigned)
    guarded = next_stretches(campaigns, assigned, fresh.now)
    findings = findings_of(campaigns)
    (policy,) = fetch_objects(_policies)
    return {
        campaign.pk: RowDetails(
            policy=policy,
            operation=newest.get(campaign.pk),
            holiday=holidays.get(campaign.pk),
            stretch=guarded.get(campaign.pk),
            findings=[view.finding for view in findings.get(campaign.pk, ())],
        )
        for campaign in campaigns
    }


def row_of(
    campaign: Campaign,
    details: RowDetails,
    rights: Rights,
    fresh: Freshness,
    *,
    is_starred: bool,
    columns: Sequence[ListColumn],
) -> CampaignRow:
    operation, zone = details.operation, zone_of_campaign(campaign)
    return CampaignRow(
        campaign=campaign,
        state=dialing_state(campaign, fresh.now),
        is_starred=is_starred,
        local_time=fresh.now.astimezone(zone) if zone else None,
        opening=opening_of(campaign, fresh.now),
        holiday=details.holiday,
        guard=signal_of(campaign, details.stretch, operation, fresh.now),
        findings=[FindingView(each, campaign, describe_finding(each, campaign)) for each in details.findings],
        limit=limit_for(campaign, details.policy),
        last=last_action(campaign, operation),
        reported_at=_reported_at(campaign, fresh),
        action=_action(campaign, operation, rights),
        columns=columns,
    )


def status_label(status: str) -> str:
    """A status in the filter, among which is that of campaigns that CXone no longer has."""
    return "Not in CXone" if status == GONE else status_word(status).capitalize()


def opening_of(campaign: Campaign, now: datetime) -> Opening:
    """As it was worked out when its schedule was read, which holds until its window opens or closes."""
    changes_at, zone = campaign.window_changes_at, zone_of_campaign(campaign)
    if campaign.window_open is None or changes_at is None or changes_at <= now or zone is None:
        return schedule.opening(campaign.schedule, now)
    return Opening(campaign.window_open, changes_at.astimezone(zone))


def last_action(campaign: Campaign, operation: Operation | None) -> LastAction | None:
    """`operation`: the campaign's newest."""
    since = campaign.status_since
    if campaign.control == Control.OUTSIDE and since and (operation is None or _moment_of(operation) < since):
        return LastAction(DONE_IN_CXONE.get(campaign.status, "Changed in CXone"), "", since)
    if operation is None:
        return None
    operation.campaign = campaign
    kind, by, at = OperationKind(operation.kind), operation.by, _moment_of(operation)
    if operation.state == State.CONFIRMED:
        return LastAction(DONE[kind], by, at, operation)
    is_bad = operation.state in BAD_ENDS or labels.is_failing(operation)
    label = labels.label_of(operation)
    words = f"{kind.label} {label[:1].lower()}{label[1:]}"
    if labels.lets_calls_end(operation):
        words = f"{kind.label}: {label}"
    return LastAction(words, by, at, operation, _story(operation) if is_bad else "", is_bad)


def _moment_of(operation: Operation) -> datetime:
    return operation.ended_at or operation.requested_at


def _story(operation: Operation) -> str:
    """What went wrong, and what that means."""
    described = descriptions.describe(operation)
    trouble = labels.error_of(operation) if operation.state in BAD_ENDS else described.happened
    return " ".join(filter(None, (trouble, described.meaning, described.advice)))


def _reported_at(campaign: Campaign, fresh: Freshness) -> datetime | None:
    # A full read that finds a campaign unchanged doesn't write its row.
    if campaign.gone_at or (fresh.read_at and campaign.read_at <= fresh.read_at):
        return None
    return campaign.read_at


def _action(campaign: Campaign, operation: Operation | None, rights: Rights) -> Action | None:
    in_progress = operation if operation and operation.in_progress else None
    action = change_of_dialing(campaign, in_progress)
    return action if action and action.right in rights else None


def read_starred(ids: Sequence[str], person: int | None) -> set[str]:
    stars = Star.objects.filter(user=person, campaign__in=ids)
    return set(stars.values_list("campaign_id", flat=True))


def _newest_operations(campaigns: list[Campaign]) -> dict[str, Operation]:
    """The one in progress, or else the last that has begun and ended."""
    ids = [campaign.pk for campaign in campaigns]
    # One for a later time may have been requested long before. Of two, the last here: it takes the other's place.
    newest = [*fetch_of(_last_ended, ids), *fetch_of(_in_progress, ids)]
    return {operation.campaign_id: operation for operation in newest}


def _last_ended(ids: Sequence[str]) -> QuerySet[Operation]:
    ended = Operation.objects.filter(campaign=OuterRef("pk"), state__in=ENDS).exclude(NEVER_BEGAN)
    ended = ended.order_by("-ended_at", "-id")
    campaigns = Campaign.objects.filter(pk__in=ids).order_by()
    return _whole().filter(pk__in=campaigns.values(newest=Subquery(ended.values("pk")[:1])))


def _in_progress(ids: Sequence[str]) -> QuerySet[Operation]:
    found = _whole().filter(campaign__in=ids, state__in=IN_PROGRESS)
    return found.order_by(F("outranks").asc(nulls_first=True), "requested_at")


def _whole() -> QuerySet[Operation]:
    return Operation.objects.select_related("superseded_by")


def _policies() -> QuerySet[Policy]:
    return Policy.objects.filter(pk=1)

"""Operations for pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.utils import timezone

from audit import queries as audit
from audit.models import Record
from campaigns.models import Approval, Attempt, Campaign, Operation, OperationKind, ReasonCode
from campaigns.operations import undo
from campaigns.operations.descriptions import Description, describe
from campaigns.operations.labels import is_failing, is_refused_for_good, waits_for
from campaigns.operations.rank import gives_way_to_resume
from campaigns.operations.steps import Step, elapsed, steps
from campaigns.operations.timed import begin_of, due_in_words
from campaigns.pages.actions import RESUME_CAMPAIGN, Action, Rights, actions_on_operation
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.operations.conflict import ScheduleConflict, changes_of, read_conflict
from campaigns.pages.operations.drain import DrainView, drain_of_operation
from campaigns.pages.operations.due import changes_of_time
from campaigns.pages.operations.wanted import WantedOperations
from campaigns.pages.ranges import HOUR, ChosenRange, write_moment
from campaigns.pages.version import version_of
from campaigns.schedule.in_words import PartChange
from campaigns.states import ENDS, IN_PROGRESS, OPEN, State

PAGE = 50
# In progress, above the list. There are hardly ever more than a bulk has at once.
MOST_RUNNING = 50
# Between two refreshes. An operation takes a few seconds; a drain takes minutes.
RUNNING_SECONDS, DRAINING_SECONDS, HELD_SECONDS = 1, 2, 5
# What stands above the list: also what waits for somebody to approve it.
_RUNNING = (State.PENDING, *IN_PROGRESS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OperationRow:
    """`reason`: its label."""

    operation: Operation
    description: Description
    reason: str = ""

    @property
    def day(self) -> date:
        """On which it was asked for, to the reader."""
        return timezone.localtime(self.operation.requested_at).date()

    @property
    def wait(self) -> str:
        return waits_for(self.operation)

    @property
    def took(self) -> str:
        """From when it was asked for, or due, to its end."""
        if self.operation.ended_at is None:
            return ""
        return elapsed((self.operation.ended_at - begin_of(self.operation)).total_seconds())

    @property
    def trouble(self) -> str:
        """What somebody should know of its end, or of what keeps it; the outcome alone says the rest."""
        is_news = self.description.tone in {"bad", "warning"} or is_failing(self.operation)
        return self.description.happened if is_news else ""

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that decides how it looks."""
        row = self.operation
        return row.pk, row.campaign.name, self.description, self.reason, self.wait, row.calls_before


@dataclass(frozen=True, slots=True)
class OperationPage:
    """`running`: what is in progress, which stands above the rest. `older`: where the next page begins; "" on the last
    one."""

    rows: list[OperationRow]
    older: str
    running: list[OperationRow] = field(default_factory=list)

    def version(self, fresh: Freshness) -> str:
        """Of all that decides how it looks."""
        shown = [row.shown for row in (*self.running, *self.rows)]
        return version_of(shown, self.older, fresh.shown)


@dataclass(frozen=True, slots=True)
class OperationDetail:
    """One operation with all there is to show of it."""

    operation: Operation
    description: Description
    steps: list[Step]
    attempts: list[Attempt]
    drain: DrainView | None
    actions: list[Action]
    freshness: Freshness
    conflict: ScheduleConflict | None
    changes: list[PartChange]
    records: list[Record]
    # The resume that is to end this pause, if there is one.
    end: Operation | None
    # What was asked for to take this back, if anything was.
    undone_by: Operation | None
    reason: str
    # By which it waits for a second person.
    approval: Approval | None = None

    @property
    def is_open(self) -> bool:
        return self.operation.state in OPEN

    @property
    def wait(self) -> str:
        """What it waits for, to stand before `age_seconds`; "" once it has ended."""
        return waits_for(self.operation)

    @property
    def age_seconds(self) -> int:
        """Since it was asked for, or since it was due."""
        return max(int((self.freshness.now - begin_of(self.operation)).total_seconds()), 0)

    @property
    def cancel(self) -> Action | None:
        """It stands beside what is waited for."""
        return next((action for action in self.actions if action.key == "cancel"), None)

    @property
    def due(self) -> str:
        """Its own time, where the campaign is."""
        return due_in_words(self.operation)

    @property
    def end_due(self) -> str:
        return due_in_words(self.end) if self.end else ""

    @property
    def around(self) -> str:
        """Parameters of a timeline of the hours around it."""
        at = self.operation.accepted_at or self.operation.ended_at or self.operation.requested_at
        zone = ZoneInfo(timezone.get_current_timezone_name())
        begins, ends = (write_moment(at + hours, zone) for hours in (-2 * HOUR, 2 * HOUR))
        return urlencode({"from": begins, "to": ends, "in": zone.key})

    @property
    def goes_on(self) -> bool:
        """There is something to wait for."""
        return self.is_open or (self.drain is not None and self.drain.going_on)

    @property
    def refused_for_good(self) -> bool:
        return is_refused_for_good(self.operation)

    @property
    def seconds(self) -> int:
        """Until the next refresh."""
        if self.operation.state in {State.PENDING, State.SCHEDULED}:
            return HELD_SECONDS
        if self.operation.in_progress:
            return RUNNING_SECONDS
        return DRAINING_SECONDS

    @property
    def version(self) -> str:
        row, drained = self.operation, self.drain
        return version_of(
            (row.state, row.waiting_for, row.error, row.requests, row.next_attempt_at, row.campaign.name),
            (row.not_before, self.end and (self.end.state, self.end.not_before), row.sent_at),
            ([action.label for action in self.actions], self.undone_by and self.undone_by.pk, self.reason),
            self.steps,
            [(attempt.number, attempt.outcome, attempt.api_status) for attempt in self.attempts],
            drained and (drained.going_on, drained.took, drained.left),
            self.records and self.records[-1].number,
            self.freshness.shown,
        )


def read_operations(
    wanted: WantedOperations, *, span: ChosenRange | None = None, open_only: bool = False, before: str = ""
) -> OperationPage:
    """What is in progress, then the newest of the others, or those older than the place that a page named. Every page
    costs the same."""
    found = wanted.narrow(Operation.objects.select_related("campaign", "superseded_by"))
    if span and span.since:
        found = found.filter(requested_at__gte=span.since)
    if span and span.until:
        found = found.filter(requested_at__lt=span.until)
    labels = labels_of_reasons()
    in_progress = [] if before else found.filter(state__in=_RUNNING).order_by("-requested_at", "-id")[:MOST_RUNNING]
    others = found.none() if open_only else found.exclude(state__in=_RUNNING)
    rows = [_row(operation, labels) for operation in _older_than(others, before)[: PAGE + 1]]
    more = len(rows) > PAGE
    return OperationPage(
        rows[:PAGE],
        _place_of(rows[PAGE - 1].operation) if more else "",
        [_row(operation, labels) for operation in in_progress],
    )


def _row(operation: Operation, labels: Mapping[str, str]) -> OperationRow:
    return OperationRow(operation, describe(operation), labels.get(operation.reason, operation.reason))


def newest_of(campaign: Campaign, limit: int = 20) -> list[OperationRow]:
    """What is in progress, then the newest of those that have ended.

    What is held for its time isn't among them, nor is what waits for a second person.
    """
    operations = campaign.operations.select_related("superseded_by")
    # One for a later time may have been requested long before. Of two, the pause takes the other's place.
    in_progress = operations.filter(state__in=IN_PROGRESS).order_by(
        F("outranks").desc(nulls_last=True), "-requested_at"
    )
    found = [*in_progress, *operations.filter(state__in=ENDS)[:limit]]
    for operation in found:
        operation.campaign = campaign
    return [OperationRow(operation, describe(operation)) for operation in found]


def read_operation_detail(operation: Operation, rights: Rights, *, with_records: bool) -> OperationDetail:
    """`with_records`: for those who may see the audit."""
    attempts = list(operation.attempts.all())
    has_drain = operation.kind == OperationKind.PAUSE and operation.confirmed_at is not None
    described, fresh = describe(operation), read_freshness()
    undoing = list(operation.undone_by.select_related("campaign").filter(bulk=None))
    return OperationDetail(
        operation,
        described,
        steps(operation, attempts, changes_of_time(operation)),
        attempts,
        drain_of_operation(operation) if has_drain else None,
        _actions(operation, described, rights, fresh),
        fresh,
        read_conflict(operation),
        changes_of(operation),
        audit.records_of_operation(operation.pk) if with_records else [],
        next((each for each in undoing if each.not_before), None),
        next((each for each in undoing if not each.not_before), None),
        labels_of_reasons().get(operation.reason, operation.reason),
        operation.approvals.filter(decision="").first() if operation.state == State.PENDING else None,
    )


def _actions(operation: Operation, described: Description, rights: Rights, fresh: Freshness) -> list[Action]:
    is_trouble = described.tone in {"bad", "warning"}
    may_undo = undo.may_be_undone(operation, fresh.now)
    possible = actions_on_operation(operation, rights, fresh.wanted, is_trouble=is_trouble, may_undo=may_undo)
    # Whoever comes back later to what they paused.
    is_paused = operation.kind == OperationKind.PAUSE and operation.state == State.CONFIRMED
    may_be_resumed = is_paused and operation.campaign.may_be_resumed
    if (may_be_resumed or gives_way_to_resume(operation)) and not may_undo and RESUME_CAMPAIGN.right in rights:
        possible.append(RESUME_CAMPAIGN)
    return possible


def labels_of_reasons() -> dict[str, str]:
    """By code, those that are no longer offered included."""
    return dict(ReasonCode.objects.values_list("code", "label"))


def _older_than(found: QuerySet[Operation], before: str) -> QuerySet[Operation]:
    place = _read_place(before)
    if place is None:
        return found
    at, operation_id = place
    return found.filter(requested_at__lte=at).exclude(requested_at=at, id__gte=operation_id)


def _place_of(operation: Operation) -> str:
    return f"{(operation.requested_at - _EPOCH) // _MICROSECOND}-{operation.id.hex}"


def _read_place(text: str) -> tuple[datetime, UUID] | None:
    """None for a malformed place in an address: it means the first page."""
    microseconds, _, hexadecimal = text.partition("-")
    try:
        return _EPOCH + int(microseconds) * _MICROSECOND, UUID(hexadecimal)
    except (ValueError, OverflowError):
        return None

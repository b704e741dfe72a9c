"""Operations for pages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from audit import queries as audit
from audit.models import Record
from campaigns.models import Attempt, Campaign, Operation, OperationKind
from campaigns.operations.descriptions import Description, describe, is_refused_for_good
from campaigns.operations.steps import Step, steps
from campaigns.operations.timed import due_in_words
from campaigns.pages.actions import Action, Rights, actions_on_operation
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.pages.operations.conflict import PartChange, ScheduleConflict, changes_of
from campaigns.pages.operations.drain import DrainView, drain_of_operation
from campaigns.pages.operations.due import changes_of_time
from campaigns.pages.version import version_of
from campaigns.states import ENDS, IN_PROGRESS, OPEN, State

PAGE = 50
# Between two refreshes. An operation takes a few seconds; a drain takes minutes.
RUNNING_SECONDS, DRAINING_SECONDS, HELD_SECONDS = 1, 2, 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OperationRow:
    operation: Operation
    description: Description


@dataclass(frozen=True, slots=True)
class OperationPage:
    """`older`: where the next page begins; "" on the last one."""

    rows: list[OperationRow]
    older: str

    def version(self, fresh: Freshness) -> str:
        """Of all that decides how it looks."""
        shown = [(row.operation.pk, row.operation.campaign.name, row.description) for row in self.rows]
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

    @property
    def is_open(self) -> bool:
        return self.operation.state in OPEN

    @property
    def due(self) -> str:
        """Its own time, where the campaign is."""
        return due_in_words(self.operation)

    @property
    def end_due(self) -> str:
        return due_in_words(self.end) if self.end else ""

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
        if self.operation.state == State.SCHEDULED:
            return HELD_SECONDS
        if self.operation.in_progress:
            return RUNNING_SECONDS
        return DRAINING_SECONDS

    @property
    def version(self) -> str:
        row, drained = self.operation, self.drain
        return version_of(
            (row.state, row.waiting_for, row.error, row.requests, row.next_attempt_at, row.campaign.name),
            (row.not_before, self.end and (self.end.state, self.end.not_before)),
            self.steps,
            [(attempt.number, attempt.outcome, attempt.api_status) for attempt in self.attempts],
            drained and (drained.going_on, drained.took, drained.left),
            self.records and self.records[-1].number,
            self.freshness.shown,
        )


def read_operations(
    *, state: str = "", kind: str = "", by: str = "", campaign: str = "", bulk: UUID | None = None, before: str = ""
) -> OperationPage:
    """The newest operations, or those older than the place that a page named. Every page costs the same."""
    wanted = {name: value for name, value in (("state", state), ("kind", kind), ("by", by), ("bulk", bulk)) if value}
    found = Operation.objects.select_related("campaign", "superseded_by").filter(**wanted)
    if campaign:
        found = found.filter(Q(campaign_id=campaign) | Q(campaign__name__icontains=campaign))
    rows = [OperationRow(operation, describe(operation)) for operation in _older_than(found, before)[: PAGE + 1]]
    more = len(rows) > PAGE
    return OperationPage(rows[:PAGE], _place_of(rows[PAGE - 1].operation) if more else "")


def newest_of(campaign: Campaign, limit: int = 20) -> list[OperationRow]:
    """What is in progress, then the newest of those that have ended. What is held for its time isn't among them."""
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
    described = describe(operation)
    return OperationDetail(
        operation,
        described,
        steps(operation, attempts, changes_of_time(operation)),
        attempts,
        drain_of_operation(operation) if has_drain else None,
        actions_on_operation(operation, rights, is_trouble=described.tone in {"bad", "warning"}),
        read_freshness(),
        ScheduleConflict(operation) if operation.conflict else None,
        changes_of(operation),
        audit.records_of_operation(operation.pk) if with_records else [],
        operation.undone_by.select_related("campaign").exclude(not_before=None).first(),
    )


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

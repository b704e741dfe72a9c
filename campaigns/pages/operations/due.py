"""What is still to come: operations that are held for their time, or that CXone has until then. Soonest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.kinds import RecordKind
from audit.models import Record
from campaigns.models import Campaign, Operation, OperationKind
from campaigns.operations.descriptions import Description, describe
from campaigns.operations.four_eyes import NOTHING_WANTED
from campaigns.operations.labels import error_of
from campaigns.operations.steps import TimeChange
from campaigns.operations.timed import coming, due_in_words
from campaigns.pages.actions import Action, Rights, actions_on_operation
from campaigns.pages.freshness import Freshness
from campaigns.pages.operations.wanted import WantedOperations
from campaigns.pages.version import version_of
from campaigns.pages.week import WeekMark

PAGE = 50
# Of one campaign, on its page; the rest is a link away.
FEW = 10
# Of one operation, on its page: the newest.
MOST_CHANGES = 20
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DueRow:
    """`due`: its time as clocks show it where the campaign is."""

    operation: Operation
    description: Description
    due: str
    actions: list[Action]

    @property
    def trouble(self) -> str:
        """Why it waits although its time has come; "" if it doesn't."""
        return error_of(self.operation)

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that decides how it looks."""
        row = self.operation
        return row.pk, row.campaign.name, row.not_before, self.description, len(self.actions)


@dataclass(frozen=True, slots=True)
class DuePage:
    """`later`: where the next page begins; "" on the last one."""

    rows: list[DueRow]
    later: str

    def version(self, fresh: Freshness) -> str:
        return version_of([row.shown for row in self.rows], self.later, fresh.shown)


def read_due_page(rights: Rights, wanted: WantedOperations, *, after: str = "") -> DuePage:
    """The soonest, or those later than the place that a page named. Every page costs the same."""
    found = wanted.narrow(coming().select_related("campaign"))
    rows = [_row(operation, rights) for operation in _later_than(found, after)[: PAGE + 1]]
    more = len(rows) > PAGE
    return DuePage(rows[:PAGE], _place_of(rows[PAGE - 1].operation) if more else "")


def due_of(campaign: Campaign, rights: Rights) -> list[DueRow]:
    """What is to come for one campaign: a few, and one more if there are more."""
    operations = list(coming().filter(campaign=campaign)[: FEW + 1])
    for operation in operations:
        operation.campaign = campaign
    return [_row(operation, rights) for operation in operations]


def marks_of(rows: list[DueRow], now: datetime) -> list[WeekMark]:
    """Those of the coming seven days, in which each weekday comes once."""
    times = ((row.operation.not_before, OperationKind(row.operation.kind)) for row in rows)
    return [WeekMark(at, kind.label.lower()) for at, kind in times if at is not None and now < at < now + WEEK]


def changes_of_time(operation: Operation) -> list[TimeChange]:
    """Oldest first. They are part of what an operation is, so whoever may see it sees them, too."""
    if operation.not_before is None:
        return []
    records = Record.objects.filter(operation=operation.pk, kind=RecordKind.OPERATION_RESCHEDULED)
    found = [_change(record) for record in records.order_by("-number")[:MOST_CHANGES]]
    return [change for change in reversed(found) if change is not None]


def _change(record: Record) -> TimeChange | None:
    # Somebody with the database may have written anything there.
    try:
        before, after = (datetime.fromisoformat(record.details[side]["due"]) for side in ("before", "after"))
    except (KeyError, TypeError, ValueError):
        return None
    return TimeChange(record.timestamp, record.by, before, after)


def _row(operation: Operation, rights: Rights) -> DueRow:
    # Nothing of it can be undone yet.
    actions = actions_on_operation(operation, rights, NOTHING_WANTED, is_trouble=False)
    return DueRow(operation, describe(operation), due_in_words(operation), actions)


def _later_than(found: QuerySet[Operation], after: str) -> QuerySet[Operation]:
    seconds, _, hexadecimal = after.partition("-")
    try:
        at, operation_id = datetime.fromtimestamp(int(seconds), UTC), UUID(hexadecimal)
    except (ValueError, OverflowError, OSError):
        # A malformed place in an address means the first page.
        return found
    return found.filter(Q(not_before__gt=at) | Q(not_before=at, id__gt=operation_id))


def _place_of(operation: Operation) -> str:
    if operation.not_before is None:
        return ""
    # Due times are whole seconds.
    return f"{int(operation.not_before.timestamp())}-{operation.id.hex}"

"""The list by operation: one group for an operation, and one for each record that is no step of one.

A group stands where its newest record that meets the conditions stands. So a page is found by the same index and
cursors as single records, and a group is shown exactly once, on the page where that record is: an older record of the
same operation that also matches adds nothing.

An operation has three to five records, but one that met an outage has hundreds. So of each only its first and last
steps are read, and the one that says how it ended; a page costs about the same whatever is on it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, F, Max, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from audit.kinds import STEPS, RecordKind
from audit.models import Record
from audit.queries import CHUNK, SEARCHED
from audit.search import words
from audit.search.reader import READ_FOR_WORDS, SelectionReader
from audit.search.selection import RecordSelection
from audit.search.time_spans import LAST

# Groups of a page.
PAGE = 50
# Records read at a time. An operation has three to five records, so that these usually fill a page.
READ = 6 * PAGE
# Steps of a page's operations that are read at once; of more, only those that are shown.
READ_STEPS = 8 * PAGE
# Steps at either end of an operation that are shown; one without more than both has all of them.
END = 10
# They say how an operation ended.
ENDS = (RecordKind.OPERATION_ENDED, RecordKind.OPERATION_CANCELLED)


class GroupStep(NamedTuple):
    """A record of an operation. `place`: which of its steps it is, from 1."""

    place: int
    record: Record


@dataclass(frozen=True)
class RecordGroup:
    """An operation, or a record that is no step of one.

    `record`: the newest that meets the conditions. `steps`: the records of the operation, oldest first; those alone
    that are its steps. Of more than twice `END` there are the first and the last `END`, and the newest that says how
    it ended; the place of the last one tells how many there are.
    """

    record: Record
    steps: tuple[GroupStep, ...]

    @property
    def is_operation(self) -> bool:
        return is_step(self.record)


@dataclass(frozen=True)
class GroupPage:
    """As `queries.RecordPage`, by groups."""

    groups: list[RecordGroup]
    older: int | None
    newer: int | None
    complete: bool


@dataclass(frozen=True)
class _Operation:
    """`newest`: the number of the record at which it stands."""

    steps: tuple[GroupStep, ...]
    newest: int


_Operations = dict[UUID | None, _Operation]


def is_step(record: Record) -> bool:
    """Whether the record belongs to the group of its operation."""
    return record.operation is not None and record.kind in STEPS


def read_group_page(selection: RecordSelection, *, before: int | None = None, after: int | None = None) -> GroupPage:
    """The newest groups, or those directly before or after a number."""
    reader = SelectionReader(selection, most=CHUNK, searched=SEARCHED)
    if after is None:
        last = LAST if before is None else min(before - 1, LAST)
        found = _take(reader, PAGE + 1, last=last, downwards=True)
        groups = found[:PAGE]
        has_older = len(found) > PAGE
        has_newer = before is not None and _exists(reader, groups, downwards=False)
    else:
        found = _take(reader, PAGE + 1, first=min(after, LAST - 1) + 1, downwards=False)
        groups = found[:PAGE][::-1]
        has_older = _exists(reader, groups, downwards=True)
        has_newer = len(found) > PAGE
    return GroupPage(
        groups,
        older=groups[-1].record.number if has_older else None,
        newer=groups[0].record.number if has_newer else None,
        complete=reader.complete,
    )


def _exists(reader: SelectionReader, groups: Sequence[RecordGroup], *, downwards: bool) -> bool:
    """Whether there is a group beyond these."""
    if not groups:
        return False
    if downwards:
        return bool(_take(reader, 1, last=groups[-1].record.number - 1, downwards=True))
    return bool(_take(reader, 1, first=groups[0].record.number + 1, downwards=False))


def _take(
    reader: SelectionReader, limit: int, *, first: int = 0, last: int = LAST, downwards: bool
) -> list[RecordGroup]:
    """The first `limit` groups of a range of numbers in the direction of reading."""
    groups: list[RecordGroup] = []
    known: _Operations = {}
    for part in reader.parts(first, last, downwards=downwards, size=READ if limit > 1 else PAGE):
        for records in _slices(part, known, downwards):
            groups += _groups_of(reader.selection, records, known)
            if len(groups) >= limit:
                return groups[:limit]
    return groups


def _slices(part: QuerySet[Record], known: _Operations, downwards: bool) -> Iterator[list[Record]]:
    """The records of a part, in order. Of operations that have become known, only those at which they stand."""
    while records := list(_without_known(part, known)[:READ]):
        yield from _pages_of(records)
        if len(records) < READ:
            break
        beyond = records[-1].number
        part = part.filter(number__lt=beyond) if downwards else part.filter(number__gt=beyond)


def _without_known(part: QuerySet[Record], known: _Operations) -> QuerySet[Record]:
    if not known:
        return part
    stands = [operation.newest for operation in known.values()]
    return part.exclude(~Q(number__in=stands), operation__in=list(known), kind__in=STEPS)


def _pages_of(records: Sequence[Record]) -> Iterator[list[Record]]:
    """The records in runs that have about as many groups as a page: of more, steps would be read in vain."""
    run: list[Record] = []
    distinct: set[UUID | int | None] = set()
    for record in records:
        run.append(record)
        distinct.add(record.operation if is_step(record) else record.number)
        if len(distinct) > PAGE:
            yield run
            run, distinct = [], set()
    if run:
        yield run


def _groups_of(selection: RecordSelection, records: Sequence[Record], known: _Operations) -> Iterable[RecordGroup]:
    """The groups that stand at one of these records, in their order. Their operations become known.

    One query; a few more for operations of many records.
    """
    known |= _read_operations(selection, [each for each in records if is_step(each) and each.operation not in known])
    for record in records:
        operation = known.get(record.operation) if is_step(record) else None
        if not is_step(record):
            yield RecordGroup(record, (GroupStep(1, record),))
        elif operation and operation.newest == record.number:
            yield RecordGroup(record, operation.steps)


def _read_operations(selection: RecordSelection, matching: Sequence[Record]) -> _Operations:
    """The operations of these steps, which meet the conditions."""
    wanted = {step.operation for step in matching}
    if not wanted:
        return {}
    steps = _read_steps(wanted)
    newest: dict[UUID | None, int] = {}
    # Beyond the last steps, which were all read, one that wasn't can be the newest that matches.
    unsure: dict[UUID | None, int] = {}
    for operation, of_one in steps.items():
        last = of_one if of_one[-1].place == len(of_one) else of_one[-END:]
        found = next((step.number for _, step in reversed(last) if selection.matches(step)), None)
        if found is None:
            unsure[operation] = max(step.number for step in matching if step.operation == operation)
        else:
            newest[operation] = found
    newest |= _find_newest(selection, unsure) if unsure else {}
    return {operation: _Operation(tuple(of_one), newest[operation]) for operation, of_one in steps.items()}


def _find_newest(selection: RecordSelection, unsure: Mapping[UUID | None, int]) -> dict[UUID | None, int]:
    """The number of the newest step of each operation that meets the conditions. `unsure`: of one that does."""
    newest = dict(unsure)
    rows = selection.rows.filter(operation__in=list(unsure), kind__in=STEPS)
    if not selection.words:
        found = rows.order_by().values_list("operation").annotate(Max("number"))
        return newest | dict(found)
    rows = rows.filter(number__gt=min(unsure.values())).order_by("number")
    while records := list(rows[:READ_FOR_WORDS]):
        for record in records:
            if words.has_words(record, selection.words):
                newest[record.operation] = max(record.number, newest[record.operation])
        rows = rows.filter(number__gt=records[-1].number)
    return newest


def _read_steps(operations: Collection[UUID | None]) -> dict[UUID | None, list[GroupStep]]:
    """The steps of these operations, oldest first; of many, those that `RecordGroup` has."""
    rows = Record.objects.defer("body").filter(operation__in=operations, kind__in=STEPS).order_by("number")
    steps: dict[UUID | None, list[GroupStep]] = defaultdict(list)
    records = list(rows[: READ_STEPS + 1])
    if len(records) <= READ_STEPS:
        for record in records:
            of_one = steps[record.operation]
            of_one.append(GroupStep(len(of_one) + 1, record))
        return {operation: _cut(of_one) for operation, of_one in steps.items()}
    for record in _shown_alone(rows):
        steps[record.operation].append(GroupStep(record.place, record))
    return steps


def _cut(steps: list[GroupStep]) -> list[GroupStep]:
    """What is shown of an operation's steps."""
    count = len(steps)
    if count <= 2 * END:
        return steps
    end = max((step.place for step in steps if step.record.kind in ENDS), default=0)
    return [step for step in steps if step.place <= END or step.place > count - END or step.place == end]


def _shown_alone(steps: QuerySet[Record]) -> QuerySet[Record, Any]:
    """As `_cut`, by the database. Each has its `place`."""
    ends = Case(When(kind__in=ENDS, then="number"))
    return steps.annotate(
        place=Window(RowNumber(), partition_by="operation", order_by="number"),
        count=Window(Count("number"), partition_by="operation"),
        end=Window(Max(ends), partition_by="operation"),
    ).filter(Q(count__lte=2 * END) | Q(place__lte=END) | Q(place__gt=F("count") - END) | Q(number=F("end")))

"""Verification of the whole chain: every record in the database.

`fast_walk` accepts what is certainly correct; from where it stops, `chain.walk_links` examines each record and names
the fault. A long ledger is divided among several processes. A part that doesn't follow from the one before it is
checked again from where that one ended.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat

from audit import chain, queries, stored_rows
from audit.integrity import fast_walk
from audit.models import Record

# Records. A shorter ledger is checked in less time than it takes to start another process.
TOGETHER = 100_000
# Records in one part. Progress is reported after each, and a part whose process died is checked again.
PART = 50_000

ProgressCallback = Callable[[int], object]


@dataclass(frozen=True)
class ChainResult:
    """The result of a verification of the chain.

    `records`: how many there were when it began; later ones aren't checked. `head`: None if its row is missing or
    can't be read.
    """

    records: int
    first_break: chain.Break | None
    head: chain.Head | None

    @property
    def ok(self) -> bool:
        return self.first_break is None


def verify_chain(*, progress: ProgressCallback = lambda number: None) -> ChainResult:
    """Check every record, oldest first, and name the first break. Read-only; memory doesn't grow with the ledger.

    `progress` is called after each part with the number up to which the chain is intact.
    """
    head, highest = queries.read_head()
    if head is None:
        return _headless(highest, "the row that holds the head is missing")
    # SQLite keeps a value of any type in any column.
    if (type(head.number), type(head.digest)) != (int, str):
        return _headless(highest, "the row that holds the head can’t be read")
    # On SQLite text sorts after all numbers, so a number that is text is the highest.
    upto = highest if type(highest) is int else head.number
    records = _count(upto)
    if not stored_rows.is_table():
        return ChainResult(records, chain.Break(1, stored_rows.NO_TABLE), head)
    first_break, last = _walk_in_parts(min(upto, records), upto, progress)
    first_break = first_break or chain.compare_heads(last, head) or _find_extra(records, highest, head)
    return ChainResult(records, first_break, head)


def verify_range(after: chain.Head, upto: int) -> tuple[chain.Break | None, chain.Head]:
    """Check the records after `after`, whose digest the next one must name, up to number `upto`.

    Returns the first break, if any, and the last record up to which the chain is intact.
    """
    last = after
    while last.number < upto:
        last = fast_walk.walk_fast(last, upto)
        begin = stored_rows.step_back(last)
        first_break, reached = chain.walk_links(stored_rows.read_links(begin, upto), begin)
        # It came no further, so there are no more records.
        if first_break or reached.number <= last.number:
            return first_break, last
        last = reached
    return None, last


def _walk_in_parts(reachable: int, upto: int, progress: ProgressCallback) -> tuple[chain.Break | None, chain.Head]:
    """Check in parts up to number `reachable`, and from there up to `upto` at once."""
    # An unbroken chain ends at `reachable`, the count of records. `upto`, the highest number, may be any that somebody
    # wrote into the table: dividing the numbers up to 2^63 into parts would never end.
    bounds = [*range(PART, reachable, PART), reachable]
    last = chain.START
    for bound, (start, reached) in zip(bounds, _read_parts(bounds), strict=True):
        # What another process checked counts only if it began where the part before it ended.
        if start == last:
            last = reached
        if last.number < bound:
            first_break, last = verify_range(last, bound)
            if first_break:
                return first_break, last
        progress(last.number)
    return verify_range(last, upto)


def _read_parts(bounds: list[int]) -> Iterable[fast_walk.Part]:
    """How far each part is intact by itself. For a short ledger not at all, so that this process checks it."""
    processes = os.cpu_count() or 1
    if bounds[-1] < TOGETHER or processes == 1:
        return repeat((None, chain.START), len(bounds))
    return fast_walk.walk_apart([0, *bounds], processes)


def _headless(highest: int, fault: str) -> ChainResult:
    known = highest if type(highest) is int else 0
    return ChainResult(_count(known), chain.Break(known, fault), None)


def _count(upto: int) -> int:
    return Record.objects.filter(number__lte=upto).count()


def _find_extra(records: int, highest: int, head: chain.Head) -> chain.Break | None:
    """The break, if there are records that a walk from record 1 to the head doesn't reach."""
    # For example one whose number is text, which SQLite allows.
    if records == head.number == highest:
        return None
    return chain.Break(head.number, f"the head says {head.number}, but there are other records as well")

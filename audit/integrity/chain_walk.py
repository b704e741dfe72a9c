"""Walking the ledger in the database: does the chain hold?

Quickly as far as all is plainly well (`quick`), with a close look at whatever isn't. A long ledger is walked by
several processes, a part each; a part that doesn't follow from the one before is walked again from where that ended.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat

from audit import chain, queries, stored_rows
from audit.integrity import fast_walk
from audit.models import Record

TOGETHER = 100_000  # records: fewer are walked before another process has started
PART = 50_000

ProgressCallback = Callable[[int], object]


@dataclass(frozen=True)
class ChainResult:
    """What a walk found. `records`: how many there were when it began; it leaves later ones to the next walk."""

    records: int
    first_break: chain.Break | None
    head: chain.Head | None

    @property
    def ok(self) -> bool:
        return self.first_break is None


def verify_chain(*, progress: ProgressCallback = lambda number: None) -> ChainResult:
    """Walk every record, oldest first, and name the first break. Reads only; memory doesn't grow with the ledger.

    `progress` is told now and then up to which number all is well.
    """
    head, highest = queries.read_head()
    if head is None:
        return _headless(highest, "the row that holds the head is missing")
    if (type(head.number), type(head.digest)) != (int, str):
        return _headless(highest, "the row that holds the head can't be read")
    upto = highest if type(highest) is int else head.number  # on SQLite a number may be text, which is beyond all
    records = _count(upto)
    if not stored_rows.is_table():
        return ChainResult(records, chain.Break(1, stored_rows.NO_TABLE), head)
    first_break, last = _walk(min(upto, records), upto, progress)
    return ChainResult(
        records, first_break or chain.compare_heads(last, head) or _beyond(records, highest, head), head
    )


def verify_range(after: chain.Head, upto: int) -> tuple[chain.Break | None, chain.Head]:
    """Walk the records after `after`, whose digest the next one names, up to number `upto`: the first break, if any,
    and the last place that holds (as far as there are records)."""
    last = after
    while last.number < upto:
        last = fast_walk.walk_fast(last, upto)
        begin = stored_rows.step_back(last)
        first_break, reached = chain.walk_links(stored_rows.read_links(begin, upto), begin)
        if first_break or reached.number <= last.number:
            return first_break, last
        last = reached
    return None, last


def _walk(sure: int, upto: int, progress: ProgressCallback) -> tuple[chain.Break | None, chain.Head]:
    """In parts up to number `sure`, which as many records as there are can reach: `upto` may be any number."""
    bounds = [*range(PART, sure, PART), sure]
    last = chain.START
    for bound, (start, reached) in zip(bounds, _parts(bounds), strict=True):
        if start == last:  # what another process walked follows from what is known to hold
            last = reached
        if last.number < bound:
            first_break, last = verify_range(last, bound)
            if first_break:
                return first_break, last
        progress(last.number)
    return verify_range(last, upto)


def _parts(bounds: list[int]) -> Iterable[fast_walk.Part]:
    """How far each part holds by itself; for a short ledger nothing, which leaves it to this process."""
    processes = os.cpu_count() or 1
    if bounds[-1] < TOGETHER or processes == 1:
        return repeat((None, chain.START), len(bounds))
    return fast_walk.walk_apart([0, *bounds], processes)


def _headless(highest: int, fault: str) -> ChainResult:
    known = highest if type(highest) is int else 0
    return ChainResult(_count(known), chain.Break(known, fault), None)


def _count(upto: int) -> int:
    return Record.objects.filter(number__lte=upto).count()


def _beyond(records: int, highest: int, head: chain.Head) -> chain.Break | None:
    """What a walk from record 1 to the head doesn't meet."""
    if records == head.number == highest:
        return None
    return chain.Break(head.number, f"the head says {head.number}, yet there are other records beside those")

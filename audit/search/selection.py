"""Which records are meant, and where they lie: what `audit.queries` reads pages, exports and counts from.

What is folded (audit.folding) is found by the index (`search`) and by spans of time (`spans`), the records
since then one by one. Either way each condition on a column stays in the query that reads the records.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import NamedTuple, Self, TypeVar

from django.db.models import Q, QuerySet, Subquery

from audit.models import Head, Progress, Record
from audit.search import bitmaps, index, time_spans, words
from audit.search.time_spans import LAST

GROWTH = 4  # of parts and steps: a page is soon full where many records match, a ledger soon through where few do
MOST_BLOCKS = 64
READ_FOR_WORDS = 250

Found = TypeVar("Found")


class Stretch(NamedTuple):
    """Numbers from first to last, both in."""

    first: int
    last: int
    indexed: bool

    @property
    def is_empty(self) -> bool:
        return self.first > self.last

    def within(self, first: int, last: int) -> Self:
        return self._replace(first=max(first, self.first), last=min(last, self.last))

    def beyond(self, number: int, *, downwards: bool) -> Self:
        """What is left of it after a number."""
        return self.within(0, number - 1) if downwards else self.within(number + 1, LAST)


class Folded(NamedTuple):
    """How far the index has come, and which making of it it is."""

    number: int
    generation: int


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The records that meet every condition. Made by `queries.select`."""

    since: datetime | None = None
    until: datetime | None = None
    columns: tuple[tuple[str, str], ...] = ()  # of search.COLUMNS, with the value
    operation: uuid.UUID | None = None
    words: tuple[str, ...] = ()  # words.sought
    nothing: bool = False

    @property
    def is_timed(self) -> bool:
        return bool(self.since or self.until)

    @cached_property
    def rows(self) -> QuerySet[Record]:
        """The records that meet the conditions, the words aside, without their stored bytes."""
        conditions = {"timestamp__gte": self.since, "timestamp__lt": self.until, "operation": self.operation}
        given = {lookup: value for lookup, value in conditions.items() if value}
        records = Record.objects.defer("body").filter(**given, **dict(self.columns))
        return records.none() if self.nothing else records

    @cached_property
    def terms(self) -> tuple[index.Term, ...]:
        columns = [index.column_term(column, value) for column, value in self.columns]
        return (*columns, *(index.word_term(word) for word in self.words))


class Reading:
    """One look at a selection. How far the index has come stays the same as long as it lasts."""

    def __init__(self, selection: Selection, *, most: int, searched: int | None = None) -> None:
        """`most`: records in one query. `searched`: how many of the newest, where not indexed, are looked through for
        words; None: all.
        """
        self.selection = selection
        self.most = most
        self.searched = searched
        self.folded = _read_folded()
        self.found: dict[int, int] = {}  # block: places in it
        self.stretches = self._stretches()
        self.complete = True
        if selection.words and searched is not None and not selection.operation:
            self._leave_out(searched)

    def parts(self, first: int, last: int, *, downwards: bool, size: int) -> Iterator[QuerySet[Record]]:
        """The records between two numbers in their order, by a query for each part; `size` at most in the first."""
        rows = self.selection.rows.order_by("-number" if downwards else "number")
        stretches = [stretch.within(first, last) for stretch in self.stretches]
        for stretch in reversed(stretches) if downwards else stretches:
            for numbers in () if stretch.is_empty else self._numbers(stretch, downwards, size):
                yield rows.filter(_among(numbers))

    def count(self, last: int) -> int:
        """How many records there are up to a number; folded ones without being read, but near the ends of a time."""
        if self.selection.nothing:
            return 0
        *folded, later = [stretch.within(0, last) for stretch in self.stretches]
        return sum(map(self._count_folded, folded)) + self._count(later)

    def _stretches(self) -> list[Stretch]:
        """Oldest first."""
        whole = Stretch(0, LAST, indexed=False)
        if self.selection.operation:
            return [whole]
        folded = Stretch(1, self.folded.number, indexed=bool(self.selection.terms))
        if self.selection.is_timed:
            bounds = self._look_up(lambda: time_spans.bounds(self.selection.since, self.selection.until))
            if bounds is None:
                return [whole]
            folded = folded.within(*bounds)
        return [folded, whole.within(self.folded.number + 1, LAST)]

    def _leave_out(self, searched: int) -> None:
        newest = Record.objects.order_by("-number").values_list("number", flat=True).first() or 0
        *older, unfolded = self.stretches
        kept = unfolded.within(newest - searched + 1, LAST)
        self.stretches = [*older, kept]
        self.complete = kept == unfolded

    def _look_up(self, derived: Callable[[], Found]) -> Found | None:
        """What is read of derived rows; None while they are made anew, and may tell of less than they should."""
        while True:
            found, now = derived(), _read_folded()
            if now.generation == self.folded.generation:
                return found
            if now.number < self.folded.number:
                return None
            self.folded = self.folded._replace(generation=now.generation)

    def _count_folded(self, stretch: Stretch) -> int:
        since, until = self.selection.since, self.selection.until
        sure = self._look_up(lambda: time_spans.surely(since, until)) if self.selection.is_timed else stretch[:2]
        inner = stretch.within(*sure) if sure else stretch
        if sure is None or inner.is_empty or not all(map(self._find, _steps(inner, downwards=False))):
            return self._count(stretch)
        edges = stretch.within(0, inner.first - 1), stretch.within(inner.last + 1, LAST)
        return self._count_surely(inner) + sum(map(self._count, edges))

    def _count_surely(self, stretch: Stretch) -> int:
        """Where times need not be looked at: numbers have no gaps, and the index has been read."""
        if not stretch.indexed:
            return stretch.last - stretch.first + 1
        return sum(self._places(block, stretch).bit_count() for block in _blocks(stretch))

    def _count(self, stretch: Stretch) -> int:
        if stretch.is_empty:
            return 0
        if not stretch.indexed and not self.selection.words:
            return self.selection.rows.filter(number__range=(stretch.first, stretch.last)).count()
        parts = self._numbers(stretch, False, self.most)
        return sum(self.selection.rows.filter(_among(numbers)).count() for numbers in parts)

    def _numbers(self, stretch: Stretch, downwards: bool, size: int) -> Iterator[list[int]]:
        """Numbers of records that may match, in their order and in parts. Those that match are among them."""
        if stretch.indexed:
            return self._indexed(stretch, downwards, size)
        return self._searched(stretch, downwards) if self.selection.words else self._plain(stretch, downwards, size)

    def _indexed(self, stretch: Stretch, downwards: bool, size: int) -> Iterator[list[int]]:
        for blocks in _steps(stretch, downwards):
            if not self._find(blocks):
                yield from self._unindexed(stretch, downwards, size)
                return
            numbers = (
                block * bitmaps.SIZE + place
                for block in blocks
                for place in bitmaps.walk(self._places(block, stretch), downwards=downwards)
            )
            while some := list(islice(numbers, size)):
                yield some
                size = min(size * GROWTH, self.most)
            edge = blocks[-1] * bitmaps.SIZE + (0 if downwards else bitmaps.SIZE - 1)
            stretch = stretch.beyond(edge, downwards=downwards)

    def _unindexed(self, stretch: Stretch, downwards: bool, size: int) -> Iterator[list[int]]:
        """What the index can't tell of just now."""
        if self.selection.words and self.searched is not None:
            self.complete = False
        else:
            yield from self._numbers(stretch._replace(indexed=False), downwards, size)

    def _find(self, blocks: Sequence[int]) -> bool:
        """Read the index of these blocks. False: it is being made anew, and can't be trusted."""
        if self.selection.terms and (missing := [block for block in blocks if block not in self.found]):
            found = self._look_up(lambda: index.find(self.selection.terms, missing))
            if found is None:
                return False
            self.found |= {block: found.get(block, 0) for block in missing}
        return True

    def _places(self, block: int, stretch: Stretch) -> int:
        begin = block * bitmaps.SIZE
        first, last = max(stretch.first - begin, 0), min(stretch.last - begin, bitmaps.SIZE - 1)
        return self.found[block] & bitmaps.between(first, last)

    def _plain(self, stretch: Stretch, downwards: bool, size: int) -> Iterator[list[int]]:
        rows = self.selection.rows.order_by("-number" if downwards else "number").values_list("number", flat=True)
        while numbers := list(rows.filter(number__range=(stretch.first, stretch.last))[:size]):
            yield numbers
            stretch = stretch.beyond(numbers[-1], downwards=downwards)
            size = min(size * GROWTH, self.most)

    def _searched(self, stretch: Stretch, downwards: bool) -> Iterator[list[int]]:
        rows = self.selection.rows.order_by("-number" if downwards else "number")
        while records := list(rows.filter(number__range=(stretch.first, stretch.last))[:READ_FOR_WORDS]):
            if numbers := [record.number for record in records if words.are_in(record, self.selection.words)]:
                yield numbers
            stretch = stretch.beyond(records[-1].number, downwards=downwards)


def _read_folded() -> Folded:
    """Never beyond the head: that many blocks may be read."""
    head = Subquery(Head.objects.filter(pk=1).values("number"))
    row = Progress.objects.values_list("number", "generation", head).first()
    if row is None or not all(type(value) is int for value in row):
        return Folded(0, 0)
    return Folded(min(row[0], row[2]), row[1])


def _steps(stretch: Stretch, downwards: bool) -> Iterator[list[int]]:
    """The blocks of a stretch in their order: one, then several at once, then more."""
    blocks = _blocks(stretch)[::-1] if downwards else _blocks(stretch)
    size = 1
    while blocks:
        yield list(blocks[:size])
        blocks = blocks[size:]
        size = min(size * GROWTH, MOST_BLOCKS)


def _blocks(stretch: Stretch) -> range:
    return range(stretch.first // bitmaps.SIZE, stretch.last // bitmaps.SIZE + 1)


def _among(numbers: Sequence[int]) -> Q:
    lowest, highest = sorted((numbers[0], numbers[-1]))
    gapless = highest - lowest + 1 == len(numbers)
    return Q(number__range=(lowest, highest)) if gapless else Q(number__in=numbers)

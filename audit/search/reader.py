"""How the records of a selection are found without reading the whole ledger.

         record 1                                 watermark              head
             |                                        |                    |
             |---------------- folded ----------------|----- unfolded -----|
             |    block 0   |    block 1   | block 2  |
    divide   |    [ since ................ until ]    | [                ] |
    narrow   |      x   xx  |  x  x        |    x     |   x x    x     x   |
    read     |      o    o  |  o           |    o     |   o      o         |

1. Divide. Up to the watermark of `audit.folding`, records are folded: the index contains their words and columns, and
   the spans of hours their times. Later ones are few. That makes two segments; a range of time limits the folded one
   to the numbers between which its records lie.
2. Narrow. Each segment yields the numbers of candidates, among which are all matching records: the folded one from the
   index, a few blocks at a time, the unfolded one by examining each record.
3. Read. Candidates are read, or counted, by a query that repeats all conditions on columns. So times are compared
   exactly, and a wrong entry in the index can't add a record.

All of it is lazy: a page stops at the first 51 records. A rebuild of the index may begin at any moment. Each one has
its own generation; until it has reached the previous watermark, candidates are found without the index.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Self, TypeVar

from django.db.models import Q, QuerySet, Subquery

from audit.models import FoldingProgress, Head, Record
from audit.search import bitmaps, index, time_spans, words
from audit.search.selection import RecordSelection
from audit.search.time_spans import LAST

# The factor by which each part and step is larger than the one before. If many records match, the first one fills a
# page; if few do, the end of the ledger is reached in few queries.
GROWTH = 4
# Of one step through the index: two million records, and at most 256 kB of memory for each term.
MOST_BLOCKS = 64
# Records read at a time to search them for words, so that memory doesn't grow with the number of records searched.
READ_FOR_WORDS = 250

Found = TypeVar("Found")


class Watermark(NamedTuple):
    """The last record that the index and the spans include, and their generation."""

    number: int
    generation: int


class Segment(NamedTuple):
    """Record numbers from `first` to `last`, both included. `indexed`: the index can narrow them."""

    first: int
    last: int
    indexed: bool

    @property
    def is_empty(self) -> bool:
        return self.first > self.last

    @property
    def blocks(self) -> range:
        return range(self.first // bitmaps.SIZE, self.last // bitmaps.SIZE + 1)

    def within(self, first: int, last: int) -> Self:
        return self._replace(first=max(first, self.first), last=min(last, self.last))

    def beyond(self, number: int, *, downwards: bool) -> Self:
        """The part of it after `number`, in the direction of reading."""
        if downwards:
            return self.within(0, number - 1)
        return self.within(number + 1, LAST)


class SelectionReader:
    """One reading of a selection, with the watermark as it was at the beginning."""

    def __init__(self, selection: RecordSelection, *, most: int, searched: int | None = None) -> None:
        """`most`: records in one query. `searched`: how many of the newest records are searched for words if they
        aren't indexed; None: all.
        """
        self.selection = selection
        self.most = most
        self.searched = searched
        # False once records have been left out without being searched. Pages then say so.
        self.complete = True
        self.watermark = _read_watermark()
        self.segments = self._divide()
        # For each block whose index has been read: the positions of the records that have all terms.
        self.positions: dict[int, int] = {}

    def parts(self, first: int, last: int, *, downwards: bool, size: int) -> Iterator[QuerySet[Record]]:
        """The matching records between two numbers in order, one query for each part; at most `size` in the first."""
        rows = self.selection.rows.order_by("-number" if downwards else "number")
        for segment in reversed(self.segments) if downwards else self.segments:
            wanted = segment.within(first, last)
            if not wanted.is_empty:
                for numbers in self._candidates(wanted, downwards, size):
                    yield rows.filter(_among(numbers))

    def count(self, last: int) -> int:
        """How many records match up to number `last`. Folded ones are read only near the ends of a range of time."""
        if self.selection.nothing:
            return 0
        *folded, unfolded = [segment.within(0, last) for segment in self.segments]
        return sum(map(self._count_folded, folded)) + self._count_candidates(unfolded)

    # 1. Divide

    def _divide(self) -> list[Segment]:
        """The segments, oldest first; the last one is unfolded."""
        everything = Segment(0, LAST, indexed=False)
        # An operation has a handful of records, which the database's own index finds.
        if self.selection.operation:
            return [everything]
        folded = Segment(1, self.watermark.number, indexed=bool(self.selection.terms))
        if self.selection.is_timed:
            bounds = self._read_consistently(
                lambda: time_spans.outer_bounds(self.selection.since, self.selection.until)
            )
            # A rebuild is under way: nothing is indexed.
            if bounds is None:
                return [self._limit_search(everything)]
            folded = folded.within(*bounds)
        unfolded = everything.within(self.watermark.number + 1, LAST)
        return [folded, self._limit_search(unfolded)]

    def _limit_search(self, unfolded: Segment) -> Segment:
        """The segment without the records that are too old to be searched for words."""
        if self.searched is None or not self.selection.words:
            return unfolded
        newest = Record.objects.order_by("-number").values_list("number", flat=True).first() or 0
        kept = unfolded.within(newest - self.searched + 1, LAST)
        self.complete = kept == unfolded
        return kept

    # 2. Narrow

    def _candidates(self, segment: Segment, downwards: bool, size: int) -> Iterator[list[int]]:
        """Numbers of records that may match, in order and in parts. All matching ones are among them."""
        if segment.indexed:
            return self._find_by_index(segment, downwards, size)
        if self.selection.words:
            return self._look_for_words(segment, downwards)
        return self._look_at_columns(segment, downwards, size)

    def _find_by_index(self, segment: Segment, downwards: bool, size: int) -> Iterator[list[int]]:
        for blocks in _steps(segment, downwards):
            if not self._read_index(blocks):
                yield from self._find_without_index(segment, downwards, size)
                return
            numbers = self._numbers_in(blocks, segment, downwards)
            while part := list(islice(numbers, size)):
                yield part
                size = min(size * GROWTH, self.most)
            end_of_step = blocks[-1] * bitmaps.SIZE
            if not downwards:
                end_of_step += bitmaps.SIZE - 1
            segment = segment.beyond(end_of_step, downwards=downwards)

    def _find_without_index(self, segment: Segment, downwards: bool, size: int) -> Iterator[list[int]]:
        # A page, which limits the search, has no time to search all records; an export has.
        if self.selection.words and self.searched is not None:
            self.complete = False
        else:
            yield from self._candidates(segment._replace(indexed=False), downwards, size)

    def _look_at_columns(self, segment: Segment, downwards: bool, size: int) -> Iterator[list[int]]:
        rows = self.selection.rows.order_by("-number" if downwards else "number").values_list("number", flat=True)
        while numbers := list(rows.filter(number__range=(segment.first, segment.last))[:size]):
            yield numbers
            segment = segment.beyond(numbers[-1], downwards=downwards)
            size = min(size * GROWTH, self.most)

    def _look_for_words(self, segment: Segment, downwards: bool) -> Iterator[list[int]]:
        rows = self.selection.rows.order_by("-number" if downwards else "number")
        while records := list(rows.filter(number__range=(segment.first, segment.last))[:READ_FOR_WORDS]):
            numbers = [record.number for record in records if words.has_words(record, self.selection.words)]
            if numbers:
                yield numbers
            segment = segment.beyond(records[-1].number, downwards=downwards)

    def _read_index(self, blocks: Sequence[int]) -> bool:
        """Read the index of these blocks. False if it is being rebuilt and may be incomplete."""
        missing = [block for block in blocks if block not in self.positions]
        if not self.selection.terms or not missing:
            return True
        found = self._read_consistently(lambda: index.find_positions(self.selection.terms, missing))
        if found is None:
            return False
        self.positions |= {block: found.get(block, 0) for block in missing}
        return True

    def _read_consistently(self, read: Callable[[], Found]) -> Found | None:
        """The result of `read` on the index or the spans; None while they are being rebuilt and may lack records."""
        while True:
            found = read()
            now = _read_watermark()
            if now.generation == self.watermark.generation:
                return found
            if now.number < self.watermark.number:
                return None
            # The generation also changes with a late record, or a rebuild has reached the old watermark. Either may
            # have happened during `read`, so it is repeated.
            self.watermark = self.watermark._replace(generation=now.generation)

    def _positions_in(self, block: int, segment: Segment) -> int:
        begin = block * bitmaps.SIZE
        first, last = max(segment.first - begin, 0), min(segment.last - begin, bitmaps.SIZE - 1)
        return self.positions[block] & bitmaps.between(first, last)

    def _numbers_in(self, blocks: Sequence[int], segment: Segment, downwards: bool) -> Iterator[int]:
        for block in blocks:
            for position in bitmaps.numbers_in(self._positions_in(block, segment), downwards=downwards):
                yield block * bitmaps.SIZE + position

    # 3. Count

    def _count_folded(self, segment: Segment) -> int:
        inner = segment
        if self.selection.is_timed:
            bounds = self._read_consistently(
                lambda: time_spans.inner_bounds(self.selection.since, self.selection.until)
            )
            if bounds is None:
                return self._count_candidates(segment)
            inner = segment.within(*bounds)
        if inner.is_empty or not all(map(self._read_index, _steps(inner, downwards=False))):
            return self._count_candidates(segment)
        before, after = segment.within(0, inner.first - 1), segment.within(inner.last + 1, LAST)
        return self._count_candidates(before) + self._count_unread(inner) + self._count_candidates(after)

    def _count_unread(self, segment: Segment) -> int:
        """Count a segment whose records are all in the range of time and whose index has been read."""
        # Numbers have no gaps.
        if not segment.indexed:
            return segment.last - segment.first + 1
        return sum(self._positions_in(block, segment).bit_count() for block in segment.blocks)

    def _count_candidates(self, segment: Segment) -> int:
        if segment.is_empty:
            return 0
        if not segment.indexed and not self.selection.words:
            return self.selection.rows.filter(number__range=(segment.first, segment.last)).count()
        parts = self._candidates(segment, False, self.most)
        return sum(self.selection.rows.filter(_among(numbers)).count() for numbers in parts)


def _read_watermark() -> Watermark:
    head = Subquery(Head.objects.filter(pk=1).values("number"))
    row = FoldingProgress.objects.values_list("number", "generation", head).first()
    if row is None or not all(type(value) is int for value in row):
        return Watermark(0, 0)
    number, generation, highest = row
    # Limited to the head: somebody with the database could set it to any number, and all blocks up to there would be
    # read.
    return Watermark(min(number, highest), generation)


def _steps(segment: Segment, downwards: bool) -> Iterator[list[int]]:
    """The blocks of a segment in order: one, then 4, 16, and 64 at a time."""
    blocks = segment.blocks[::-1] if downwards else segment.blocks
    size = 1
    while blocks:
        yield list(blocks[:size])
        blocks = blocks[size:]
        size = min(size * GROWTH, MOST_BLOCKS)


def _among(numbers: Sequence[int]) -> Q:
    """The condition for these numbers, which are in order. A range if they have no gaps: shorter and faster."""
    lowest, highest = sorted((numbers[0], numbers[-1]))
    gapless = highest - lowest + 1 == len(numbers)
    if gapless:
        return Q(number__range=(lowest, highest))
    return Q(number__in=numbers)

"""A mergeable histogram: its buckets grow by a constant ratio, so that any percentile of any sum of histograms is
known within one relative error. The method is DDSketch's (Masson, Rim, Lee: VLDB 2019).

With g = (1 + ERROR) / (1 - ERROR), bucket i counts the values v with g^(i-1) < v <= g^i. Its estimate is
2g^i / (g + 1), which is within ERROR of each of them. Values are milliseconds; zero has a bucket of its own.
"""

import math
import pickle
from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from typing import NamedTuple

# Relative: 1 % takes some 1,200 buckets from a millisecond to a year, and only those that occur are stored. It is part
# of the stored format: with another value, stored bucket numbers would mean other durations.
ERROR = 0.01
GROWTH = (1 + ERROR) / (1 - ERROR)
LOG_GROWTH = math.log(GROWTH)
# The percentiles that every chart and table shows.
RANKS = (0.5, 0.95, 0.99)
# The key of the bucket of zeros in JSON, where the others have their numbers as keys. Zero has no logarithm.
ZERO = "0ms"


class HistogramSummary(NamedTuple):
    """What pages show of a histogram: the number of values, and their percentiles in the order of `RANKS`."""

    values: int
    percentiles: tuple[float | None, ...]


class Histogram:
    """Counts of values by bucket. Merging two histograms gives the same as adding all their values to one."""

    __slots__ = ("_counts", "_packed", "_summary", "zeros")

    def __init__(self) -> None:
        self.zeros = 0
        self._counts: dict[int, int] = {}
        # Computed on first use, and dropped when a value is added.
        self._summary: HistogramSummary | None = None
        # The pickled buckets, until they are first used.
        self._packed = b""

    # The cache holds a year as 1,100 histograms, and a page shows only the summaries of its days. Unpickling all
    # buckets of all days takes 30 to 60 ms; this takes 10, and the whole page has 50.
    def __getstate__(self) -> tuple[int, HistogramSummary, bytes]:
        return self.zeros, self.summary, self._packed or pickle.dumps(self._counts)

    def __setstate__(self, state: tuple[int, HistogramSummary, bytes]) -> None:
        self.zeros, self._summary, self._packed = state
        self._counts = {}

    @property
    def counts(self) -> dict[int, int]:
        """The number of values in each bucket, without the zeros."""
        if self._packed:
            # Pickle is safe here: the bytes are ours, and arrived inside a pickle from our own cache.
            self._counts = pickle.loads(self._packed)  # noqa: S301
            self._packed = b""
        return self._counts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and (self.counts, self.zeros) == (other.counts, other.zeros)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Histogram({self.stored()})"

    @property
    def count(self) -> int:
        """How many values were added."""
        return self.summary.values

    @property
    def summary(self) -> HistogramSummary:
        """The number of values and their percentiles of `RANKS`."""
        if self._summary is None:
            values = sum(self.counts.values()) + self.zeros
            self._summary = HistogramSummary(values, tuple(self.percentiles(*RANKS)))
        return self._summary

    def add(self, milliseconds: float) -> None:
        """Add a value. ValueError if it is negative or not finite."""
        if not 0 <= milliseconds < math.inf:
            raise ValueError(f"{milliseconds} is no duration")
        self._summary = None
        if milliseconds == 0:
            self.zeros += 1
            return
        bucket = math.ceil(math.log(milliseconds) / LOG_GROWTH)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Add all values of `other`."""
        self._summary = None
        counts = self.counts
        for bucket, count in other.counts.items():
            counts[bucket] = counts.get(bucket, 0) + count
        self.zeros += other.zeros

    def percentile(self, q: float) -> float | None:
        """Milliseconds, within ERROR of the value at rank ceil(q * count) when sorted; None if there are no values."""
        return self.percentiles(q)[0]

    def percentiles(self, *qs: float) -> list[float | None]:
        """The percentile for each q (0 to 1), with one pass over the buckets for all of them."""
        buckets = sorted(self.counts)
        cumulated = list(accumulate((self.counts[bucket] for bucket in buckets), initial=self.zeros))
        return [_percentile(buckets, cumulated, q) for q in qs]

    def stored(self) -> dict[str, int]:
        """The JSON form: {bucket: count}. Keys are text, as in all JSON objects."""
        stored = {str(bucket): count for bucket, count in self.counts.items()}
        if self.zeros:
            stored[ZERO] = self.zeros
        return stored

    def merge_stored(self, stored: Mapping[str, int]) -> None:
        """Add a histogram in the form that `stored` returns."""
        self._summary = None
        counts = self.counts
        for key, count in stored.items():
            if key == ZERO:
                self.zeros += count
            else:
                bucket = int(key)
                counts[bucket] = counts.get(bucket, 0) + count


def _percentile(buckets: list[int], cumulated: list[int], q: float) -> float | None:
    """`cumulated`: the number of zeros, then of all values up to and including each bucket."""
    total = cumulated[-1]
    if not total:
        return None
    # Rounded first, since 0.07 * 100 is slightly more than 7 in floating point, and its ceiling would be 8.
    rank = max(1, math.ceil(round(q * total, 6)))
    index = bisect_left(cumulated, rank)
    if index == 0:
        return 0.0
    return 2 * GROWTH ** buckets[index - 1] / (GROWTH + 1)

"""A histogram that can be merged: counts in buckets that grow by a constant ratio, so any percentile of any sum of
histograms is known within one relative error (as DDSketch does; Masson, Rim, Lee: VLDB 2019).

With g = (1 + ERROR) / (1 - ERROR), bucket i counts the values v with g^(i-1) < v <= g^i. It gives back 2g^i / (g + 1),
which is within ERROR of each of them. Values are milliseconds; zero has a bucket of its own.
"""

import math
import pickle
from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from typing import NamedTuple

ERROR = 0.01
GROWTH = (1 + ERROR) / (1 - ERROR)
LOG_GROWTH = math.log(GROWTH)
# The percentiles that every chart and table shows.
RANKS = (0.5, 0.95, 0.99)
# The name of the bucket of zeros in JSON; the others go by their number.
ZERO = "0ms"


class HistogramSummary(NamedTuple):
    """What pages show of a histogram: how many values it has, and their percentiles of `RANKS`."""

    values: int
    percentiles: tuple[float | None, ...]


class Histogram:
    """How many values lie in each bucket. Merging two gives the same as adding all values to one."""

    __slots__ = ("_counts", "_packed", "_summary", "zeros")

    def __init__(self) -> None:
        self.zeros = 0
        self._counts: dict[int, int] = {}
        # Computed when it is first asked for, and forgotten when a value is added.
        self._summary: HistogramSummary | None = None
        # The buckets as they were pickled, until somebody needs them.
        self._packed = b""

    # The cache holds a year as 1,100 histograms, of whose days a page shows nothing but the summaries. Unpickling all
    # buckets of all days takes 30 to 60 ms where this takes 10, of a page that has 50.
    def __getstate__(self) -> tuple[int, HistogramSummary, bytes]:
        return self.zeros, self.summary, self._packed or pickle.dumps(self._counts)

    def __setstate__(self, state: tuple[int, HistogramSummary, bytes]) -> None:
        self.zeros, self._summary, self._packed = state
        self._counts = {}

    @property
    def counts(self) -> dict[int, int]:
        """How many values lie in each bucket but that of the zeros."""
        if self._packed:
            self._counts = pickle.loads(self._packed)  # noqa: S301 - our own, from our own cache
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
        """Its count and its percentiles of `RANKS`."""
        if self._summary is None:
            values = sum(self.counts.values()) + self.zeros
            self._summary = HistogramSummary(values, tuple(self.percentiles(*RANKS)))
        return self._summary

    def add(self, milliseconds: float) -> None:
        """Count a value. ValueError for one that is negative or not finite."""
        if not 0 <= milliseconds < math.inf:
            raise ValueError(f"{milliseconds} is no duration")
        self._summary = None
        if milliseconds == 0:
            self.zeros += 1
            return
        bucket = math.ceil(math.log(milliseconds) / LOG_GROWTH)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Count everything that `other` counts."""
        self._summary = None
        counts = self.counts
        for bucket, count in other.counts.items():
            counts[bucket] = counts.get(bucket, 0) + count
        self.zeros += other.zeros

    def percentile(self, q: float) -> float | None:
        """Milliseconds, within ERROR of the one of rank ceil(q * count) in the sorted values; None without values."""
        return self.percentiles(q)[0]

    def percentiles(self, *qs: float) -> list[float | None]:
        """The percentile of each q, for the price of one."""
        buckets = sorted(self.counts)
        cumulated = list(accumulate((self.counts[bucket] for bucket in buckets), initial=self.zeros))
        return [_percentile(buckets, cumulated, q) for q in qs]

    def stored(self) -> dict[str, int]:
        """As JSON keeps it: {bucket: count}."""
        stored = {str(bucket): count for bucket, count in self.counts.items()}
        if self.zeros:
            stored[ZERO] = self.zeros
        return stored

    def merge_stored(self, stored: Mapping[str, int]) -> None:
        """Count everything that a stored histogram counts."""
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
    # Rounded first: in floating point 0.07 * 100 is a little more than 7, whose ceiling would be 8.
    rank = max(1, math.ceil(round(q * total, 6)))
    index = bisect_left(cumulated, rank)
    if index == 0:
        return 0.0
    return 2 * GROWTH ** buckets[index - 1] / (GROWTH + 1)

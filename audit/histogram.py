"""A histogram that can be merged: counts in buckets that grow by a constant ratio, so any percentile of any sum of
histograms is known within one relative error (as DDSketch does; Masson, Rim, Lee: VLDB 2019).

With g = (1 + ERROR) / (1 - ERROR), bucket i counts the values v with g^(i-1) < v <= g^i. It gives back 2g^i / (g + 1),
which is within ERROR of each of them. Values are milliseconds; zero has a bucket of its own.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate

ERROR = 0.01
GROWTH = (1 + ERROR) / (1 - ERROR)
LOG_GROWTH = math.log(GROWTH)
RANKS = (0.5, 0.95, 0.99)  # the percentiles that are asked for again and again
ZERO = "0ms"  # how the bucket of zeros is called in JSON; the others go by their number


class Histogram:
    """How many values lie in each bucket. Merging two tells the same as adding all values to one."""

    __slots__ = ("counts", "known", "zeros")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.zeros = 0
        self.known: tuple[float | None, ...] = ()  # percentiles of RANKS, once asked for, until something is added

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and (self.counts, self.zeros) == (other.counts, other.zeros)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Histogram({self.stored()})"

    @property
    def count(self) -> int:
        """How many values were added."""
        return sum(self.counts.values()) + self.zeros

    def add(self, milliseconds: float) -> None:
        """Count a value. ValueError for one that is negative or not finite."""
        if not 0 <= milliseconds < math.inf:
            raise ValueError(f"{milliseconds} is no duration")
        self.known = ()
        if milliseconds == 0:
            self.zeros += 1
            return
        bucket = math.ceil(math.log(milliseconds) / LOG_GROWTH)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Count everything that `other` counts."""
        self.known = ()
        counts, get = self.counts, self.counts.get
        for bucket, count in other.counts.items():
            counts[bucket] = get(bucket, 0) + count
        self.zeros += other.zeros

    def percentile(self, q: float) -> float | None:
        """Milliseconds, within ERROR of the one of rank ceil(q * count) in the sorted values; None without values."""
        return self.percentiles(q)[0]

    def percentiles(self, *qs: float) -> list[float | None]:
        """The percentile of each q, for the price of one. Those of RANKS are kept, here and where this is pickled."""
        if qs == RANKS:
            self.known = self.known or tuple(self._percentiles(qs))
            return list(self.known)
        return self._percentiles(qs)

    def _percentiles(self, qs: Iterable[float]) -> list[float | None]:
        buckets = sorted(self.counts)
        upto = list(accumulate(map(self.counts.__getitem__, buckets), initial=self.zeros))
        return [_value(buckets, upto, q) for q in qs]

    def stored(self) -> dict[str, int]:
        """As JSON keeps it: {bucket: count}."""
        return ({ZERO: self.zeros} if self.zeros else {}) | {str(bucket): n for bucket, n in self.counts.items()}

    def merge_stored(self, stored: Mapping[str, int]) -> None:
        """Count everything that a stored histogram counts."""
        self.known = ()
        counts = self.counts
        for key, count in stored.items():
            if key == ZERO:
                self.zeros += count
            else:
                bucket = int(key)
                counts[bucket] = counts.get(bucket, 0) + count


def _value(buckets: list[int], upto: list[int], q: float) -> float | None:
    """`upto`: how many values lie in the zeros, and up to and with each bucket."""
    if not upto[-1]:
        return None
    rank = max(1, math.ceil(round(q * upto[-1], 6)))  # 0.07 * 100 is a little more than 7
    place = bisect_left(upto, rank)
    return 2 * GROWTH ** buckets[place - 1] / (GROWTH + 1) if place else 0.0

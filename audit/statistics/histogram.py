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
RANKS = (0.5, 0.95, 0.99)  # the percentiles that are asked for again and again
ZERO = "0ms"  # how the bucket of zeros is called in JSON; the others go by their number


class Known(NamedTuple):
    """What is asked for again and again of a histogram: how many values it has, and their percentiles of `RANKS`."""

    values: int
    percentiles: tuple[float | None, ...]


class Histogram:
    """How many values lie in each bucket. Merging two tells the same as adding all values to one.

    What is known of it is kept until something is added, also where it is pickled; its buckets are unpickled when they
    are needed.
    """

    __slots__ = ("_counts", "_known", "_packed", "zeros")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._packed = b""
        self._known: Known | None = None
        self.zeros = 0

    def __getstate__(self) -> tuple[int, Known, bytes]:
        return self.zeros, self.know(), self._packed or pickle.dumps(self._counts)

    def __setstate__(self, state: tuple[int, Known, bytes]) -> None:
        self.zeros, self._known, self._packed = state
        self._counts = {}

    @property
    def counts(self) -> dict[int, int]:
        """How many values lie in each bucket but that of the zeros."""
        if self._packed:
            self._counts, self._packed = pickle.loads(self._packed), b""  # noqa: S301 - our own, as it came
        return self._counts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and (self.counts, self.zeros) == (other.counts, other.zeros)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Histogram({self.stored()})"

    @property
    def count(self) -> int:
        """How many values were added."""
        return self.know().values

    def know(self) -> Known:
        """Its count and its percentiles of `RANKS`."""
        if self._known is None:
            self._known = Known(sum(self.counts.values()) + self.zeros, tuple(self.percentiles(*RANKS)))
        return self._known

    def add(self, milliseconds: float) -> None:
        """Count a value. ValueError for one that is negative or not finite."""
        if not 0 <= milliseconds < math.inf:
            raise ValueError(f"{milliseconds} is no duration")
        self._known = None
        if milliseconds == 0:
            self.zeros += 1
            return
        bucket = math.ceil(math.log(milliseconds) / LOG_GROWTH)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Count everything that `other` counts."""
        self._known = None
        counts, get = self.counts, self.counts.get
        for bucket, count in other.counts.items():
            counts[bucket] = get(bucket, 0) + count
        self.zeros += other.zeros

    def percentile(self, q: float) -> float | None:
        """Milliseconds, within ERROR of the one of rank ceil(q * count) in the sorted values; None without values."""
        return self.percentiles(q)[0]

    def percentiles(self, *qs: float) -> list[float | None]:
        """The percentile of each q, for the price of one."""
        buckets = sorted(self.counts)
        upto = list(accumulate(map(self.counts.__getitem__, buckets), initial=self.zeros))
        return [_value(buckets, upto, q) for q in qs]

    def stored(self) -> dict[str, int]:
        """As JSON keeps it: {bucket: count}."""
        return ({ZERO: self.zeros} if self.zeros else {}) | {str(bucket): n for bucket, n in self.counts.items()}

    def merge_stored(self, stored: Mapping[str, int]) -> None:
        """Count everything that a stored histogram counts."""
        self._known = None
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

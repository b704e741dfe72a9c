"""Counts for monitoring, in rows that all processes add to: they survive a restart, and are the same on every machine.

One statement adds to any number of them, in an order of their own, so that two processes never wait for each other in
a circle.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from django.db import connection

from campaigns.models import MetricCount


class Series(NamedTuple):
    """What is counted: of one metric, with these values of its labels."""

    metric: str
    labels: tuple[str, ...]


class Increment(NamedTuple):
    number: int
    total: float = 0.0


@dataclass(frozen=True)
class TimeHistogram:
    """`bounds`: the upper bounds of its buckets, in seconds; one without a bound follows them."""

    metric: str
    bounds: Sequence[float]

    def bucket_of(self, seconds: float) -> Series:
        place = bisect_left(self.bounds, seconds)
        return Series(self.metric, (_written(self.bounds[place]) if place < len(self.bounds) else "+Inf",))


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a histogram has counted: `buckets`, by upper bound, each with all below it; and the `total` of all."""

    buckets: list[tuple[str, int]]
    total: float


@dataclass
class Increments:
    """What is to be added, gathered first."""

    _of: dict[Series, Increment] = field(default_factory=lambda: defaultdict(lambda: Increment(0)))

    def count(self, metric: str, *labels: str, by: int = 1) -> None:
        self._add(Series(metric, labels), Increment(by))

    def observe(self, histogram: TimeHistogram, seconds: float) -> None:
        self._add(histogram.bucket_of(seconds), Increment(1, seconds))

    def _add(self, series: Series, more: Increment) -> None:
        before = self._of[series]
        self._of[series] = Increment(before.number + more.number, before.total + more.total)

    def save(self) -> None:
        if not self._of:
            return
        rows = sorted((metric, json.dumps(labels), *more) for (metric, labels), more in self._of.items())
        places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        sql = f"""
            INSERT INTO campaigns_metriccount (metric, labels, count, total) VALUES {places}
            ON CONFLICT (metric, labels) DO UPDATE SET
            count = campaigns_metriccount.count + excluded.count,
            total = campaigns_metriccount.total + excluded.total
            """  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, list(chain.from_iterable(rows)))


class SavedCounts:
    """All of them, as they were when this was made, by one statement."""

    def __init__(self) -> None:
        rows = MetricCount.objects.values_list("metric", "labels", "count", "total")
        self._of = {
            Series(metric, tuple(json.loads(labels))): Increment(count, total) for metric, labels, count, total in rows
        }

    def of(self, metric: str, known: Iterable[tuple[str, ...]] = ()) -> Mapping[tuple[str, ...], int]:
        """By the values of the labels. The `known` ones are there from the beginning, with nothing counted."""
        found = {series.labels: each.number for series, each in self._of.items() if series.metric == metric}
        return dict.fromkeys(known, 0) | found

    def distribution(self, histogram: TimeHistogram) -> Distribution:
        """Bounds of an earlier version count in the next one of this."""
        found = [(series.labels[0], each) for series, each in self._of.items() if series.metric == histogram.metric]
        bounds = [*map(_written, histogram.bounds), "+Inf"]
        buckets = [(end, sum(each.number for bound, each in found if float(bound) <= float(end))) for end in bounds]
        return Distribution(buckets, sum(each.total for _, each in found))


def _written(bound: float) -> str:
    return str(float(bound))

"""What a page of charts reads: figures by hour, day or week in the reader's zone, of any range.

Rollups are hours of UTC. An hour is counted where it begins: in zones that are half an hour off, a day or week takes
the hours that begin in it. The range is widened to whole hours; periods that it cuts or that go on are partial.
"""

from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from itertools import count, groupby, pairwise
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Q, Subquery
from django.utils import timezone

from audit.hours import HOUR, hour_of, next_hour
from audit.models import Head, Progress, Record, Rollup
from audit.statistics import day_cache
from audit.statistics.figures import KINDS, Figures, combine
from audit.statistics.rollups import ALL

UNFOLDED = 2000  # records not folded yet that a page counts itself
TRIALS = 3


class Grain(StrEnum):
    """How long a period is. Days and weeks are the zone's; weeks begin on Monday; hours are those of UTC."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


LONGEST = {Grain.HOUR: timedelta(days=14), Grain.DAY: timedelta(days=732), Grain.WEEK: timedelta(days=3660)}


@dataclass(frozen=True)
class Period:
    """One hour, day or week, with what became of its operations; times in the reader's zone.

    `end` is the next one's start. `partial`: the range cuts it, or it still goes on.
    """

    start: datetime
    end: datetime
    partial: bool
    figures: Figures = field(default_factory=Figures)


@dataclass(frozen=True)
class Trend:
    """Every period of a range, empty ones too, and all of them as one, with percentiles of its own.

    The figures tell of every record up to number `upto`; `behind` later ones aren't in yet.
    """

    periods: tuple[Period, ...]
    total: Figures
    upto: int
    behind: int


@dataclass(frozen=True)
class _Sought:
    """What is asked for: hours from `since` to before `until`, whole ones."""

    since: datetime
    until: datetime
    grain: Grain
    zone: ZoneInfo
    campaign: str
    action: str


@dataclass
class _Sums:
    """Figures of periods (`edges`: where they begin, and the last one's end), as of one moment."""

    edges: list[datetime]
    figures: list[Figures]
    upto: int
    generation: int
    total: Figures = field(default_factory=Figures)

    def at(self, hour: datetime) -> Figures:
        return self.figures[bisect_right(self.edges, hour) - 1]


def read_trend(
    *, since: datetime, until: datetime, grain: Grain, zone: ZoneInfo, campaign: str = "", action: str = ""
) -> Trend:
    """The figures of since <= time < until, of one campaign and action or (without) of all.

    ValueError for naive times, or a range that is empty or longer than `LONGEST` allows.
    """
    sought = _Sought(*_whole_hours(since, until, grain, zone), grain, zone, campaign, action)
    edges = list(_edges(sought))
    is_long = grain != Grain.HOUR and not campaign
    sums = (_read_kept(sought, edges) if is_long else None) or _read_by_hours(sought, edges)
    upto, behind = _add_unfolded(sought, sums)
    return Trend(tuple(_periods(sought, sums)), sums.total, upto, behind)


def _read_by_hours(sought: _Sought, edges: list[datetime]) -> _Sums:
    """What is folded, from the database alone; anew where everything is just being made anew."""
    for _ in range(TRIALS):
        progress = Progress.objects.get()
        sums = _sum(sought, edges, {}, progress)
        if sums.generation == progress.generation:
            break
    sums.total = combine(sums.figures)
    return sums


def _read_kept(sought: _Sought, edges: list[datetime]) -> _Sums | None:
    """What is folded, days or weeks gone by from the cache. None where those and the rest are of two generations."""
    progress, closed = Progress.objects.get(), _closed(sought, edges)
    shelf = day_cache.Shelf(progress.generation, sought.grain, sought.zone, sought.action)
    months = shelf.read(closed)
    known = {day: figures for month in months for day, figures in month.days.items()}
    sums = _sum(sought, edges, {closed[day]: figures for day, figures in known.items() if day in closed}, progress)
    if sums.generation != progress.generation:
        return None
    missing = closed.keys() - known.keys()
    if missing:
        shelf.keep(known | {day: sums.figures[closed[day]] for day in missing}, missing)
    whole = [month for month in months if month.days.keys() <= closed.keys()]
    summed = {closed[day] for month in whole for day in month.days}
    rest = [figures for place, figures in enumerate(sums.figures) if place not in summed]
    sums.total = combine([month.total for month in whole] + rest)
    return sums


def _closed(sought: _Sought, edges: list[datetime]) -> dict[date, int]:
    """The places of the periods that can be kept, by the day on which they begin: they lie wholly in the range, and
    nothing more is to come."""
    before = day_cache.closed_before()
    return {
        start.astimezone(sought.zone).date(): place
        for place, (start, end) in enumerate(pairwise(edges))
        if before and sought.since <= next_hour(start) and end <= min(sought.until, before)
    }


def _sum(sought: _Sought, edges: list[datetime], kept: Mapping[int, Figures], progress: Progress) -> _Sums:
    """Add up the hours of what isn't kept. One statement tells them, and how far they tell, as of one moment."""
    figures = [kept.get(place) or Figures() for place in range(len(edges) - 1)]
    sums = _Sums(edges, figures, progress.number, progress.generation)
    gaps = [
        Q(hour__gte=max(start, sought.since), hour__lt=min(end, sought.until)) for start, end in _gaps(edges, kept)
    ]
    if not gaps:
        return sums
    rows = Rollup.objects.filter(reduce(or_, gaps), campaign_id=sought.campaign or ALL)
    rows = rows.filter(action=sought.action) if sought.action else rows
    now = [Subquery(Progress.objects.values(name)) for name in ("number", "generation")]
    told = rows.values_list("hour", "figures", *now)
    for hour, stored, sums.upto, sums.generation in told:
        sums.at(hour).merge_stored(stored)
    if not told:
        sums.generation = Progress.objects.get().generation
    return sums


def _gaps(edges: list[datetime], kept: Container[int]) -> Iterator[tuple[datetime, datetime]]:
    """From where to where nothing is kept."""
    places = range(len(edges) - 1)
    for is_kept, run in groupby(places, key=lambda place: place in kept):
        if not is_kept:
            first, *_, last = [*run] * 2
            yield edges[first], edges[last + 1]


def _add_unfolded(sought: _Sought, sums: _Sums) -> tuple[int, int]:
    """Count the records after what is folded; up to which number the sums tell now, and how many records they lack."""
    head = Head.objects.values_list("number", flat=True).first() or 0
    upto = min(max(head, sums.upto), sums.upto + UNFOLDED)
    rows = Record.objects.filter(number__gt=sums.upto, number__lte=upto, kind__in=KINDS)
    rows = rows.filter(timestamp__gte=sought.since, timestamp__lt=sought.until)
    rows = rows.filter(campaign_id=sought.campaign) if sought.campaign else rows
    rows = rows.filter(action=sought.action) if sought.action else rows
    for record in rows.only("kind", "timestamp", "latency_ms", "details"):
        sums.at(hour_of(record.timestamp)).add(record)
        sums.total.add(record)
    return upto, max(head - upto, 0)


def _whole_hours(since: datetime, until: datetime, grain: Grain, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("a range needs times with a zone")
    start, end = hour_of(since), next_hour(until)
    if since.astimezone(zone).minute == 0:  # a zone half an hour off: its hours take those that begin in them
        start = next_hour(since)
    if not timedelta(0) < end - start <= LONGEST[grain] + HOUR:
        raise ValueError(f"{since} to {until} is no range to show by {grain}")
    return start, end


def _periods(sought: _Sought, sums: _Sums) -> Iterator[Period]:
    now = min(sought.until, timezone.now())
    for (start, end), figures in zip(pairwise(sums.edges), sums.figures, strict=True):
        is_partial = next_hour(start) < sought.since or end > now
        yield Period(start.astimezone(sought.zone), end.astimezone(sought.zone), is_partial, figures)


def _edges(sought: _Sought) -> Iterator[datetime]:
    """Where periods begin, in UTC: from the one that `since` lies in to the end of the last one before `until`."""
    last = None
    for start in _starts(sought):
        if start != last:  # a zone that skipped a whole day begins two at once
            yield start
        if next_hour(start) >= sought.until:
            return
        last = start


def _starts(sought: _Sought) -> Iterator[datetime]:
    if sought.grain == Grain.HOUR:
        yield from (sought.since + number * HOUR for number in count())
    first, step = sought.since.astimezone(sought.zone).date(), 1
    if sought.grain == Grain.WEEK:
        first, step = first - timedelta(days=first.weekday()), 7
    for number in count():
        day = first + timedelta(days=number * step)
        yield datetime.combine(day, time.min, sought.zone).astimezone(UTC)

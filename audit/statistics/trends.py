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
from audit.models import FoldingProgress, Head, Record, Rollup
from audit.statistics import day_cache
from audit.statistics.figures import KINDS, Figures, combine
from audit.statistics.rollups import ALL

# Records not folded yet that a page counts itself. However far folding is behind, it takes no longer.
UNFOLDED = 2000
TRIALS = 3


class Grain(StrEnum):
    """How long a period is. Days and weeks are the zone's; weeks begin on Monday; hours are those of UTC."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


LONGEST = {Grain.HOUR: timedelta(days=14), Grain.DAY: timedelta(days=732), Grain.WEEK: timedelta(days=3660)}


@dataclass(frozen=True)
class TrendPeriod:
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

    The figures count every record up to number `upto`; `behind` later ones aren't in yet.
    """

    periods: tuple[TrendPeriod, ...]
    total: Figures
    upto: int
    behind: int


@dataclass(frozen=True)
class _Query:
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
    query = _Query(*_whole_hours(since, until, grain, zone), grain, zone, campaign, action)
    edges = list(_edges(query))
    sums = None
    if grain != Grain.HOUR and not campaign:
        sums = _read_cached(query, edges)
    if sums is None:
        sums = _read_by_hours(query, edges)
    upto, behind = _add_unfolded(query, sums)
    return Trend(tuple(_periods(query, sums)), sums.total, upto, behind)


def _read_by_hours(query: _Query, edges: list[datetime]) -> _Sums:
    """What is folded, from the database alone."""
    # During a rebuild the generation changes between the two reads, and the sums mix figures of both.
    for _ in range(TRIALS):
        progress = FoldingProgress.objects.get()
        sums = _add_up_hours(query, edges, {}, progress)
        if sums.generation == progress.generation:
            break
    sums.total = combine(sums.figures)
    return sums


def _read_cached(query: _Query, edges: list[datetime]) -> _Sums | None:
    """What is folded, past days or weeks from the cache. None where cache and database are of two generations."""
    progress = FoldingProgress.objects.get()
    closed = _closed_periods(query, edges)
    cache = day_cache.DayCache(progress.generation, query.grain, query.zone, query.action)
    months = cache.read(closed)
    cached: dict[date, Figures] = {}
    for month in months:
        cached |= month.days
    known = {closed[day]: figures for day, figures in cached.items() if day in closed}
    sums = _add_up_hours(query, edges, known, progress)
    # A record came late, or a rebuild began, after the cache was read: its days may be wrong by now.
    if sums.generation != progress.generation:
        return None
    missing = closed.keys() - cached.keys()
    if missing:
        cache.store(cached | {day: sums.figures[closed[day]] for day in missing}, missing)
    sums.total = _add_up_months(sums, months, closed)
    return sums


def _closed_periods(query: _Query, edges: list[datetime]) -> dict[date, int]:
    """The periods that can be cached, their indexes by the day on which they begin.

    They lie wholly in the range, and no record of them is still to come.
    """
    before = day_cache.closed_before()
    if before is None:
        return {}
    closed = {}
    for index, (start, end) in enumerate(pairwise(edges)):
        if query.since <= next_hour(start) and end <= min(query.until, before):
            closed[start.astimezone(query.zone).date()] = index
    return closed


def _add_up_months(sums: _Sums, months: list[day_cache.Month], closed: Mapping[date, int]) -> Figures:
    """The whole range. Months that lie wholly in it are there as one: 12 figures to add for a year, not 365."""
    added = []
    in_months: set[int] = set()
    for month in months:
        if month.days.keys() <= closed.keys():
            added.append(month.total)
            in_months.update(closed[day] for day in month.days)
    others = [figures for index, figures in enumerate(sums.figures) if index not in in_months]
    return combine(added + others)


def _add_up_hours(
    query: _Query, edges: list[datetime], known: Mapping[int, Figures], progress: FoldingProgress
) -> _Sums:
    """Each period's figures: those that are known, by its index, and the others from their hours."""
    figures = [known.get(index) or Figures() for index in range(len(edges) - 1)]
    sums = _Sums(edges, figures, progress.number, progress.generation)
    gaps = [Q(hour__gte=max(start, query.since), hour__lt=min(end, query.until)) for start, end in _gaps(edges, known)]
    if not gaps:
        return sums
    hours = Rollup.objects.filter(reduce(or_, gaps), campaign_id=query.campaign or ALL)
    if query.action:
        hours = hours.filter(action=query.action)
    # In one statement with the hours, so that they and the watermark are as of one moment.
    now = [Subquery(FoldingProgress.objects.values(name)) for name in ("number", "generation")]
    rows = hours.values_list("hour", "figures", *now)
    for hour, stored, number, generation in rows:
        sums.at(hour).merge_stored(stored)
        sums.upto, sums.generation = number, generation
    if not rows:
        sums.generation = FoldingProgress.objects.get().generation
    return sums


def _gaps(edges: list[datetime], known: Container[int]) -> Iterator[tuple[datetime, datetime]]:
    """From where to where nothing is known."""
    for is_known, indexes in groupby(range(len(edges) - 1), key=lambda index: index in known):
        if not is_known:
            gap = list(indexes)
            yield edges[gap[0]], edges[gap[-1] + 1]


def _add_unfolded(query: _Query, sums: _Sums) -> tuple[int, int]:
    """Count the records after the watermark. Up to which number the sums go now, and how many records they lack."""
    head = Head.objects.values_list("number", flat=True).first() or 0
    upto = min(max(head, sums.upto), sums.upto + UNFOLDED)
    rows = Record.objects.filter(number__gt=sums.upto, number__lte=upto, kind__in=KINDS)
    rows = rows.filter(timestamp__gte=query.since, timestamp__lt=query.until)
    if query.campaign:
        rows = rows.filter(campaign_id=query.campaign)
    if query.action:
        rows = rows.filter(action=query.action)
    for record in rows.only("kind", "timestamp", "latency_ms", "details"):
        sums.at(hour_of(record.timestamp)).add(record)
        sums.total.add(record)
    return upto, max(head - upto, 0)


def _whole_hours(since: datetime, until: datetime, grain: Grain, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("a range needs times with a zone")
    start, end = hour_of(since), next_hour(until)
    # In a zone that is half an hour off, a period takes the hours that begin in it.
    if since.astimezone(zone).minute == 0:
        start = next_hour(since)
    if not timedelta(0) < end - start <= LONGEST[grain] + HOUR:
        raise ValueError(f"{since} to {until} is no range to show by {grain}")
    return start, end


def _periods(query: _Query, sums: _Sums) -> Iterator[TrendPeriod]:
    now = min(query.until, timezone.now())
    for (start, end), figures in zip(pairwise(sums.edges), sums.figures, strict=True):
        is_partial = next_hour(start) < query.since or end > now
        yield TrendPeriod(start.astimezone(query.zone), end.astimezone(query.zone), is_partial, figures)


def _edges(query: _Query) -> Iterator[datetime]:
    """Where periods begin, in UTC: from the one that `since` lies in to the end of the last one before `until`."""
    last = None
    for start in _starts(query):
        # Where a zone skipped a whole day (Samoa, 30 December 2011), two days begin at once.
        if start != last:
            yield start
        if next_hour(start) >= query.until:
            return
        last = start


def _starts(query: _Query) -> Iterator[datetime]:
    if query.grain == Grain.HOUR:
        yield from (query.since + number * HOUR for number in count())
    first, step = query.since.astimezone(query.zone).date(), 1
    if query.grain == Grain.WEEK:
        first, step = first - timedelta(days=first.weekday()), 7
    for number in count():
        day = first + timedelta(days=number * step)
        yield datetime.combine(day, time.min, query.zone).astimezone(UTC)

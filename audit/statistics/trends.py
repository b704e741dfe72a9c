"""The data of a charts page: figures of any range by hour, day or week in the reader's zone.

Rollups are UTC hours. An hour belongs to the period in which it begins: in zones with a half-hour offset, a day or
week consists of the hours that begin in it. The range is widened to whole hours; a period that the range cuts, or that
isn't over yet, is partial.
"""

from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from itertools import count, groupby, pairwise
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Q, Subquery

from audit import clock
from audit.hours import HOUR, hour_of, next_hour
from audit.models import FoldingProgress, Head, Record, Rollup
from audit.statistics import day_cache
from audit.statistics.figures import KINDS, Figures, combine
from audit.statistics.rollups import ALL

# The most unfolded records that a page counts itself, so that its time doesn't grow with the backlog. Beyond that it
# says up to which record its figures go.
UNFOLDED = 2000
COUNTED_FIELDS = (
    *("kind", "timestamp", "latency_ms", "details"),
    *("action", "by", "campaign_id", "reason", "compliance_check"),
)
# Attempts to read within one generation. After the last one the page shows what was read.
TRIALS = 3


class Grain(StrEnum):
    """The length of a period. Days and weeks are the zone's; weeks begin on Monday; hours are UTC hours."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


# The longest range for each grain: two weeks by hour (336 periods), two years by day, ten years by week.
LONGEST = {Grain.HOUR: timedelta(days=14), Grain.DAY: timedelta(days=732), Grain.WEEK: timedelta(days=3660)}


@dataclass(frozen=True)
class TrendPeriod:
    """One hour, day or week and its figures; times in the reader's zone.

    `end` is the start of the next period. `partial`: the range cuts it, or it isn't over yet.
    """

    start: datetime
    end: datetime
    partial: bool
    figures: Figures = field(default_factory=Figures)


@dataclass(frozen=True)
class Trend:
    """All periods of a range, including empty ones, and their sum, which has percentiles of its own.

    `since`, `until`: the whole hours that were counted, UTC. The figures include every record up to number `upto`;
    `behind` later ones are missing.
    """

    periods: tuple[TrendPeriod, ...]
    total: Figures
    upto: int
    behind: int
    since: datetime
    until: datetime


@dataclass(frozen=True)
class _Query:
    """What to read: whole hours, from `since` to before `until`. Empty `campaigns` or `action`: all of them."""

    since: datetime
    until: datetime
    grain: Grain
    zone: ZoneInfo
    campaigns: tuple[str, ...]
    action: str


@dataclass
class _Sums:
    """Figures of periods at one moment. `edges`: the start of each period, and the end of the last one; UTC."""

    edges: list[datetime]
    figures: list[Figures]
    upto: int
    generation: int
    total: Figures = field(default_factory=Figures)

    def at(self, hour: datetime) -> Figures:
        return self.figures[bisect_right(self.edges, hour) - 1]


def read_trend(
    *,
    since: datetime,
    until: datetime,
    grain: Grain,
    zone: ZoneInfo,
    campaigns: Sequence[str] = (),
    action: str = "",
) -> Trend:
    """The figures of since <= time < until, for these campaigns and one action, or all where they are empty.

    ValueError for naive times, and for a range that is empty or longer than `LONGEST` allows.
    """
    query = _Query(*_whole_hours(since, until, grain, zone), grain, zone, tuple(campaigns), action)
    edges = list(_edges(query))
    sums = None
    # The cache has only days and weeks of all campaigns.
    if grain != Grain.HOUR and not campaigns:
        sums = _read_cached(query, edges)
    if sums is None:
        sums = _read_by_hours(query, edges)
    upto, behind = _add_unfolded(query, sums)
    return Trend(tuple(_periods(query, sums)), sums.total, upto, behind, query.since, query.until)


def _read_by_hours(query: _Query, edges: list[datetime]) -> _Sums:
    """The folded figures, from the database alone."""
    # If a rebuild begins between the two reads, the generation changes, and the sums would mix both generations.
    for _ in range(TRIALS):
        progress = FoldingProgress.objects.get()
        sums = _add_up_hours(query, edges, {}, progress)
        if sums.generation == progress.generation:
            break
    sums.total = combine(sums.figures)
    return sums


def _read_cached(query: _Query, edges: list[datetime]) -> _Sums | None:
    """The folded figures, with past days or weeks from the cache. None if the generation changed meanwhile."""
    progress = FoldingProgress.objects.get()
    closed = _closed_periods(query, edges)
    cache = day_cache.DayCache(progress.generation, query.grain, query.zone, query.action)
    months = cache.read(closed)
    cached: dict[date, Figures] = {}
    for month in months:
        cached |= month.days
    known = {closed[day]: figures for day, figures in cached.items() if day in closed}
    sums = _add_up_hours(query, edges, known, progress)
    # A late record was folded, or a rebuild began, after the cache was read: the cached days may be wrong.
    if sums.generation != progress.generation:
        return None
    missing = closed.keys() - cached.keys()
    if missing:
        cache.store(cached | {day: sums.figures[closed[day]] for day in missing}, missing)
    sums.total = _add_up_months(sums, months, closed)
    return sums


def _closed_periods(query: _Query, edges: list[datetime]) -> dict[date, int]:
    """The periods that can be cached: their indexes, keyed by the day on which they begin.

    They lie wholly within the range, and no more records of them are expected.
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
    """The sum of the range. Months wholly within it are added as their cached totals: 12 for a year, not 365."""
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
    """The figures of each period: the `known` ones (by index), and the others added up from their hours."""
    figures = [known.get(index) or Figures() for index in range(len(edges) - 1)]
    sums = _Sums(edges, figures, progress.number, progress.generation)
    gaps = [Q(hour__gte=max(start, query.since), hour__lt=min(end, query.until)) for start, end in _gaps(edges, known)]
    if not gaps:
        return sums
    hours = Rollup.objects.filter(reduce(or_, gaps), campaign_id__in=query.campaigns or (ALL,))
    if query.action:
        hours = hours.filter(action=query.action)
    # In the same statement as the hours: with READ COMMITTED, PostgreSQL's default, a second statement could see a
    # later watermark than the rows do.
    now = [Subquery(FoldingProgress.objects.values(name)) for name in ("number", "generation")]
    rows = hours.values_list("hour", "figures", *now)
    for hour, stored, number, generation in rows:
        sums.at(hour).merge_stored(stored)
        sums.upto, sums.generation = number, generation
    if not rows:
        sums.generation = FoldingProgress.objects.get().generation
    return sums


def _gaps(edges: list[datetime], known: Container[int]) -> Iterator[tuple[datetime, datetime]]:
    """Start and end of each run of periods whose figures aren't known."""
    for is_known, indexes in groupby(range(len(edges) - 1), key=lambda index: index in known):
        if not is_known:
            gap = list(indexes)
            yield edges[gap[0]], edges[gap[-1] + 1]


def _add_unfolded(query: _Query, sums: _Sums) -> tuple[int, int]:
    """Add the records after the watermark. Returns the number that the sums now go up to, and how many are missing."""
    head = Head.objects.values_list("number", flat=True).first() or 0
    upto = min(max(head, sums.upto), sums.upto + UNFOLDED)
    rows = Record.objects.filter(number__gt=sums.upto, number__lte=upto, kind__in=KINDS)
    rows = rows.filter(timestamp__gte=query.since, timestamp__lt=query.until)
    if query.campaigns:
        rows = rows.filter(campaign_id__in=query.campaigns)
    if query.action:
        rows = rows.filter(action=query.action)
    for record in rows.only(*COUNTED_FIELDS):
        sums.at(hour_of(record.timestamp)).add(record)
        sums.total.add(record)
    return upto, max(head - upto, 0)


def _whole_hours(since: datetime, until: datetime, grain: Grain, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("a range needs times with a zone")
    start, end = hour_of(since), next_hour(until)
    # In a zone with a half-hour offset, a period consists of the UTC hours that begin in it. Local midnight is the
    # middle of one, which belongs to the day before.
    if since.astimezone(zone).minute == 0:
        start = next_hour(since)
    if not timedelta(0) < end - start <= LONGEST[grain] + HOUR:
        raise ValueError(f"{since} to {until} is no range to show by {grain}")
    return start, end


def _periods(query: _Query, sums: _Sums) -> Iterator[TrendPeriod]:
    now = min(query.until, clock.now())
    for (start, end), figures in zip(pairwise(sums.edges), sums.figures, strict=True):
        is_partial = next_hour(start) < query.since or end > now
        yield TrendPeriod(start.astimezone(query.zone), end.astimezone(query.zone), is_partial, figures)


def _edges(query: _Query) -> Iterator[datetime]:
    """The bounds of the periods in UTC: the start of the one that contains `since` … the end of the last one."""
    last = None
    for start in _starts(query):
        # Where a zone skipped a whole day (Samoa, 30 December 2011), two days begin at the same instant.
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

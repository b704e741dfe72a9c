"""What a page of charts reads: figures by hour, day or week in the reader's zone, of any range.

Rollups are hours of UTC. An hour is counted where it begins: in zones that are half an hour off, a day or week takes
the hours that begin in it. The range is widened to whole hours; periods that it cuts or that go on are partial.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import count, pairwise
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from audit.figures import KINDS, Figures
from audit.models import Head, Progress, Record, Rollup
from audit.rollups import ALL, hour_of

HOUR = timedelta(hours=1)
UNFOLDED = 2000  # records not folded yet that a page counts itself


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


def read_trend(
    *, since: datetime, until: datetime, grain: Grain, zone: ZoneInfo, campaign: str = "", action: str = ""
) -> Trend:
    """The figures of since <= time < until, of one campaign and action or (without) of all.

    ValueError for naive times, or a range that is empty or longer than `LONGEST` allows.
    """
    since, until = _whole_hours(since, until, grain)
    periods = _periods(since, until, grain, zone)
    sought = _Sought(since, until, campaign, action)
    progress = Progress.objects.get()
    hours = _hours(sought)
    head = Head.objects.values_list("number", flat=True).first() or progress.number
    upto = min(max(head, progress.number), progress.number + UNFOLDED)
    for record in _unfolded(sought, progress.number, upto):
        hours.setdefault(hour_of(record.timestamp), Figures()).add(record)
    total = Figures()
    place = 0
    for hour in sorted(hours):
        while periods[place].end <= hour:
            place += 1
        periods[place].figures.merge(hours[hour])
        total.merge(hours[hour])
    return Trend(tuple(periods), total, upto, max(head - upto, 0))


@dataclass(frozen=True)
class _Sought:
    since: datetime
    until: datetime
    campaign: str
    action: str


def _hours(sought: _Sought) -> dict[datetime, Figures]:
    rows = Rollup.objects.filter(campaign_id=sought.campaign or ALL, hour__gte=sought.since, hour__lt=sought.until)
    if sought.action:
        rows = rows.filter(action=sought.action)
    hours: dict[datetime, Figures] = {}
    for hour, stored in rows.values_list("hour", "figures"):
        hours.setdefault(hour, Figures()).merge_stored(stored)
    return hours


def _unfolded(sought: _Sought, after: int, upto: int) -> QuerySet[Record]:
    rows = Record.objects.filter(number__gt=after, number__lte=upto, kind__in=KINDS)
    rows = rows.filter(timestamp__gte=sought.since, timestamp__lt=sought.until)
    rows = rows.filter(campaign_id=sought.campaign) if sought.campaign else rows
    rows = rows.filter(action=sought.action) if sought.action else rows
    return rows.only("kind", "timestamp", "latency_ms", "details")


def _whole_hours(since: datetime, until: datetime, grain: Grain) -> tuple[datetime, datetime]:
    if since.tzinfo is None or until.tzinfo is None:
        raise ValueError("a range needs times with a zone")
    start, end = hour_of(since.astimezone(UTC)), hour_of(until.astimezone(UTC))
    end += HOUR if end < until else timedelta(0)
    if not timedelta(0) < end - start <= LONGEST[grain] + HOUR:
        raise ValueError(f"{since} to {until} is no range to show by {grain}")
    return start, end


def _periods(since: datetime, until: datetime, grain: Grain, zone: ZoneInfo) -> list[Period]:
    now = timezone.now()
    return [
        Period(start.astimezone(zone), end.astimezone(zone), partial=start < since or end > min(until, now))
        for start, end in pairwise(_edges(since, until, grain, zone))
    ]


def _edges(since: datetime, until: datetime, grain: Grain, zone: ZoneInfo) -> Iterator[datetime]:
    """Where periods begin, in UTC: from the one that `since` lies in to the end of the last one before `until`."""
    last = None
    for start in _starts(since, grain, zone):
        if start != last:  # a zone that skipped a whole day begins two at once
            yield start
        if start >= until:
            return
        last = start


def _starts(since: datetime, grain: Grain, zone: ZoneInfo) -> Iterator[datetime]:
    if grain == Grain.HOUR:
        yield from (since + number * HOUR for number in count())
    first, days = since.astimezone(zone).date(), 1
    if grain == Grain.WEEK:
        first, days = first - timedelta(days=first.weekday()), 7
    for number in count():
        day = first + timedelta(days=number * days)
        yield datetime.combine(day, time.min, zone).astimezone(UTC)

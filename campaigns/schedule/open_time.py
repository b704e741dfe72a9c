"""Open time as spans between instants, and what is in one list of spans and not in another.

A span is a pair of instants in UTC, the second after the first. Lists of spans are sorted, and no two of a list touch.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.schedule.opening import end_of, runs, start_of, week
from campaigns.schedule.parsing import DAY_MINUTES, Segment, zone_of

Span = tuple[datetime, datetime]
ALL_DAY: Segment = (0, DAY_MINUTES)


def open_spans(schedule: object, first: date, days: int) -> list[Span]:
    """When the windows that can be read are open, on `days` dates from `first` on in the schedule's zone; [] without a
    known zone."""
    zone = zone_of(schedule)
    if zone is None or not isinstance(schedule, Mapping):
        return []
    return list(runs(week(schedule), zone, first, days))


def open_between(schedule: Mapping[str, Any], since: datetime, until: datetime) -> list[Span] | None:
    """When `schedule` is open between two moments. None: nobody can say, since its zone is unknown or some of its
    hours can't be read."""
    zone = zone_of(schedule)
    if zone is None or any(day.unread for day in week(schedule)):
        return None
    # A window that began the day before may last until then.
    first = since.astimezone(zone).date() - timedelta(days=1)
    days = (until.astimezone(zone).date() - first).days + 1
    return overlap(open_spans(schedule, first, days), [(since, until)])


def span_on(day: date, segment: Segment, zone: ZoneInfo) -> list[Span]:
    """The minutes of a day in `zone`: one span, or none if clocks skip all of them."""
    start, end = start_of(day, segment[0], zone), end_of(day, segment[1], zone)
    return [(start, end)] if start < end else []


def joined(spans: Iterable[Span]) -> list[Span]:
    """Any spans, in any order, as a list of spans."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def overlap(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What is in both."""
    found: list[Span] = []
    place = 0
    for start, end in some:
        while place < len(others) and others[place][1] <= start:
            place += 1
        at = place
        while at < len(others) and others[at][0] < end:
            found.append((max(start, others[at][0]), min(end, others[at][1])))
            at += 1
    return found


def without(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What is in `some` and not in `others`."""
    found: list[Span] = []
    place = 0
    for start, end in some:
        while place < len(others) and others[place][1] <= start:
            place += 1
        at, left = place, start
        while at < len(others) and others[at][0] < end:
            if left < others[at][0]:
                found.append((left, others[at][0]))
            left = max(left, others[at][1])
            at += 1
        if left < end:
            found.append((left, end))
    return found


def length(spans: Iterable[Span]) -> timedelta:
    """How long all of them are together. They must not overlap."""
    return sum((end - start for start, end in spans), timedelta())

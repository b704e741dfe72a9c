"""When a schedule is open, and when that changes next.

A window that can't be read is neither guessed nor treated as closed time: whatever depends on it is unknown. Windows
that touch or overlap count as one.

When clocks change, a window lasts from the first instant at which its start is reached or skipped until the end of the
last minute before its end: a start within a gap is the first instant after the gap, and an hour that occurs twice
belongs to the window both times.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.schedule.names import DAYS
from campaigns.schedule.parsing import Segment, is_unscheduled, readable_windows, unread_days, zone_of

# A week and a day: whatever the day and time now, each window begins at least once within it.
HORIZON_DAYS = 8

NO_WINDOWS = "no windows"
UNKNOWN_ZONE = "unknown time zone"
UNREADABLE = "hours can’t be read"
NO_SCHEDULE = "CXone gives no hours"

_MINUTE = timedelta(minutes=1)
Run = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a schedule is open.

    `changes_at`: when it closes or opens next, in the schedule's zone; None if not within the horizon. `problem`: why
    that is unknown. If `is_open` is true, it is open for certain; otherwise any problem except NO_WINDOWS means that
    nobody can say.
    """

    is_open: bool = False
    changes_at: datetime | None = None
    problem: str = ""

    @property
    def is_unknown(self) -> bool:
        """Whether it may be open or closed."""
        return not self.is_open and self.problem not in {"", NO_WINDOWS}

    @property
    def known_open(self) -> bool | None:
        """None: nobody can say."""
        return None if self.is_unknown else self.is_open


@dataclass(frozen=True, slots=True)
class Day:
    """`segments`: in minutes after midnight. `unread`: the day has, or may have, windows that can't be read."""

    name: str
    segments: tuple[Segment, ...]
    unread: bool = False


def opening(schedule: Mapping[str, Any], now: datetime) -> Opening:
    """Whether `schedule` is open at `now` (aware), and when that changes."""
    if is_unscheduled(schedule):
        return Opening(is_open=True)
    zone = zone_of(schedule)
    if zone is None:
        return Opening(problem=UNKNOWN_ZONE)
    days = week(schedule)
    unread = frozenset(day.name for day in days if day.unread)
    if not any(day.segments for day in days):
        return Opening(problem=UNREADABLE if unread else NO_WINDOWS)
    today = now.astimezone(zone).date()
    found = _find(days, zone, today, now)
    if _depends_on(unread, today, found):
        return Opening(found.is_open, problem=UNREADABLE)
    return found


def next_start(schedule: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the next window begins after `now` (aware), in the schedule's zone. None: within the horizon none does, or
    nobody can say."""
    found = opening(schedule, now)
    if found.is_open and found.changes_at is not None:
        found = opening(schedule, found.changes_at)
    return None if found.is_open else found.changes_at


def certain_until(schedule: Mapping[str, Any], now: datetime) -> datetime | None:
    """Until when `opening` stays as it is at `now` (aware), at the least. None: for as long as the schedule does."""
    found, zone = opening(schedule, now), zone_of(schedule)
    days = week(schedule)
    if found.problem != UNREADABLE or zone is None or not any(day.segments for day in days):
        return found.changes_at
    # Which day can't be read matters from midnight on.
    today = now.astimezone(zone).date()
    midnight = start_of(today + timedelta(days=1), 0, zone)
    readable = _find(days, zone, today, now).changes_at
    return midnight if readable is None else min(midnight, readable)


def closed_since(schedule: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the last dialing window before `now` (aware) closed. None: not within the horizon, or it can't be read."""
    zone = zone_of(schedule)
    if zone is None:
        return None
    first = now.astimezone(zone).date() - timedelta(days=HORIZON_DAYS)
    ends = [end for _, end in runs(week(schedule), zone, first, HORIZON_DAYS + 1) if end <= now]
    return max(ends, default=None)


def _depends_on(unread: frozenset[str], today: date, found: Opening) -> bool:
    """Whether a day that can't be read lies between today and the change that was found, both included."""
    if found.changes_at is None:
        days = HORIZON_DAYS
    else:
        days = (found.changes_at.date() - today).days
    return any(DAYS[(today + timedelta(days=offset)).weekday()] in unread for offset in range(days + 1))


def _find(days: tuple[Day, ...], zone: ZoneInfo, today: date, now: datetime) -> Opening:
    """The opening by the windows that can be read."""
    horizon = datetime.combine(today + timedelta(days=HORIZON_DAYS), time(), tzinfo=zone)
    for start, end in runs(days, zone, today - timedelta(days=1), HORIZON_DAYS + 2):
        if end <= now:
            continue
        if start > now:
            return Opening(False, start.astimezone(zone))
        # A run that reaches the horizon may go on after it: a schedule that is always open never closes.
        return Opening(True, end.astimezone(zone) if end < horizon else None)
    return Opening()


def week(schedule: Mapping[str, Any]) -> tuple[Day, ...]:
    """Monday to Sunday, each with its windows sorted and merged, in minutes after midnight (0 to 1440)."""
    by_day: dict[str, list[Segment]] = {day: [] for day in DAYS}
    for day, segment in readable_windows(schedule):
        by_day[day].append(segment)
    unread = unread_days(schedule)
    return tuple(Day(day, tuple(_merge(sorted(segments))), day in unread) for day, segments in by_day.items())


def why_unknown(schedule: Mapping[str, Any]) -> str:
    """Why an unread day of `schedule` is unknown."""
    # Without a schedule there are no hours to read, but whether the campaign dials is just as unknown.
    return UNREADABLE if schedule else NO_SCHEDULE


def _merge(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Sorted segments, with those that touch or overlap joined."""
    current: Segment | None = None
    for start, end in segments:
        if current is None or start > current[1]:
            if current:
                yield current
            current = (start, end)
        else:
            current = (current[0], max(current[1], end))
    if current:
        yield current


def runs(days: tuple[Day, ...], zone: ZoneInfo, first: date, count: int) -> Iterator[Run]:
    """Unbroken stretches of open time in UTC, in order, from the windows of `count` days from `first` on."""
    start: datetime | None = None
    end = datetime.min.replace(tzinfo=UTC)
    for offset in range(count):
        day = first + timedelta(days=offset)
        for segment in days[day.weekday()].segments:
            opens, closes = start_of(day, segment[0], zone), end_of(day, segment[1], zone)
            if start is None or opens > end:
                if start is not None and start < end:
                    yield start, end
                start, end = opens, closes
            end = max(end, closes)
    if start is not None and start < end:
        yield start, end


def start_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks show that time or have skipped it, in UTC."""
    wall = datetime.combine(day, time()) + minutes * _MINUTE
    while not _exists(wall, zone):
        wall += _MINUTE
    return wall.replace(tzinfo=zone).astimezone(UTC)


def end_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant at which the last minute before that time ends, in UTC."""
    last = datetime.combine(day, time()) + (minutes - 1) * _MINUTE
    if not _exists(last, zone):
        return start_of(day, minutes - 1, zone)
    # With fold=1 the second occurrence counts, if the minute occurs twice (PEP 495).
    return last.replace(tzinfo=zone, fold=1).astimezone(UTC) + _MINUTE


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks show that time at all, rather than skip it."""
    # zoneinfo gives an offset for a skipped time too, but the conversion to UTC and back yields another time.
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall

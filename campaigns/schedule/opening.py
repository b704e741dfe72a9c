"""When a schedule is open, and when that changes next.

A window that can't be read is never guessed, and never taken for closed time: what depends on it is unknown. Windows
that touch or overlap are one.

Where clocks change, a window runs from the first time its start is reached (or jumped over) to the end of the last
minute before its end: a start inside a gap is the first instant after it, and an hour that comes twice belongs to the
window both times.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.schedule.names import DAYS
from campaigns.schedule.parsing import Segment, readable_windows, unread_days, zone_of

HORIZON_DAYS = 8  # a week and a day: every window comes by once, wherever in the week one starts

NO_WINDOWS = "no windows"
UNKNOWN_ZONE = "unknown time zone"
UNREADABLE = "hours can't be read"
NO_SCHEDULE = "CXone gives no hours"

_MINUTE = timedelta(minutes=1)
Run = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a schedule is open. `changes_at`, in the schedule's zone: until when, or when next; None: not within the
    horizon. `problem`: why that can't be said. It is open for certain where `is_open` is true, and otherwise unknown
    where there is a problem, but for NO_WINDOWS."""

    is_open: bool = False
    changes_at: datetime | None = None
    problem: str = ""

    @property
    def is_unknown(self) -> bool:
        """Nobody can say here whether it is open."""
        return not self.is_open and self.problem not in {"", NO_WINDOWS}


@dataclass(frozen=True, slots=True)
class Day:
    """`unread`: it has, or may have, windows that can't be read."""

    name: str
    segments: tuple[Segment, ...]
    unread: bool = False


def opening(schedule: Mapping[str, Any], now: datetime) -> Opening:
    """Whether dialing is open at `now` (aware), and until when; or when it opens next."""
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


def _depends_on(unread: frozenset[str], today: date, found: Opening) -> bool:
    """A day that can't be read lies between today and the change that was found, those included."""
    if found.changes_at is None:
        days = HORIZON_DAYS
    else:
        days = (found.changes_at.date() - today).days
    return any(DAYS[(today + timedelta(days=offset)).weekday()] in unread for offset in range(days + 1))


def _find(days: tuple[Day, ...], zone: ZoneInfo, today: date, now: datetime) -> Opening:
    """By the windows that can be read."""
    horizon = datetime.combine(today + timedelta(days=HORIZON_DAYS), time(), tzinfo=zone)
    for start, end in _runs(days, zone, today - timedelta(days=1), HORIZON_DAYS + 2):
        if end <= now:
            continue
        if start > now:
            return Opening(False, start.astimezone(zone))
        return Opening(True, end.astimezone(zone) if end < horizon else None)
    return Opening()


def week(schedule: Mapping[str, Any]) -> tuple[Day, ...]:
    """Monday to Sunday, each with its windows in order, merged, in minutes after midnight (0 to 1440)."""
    by_day: dict[str, list[Segment]] = {day: [] for day in DAYS}
    for day, segment in readable_windows(schedule):
        by_day[day].append(segment)
    unread = unread_days(schedule)
    return tuple(Day(day, tuple(_merge(sorted(segments))), day in unread) for day, segments in by_day.items())


def why_unknown(schedule: Mapping[str, Any]) -> str:
    """Why a day of it that is unread is unknown. A campaign that came without a schedule has no hours to show; whether
    it dials is as unknown as where they can't be read."""
    return UNREADABLE if schedule else NO_SCHEDULE


def _merge(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Sorted segments, those that touch or overlap made one."""
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


def _runs(days: tuple[Day, ...], zone: ZoneInfo, first: date, count: int) -> Iterator[Run]:
    """Unbroken stretches of open time in UTC, from the windows of `count` days on, in order."""
    start: datetime | None = None
    end = datetime.min.replace(tzinfo=UTC)
    for offset in range(count):
        day = first + timedelta(days=offset)
        for segment in days[day.weekday()].segments:
            opens, closes = _start(day, segment[0], zone), _end(day, segment[1], zone)
            if start is None or opens > end:
                if start is not None and start < end:
                    yield start, end
                start, end = opens, closes
            end = max(end, closes)
    if start is not None and start < end:
        yield start, end


def _start(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock shows that time or has jumped over it."""
    wall = datetime.combine(day, time()) + minutes * _MINUTE
    while not _exists(wall, zone):
        wall += _MINUTE
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _end(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant at which the last minute before that time is over; both times, where it comes twice."""
    last = datetime.combine(day, time()) + (minutes - 1) * _MINUTE
    if not _exists(last, zone):
        return _start(day, minutes - 1, zone)
    return last.replace(tzinfo=zone, fold=1).astimezone(UTC) + _MINUTE


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Clocks show it at some time, rather than jump over it."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall

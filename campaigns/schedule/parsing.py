"""Parsing of schedules in CXone's format: zones, days, times, and the windows that can be read.

CXone's contract writes days as MON and times as HH:MM. Other servers and files spell them differently: a spelling is
accepted if it can only mean one thing. What can't be read is never silently dropped.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.schedule.findings import value_text
from campaigns.schedule.names import DAY_NAMES, DAYS

DAY_MINUTES = 24 * 60
# False without windows: there is no schedule. CXone may have the key, or not know it.
IS_SCHEDULED = "isScheduled"
# Minutes after midnight: the start, and the first minute after the end.
Segment = tuple[int, int]

_SHORT = {"tues": "TUE", "weds": "WED", "thur": "THU", "thurs": "THU"}
# In characters. No zone's name, and no spelling of a day or a time, is longer; longer text can't be read, and isn't
# matched at all.
_LONGEST = 40
_ZERO_SECONDS = r"(?::00(?:[.,]0+)?)?"
_CLOCK = re.compile(rf"t?([0-9]{{1,2}}):([0-5][0-9]){_ZERO_SECONDS}(?:\s*([ap])\.?m\.?)?")
_WITH_SECONDS = re.compile(r"t?([0-9]{1,2}):([0-5][0-9]):[0-5][0-9](?:[.,][0-9]+)?")
_DAY_END = re.compile(rf"t?24:00{_ZERO_SECONDS}")


def zone_of(schedule: object) -> ZoneInfo | None:
    """The schedule's time zone; None if it is missing or unknown."""
    name = schedule.get("timezone") if isinstance(schedule, Mapping) else None
    if isinstance(name, str):
        return find_zone(name)
    return None


def find_zone(name: str) -> ZoneInfo | None:
    """The zone with that IANA name; None if there is none. Never raises."""
    return _find_zone(name) if len(name) <= _LONGEST else None


# ZoneInfo itself keeps eight, and reads the file of any other again. There are some 600, and typing errors.
@lru_cache(maxsize=1024)
def _find_zone(name: str) -> ZoneInfo | None:
    # Names come from outside, and ZoneInfo uses them as paths: it raises ValueError for a path that leaves the
    # database, and OSError for a directory within it.
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def day_of(text: object) -> str | None:
    """ "MON", "mon" or "Monday" → "MON"; None if it isn't a day of the week."""
    return _days().get(_plain(text))


def minutes_of(text: object) -> int | None:
    """Minutes after midnight: 570 for "09:30", "9:30", "09:30:00.000", "T09:30" and "9:30 AM", 1439 for "23:59".

    None if it isn't a time of day, or has seconds other than zero or a zone of its own.
    """
    if isinstance(text, str) and len(text) <= _LONGEST:
        return _minutes(text)
    return None


# Campaigns share the same few times. A day has 1,440, and servers use a few spellings: all of them fit.
@lru_cache(maxsize=4096)
def _minutes(text: str) -> int | None:
    found = _CLOCK.fullmatch(_plain(text))
    if not found:
        return None
    hours, minutes, half = int(found[1]), int(found[2]), found[3]
    if half and not 1 <= hours <= 12:
        return None
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    return hours * 60 + minutes if hours < 24 else None


def is_day_end(text: object) -> bool:
    """Whether it is 24:00, which ISO 8601 allows only as an end."""
    return _DAY_END.fullmatch(_plain(text)) is not None


def time_text(value: object) -> str | None:
    """A time, or 24:00, as HH:MM; None if it can't be read."""
    minutes = DAY_MINUTES if is_day_end(value) else minutes_of(value)
    return None if minutes is None else clock(minutes)


def clock(minutes: int) -> str:
    """570 → "09:30", 1440 → "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def windows_of(schedule: object) -> list[Any] | None:
    """The windows as received; None if `dialingHours` isn't a list."""
    hours = schedule.get("dialingHours") if isinstance(schedule, Mapping) else None
    return hours if isinstance(hours, list) else None


def read_window(window: object) -> tuple[str, Segment] | None:
    """A window's day and its minutes after midnight; None if it can't be read.

    As an end, 23:59 and 24:00 both mean the end of the day, and so does 00:00 unless the window starts then.
    """
    if not isinstance(window, Mapping):
        return None
    day, start, end = day_of(window.get("day")), minutes_of(window.get("startTime")), _end(window.get("endTime"))
    if day is None or start is None or end is None:
        return None
    if end == 0 and start:
        end = DAY_MINUTES
    return (day, (start, end)) if start < end else None


def is_unscheduled(schedule: object) -> bool:
    """Whether CXone keeps no hours for the campaign: it dials whenever it has been started."""
    return isinstance(schedule, Mapping) and schedule.get(IS_SCHEDULED) is False and not windows_of(schedule)


def readable_windows(schedule: object) -> Iterator[tuple[str, Segment]]:
    """The day and minutes of each window that can be read; without a schedule, all of each day."""
    if is_unscheduled(schedule):
        yield from ((day, (0, DAY_MINUTES)) for day in DAYS)
    for window in windows_of(schedule) or ():
        if (found := read_window(window)) is not None:
            yield found


def unread_days(schedule: object) -> frozenset[str]:
    """The days whose open hours are unknown, because of windows that can't be read.

    All days, if such a window has no day or `dialingHours` isn't a list.
    """
    if is_unscheduled(schedule):
        return frozenset()
    windows = windows_of(schedule)
    if windows is None:
        return frozenset(DAYS)
    return frozenset().union(*map(_days_touched, unread_windows(schedule)))


def unread_windows(schedule: object) -> list[Any]:
    """The windows that can't be read, as received."""
    return [window for window in windows_of(schedule) or () if read_window(window) is None]


def window_text(window: object) -> str:
    """A window in words: "MON 09:00 to 17:00"; if it can't be read, as received: "Monday 09:00:30 to 17:00"."""
    if (found := read_window(window)) is not None:
        return f"{found[0]} {clock(found[1][0])} to {clock(found[1][1])}"
    if not isinstance(window, Mapping):
        return value_text(window)
    day, start, end = (value_text(window.get(key)) for key in ("day", "startTime", "endTime"))
    return f"{day} {start} to {end}"


def _days_touched(window: object) -> frozenset[str]:
    """The days that an unreadable window may be open on; all days if it has none."""
    day = day_of(window.get("day")) if isinstance(window, Mapping) else None
    if day is None or not isinstance(window, Mapping):
        return frozenset(DAYS)
    start, end = (_roughly(window.get(key)) for key in ("startTime", "endTime"))
    if start is not None and end is not None and start < end:
        return frozenset({day})
    # Its end may be meant for the next day: 22:00 to 02:00.
    return frozenset({day, DAYS[(DAYS.index(day) + 1) % 7]})


def _roughly(text: object) -> tuple[int, int] | None:
    """Hours and minutes of a time that may have seconds: enough to see that it is before another one."""
    found = _WITH_SECONDS.fullmatch(_plain(text))
    if found:
        return int(found[1]), int(found[2])
    minutes = minutes_of(text)
    return None if minutes is None else divmod(minutes, 60)


def _end(text: object) -> int | None:
    minutes = DAY_MINUTES if is_day_end(text) else minutes_of(text)
    # CXone's format has no 24:00, so 23:59 is written for it.
    if minutes == DAY_MINUTES - 1:
        return DAY_MINUTES
    return minutes


def _plain(text: object) -> str:
    if isinstance(text, str) and len(text) <= _LONGEST:
        return text.strip().lower()
    return ""


@cache
def _days() -> dict[str, str]:
    by_name = {name.lower(): day for day, name in DAY_NAMES.items()}
    return by_name | {day.lower(): day for day in DAYS} | _SHORT

"""From the wire to values: zones, days, times, and the windows that can be read."""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
PAUSE_CONDITIONS = ("NO_ANSWER", "BUSY", "DISCONNECTED", "ANSWERING_MACHINE")
DAY_MINUTES = 24 * 60
Segment = tuple[int, int]  # minutes after midnight: start, and the first minute that is out of it

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def zone_of(schedule: object) -> ZoneInfo | None:
    """The schedule's time zone; None where it names none that is known."""
    name = schedule.get("timezone") if isinstance(schedule, Mapping) else None
    return find_zone(name) if isinstance(name, str) else None


def find_zone(name: str) -> ZoneInfo | None:
    """The zone of that IANA name. No path into the file system, and no directory, is one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def minutes_of(text: object) -> int | None:
    """ "09:30" → 570, "23:59" → 1439; None for what is not a time of day as the wire writes it."""
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None


def clock(minutes: int) -> str:
    """570 → "09:30", 1440 → "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def readable_windows(schedule: object) -> Iterator[tuple[str, Segment]]:
    """Each window that can be read, with its day. 23:59 and 24:00 as an end both mean the day's end, since people
    write the one where the other isn't offered."""
    hours = schedule.get("dialingHours") if isinstance(schedule, Mapping) else None
    for window in hours if isinstance(hours, list) else []:
        if not isinstance(window, Mapping) or window.get("day") not in DAYS:
            continue
        start, end = minutes_of(window.get("startTime")), _end(window.get("endTime"))
        if start is not None and end is not None and start < end:
            yield window["day"], (start, end)


def _end(text: object) -> int | None:
    return DAY_MINUTES if text in ("23:59", "24:00") else minutes_of(text)

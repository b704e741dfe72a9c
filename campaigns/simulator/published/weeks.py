"""A skill's schedule: one window a day, in the two shapes and the many spellings that the API has for it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.simulator.exchange import RefusalError
from campaigns.simulator.population import DAYS
from campaigns.simulator.published.switches import Times

NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class DialingDay:
    """Times are "HH:MM"; a day off may have some all the same."""

    active: bool = False
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class WindowEdge:
    """A moment at which a window opens or closes."""

    at: float
    opens: bool


@dataclass(frozen=True, slots=True)
class DialingWeek:
    scheduled: bool = False
    days: tuple[DialingDay, ...] = (DialingDay(),) * 7

    def open_at(self, moment: float, zone: ZoneInfo) -> bool:
        local = datetime.fromtimestamp(moment, zone)
        day = self.days[local.weekday()]
        if not self.scheduled or not day.active or day.start is None or day.end is None:
            return False
        return day.start <= f"{local.hour:02}:{local.minute:02}" < day.end

    def next_edge(self, after: float, zone: ZoneInfo) -> WindowEdge | None:
        if not self.scheduled:
            return None
        today = datetime.fromtimestamp(after, zone).date()
        # A window of today may be over, so the same weekday counts a second time.
        for days in range(8):
            coming = [edge for edge in self._edges(today + timedelta(days=days), zone) if edge.at > after]
            if coming:
                return min(coming, key=lambda edge: edge.at)
        return None

    def _edges(self, on: date, zone: ZoneInfo) -> list[WindowEdge]:
        day = self.days[on.weekday()]
        if not day.active or day.start is None or day.end is None:
            return []
        return [
            WindowEdge(_moment(on, day.start, zone), opens=True),
            WindowEdge(_moment(on, day.end, zone), opens=False),
        ]

    def content(self) -> dict[str, list[str]]:
        """The active days' windows, for whoever asks the simulator itself."""
        return {
            name: [day.start or "", day.end or ""]
            for name, day in zip(DAYS, self.days, strict=True)
            if self.scheduled and day.active
        }


def read_windows(windows: Mapping[str, Sequence[str]] | None) -> DialingWeek:
    """`{"MON": ("09:00", "17:00")}`; None or {}: no schedule."""
    for name, window in (windows or {}).items():
        is_window = isinstance(window, list | tuple) and len(window) == 2 and all(map(_is_time, window))
        if name not in DAYS or not is_window or window[0] >= window[1]:
            raise RefusalError(400, f"{name!r}: {window!r} is no window such as 'MON': ['09:00', '17:00'].")
    days = [DialingDay(True, *windows[name]) if windows and name in windows else DialingDay() for name in DAYS]
    return DialingWeek(scheduled=bool(windows), days=tuple(days))


def as_fields(week: DialingWeek, times: Times) -> dict[str, Any]:
    """The 22 fields of one skill's schedule."""
    content: dict[str, Any] = {"isScheduled": week.scheduled}
    for name, day in zip(NAMES, week.days, strict=True):
        content[f"{name}StartTime"] = _written(day.start, times)
        content[f"{name}EndTime"] = _written(day.end, times)
        content[f"{name}IsActive"] = day.active
    return content


def as_days(week: DialingWeek, times: Times) -> dict[str, Any]:
    """The same, as where the schedules of all skills are read."""
    schedules = [
        {
            "day": name.capitalize(),
            "active": day.active,
            "startTime": _written(day.start, times),
            "endTime": _written(day.end, times),
        }
        for name, day in zip(NAMES, week.days, strict=True)
    ]
    return {"isScheduled": week.scheduled, "schedules": schedules}


def read_fields(content: object, current: DialingWeek, shown: Mapping[str, Any]) -> DialingWeek:
    """What a PUT asks for. All 22 fields must be there, booleans as such and times as HH:MM.

    shown: how the current schedule is read. What doesn't change may be sent back like that, and so may a day off.
    """
    fields = content.get("scheduleSettings") if isinstance(content, dict) else None
    if not isinstance(fields, dict):
        raise RefusalError(400, "scheduleSettings must be an object.")
    wrong = sorted(fields.keys() ^ shown.keys())
    if wrong:
        raise RefusalError(400, f"Missing or unknown fields: {', '.join(wrong)}.")
    scheduled = current.scheduled
    if fields["isScheduled"] != shown["isScheduled"]:
        scheduled = _truth("isScheduled", fields)
    days = [_read_day(name, fields, shown, day) for name, day in zip(NAMES, current.days, strict=True)]
    return DialingWeek(scheduled, tuple(days))


def _read_day(name: str, fields: Mapping[str, Any], shown: Mapping[str, Any], current: DialingDay) -> DialingDay:
    active, start, end = f"{name}IsActive", f"{name}StartTime", f"{name}EndTime"
    has_same_times = all(fields[field] == shown[field] for field in (start, end))
    if has_same_times and fields[active] == shown[active]:
        return current
    is_active = _truth(active, fields)
    if has_same_times and not is_active:
        return replace(current, active=False)
    for field in (start, end):
        if not _is_time(fields[field]):
            raise RefusalError(400, f"{field} must be a time HH:MM.")
    if fields[start] >= fields[end]:
        raise RefusalError(400, f"{end} must be after {start}.")
    return DialingDay(is_active, fields[start], fields[end])


def _is_time(value: object) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _truth(field: str, fields: Mapping[str, Any]) -> bool:
    value = fields[field]
    if not isinstance(value, bool):
        raise RefusalError(400, f"{field} must be true or false.")
    return value


def _written(time: str | None, how: Times) -> str | None:
    if time is None or how == "HH:MM":
        return time
    hour, _, minute = time.partition(":")
    if how == "H:MM":
        return f"{int(hour)}:{minute}"
    if how == "HH:MM:SS":
        return f"{time}:00"
    if how == "H:MM AM":
        return f"{int(hour) % 12 or 12}:{minute} {'AM' if int(hour) < 12 else 'PM'}"
    return f"1900-01-01T{time}:00"


def _moment(on: date, time: str, zone: ZoneInfo) -> float:
    return datetime.combine(on, time_of_day.fromisoformat(time), zone).timestamp()

"""Checks of a schedule's structure: keys, types, names and times. Returns the windows that can be read.

What CXone already has may stay unchanged: an unreadable window on Friday must not stop a change of Monday.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from typing import Any, Self

from campaigns.schedule.canonical import SCHEDULE_KEYS, WINDOW_KEYS, canonical, fingerprint, further_of
from campaigns.schedule.findings import Code, ScheduleFinding, Severity, say
from campaigns.schedule.names import DAYS, PAUSE_CONDITIONS
from campaigns.schedule.parsing import (
    DAY_MINUTES,
    clock,
    day_of,
    is_day_end,
    is_unscheduled,
    minutes_of,
    read_window,
    window_text,
    windows_of,
)
from campaigns.schedule.typed_time import meanings
from campaigns.schedule.zone_findings import zone_findings

# Times as people write them, in digits of any script: 9:5, 9.05, 0905, 9 pm. Only used for suggestions, in a schedule
# that is rejected anyway. Forms use typed_time, which accepts fewer spellings and asks if there are two meanings.
_LOOSE = re.compile(r"\s*(\d{1,2})(?:\s*[:.h]?\s*(\d{1,2}))?\s*([ap])?\.?m?\.?\s*", re.IGNORECASE)
_EXAMPLE = {
    "schedule": 'Write {"timezone": "America/New_York", "dialingHours": […], "pauseConditions": […]}.',
    "window": 'Write {"day": "MON", "startTime": "09:00", "endTime": "17:00"}.',
}


@dataclass(frozen=True, slots=True)
class Window:
    """A window that can be read. `row`: its index in dialingHours. `start` < `end`, in minutes after midnight."""

    row: int
    day: str
    start: int
    end: int

    def __str__(self) -> str:
        return span_text(self.day, self.start, self.end)

    @property
    def closes(self) -> int:
        """The first minute after it."""
        # 23:59 as an end is the end of the day.
        if self.end >= DAY_MINUTES - 1:
            return DAY_MINUTES
        return self.end


def span_text(day: str, start: int, end: int) -> str:
    """ "Monday 09:00-17:00". `start`, `end`: minutes since the day began."""
    return f"{day} {clock(start)}-{clock(end)}"


@dataclass(frozen=True, slots=True)
class Had:
    """What CXone has now, or had when the change began: keys, and fingerprints of windows and conditions."""

    keys: frozenset[object]
    window_keys: frozenset[object]
    windows: frozenset[str]
    conditions: frozenset[str]

    @classmethod
    def of(cls, *schedules: object) -> Self:
        wholes = [whole for whole in schedules if isinstance(whole, Mapping)]
        windows = list(chain.from_iterable(windows_of(whole) or () for whole in wholes))
        conditions = chain.from_iterable(_list(whole.get("pauseConditions")) for whole in wholes)
        return cls(
            keys=frozenset().union(*wholes),
            window_keys=frozenset().union(*map(further_of, windows)),
            windows=frozenset(map(fingerprint, windows)),
            conditions=frozenset(map(fingerprint, conditions)),
        )


def read_structure(schedule: object, had: Had) -> tuple[list[ScheduleFinding], list[Window]]:
    """Findings about the structure of a schedule in CXone's format, and the windows that are valid. Never raises."""
    if not isinstance(schedule, dict):
        return [_not_an_object("schedule", schedule, Code.NOT_AN_OBJECT)], []
    findings = list(_key_findings("schedule", schedule, SCHEDULE_KEYS, had.keys))
    windows: list[Window] = []
    if "timezone" in schedule:
        findings += zone_findings(schedule["timezone"])
    if "dialingHours" in schedule and not is_unscheduled(schedule):
        findings += _hours_findings(schedule["dialingHours"], windows, had)
    if "pauseConditions" in schedule:
        findings += _condition_findings(schedule["pauseConditions"], had)
    return findings, windows


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _error(code: Code, message: str, suggestion: str, field: str = "", rows: tuple[int, ...] = ()) -> ScheduleFinding:
    return ScheduleFinding(code, Severity.ERROR, message, rows, field, suggestion=suggestion)


def _not_an_object(thing: str, value: object, code: Code, rows: tuple[int, ...] = ()) -> ScheduleFinding:
    return _error(code, f"The {thing} is {say(value)}, not an object.", _EXAMPLE[thing], rows=rows)


def _key_findings(
    thing: str, value: dict[Any, Any], keys: Sequence[str], had: Set[object], rows: tuple[int, ...] = ()
) -> Iterator[ScheduleFinding]:
    meant = {key: _meant(key, keys) for key in value if key not in keys and key not in had}
    for key, known in sorted(meant.items(), key=lambda item: fingerprint(item[0])):
        name = key[:40] if isinstance(key, str) and key[:40].isprintable() else say(key)
        if known:
            better = f"Write {known}, not {name}."
        else:
            better = f"Leave it out: a {thing} has only {', '.join(keys)}."
        yield _error(Code.UNKNOWN_KEY, f"{name} is no part of a {thing}.", better, name, rows)
    # A key that is only spelt differently isn't reported as missing too.
    for key in keys:
        if key not in value and key not in meant.values():
            yield _error(Code.MISSING_KEY, f"The {thing} has no {key}.", f"Add {key}. {_EXAMPLE[thing]}", key, rows)


def _meant(key: object, keys: Sequence[str]) -> str | None:
    """The known key that `key` is another spelling of: start_time, StartTime, start-time. None if there is none."""
    plain = re.sub(r"[\W_]", "", key[:40]).lower() if isinstance(key, str) else ""
    return next((known for known in keys if known.lower() == plain), None)


def _hours_findings(hours: object, windows: list[Window], had: Had) -> Iterator[ScheduleFinding]:
    field = "dialingHours"
    if not isinstance(hours, list):
        message = f"The dialing hours are {say(hours)}, not a list of windows."
        yield _error(Code.WRONG_TYPE, message, f"Write a list. {_EXAMPLE['window']}", field)
        return
    if not hours:
        suggestion = "Add one. To stop dialing altogether, pause the campaign."
        yield _error(Code.NO_WINDOW, "There is no window: it would never dial.", suggestion, field)
    for row, window in enumerate(hours):
        found = read_window(window)
        if had.windows and fingerprint(window) in had.windows:
            findings = [] if found else [_unreadable(window, (row,))]
        else:
            findings = list(_window_findings(window, had, (row,)))
        yield from findings
        if found and not findings:
            day, (start, _) = found
            # Not the end that was read, which is 24:00 for 23:59: messages show the end as it is written.
            end = minutes_of(window["endTime"]) or DAY_MINUTES
            windows.append(Window(row, day, start, end))


def _unreadable(window: object, rows: tuple[int, ...]) -> ScheduleFinding:
    message = (
        f"CXone has “{window_text(window)}”, which can’t be read here. It is sent back as it is; whether it keeps to "
        "the calling hours, or falls on a holiday, isn’t known."
    )
    suggestion = "Acknowledge it, or write its day and its times again."
    return ScheduleFinding(Code.UNREADABLE_WINDOW, Severity.WARNING, message, rows, "dialingHours", "", suggestion)


def _window_findings(window: object, had: Had, rows: tuple[int, ...]) -> Iterator[ScheduleFinding]:
    if not isinstance(window, dict):
        yield _not_an_object("window", window, Code.WRONG_TYPE, rows)
        return
    yield from _key_findings("window", window, WINDOW_KEYS, had.window_keys, rows)
    if "day" in window and day_of(window["day"]) is None:
        yield _day_finding(window["day"], rows)
    for key in ("startTime", "endTime"):
        if key in window and minutes_of(window[key]) is None:
            yield _time_finding(key, window[key], rows)
    yield from _order_findings(window, rows)


def _day_finding(day: object, rows: tuple[int, ...]) -> ScheduleFinding:
    if not isinstance(day, str):
        return _error(Code.WRONG_TYPE, f"The day is {say(day)}, not a text.", f"Write {_listed(DAYS)}.", "day", rows)
    start = day.strip()[:3].upper()
    suggestion = f"Write {start}." if start in DAYS else f"Write {_listed(DAYS)}."
    return _error(Code.UNKNOWN_DAY, f"There is no day {say(day)}.", suggestion, "day", rows)


def _time_finding(key: str, value: object, rows: tuple[int, ...]) -> ScheduleFinding:
    name = "start" if key == "startTime" else "end"
    suggestion = "Write hours and minutes as HH:MM, from 00:00 to 23:59."
    if not isinstance(value, str):
        message = f"The {name} is {say(value)}, not a time in quotes."
        return _error(Code.WRONG_TYPE, message, suggestion, key, rows)
    possible = meanings(value)
    if is_day_end(value):
        if name == "end":
            suggestion = "Write 23:59: as an end it is the end of the day."
        else:
            suggestion = "Write 00:00 of the next day."
    elif len(possible) > 1:
        message = f"The {name} {say(value)} can be {clock(possible[0])} or {clock(possible[1])}."
        return _error(Code.BAD_TIME, message, "Write the one that you mean.", key, rows)
    elif (found := _meant_time(value)) is not None:
        suggestion = f"Write {clock(found)}."
    return _error(Code.BAD_TIME, f"The {name} {say(value)} is not a time.", suggestion, key, rows)


def _meant_time(text: str) -> int | None:
    found = _LOOSE.fullmatch(text[:20]) if len(text) <= 20 else None
    if not found:
        return None
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hours <= 12:
        return None
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    if hours < 24 and minutes < 60:
        return hours * 60 + minutes
    return None


def _order_findings(window: dict[Any, Any], rows: tuple[int, ...]) -> Iterator[ScheduleFinding]:
    start, end = minutes_of(window.get("startTime")), minutes_of(window.get("endTime"))
    if start is None or end is None or start < end:
        return
    day = day_of(window.get("day"))
    if day is None:
        message = f"The window ends at {clock(end)}, which is not after its start at {clock(start)}."
        yield _error(Code.END_NOT_AFTER_START, message, "Write an end after the start.", "endTime", rows)
        return
    message = f"{span_text(day, start, end)} ends {'when it starts' if start == end else 'before it starts'}."
    yield _error(Code.END_NOT_AFTER_START, message, _in_order(day, start, end), "endTime", rows)


def _in_order(day: str, start: int, end: int) -> str:
    last = DAY_MINUTES - 1
    if start == end:
        return f"Write a later end, or remove it. The whole day is {span_text(day, 0, last)}."
    if start == last:
        return f"Write an earlier start. The whole day is {span_text(day, 0, last)}."
    evening = span_text(day, start, last)
    if end == 0:
        return f"If it lasts until midnight, write {evening}: as an end, 23:59 is the end of the day."
    tomorrow = DAYS[(DAYS.index(day) + 1) % 7]
    split = f"Split it in two: {evening} and {span_text(tomorrow, 0, end)}."
    return f"{split} If start and end were swapped: {span_text(day, end, start)}."


def _condition_findings(conditions: object, had: Had) -> Iterator[ScheduleFinding]:
    field = "pauseConditions"
    if not isinstance(conditions, list):
        message = f"The pause conditions are {say(conditions)}, not a list."
        yield _error(Code.WRONG_TYPE, message, "Write a list; an empty one is fine.", field)
        return
    seen: set[str] = set()
    for condition in _list(canonical({field: conditions})[field]):
        if condition in PAUSE_CONDITIONS and condition in seen:
            message = f"The pause condition {condition} is there twice."
            yield _error(Code.DUPLICATE_CONDITION, message, "Leave one out.", field)
        elif condition in PAUSE_CONDITIONS:
            seen.add(condition)
        elif fingerprint(condition) in had.conditions:
            continue
        elif not isinstance(condition, str):
            message = f"A pause condition is {say(condition)}, not a text."
            yield _error(Code.WRONG_TYPE, message, f"Write {_listed(PAUSE_CONDITIONS)}.", field)
        else:
            yield _unknown_condition(condition)


def _unknown_condition(condition: str) -> ScheduleFinding:
    plain = re.sub(r"[\s\-]+", "_", condition[:40].strip()).upper()
    close = get_close_matches(plain, PAUSE_CONDITIONS, n=1)
    if close:
        suggestion = f"Write {close[0]}."
    else:
        suggestion = f"Write {_listed(PAUSE_CONDITIONS)}."
    return _error(
        Code.UNKNOWN_CONDITION, f"There is no pause condition {say(condition)}.", suggestion, "pauseConditions"
    )


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"

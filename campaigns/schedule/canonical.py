"""One form for each schedule, whether two of them mean the same, and a text that is equal for equal values."""

from collections.abc import Mapping
from typing import Any

from campaigns.schedule.names import DAYS, PAUSE_CONDITIONS
from campaigns.schedule.parsing import clock, day_of, minutes_of, read_window
from campaigns.schedule.zones import zone_key

WINDOW_KEYS = ("day", "startTime", "endTime")
SCHEDULE_KEYS = ("timezone", "dialingHours", "pauseConditions")


def canonical(schedule: object) -> dict[str, Any]:
    """The form that is sent to CXone, and equal for schedules that differ in order and spelling only.

    Windows are sorted by day and start and written as the contract does, "MON" and "09:00"; conditions are sorted, and
    keys come in one order. Windows, conditions and keys that can't be read stay as they are. A value that is no object
    becomes {}. Never raises.
    """
    if not isinstance(schedule, Mapping):
        return {}
    form = _ordered(schedule, SCHEDULE_KEYS)
    if isinstance(form.get("dialingHours"), list):
        windows = [_window(window) for window in form["dialingHours"]]
        form["dialingHours"] = sorted(windows, key=_place)
    if isinstance(form.get("pauseConditions"), list):
        form["pauseConditions"] = sorted(map(_condition, form["pauseConditions"]), key=_by_text)
    return form


def same(a: object, b: object) -> bool:
    """The same schedule by its meaning: neither the order of windows, conditions and keys matters, nor the spelling of
    times and days, nor which of a zone's names is used. Keys that aren't known are compared as they are."""
    return fingerprint(_meaning(a)) == fingerprint(_meaning(b))


def core_of(window: object) -> str:
    """What makes a window the one that it is: equal for the same day and times, however they are spelled. One that
    can't be read is itself only, word for word."""
    found = read_window(window)
    if found is not None:
        return fingerprint(found)
    known = window
    if isinstance(window, Mapping):
        known = {key: window[key] for key in WINDOW_KEYS if key in window}
    return f"unread {fingerprint(known)}"


def further_of(window: object) -> dict[Any, Any]:
    """The keys of a window that we don't know, with their values."""
    if not isinstance(window, Mapping):
        return {}
    return {key: value for key, value in window.items() if key not in WINDOW_KEYS}


def zone_meaning(zone: object) -> object:
    return zone_key(zone) if isinstance(zone, str) else zone


def fingerprint(value: object) -> str:
    """A text that is equal for equal JSON values of the same type, NaN included, whatever the order of keys."""
    # Without recursion, since JSON from outside may nest deeper than Python's stack.
    words: list[str] = []
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, Mapping):
            words.append(f"{{{len(top)}")
            for key in sorted(top, key=_scalar, reverse=True):
                stack += (top[key], key)
        elif isinstance(top, list | tuple):
            words.append(f"[{len(top)}")
            stack += reversed(top)
        else:
            words.append(_scalar(top))
    return ",".join(words)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return f"s{len(value)}:{value}"
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to write integers of more than 4,300 decimal digits; hexadecimal has no limit.
        return f"{value:x}"
    if value is None or isinstance(value, bool | float | bytes):
        return repr(value)
    return f"{type(value).__name__} {id(value)}"


def _meaning(schedule: object) -> dict[str, Any]:
    """No conditions are none, whether the list is empty or left out."""
    form = canonical(schedule)
    if "timezone" in form:
        form["timezone"] = zone_meaning(form["timezone"])
    if isinstance(form.get("dialingHours"), list):
        windows = [(core_of(window), further_of(window)) for window in form["dialingHours"]]
        form["dialingHours"] = sorted(windows, key=fingerprint)
    if form.get("pauseConditions") is None:
        form["pauseConditions"] = []
    return form


def _ordered(value: Mapping[Any, Any], first: tuple[str, ...]) -> dict[Any, Any]:
    others = sorted((key for key in value if key not in first), key=_scalar)
    return {key: value[key] for key in (*first, *others) if key in value}


def _window(window: object) -> object:
    if not isinstance(window, Mapping):
        return window
    form = _ordered(window, WINDOW_KEYS)
    day, start, end = day_of(form.get("day")), minutes_of(form.get("startTime")), minutes_of(form.get("endTime"))
    if day is None or start is None or end is None or start >= end:
        # Midnight as an end has no spelling in the contract: such a window stays as CXone has it.
        return form
    return form | {"day": day, "startTime": clock(start), "endTime": clock(end)}


def _condition(condition: object) -> object:
    plain = condition.strip().upper() if isinstance(condition, str) else ""
    return plain if plain in PAUSE_CONDITIONS else condition


def _place(window: object) -> tuple[int, str, str, str]:
    if not isinstance(window, Mapping):
        return len(DAYS), "", "", fingerprint(window)
    day = day_of(window.get("day"))
    number = DAYS.index(day) if day else len(DAYS)
    start, end = (_text(window.get(key)) for key in ("startTime", "endTime"))
    return number, start, end, fingerprint(window)


def _by_text(value: object) -> tuple[str, str]:
    return _text(value), fingerprint(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

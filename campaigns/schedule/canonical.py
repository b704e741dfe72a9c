"""The canonical form of a schedule, comparison of schedules by meaning, and fingerprints of JSON values."""

from collections.abc import Mapping
from typing import Any

from campaigns.schedule.names import DAYS, PAUSE_CONDITIONS
from campaigns.schedule.parsing import IS_SCHEDULED, clock, day_of, minutes_of, read_window
from campaigns.schedule.zones import zone_key

WINDOW_KEYS = ("day", "startTime", "endTime")
SCHEDULE_KEYS = ("timezone", "dialingHours", "pauseConditions")


def canonical(schedule: object) -> dict[str, Any]:
    """The form that is sent to CXone: equal for schedules that differ only in order and spelling.

    Windows are sorted by day and start, and spelt as in CXone's contract ("MON", "09:00"); conditions are sorted, and
    keys have a fixed order. Windows, conditions and keys that can't be read are kept unchanged. Anything other than an
    object becomes {}. Never raises.
    """
    if not isinstance(schedule, Mapping):
        return {}
    form = _ordered(schedule, SCHEDULE_KEYS)
    if isinstance(form.get("dialingHours"), list):
        windows = [_window(window) for window in form["dialingHours"]]
        form["dialingHours"] = sorted(windows, key=_place)
        if windows and form.get(IS_SCHEDULED) is False:
            # Windows make a schedule.
            del form[IS_SCHEDULED]
    if isinstance(form.get("pauseConditions"), list):
        form["pauseConditions"] = sorted(map(_condition, form["pauseConditions"]), key=_by_text)
    return form


def same(a: object, b: object) -> bool:
    """Whether two schedules have the same meaning.

    The order of windows, conditions and keys is ignored, and so are the spelling of days and times and which of a
    zone's names is used. Unknown keys are compared by value.
    """
    return fingerprint(_meaning(a)) == fingerprint(_meaning(b))


def core_of(window: object) -> str:
    """The identity of a window: equal for the same day and times, in any spelling.

    A window that can't be read only equals one with exactly the same values.
    """
    found = read_window(window)
    if found is not None:
        return fingerprint(found)
    known = window
    if isinstance(window, Mapping):
        known = {key: window[key] for key in WINDOW_KEYS if key in window}
    return f"unread {fingerprint(known)}"


def further_of(window: object) -> dict[Any, Any]:
    """The unknown keys of a window, with their values."""
    if not isinstance(window, Mapping):
        return {}
    return {key: value for key, value in window.items() if key not in WINDOW_KEYS}


def zone_meaning(zone: object) -> object:
    """Equal for two names of a time zone, as US/Eastern and America/New_York are; what is no name stays as it is."""
    return zone_key(zone) if isinstance(zone, str) else zone


def fingerprint(value: object) -> str:
    """A string that is equal for equal JSON values of the same type, in any order of keys; NaN equals itself."""
    # Without recursion: JSON from outside may be nested deeper than Python's stack.
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
    """The canonical form, with zones and windows replaced by what they mean."""
    form = canonical(schedule)
    if "timezone" in form:
        form["timezone"] = zone_meaning(form["timezone"])
    if isinstance(form.get("dialingHours"), list):
        windows = [(core_of(window), further_of(window)) for window in form["dialingHours"]]
        form["dialingHours"] = sorted(windows, key=fingerprint)
    # A missing list and an empty one both mean that there are no conditions.
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
        # CXone's contract has no spelling for midnight as an end: a window that has one is sent back unchanged.
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

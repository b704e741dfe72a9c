"""One form for each schedule, and a text that is equal for equal values, whatever they are."""

from collections.abc import Mapping
from typing import Any

from campaigns.schedule.reading import DAYS

WINDOW_KEYS = ("day", "startTime", "endTime")
SCHEDULE_KEYS = ("timezone", "dialingHours", "pauseConditions")


def canonical(schedule: object) -> dict[str, Any]:
    """The form that is sent: windows by day and start, conditions sorted, keys in one order. What is no schedule, or
    no part of one, stays as it is; what is no object becomes an empty one."""
    if not isinstance(schedule, Mapping):
        return {}
    form = _ordered(schedule, SCHEDULE_KEYS)
    if isinstance(form.get("dialingHours"), list):
        windows = [_window(window) for window in form["dialingHours"]]
        form["dialingHours"] = sorted(windows, key=_place)
    if isinstance(form.get("pauseConditions"), list):
        form["pauseConditions"] = sorted(form["pauseConditions"], key=_by_text)
    return form


def same(a: object, b: object) -> bool:
    """The same schedule: the order of windows, conditions and keys doesn't matter."""
    return fingerprint(canonical(a)) == fingerprint(canonical(b))


def fingerprint(value: object) -> str:
    """Equal for equal values of the same type, NaN too, in whatever order an object's keys are. Values nest as deep as
    they like: no recursion."""
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
        return f"{value:x}"  # decimal refuses to write huge ones
    if value is None or isinstance(value, bool | float | bytes):
        return repr(value)
    return f"{type(value).__name__} {id(value)}"


def _ordered(value: Mapping[Any, Any], first: tuple[str, ...]) -> dict[Any, Any]:
    others = sorted((key for key in value if key not in first), key=_scalar)
    return {key: value[key] for key in (*first, *others) if key in value}


def _window(window: object) -> object:
    return _ordered(window, WINDOW_KEYS) if isinstance(window, Mapping) else window


def _place(window: object) -> tuple[int, str, str, str]:
    if not isinstance(window, Mapping):
        return len(DAYS), "", "", fingerprint(window)
    day = window.get("day")
    number = DAYS.index(day) if day in DAYS else len(DAYS)
    start, end = (_text(window.get(key)) for key in ("startTime", "endTime"))
    return number, start, end, fingerprint(window)


def _by_text(value: object) -> tuple[str, str]:
    return _text(value), fingerprint(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

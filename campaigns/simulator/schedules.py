"""Is this a wire schedule? Says which field is wrong, and why.

Fields that nobody here knows are kept, as a server does that is ahead of its clients; one that is only a known field
written otherwise is refused. What the campaign has already, word for word, may stay."""

import re
from functools import cache
from typing import Any
from zoneinfo import available_timezones

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
PAUSE_CONDITIONS = ("NO_ANSWER", "BUSY", "DISCONNECTED", "ANSWERING_MACHINE")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_zones = cache(available_timezones)

Errors = list[dict[str, str]]


def schedule_errors(schedule: object, current: dict[str, Any] | None = None) -> Errors:
    if not isinstance(schedule, dict):
        return [_error("schedule", "must be an object")]
    errors = _key_errors("schedule", schedule, ("timezone", "dialingHours", "pauseConditions"))
    if errors:
        return errors
    return [
        *_zone_errors(schedule["timezone"]),
        *_hours_errors(schedule["dialingHours"], (current or {}).get("dialingHours")),
        *_condition_errors(schedule["pauseConditions"], (current or {}).get("pauseConditions")),
    ]


def _error(field: str, message: str) -> dict[str, str]:
    return {"field": field, "message": message}


def _key_errors(field: str, value: dict[str, object], keys: tuple[str, ...]) -> Errors:
    missing = [_error(f"{field}.{key}", "is required") for key in keys if key not in value]
    plain = {_plain(key) for key in keys}
    unknown = [
        _error(f"{field}.{key}", "is not a known field") for key in value if key not in keys and _plain(key) in plain
    ]
    return missing + unknown


def _plain(key: object) -> str:
    return re.sub(r"[\W_]", "", key).lower() if isinstance(key, str) else ""


def _zone_errors(zone: object) -> Errors:
    if isinstance(zone, str) and zone in _zones():
        return []
    return [_error("schedule.timezone", f"{zone!r} is not an IANA time zone")]


def _hours_errors(hours: object, current: object) -> Errors:
    if not isinstance(hours, list):
        return [_error("schedule.dialingHours", "must be a list")]
    known = current if isinstance(current, list) else []
    errors: Errors = []
    for number, window in enumerate(hours):
        if window not in known:
            errors += _window_errors(number, window)
    return errors


def _window_errors(number: int, window: object) -> Errors:
    field = f"schedule.dialingHours[{number}]"
    if not isinstance(window, dict):
        return [_error(field, "must be an object")]
    errors = _key_errors(field, window, ("day", "startTime", "endTime"))
    if errors:
        return errors
    if window["day"] not in DAYS:
        errors.append(_error(f"{field}.day", f"{window['day']!r} is not one of {', '.join(DAYS)}"))
    times = [window["startTime"], window["endTime"]]
    for name, time in zip(("startTime", "endTime"), times, strict=True):
        if not isinstance(time, str) or not _TIME.fullmatch(time):
            errors.append(_error(f"{field}.{name}", f"{time!r} is not a time HH:MM"))
    if not errors and times[0] >= times[1]:
        errors.append(_error(f"{field}.endTime", "must be after startTime"))
    return errors


def _condition_errors(conditions: object, current: object) -> Errors:
    if not isinstance(conditions, list):
        return [_error("schedule.pauseConditions", "must be a list")]
    known = current if isinstance(current, list) else []
    return [
        _error(f"schedule.pauseConditions[{number}]", f"{condition!r} is not a known condition")
        for number, condition in enumerate(conditions)
        if condition not in PAUSE_CONDITIONS and condition not in known
    ]

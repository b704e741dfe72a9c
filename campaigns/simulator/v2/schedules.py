"""Checks a wire schedule: which field is wrong, and why.

Unknown fields are kept, as a server does that is ahead of its clients; a known field in another spelling is refused.
What the campaign already has, word for word, may stay.
"""

import re
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from campaigns.simulator.population import DAYS, PAUSE_CONDITIONS

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_zones = cache(available_timezones)

Errors = list[dict[str, str]]


def schedule_errors(schedule: object, current: dict[str, Any] | None = None) -> Errors:
    """`{"field", "message"}` for each error. `current`: the campaign's schedule so far."""
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
    errors = [_error(f"{field}.{key}", "is required") for key in keys if key not in value]
    plain = {_plain(key) for key in keys}
    for key in value:
        if key not in keys and _plain(key) in plain:
            errors.append(_error(f"{field}.{key}", "is not a known field"))
    return errors


def _plain(key: object) -> str:
    if isinstance(key, str):
        return re.sub(r"[\W_]", "", key).lower()
    return ""


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

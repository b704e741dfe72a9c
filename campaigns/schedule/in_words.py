"""A schedule and its changes in words, part by part: the time zone, each day, the rest. Pure."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from campaigns.schedule.canonical import canonical, further_of
from campaigns.schedule.names import CONDITION_NAMES, DAY_NAMES, DAYS
from campaigns.schedule.parsing import IS_SCHEDULED, day_of, is_unscheduled, window_text, windows_of

PartLines = list[str]

# CXone may add fields of any size. These many characters of their JSON fit beside the rest of a schedule, and beside
# the hours of one window.
MOST_OF_OTHERS, MOST_OF_FURTHER = 200, 100

ALL_PARTS = ("timezone", *DAYS, "pauseConditions", "other")
PART_NAMES = DAY_NAMES | {
    "timezone": "Time zone",
    "hours": "Time zone and windows",
    "pauseConditions": "Pause conditions",
    "other": "Other fields",
}
# Of a campaign without a schedule.
AT_ANY_TIME = "whenever it has been started"
_FIELDS = ("timezone", "dialingHours", "pauseConditions")


class PartChange(NamedTuple):
    name: str
    before: PartLines
    after: PartLines


def changed_parts(before: object, after: object) -> list[PartChange]:
    """What differs, a day at a time."""
    changes = [PartChange(PART_NAMES[key], *(lines_of(side, key) for side in (before, after))) for key in ALL_PARTS]
    return [change for change in changes if change.before != change.after]


def changed_days(before: object, after: object) -> list[PartChange]:
    """The same, with neighbouring days that changed alike as one: "Mon to Fri"."""
    changes = changed_parts(before, after)
    joined = []
    for _, run in groupby(enumerate(changes), key=lambda numbered: _alike(numbered[0], numbered[1])):
        some = [change for _, change in run]
        joined.append(some[0]._replace(name=_name_of(some)))
    return joined


def _alike(place: int, change: PartChange) -> tuple[object, ...]:
    """Equal for neighbours that changed in the same way."""
    names = list(DAY_NAMES.values())
    if change.name not in names:
        return (change.name,)
    # The difference stays the same as long as no day is left out.
    return names.index(change.name) - place, change.before, change.after


def _name_of(changes: Sequence[PartChange]) -> str:
    first, last = changes[0].name, changes[-1].name
    return first if first == last else f"{first[:3]} to {last[:3]}"


def lines_of(schedule: object, key: str) -> PartLines:
    """A part of a schedule in words, a window a line."""
    whole = canonical(schedule)
    if key == "timezone":
        return [str(whole.get("timezone") or "none")]
    if key == "pauseConditions":
        conditions = whole.get("pauseConditions") or []
        # CXone may have conditions that aren't text, and can't be looked up.
        return [", ".join(CONDITION_NAMES.get(str(name), str(name)) for name in conditions) or "none"]
    if key == "other":
        return _others(whole) or ["none"]
    if key == "hours":
        return [*lines_of(whole, "timezone"), *(_open_days(whole) or ["closed"])]
    return _on_day(whole, key)


def _on_day(whole: Mapping[str, Any], day: str) -> PartLines:
    if is_unscheduled(whole):
        return [AT_ANY_TIME]
    if windows_of(whole) is None:
        return ["can’t be read"]
    return [_line(window) for window in windows_of(whole) or [] if _day(window) == day] or ["closed"]


def _open_days(whole: Mapping[str, Any]) -> PartLines:
    """The windows of all days, and those that belong to none."""
    if is_unscheduled(whole):
        return [AT_ANY_TIME]
    open_days = []
    for day, name in DAY_NAMES.items():
        lines = lines_of(whole, day)
        if lines != ["closed"]:
            open_days += [f"{name[:3]} {line}" for line in lines]
    return open_days + _dayless(whole)


def _others(whole: Mapping[str, Any]) -> PartLines:
    """The fields that we don't know, and the windows that belong to no day."""
    others = {name: value for name, value in whole.items() if name not in _FIELDS}
    if is_unscheduled(whole):
        del others[IS_SCHEDULED]
    if not others:
        return _dayless(whole)
    return [json.dumps(others)[:MOST_OF_OTHERS], *_dayless(whole)]


def _dayless(whole: Mapping[str, Any]) -> PartLines:
    """Windows that can't be shown on any day."""
    return [f"“{window_text(window)}”" for window in windows_of(whole) or [] if _day(window) is None]


def _day(window: object) -> str | None:
    if isinstance(window, Mapping):
        return day_of(window.get("day"))
    return None


def _line(window: Mapping[str, Any]) -> str:
    hours = f"{window.get('startTime')} to {window.get('endTime')}"
    further = further_of(window)
    if not further:
        return hours
    return f"{hours} {json.dumps(further)[:MOST_OF_FURTHER]}"

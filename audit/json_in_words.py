"""JSON values in words: names without underscores, dialing windows by day, dates, yes/no/none. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from audit.chain import Json

# campaigns.schedule has these names as well, but the audit must not import from campaigns.
WEEKDAYS = {
    "MON": "Monday",
    "TUE": "Tuesday",
    "WED": "Wednesday",
    "THU": "Thursday",
    "FRI": "Friday",
    "SAT": "Saturday",
    "SUN": "Sunday",
}
WINDOW = {"day", "startTime", "endTime"}
NAMES = {
    "timezone": "time zone",
    "dialingHours": "dialing windows",
    "etag": "version tag",
    "upto": "up to record",
    "valid_from": "first day",
    "valid_to": "last day",
    # As the form of the limits names them.
    "max_windows": "windows in a schedule",
    "max_concurrent_pauses": "pauses at the same time",
    "pause_patience_minutes": "minutes that a pause keeps trying",
    "late_minutes": "minutes that a scheduled operation may be late",
    "paused_too_long_days": "days that a pause without an end may last",
    "two_for_resume": "second person for resumes",
    "two_for_bulk": "second person for resumes of many at once",
    "two_for_schedule": "second person for changes of dialing hours",
    "approval_minutes": "minutes until a request lapses",
}
# Values with a text of their own, wherever they occur.
WORDS = WEEKDAYS | {"ACTIVE": "active", "PAUSED": "paused"}
# As a record has them, for programs.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# Characters of one value on a page. Its record's stored bytes have all of it.
LONGEST = 300


class Node(NamedTuple):
    """A value in words (`text`), or the nodes that it consists of (`parts`)."""

    name: str
    text: str
    parts: list["Node"]


def tree(name: str, value: Json) -> Node:
    """A value as a tree of nodes, for a page."""
    readable = by_day(value)
    if isinstance(readable, dict) and readable:
        return Node(label(name), "", [tree(key, part) for key, part in readable.items()])
    if isinstance(readable, list) and not all(is_single(part) for part in readable):
        return Node(label(name), "", [tree(f"no. {place}", part) for place, part in enumerate(readable, 1)])
    return Node(label(name), value_in_words(readable), [])


def label(name: str) -> str:
    """A field's name in words: `max_active_calls` is max active calls, `pauseConditions` pause conditions."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])|_+", " ", name).strip()
    if name in NAMES:
        return NAMES[name]
    return spaced.lower() if spaced != name else name


def value_in_words(value: Json) -> str:
    """A value in one line, cut to `LONGEST` characters."""
    text = _in_one_line(by_day(value))
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 1]}…"


def is_single(value: Json) -> bool:
    """A text, a number, a truth value or null: nothing that has parts."""
    return not isinstance(value, list | dict)


def by_day(value: Json) -> Json:
    """Dialing windows as {weekday: ["09:00 to 17:00", …]}; any other value unchanged."""
    if not isinstance(value, list) or not value:
        return value
    windows = [item for item in value if isinstance(item, dict) and item.keys() == WINDOW]
    if len(windows) < len(value):
        return value
    days: dict[str, list[Json]] = {}
    for window in sorted(windows, key=_when):
        day = str(window["day"])
        days.setdefault(WEEKDAYS.get(day, day), []).append(f"{window['startTime']} to {window['endTime']}")
    return dict(days)


def _when(window: Mapping[str, Json]) -> tuple[int, str]:
    days, day = list(WEEKDAYS), str(window["day"])
    return days.index(day) if day in days else len(days), str(window["startTime"])


def _in_one_line(value: Json) -> str:
    if value is None or value in ([], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_in_one_line, value))
    if isinstance(value, dict):
        return "; ".join(f"{label(name)} {_in_one_line(part)}" for name, part in value.items())
    text = value if isinstance(value, str) else json.dumps(value)
    return WORDS.get(text, times_in_words(text)) or "empty"


def times_in_words(text: str) -> str:
    """Its times in UTC as people read them, "Tue 1 Dec 2026 14:00 UTC"; and a text that is a date."""
    if _DATE.fullmatch(text):
        return _DATE.sub(_recorded_day, text)
    return _INSTANT.sub(_instant_in_words, text)


def _instant_in_words(found: re.Match[str]) -> str:
    try:
        at = datetime.fromisoformat(found[0])
    except ValueError:
        return found[0]
    return f"{day_in_words(at)} {at:%H:%M:%S} UTC" if at.second else f"{day_in_words(at)} {at:%H:%M} UTC"


def _recorded_day(found: re.Match[str]) -> str:
    try:
        return day_in_words(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]


def day_in_words(on: date, *, this_year: int | None = None) -> str:
    """ "Fri 25 Dec 2026"; without its year where that is `this_year`. On all pages it is written so."""
    year = "" if on.year == this_year else f" {on.year}"
    return f"{on:%a} {on.day} {on:%b}{year}"

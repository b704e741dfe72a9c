"""JSON values in words: names without underscores, dialing windows by day, yes/no/none. Pure."""

import json
import re
from collections.abc import Mapping
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
}
# Values with a text of their own, wherever they occur.
WORDS = WEEKDAYS | {"ACTIVE": "active", "PAUSED": "paused"}
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
    return WORDS.get(text, text) or "empty"

"""A record's details as people read them: names in words, durations and shares with their units."""

from collections.abc import Callable, Mapping

from audit.chain import Json
from audit.json_in_words import Node, tree
from audit.pages.charts.drawing import duration_in_words, percent

# Identifiers, and what only engineers ask for: shown with all fields.
TECHNICAL = frozenset(
    {
        *("asked_for", "attempt", "bulk", "code", "conflict", "delivery", "entered", "event", "superseded_by"),
        *("undoes", "upto", "zone_data", "samples", "selection", "filters", "failing_since"),
    }
)
# What the sentence of the record says already.
SAID = frozenset({"state", "did", "what", "times", "user", "role", "record", "calendar", "holiday", "format", "how"})
DRAIN_ENDS = {
    "empty": "the last call ended",
    "resumed": "the campaign was dialing again",
    "deadline": "the time limit was reached",
}


def _milliseconds(value: float) -> str:
    return duration_in_words(value)


def _seconds(value: float) -> str:
    return duration_in_words(value * 1000)


def _share(value: float) -> str:
    return f"{percent(value):g} %"


NUMBERS: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "confirmation_ms": ("Confirmed after", _milliseconds),
    "seconds": ("Calls followed for", _seconds),
    "expected_median_seconds": ("Expected time to the last call", _seconds),
    "expected_p90_seconds": ("Nine in ten end within", _seconds),
    "share_ended": ("Calls ended", _share),
}
NAMES = {
    "note": "Note",
    "calls": "Calls in progress",
    "limit": "Limit of calls",
    "calls_at_start": "Calls at the pause",
    "calls_at_end": "Calls at the end",
    "calls_per_minute": "Calls ended each minute",
    "end": "Stopped following because",
    "failures": "Attempts that failed",
    "asked_by": "Requested by",
    "superseded_by_person": "Pause asked by",
    "taken_back_by": "Resume asked by",
    "due": "Due",
    "zone": "Time zone",
    "campaigns": "Campaigns",
    "records": "Records",
    "cause": "Cause",
    "why": "Why",
    "expires": "Works until",
    "without_checkpoint": "No checkpoint, because",
}

ORDER = {
    name: place
    for place, name in enumerate(
        (
            *("note", "calls", "limit", "confirmation_ms", "due", "zone", "asked_by"),
            *("calls_at_start", "calls_at_end", "share_ended", "seconds", "end", "calls_per_minute"),
        )
    )
}


def details_in_words(details: Mapping[str, Json]) -> tuple[list[Node], list[Node]]:
    """What a reader asks for, and the rest under its own names, for all fields. Empty values are left out."""
    told, rest = [], []
    # A record's details are sorted by their names, which says nothing.
    for name, value in sorted(details.items(), key=lambda item: ORDER.get(item[0], len(ORDER))):
        if value is None or value in ("", [], {}):
            continue
        if name in TECHNICAL or name in SAID:
            rest.append(tree(name, value))
        else:
            told.append(_node(name, value))
    return told, rest


def _node(name: str, value: Json) -> Node:
    if name in NUMBERS and not isinstance(value, bool) and isinstance(value, int | float) and value >= 0:
        title, in_words = NUMBERS[name]
        return Node(title, in_words(value), [])
    if name == "end" and isinstance(value, str):
        return Node(NAMES[name], DRAIN_ENDS.get(value, value), [])
    node = tree(name, value)
    return node._replace(name=NAMES.get(name, node.name[:1].upper() + node.name[1:]))

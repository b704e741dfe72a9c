"""Times of day as people type them: 9, 9:30, 930, 0930, 5pm, 5:30 p.m., 17.30, 17h, noon, 24:00.

Hours without am or pm are on the 24-hour clock. If a text is ambiguous, both meanings are returned and the person
decides: 5 may be 05:00 or 17:00.
"""

import re
import unicodedata
from enum import StrEnum

from campaigns.schedule.parsing import DAY_MINUTES, clock

NOON = DAY_MINUTES // 2
# In characters. Longer text isn't a time.
_LONGEST = 20
_HALF = r"\s*(?:([ap])\.?\s?(?:m\.?)?)?"
_APART = re.compile(rf"([0-9]{{1,2}})(?:h|[:.h]([0-9]{{2}}))?{_HALF}")
_TOGETHER = re.compile(rf"([0-9]{{1,2}})([0-9]{{2}}){_HALF}")
# From 7 on, a bare hour is in the morning: people who mean the evening say so. Below it, the afternoon may be meant.
_EARLIEST_MORNING = 7
_NOON_WORDS = frozenset({"noon", "midday", "12 noon"})
_MIDNIGHT_WORDS = frozenset({"midnight", "12 midnight"})
# Only an end can be written so: 24:00, 24h, 2400.
_DAY_END = re.compile(r"24(?:h|[:.h]?00)?")


class Edge(StrEnum):
    """What the time is of something that lasts. Midnight begins a day as a start, and ends it as an end."""

    ANY = ""
    START = "start"
    END = "end"


def meanings(text: str, edge: Edge = Edge.ANY) -> tuple[int, ...]:
    """The possible meanings of a typed time, in minutes after midnight: one if it is clear, two if it is ambiguous,
    none if it isn't a time. 1440 only as an end. Never raises."""
    if len(text) > _LONGEST:
        return ()
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in _NOON_WORDS:
        return (NOON,)
    if plain in _MIDNIGHT_WORDS:
        return _midnight(edge)
    found = _APART.fullmatch(plain) or _TOGETHER.fullmatch(plain)
    possible = _on_clock(plain, found) if found else ()
    # Nothing ends when its day begins: 12am or 0:00 as an end is the end of the day.
    if edge == Edge.END and (possible == (0,) or _DAY_END.fullmatch(plain)):
        return (DAY_MINUTES,)
    return possible


def as_clock(text: str, edge: Edge = Edge.ANY, start: str = "") -> str:
    """A typed time as HH:MM if its meaning is clear; otherwise unchanged.

    `start`: for an end, the typed start. Nothing ends before it starts, so from 9 to 5 ends at 17:00.
    """
    found = meanings(text, edge)
    begins = meanings(start, Edge.START)
    if len(found) > 1 and len(begins) == 1:
        found = tuple(minutes for minutes in found if minutes > begins[0]) or found
    return clock(found[0]) if len(found) == 1 else text


def on_twelve_hours(minutes: int) -> str:
    """570 → "9:30 AM", 1020 → "5:00 PM", 0 and 1440 → "12:00 AM"."""
    hours, rest = divmod(minutes % DAY_MINUTES, 60)
    return f"{hours % 12 or 12}:{rest:02} {'PM' if hours >= 12 else 'AM'}"


def _midnight(edge: Edge) -> tuple[int, ...]:
    if edge == Edge.ANY:
        return 0, DAY_MINUTES - 1
    return (DAY_MINUTES,) if edge == Edge.END else (0,)


def _on_clock(plain: str, found: re.Match[str]) -> tuple[int, ...]:
    hours, minutes = int(found[1]), int(found[2] or 0)
    if found[3]:
        return _of_half(hours, minutes, found[3])
    is_clear = not plain.isdigit() or len(found[1]) == 2 or not 1 <= hours < _EARLIEST_MORNING
    time = hours * 60 + minutes
    return _if_time(hours, minutes, (time,) if is_clear else (time, time + NOON))


def _of_half(hours: int, minutes: int, half: str) -> tuple[int, ...]:
    if not 1 <= hours <= 12:
        return ()
    return _if_time(hours, minutes, (hours % 12 * 60 + minutes + (NOON if half == "p" else 0),))


def _if_time(hours: int, minutes: int, found: tuple[int, ...]) -> tuple[int, ...]:
    return found if hours < 24 and minutes < 60 else ()

"""Times of day as people type them: 9, 9:30, 930, 0930, 5pm, 5:30 PM, 17.30, noon.

Hours without am or pm are on the 24-hour clock. If a text is ambiguous, both meanings are returned and the person
decides: 5 may be 05:00 or 17:00, and midnight may begin or end a day.
"""

import re
import unicodedata

from campaigns.schedule.parsing import DAY_MINUTES, clock

NOON = DAY_MINUTES // 2
# In characters. Longer text isn't a time.
_LONGEST = 20
_HALF = r"\s*(?:([ap])\.?\s?(?:m\.?)?)?"
_APART = re.compile(rf"([0-9]{{1,2}})(?:h|[:.h]([0-9]{{2}}))?{_HALF}")
_TOGETHER = re.compile(rf"([0-9]{{1,2}})([0-9]{{2}}){_HALF}")
# From 7 on, a bare hour is in the morning: people who mean the evening say so. Below it, the afternoon may be meant.
_EARLIEST_MORNING = 7
_WORDS = {"noon": (NOON,), "midday": (NOON,), "midnight": (0, DAY_MINUTES - 1)}


def meanings(text: str) -> tuple[int, ...]:
    """The possible meanings of a typed time, in minutes after midnight: one if it is clear, two if it is ambiguous,
    none if it isn't a time. Never raises."""
    if len(text) > _LONGEST:
        return ()
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in _WORDS:
        return _WORDS[plain]
    found = _APART.fullmatch(plain) or _TOGETHER.fullmatch(plain)
    if not found:
        return ()
    hours, minutes = int(found[1]), int(found[2] or 0)
    if found[3]:
        return _of_half(hours, minutes, found[3])
    is_clear = not plain.isdigit() or len(found[1]) == 2 or not 1 <= hours < _EARLIEST_MORNING
    time = hours * 60 + minutes
    return _if_time(hours, minutes, (time,) if is_clear else (time, time + NOON))


def as_clock(text: str) -> str:
    """A typed time as HH:MM if its meaning is clear; otherwise unchanged."""
    found = meanings(text)
    return clock(found[0]) if len(found) == 1 else text


def _of_half(hours: int, minutes: int, half: str) -> tuple[int, ...]:
    if not 1 <= hours <= 12:
        return ()
    return _if_time(hours, minutes, (hours % 12 * 60 + minutes + (NOON if half == "p" else 0),))


def _if_time(hours: int, minutes: int, found: tuple[int, ...]) -> tuple[int, ...]:
    return found if hours < 24 and minutes < 60 else ()

"""Dates and times of day as people read them: Fri 25 Dec 2026, 17:00 or 5:00 PM. What nobody reads now, such as a
record, has 24 hours."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time

from campaigns.schedule.names import DAYS
from campaigns.schedule.parsing import clock
from campaigns.schedule.typed_time import on_twelve_hours

# As findings name windows and times: MON 09:00-17:00, until Mon 09:00. Days alone, too.
_HOURS = re.compile(
    r"\b(\d\d):(\d\d)(?:-| to )(\d\d):(\d\d)\b"
    r"|(?<!:)\b(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)\b(?!:)"
)
_DAY = re.compile(rf"\b({'|'.join(DAYS)})\b")
_twelve_hours: ContextVar[Callable[[], bool]] = ContextVar("twelve_hours", default=lambda: False)


@contextmanager
def for_the_record() -> Iterator[None]:
    """Until the end, times of day have 24 hours, for what is kept or exported: others read it, too."""
    with clock_face(lambda: False):
        yield


@contextmanager
def clock_face(twelve_hours: Callable[[], bool]) -> Iterator[None]:
    """Until the end, times of day follow `twelve_hours`, which is asked for the first of them."""
    token = _twelve_hours.set(twelve_hours)
    try:
        yield
    finally:
        _twelve_hours.reset(token)


def has_twelve_hours() -> bool:
    """Whether times of day are written as 5:03 PM now, rather than as 17:03."""
    return _twelve_hours.get()()


def date_in_words(on: date, *, this_year: int | None = None) -> str:
    """ "Fri 25 Dec 2026"; without its year where that is `this_year`."""
    year = "" if on.year == this_year else f" {on.year}"
    return f"{on:%a} {on.day} {on:%b}{year}"


def time_of_day(at: datetime | time, *, seconds: bool = False) -> str:
    """In its own zone: 17:03, with seconds 17:03:20; 5:03 PM."""
    if not has_twelve_hours():
        return f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    minutes = f"{at.hour % 12 or 12}:{at:%M:%S}" if seconds else f"{at.hour % 12 or 12}:{at:%M}"
    return f"{minutes}\N{NO-BREAK SPACE}{'PM' if at.hour >= 12 else 'AM'}"


def minutes_as_time(minutes: int) -> str:
    """The same for minutes since midnight; as an end, midnight is 24:00 or 12:00 AM."""
    return on_twelve_hours(minutes) if has_twelve_hours() else clock(minutes)


def for_reader(sentence: str) -> str:
    """A finding's sentence with its windows as people write them: Mon 09:00 to 17:00, Mon 9:00 AM to 5:00 PM."""
    with_hours = _HOURS.sub(_hours_for_reader, sentence)
    return _DAY.sub(lambda day: day[0].capitalize(), with_hours)


def _hours_for_reader(found: re.Match[str]) -> str:
    if found["hour"]:
        return minutes_as_time(int(found["hour"]) * 60 + int(found["minute"]))
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    return f"{minutes_as_time(start)} to {minutes_as_time(end)}"

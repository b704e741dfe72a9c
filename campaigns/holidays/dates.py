"""Holidays as dates: when they recur, which days are observed, and which hours are restricted. Pure.

A holiday that comes every year does so from its own date on; one of 29 February is on the 28th in other years, since
a day too many costs less than one on which nobody may be called. One that is observed restricts its own day and the
Friday before a Saturday, or the Monday after a Sunday: both count as holidays in US practice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Protocol

from campaigns.holidays.agenda import Closed, minute_of_day
from campaigns.schedule import DAY_MINUTES, clock

NAME_LENGTH = 200
# In one import: as many as one form can ask about.
MOST_HOLIDAYS = 900
# As an end it means midnight, which a time of day can't say.
DAY_END = time(23, 59)
OBSERVED = " (observed)"

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


class Dated(Protocol):
    """What decides the days that a holiday restricts."""

    @property
    def name(self) -> str: ...
    @property
    def date(self) -> date: ...
    @property
    def starts(self) -> time | None: ...
    @property
    def ends(self) -> time | None: ...
    @property
    def every_year(self) -> bool: ...
    @property
    def observed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class HolidayEntry:
    """A holiday on one date, as a file or a library gives it. No hours: all day.

    `line`: where it begins in its file, 0 where there is none. `nature`: what the file itself says that it is, such as
    "Observance". `remark`: a sentence that a person must read before taking it. `suggested`: ticked unasked, or not.
    """

    date: date
    name: str
    starts: time | None = None
    ends: time | None = None
    uid: str = ""
    line: int = field(default=0, compare=False)
    nature: str = ""
    remark: str = ""
    suggested: bool = True


def observed_day(day: date) -> date:
    """Friday for a Saturday, Monday for a Sunday, else the day itself."""
    if day.weekday() == _SATURDAY:
        return day - _DAY
    if day.weekday() == _SUNDAY:
        return day + _DAY
    return day


def occurrences(holiday: Dated, first: date, last: date) -> Iterator[tuple[date, str]]:
    """Each date from `first` to `last` that it restricts, with its name on that date."""
    for day in _own_days(holiday, first - _DAY, last + _DAY):
        named = [(day, holiday.name)]
        if holiday.observed and (instead := observed_day(day)) != day:
            named.append((instead, holiday.name + OBSERVED))
        yield from ((on, name) for on, name in named if first <= on <= last)


def _own_days(holiday: Dated, first: date, last: date) -> Iterator[date]:
    if holiday.every_year:
        years = range(max(first.year, holiday.date.year), last.year + 1)
        days = [in_year(holiday.date, year) for year in years]
    else:
        days = [holiday.date]
    return (day for day in days if first <= day <= last)


def in_year(day: date, year: int) -> date:
    """The same day of another year; 28 February for a 29th that it doesn't have."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def closed_of(holiday: Dated | HolidayEntry) -> Closed:
    """The restricted minutes of its day, from the first to the one after the last; None: all day."""
    if holiday.starts is None or holiday.ends is None:
        return None
    ends = DAY_MINUTES if holiday.ends >= DAY_END else minute_of_day(holiday.ends)
    starts = minute_of_day(holiday.starts)
    if starts == 0 and ends == DAY_MINUTES:
        return None
    return starts, ends


def horizon(today: date) -> tuple[date, date]:
    """For which dates a calendar file is read, since what recurs in it may do so forever: this year and two more."""
    return date(today.year, 1, 1), date(today.year + 2, 12, 31)


def hours_in_words(closed: Closed) -> str:
    if closed is None:
        return "all day"
    return f"{clock(closed[0])} to {clock(closed[1])}"

"""The dates and hours that a holiday restricts: recurrence, observed days, restricted hours. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Protocol

from campaigns.holidays.agenda import Closed, minute_of_day
from campaigns.schedule import DAY_MINUTES, clock

# In characters, as the database column has it.
NAME_LENGTH = 200
# In one import; more is refused. One form must be able to ask about each of them.
MOST_HOLIDAYS = 900
# As an end it means midnight: a time of day can't be 24:00.
DAY_END = time(23, 59)
OBSERVED = " (observed)"

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


class Dated(Protocol):
    """The fields that determine which days and hours a holiday restricts."""

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
    """A holiday on one date, from a file or a library. Without hours: all day.

    `line`: the line of the file on which it begins; 0 if there is no file. `nature`: what the file calls it, such as
    "Observance". `remark`: a sentence to read before importing it. `suggested`: whether it is selected by default.
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
    """The Friday before a Saturday, the Monday after a Sunday, otherwise the day itself."""
    if day.weekday() == _SATURDAY:
        return day - _DAY
    if day.weekday() == _SUNDAY:
        return day + _DAY
    return day


def occurrences(holiday: Dated, first: date, last: date) -> Iterator[tuple[date, str]]:
    """Each date from `first` to `last` that the holiday restricts, with its name on that date."""
    # A day more on each side: one just outside may be observed within.
    for day in _own_days(holiday, first - _DAY, last + _DAY):
        # In US practice both count as holidays, the day itself and the one on which it is observed.
        named = [(day, holiday.name)]
        if holiday.observed and (instead := observed_day(day)) != day:
            named.append((instead, holiday.name + OBSERVED))
        yield from ((on, name) for on, name in named if first <= on <= last)


def _own_days(holiday: Dated, first: date, last: date) -> Iterator[date]:
    if holiday.every_year:
        # From its own date on, not before it.
        years = range(max(first.year, holiday.date.year), last.year + 1)
        days = [in_year(holiday.date, year) for year in years]
    else:
        days = [holiday.date]
    return (day for day in days if first <= day <= last)


def in_year(day: date, year: int) -> date:
    """The same day of another year; 28 February for 29 February in years that have none."""
    try:
        return day.replace(year=year)
    except ValueError:
        # Rather than none in that year: a restricted day too many costs less than one too few.
        return date(year, 2, 28)


def closed_of(holiday: Dated | HolidayEntry) -> Closed:
    """The restricted minutes after midnight, start and end; None: all day."""
    if holiday.starts is None or holiday.ends is None:
        return None
    ends = DAY_MINUTES if holiday.ends >= DAY_END else minute_of_day(holiday.ends)
    starts = minute_of_day(holiday.starts)
    if starts == 0 and ends == DAY_MINUTES:
        return None
    return starts, ends


def horizon(today: date) -> tuple[date, date]:
    """The first and the last date for which a calendar file is read: this year and the two after it."""
    # Bounded, since events in a file may recur forever.
    return date(today.year, 1, 1), date(today.year + 2, 12, 31)


def hours_in_words(closed: Closed) -> str:
    if closed is None:
        return "all day"
    return f"{clock(closed[0])} to {clock(closed[1])}"

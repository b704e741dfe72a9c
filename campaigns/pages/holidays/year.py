"""A year of a calendar, month by month: the restricted days, and how many campaigns are scheduled to dial then."""

from calendar import monthcalendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from campaigns.holidays.agenda import Closed
from campaigns.holidays.dates import closed_of, hours_in_words, occurrences
from campaigns.models import Calendar, Holiday
from campaigns.pages.fields import EARLIEST, LATEST
from campaigns.pages.holidays.hits import count_hits


class YearHoliday(NamedTuple):
    """A holiday on one day; `hours`: "" if it restricts all of it."""

    holiday_id: int
    name: str
    closed: Closed

    @property
    def hours(self) -> str:
        return "" if self.closed is None else hours_in_words(self.closed)


@dataclass(frozen=True, slots=True)
class YearDay:
    """A restricted day. `campaigns`: how many are scheduled to dial then; None once it is over, since schedules may
    have been others on that day."""

    date: date
    holidays: tuple[YearHoliday, ...]
    campaigns: int | None

    @property
    def look(self) -> str:
        """How its place in the table is marked."""
        if self.campaigns is None:
            return "is-over"
        return "is-hit" if self.campaigns else "is-free"

    @property
    def names(self) -> str:
        return ", ".join(holiday.name for holiday in self.holidays)


class Cell(NamedTuple):
    """A place in a month's table: a day of the month, 0 outside of it."""

    number: int
    day: YearDay | None
    is_today: bool


@dataclass(frozen=True, slots=True)
class YearMonth:
    """`weeks`: from Monday to Sunday. `days`: the restricted ones."""

    first: date
    weeks: list[list[Cell]]
    days: list[YearDay]


@dataclass(frozen=True, slots=True)
class Year:
    number: int
    months: list[YearMonth]

    @property
    def days(self) -> int:
        return sum(len(month.days) for month in self.months)

    @property
    def earlier(self) -> int | None:
        return self.number - 1 if self.number > EARLIEST.year else None

    @property
    def later(self) -> int | None:
        return self.number + 1 if self.number < LATEST.year else None


def year_in(text: str, otherwise: int) -> int:
    """The year that an address names; another where it makes no sense."""
    if len(text) == 4 and text.isascii() and text.isdigit() and EARLIEST.year <= int(text) <= LATEST.year:
        return int(text)
    return otherwise


def read_year(calendar: Calendar, holidays: Iterable[Holiday], number: int, today: date) -> Year:
    """`holidays`: all of the calendar. Its days are those of its own zone. One query, for the campaigns."""
    found = _restricted(holidays, number)
    ahead = {day: [holiday.closed for holiday in on] for day, on in found.items() if day >= today}
    hits = count_hits(calendar, ahead)
    days = {day: YearDay(day, tuple(on), hits.get(day)) for day, on in found.items()}
    return Year(number, [_month(date(number, month, 1), days, today) for month in range(1, 13)])


def _restricted(holidays: Iterable[Holiday], number: int) -> dict[date, list[YearHoliday]]:
    """By day, in order."""
    found: dict[date, list[YearHoliday]] = {}
    for holiday in holidays:
        closed = closed_of(holiday)
        for day, name in occurrences(holiday, date(number, 1, 1), date(number, 12, 31)):
            found.setdefault(day, []).append(YearHoliday(holiday.pk, name, closed))
    return {day: sorted(found[day], key=lambda on: (on.closed or (0, 0), on.name)) for day in sorted(found)}


def _month(first: date, days: dict[date, YearDay], today: date) -> YearMonth:
    def cell(number: int) -> Cell:
        if not number:
            return Cell(0, None, is_today=False)
        day = first.replace(day=number)
        return Cell(number, days.get(day), is_today=day == today)

    weeks = [[cell(number) for number in week] for week in monthcalendar(first.year, first.month)]
    return YearMonth(first, weeks, [day for day in days.values() if day.date.month == first.month])

"""Recurrence rules (RFC 5545, 3.3.10), by days: holidays recur at most once a day.

A rule without COUNT is only computed in the years that are read, whenever it began. Each list of a rule is a set, so
that the cost of a day doesn't depend on its length.
"""

from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from campaigns.holidays.ical.moments import Moment
from campaigns.holidays.ical.problems import Work

_DAY = timedelta(days=1)


class RuleDay(NamedTuple):
    """A date with the numbers that rules compare. The second of a pair counts from the end, and is negative.

    `weekday`: 0 is Monday. `in_month`, `in_year`: the first, second … of its weekday in its month or year.
    """

    date: date
    month: int
    weekday: int
    month_days: tuple[int, int]
    year_days: tuple[int, int]
    in_month: tuple[int, int]
    in_year: tuple[int, int]


class Rule(NamedTuple):
    """A recurrence rule. An empty set is no condition.

    `most`: COUNT, the number of recurrences. `until`: the last moment, a date or a time. `weekdays`: by weekday, the
    numbers in its month or year; 0 means each one.
    """

    freq: str
    interval: int = 1
    most: int | None = None
    until: Moment | None = None
    week_start: int = 0
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: dict[int, frozenset[int]] = {}
    positions: frozenset[int] = frozenset()

    def days(self, start: date, first: date, last: date, work: Work) -> Iterator[date]:
        """The dates from `first` to `last` on which a series recurs that begins on `start`."""
        # DTSTART is the first recurrence. RFC 5545, 3.8.5.3, leaves undefined what a rule means that doesn't include
        # it; here it counts all the same.
        if first <= start <= last:
            yield start
        number = 1
        # With COUNT all recurrences from the first one on must be counted.
        for period in self._periods(start, start if self.most else first, last):
            work.spend(len(period) + 1)
            for day in self._chosen(period):
                if day <= start:
                    continue
                number += 1
                if day > last or (self.most and number > self.most):
                    return
                if day >= first:
                    yield day

    def includes(self, start: date) -> bool:
        """Whether the rule's own dates include the first one."""
        return any(start in self._chosen(period) for period in self._periods(start, start, start))

    @property
    def comes_monthly(self) -> bool:
        """Whether it recurs every month in spite of FREQ=YEARLY."""
        # BYMONTHDAY without BYMONTH expands the year to that day of each month (RFC 5545, 3.3.10).
        bare = not (self.months or self.weeks or self.year_days or self.positions)
        return self.freq == "YEARLY" and bool(self.month_days) and bare and not self.weekdays

    @property
    def comes_weekly(self) -> bool:
        """Whether it recurs every week, of the year or of some months, in spite of FREQ=YEARLY."""
        # BYDAY without a number expands the year to each such weekday (RFC 5545, 3.3.10).
        narrowed = self.weeks or self.year_days or self.month_days or self.positions
        return self.freq == "YEARLY" and not narrowed and any(0 in wanted for wanted in self.weekdays.values())

    @property
    def counts_in_year(self) -> bool:
        """Whether it counts weekdays of the whole year, such as the second Monday."""
        # Those of a month, which people usually mean, are only counted with BYMONTH (RFC 5545, 3.3.10).
        narrowed = self.months or self.weeks or self.year_days or self.month_days or self.positions
        return self.freq == "YEARLY" and not narrowed and any(wanted - {0} for wanted in self.weekdays.values())

    def _chosen(self, period: Sequence[RuleDay]) -> list[date]:
        fitting = [day.date for day in period if self._fits(day)]
        if not self.positions:
            return fitting
        many = len(fitting)
        return [
            day
            for number, day in enumerate(fitting)
            if number + 1 in self.positions or number - many in self.positions
        ]

    def _fits(self, day: RuleDay) -> bool:
        return (
            (not self.months or day.month in self.months)
            and (not self.month_days or not self.month_days.isdisjoint(day.month_days))
            and (not self.weekdays or self._is_weekday(day))
            and (not self.year_days or not self.year_days.isdisjoint(day.year_days))
            and (not self.weeks or not self.weeks.isdisjoint(_week_of(day.date, self.week_start)))
        )

    def _is_weekday(self, day: RuleDay) -> bool:
        wanted = self.weekdays.get(day.weekday)
        if wanted is None:
            return False
        is_in_month = self.freq == "MONTHLY" or bool(self.months)
        return 0 in wanted or not wanted.isdisjoint(day.in_month if is_in_month else day.in_year)

    def _periods(self, start: date, first: date, last: date) -> Iterator[Sequence[RuleDay]]:
        """The days of each year, month, week or day in which the rule may recur, beginning with that of `first`."""
        if self.freq == "YEARLY":
            for year in _steps(start.year, first.year, last.year, self.interval):
                months = (_month(year, month) for month in sorted(self.months or range(1, 13)))
                yield list(chain.from_iterable(months))
        elif self.freq == "MONTHLY":
            begin, earliest, latest = (day.year * 12 + day.month - 1 for day in (start, first, last))
            for number in _steps(begin, earliest, latest, self.interval):
                yield _month(number // 12, number % 12 + 1)
        else:
            length, begin = 1, start.toordinal()
            if self.freq == "WEEKLY":
                length = 7
                # INTERVAL counts whole weeks, from the one that `start` is in (RFC 5545, 3.3.10, WKST).
                begin -= (start.weekday() - self.week_start) % 7
            for ordinal in _steps(begin, first.toordinal() - length, last.toordinal(), self.interval * length):
                days = [date.fromordinal(ordinal + number) for number in range(length)]
                yield [_month(day.year, day.month)[day.day - 1] for day in days]


def _steps(start: int, first: int, last: int, step: int) -> range:
    """The numbers from `start` to `last` in steps, without those long before `first`."""
    skipped = max(first - start, 0) // step
    return range(start + skipped * step, last + 1, step)


# Months that are kept. A file is read for three years, and a rule with COUNT from 1900 on: 2,400 months at most.
@lru_cache(maxsize=4096)
def _month(year: int, month: int) -> tuple[RuleDay, ...]:
    length, year_length = monthrange(year, month)[1], 366 if isleap(year) else 365
    first = date(year, month, 1)
    before = first.timetuple().tm_yday - 1
    return tuple(
        RuleDay(
            date=first + _DAY * (number - 1),
            month=month,
            weekday=(first.weekday() + number - 1) % 7,
            month_days=(number, number - length - 1),
            year_days=(before + number, before + number - year_length - 1),
            in_month=_nth(number, length),
            in_year=_nth(before + number, year_length),
        )
        for number in range(1, length + 1)
    )


def _nth(number: int, length: int) -> tuple[int, int]:
    return (number - 1) // 7 + 1, -((length - number) // 7 + 1)


def _week_of(day: date, week_start: int) -> tuple[int, int]:
    """The number of its week in the year, from the start and from the end."""
    # A week belongs to the year that has at least four of its days (RFC 5545, 3.3.10): the year of its fourth day.
    fourth = day + _DAY * (3 - (day.weekday() - week_start) % 7)
    number, length = fourth.timetuple().tm_yday, 366 if isleap(fourth.year) else 365
    weeks = (number - 1) // 7 + 1 + (length - number) // 7
    return (number - 1) // 7 + 1, (number - 1) // 7 - weeks

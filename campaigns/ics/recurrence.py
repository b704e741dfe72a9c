"""Recurrence rules (RFC 5545, 3.3.10), day by day: what comes at most once a day is all that a holiday can do.

Every day of each period is looked at, up to a last one, so that a rule that is never met ends as soon as any other.
"""

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from icalendar.prop import vRecur

from campaigns.ics.lines import Problem, Property, Unreadable

_DAY = timedelta(days=1)
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_READ = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
    *("BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS"),
}


class Weekday(NamedTuple):
    """`nth`: which one of its month or year, from its end where negative; 0: each. `number`: 0 is Monday."""

    nth: int
    number: int


class Rule(NamedTuple):
    """`most`: how many there are in all. `until`: as the file has it, a date, a time or a time in UTC."""

    freq: str
    interval: int
    most: int | None
    until: date | None
    week_start: int
    months: tuple[int, ...]
    year_days: tuple[int, ...]
    month_days: tuple[int, ...]
    weekdays: tuple[Weekday, ...]
    positions: tuple[int, ...]

    def work(self, start: date, last: date) -> int:
        """How many days are looked at from `start` to `last`."""
        years = max(last.year - start.year, 0) + 1
        year = 31 * len(self.months) if self.freq == "YEARLY" and self.months else 366
        return years * year // (1 if self.freq == "YEARLY" else self.interval) + year

    def days(self, start: date, last: date) -> Iterator[date]:
        """From `start` on, which is one of them whatever the rule says, to `last`, in order."""
        yield start
        for period in _periods(self, start, last):
            fitting = [day for day in period if _fits(self, day)]
            chosen = _at(self.positions, fitting) if self.positions else fitting
            yield from (day for day in chosen if start < day <= last)


def read_rule(given: Property, start: date) -> Rule:
    """What a rule leaves open it takes from the first day. Unreadable for what is no rule, or too much of one."""
    parts = _parts(given)
    freq, interval, most = (parts[name][0] for name in ("FREQ", "INTERVAL", "COUNT"))
    if freq not in _FREQUENCIES or not set(parts) <= _READ:
        raise Unreadable(Problem(given.line, "this recurs more than once a day, or by rules that are not read here."))
    months, month_days = tuple(map(int, parts["BYMONTH"])), tuple(parts["BYMONTHDAY"])
    weekdays = tuple(Weekday(day.relative or 0, _WEEK.index(day.weekday)) for day in parts["BYDAY"])
    if not (parts["BYYEARDAY"] or month_days or weekdays):
        months = (start.month,) if freq == "YEARLY" and not months else months
        month_days = (start.day,) if freq in {"YEARLY", "MONTHLY"} else ()
        weekdays = (Weekday(0, start.weekday()),) if freq == "WEEKLY" else ()
    return Rule(
        freq=str(freq),
        interval=interval,
        most=most,
        until=parts["UNTIL"][0],
        week_start=_WEEK.index(parts["WKST"][0]),
        months=months,
        year_days=tuple(parts["BYYEARDAY"]),
        month_days=month_days,
        weekdays=weekdays,
        positions=tuple(parts["BYSETPOS"]),
    )


def _parts(given: Property) -> dict[str, Any]:
    """Each part as a list, with what stands for one that is missing."""
    missing: dict[str, Any] = {
        **{"INTERVAL": [1], "COUNT": [None], "UNTIL": [None], "WKST": ["MO"]},
        **dict.fromkeys(("BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS"), ()),
    }
    try:
        read = {name.upper(): value for name, value in vRecur.from_ical(given.value).items()}
        parts = missing | read
        sound = given.value.isascii() and "FREQ" in read and _is_sound(parts)
    except (ValueError, OverflowError):
        sound = False
    if not sound:
        raise Unreadable(Problem(given.line, f"RRULE is “{given.value[:60]}”, which is no rule of recurrence."))
    return parts


def _is_sound(parts: dict[str, Any]) -> bool:
    """Each part within its bounds, and none where it has no meaning."""
    count, until, freq = parts["COUNT"][0], parts["UNTIL"][0], parts["FREQ"][0]
    ordinals = [day.relative for day in parts["BYDAY"] if day.relative is not None]
    return (
        1 <= parts["INTERVAL"][0] <= 1000
        and (count is None or count >= 1)
        and isinstance(until, date | None)
        and parts["WKST"][0] in _WEEK
        and all(1 <= month <= 12 for month in parts["BYMONTH"])
        and all(1 <= abs(day) <= 366 for day in parts["BYYEARDAY"])
        and all(1 <= abs(day) <= 31 for day in parts["BYMONTHDAY"])
        and all(1 <= abs(position) <= 366 for position in parts["BYSETPOS"])
        and all(1 <= abs(ordinal) <= 53 for ordinal in ordinals)
        and not (ordinals and freq in {"DAILY", "WEEKLY"})
        and not (parts["BYYEARDAY"] and freq != "YEARLY")
        and not (parts["BYMONTHDAY"] and freq == "WEEKLY")
    )


def _periods(rule: Rule, start: date, last: date) -> Iterator[Iterable[date]]:
    """The days of each year, month, week or day in which the rule may be met."""
    if rule.freq == "YEARLY":
        for year in range(start.year, last.year + 1, rule.interval):
            yield (day for month in sorted(rule.months or range(1, 13)) for day in _month(year, month))
    elif rule.freq == "MONTHLY":
        first, end = start.year * 12 + start.month - 1, last.year * 12 + last.month
        yield from (_month(number // 12, number % 12 + 1) for number in range(first, end, rule.interval))
    else:
        length = 7 if rule.freq == "WEEKLY" else 1
        begin = start - _DAY * ((start.weekday() - rule.week_start) % 7 if length == 7 else 0)
        for offset in range(0, (last - begin).days + 1, rule.interval * length):
            yield [begin + _DAY * (offset + day) for day in range(length)]


def _month(year: int, month: int) -> Iterator[date]:
    return (date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))


def _fits(rule: Rule, day: date) -> bool:
    return (
        (not rule.months or day.month in rule.months)
        and (
            not rule.month_days
            or not _counted(day.day, monthrange(day.year, day.month)[1]).isdisjoint(rule.month_days)
        )
        and (not rule.year_days or not _counted(*_of_year(day)).isdisjoint(rule.year_days))
        and (not rule.weekdays or any(_is_weekday(rule, weekday, day) for weekday in rule.weekdays))
    )


def _is_weekday(rule: Rule, weekday: Weekday, day: date) -> bool:
    if day.weekday() != weekday.number:
        return False
    if not weekday.nth:
        return True
    in_month = rule.freq == "MONTHLY" or bool(rule.months)
    number, length = (day.day, monthrange(day.year, day.month)[1]) if in_month else _of_year(day)
    return weekday.nth in {(number - 1) // 7 + 1, -((length - number) // 7 + 1)}


def _of_year(day: date) -> tuple[int, int]:
    return day.timetuple().tm_yday, 366 if isleap(day.year) else 365


def _counted(number: int, length: int) -> set[int]:
    """A day's number from the front and from the back."""
    return {number, number - length - 1}


def _at(positions: Iterable[int], days: list[date]) -> list[date]:
    """The first is at 1, the last at -1."""
    wanted = {position - 1 if position > 0 else len(days) + position for position in positions}
    return [day for number, day in enumerate(days) if number in wanted]

"""Ranges of time in words, as filters offer them. Pure: what they mean follows from a moment and its zone.

Their names are part of addresses. "Last week" stays relative in an address: whoever opens it next week sees the week
before that one. A link beside it fixes the days.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from audit.hours import HOUR, hour_of
from audit.json_in_words import day_in_words

DAY = timedelta(days=1)


class TimeRange(NamedTuple):
    """since <= time < until."""

    since: datetime
    until: datetime


class RangeChoice(NamedTuple):
    """`ending` returns the range at a moment, an aware time in the zone whose days are meant."""

    label: str
    ending: Callable[[datetime], TimeRange]


def _midnight(now: datetime, days: int = 0) -> datetime:
    """The start of the day that is so many days after today."""
    # On the clock, so that it is midnight also where the offset changes in between.
    return datetime.combine(now.date() + days * DAY, time(), now.tzinfo)


def _days(count: int) -> Callable[[datetime], TimeRange]:
    """So many days, today included."""
    return lambda now: TimeRange(_midnight(now, 1 - count), _midnight(now, 1))


def _ending(end: datetime, length: timedelta) -> TimeRange:
    """So much time as passes before the end, in its zone."""
    # Not on the clock: when summer time begins, an hour before 03:30 it is 01:30, and 02:30 is the same moment.
    return TimeRange((end.astimezone(UTC) - length).astimezone(end.tzinfo), end)


def _last_hour(now: datetime) -> TimeRange:
    return _ending(now, HOUR)


def _last_24_hours(now: datetime) -> TimeRange:
    return _ending((hour_of(now) + HOUR).astimezone(now.tzinfo), DAY)


def _yesterday(now: datetime) -> TimeRange:
    return TimeRange(_midnight(now, -1), _midnight(now))


def _this_week(now: datetime) -> TimeRange:
    """From Monday on, today included."""
    return TimeRange(_midnight(now, -now.weekday()), _midnight(now, 1))


def _last_week(now: datetime) -> TimeRange:
    """Monday to Sunday."""
    return TimeRange(_midnight(now, -now.weekday() - 7), _midnight(now, -now.weekday()))


def _this_month(now: datetime) -> TimeRange:
    return TimeRange(_midnight(now, 1 - now.day), _midnight(now, 1))


def _last_month(now: datetime) -> TimeRange:
    end = _midnight(now, 1 - now.day)
    last = end.date() - DAY
    return TimeRange(datetime.combine(last.replace(day=1), time(), now.tzinfo), end)


CHOICES = {
    "1h": RangeChoice("Last hour", _last_hour),
    "24h": RangeChoice("Last 24 hours", _last_24_hours),
    "today": RangeChoice("Today", _days(1)),
    "yesterday": RangeChoice("Yesterday", _yesterday),
    "7d": RangeChoice("Last 7 days", _days(7)),
    "this-week": RangeChoice("This week", _this_week),
    "last-week": RangeChoice("Last week", _last_week),
    "30d": RangeChoice("Last 30 days", _days(30)),
    "this-month": RangeChoice("This month", _this_month),
    "last-month": RangeChoice("Last month", _last_month),
    "12m": RangeChoice("Last 12 months", _days(365)),
}


def range_in_words(since: datetime | None, until: datetime | None) -> str:
    """ "Mon 16 to Sun 22 Nov 2026", with times unless both are midnight; both in the zone that is meant."""
    if since is None or until is None:
        bounds = [f"{word} {_moment(at)}" for word, at in (("since", since), ("until", until)) if at]
        return " ".join(bounds)
    if since.time() != time() or until.time() != time():
        return f"{_moment(since)} to {_moment(until)}"
    last = until - DAY
    if since.date() >= last.date():
        return _day(since)
    return f"{_day(since, last)} to {_day(last)}"


def _moment(at: datetime) -> str:
    return f"{_day(at)} {at:%H:%M}"


def _day(at: datetime, end: datetime | None = None) -> str:
    """Without the month or the year that the end of the range shows as well."""
    if end and (at.year, at.month) == (end.year, end.month):
        return f"{at:%a} {at.day}"
    if end and at.year == end.year:
        return day_in_words(at, this_year=end.year)
    return day_in_words(at)


def occurs_twice(local: datetime) -> bool:
    """Whether the clocks of its zone show this time twice, as when summer time ends."""
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()

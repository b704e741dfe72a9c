"""The restricted days of one calendar, in order, as the clocks of any time zone show them. Pure.

They are worked out a year at a time, and each year once: whoever asks again only looks them up. So what a page costs
that asks every few seconds doesn't grow with the holidays of a calendar, nor with those times the time zones of its
campaigns.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby, product
from threading import Lock
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from campaigns.holidays.stretches import by_date
from campaigns.schedule import DAY_MINUTES, HolidayOn

Closed = tuple[int, int] | None  # minutes after midnight; None: all day

# Of one agenda: yesterday, today and tomorrow in each of the 600 zones that the IANA database has.
MOST_OUTLOOKS = 2_000
# Midnight at UTC+14 is 22:00 two dates earlier at UTC-12.
ZONES_APART = timedelta(days=2)
_YEAR_DAYS = 366
_DAY = timedelta(days=1)
# A calendar of a country has a holiday in most fortnights.
_STRETCH = timedelta(days=14)

_Name = TypeVar("_Name", bound=Hashable)
# What is restricted on a date, and the first that comes after that date within a year.
_Outlook = tuple[tuple[HolidayOn, ...], HolidayOn | None]


class Agenda:
    """`year`: what is restricted in that year by the calendar's own clocks, in any order. `zone`: where those are;
    None: wherever a campaign is."""

    def __init__(self, year: Callable[[int], Iterable[HolidayOn]], zone: ZoneInfo | None) -> None:
        self.zone = zone
        self._read_year = year
        self._years: dict[int, tuple[HolidayOn, ...]] = {}
        self._outlooks: dict[tuple[str, date], _Outlook] = {}

    def between(self, first: date, last: date, zone: ZoneInfo | None = None) -> tuple[HolidayOn, ...]:
        """What is restricted from `first` to `last` as the clocks of `zone` show it, in order."""
        if zone is None or self.zone is None or zone.key == self.zone.key:
            return tuple(self._own(first, last))
        near = self._own(first - ZONES_APART, last + ZONES_APART)
        shown = {on for on in _shown(near, self.zone, zone) if first <= on.date <= last}
        return tuple(sorted(shown, key=order_of))

    def next(self, zone: ZoneInfo | None, now: datetime) -> HolidayOn | None:
        """What is on by the clocks of `zone`, or comes next within a year. Without a zone: by the calendar's clocks;
        without these, too, by those that `now` is given in."""
        local = now.astimezone(zone or self.zone or now.tzinfo)
        today, later = self._outlook(zone, local.date())
        minute = local.hour * 60 + local.minute
        return next((on for on in today if on.closed is None or on.closed[1] > minute), later)

    def first_from(self, day: date) -> HolidayOn | None:
        """The first on that date or after it, within a year, by the calendar's own clocks."""
        today, later = self._outlook(None, day)
        return next(iter(today), later)

    def _outlook(self, zone: ZoneInfo | None, day: date) -> _Outlook:
        key = str(zone), day
        known = self._outlooks.get(key)
        if known is None:
            known = self.between(day, day, zone), self._first(zone, day + _DAY, day + (_YEAR_DAYS - 1) * _DAY)
            if len(self._outlooks) >= MOST_OUTLOOKS:
                self._outlooks = {}
            self._outlooks[key] = known
        return known

    def _first(self, zone: ZoneInfo | None, first: date, last: date) -> HolidayOn | None:
        """Stretch by stretch, since the next one is mostly near."""
        begin = first
        while begin <= last:
            end = min(begin + _STRETCH, last)
            if found := self.between(begin, end, zone):
                return found[0]
            begin = end + _DAY
        return None

    def _own(self, first: date, last: date) -> Iterator[HolidayOn]:
        for year in range(first.year, last.year + 1):
            days = self._of_year(year)
            begin = bisect_left(days, first, key=_date_of)
            yield from days[begin : bisect_right(days, last, lo=begin, key=_date_of)]

    def _of_year(self, year: int) -> tuple[HolidayOn, ...]:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = tuple(sorted(set(self._read_year(year)), key=order_of))
        return known


class AgendaCache(Generic[_Name]):
    """Agendas by what they are made of, up to `most` holidays in all. The least recently used go first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[_Name, tuple[Agenda, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def look_up(self, names: Iterable[_Name]) -> dict[_Name, Agenda]:
        """Those of them that are kept."""
        found: dict[_Name, Agenda] = {}
        with self._lock:
            for name in names:
                if name in self._kept:
                    self._kept.move_to_end(name)
                    found[name] = self._kept[name][0]
        return found

    def keep(self, name: _Name, agenda: Agenda, holidays: int) -> None:
        with self._lock:
            if name in self._kept:
                self._drop(name)
            self._kept[name] = agenda, holidays
            # An empty agenda takes memory too.
            self._weight += holidays + 1
            while len(self._kept) > 1 and self._weight > self.most:
                self._drop(next(iter(self._kept)))

    def _drop(self, name: _Name) -> None:
        _, holidays = self._kept.pop(name)
        self._weight -= holidays + 1


def _shown(own: Iterable[HolidayOn], there: ZoneInfo, here: ZoneInfo) -> Iterator[HolidayOn]:
    """The same stretches of time by the clocks of `here`; those of one day and the same hours are converted once."""
    for (day, closed), same in groupby(own, key=_hours_of):
        parts = list(in_zone(day, closed, there, here))
        for on, (date_here, closed_here) in product(same, parts):
            yield HolidayOn(date_here, on.name, on.calendar, closed_here)


def _date_of(on: HolidayOn) -> date:
    return on.date


def _hours_of(on: HolidayOn) -> tuple[date, Closed]:
    return on.date, on.closed


def order_of(on: HolidayOn) -> tuple[date, tuple[int, int], str, str]:
    return on.date, on.closed or (0, DAY_MINUTES), on.name, on.calendar


def in_zone(day: date, closed: Closed, there: ZoneInfo, here: ZoneInfo) -> Iterator[tuple[date, Closed]]:
    """The same stretch of time by the clocks of another zone, date by date."""
    starts, ends = closed or (0, DAY_MINUTES)
    for on, start, end in by_date(_instant(day, starts, there), _instant(day, ends, there), here):
        low = minute_of_day(start.time())
        high = minute_of_day(end.time()) if end.date() == on else DAY_MINUTES
        yield on, (None if (low, high) == (0, DAY_MINUTES) else (low, high))


def minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return (datetime.combine(day, time()) + timedelta(minutes=minutes)).replace(tzinfo=zone)

"""The restricted days of one calendar, in order, in any time zone. Pure.

Each year is computed once and then only looked up. The list of campaigns asks every few seconds: its cost must not
grow with the number of holidays, nor with the number of time zones of a calendar's campaigns.
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

# The restricted minutes after midnight, start and end; None: all day.
Closed = tuple[int, int] | None

# Kept in one agenda; beyond that all are dropped. Enough for three days (yesterday, today and tomorrow) in each of the
# 600 zones of the IANA database.
MOST_OUTLOOKS = 2_000
# Midnight at UTC+14 is 22:00 two dates earlier at UTC-12.
ZONES_APART = timedelta(days=2)
_YEAR_DAYS = 366
_DAY = timedelta(days=1)
# How many days are searched at once for the next holiday: a country's calendar has one in most fortnights.
_STRETCH = timedelta(days=14)

_Name = TypeVar("_Name", bound=Hashable)
# What is restricted on a date, and the next restriction after that date within a year.
_Outlook = tuple[tuple[HolidayOn, ...], HolidayOn | None]


class Agenda:
    """`year`: returns what is restricted in a year in the calendar's own zone, in any order. `zone`: the calendar's;
    None if its days are those of each campaign's zone."""

    def __init__(self, year: Callable[[int], Iterable[HolidayOn]], zone: ZoneInfo | None) -> None:
        self.zone = zone
        self._read_year = year
        self._years: dict[int, tuple[HolidayOn, ...]] = {}
        self._outlooks: dict[tuple[str, date], _Outlook] = {}

    def between(self, first: date, last: date, zone: ZoneInfo | None = None) -> tuple[HolidayOn, ...]:
        """What is restricted from `first` to `last`, both included, in `zone`, in order."""
        if zone is None or self.zone is None or zone.key == self.zone.key:
            return tuple(self._own(first, last))
        near = self._own(first - ZONES_APART, last + ZONES_APART)
        shown = {on for on in _shown(near, self.zone, zone) if first <= on.date <= last}
        return tuple(sorted(shown, key=order_of))

    def next(self, zone: ZoneInfo | None, now: datetime) -> HolidayOn | None:
        """The restriction in effect at `now` (aware) or the next one within a year, in `zone`.

        Without `zone` the calendar's zone is used, and if it has none either, that of `now`.
        """
        local = now.astimezone(zone or self.zone or now.tzinfo)
        today, later = self._outlook(zone, local.date())
        minute = local.hour * 60 + local.minute
        return next((on for on in today if on.closed is None or on.closed[1] > minute), later)

    def first_from(self, day: date) -> HolidayOn | None:
        """The first restriction on that date or later, within a year, in the calendar's own zone."""
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
        """The first restriction from `first` to `last`, in `zone`."""
        # Fortnight by fortnight, since the next one is usually near.
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
    """Agendas by name, for up to `most` holidays in total; beyond that the least recently used are dropped. Safe to
    use from several threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[_Name, tuple[Agenda, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def look_up(self, names: Iterable[_Name]) -> dict[_Name, Agenda]:
        """The agendas of those names that are cached."""
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
            # One more than its holidays, since an empty agenda takes memory too.
            self._weight += holidays + 1
            while len(self._kept) > 1 and self._weight > self.most:
                self._drop(next(iter(self._kept)))

    def _drop(self, name: _Name) -> None:
        _, holidays = self._kept.pop(name)
        self._weight -= holidays + 1


def _shown(own: Iterable[HolidayOn], there: ZoneInfo, here: ZoneInfo) -> Iterator[HolidayOn]:
    """The same periods in the zone `here`."""
    # Holidays of one day with the same hours are converted once: a calendar may have several.
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
    """Convert a period of a day from the zone `there` to `here`: each date there, with the restricted minutes."""
    starts, ends = closed or (0, DAY_MINUTES)
    for on, start, end in by_date(_instant(day, starts, there), _instant(day, ends, there), here):
        low = minute_of_day(start.time())
        high = minute_of_day(end.time()) if end.date() == on else DAY_MINUTES
        yield on, (None if (low, high) == (0, DAY_MINUTES) else (low, high))


def minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return (datetime.combine(day, time()) + timedelta(minutes=minutes)).replace(tzinfo=zone)

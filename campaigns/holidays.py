"""Holidays as dates: when they come by, which days are observed, what of a day is restricted, and for whom.

A holiday that comes every year does so from its own date on; one of 29 February is on the 28th in other years, since
a day too many costs less than one on which nobody may be called. One that is observed restricts its own day and the
Friday before a Saturday, or the Monday after a Sunday: both count as holidays in US practice.

A calendar's days begin and end in its own time zone or, without one, in each campaign's.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from campaigns.models import Calendar, Campaign, Holiday
from campaigns.schedule import DAY_MINUTES, HolidayOn, clock, find_zone, zone_of

SOON_DAYS = 60
YEAR_DAYS = 366
NAME_LENGTH = 200
MOST_HOLIDAYS = 900  # in one import: as many as one form can ask about
DAY_END = time(23, 59)  # as an end it means midnight, which a time of day can't say
OBSERVED = " (observed)"

_DAY = timedelta(days=1)
Closed = tuple[int, int] | None  # minutes after midnight; None: all day


@dataclass(frozen=True, slots=True)
class Entry:
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
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def occurrences(holiday: Holiday, first: date, last: date) -> Iterator[tuple[date, str]]:
    """Each date from `first` to `last` that it restricts, with what it is called there."""
    for day in _own_days(holiday, first - _DAY, last + _DAY):
        named = [(day, holiday.name)]
        if holiday.observed and (instead := observed_day(day)) != day:
            named.append((instead, holiday.name + OBSERVED))
        yield from ((on, name) for on, name in named if first <= on <= last)


def _own_days(holiday: Holiday, first: date, last: date) -> Iterator[date]:
    years = range(max(first.year, holiday.date.year), last.year + 1) if holiday.every_year else (holiday.date.year,)
    days = (in_year(holiday.date, year) for year in years)
    return (day for day in days if first <= day <= last)


def in_year(day: date, year: int) -> date:
    """The same day of another year; 28 February for a 29th that it doesn't have."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def closed_of(holiday: Holiday | Entry) -> Closed:
    """The restricted minutes of its day."""
    if holiday.starts is None or holiday.ends is None:
        return None
    ends = DAY_MINUTES if holiday.ends >= DAY_END else _minutes(holiday.ends)
    return None if (starts := _minutes(holiday.starts)) == 0 and ends == DAY_MINUTES else (starts, ends)


def falling(
    holidays: Iterable[Holiday], zone: ZoneInfo | None, first: date, days: int = SOON_DAYS
) -> tuple[HolidayOn, ...]:
    """What these holidays restrict in the `days` dates from `first` on, as the clocks of `zone` show it; in order."""
    last = first + timedelta(days=days - 1)
    found = {on for holiday in holidays for on in _restrictions(holiday, zone, first, last)}
    return tuple(sorted(found, key=_order))


def upcoming(campaign: Campaign, first: date, days: int = SOON_DAYS) -> tuple[HolidayOn, ...]:
    """The holidays of its calendars in the `days` dates from `first` on, in its own time zone. One query."""
    last = first + timedelta(days=days - 1)
    holidays = Holiday.objects.filter(between(first, last), calendar__campaigns=campaign).select_related("calendar")
    return falling(holidays, zone_of_campaign(campaign), first, days)


def next_of(campaigns: Collection[Campaign], now: datetime) -> dict[str, HolidayOn]:
    """By campaign id, the holiday that it is on or comes next to, within a year. Two queries for however many."""
    calendars = _calendars_of(campaigns)
    today = now.date()
    near = Holiday.objects.filter(
        between(today - _DAY, today + timedelta(days=YEAR_DAYS)), calendar__in=set().union(*calendars.values())
    )
    holidays = list(near.select_related("calendar"))
    known: dict[tuple[frozenset[int], str], HolidayOn | None] = {}
    found: dict[str, HolidayOn] = {}
    for campaign in campaigns:
        zone, assigned = zone_of_campaign(campaign), frozenset(calendars.get(campaign.pk, ()))
        key = (assigned, str(zone))
        if key not in known:
            known[key] = _next((h for h in holidays if h.calendar_id in assigned), zone, now)
        if (following := known[key]) is not None:
            found[campaign.pk] = following
    return found


def missing_from(calendar: Calendar, entries: Collection[Entry]) -> list[Entry]:
    """Those that the calendar hasn't yet, by date and name. What comes every year is there on each of its dates from
    the first on; what was renamed here is known by the file's id of it."""
    known = list(calendar.holidays.all())
    named = {(holiday.date, holiday.name) for holiday in known}
    renamed = named - {(entry.date, entry.name) for entry in entries}
    marked = {
        (holiday.date, holiday.uid) for holiday in known if holiday.uid and (holiday.date, holiday.name) in renamed
    }
    yearly = {_yearly_key(holiday.date, holiday.name): holiday.date for holiday in known if holiday.every_year}
    return [
        entry
        for entry in entries
        if (entry.date, entry.name) not in named
        and (entry.date, entry.uid) not in marked
        and yearly.get(_yearly_key(entry.date, entry.name), date.max) > entry.date
    ]


def _yearly_key(day: date, name: str) -> tuple[int, int, str]:
    return day.month, day.day, name


def between(first: date, last: date) -> Q:
    """Those that may restrict a date from `first` to `last`: a day off for being observed, one for the zones."""
    return Q(every_year=True) | Q(date__range=(first - 2 * _DAY, last + 2 * _DAY))


def horizon(today: date) -> tuple[date, date]:
    """How far a calendar file is read: what recurs in it may do so for ever."""
    return date(today.year, 1, 1), date(today.year + 2, 12, 31)


def hours_in_words(closed: Closed) -> str:
    return "all day" if closed is None else f"{clock(closed[0])} to {clock(closed[1])}"


def zone_of_campaign(campaign: Campaign) -> ZoneInfo | None:
    return zone_of(campaign.schedule) or find_zone(campaign.timezone)


def _calendars_of(campaigns: Collection[Campaign]) -> dict[str, set[int]]:
    assigned: dict[str, set[int]] = {}
    links = Calendar.campaigns.through.objects.filter(campaign_id__in=[campaign.pk for campaign in campaigns])
    for campaign_id, calendar_id in links.values_list("campaign_id", "calendar_id"):
        assigned.setdefault(campaign_id, set()).add(calendar_id)
    return assigned


def _next(holidays: Iterable[Holiday], zone: ZoneInfo | None, now: datetime) -> HolidayOn | None:
    local = now.astimezone(zone) if zone else now
    for on in falling(holidays, zone, local.date(), YEAR_DAYS):
        if on.date > local.date() or on.closed is None or on.closed[1] > _minutes(local.time()):
            return on
    return None


def _restrictions(holiday: Holiday, zone: ZoneInfo | None, first: date, last: date) -> Iterator[HolidayOn]:
    closed, there = closed_of(holiday), find_zone(holiday.calendar.zone) if holiday.calendar.zone else None
    if zone is None or there is None or there.key == zone.key:
        for day, name in occurrences(holiday, first, last):
            yield HolidayOn(day, name, holiday.calendar.name, closed)
        return
    for day, name in occurrences(holiday, first - _DAY, last + _DAY):
        for here, part in in_zone(day, closed, there, zone):
            if first <= here <= last:
                yield HolidayOn(here, name, holiday.calendar.name, part)


def in_zone(day: date, closed: Closed, there: ZoneInfo, here: ZoneInfo) -> Iterator[tuple[date, Closed]]:
    """The same stretch of time by the clocks of another zone, date by date."""
    starts, ends = closed or (0, DAY_MINUTES)
    begin, end = (_instant(day, minutes, there).astimezone(here) for minutes in (starts, ends))
    on = begin.date()
    while on <= end.date():
        low = _minutes(begin.time()) if on == begin.date() else 0
        high = _minutes(end.time()) if on == end.date() else DAY_MINUTES
        if low > high:  # an hour that comes twice: all that may be meant
            low, high = high, low
        if low < high:
            yield on, (None if (low, high) == (0, DAY_MINUTES) else (low, high))
        on += _DAY


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return (datetime.combine(day, time()) + timedelta(minutes=minutes)).replace(tzinfo=zone)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _order(on: HolidayOn) -> tuple[date, tuple[int, int], str, str]:
    return on.date, on.closed or (0, DAY_MINUTES), on.name, on.calendar

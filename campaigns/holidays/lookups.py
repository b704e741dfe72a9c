"""The holidays of campaigns and calendars, looked up in the database: those ahead, the next one, and what day it is.

A calendar's days begin and end in its own time zone or, without one, in each campaign's.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.holidays.agenda import Agenda, AgendaCache, order_of
from campaigns.holidays.dates import Dated, closed_of, occurrences
from campaigns.models import Calendar, Campaign, Holiday
from campaigns.schedule import HolidayOn, find_zone, zone_of

SOON_DAYS = 60
# In the memory of a process. A holiday takes about 500 bytes with the days that come of it, so that this is 25 MB.
MOST_KEPT = 50_000

# Each process keeps its own: the key names an edition of a calendar, so a copy can be superfluous but never stale.
_agendas: AgendaCache[tuple[int, UUID]] = AgendaCache(MOST_KEPT)


def upcoming(campaign: Campaign, first: date, days: int = SOON_DAYS) -> tuple[HolidayOn, ...]:
    """The holidays of its calendars in the `days` dates from `first` on, in its own time zone. One query; one more
    where one of the calendars has changed."""
    return restricted_days(Calendar.objects.filter(campaigns=campaign), zone_of_campaign(campaign), first, days)


def restricted_days(
    calendars: Iterable[Calendar], zone: ZoneInfo | None, first: date, days: int = SOON_DAYS
) -> tuple[HolidayOn, ...]:
    """What those calendars restrict in the `days` dates from `first` on, as the clocks of `zone` show it; in order. No
    query; one where one of the calendars has changed."""
    found: set[HolidayOn] = set()
    for agenda in agendas_of(calendars).values():
        found.update(agenda.between(first, first + timedelta(days=days - 1), zone))
    return tuple(sorted(found, key=order_of))


def next_of(campaigns: Collection[Campaign], now: datetime) -> dict[str, HolidayOn]:
    """By campaign id, the holiday that it is on now or the next one within a year. One query, however many campaigns;
    one more where a calendar has changed."""
    calendars, assigned = _calendars_of(campaigns)
    agendas, here = agendas_of(calendars), timezone.localtime(now)
    known: dict[tuple[frozenset[int], str], HolidayOn | None] = {}
    found: dict[str, HolidayOn] = {}
    for campaign in campaigns:
        zone, own = zone_of_campaign(campaign), frozenset(assigned.get(campaign.pk, ()))
        key = own, str(zone)
        if key not in known:
            following = [agendas[number].next(zone, here) for number in own]
            known[key] = min(filter(None, following), key=order_of, default=None)
        holiday = known[key]
        if holiday is not None:
            found[campaign.pk] = holiday
    return found


def agendas_of(calendars: Iterable[Calendar]) -> dict[int, Agenda]:
    """By the calendar's number. One query more for those of which this edition isn't known here, however many."""
    by_edition = {(calendar.pk, calendar.edition): calendar for calendar in calendars}
    found = _agendas.look_up(by_edition)
    missing = {edition: calendar for edition, calendar in by_edition.items() if edition not in found}
    if missing:
        # Read later than the edition: if a change came between, the next one to ask knows the newer edition.
        holidays: dict[int, list[Dated]] = {calendar.pk: [] for calendar in missing.values()}
        for row in _rows_of(holidays):
            holidays[row.calendar_id].append(row)
        for edition, calendar in missing.items():
            found[edition] = agenda_of(calendar, holidays[calendar.pk])
            _agendas.keep(edition, found[edition], len(holidays[calendar.pk]))
    return {pk: agenda for (pk, _), agenda in found.items()}


def today_in(zone: ZoneInfo | None, now: datetime) -> date:
    """The date in `zone`; without one, the date where the reader is. Never the server's."""
    if zone:
        return now.astimezone(zone).date()
    return timezone.localdate(now)


def today_of(calendars: Collection[Calendar], now: datetime | None = None) -> dict[int, date]:
    """By the calendar's number, the day that it is now where its holidays count. One query.

    In the calendar's own zone; without one the earliest day among its campaigns' zones, since a holiday isn't over
    before it is for the last of them; without any of these, the reader's day.
    """
    at = now or timezone.now()
    zones: dict[int, set[ZoneInfo]] = {calendar.pk: set() for calendar in calendars}
    links = Calendar.campaigns.through.objects.filter(calendar__in=list(zones), campaign__gone_at=None)
    named = links.values_list("calendar_id", "campaign__schedule__timezone", "campaign__timezone").distinct()
    for calendar_id, scheduled, noted in named:
        if zone := zone_of({"timezone": scheduled}) or find_zone(noted):
            zones[calendar_id].add(zone)
    return {calendar.pk: _today_of(calendar, zones[calendar.pk], at) for calendar in calendars}


def _today_of(calendar: Calendar, zones: Collection[ZoneInfo], at: datetime) -> date:
    own = find_zone(calendar.zone) if calendar.zone else None
    if own or not zones:
        return today_in(own, at)
    return min(today_in(zone, at) for zone in zones)


def zone_of_campaign(campaign: Campaign) -> ZoneInfo | None:
    return zone_of(campaign.schedule) or find_zone(campaign.timezone)


def agenda_of(calendar: Calendar, holidays: Iterable[Dated]) -> Agenda:
    """`holidays`: all that the calendar has."""
    kept = tuple(holidays)
    zone = find_zone(calendar.zone) if calendar.zone else None
    return Agenda(partial(_restricted_in, kept, calendar.name), zone)


def _restricted_in(holidays: Iterable[Dated], calendar: str, year: int) -> Iterator[HolidayOn]:
    """By the calendar's own clocks."""
    for holiday in holidays:
        closed = closed_of(holiday)
        for day, name in occurrences(holiday, date(year, 1, 1), date(year, 12, 31)):
            yield HolidayOn(day, name, calendar, closed)


def _rows_of(calendars: Iterable[int]) -> QuerySet[Holiday, Any]:
    """As small as they can be, since they are kept."""
    columns = ("calendar_id", "name", "date", "starts", "ends", "every_year", "observed")
    return Holiday.objects.filter(calendar__in=list(calendars)).order_by().values_list(*columns, named=True)


def _calendars_of(campaigns: Collection[Campaign]) -> tuple[list[Calendar], dict[str, set[int]]]:
    """All calendars of those campaigns, and their numbers by campaign id."""
    calendars: dict[int, Calendar] = {}
    assigned: dict[str, set[int]] = {}
    links = Calendar.campaigns.through.objects.filter(campaign_id__in=[campaign.pk for campaign in campaigns])
    columns = ("campaign_id", "calendar_id", "calendar__name", "calendar__zone", "calendar__edition")
    for campaign_id, number, name, zone, edition in links.values_list(*columns):
        if number not in calendars:
            calendars[number] = Calendar(pk=number, name=name, zone=zone, edition=edition)
        assigned.setdefault(campaign_id, set()).add(number)
    return list(calendars.values()), assigned

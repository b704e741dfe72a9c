"""The holidays of campaigns and calendars from the database: upcoming ones, the next one, and today's date there.

A calendar's days begin and end in its own time zone or, without one, in each campaign's.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.holidays.agenda import Agenda, AgendaCache, order_of
from campaigns.holidays.dates import Dated, closed_of, occurrences
from campaigns.models import Calendar, Campaign, Holiday
from campaigns.prepared import fetch_values_of
from campaigns.schedule import HolidayOn, find_zone, zone_of

# How many days ahead a campaign's page and the checks of schedules look.
SOON_DAYS = 60
# Holidays in the memory of one process. With the days computed from it one takes about 500 bytes: 25 MB in total.
MOST_KEPT = 50_000

# Each process has its own cache. The key contains the calendar's edition, which each change replaces: a cached agenda
# may be superfluous, but never stale.
_agendas: AgendaCache[tuple[int, UUID]] = AgendaCache(MOST_KEPT)


class Assigned(NamedTuple):
    """`calendars`: those of some campaigns, with only the fields that are needed here. `keys`: the primary keys of
    each campaign's calendars, by campaign id."""

    calendars: list[Calendar]
    keys: dict[str, frozenset[int]]


def upcoming(
    campaign: Campaign, first: date, days: int = SOON_DAYS, zone: ZoneInfo | None = None
) -> tuple[HolidayOn, ...]:
    """The holidays of a campaign in the `days` dates from `first` on, in `zone`, by default its own. One query, and
    one more if a calendar has changed."""
    here = zone or zone_of_campaign(campaign)
    return restricted_days(Calendar.objects.filter(campaigns=campaign), here, first, days)


def restricted_days(
    calendars: Iterable[Calendar], zone: ZoneInfo | None, first: date, days: int = SOON_DAYS
) -> tuple[HolidayOn, ...]:
    """What the calendars restrict in the `days` dates from `first` on, in `zone`, in order. No query, or one if a
    calendar has changed."""
    found: set[HolidayOn] = set()
    for agenda in agendas_of(calendars).values():
        found.update(agenda.between(first, first + timedelta(days=days - 1), zone))
    return tuple(sorted(found, key=order_of))


def next_of(campaigns: Collection[Campaign], now: datetime, assigned: Assigned | None = None) -> dict[str, HolidayOn]:
    """By campaign id: the holiday in effect at `now` or the next one within a year. One query for any number of
    campaigns, and one more if a calendar has changed.

    `assigned`: their calendars, if the caller has read them already.
    """
    calendars, keys = assigned or calendars_of(campaigns)
    agendas, here = agendas_of(calendars), timezone.localtime(now)
    known: dict[tuple[frozenset[int], str], HolidayOn | None] = {}
    found: dict[str, HolidayOn] = {}
    for campaign in campaigns:
        zone, own = zone_of_campaign(campaign), keys.get(campaign.pk, frozenset())
        key = own, str(zone)
        if key not in known:
            following = [agendas[number].next(zone, here) for number in own]
            known[key] = min(filter(None, following), key=order_of, default=None)
        holiday = known[key]
        if holiday is not None:
            found[campaign.pk] = holiday
    return found


def agendas_of(calendars: Iterable[Calendar]) -> dict[int, Agenda]:
    """By the calendar's primary key. No query if all are cached in their current edition, otherwise one."""
    by_edition = {(calendar.pk, calendar.edition): calendar for calendar in calendars}
    found = _agendas.look_up(by_edition)
    missing = {edition: calendar for edition, calendar in by_edition.items() if edition not in found}
    if missing:
        # The holidays are read after the edition. If somebody changes them in between, they are cached under an
        # edition that is replaced already: the next caller reads the newer one.
        holidays: dict[int, list[Dated]] = {calendar.pk: [] for calendar in missing.values()}
        for row in _rows_of(holidays):
            holidays[row.calendar_id].append(row)
        for edition, calendar in missing.items():
            found[edition] = agenda_of(calendar, holidays[calendar.pk])
            _agendas.keep(edition, found[edition], len(holidays[calendar.pk]))
    return {pk: agenda for (pk, _), agenda in found.items()}


def today_in(zone: ZoneInfo | None, now: datetime) -> date:
    """The date in `zone`; without one, the date in the reader's time zone. Never the server's."""
    if zone:
        return now.astimezone(zone).date()
    return timezone.localdate(now)


def today_of(calendars: Collection[Calendar], now: datetime | None = None) -> dict[int, date]:
    """By the calendar's primary key: today's date where its holidays apply. One query.

    That is the date in the calendar's zone; without one, the earliest date in its campaigns' zones, since a holiday is
    over when it is over for the last of them; without campaigns, the reader's date.
    """
    at = now or timezone.now()
    zones: dict[int, set[ZoneInfo]] = {calendar.pk: set() for calendar in calendars}
    links = Calendar.campaigns.through.objects.filter(calendar__in=list(zones), campaign__gone_at=None)
    named = links.values_list("calendar_id", "campaign__schedule__timezone", "campaign__timezone").distinct()
    for calendar_id, scheduled, noted in named:
        if zone := zone_from(scheduled, noted):
            zones[calendar_id].add(zone)
    return {calendar.pk: _today_of(calendar, zones[calendar.pk], at) for calendar in calendars}


def _today_of(calendar: Calendar, zones: Collection[ZoneInfo], at: datetime) -> date:
    own = find_zone(calendar.zone) if calendar.zone else None
    if own or not zones:
        return today_in(own, at)
    return min(today_in(zone, at) for zone in zones)


def zone_of_campaign(campaign: Campaign) -> ZoneInfo | None:
    return zone_of(campaign.schedule) or find_zone(campaign.timezone)


def zone_from(scheduled: object, noted: str) -> ZoneInfo | None:
    """The zone of a campaign by the zone in its schedule and by the one beside it, for who reads only those."""
    return zone_of({"timezone": scheduled}) or find_zone(noted)


def agenda_of(calendar: Calendar, holidays: Iterable[Dated]) -> Agenda:
    """`holidays`: all holidays of the calendar."""
    kept = tuple(holidays)
    zone = find_zone(calendar.zone) if calendar.zone else None
    return Agenda(partial(_restricted_in, kept, calendar.name), zone)


def _restricted_in(holidays: Iterable[Dated], calendar: str, year: int) -> Iterator[HolidayOn]:
    """What the holidays restrict in a year, in the calendar's own zone."""
    for holiday in holidays:
        closed = closed_of(holiday)
        for day, name in occurrences(holiday, date(year, 1, 1), date(year, 12, 31)):
            yield HolidayOn(day, name, calendar, closed)


def _rows_of(calendars: Iterable[int]) -> QuerySet[Holiday, Any]:
    """The holidays of those calendars, as named tuples."""
    # Not model instances: these stay in the cache, and must be small.
    columns = ("calendar_id", "name", "date", "starts", "ends", "every_year", "observed")
    return Holiday.objects.filter(calendar__in=list(calendars)).order_by().values_list(*columns, named=True)


def calendars_of(campaigns: Collection[Campaign]) -> Assigned:
    """The calendars of those campaigns. One query for any number of them."""
    calendars: dict[int, Calendar] = {}
    keys: dict[str, set[int]] = {}
    links = fetch_values_of(_links_of, [campaign.pk for campaign in campaigns])
    for campaign_id, number, name, zone, edition, guarded in links:
        if number not in calendars:
            calendars[number] = Calendar(pk=number, name=name, zone=zone, edition=edition, guarded=guarded)
        keys.setdefault(campaign_id, set()).add(number)
    return Assigned(list(calendars.values()), {campaign: frozenset(own) for campaign, own in keys.items()})


def _links_of(ids: Sequence[str]) -> QuerySet[Any, Any]:
    columns = ("calendar__name", "calendar__zone", "calendar__edition", "calendar__guarded")
    links = Calendar.campaigns.through.objects.filter(campaign_id__in=ids)
    return links.values_list("campaign_id", "calendar_id", *columns)

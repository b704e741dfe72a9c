"""Whom a calendar's holidays hit: its campaigns whose dialing hours run into a restricted day.

Campaigns with the same hours are looked at as one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from operator import itemgetter
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models.functions import Lower

from campaigns.holidays.agenda import Agenda, Closed, order_of
from campaigns.holidays.dates import hours_in_words
from campaigns.holidays.lookups import agendas_of, zone_of_campaign
from campaigns.models import Calendar, Campaign
from campaigns.schedule import DAY_MINUTES, Day, HolidayOn, find_zone, week, why_unknown

DAYS_A_PAGE = 100
MOST_NAMED = 50


class Hit(NamedTuple):
    campaign: Campaign
    hours: str


@dataclass(frozen=True, slots=True)
class HitDay:
    """A day of restriction, and the campaigns that dial in it, or may: hours that can't be read are never taken for
    closed. `named` are the first of `count`."""

    on: HolidayOn
    hours: str
    named: list[Hit]
    count: int

    @property
    def rest(self) -> int:
        return self.count - len(self.named)


class HitPage(NamedTuple):
    page: Page[HolidayOn]
    days: list[HitDay]


class _Week(NamedTuple):
    """The dialing hours of Monday to Sunday in a zone, which many campaigns have in common. `zone`: "" where all zones
    have the same days, as in a calendar that has no zone of its own. `why_unknown`: of its days that are unread."""

    zone: str
    days: tuple[Day, ...]
    why_unknown: str


_Numbered = tuple[int, Campaign]  # its place by name


def read_hits(calendar: Calendar, first: date, last: date, number: str) -> HitPage:
    """A page of what its holidays restrict from `first` to `last`, and which of its campaigns dial then. Three queries
    at most."""
    agenda = agendas_of([calendar])[calendar.pk]
    weeks = _weeks_of(calendar, agenda)
    zones_on: dict[HolidayOn, set[str]] = {}
    for zone in {alike.zone for alike in weeks} or {""}:
        for on in agenda.between(first, last, find_zone(zone) if zone else None):
            zones_on.setdefault(on, set()).add(zone)
    page = Paginator(sorted(zones_on, key=order_of), DAYS_A_PAGE).get_page(number)
    return HitPage(page, [_hit_day(on, zones_on[on], weeks) for on in page])


def _weeks_of(calendar: Calendar, agenda: Agenda) -> dict[_Week, list[_Numbered]]:
    """Its campaigns, by name, under the hours that they have."""
    found: dict[_Week, list[_Numbered]] = {}
    days: dict[str, tuple[Day, ...]] = {}
    campaigns = calendar.campaigns.filter(gone_at=None).order_by(Lower("name"), "id")
    for place, campaign in enumerate(campaigns.only("id", "name", "schedule", "timezone")):
        key = repr(campaign.schedule)
        if key not in days:
            days[key] = week(campaign.schedule)
        zone = str(zone_of_campaign(campaign) or "") if agenda.zone else ""
        found.setdefault(_Week(zone, days[key], why_unknown(campaign.schedule)), []).append((place, campaign))
    return found


def _hit_day(on: HolidayOn, zones: Collection[str], weeks: Mapping[_Week, list[_Numbered]]) -> HitDay:
    hit: list[tuple[int, Hit]] = []
    for alike, campaigns in weeks.items():
        if alike.zone in zones:
            hours = _hours_in(alike.days[on.date.weekday()], on.closed, alike.why_unknown)
        else:
            hours = ""
        if hours:
            hit += [(place, Hit(campaign, hours)) for place, campaign in campaigns]
    first = nsmallest(MOST_NAMED, hit, key=itemgetter(0))
    return HitDay(on, hours_in_words(on.closed), [found for _, found in first], len(hit))


def _hours_in(day: Day, closed: Closed, why: str) -> str:
    """The dialing hours of the day that are restricted, in words; "" if none. `why`: why those unread are unknown."""
    low, high = closed or (0, DAY_MINUTES)
    common = [(max(start, low), min(end, high)) for start, end in day.segments if start < high and end > low]
    words = [hours_in_words(part) for part in common]
    if day.unread:
        words.append(why)
    return ", ".join(words)

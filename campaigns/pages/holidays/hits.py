"""Hits: the campaigns of a calendar whose dialing hours overlap with a restricted day.

Campaigns with the same hours are computed once.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from operator import itemgetter
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models.functions import Lower

from campaigns.holidays.agenda import Agenda, Closed, in_zone, order_of
from campaigns.holidays.dates import hours_in_words
from campaigns.holidays.lookups import agendas_of, zone_of_campaign
from campaigns.models import Calendar, Campaign
from campaigns.schedule import DAY_MINUTES, Day, HolidayOn, find_zone, week, why_unknown, zone_of

DAYS_A_PAGE = 100
# Campaigns named for each day; the rest is counted.
MOST_NAMED = 50


class Hit(NamedTuple):
    campaign: Campaign
    hours: str


@dataclass(frozen=True, slots=True)
class HitDay:
    """A restricted day with the campaigns that dial then, or may: hours that can't be read never count as closed.
    `named`: the first of `count` campaigns, by name."""

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
    """The dialing hours of Monday to Sunday, which many campaigns share. `zone`: "" if the calendar has no zone of its
    own, since its dates are then the same in all zones. `why_unknown`: why its unread days are unknown."""

    zone: str
    days: tuple[Day, ...]
    why_unknown: str


# A campaign with its position by name.
_Numbered = tuple[int, Campaign]


def read_hits(calendar: Calendar, first: date, last: date, number: str) -> HitPage:
    """A page of the days that the calendar restricts from `first` to `last`, with the campaigns that dial then. Three
    queries at most."""
    agenda = agendas_of([calendar])[calendar.pk]
    weeks = _weeks_of(calendar, agenda)
    zones_on: dict[HolidayOn, set[str]] = {}
    for zone in {alike.zone for alike in weeks} or {""}:
        for on in agenda.between(first, last, find_zone(zone) if zone else None):
            zones_on.setdefault(on, set()).add(zone)
    page = Paginator(sorted(zones_on, key=order_of), DAYS_A_PAGE).get_page(number)
    return HitPage(page, [_hit_day(on, zones_on[on], weeks) for on in page])


def count_hits(calendar: Calendar, restricted: Mapping[date, Collection[Closed]]) -> dict[date, int]:
    """How many campaigns dial, or may, in what the calendar restricts on each of these days of its own zone. One
    query."""
    weeks = _numbers_of(calendar)
    return {
        day: sum(number for alike, number in weeks.items() if _is_hit(calendar, alike, day, restricted[day]))
        for day in restricted
    }


def _numbers_of(calendar: Calendar) -> Counter[_Week]:
    """How many of the calendar's campaigns have the same hours."""
    campaigns = calendar.campaigns.filter(gone_at=None).order_by()
    found: Counter[_Week] = Counter()
    known: dict[tuple[str, str], _Week] = {}
    for schedule, noted in campaigns.values_list("schedule", "timezone"):
        key = repr(schedule), noted
        if key not in known:
            zone = str(zone_of(schedule) or find_zone(noted) or "") if calendar.zone else ""
            known[key] = _Week(zone, week(schedule), why_unknown(schedule))
        found[known[key]] += 1
    return found


def _is_hit(calendar: Calendar, alike: _Week, day: date, closed: Collection[Closed]) -> bool:
    there, here = (find_zone(name) if name else None for name in (calendar.zone, alike.zone))
    for each in closed:
        parts = in_zone(day, each, there, here) if there and here else [(day, each)]
        if any(_hours_in(alike.days[on.weekday()], part, alike.why_unknown) for on, part in parts):
            return True
    return False


def _weeks_of(calendar: Calendar, agenda: Agenda) -> dict[_Week, list[_Numbered]]:
    """The calendar's campaigns by their hours; those with the same hours are sorted by name."""
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
    """The restricted dialing hours of a day, in words; "" if there are none. `why`: why unread hours are unknown."""
    low, high = closed or (0, DAY_MINUTES)
    common = [(max(start, low), min(end, high)) for start, end in day.segments if start < high and end > low]
    words = [hours_in_words(part) for part in common]
    if day.unread:
        words.append(why)
    return ", ".join(words)

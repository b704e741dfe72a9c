"""Which campaigns the guard has to pause now or soon, and until when. The number of queries is fixed."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from campaigns.cxone.budget import Lane, lane_range
from campaigns.guard.stretches import Stretch, is_undated, stretch_from
from campaigns.holidays.agenda import Agenda
from campaigns.holidays.lookups import Assigned, agendas_of, zone_from, zone_of_campaign
from campaigns.models import Calendar, Campaign
from campaigns.operations.timed import HAND_OVER

SCHEDULED, NOTED = "campaign__schedule__timezone", "campaign__timezone"


# A pause is requested so long before CXone gets it: time for thousands of requests, all before the first is due.
AHEAD = timedelta(minutes=8)
# For 5,000 campaigns at the same time. The longer CXone has a pause, the later it is to take it back.
LONGEST_HAND_OVER = timedelta(hours=2)
# To read the campaign, to count its calls, to send the pause.
REQUESTS_EACH = 3
# What else goes on in the bulk lane meanwhile takes its part.
SPARE = 1.25


@dataclass(frozen=True, slots=True)
class Duty:
    """By campaign id, the stretches that are in effect or begin soon. `undated`: campaigns for which nobody can tell,
    since a guarded calendar goes by their time zone and that isn't known. `hand_overs`: by the begin of a stretch, how
    long before it CXone gets the pauses."""

    stretches: Mapping[str, Stretch]
    undated: Collection[str]
    hand_overs: Mapping[datetime, timedelta]


class StretchLookup:
    """Stretches in effect at `now` or next, worked out once for each set of calendars and time zone."""

    def __init__(self, agendas: Mapping[int, Agenda], now: datetime) -> None:
        self._agendas = agendas
        self._now = now
        self._known: dict[tuple[frozenset[int], str], Stretch | None] = {}

    def look_up(self, calendars: frozenset[int], zone: ZoneInfo | None) -> Stretch | None:
        key = calendars, str(zone)
        if key not in self._known:
            self._known[key] = stretch_from(self._of(calendars), zone, self._now)
        return self._known[key]

    def is_undated(self, calendars: frozenset[int], zone: ZoneInfo | None) -> bool:
        return is_undated(self._of(calendars), zone)

    def _of(self, calendars: frozenset[int]) -> list[Agenda]:
        return [self._agendas[number] for number in sorted(calendars)]


def read_duty(now: datetime, without: Calendar | None = None) -> Duty:
    """The duty at `now`. Three queries at most, and one more if a calendar has changed.

    `without`: a calendar that doesn't count.
    """
    calendars = [calendar for calendar in Calendar.objects.filter(guarded=True) if calendar != without]
    lookup, until = StretchLookup(agendas_of(calendars), now), now + LONGEST_HAND_OVER + AHEAD
    # Most of the time no holiday is near, and the campaigns themselves needn't be read.
    if not any(_matters(lookup, number, zone, until) for number, zone in _zones_of(calendars)):
        return Duty({}, (), {})
    near, undated = {}, []
    for campaign_id, (numbers, zone) in _guarded_by(calendars).items():
        stretch = lookup.look_up(numbers, zone)
        if stretch is not None and stretch.begins <= until:
            near[campaign_id] = stretch
        elif lookup.is_undated(numbers, zone):
            undated.append(campaign_id)
    numbers_at = Counter(stretch.begins for stretch in near.values())
    hand_overs = {begins: hand_over_of(number) for begins, number in numbers_at.items()}
    due = {key: each for key, each in near.items() if each.begins <= now + hand_overs[each.begins] + AHEAD}
    return Duty(due, frozenset(undated), hand_overs)


def hand_over_of(number: int) -> timedelta:
    """How long before their time CXone gets so many pauses, so that it has the last of them in time."""
    requests_a_minute = len(lane_range(Lane.BULK, settings.CXONE_RATE_PER_MINUTE))
    minutes = number * REQUESTS_EACH * SPARE / requests_a_minute
    return min(HAND_OVER + timedelta(minutes=minutes), LONGEST_HAND_OVER)


def next_stretches(campaigns: Collection[Campaign], assigned: Assigned, now: datetime) -> dict[str, Stretch]:
    """By campaign id: the stretch in effect at `now` or next. No query, or one if a calendar has changed."""
    guarded = {calendar.pk: calendar for calendar in assigned.calendars if calendar.guarded}
    lookup = StretchLookup(agendas_of(guarded.values()), now)
    found = {}
    for campaign in campaigns:
        numbers = frozenset(assigned.keys.get(campaign.pk, frozenset()) & guarded.keys())
        if numbers and (stretch := lookup.look_up(numbers, zone_of_campaign(campaign))):
            found[campaign.pk] = stretch
    return found


def _matters(lookup: StretchLookup, number: int, zone: ZoneInfo | None, until: datetime) -> bool:
    own = frozenset([number])
    stretch = lookup.look_up(own, zone)
    return (stretch is not None and stretch.begins <= until) or lookup.is_undated(own, zone)


def _zones_of(calendars: Collection[Calendar]) -> Iterator[tuple[int, ZoneInfo | None]]:
    """Each calendar's key with each zone of its campaigns."""
    named = _links(calendars).values_list("calendar_id", SCHEDULED, NOTED).order_by().distinct()
    for number, scheduled, noted in named:
        yield number, zone_from(scheduled, noted)


def _guarded_by(calendars: Collection[Calendar]) -> dict[str, tuple[frozenset[int], ZoneInfo | None]]:
    """By campaign id: the keys of its calendars among these, and its zone."""
    keys: dict[str, set[int]] = {}
    zones: dict[str, ZoneInfo | None] = {}
    links = _links(calendars).values_list("campaign_id", "calendar_id", SCHEDULED, NOTED)
    for campaign_id, number, scheduled, noted in links:
        keys.setdefault(campaign_id, set()).add(number)
        zones[campaign_id] = zone_from(scheduled, noted)
    return {campaign_id: (frozenset(own), zones[campaign_id]) for campaign_id, own in keys.items()}


def _links(calendars: Collection[Calendar]) -> QuerySet[Calendar.campaigns.through]:  # type: ignore[name-defined]
    through = Calendar.campaigns.through.objects
    return through.filter(calendar__in=[calendar.pk for calendar in calendars], campaign__gone_at=None)

"""What the guard will do next and when, for pages and commands. The number of queries is fixed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count

from campaigns.dialect import cxone_can
from campaigns.guard.decisions import Standing, rest_after
from campaigns.guard.duty import NOTED, SCHEDULED, StretchLookup, read_duty
from campaigns.guard.rounds import read_standing
from campaigns.guard.stretches import Stretch
from campaigns.holidays.lookups import agendas_of, zone_from, zone_of_campaign
from campaigns.models import GUARD, Calendar, Campaign, Control, LeftAlone, Operation, OperationKind
from campaigns.schedule import find_zone
from campaigns.states import BAD_ENDS


class Prospect(StrEnum):
    """What the guard has to do with one campaign."""

    NOTHING = "nothing"
    # Nobody can tell when a day begins there.
    UNDATED = "undated"
    PAUSES = "pauses"
    PAUSES_NOW = "pauses now"
    # Its pause failed; it asks again.
    FAILS = "fails"
    HOLDS = "holds"
    LEAVES_ALONE = "leaves alone"
    AT_REST = "at rest"
    RESUMES_NOW = "resumes now"
    # When its hours begin.
    RESUMES_LATER = "resumes later"


@dataclass(frozen=True, slots=True)
class CampaignOutlook:
    """`calendars`: the names of the guarded ones. `begins`, `ends`: of the stretch in effect or next, in the
    campaign's zone. `again_at`: when it asks for a failed pause again."""

    prospect: Prospect
    calendars: tuple[str, ...]
    begins: datetime | None = None
    ends: datetime | None = None
    holidays: str = ""
    left_alone: LeftAlone = LeftAlone.NO
    again_at: datetime | None = None

    @property
    def is_acute(self) -> bool:
        """It concerns what the campaign does now."""
        return self.prospect not in {Prospect.NOTHING, Prospect.UNDATED, Prospect.PAUSES}


@dataclass(frozen=True, slots=True)
class ZoneOutlook:
    """The campaigns of a calendar in one zone, and the stretch in effect or next there, in that zone's time."""

    zone: ZoneInfo
    campaigns: int
    begins: datetime
    ends: datetime
    holidays: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class CalendarOutlook:
    """`campaigns`: those that CXone has. `undated`: those among them for which nobody can tell when a day begins.
    `zones`: the earliest first, those without a holiday within a year left out. `held`: campaigns that the guard has
    paused now; `released`: those among them that it would resume at once if it were switched off; `left_alone`."""

    campaigns: int
    undated: int
    zones: tuple[ZoneOutlook, ...]
    held: int
    released: int
    left_alone: int

    @property
    def next(self) -> ZoneOutlook | None:
        return next(iter(self.zones), None)

    @property
    def restricted(self) -> int:
        """How many campaigns are restricted now."""
        return sum(zone.campaigns for zone in self.zones if zone.is_now)

    @property
    def later(self) -> tuple[ZoneOutlook, ...]:
        return tuple(zone for zone in self.zones if not zone.is_now)


def outlook_of_calendar(calendar: Calendar, now: datetime) -> CalendarOutlook:
    """What the guard does, or would do, by this calendar alone. Seven queries at most."""
    counts = _count_by_zone(calendar)
    lookup, own = StretchLookup(agendas_of([calendar]), now), frozenset([calendar.pk])
    zones = []
    for zone, number in counts.items():
        stretch = lookup.look_up(own, zone)
        if stretch is not None:
            zones.append(_zone_outlook(zone or ZoneInfo(calendar.zone), number, stretch, now))
    rows = read_standing(campaign__calendars=calendar)
    held = [row for row in rows if row.holds]
    return CalendarOutlook(
        campaigns=sum(counts.values()),
        undated=sum(number for zone, number in counts.items() if lookup.is_undated(own, zone)),
        zones=tuple(sorted(zones, key=_order_of)),
        held=len(held),
        released=_count_released(held, calendar, now),
        left_alone=sum(1 for row in rows if row.left_alone),
    )


def _count_by_zone(calendar: Calendar) -> dict[ZoneInfo | None, int]:
    links = Calendar.campaigns.through.objects.filter(calendar=calendar, campaign__gone_at=None)
    counts: dict[ZoneInfo | None, int] = {}
    for scheduled, noted, number in links.values_list(SCHEDULED, NOTED).annotate(number=Count("pk")).order_by():
        zone = zone_from(scheduled, noted)
        counts[zone] = counts.get(zone, 0) + number
    return counts


def _zone_outlook(zone: ZoneInfo, number: int, stretch: Stretch, now: datetime) -> ZoneOutlook:
    begins, ends = stretch.begins.astimezone(zone), stretch.ends.astimezone(zone)
    return ZoneOutlook(zone, number, begins, ends, stretch.names, stretch.contains(now))


def _order_of(zone: ZoneOutlook) -> tuple[datetime, str]:
    return zone.begins, zone.zone.key


def _count_released(held: Collection[Standing], calendar: Calendar, now: datetime) -> int:
    """How many of these no other guarded calendar restricts."""
    if not held:
        return 0
    others = read_duty(now, without=calendar).stretches
    kept = {campaign_id for campaign_id, stretch in others.items() if stretch.contains(now)}
    return sum(1 for row in held if row.campaign_id not in kept)


def outlook_of_campaign(campaign: Campaign, calendars: Iterable[Calendar], now: datetime) -> CampaignOutlook | None:
    """None if nothing of it concerns the guard. `calendars`: all of the campaign's. One query, and one more if a
    calendar has changed."""
    guarded = [calendar for calendar in calendars if calendar.guarded]
    row = next(iter(read_standing(campaign=campaign)), None)
    if row is None and not guarded:
        return None
    zone, own = zone_of_campaign(campaign), frozenset(calendar.pk for calendar in guarded)
    lookup = StretchLookup(agendas_of(guarded), now)
    stretch = lookup.look_up(own, zone)
    if stretch is None or now < stretch.begins:
        prospect = _prospect_outside(row, stretch, is_undated=lookup.is_undated(own, zone))
    else:
        prospect = _prospect_within(campaign, row)
    # A calendar has a zone where the campaign has none, or there would be no stretch.
    here = zone or next(filter(None, (find_zone(calendar.zone) for calendar in guarded)), None)
    return CampaignOutlook(
        prospect=prospect,
        calendars=tuple(calendar.name for calendar in guarded),
        begins=stretch.begins.astimezone(here) if stretch else None,
        ends=stretch.ends.astimezone(here) if stretch else None,
        holidays=stretch.names_with_calendars if stretch else "",
        left_alone=LeftAlone(row.left_alone) if row else LeftAlone.NO,
        again_at=_again_at(row) if row and prospect == Prospect.FAILS else None,
    )


def _prospect_outside(row: Standing | None, stretch: Stretch | None, *, is_undated: bool) -> Prospect:
    """Nothing restricts the campaign now."""
    if row is not None and row.holds:
        return Prospect.RESUMES_LATER if row.awaits_hours else Prospect.RESUMES_NOW
    if stretch is not None:
        return Prospect.PAUSES
    return Prospect.UNDATED if is_undated else Prospect.NOTHING


def _prospect_within(campaign: Campaign, row: Standing | None) -> Prospect:
    """A holiday is in effect."""
    if row is None:
        is_stopped = campaign.is_paused and not cxone_can().holds_pauses
        return Prospect.AT_REST if campaign.is_at_rest or is_stopped else Prospect.PAUSES_NOW
    if row.left_alone:
        return Prospect.LEAVES_ALONE
    if row.holds:
        return Prospect.HOLDS
    return Prospect.FAILS if row.pause_state in BAD_ENDS else Prospect.PAUSES_NOW


def _again_at(row: Standing) -> datetime | None:
    return row.pause_ended_at and row.pause_ended_at + rest_after(row.tries)


class GuardSignal(NamedTuple):
    """What the list of campaigns says of one; `at` is in the campaign's zone."""

    words: str
    at: datetime


def signal_of(
    campaign: Campaign, stretch: Stretch | None, newest: Operation | None, now: datetime
) -> GuardSignal | None:
    """From what the list has read already. `newest`: the campaign's newest operation."""
    if stretch is None:
        return None
    zone = zone_of_campaign(campaign) or UTC
    begins, ends = stretch.begins.astimezone(zone), stretch.ends.astimezone(zone)
    if now < stretch.begins:
        return GuardSignal("Guard pauses", begins)
    if campaign.is_paused:
        # Anybody else's pause stays after the holiday, and needs no signal.
        is_the_guards = campaign.control == Control.PERSON and campaign.controller == GUARD
        return GuardSignal("Guard resumes", ends) if is_the_guards else None
    is_decided = newest and newest.kind == OperationKind.RESUME and newest.requested_at >= stretch.begins
    return GuardSignal("Guard leaves it alone until", ends) if is_decided else None

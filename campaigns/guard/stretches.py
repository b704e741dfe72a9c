"""Stretches: the time in which calendars restrict a campaign without a gap, as instants. Pure.

A calendar's days begin and end in its own zone or, without one, in the campaign's. What adjoins or overlaps is one
stretch. Of an hour that occurs twice, all is restricted; a time that clocks skip is the moment at which they skip it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.holidays.agenda import ZONES_APART, Agenda
from campaigns.holidays.stretches import MINUTE, clock_change
from campaigns.schedule import DAY_MINUTES, HolidayOn

# How far ahead a stretch is sought, and how far each way it is followed: further than the longest year.
HORIZON = timedelta(days=366)
# What is read at once; most stretches last a day or two.
_SPAN = timedelta(days=7)
_DAY = timedelta(days=1)

# An agenda, and the zone in which its days begin and end.
_Zoned = tuple[Agenda, ZoneInfo]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begins` until just before `ends` (UTC). `holidays`: the name of each with its calendar's, in order."""

    begins: datetime
    ends: datetime
    holidays: tuple[tuple[str, str], ...]

    @property
    def names(self) -> str:
        """ "Christmas Eve, Christmas Day"."""
        return ", ".join(dict.fromkeys(name for name, _ in self.holidays))

    @property
    def names_with_calendars(self) -> str:
        """ "Christmas Eve, Christmas Day (calendar US), Boxing Day (calendar GB)"."""
        of = {calendar: [n for n, c in self.holidays if c == calendar] for _, calendar in self.holidays}
        return ", ".join(f"{', '.join(names)} (calendar {calendar})" for calendar, names in of.items())

    def contains(self, at: datetime) -> bool:
        return self.begins <= at < self.ends

    def overlaps(self, begins: datetime, ends: datetime) -> bool:
        return self.begins < ends and begins < self.ends


def stretch_from(agendas: Collection[Agenda], zone: ZoneInfo | None, now: datetime) -> Stretch | None:
    """The stretch in effect at `now` (aware), or the next one that begins within a year.

    `zone`: the campaign's. Without one, calendars that have none either restrict nothing: nobody knows when.
    """
    zoned = [(agenda, own) for agenda in agendas if (own := agenda.zone or zone)]
    today = now.astimezone(UTC).date()
    day, last = today - ZONES_APART, today + HORIZON
    while (first := _first_date(zoned, day)) is not None and first <= last:
        found = _first_after(now, _joined(zoned, first - _SPAN, first + _SPAN))
        if found is not None:
            return _whole(zoned, found)
        day = first + _SPAN + _DAY
    return None


def is_undated(agendas: Collection[Agenda], zone: ZoneInfo | None) -> bool:
    """Some of the agendas go by the campaign's zone, which isn't known."""
    return zone is None and any(agenda.zone is None for agenda in agendas)


def _first_date(zoned: list[_Zoned], day: date) -> date | None:
    """The first restricted date from `day` on."""
    found = [on.date for agenda, _ in zoned if (on := agenda.first_from(day))]
    return min(found, default=None)


def _first_after(now: datetime, stretches: list[Stretch]) -> Stretch | None:
    return next((stretch for stretch in stretches if stretch.ends > now), None)


def _whole(zoned: list[_Zoned], part: Stretch) -> Stretch:
    """The stretch of which `part` is a part: read further and further both ways, until nothing more adjoins."""
    span = _SPAN
    while span <= HORIZON:
        around = _joined(zoned, part.begins.date() - span, part.ends.date() + span)
        wider = next(stretch for stretch in around if stretch.contains(part.begins))
        if wider == part:
            break
        part, span = wider, span * 2
    return part


def _joined(zoned: list[_Zoned], first: date, last: date) -> list[Stretch]:
    """What is restricted on the dates from `first` to `last`, in order, with no two stretches that touch."""
    joined: list[Stretch] = []
    for period in sorted(_periods(zoned, first, last), key=_order_of):
        if joined and period.begins <= joined[-1].ends:
            joined[-1] = _union(joined[-1], period)
        else:
            joined.append(period)
    return joined


def _union(earlier: Stretch, later: Stretch) -> Stretch:
    holidays = dict.fromkeys((*earlier.holidays, *later.holidays))
    return Stretch(earlier.begins, max(earlier.ends, later.ends), tuple(holidays))


def _order_of(period: Stretch) -> tuple[datetime, datetime, tuple[tuple[str, str], ...]]:
    return period.begins, period.ends, period.holidays


def _periods(zoned: list[_Zoned], first: date, last: date) -> Iterator[Stretch]:
    for agenda, zone in zoned:
        for on in agenda.between(first, last):
            begins, ends = period_of(on, zone)
            # Clocks never show hours that they skip, nor the whole day that Samoa skipped in 2011.
            if begins < ends:
                yield Stretch(begins, ends, ((on.name, on.calendar),))


def period_of(on: HolidayOn, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a restriction of a day in `zone` begins and ends, in UTC."""
    starts, ends = on.closed or (0, DAY_MINUTES)
    midnight = datetime.combine(on.date, time())
    return _first_shown(midnight + timedelta(minutes=starts), zone), _passed(midnight + timedelta(minutes=ends), zone)


def _first_shown(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks show `wall`; if they skip it, the instant at which they do."""
    before, after = _readings(wall, zone)
    if before > after:
        return clock_change(after, before, zone)
    return before


def _passed(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which clocks show `wall` and have shown all before it; if they skip it, the instant at which
    they do."""
    before, after = _readings(wall, zone)
    if before > after:
        return clock_change(after, before, zone)
    # Clocks that are put back show some times twice. If they show an earlier time than `wall` just before its second
    # time, that was time before `wall`, too. Otherwise midnight itself comes twice, and the day ends with the first.
    if (after - MINUTE).astimezone(zone).replace(tzinfo=None) < wall:
        return after
    return before


def _readings(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """`wall` by the clocks before a change and after it, in UTC: equal except near one, and the second one earlier
    if they skip it."""
    return wall.replace(tzinfo=zone).astimezone(UTC), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)

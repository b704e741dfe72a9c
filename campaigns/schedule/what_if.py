"""What a change of the hours would gain and lose: the next days under the schedule of today and under another one.

A day is one of the other schedule's zone, and has as many hours as clocks there give it. Holidays and calling hours
don't close a window by themselves; hours that they forbid are counted apart, since they should not be dialed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.schedule.constraints import HolidayOn, HoursRule
from campaigns.schedule.names import DAYS
from campaigns.schedule.open_time import ALL_DAY, Span, joined, length, open_spans, overlap, span_on, without
from campaigns.schedule.parsing import DAY_MINUTES, zone_of

DAYS_AHEAD = 14
# A zone is at most 14 hours ahead of UTC and 12 behind it: a date elsewhere is one of these.
_MARGIN = 2


@dataclass(frozen=True, slots=True)
class DayOutlook:
    """`before` and `after`: open time that the rules and holidays allow. `holidays`: names of those that take hours
    away. `barred_by_holidays`, `barred_by_law`: open time under the new hours that they forbid; what both forbid is
    the holidays'."""

    day: date
    before: timedelta
    after: timedelta
    gained: timedelta
    lost: timedelta
    holidays: tuple[str, ...]
    barred_by_holidays: timedelta
    barred_by_law: timedelta


@dataclass(frozen=True, slots=True)
class WhatIf:
    days: tuple[DayOutlook, ...]

    @property
    def gained(self) -> timedelta:
        return sum((day.gained for day in self.days), timedelta())

    @property
    def lost(self) -> timedelta:
        return sum((day.lost for day in self.days), timedelta())

    @property
    def before(self) -> timedelta:
        return sum((day.before for day in self.days), timedelta())

    @property
    def after(self) -> timedelta:
        return sum((day.after for day in self.days), timedelta())


def what_if(
    today: object,
    wanted: object,
    now: datetime,
    rules: Iterable[HoursRule] = (),
    holidays: Iterable[HolidayOn] = (),
) -> WhatIf:
    """The next 14 days from today on. Without a known zone in `wanted`: no days."""
    zone = zone_of(wanted)
    if zone is None:
        return WhatIf(())
    first, limits, closed = now.astimezone(zone).date(), tuple(rules), tuple(holidays)
    had = open_spans(today, first - timedelta(days=_MARGIN), DAYS_AHEAD + 2 * _MARGIN)
    has = open_spans(wanted, first - timedelta(days=_MARGIN), DAYS_AHEAD + 2 * _MARGIN)
    dates = [first + timedelta(days=number) for number in range(DAYS_AHEAD)]
    return WhatIf(tuple(_outlook(day, zone, (had, has), limits, closed) for day in dates))


def _outlook(
    day: date,
    zone: ZoneInfo,
    opened: tuple[list[Span], list[Span]],
    rules: tuple[HoursRule, ...],
    holidays: tuple[HolidayOn, ...],
) -> DayOutlook:
    whole = span_on(day, ALL_DAY, zone)
    open_before, open_after = (overlap(spans, whole) for spans in opened)
    that_day = [holiday for holiday in holidays if holiday.date == day]
    restricted = joined(_each_span(that_day, zone))
    unlawful = _unlawful(day, rules, zone)
    barred = joined([*restricted, *unlawful])
    before, after = without(open_before, barred), without(open_after, barred)
    taking = [on.name for on in that_day if overlap(open_after, span_on(day, on.closed or ALL_DAY, zone))]
    return DayOutlook(
        day,
        length(before),
        length(after),
        length(without(after, before)),
        length(without(before, after)),
        tuple(dict.fromkeys(taking)),
        length(overlap(open_after, restricted)),
        length(without(overlap(open_after, unlawful), restricted)),
    )


def _each_span(holidays: Iterable[HolidayOn], zone: ZoneInfo) -> list[Span]:
    found: list[Span] = []
    for holiday in holidays:
        found += span_on(holiday.date, holiday.closed or ALL_DAY, zone)
    return found


def _unlawful(day: date, rules: tuple[HoursRule, ...], zone: ZoneInfo) -> list[Span]:
    """When the rules forbid calls: what any of those that name the day leaves out, or all of a day that none names."""
    if not rules:
        return []
    naming = [rule for rule in rules if DAYS[day.weekday()] in rule.days]
    if not naming:
        return span_on(day, ALL_DAY, zone)
    found: list[Span] = []
    for rule in naming:
        if rule.earliest > 0:
            found += span_on(day, (0, rule.earliest), zone)
        if rule.latest < DAY_MINUTES:
            found += span_on(day, (rule.latest, DAY_MINUTES), zone)
    return joined(found)

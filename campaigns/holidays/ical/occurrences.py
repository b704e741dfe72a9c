"""The occurrences of a series, each with its own start and length, in the years that are read."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain

from campaigns.holidays.ical.events import Event
from campaigns.holidays.ical.moments import DAY, NO_TIME, Length, Moment
from campaigns.holidays.ical.problems import Work
from campaigns.holidays.ical.recurrence import Rule
from campaigns.schedule.clock_face import date_in_words

# How much earlier and later recurrences are computed, in case another zone counts: from UTC-12 to UTC+14 clocks differ
# by 26 hours.
AROUND = 2 * DAY
# Ten years. A recurrence that is moved further is a mistake; without this bound it would make the whole series too
# costly to compute.
MOST_MOVED = 3_660 * DAY


@dataclass(frozen=True, slots=True)
class Occurrence:
    event: Event
    start: Moment
    length: Length
    remark: str = ""
    is_suggested: bool = True


@dataclass(frozen=True, slots=True)
class Override:
    """What the file says about one recurrence, or about all from it on. `event`: None if it doesn't take place."""

    replaces: Moment
    is_from_then_on: bool
    event: Event | None


def occurrences_of(
    master: Event, overrides: Iterable[Override], first: date, last: date, work: Work
) -> Iterator[Occurrence]:
    """The occurrences of a series from `first` to `last`, without those that are replaced by an event of their own."""
    given = list(overrides)
    changes = sorted((one for one in given if one.is_from_then_on), key=lambda one: _begin(master, one.replaces))
    begins = [_begin(master, one.replaces) for one in changes]
    earliest, latest = _reach(master, changes, first, last)
    found = _starts(master, earliest, latest, work)
    for at in _left_out(master, found, earliest, latest, work):
        found.pop(at, None)
    for one in given:
        if not one.is_from_then_on:
            for at in _matching(master, one.replaces, found):
                found.pop(at)
    for at in sorted(found):
        number = bisect_right(begins, at) - 1
        if number < 0:
            yield _regular(master, at, found[at])
        elif (event := changes[number].event) is not None:
            # All that follow are moved by the same difference (RFC 5545, 3.2.13).
            start = event.start._replace(at=event.start.at + (at - begins[number]))
            yield Occurrence(event, start, event.length, event.remark, event.is_suggested)


def single(event: Event) -> Occurrence:
    return Occurrence(event, event.start, event.length, event.remark, event.is_suggested)


def _regular(master: Event, at: datetime, length: Length | None) -> Occurrence:
    start = master.start._replace(at=at)
    # If a yearly rule recurs every month, once a year is probably meant: only the first event's month is selected.
    is_suggested = master.is_suggested and (not _comes_monthly(master) or at.month == master.start.at.month)
    return Occurrence(master, start, length or master.length, _remark(master, at), is_suggested)


def _comes_monthly(master: Event) -> bool:
    return any(rule.comes_monthly for rule in master.rules)


def _reach(master: Event, changes: Iterable[Override], first: date, last: date) -> tuple[date, date]:
    """The dates between which a recurrence may begin that falls between `first` and `last`: it may last longer than
    the first one, and may be moved."""
    lengths = [master.length, *(period.length for period in master.also if period.length)]
    moves = [NO_TIME]
    for one in changes:
        if one.event is not None:
            lengths.append(one.event.length)
            moves.append(one.event.start.at - _begin(master, one.replaces))
    longest = max(length.rough for length in lengths)
    forward, back = min(max(moves), MOST_MOVED), min(-min(moves), MOST_MOVED)
    return first - AROUND - longest - forward - DAY, last + AROUND + back + DAY


def _starts(master: Event, earliest: date, latest: date, work: Work) -> dict[datetime, Length | None]:
    """The starts of a series, as naive datetimes in the form of its own times; each with its length, if it has one of
    its own."""
    found: dict[datetime, Length | None] = {}
    if earliest <= master.start.at.date() <= latest:
        found[master.start.at] = None
    for rule in master.rules:
        found |= dict.fromkeys(_recurrences(master, rule, earliest, latest, work))
    for period in master.also:
        at = _begin(master, period.start)
        if earliest <= at.date() <= latest:
            found[at] = None if master.start.is_date else period.length
    return found


def _begin(master: Event, moment: Moment) -> datetime:
    """`moment` in the form of the series' own times; a date in a series of times gets the time of the series."""
    at = master.own(moment)
    if moment.is_date and not master.start.is_date:
        return datetime.combine(at.date(), master.start.at.time())
    return at


def _recurrences(master: Event, rule: Rule, earliest: date, latest: date, work: Work) -> Iterator[datetime]:
    start = master.start.at
    end = datetime.combine(latest, time.max)
    if rule.until is not None:
        end = min(end, _end_of(master, rule.until))
    for day in rule.days(start.date(), earliest, end.date() if end >= start else start.date(), work):
        at = datetime.combine(day, start.time())
        if at <= end or at == start:
            yield at


def _end_of(master: Event, until: Moment) -> datetime:
    """The last moment at which a recurrence may begin; of a date, the end of that day."""
    if until.is_date or master.start.is_date:
        return datetime.combine(master.own(until).date() if not until.is_date else until.at.date(), time.max)
    return master.own(until)


def _left_out(
    master: Event, found: dict[datetime, Length | None], earliest: date, latest: date, work: Work
) -> Iterator[datetime]:
    for rule in master.excluding_rules:
        yield from _recurrences(master, rule, earliest, latest, work)
    by_day: dict[date, list[datetime]] = {}
    for at in found:
        by_day.setdefault(_day_of(master, at), []).append(at)
    for moment in master.excluded:
        if moment.is_date:
            yield from by_day.get(moment.at.date(), [])
        else:
            yield master.own(moment)


def _matching(master: Event, replaces: Moment, found: dict[datetime, Length | None]) -> list[datetime]:
    if replaces.is_date and not master.start.is_date:
        return [at for at in found if _day_of(master, at) == replaces.at.date()]
    at = master.own(replaces)
    return [at] if at in found else []


def _day_of(master: Event, at: datetime) -> date:
    """The date of a recurrence in the file's zone or the calendar's, if its times are in UTC."""
    clocks = next((zone for zone in master.zones if zone is not None), None)
    if master.start.is_in_utc:
        return master.start._replace(at=at).seen_in(clocks).date()
    return at.date()


def _remark(master: Event, at: datetime) -> str:
    if _comes_monthly(master):
        days = ", ".join(map(str, chain.from_iterable(sorted(rule.month_days) for rule in master.rules)))
        return (
            f"By its rule it comes every month (FREQ=YEARLY;BYMONTHDAY={days} without BYMONTH), though once a year "
            "may be meant."
        )
    if any(rule.comes_weekly for rule in master.rules):
        return (
            "By its rule it comes every week, all year or in its months (FREQ=YEARLY with a weekday in BYDAY that has "
            "no number), though once a year may be meant."
        )
    counts_in_year = any(rule.counts_in_year for rule in master.rules)
    is_first = at == master.start.at and bool(master.rules)
    # `includes` computes a whole period of the rule, so it is only called if the answer matters.
    if not (counts_in_year or is_first) or any(rule.includes(master.start.at.date()) for rule in master.rules):
        return master.remark
    if counts_in_year:
        return (
            "Its rule counts weekdays of the whole year (FREQ=YEARLY;BYDAY without BYMONTH), though those of a month "
            f"may be meant: the series begins on {date_in_words(master.start.at)}."
        )
    return "The series begins on this day, which its own rule doesn’t include."

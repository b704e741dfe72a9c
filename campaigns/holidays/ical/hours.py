"""What an occurrence restricts: dates, and the hours on each."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from campaigns.holidays.dates import DAY_END
from campaigns.holidays.ical.moments import DAY
from campaigns.holidays.ical.occurrences import Occurrence
from campaigns.holidays.stretches import MINUTE, by_date

Restriction = tuple[date, time | None, time | None]


def restrictions(occurrence: Occurrence, clocks: tzinfo | None, first: date, last: date) -> Iterator[Restriction]:
    """The restricted dates from `first` to `last`, each with its hours; without hours, all day. Minutes that have
    begun count as a whole. `clocks`: the zone for the hours; None for the event's own."""
    start = occurrence.start
    end = occurrence.length.after(start)
    if start.is_date:
        yield from _whole_days(start.at.date(), end.date(), first, last)
    elif start.zone is None:
        yield from _parts(start.at, end, first, last)
    else:
        begins = start.at.replace(tzinfo=start.zone).astimezone(UTC)
        length = occurrence.length
        ends = (start.at + length.days * DAY).replace(tzinfo=start.zone).astimezone(UTC) + length.exact
        yield from _zoned(begins, ends, clocks or start.zone, first, last)


def _whole_days(begin: date, end: date, first: date, last: date) -> Iterator[Restriction]:
    day = max(begin, first)
    while day < end and day <= last:
        yield day, None, None
        day += DAY


def _parts(start: datetime, end: datetime, first: date, last: date) -> Iterator[Restriction]:
    """The parts of each date in a period without a zone."""
    start = max(start.replace(second=0), datetime.combine(first, time()))
    end = min(_minute_after(end), datetime.combine(last + DAY, time()))
    while start < end:
        midnight = datetime.combine(start.date() + DAY, time())
        yield _day(start.date(), start, min(end, midnight))
        start = midnight


def _zoned(begins: datetime, ends: datetime, zone: tzinfo, first: date, last: date) -> Iterator[Restriction]:
    """The parts of each date in a period of elapsed time, as the clocks of `zone` show it."""
    begins = begins.replace(second=0, microsecond=0)
    for on, start, end in by_date(begins, _minute_after(ends), zone, first, last):
        yield _day(on, start, end)


def _minute_after(at: datetime) -> datetime:
    return (at + MINUTE - timedelta.resolution).replace(second=0, microsecond=0)


def _day(on: date, start: datetime, end: datetime) -> Restriction:
    ends = DAY_END if end.date() != on or end.time() >= DAY_END else end.time()
    begins = start.time() if start.date() == on else time()
    if begins == time() and ends == DAY_END:
        return on, None, None
    return on, begins, ends

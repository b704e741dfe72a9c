"""An occurrence as what it restricts: dates, and on each the hours by the clocks that count."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from campaigns.holidays import DAY_END
from campaigns.ics.moments import DAY
from campaigns.ics.occurrences import Occurrence

MINUTE = timedelta(minutes=1)
Restriction = tuple[date, time | None, time | None]


def restrictions(occurrence: Occurrence, clocks: tzinfo | None, first: date, last: date) -> Iterator[Restriction]:
    """Date by date from `first` to `last`; a minute that has begun counts whole. `clocks`: None where times count as
    they stand in the file."""
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
    """What a stretch without a zone takes up of each date."""
    start = max(start.replace(second=0), datetime.combine(first, time()))
    end = min(_minute_after(end), datetime.combine(last + DAY, time()))
    while start < end:
        midnight = datetime.combine(start.date() + DAY, time())
        yield _day(start.date(), start, min(end, midnight))
        start = midnight


def _zoned(begins: datetime, ends: datetime, zone: tzinfo, first: date, last: date) -> Iterator[Restriction]:
    """The same of a stretch of passing time, by the clocks of a zone. What begins in an hour that they jump over, or
    ends in one that comes twice, is no shorter and no longer for it; of an hour that comes twice all counts."""
    begins = begins.replace(second=0, microsecond=0)
    ends = _minute_after(ends)
    day = max(begins.astimezone(zone).date(), first)
    final = min(ends.astimezone(zone).date(), last)
    while day <= final:
        midnight, following = (datetime.combine(on, time(), zone).astimezone(UTC) for on in (day, day + DAY))
        low, high = max(begins, midnight), min(ends, following)
        if low < high:
            yield _day(day, *_shown(low, high, zone, day))
        day += DAY


def _minute_after(at: datetime) -> datetime:
    return (at + MINUTE - timedelta.resolution).replace(second=0, microsecond=0)


def _shown(low: datetime, high: datetime, zone: tzinfo, day: date) -> tuple[datetime, datetime]:
    """The first and last that clocks show from `low` to `high`, both on one date."""
    next_midnight = datetime.combine(day + DAY, time())
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (low, high))
    before, after = low.astimezone(zone).utcoffset(), high.astimezone(zone).utcoffset()
    if before is None or after is None or after >= before:
        return start, min(end, next_midnight)
    change = _change(low, high, zone)
    back = change.astimezone(zone).replace(tzinfo=None)
    return min(start, back), min(max(end, back + (before - after)), next_midnight)


def _change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The minute at which the clocks are put back between the two."""
    before = low.astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = low + ((high - low) // 2 // MINUTE) * MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _day(on: date, start: datetime, end: datetime) -> Restriction:
    ends = DAY_END if end.date() != on or end.time() >= DAY_END else end.time()
    begins = start.time() if start.date() == on else time()
    if begins == time() and ends == DAY_END:
        return on, None, None
    return on, begins, ends

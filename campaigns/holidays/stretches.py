"""A period of elapsed time as the clocks of a zone show it, date by date. Pure.

A period that begins in an hour that clocks skip, or ends in one that occurs twice, keeps its length; of an hour that
occurs twice, all is included.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def by_date(
    begins: datetime, ends: datetime, zone: tzinfo, first: date = date.min, last: date = date.max
) -> Iterator[tuple[date, datetime, datetime]]:
    """For each date from `first` to `last` in `zone`: the date, and the earliest and latest time that clocks show in
    the period on that date, as naive datetimes. The midnight that ends a date is that of the next date.

    `begins`, `ends`: aware, in whole minutes.
    """
    begins, ends = begins.astimezone(UTC), ends.astimezone(UTC)
    day = max(begins.astimezone(zone).date(), first)
    final = min(ends.astimezone(zone).date(), last)
    while day <= final:
        midnight, following = (datetime.combine(on, time(), zone).astimezone(UTC) for on in (day, day + _DAY))
        low, high = max(begins, midnight), min(ends, following)
        if low < high:
            yield day, *_shown(low, high, zone, day)
        day += _DAY


def _shown(low: datetime, high: datetime, zone: tzinfo, day: date) -> tuple[datetime, datetime]:
    """The earliest and latest time that clocks show from `low` to `high`, both on the date `day`."""
    next_midnight = datetime.combine(day + _DAY, time())
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (low, high))
    before, after = low.astimezone(zone).utcoffset(), high.astimezone(zone).utcoffset()
    if before is None or after is None or after >= before:
        return start, min(end, next_midnight)
    # Clocks were put back in between: they show the hour before the change twice, so the earliest and latest time are
    # not necessarily those of `low` and `high`.
    change = clock_change(low, high, zone)
    back = change.astimezone(zone).replace(tzinfo=None)
    return min(start, back), min(max(end, back + (before - after)), next_midnight)


def clock_change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The minute between `low` and `high` at which clocks are changed, by bisection."""
    before = low.astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = low + ((high - low) // 2 // MINUTE) * MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high

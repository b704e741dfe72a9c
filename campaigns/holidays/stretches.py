"""A stretch of passing time by the clocks of a zone, date by date. Pure.

What begins in an hour that clocks jump over, or ends in one that comes twice, is no shorter and no longer for it; of
an hour that comes twice all counts.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def by_date(
    begins: datetime, ends: datetime, zone: tzinfo, first: date = date.min, last: date = date.max
) -> Iterator[tuple[date, datetime, datetime]]:
    """`begins`, `ends`: aware, on whole minutes. For each date from `first` to `last` the first and the last that
    clocks show then, without a zone; midnight at its end is that of the next date."""
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
    """The first and last that clocks show from `low` to `high`, both on one date."""
    next_midnight = datetime.combine(day + _DAY, time())
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

"""Reporting how many records are older than they must be kept. Nothing here or elsewhere deletes records."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from audit import clock, queries
from audit.models import Record


@dataclass(frozen=True)
class Report:
    """`older` of the `records` were written before `cutoff`, which is `years` ago. `oldest`: the time of record 1."""

    years: int
    cutoff: datetime
    records: int
    older: int
    oldest: datetime | None


def report(now: datetime | None = None) -> Report:
    """How many records are older than AUDIT_RETENTION_YEARS. `now`: an aware time, by default the present."""
    # Times increase with numbers, except for differences between machines' clocks, which don't matter after years. So
    # a binary search reads some twenty records, however many there are.
    years = settings.AUDIT_RETENTION_YEARS
    cutoff = years_before(now or clock.now(), years)
    highest = queries.read_head()[1]
    # On SQLite a number can be text. That is a break, which the checks report.
    if type(highest) is not int:
        highest = 0
    oldest = _made_at(1)
    older = 0
    if oldest and oldest < cutoff:
        older = bisect_left(range(1, highest + 1), cutoff, key=lambda number: _made_at(number) or cutoff)
    return Report(years, cutoff, highest, older, oldest)


def years_before(at: datetime, years: int) -> datetime:
    """The same day that many years earlier; 28 February instead of a 29th that the year doesn't have."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return (at - timedelta(days=1)).replace(year=at.year - years)


def _made_at(number: int) -> datetime | None:
    return Record.objects.filter(number=number).values_list("timestamp", flat=True).first()

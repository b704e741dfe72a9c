"""How much of the audit is older than it must be kept. A report only: nothing here deletes, and nothing else does."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from audit import queries
from audit.models import Record


@dataclass(frozen=True)
class Report:
    """`older` records were made before `cutoff`; `oldest` is the time of the very first, None where there is none."""

    years: int
    cutoff: datetime
    records: int
    older: int
    oldest: datetime | None


def report(now: datetime | None = None) -> Report:
    """What is older than AUDIT_RETENTION_YEARS. Records are numbered as they are made, so a handful is looked at,
    however many there are."""
    years = settings.AUDIT_RETENTION_YEARS
    cutoff = years_before(now or timezone.now(), years)
    highest = queries.read_head()[1]
    if type(highest) is not int:  # on SQLite a number can be text: a break, which is told elsewhere
        highest = 0
    oldest = _made_at(1)
    older = 0
    if oldest and oldest < cutoff:
        older = bisect_left(range(1, highest + 1), cutoff, key=lambda number: _made_at(number) or cutoff)
    return Report(years, cutoff, highest, older, oldest)


def years_before(at: datetime, years: int) -> datetime:
    """The same day so many years ago; 29 February is 28 February where there is none."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return (at - timedelta(days=1)).replace(year=at.year - years)


def _made_at(number: int) -> datetime | None:
    return Record.objects.filter(number=number).values_list("timestamp", flat=True).first()

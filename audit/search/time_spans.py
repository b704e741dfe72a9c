"""Where in the ledger an hour's records lie: a range of time becomes a range of numbers.

Several machines' clocks write one ledger, so times don't strictly follow numbers. For each hour (UTC) the lowest and
the highest number of its records are kept, whatever the clocks did; between them may lie records of other hours.
Written by `audit.folding` alone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Min, Q

from audit.hours import HOUR, hour_of
from audit.models import Record, Span

# The highest number that the databases' columns hold.
LAST = 2**63 - 1


class Bounds(NamedTuple):
    """The lowest and the highest number."""

    first: int
    last: int


def add_to_spans(records: Iterable[Record]) -> None:
    """Widen the spans of the records' hours, inside the caller's transaction and under its lock. Two queries."""
    added: dict[datetime, Span] = {}
    for record in records:
        _widen(added, hour_of(record.timestamp), record.number, record.number)
    for span in Span.objects.filter(hour__in=added):
        _widen(added, span.hour, span.first, span.last)
    Span.objects.bulk_create(
        added.values(), update_conflicts=True, unique_fields=["hour"], update_fields=["first", "last"]
    )


def clear_spans() -> None:
    """Delete everything."""
    Span.objects.all().delete()


def outer_bounds(since: datetime | None, until: datetime | None) -> Bounds:
    """Numbers between which all folded records of [since, until) lie, and maybe others. One query.

    1 and 0 where there are none.
    """
    spans = Span.objects.all()
    if since:
        spans = spans.filter(hour__gte=hour_of(since))
    if until:
        spans = spans.filter(hour__lt=until)
    found = spans.aggregate(first=Min("first"), last=Max("last"))
    return Bounds(found["first"] or 1, found["last"] or 0)


def inner_bounds(since: datetime | None, until: datetime | None) -> Bounds:
    """Numbers between which all folded records are of [since, until), though not all of those. One query.

    They lie beyond every record of the hours that begin or end outside.
    """
    before = Q(hour__lt=hour_of(since) + HOUR) if since else Q(pk__in=[])
    after = Q(hour__gte=hour_of(until)) if until else Q(pk__in=[])
    found = Span.objects.aggregate(before=Max("last", filter=before), after=Min("first", filter=after))
    return Bounds((found["before"] or 0) + 1, (found["after"] or LAST) - 1)


def _widen(spans: dict[datetime, Span], hour: datetime, first: int, last: int) -> None:
    span = spans.setdefault(hour, Span(hour=hour, first=first, last=last))
    span.first, span.last = min(span.first, first), max(span.last, last)

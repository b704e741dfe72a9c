"""Where in the ledger the records of an hour are, to turn a range of time into a range of numbers.

Several machines with their own clocks write one ledger, so times don't strictly increase with numbers. For each hour
(UTC) the lowest and the highest number of its records are stored; records of other hours may lie between them. Only
`audit.folding` writes these rows.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Min, Q

from audit.hours import HOUR, hour_of
from audit.models import Record, Span

# The largest bigint, on both databases.
LAST = 2**63 - 1


class Bounds(NamedTuple):
    """Record numbers from `first` to `last`, both included; empty if first > last."""

    first: int
    last: int


def add_to_spans(records: Iterable[Record]) -> None:
    """Extend the spans of the records' hours, inside the caller's transaction and under its lock. Two queries."""
    added: dict[datetime, Span] = {}
    for record in records:
        _widen(added, hour_of(record.timestamp), record.number, record.number)
    for span in Span.objects.filter(hour__in=added):
        _widen(added, span.hour, span.first, span.last)
    Span.objects.bulk_create(
        added.values(), update_conflicts=True, unique_fields=["hour"], update_fields=["first", "last"]
    )


def clear_spans() -> None:
    """Delete all spans."""
    Span.objects.all().delete()


def outer_bounds(since: datetime | None, until: datetime | None) -> Bounds:
    """Numbers between which all folded records of since <= time < until lie, possibly with others. One query.

    (1, 0) if there are none.
    """
    spans = Span.objects.all()
    if since:
        spans = spans.filter(hour__gte=hour_of(since))
    if until:
        spans = spans.filter(hour__lt=until)
    found = spans.aggregate(first=Min("first"), last=Max("last"))
    return Bounds(found["first"] or 1, found["last"] or 0)


def inner_bounds(since: datetime | None, until: datetime | None) -> Bounds:
    """Numbers between which every folded record has since <= time < until, though there may be more. One query.

    They exclude the span of each hour that isn't wholly in the range.
    """
    # Q(pk__in=[]) matches nothing, whereas an empty Q would match everything.
    before = Q(hour__lt=hour_of(since) + HOUR) if since else Q(pk__in=[])
    after = Q(hour__gte=hour_of(until)) if until else Q(pk__in=[])
    found = Span.objects.aggregate(before=Max("last", filter=before), after=Min("first", filter=after))
    return Bounds((found["before"] or 0) + 1, (found["after"] or LAST) - 1)


def _widen(spans: dict[datetime, Span], hour: datetime, first: int, last: int) -> None:
    span = spans.setdefault(hour, Span(hour=hour, first=first, last=last))
    span.first, span.last = min(span.first, first), max(span.last, last)

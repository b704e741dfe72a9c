"""Which records an evidence file holds: a range without gaps."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Min

from audit import queries
from audit.models import Record


class NumberRange(NamedTuple):
    """Records from `first` to `last`, both included."""

    first: int
    last: int


class CantMake(Exception):
    """Why no file can be made, and what to choose instead: a sentence or two."""


def choose_range(
    *, first: int | None = None, last: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> NumberRange | None:
    """The range of those numbers, or from the first to the last record of that period, `until` itself excluded.

    None: all records. `CantMake` if there is no record from that period. The numbers aren't checked yet.
    """
    if since or until:
        return _choose_period(since, until)
    if first is None and last is None:
        return None
    if first is None:
        first = 1
    if last is None:
        last = queries.read_head()[1]
    return NumberRange(first, last)


def _choose_period(since: datetime | None, until: datetime | None) -> NumberRange:
    # Numbers and times can differ in their order, so records from other times can be in between: they are included.
    records = Record.objects.all()
    if since:
        records = records.filter(timestamp__gte=since)
    if until:
        records = records.filter(timestamp__lt=until)
    found = records.aggregate(first=Min("number"), last=Max("number"))
    if found["first"] is None:
        raise CantMake("No record is from that time. Choose another time, or numbers.")
    return NumberRange(found["first"], found["last"])


def check_range(numbers: NumberRange | None) -> NumberRange:
    """The range of all records, or that range if all of it exists; otherwise `CantMake`."""
    head, highest = queries.read_head()
    last = head.number if head else highest
    if not last:
        raise CantMake("There are no records yet, so there is nothing to put into a file.")
    if numbers is None:
        return NumberRange(1, last)
    if not 1 <= numbers.first <= numbers.last <= last:
        raise CantMake(f"The records are numbered 1 to {last}. Choose a first and a last number among them.")
    return numbers

"""Which records an evidence file holds: a range without holes."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Min

from audit import queries
from audit.models import Record


class NumberRange(NamedTuple):
    """Records from `first` to `last`, both in it."""

    first: int
    last: int


class CantMake(Exception):
    """No file can be made of that; the message says why, and what could be."""


def choose_range(
    *, first: int | None = None, last: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> NumberRange | None:
    """The range of those numbers, or from the first record of that time to the last; `until` itself is out.

    None for all there is. `CantMake` where no record is from that time.
    """
    if since or until:
        return _at_times(since, until)
    if first is None and last is None:
        return None
    return NumberRange(1 if first is None else first, queries.read_head()[1] if last is None else last)


def _at_times(since: datetime | None, until: datetime | None) -> NumberRange:
    """All that lies between is in it too: numbers and times may differ in their order."""
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
    head, highest = queries.read_head()
    last = head.number if head else highest
    if not last:
        raise CantMake("There are no records yet, so there is nothing to put into a file.")
    if numbers is None:
        return NumberRange(1, last)
    if not 1 <= numbers.first <= numbers.last <= last:
        raise CantMake(f"The records are numbered 1 to {last}. Choose a first and a last number among them.")
    return numbers

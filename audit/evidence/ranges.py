"""The range of records in an evidence file, which has no gaps."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Min

from audit import queries
from audit.models import Record


class NumberRange(NamedTuple):
    """Record numbers from `first` to `last`, both included."""

    first: int
    last: int


class CantMake(Exception):
    """Why no file can be created, and what to choose instead: a sentence or two."""


def choose_range(
    *, first: int | None = None, last: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> NumberRange | None:
    """The range of those numbers, or from the first to the last record with since <= time < until (aware times).

    None: all records. `CantMake` if no record is from that period. The numbers are checked by `check_range`.
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
    # Several machines' clocks write the ledger, so records from other times can lie in between. They are included,
    # since a chain has no gaps.
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
    """The range itself (None: that of all records). `CantMake` unless all of its numbers exist."""
    head, highest = queries.read_head()
    # A ledger without its head can be exported too: a broken chain is no reason to withhold evidence.
    last = head.number if head else highest
    if not last:
        raise CantMake("There are no records yet, so there is nothing to put into a file.")
    if numbers is None:
        return NumberRange(1, last)
    if not 1 <= numbers.first <= numbers.last <= last:
        raise CantMake(f"The records are numbered 1 to {last}. Choose a first and a last number among them.")
    return numbers

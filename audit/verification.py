"""Walking the ledger in the database: does the chain hold?"""

from collections.abc import Iterator
from dataclasses import dataclass

from audit import chain, queries
from audit.models import Record

# What reading a row can end in: SQLite keeps any value in any column.
UNREADABLE = (ArithmeticError, AttributeError, TypeError, ValueError)


@dataclass(frozen=True)
class Verdict:
    """What a walk found. `records`: how many there were when it began; it leaves later ones to the next walk."""

    records: int
    first_break: chain.Break | None
    head: chain.Head | None

    @property
    def ok(self) -> bool:
        return self.first_break is None


class UnreadableError(Exception):
    """A row whose columns can't be read as what they are; the number says which."""


def verify() -> Verdict:
    """Walk every record, oldest first, and name the first break. Reads only; memory doesn't grow with the ledger."""
    head, highest = queries.read_head()
    records = Record.objects.filter(number__lte=highest).count()
    if head is None:
        return Verdict(records, chain.Break(highest, "the row that holds the head is missing"), None)
    try:
        first_break = chain.check(_links(None, highest), head)
    except UnreadableError as row:
        first_break = _unreadable(row)
    return Verdict(records, first_break, head)


def verify_range(after: chain.Head, upto: int) -> tuple[chain.Break | None, chain.Head]:
    """Walk the records after `after`, whose digest the next one names, up to number `upto`: the first break, if any,
    and the last place that holds (as far as there are records)."""
    try:
        return chain.walk(_links(after.number, upto), after)
    except UnreadableError as row:
        return _unreadable(row), after


def _unreadable(row: UnreadableError) -> chain.Break:
    return chain.Break(row.args[0], "a column of it can't be read: somebody wrote what doesn't belong there")


def _links(after: int | None, upto: int) -> Iterator[chain.Link]:
    """From the very first, which may stand before record 1; or those after a number."""
    last = after or 0
    records = Record.objects.all() if after is None else Record.objects.filter(number__gt=after)
    try:
        for record in queries.in_order(records, upto=upto):
            yield chain.Link(record.shown(), bytes(record.body))
            last = record.number
    except UNREADABLE:
        yield from _one_by_one(last, upto)


def _one_by_one(last: int, upto: int) -> Iterator[chain.Link]:
    numbers = (
        Record.objects.filter(number__gt=last, number__lte=upto).order_by("number").values_list("number", flat=True)
    )
    for number in numbers[: queries.CHUNK]:
        try:
            record = Record.objects.get(number=number)
            yield chain.Link(record.shown(), bytes(record.body))
        except UNREADABLE as error:
            raise UnreadableError(number) from error

"""Verification of a part of the ledger: from a record that is known to be right, towards the head."""

from typing import NamedTuple

from audit import chain, queries, stored_rows
from audit.integrity import chain_walk
from audit.models import Record


class PartialWalk(NamedTuple):
    """The break, if any, the last record that is right, and the head at the start (None: missing or unreadable)."""

    found: chain.Break | None
    reached: chain.Head
    head: chain.Head | None

    @property
    def left(self) -> int:
        """How many records remain up to the head."""
        if self.head is None:
            return 0
        return max(self.head.number - self.reached.number, 0)


def walk_part(after: chain.Head, most: int | None = None) -> PartialWalk:
    """Check the records after `after`, at most `most` of them, up to the present head. Read-only."""
    head, highest = queries.read_head()
    # SQLite keeps a value of any type in any column.
    if head is None or (type(head.number), type(head.digest), type(highest)) != (int, str, int):
        what = "can’t be read, or a record’s number can’t" if head else "is missing"
        return PartialWalk(chain.Break(after.number + 1, f"the row that holds the head {what}"), after, None)
    if not stored_rows.is_table():
        return PartialWalk(chain.Break(1, stored_rows.NO_TABLE), after, head)
    upto = head.number if most is None else min(head.number, after.number + most)
    if upto < after.number:
        return PartialWalk(_describe_cut(head.number, after.number), after, head)
    found, reached = chain_walk.verify_range(after, upto)
    return PartialWalk(found or _end_fault(reached, upto, head, highest), reached, head)


def check_still_holds(place: chain.Head) -> chain.Break | None:
    """The break, if the record with that number no longer has that digest. None for the place before record 1."""
    if place == chain.START:
        return None
    digest = Record.objects.filter(number=place.number).values_list("digest", flat=True).first()
    if digest == place.digest:
        return None
    highest = queries.read_head()[1]
    if digest is None and is_beyond(place.number, highest):
        return _describe_cut(highest, place.number)
    return chain.Break(
        place.number, "it isn’t the record that was checked before: history was rewritten here or earlier"
    )


def is_beyond(number: int, highest: int) -> bool:
    """Whether the ledger ends before that number. False if the highest number is text, which SQLite allows."""
    return type(highest) is int and number > highest


def _describe_cut(highest: int, known: int) -> chain.Break:
    return chain.Break(
        highest + 1,
        f"the ledger ends at record {highest}, but record {known} was checked before: the last records were removed, "
        "or an older copy of the database was restored",
    )


def _end_fault(reached: chain.Head, upto: int, head: chain.Head, highest: int) -> chain.Break | None:
    # The walk was limited to a number before the head, so there is no end to compare.
    if upto == reached.number < head.number:
        return None
    return chain.compare_heads(reached, head) or chain.compare_heads(chain.Head(highest, head.digest), head)

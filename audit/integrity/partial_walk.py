"""A walk over part of the ledger: from a place that is known to hold, towards the head."""

from typing import NamedTuple

from audit import chain, queries, stored_rows
from audit.integrity import chain_walk
from audit.models import Record


class PartialWalk(NamedTuple):
    """What was found, how far it came, and where the head was when it began (None: its row is gone)."""

    found: chain.Break | None
    reached: chain.Head
    head: chain.Head | None

    @property
    def left(self) -> int:
        """How many records lie between here and the head."""
        return max(self.head.number - self.reached.number, 0) if self.head else 0


def walk_part(after: chain.Head, most: int | None = None) -> PartialWalk:
    """Walk the records after `after`, at most so many, as far as the head at this moment. Reads only."""
    head, highest = queries.read_head()
    if head is None or (type(head.number), type(head.digest), type(highest)) != (int, str, int):
        what = "can't be read, or a record's number can't" if head else "is missing"
        return PartialWalk(chain.Break(after.number + 1, f"the row that holds the head {what}"), after, None)
    if not stored_rows.is_table():
        return PartialWalk(chain.Break(1, stored_rows.NO_TABLE), after, head)
    upto = head.number if most is None else min(head.number, after.number + most)
    if upto < after.number:
        return PartialWalk(_cut(head.number, after.number), after, head)
    found, reached = chain_walk.verify_range(after, upto) if upto > after.number else (None, after)
    return PartialWalk(found or _end_fault(reached, upto, head, highest), reached, head)


def check_still_holds(place: chain.Head) -> chain.Break | None:
    """Whether the record of that number still has that digest; the first one's place before it always holds."""
    if place == chain.START:
        return None
    digest = Record.objects.filter(number=place.number).values_list("digest", flat=True).first()
    if digest == place.digest:
        return None
    highest = queries.read_head()[1]
    if digest is None and is_beyond(place.number, highest):
        return _cut(highest, place.number)
    return chain.Break(
        place.number, "it isn't the record that was walked before: history was rewritten here or before it"
    )


def is_beyond(number: int, highest: int) -> bool:
    """Whether the ledger ends before that number. On SQLite the highest can be text: then who knows."""
    return type(highest) is int and number > highest


def _cut(highest: int, known: int) -> chain.Break:
    return chain.Break(
        highest + 1,
        f"the ledger ends at record {highest}, yet record {known} was walked before: the last records were cut off, "
        "or an older copy of the database was put back",
    )


def _end_fault(reached: chain.Head, upto: int, head: chain.Head, highest: int) -> chain.Break | None:
    if upto == reached.number < head.number:
        return None
    return chain.compare_heads(reached, head) or chain.compare_heads(chain.Head(highest, head.digest), head)

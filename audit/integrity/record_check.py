"""One record's place in the chain: is it as it was written, and do its neighbours say the same?

This looks at one record and those beside it. Whether the whole chain holds, audit.integrity.chain_walk tells.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from audit import chain, queries, stored_rows
from audit.integrity import known_break
from audit.models import Record


class RecordFinding(NamedTuple):
    """Whether something holds, as a sentence that says which."""

    holds: bool
    said: str


@dataclass(frozen=True)
class Neighbours:
    """What the chain holds next to a record. `next_previous`: the digest that the following record names."""

    head: chain.Head | None
    previous_digest: str | None
    next_previous: str | None


@dataclass(frozen=True)
class RecordCheck:
    """`older` and `newer`: the numbers of the neighbours that are there. `recomputed`: from the stored bytes, now.

    `checkpoint`: the number and time of the newest signed checkpoint, if there is one.
    """

    findings: list[RecordFinding]
    recomputed: str
    older: int | None
    newer: int | None
    checkpoint: tuple[int, datetime | None] | None

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)


def check_record(record: Record) -> RecordCheck:
    """Three queries, wherever the record stands. Its body must have been read."""
    number = record.number
    around = Record.objects.filter(number__in=(number - 1, number + 1)).values_list("number", "digest", "previous")
    digests = {at: (digest, previous) for at, digest, previous in around}
    beside = Neighbours(
        head=queries.read_head()[0],
        previous_digest=chain.GENESIS if number == 1 else digests[number - 1][0] if number - 1 in digests else None,
        next_previous=digests[number + 1][1] if number + 1 in digests else None,
    )
    watch = known_break.read_row()
    return RecordCheck(
        judge_record(chain.Link(record.shown(), stored_rows.stored_bytes(record.body)), beside),
        chain.body_digest(stored_rows.stored_bytes(record.body)),
        older=number - 1 if number - 1 in digests else None,
        newer=number + 1 if number + 1 in digests else None,
        checkpoint=(watch.checkpoint_number, watch.checkpoint_at) if watch.checkpoint_number > 0 else None,
    )


def judge_record(link: chain.Link, beside: Neighbours) -> list[RecordFinding]:
    """What is found of a record and its neighbours. Pure."""
    number = link.shown["number"]
    return [_of_bytes(link), _of_columns(link), _of_previous(number, link, beside), _of_next(number, link, beside)]


def _of_bytes(link: chain.Link) -> RecordFinding:
    if chain.body_digest(link.body) == link.shown["digest"]:
        return RecordFinding(True, "Its stored bytes have this digest.")
    return RecordFinding(False, "Its stored bytes don't have this digest: one of the two was changed.")


def _of_columns(link: chain.Link) -> RecordFinding:
    alone = link._replace(shown={**link.shown, "digest": chain.body_digest(link.body)})
    found, _ = chain.walk_links([alone], chain.Head(link.shown["number"] - 1, link.shown["previous"]))
    if found is None:
        return RecordFinding(True, "What this page shows is what its stored bytes say.")
    return RecordFinding(False, f"What this page shows isn't what its stored bytes say: {found.fault}.")


def _of_previous(number: int, link: chain.Link, beside: Neighbours) -> RecordFinding:
    if beside.previous_digest is None:
        return RecordFinding(False, f"Record {number - 1} is missing, so nothing shows that this one follows it.")
    holds = link.shown["previous"] == beside.previous_digest
    if number == 1:
        said = "It is the first record, and names no other."
        return RecordFinding(holds, said if holds else "It is the first record, yet it names another before it.")
    return RecordFinding(holds, f"It {'names' if holds else 'does not name'} the digest of record {number - 1}.")


def _of_next(number: int, link: chain.Link, beside: Neighbours) -> RecordFinding:
    if beside.next_previous is not None:
        holds = beside.next_previous == link.shown["digest"]
        return RecordFinding(holds, f"Record {number + 1} {'names' if holds else 'does not name'} its digest.")
    if beside.head is None:
        return RecordFinding(False, "The row that holds the chain's head is missing.")
    if beside.head.number > number:
        return RecordFinding(False, f"Record {number + 1} is missing.")
    if beside.head.number < number:
        return RecordFinding(False, f"It stands after the head of the chain, which is record {beside.head.number}.")
    holds = beside.head.digest == link.shown["digest"]
    return RecordFinding(
        holds, f"It is the newest record, and the head {'holds' if holds else 'does not hold'} its digest."
    )

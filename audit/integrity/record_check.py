"""One record's place in the chain: is it as it was written, and do its neighbours agree?

Only the record and the two next to it are read. Whether the whole chain holds is for `audit.integrity.chain_walk`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from audit import chain, queries, stored_rows
from audit.integrity import known_break
from audit.models import Record


class RecordFinding(NamedTuple):
    """Whether one thing holds, and a sentence that says so."""

    holds: bool
    said: str


@dataclass(frozen=True)
class Neighbours:
    """What the chain holds next to a record.

    `previous_digest`: the digest of the record before (`GENESIS` before record 1), None where it is missing.
    `next_previous`: the digest that the record after it names, None where there is none.
    """

    head: chain.Head | None
    previous_digest: str | None
    next_previous: str | None


@dataclass(frozen=True)
class RecordCheck:
    """What was found about a record.

    `recomputed`: the digest of the stored bytes, 64 hex digits. `older` and `newer`: the numbers of the neighbours
    that exist. `checkpoint`: the number and time of the newest signed checkpoint, if there is one.
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
    """Compare a record with its stored bytes, its neighbours and the head. Three queries, wherever the record is.

    `record.body` must have been read already.
    """
    number = record.number
    rows = Record.objects.filter(number__in=(number - 1, number + 1)).values_list("number", "digest", "previous")
    digests = {at: digest for at, digest, _ in rows}
    links = {at: previous for at, _, previous in rows}
    neighbours = Neighbours(
        head=queries.read_head()[0],
        previous_digest=chain.GENESIS if number == 1 else digests.get(number - 1),
        next_previous=links.get(number + 1),
    )
    body = stored_rows.stored_bytes(record.body)
    watch = known_break.read_row()
    return RecordCheck(
        findings=judge_record(chain.Link(record.shown(), body), neighbours),
        recomputed=chain.body_digest(body),
        older=number - 1 if number - 1 in digests else None,
        newer=number + 1 if number + 1 in digests else None,
        checkpoint=(watch.checkpoint_number, watch.checkpoint_at) if watch.checkpoint_number > 0 else None,
    )


def judge_record(link: chain.Link, neighbours: Neighbours) -> list[RecordFinding]:
    """What holds and what doesn't, of a record and its neighbours. Pure."""
    return [
        _check_bytes(link),
        _check_columns(link),
        _check_previous(link, neighbours),
        _check_next(link, neighbours),
    ]


def _check_bytes(link: chain.Link) -> RecordFinding:
    if chain.body_digest(link.body) == link.shown["digest"]:
        return RecordFinding(True, "Its stored bytes have this digest.")
    return RecordFinding(False, "Its stored bytes don't have this digest: one of the two was changed.")


def _check_columns(link: chain.Link) -> RecordFinding:
    # With the digest of its own bytes and the link that it claims, only its columns can be at fault.
    alone = link._replace(shown={**link.shown, "digest": chain.body_digest(link.body)})
    found, _ = chain.walk_links([alone], chain.Head(link.shown["number"] - 1, link.shown["previous"]))
    if found is None:
        return RecordFinding(True, "What this page shows is what its stored bytes say.")
    return RecordFinding(False, f"What this page shows isn't what its stored bytes say: {found.fault}.")


def _check_previous(link: chain.Link, neighbours: Neighbours) -> RecordFinding:
    number = link.shown["number"]
    if neighbours.previous_digest is None:
        return RecordFinding(False, f"Record {number - 1} is missing, so nothing shows that this one follows it.")
    holds = link.shown["previous"] == neighbours.previous_digest
    if number != 1:
        return RecordFinding(holds, f"It {'names' if holds else 'does not name'} the digest of record {number - 1}.")
    if holds:
        return RecordFinding(True, "It is the first record, and names no other.")
    return RecordFinding(False, "It is the first record, but it names another before it.")


def _check_next(link: chain.Link, neighbours: Neighbours) -> RecordFinding:
    number, digest = link.shown["number"], link.shown["digest"]
    if neighbours.next_previous is not None:
        holds = neighbours.next_previous == digest
        return RecordFinding(holds, f"Record {number + 1} {'names' if holds else 'does not name'} its digest.")
    head = neighbours.head
    if head is None:
        return RecordFinding(False, "The row that holds the chain's head is missing.")
    if head.number > number:
        return RecordFinding(False, f"Record {number + 1} is missing.")
    if head.number < number:
        return RecordFinding(False, f"It comes after the head of the chain, which is record {head.number}.")
    holds = head.digest == digest
    said = f"It is the newest record, and the head {'holds' if holds else 'does not hold'} its digest."
    return RecordFinding(holds, said)

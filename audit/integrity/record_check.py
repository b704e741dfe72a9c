"""Verification of a single record: whether it is as it was written, and whether its neighbours link to it.

Only the record and its two neighbours are read; `audit.integrity.chain_walk` verifies the whole chain.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from audit import chain, queries, stored_rows
from audit.integrity import known_break
from audit.models import Record


class RecordFinding(NamedTuple):
    """The result of one check, and a sentence that states it."""

    holds: bool
    said: str


@dataclass(frozen=True)
class Neighbours:
    """What surrounds a record in the chain.

    `previous_digest`: the digest of the record before it (`GENESIS` for record 1); None if that is missing.
    `next_previous`: the `previous` of the record after it; None if there is none.
    """

    head: chain.Head | None
    previous_digest: str | None
    next_previous: str | None


@dataclass(frozen=True)
class RecordCheck:
    """The results for a record.

    `recomputed`: the digest of the stored bytes, 64 hex digits. `older`, `newer`: the numbers of its neighbours; None
    for one that doesn't exist. `checkpoint`: number and time of the newest signed checkpoint; None if there is none.
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
    """Compare a record with its stored bytes, its neighbours and the head. Three queries, whatever its number.

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
    """The four checks of a record: bytes, columns, and the links to both neighbours. Pure."""
    return [
        _check_bytes(link),
        _check_columns(link),
        _check_previous(link, neighbours),
        _check_next(link, neighbours),
    ]


def _check_bytes(link: chain.Link) -> RecordFinding:
    if chain.body_digest(link.body) == link.shown["digest"]:
        return RecordFinding(True, "Its stored bytes have this digest.")
    return RecordFinding(False, "Its stored bytes don’t have this digest: one of the two was changed.")


def _check_columns(link: chain.Link) -> RecordFinding:
    # Given the digest of its own bytes and the link that it claims, only a column can differ.
    alone = link._replace(shown={**link.shown, "digest": chain.body_digest(link.body)})
    found, _ = chain.walk_links([alone], chain.Head(link.shown["number"] - 1, link.shown["previous"]))
    if found is None:
        return RecordFinding(True, "What this page shows is what its stored bytes say.")
    return RecordFinding(False, f"What this page shows isn’t what its stored bytes say: {found.fault}.")


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
        return RecordFinding(False, "The row that holds the chain’s head is missing.")
    if head.number > number:
        return RecordFinding(False, f"Record {number + 1} is missing.")
    if head.number < number:
        return RecordFinding(False, f"It comes after the head of the chain, which is record {head.number}.")
    holds = head.digest == digest
    said = f"It is the newest record, and the head {'holds' if holds else 'does not hold'} its digest."
    return RecordFinding(holds, said)

"""The ledger's only writer.

A record is written in the transaction of the change that it describes, as that transaction's last step: business rows
first, then the head. The same lock order everywhere rules out deadlocks. Every append waits for the head, so it is
locked only briefly: the statements are plain SQL, and transactions are short (decision 0006).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import connection, transaction
from django.db.models import CharField

from audit import chain, clock, stored_rows
from audit.kinds import RecordKind, Status
from audit.models import Record

# The length of each text column, in characters. Longer text is cut: SQLite ignores the length, PostgreSQL would fail.
BOUNDS = {field.name: field.max_length or 0 for field in Record._meta.concrete_fields if isinstance(field, CharField)}
INSERT = f"INSERT INTO audit_record ({stored_rows.NAMES}) VALUES ({', '.join(['%s'] * len(stored_rows.COLUMNS))})"  # noqa: S608
MOVE = "UPDATE audit_head SET number = %s, digest = %s WHERE id = 1 AND number = %s"


class Facts(TypedDict, total=False):
    """A record's fields besides kind, status, user and details; "" or None if they don't apply."""

    action: str
    campaign_id: str
    campaign_name: str
    operation: uuid.UUID | None
    reason: str
    latency_ms: int | None
    payload_hash: str
    api_response_status: int | None
    compliance_check: str
    concurrent_pause_limit: int | None
    webhook_subscription_id: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What `append_many` appends: the arguments of `append`, for one record of several."""

    kind: RecordKind
    by: str
    status: Status = Status.INFO
    details: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    facts: Facts = field(default_factory=Facts)


class MissingHeadError(Exception):
    """The row that holds the head is missing: nothing can be recorded, so nothing may be changed."""


def append(
    kind: RecordKind,
    *,
    by: str,
    status: Status = Status.INFO,
    details: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    **facts: Unpack[Facts],
) -> Record:
    """Append a record to the chain, as the last step of the caller's transaction. At most three queries.

    `by`: the user name, or a label for who acted. `at`: when it happened, an aware time; by default now, by the
    database's clock. Text that is too long is cut, with a mark.

    TransactionManagementError outside `transaction.atomic`; ValueError for details that aren't JSON, a kind or status
    that isn't listed, a number beyond ±(2^53 - 1), or a time without a zone; TypeError for an unknown field;
    MissingHeadError.
    """
    entry = Entry(kind=kind, by=by, status=status, details=details or {}, at=at, facts=facts)
    (record,) = append_many([entry])
    return record


def append_many(entries: Sequence[Entry]) -> list[Record]:
    """Append records to the chain in this order, as the last step of the caller's transaction.

    The head is locked once for all of them, in as few queries as for one. Raises what `append` raises; then none is
    appended.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "a record is appended inside the transaction of what it describes"
        )
    if not entries:
        return []
    head, now = _lock_head()
    records = []
    for entry in entries:
        record = _record_of(entry, now)
        head = link_record(record, head)
        records.append(record)
    _write(records)
    return records


def _record_of(entry: Entry, now: datetime) -> Record:
    if unknown := entry.facts.keys() - Facts.__annotations__.keys():
        raise TypeError(f"a record has no {', '.join(sorted(unknown))}")
    kind, status = RecordKind(entry.kind).value, Status(entry.status).value
    fields = {"kind": kind, "status": status, "by": entry.by, **entry.facts}
    return Record(
        timestamp=entry.at or now,
        details=chain.plain_json(entry.details),
        **{name: _fit_column(name, value) for name, value in fields.items()},
    )


def link_record(record: Record, head: chain.Head) -> chain.Head:
    """Set the number, previous, body and digest of the record that follows `head`. Returns the new head.

    ValueError for a time without a zone.
    """
    record.number = head.number + 1
    record.previous = head.digest
    record.body = chain.canonical_body(record.shown())
    record.digest = chain.body_digest(record.body)
    return chain.Head(record.number, record.digest)


def _fit_column(name: str, value: object) -> object:
    if isinstance(value, str):
        return chain.clean_text(value, BOUNDS[name])
    if not isinstance(value, int):
        return value
    if abs(value) > chain.LARGEST:
        raise ValueError(f"{value} is too large a number for a record")
    # A plain number also of a subclass of int, such as HTTPStatus.
    return int(value)


def _lock_head() -> tuple[chain.Head, datetime]:
    """The head, locked until the transaction ends, and the present time."""
    # SQLite has no row locks, and needs none: transactions are IMMEDIATE here, which locks the whole database.
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    columns = ", ".join(["number", "digest", *clock.columns()])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM audit_head WHERE id = 1 {lock}")  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        raise MissingHeadError("the row that holds the audit’s head is missing; restore it from a backup")
    number, digest, *brought = row
    return chain.Head(number, digest), clock.read_time(brought)


def _write(records: Sequence[Record]) -> None:
    """Insert the records and move the head to each of them in turn: its trigger lets it skip none."""
    inserted = [stored_rows.pack_row(record) for record in records]
    moved: list[list[Any]] = [[record.number, record.digest, record.number - 1] for record in records]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # In one statement, which saves a round trip while others wait for the head.
            both = [values + move for values, move in zip(inserted, moved, strict=True)]
            cursor.executemany(f"WITH written AS ({INSERT}) {MOVE}", both)
        else:
            cursor.executemany(INSERT, inserted)
            cursor.executemany(MOVE, moved)
    for record in records:
        record._state.adding, record._state.db = False, connection.alias

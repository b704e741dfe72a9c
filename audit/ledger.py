"""The ledger's only writer.

A record is written in the transaction of the change that it describes, as that transaction's last step: business rows
first, then the head. The same lock order everywhere rules out deadlocks. Every append waits for the head, so it is
locked only briefly: the statements are plain SQL, and transactions are short (decision 0006).
"""

import uuid
from collections.abc import Mapping
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
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "a record is appended inside the transaction of what it describes"
        )
    if unknown := facts.keys() - Facts.__annotations__.keys():
        raise TypeError(f"a record has no {', '.join(sorted(unknown))}")
    head, now = _lock_head()
    fields = {"kind": RecordKind(kind).value, "status": Status(status).value, "by": by, **facts}
    record = Record(
        timestamp=at or now,
        details=chain.plain_json(details or {}),
        **{name: _fit_column(name, value) for name, value in fields.items()},
    )
    _write(record, link_record(record, head))
    return record


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
        raise MissingHeadError("the row that holds the audit's head is missing; restore it from a backup")
    number, digest, *brought = row
    return chain.Head(number, digest), clock.read_time(brought)


def _write(record: Record, head: chain.Head) -> None:
    """Insert the record and move the head to it."""
    # In one statement on PostgreSQL, which saves a round trip while others wait for the head.
    values = stored_rows.pack_row(record)
    moved: list[Any] = [head.number, head.digest, head.number - 1]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"WITH written AS ({INSERT}) {MOVE}", values + moved)
        else:
            cursor.execute(INSERT, values)
            cursor.execute(MOVE, moved)
    record._state.adding, record._state.db = False, connection.alias

"""A ledger with some records, and what somebody with the database's keys could do to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit import chain, ledger, triggers
from audit.kinds import RecordKind, Status
from audit.models import Record


def append(by: str = "anna", kind: RecordKind = RecordKind.OPERATION_ASKED, status: Status = Status.INFO) -> Record:
    with transaction.atomic():
        return ledger.append(
            kind, by=by, status=status, action="pause", campaign_id="c-1", campaign_name="Spring", details={"calls": 3}
        )


def append_some(count: int) -> list[Record]:
    return [append() for _ in range(count)]


def bulk_asked(bulk: str) -> Record:
    """A pause of 39 campaigns was asked for."""
    details = {"bulk": bulk, "campaigns": 39}
    with transaction.atomic():
        return ledger.append(RecordKind.BULK_ASKED, by="anna", status=Status.INFO, action="pause", details=details)


def ended(state: str = "CONFIRMED", *, at: datetime | None = None, **facts: Any) -> Record:
    """An operation's end. Facts are columns, or else details (`confirmation_ms`)."""
    return _tell(RecordKind.OPERATION_ENDED, at, {"latency_ms": 120, "state": state, **facts})


def drained(*, at: datetime | None = None, **facts: Any) -> Record:
    """The end of watching a pause's calls."""
    usual = {"end": "empty", "calls_at_start": 12, "calls_at_end": 0, "seconds": 41.5}
    return _tell(RecordKind.DRAIN_ENDED, at, usual | facts)


def took_effect_late(*, at: datetime | None = None, **facts: Any) -> Record:
    """An operation that had ended unconfirmed took effect."""
    return _tell(RecordKind.CAMPAIGN_CHANGED_LATE, at, facts)


def changed_outside(*, at: datetime | None = None, **facts: Any) -> Record:
    """A campaign was changed in CXone."""
    return _tell(RecordKind.CAMPAIGN_CHANGED_OUTSIDE, at, {"by": "", "action": "", **facts})


def _tell(kind: RecordKind, at: datetime | None, facts: dict[str, Any]) -> Record:
    columns: dict[str, Any] = {"by": "anna", "action": "pause", "campaign_id": "c-1", "campaign_name": "Spring"}
    columns |= {name: facts.pop(name) for name in list(facts) if name in chain.FIELDS}
    with transaction.atomic():
        return ledger.append(kind, at=at, details=facts, **columns)


@contextmanager
def tampering() -> Iterator[CursorWrapper]:
    """A cursor on the ledger without its triggers, nor what the table checks: that JSON is valid, on SQLite."""
    triggers.remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield cursor
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
    triggers.install(connection)


def change(number: int) -> None:
    """Change a column of a record, and not its body."""
    _set_reason(number, "other")


def put_right(number: int) -> None:
    """Undo the change."""
    _set_reason(number, "")


def _set_reason(number: int, reason: str) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET reason = %s WHERE number = %s", [reason, number])

"""A ledger with some records, and what somebody with the database's keys could do to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit import ledger, triggers
from audit.kinds import Kind, Status
from audit.models import Record


def append(by: str = "anna", kind: Kind = Kind.OPERATION_ASKED, status: Status = Status.INFO) -> Record:
    with transaction.atomic():
        return ledger.append(
            kind, by=by, status=status, action="pause", campaign_id="c-1", campaign_name="Spring", details={"calls": 3}
        )


def append_some(count: int) -> list[Record]:
    return [append() for _ in range(count)]


@contextmanager
def tampering() -> Iterator[CursorWrapper]:
    """A cursor on the ledger without its triggers."""
    triggers.remove(connection)
    with connection.cursor() as cursor:
        yield cursor
    triggers.install(connection)

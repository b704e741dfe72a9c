"""The known break of the audit: one row, which is read for every page that is shown to somebody who may verify.

A break is reported once: in the row, in the log, and as a record. It stays known until a complete verification finds
everything right.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from types import NoneType
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.http import HttpRequest

from audit import chain, clock, ledger, stored_rows
from audit.kinds import RecordKind, Status
from audit.models import Watch

log = logging.getLogger(__name__)

# Characters: the length of the columns break_fault and checkpoint_error.
LONGEST = 500
UNREADABLE = "The results of the checks can’t be read: their row holds something that the product never writes."
# The types that we write. SQLite stores a value of any type in any column, and Django returns it unconverted.
COLUMNS: dict[str, tuple[type, ...]] = {
    "checked_number": (int,),
    "checked_digest": (str,),
    "round_number": (int,),
    "round_digest": (str,),
    "round_records": (int,),
    "round_seconds": (float, NoneType),
    "break_number": (int, NoneType),
    "break_fault": (str,),
    "checkpoint_number": (int,),
    "checkpoint_error": (str,),
    "wanted_by": (str,),
    "restores": (list,),
}


class Alarm(NamedTuple):
    """The warning on pages: a break, and `trouble` with writing checkpoints as a sentence ("" for none)."""

    found: chain.Break | None
    trouble: str


def read_row() -> Watch:
    """The row; an empty one if it is missing or unreadable.

    It hints at how far checks have come, but proves nothing: whoever can write records can write it too.
    """
    return _read() or Watch(pk=1)


def repair_row() -> None:
    """Replace a missing or unreadable row by an empty one, so that everything is checked again."""
    if _read() is None:
        log.error("The row that says how far the audit was checked is missing or unreadable; checking from record 1.")
        Watch.objects.filter(pk=1).delete()
        Watch.objects.get_or_create(pk=1)


def _read() -> Watch | None:
    """The row; None if it is missing, or has values that we don't write."""
    try:
        with stored_rows.reading():
            row = Watch.objects.filter(pk=1).first()
    except (stored_rows.UnreadableError, TypeError, ValueError):
        return None
    if row is None or any(type(getattr(row, name)) not in types for name, types in COLUMNS.items()):
        return None
    return row


def report_break(found: chain.Break, *, by: str = "") -> bool:
    """Write a break into the row, the log and a record. If one is known already, do nothing and return False."""
    repair_row()
    with transaction.atomic():
        # Several processes can find a break at the same time. Only the first one's update matches the row.
        if not Watch.objects.filter(pk=1, break_number=None).update(**_fields(found)):
            return False
        _record(found, by)
    log.error("The audit was changed: at record %d, %s.", *found)
    return True


def replace_break(found: chain.Break, *, by: str = "") -> None:
    """Report the break that a complete verification found, instead of one that was known at another record."""
    with transaction.atomic():
        known = Watch.objects.exclude(break_number=None).exclude(break_number=found.number)
        if known.update(**_fields(found)):
            _record(found, by)
    report_break(found, by=by)


def clear_break(found_at: datetime | None, *, by: str = "") -> bool:
    """Clear the break that was found at `found_at`, after a verification found everything right, and record that.

    Returns False if there is none from that time: a break that was found during the verification stays.
    """
    with transaction.atomic():
        known = Watch.objects.exclude(break_number=None).filter(break_found_at=found_at)
        number = known.values_list("break_number", flat=True).first()
        if not known.update(break_number=None, break_fault="", break_found_at=None):
            return False
        ledger.append(RecordKind.BREAK_GONE, by=by, status=Status.SUCCESS, details={"record": number})
    return True


def note_trouble(words: str) -> None:
    """Store why checkpoints can't be written, as a sentence; "" once they can. Logged only when it changes."""
    words = words[:LONGEST]
    if Watch.objects.exclude(checkpoint_error=words).update(checkpoint_error=words):
        log.log(logging.ERROR if words else logging.INFO, words or "Checkpoints of the audit can be written again.")


def note_checkpoint(number: int, at: datetime | None) -> None:
    """Store the record number of the newest checkpoint (0: none) and its time, so that its removal is detected."""
    Watch.objects.update(checkpoint_number=number, checkpoint_at=at)


def _fields(found: chain.Break) -> dict[str, Any]:
    return {
        "break_number": found.number,
        "break_fault": chain.clean_text(found.fault, LONGEST),
        "break_found_at": clock.now(),
    }


def _record(found: chain.Break, by: str) -> None:
    details = {"record": found.number}
    try:
        # In a savepoint: if the ledger's end is damaged, nothing can be appended, and the break must be stored anyway.
        with transaction.atomic():
            ledger.append(RecordKind.BREAK_FOUND, by=by, status=Status.FAILURE, error=found.fault, details=details)
    except (DatabaseError, ledger.MissingHeadError, TypeError, ValueError):
        log.exception("The break at record %d could not be recorded.", found.number)


def for_pages(request: HttpRequest) -> dict[str, Callable[[], Alarm | None]]:
    """Context processor: `audit_alarm`, the warning for those who may verify, None for others."""
    # A function, so that only pages that show the warning query the row.
    return {"audit_alarm": lambda: _shown_to(request)}


def _shown_to(request: HttpRequest) -> Alarm | None:
    # A request can be refused before the authentication middleware has run.
    user = getattr(request, "user", None)
    if user is None or not user.has_perm("audit.verify_record"):
        return None
    columns = Watch.objects.filter(pk=1).values_list("break_number", "break_fault", "checkpoint_error")
    try:
        with stored_rows.reading():
            row = columns.first()
    except stored_rows.UnreadableError:
        return Alarm(None, UNREADABLE)
    if row is None:
        return None
    number, fault, trouble = row
    if number is not None:
        return Alarm(chain.Break(number, fault), trouble)
    return Alarm(None, trouble) if trouble else None

"""What is known to be wrong with the audit: one row, which every page of those who may verify looks at.

A break is told once: in the row, in the log, and as a record of its own. It stays known until a whole verification
finds everything right.
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

LONGEST = 500
UNREADABLE = "What is known of it can't be read: somebody wrote what doesn't belong there."
COLUMNS: dict[str, tuple[type, ...]] = {
    "checked_number": (int,),
    "checked_digest": (str,),
    "round_number": (int,),
    "round_digest": (str,),
    "round_records": (int,),
    "break_number": (int, NoneType),
    "break_fault": (str,),
    "checkpoint_number": (int,),
    "checkpoint_error": (str,),
    "wanted_by": (str,),
}


class Alarm(NamedTuple):
    """A break, or no break but checkpoints that can't be written."""

    found: chain.Break | None
    trouble: str


def read_row() -> Watch:
    """The row. It is a hint of how far checks have come, never a proof: whoever can write records can write it."""
    return _read() or Watch(pk=1)


def repair_row() -> None:
    """A row that is gone, or that holds what doesn't belong there, begins anew: then all is walked again."""
    if _read() is None:
        log.error("How far the audit was checked was taken away or made unreadable; it is checked from record 1 on.")
        Watch.objects.filter(pk=1).delete()
        Watch.objects.get_or_create(pk=1)


def _read() -> Watch | None:
    """SQLite keeps any value in any column, PostgreSQL times that Python doesn't know."""
    try:
        with stored_rows.reading():
            row = Watch.objects.filter(pk=1).first()
    except (stored_rows.UnreadableError, TypeError, ValueError):
        return None
    return row if row and all(type(getattr(row, name)) in kinds for name, kinds in COLUMNS.items()) else None


def report_break(found: chain.Break, *, by: str = "") -> bool:
    """Make a break known, and put it on record. False where one is known already: it is told once."""
    repair_row()
    with transaction.atomic():
        if not Watch.objects.filter(pk=1, break_number=None).update(**_fields(found)):
            return False
        _record(found, by)
    log.error("The audit was changed: at record %d, %s.", *found)
    return True


def replace_break(found: chain.Break, *, by: str = "") -> None:
    """What a whole verification found takes the place of what was known, if that was at another record."""
    with transaction.atomic():
        known = Watch.objects.exclude(break_number=None).exclude(break_number=found.number)
        if known.update(**_fields(found)):
            _record(found, by)
    report_break(found, by=by)


def clear_break(found_at: datetime | None, *, by: str = "") -> bool:
    """Everything was found right: the break known since then is gone, on record. One found meanwhile stays."""
    with transaction.atomic():
        known = Watch.objects.exclude(break_number=None).filter(break_found_at=found_at)
        number = known.values_list("break_number", flat=True).first()
        if not known.update(break_number=None, break_fault="", break_found_at=None):
            return False
        ledger.append(RecordKind.BREAK_GONE, by=by, status=Status.SUCCESS, details={"record": number})
    return True


def note_trouble(words: str) -> None:
    """Checkpoints can't be written (or, with no words, can again)."""
    words = words[:LONGEST]
    if Watch.objects.exclude(checkpoint_error=words).update(checkpoint_error=words):
        log.log(logging.ERROR if words else logging.INFO, words or "Checkpoints of the audit can be written again.")


def note_checkpoint(number: int, at: datetime | None) -> None:
    """What the newest checkpoint tells of, so that one that is taken away is missed."""
    Watch.objects.update(checkpoint_number=number, checkpoint_at=at)


def _fields(found: chain.Break) -> dict[str, Any]:
    return {
        "break_number": found.number,
        "break_fault": chain.clean_text(found.fault, LONGEST),
        "break_found_at": clock.now(),
    }


def _record(found: chain.Break, by: str) -> None:
    """A ledger that is damaged where records are added takes none: the break is known all the same."""
    details = {"record": found.number}
    try:
        with transaction.atomic():
            ledger.append(RecordKind.BREAK_FOUND, by=by, status=Status.FAILURE, error=found.fault, details=details)
    except (DatabaseError, ledger.MissingHeadError, TypeError, ValueError):
        log.exception("The break at record %d could not be put on record.", found.number)


def for_pages(request: HttpRequest) -> dict[str, Callable[[], Alarm | None]]:
    """Context processor: `audit_alarm`, read by the pages that show it, for those who may verify."""
    return {"audit_alarm": lambda: _shown_to(request)}


def _shown_to(request: HttpRequest) -> Alarm | None:
    user = getattr(request, "user", None)  # a request may be refused before anybody is known
    if user is None or not user.has_perm("audit.verify_record"):
        return None
    row = _shown_row()
    if row is None or (row[0] is None and not row[2]):
        return None
    return Alarm(None if row[0] is None else chain.Break(row[0], row[1]), row[2])


def _shown_row() -> tuple[int | None, str, str] | None:
    try:
        with stored_rows.reading():
            return Watch.objects.filter(pk=1).values_list("break_number", "break_fault", "checkpoint_error").first()
    except stored_rows.UnreadableError:
        return None, "", UNREADABLE

"""What is derived from the records follows them by a watermark: each record is folded in exactly once.

Numbers are gapless and become visible in their order (the head's lock), so "up to number n" says it all. Everything
derived moves with the watermark in one transaction, which is short: on SQLite it holds the only writer's lock.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import CharField, Subquery

from audit import days, rollups, search, spans
from audit.models import Progress, Record

DERIVED = (rollups, spans, search)
# Records at a time. On SQLite everybody who writes waits for a step (some 40 ms); elsewhere only who folds too.
STEP = 200 if connection.vendor == "sqlite" else 1000
SECONDS = 2.0
# What reading a row can end in: SQLite keeps any value in any column. Verification names such a record.
UNREADABLE = (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
TEXTS = [field.name for field in Record._meta.concrete_fields if isinstance(field, CharField)]


def fold(limit: int = STEP) -> int:
    """Fold in the next records, at most `limit`; how many there were. 0 too where another process has just done it."""
    done = Progress.objects.get()
    later = Record.objects.filter(number__gt=done.number).order_by("number")
    numbers = list(later.values_list("number", flat=True)[:limit])
    if not numbers:
        return 0
    records = _read(numbers)  # before the transaction: records don't change
    with transaction.atomic():
        if not Progress.objects.filter(number=done.number, generation=done.generation).update(number=numbers[-1]):
            return 0
        if not done.number or days.are_late(records):
            Progress.objects.update(generation=_another())
        for derived in DERIVED:
            derived.add(records)
    return len(numbers)


def fold_all(seconds: float = SECONDS, limit: int = STEP) -> int:
    """Fold until nothing is left, the time is up or another process folds; how many records there were."""
    deadline, count = time.monotonic() + seconds, 0
    for step in _steps(limit):
        count += step
        if not step or time.monotonic() > deadline:
            break
    return count


def rebuild() -> int:
    """Make everything derived anew; how many records there were. Meanwhile charts say how far they tell."""
    with transaction.atomic():
        Progress.objects.update_or_create(pk=1, defaults={"number": 0, "generation": _another()})
        for derived in DERIVED:
            derived.clear()
    return sum(_steps(STEP))


def _steps(limit: int) -> Iterator[int]:
    while _is_behind():
        began = time.monotonic()
        yield fold(limit)
        if connection.vendor == "sqlite":
            time.sleep((time.monotonic() - began) / 2)  # about half of the time is for others who write


def _is_behind() -> bool:
    return Record.objects.filter(number__gt=Subquery(Progress.objects.values("number"))).exists()


def _another() -> int:
    """By chance: another ledger, or a restored one, would count on to numbers that are in the cache already."""
    return secrets.randbelow(2**31)


def _read(numbers: list[int]) -> list[Record]:
    """These records, but those that can't be read."""
    try:
        records = list(Record.objects.defer("body").filter(number__in=numbers).order_by("number"))
    except UNREADABLE:
        records = [record for number in numbers for record in _read_one(number)]
    return [record for record in records if _is_sound(record)]


def _is_sound(record: Record) -> bool:
    return isinstance(record.timestamp, datetime) and all(isinstance(getattr(record, name), str) for name in TEXTS)


def _read_one(number: int) -> list[Record]:
    try:
        return list(Record.objects.defer("body").filter(number=number))
    except UNREADABLE:
        return []

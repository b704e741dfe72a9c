"""What is derived from the records follows them by a watermark: each record is folded in exactly once.

Numbers are gapless and become visible in their order (the head's lock), so "up to number n" says it all. Everything
derived moves with the watermark in one transaction, which is short: on SQLite it holds the only writer's lock.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import CharField, QuerySet

from audit import stored_rows
from audit.models import Head, Progress, Record
from audit.search import index, time_spans
from audit.statistics import day_cache, rollups

log = logging.getLogger(__name__)
DERIVED = (rollups, time_spans, index)
# Records at a time. On SQLite everybody who writes waits for a step (some 40 ms); elsewhere only who folds too.
STEP = 200 if connection.vendor == "sqlite" else 1000
SECONDS = 2.0
# What reading a row can end in: SQLite keeps any value in any column. Verification names such a record.
UNREADABLE = (stored_rows.UnreadableError, ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
TEXTS = [field.name for field in Record._meta.concrete_fields if isinstance(field, CharField)]


def fold(limit: int = STEP) -> int:
    """Fold in the next records, at most `limit`; how many there were. 0 too where another process has just done it."""
    done, head = _read_places()
    if done is None or not 0 <= done.number <= head:
        log.error("How far records are folded in was taken away, or is beyond the head: everything is rebuilt.")
        _begin_anew()
        return 0
    numbers = list(_later(done, head).order_by("number").values_list("number", flat=True)[:limit])
    if not numbers:
        return 0
    records = _read(numbers)  # before the transaction: records don't change
    with transaction.atomic():
        if not Progress.objects.filter(number=done.number, generation=done.generation).update(number=numbers[-1]):
            return 0
        if not done.number or day_cache.are_late(records):
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
    _begin_anew()
    return sum(_steps(STEP))


def _begin_anew() -> None:
    with transaction.atomic():
        Progress.objects.update_or_create(pk=1, defaults={"number": 0, "generation": _another()})
        for derived in DERIVED:
            derived.clear()


def _steps(limit: int) -> Iterator[int]:
    while _is_behind():
        began = time.monotonic()
        yield fold(limit)
        if connection.vendor == "sqlite":
            time.sleep((time.monotonic() - began) / 2)  # about half of the time is for others who write


def _is_behind() -> bool:
    done, head = _read_places()
    return done is None or not 0 <= done.number <= head or _later(done, head).exists()


def _read_places() -> tuple[Progress | None, int]:
    """How far records are folded in (None: nobody knows), and then where the head is (for want of one: there)."""
    done = Progress.objects.filter(pk=1).first()
    head = Head.objects.filter(pk=1).values_list("number", flat=True).first()
    if done is None or type(done.number) is not int:
        return None, 0
    return done, head if type(head) is int else done.number


def _later(done: Progress, head: int) -> QuerySet[Record]:
    """Records that wait. One beyond the head, which nothing of ours wrote, isn't among them."""
    return Record.objects.filter(number__gt=done.number, number__lte=head)


def _another() -> int:
    """By chance: another ledger, or a restored one, would count on to numbers that are in the cache already."""
    return secrets.randbelow(2**31)


def _read(numbers: list[int]) -> list[Record]:
    """These records, but those that can't be read."""
    try:
        with stored_rows.reading():
            records = list(Record.objects.defer("body").filter(number__in=numbers).order_by("number"))
    except UNREADABLE:
        records = [record for number in numbers for record in _read_one(number)]
    return [record for record in records if _is_sound(record)]


def _is_sound(record: Record) -> bool:
    return isinstance(record.timestamp, datetime) and all(isinstance(getattr(record, name), str) for name in TEXTS)


def _read_one(number: int) -> list[Record]:
    try:
        with stored_rows.reading():
            return list(Record.objects.defer("body").filter(number=number))
    except UNREADABLE:
        return []

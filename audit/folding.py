"""Folding: derived data follows the records by a watermark, so that each record is included exactly once.

Numbers have no gaps and become visible in order, because of the head's lock, so "up to number n" describes what is
included. All derived data and the watermark change in one transaction, which is short: on SQLite it holds the only
write lock.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import CharField, QuerySet

from audit import stored_rows
from audit.models import FoldingProgress, Head, Record
from audit.search import index, time_spans
from audit.statistics import day_cache, rollups

log = logging.getLogger(__name__)
ADD = (rollups.add_to_rollups, time_spans.add_to_spans, index.add_to_index)
CLEAR = (rollups.clear_rollups, time_spans.clear_spans, index.clear_index)
# Records at a time. On SQLite all writers wait for a step (some 40 ms); on PostgreSQL only other processes that fold.
STEP = 200 if connection.vendor == "sqlite" else 1000
# How long one run of the periodic task may take. The next one continues.
SECONDS = 2.0
# What reading a row can raise, since SQLite stores any value in any column. Verification names such a record.
UNREADABLE = (stored_rows.UnreadableError, ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
TEXTS = [field.name for field in Record._meta.concrete_fields if isinstance(field, CharField)]


def fold(limit: int = STEP) -> int:
    """Fold the next records, at most `limit`. Returns how many; 0 also if another process has just folded them."""
    done, head = _read_watermark_and_head()
    if done is None or not 0 <= done.number <= head:
        log.error("The watermark of folding is missing, or beyond the head: everything is rebuilt.")
        _start_over()
        return 0
    numbers = list(_unfolded(done, head).order_by("number").values_list("number", flat=True)[:limit])
    if not numbers:
        return 0
    # Read before the transaction, to keep it short: records never change.
    records = _read(numbers)
    with transaction.atomic():
        # The update waits for a process that is folding the same records, and then matches no row.
        unmoved = FoldingProgress.objects.filter(number=done.number, generation=done.generation)
        if not unmoved.update(number=numbers[-1]):
            return 0
        if not done.number or day_cache.are_late(records):
            FoldingProgress.objects.update(generation=_new_generation())
        for add in ADD:
            add(records)
    return len(numbers)


def fold_all(seconds: float = SECONDS, limit: int = STEP) -> int:
    """Fold until nothing is left, the time is over, or another process folds. Returns how many records."""
    deadline = time.monotonic() + seconds
    count = 0
    for folded in _fold_in_steps(limit):
        count += folded
        if not folded or time.monotonic() > deadline:
            break
    return count


def rebuild() -> int:
    """Rebuild all derived data. Returns the number of records. Meanwhile charts say how far their figures go."""
    _start_over()
    return sum(_fold_in_steps(STEP))


def _start_over() -> None:
    with transaction.atomic():
        FoldingProgress.objects.update_or_create(pk=1, defaults={"number": 0, "generation": _new_generation()})
        for clear in CLEAR:
            clear()


def _fold_in_steps(limit: int) -> Iterator[int]:
    while _is_behind():
        began = time.monotonic()
        yield fold(limit)
        # SQLite has one write lock. After each step it is left to others for half as long as the step took.
        if connection.vendor == "sqlite":
            time.sleep((time.monotonic() - began) / 2)


def _is_behind() -> bool:
    done, head = _read_watermark_and_head()
    return done is None or not 0 <= done.number <= head or _unfolded(done, head).exists()


def _read_watermark_and_head() -> tuple[FoldingProgress | None, int]:
    """The watermark (None: missing or unreadable) and the head's number (if that is unreadable, the watermark's)."""
    # In this order: otherwise, what others append and fold in between would look like a watermark beyond the head.
    done = FoldingProgress.objects.filter(pk=1).first()
    head = Head.objects.filter(pk=1).values_list("number", flat=True).first()
    if done is None or type(done.number) is not int:
        return None, 0
    return done, head if type(head) is int else done.number


def _unfolded(done: FoldingProgress, head: int) -> QuerySet[Record]:
    """The records to fold. One beyond the head, which the product can't have written, isn't among them."""
    return Record.objects.filter(number__gt=done.number, number__lte=head)


def _new_generation() -> int:
    # Random: a counter would, with a restored or another ledger, reach generations that are in the cache already.
    return secrets.randbelow(2**31)


def _read(numbers: list[int]) -> list[Record]:
    """The records with these numbers, without those that can't be read."""
    try:
        with stored_rows.reading():
            records = list(Record.objects.defer("body").filter(number__in=numbers).order_by("number"))
    except UNREADABLE:
        records = []
        for number in numbers:
            records += _read_one(number)
    return [record for record in records if _is_sound(record)]


def _is_sound(record: Record) -> bool:
    return isinstance(record.timestamp, datetime) and all(isinstance(getattr(record, name), str) for name in TEXTS)


def _read_one(number: int) -> list[Record]:
    try:
        with stored_rows.reading():
            return list(Record.objects.defer("body").filter(number=number))
    except UNREADABLE:
        return []

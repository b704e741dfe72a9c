"""Appended records per second, compared with plain inserts into a table with the same columns and indexes.

    .venv/bin/python -m benchmarks.appends

With 1 and with 8 writers, each in its own process, on SQLite and on PostgreSQL (TEST_DATABASE_URL, where a database is
created and dropped). A plain insert is Django's `create` in its own transaction, an append is the ledger's in its own.
They take turns, and the medians of the rounds are compared. A bare counter is measured as well: one row to which every
transaction adds 1. No chain without gaps can be faster than that, since each transaction waits until the one before is
on disk; plain inserts reach the disk together. The exit status is 1 if appends are less than half as fast as plain
inserts.
"""

import os
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import count
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING, Any, cast

from benchmarks import process

if TYPE_CHECKING:
    from django.db.models import Model

# Appends relative to plain inserts. A chain adds a lock and a second row to each transaction.
TARGET = 0.5
ROUNDS = 5
SECONDS = 2.0
PLAIN, COUNTER = "benchmark_plain", "benchmark_counter"
FACTS: dict[str, Any] = {
    "by": "ada.moreau",
    "action": "pause",
    "campaign_id": "00004a3c-0000-4000-8000-000000000123",
    "campaign_name": "Auto Loan Early Arrears Québec",
    "operation": uuid.UUID(int=1),
    "reason": "WFM_OVERRIDE",
    "latency_ms": 431,
    "payload_hash": "a" * 64,
    "api_response_status": 204,
    "compliance_check": "PASSED",
    "concurrent_pause_limit": 1,
    "webhook_subscription_id": "sub-123",
    "error": "",
    "details": {"state": "CONFIRMED", "calls": 12, "limit": 50, "confirmation_ms": 1234},
}


def main() -> int:
    if "--here" in sys.argv:
        return int(_measure_all())
    return process.run_on_both("benchmarks.appends", "--here")


def _measure_all() -> bool:
    """Print the figures of one database. Returns True if the target was missed."""
    process.begin()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(_plain())
        editor.execute(f"CREATE TABLE {COUNTER} (number bigint)")
        editor.execute(f"INSERT INTO {COUNTER} VALUES (0)")  # noqa: S608
    print(f"\n{connection.display_name}: a second, median of {ROUNDS} rounds of {SECONDS:.0f} s")
    print(f"{'writers':>8}{'appends':>10}{'plain inserts':>16}{'ratio':>8}{'bare counter':>15}")
    ratios = [_measure(writers) for writers in (1, 8)]
    print(f"target: at least {TARGET}: {'met' if min(ratios) >= TARGET else 'MISSED'}")
    return min(ratios) < TARGET


def _measure(writers: int) -> float:
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    with ProcessPoolExecutor(writers, get_context("spawn"), initializer=process.begin) as pool:
        for _ in range(ROUNDS):
            for name, found in rates.items():
                # In seconds: by then every writer has received its task, and all begin together.
                start = time.time() + 0.3
                tasks = [pool.submit(_write, name, start) for _ in range(writers)]
                found.append(sum(task.result() for task in tasks) / SECONDS)
    appends, plain, counter = (median(found) for found in rates.values())
    print(f"{writers:>8}{appends:>10,.0f}{plain:>16,.0f}{appends / plain:>8.2f}{counter:>15,.0f}", flush=True)
    return appends / plain


def _write(name: str, start: float) -> int:
    """How many times the way `name` could be done from `start` on in `SECONDS`."""
    from django.db import transaction

    once = WAYS[name]()
    with transaction.atomic():
        # The first call also connects, and fills caches.
        once()
    time.sleep(max(0.0, start - time.time()))
    done, end = 0, start + SECONDS
    while time.time() < end:
        with transaction.atomic():
            once()
        done += 1
    return done


def _append() -> Callable[[], object]:
    from audit import ledger
    from audit.kinds import RecordKind, Status

    return lambda: ledger.append(RecordKind.OPERATION_ENDED, status=Status.SUCCESS, **FACTS)


def _insert() -> Callable[[], object]:
    """A function that inserts the same values with a unique number."""
    from django.utils import timezone

    from audit import chain
    from audit.models import Record

    record = Record(kind="operation.ended", status="SUCCESS", timestamp=timezone.now(), number=1, **FACTS)
    record.previous, record.digest = chain.GENESIS, chain.body_digest(b"")
    record.body = chain.canonical_body(record.shown())
    values = {field.attname: getattr(record, field.attname) for field in Record._meta.concrete_fields}
    plain, numbers = _plain(), count(os.getpid() * 10**12 + time.time_ns() // 1000 % 10**12)
    return lambda: plain._default_manager.create(**values | {"number": next(numbers), "timestamp": timezone.now()})


def _count() -> Callable[[], object]:
    from django.db import connection

    cursor = connection.cursor()
    return lambda: cursor.execute(f"UPDATE {COUNTER} SET number = number + 1")  # noqa: S608


WAYS = {"append": _append, "insert": _insert, "count": _count}


@cache
def _plain() -> type["Model"]:
    """A model with the columns and indexes of a record, but without triggers, chain and head."""
    from django.db import models

    from audit.models import Record

    def renamed(index: models.Index) -> models.Index:
        index = index.clone()
        index.name = f"plain_{index.name}"[:30]
        return index

    fields: dict[str, Any] = {field.name: field.clone() for field in Record._meta.concrete_fields}
    options = {"app_label": "audit", "db_table": PLAIN, "indexes": [renamed(index) for index in Record._meta.indexes]}
    members = {"__module__": __name__, "Meta": type("Meta", (), options), **fields}
    return cast("type[Model]", type("Plain", (models.Model,), members))


if __name__ == "__main__":
    sys.exit(main())

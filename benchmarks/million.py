"""Fill the ledger with a year of a busy contact centre.

    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.million             # a million records, on SQLite
    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.million 5000  # fewer, on PostgreSQL

Records are created by the ledger's own functions, with real bytes, digests and head; only the insert differs: many
rows at a time. Existing records stay, and the new ones follow them. Nothing is folded.
"""

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from benchmarks import process

if TYPE_CHECKING:
    from audit import chain
    from audit.models import Record
    from benchmarks.scenarios import Event

# Records in one transaction, which bounds the memory that is needed.
AT_ONCE = 20_000
YEAR = timedelta(days=365)


def fill(records: int, *, until: datetime | None = None, seed: int = 1) -> "chain.Head":
    """Add that many records, spread over the year before `until` (by default now). Returns the new head."""
    from django.db import connection, transaction
    from django.utils import timezone

    from audit import chain, triggers
    from audit.models import Head
    from benchmarks.scenarios import generate_events

    until = until or timezone.now()
    # A scenario can last hours, until somebody signs out, and no record may be in the future.
    events = generate_events(records, until - YEAR, until - timedelta(hours=6), seed)
    head = chain.START
    while chunk := list(islice(events, AT_ONCE)):
        with transaction.atomic():
            row = Head.objects.select_for_update().get()
            made, head = _link(chunk, chain.Head(row.number, row.digest))
            # They allow the head to advance only by one record at a time.
            triggers.remove(connection)
            _write(made)
            Head.objects.update(number=head.number, digest=head.digest)
            triggers.install(connection)
    # Autovacuum would analyze the table only later.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_record")
    return head


def _link(events: Iterable["Event"], head: "chain.Head") -> tuple[list["Record"], "chain.Head"]:
    from audit import chain, ledger
    from audit.models import Record

    made = []
    for event in events:
        facts: dict[str, Any] = event.facts
        record = Record(timestamp=event.at, **(facts | {"details": chain.plain_json(facts["details"])}))
        head = ledger.link_record(record, head)
        made.append(record)
    return made, head


def _write(made: Sequence["Record"]) -> None:
    from django.db import connection

    from audit import ledger, stored_rows

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(ledger.INSERT, [stored_rows.pack_row(record) for record in made])
            return
        with cursor.copy(f"COPY audit_record ({stored_rows.NAMES}) FROM STDIN") as copy:
            for record in made:
                copy.write_row(stored_rows.pack_row(record))


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill the ledger that DATABASE_URL or VAR_DIR names.")
    parser.add_argument("records", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    process.begin()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    head, seconds, _ = process.timed(lambda: fill(arguments.records, seed=arguments.seed))
    print(f"{arguments.records:,} records in {seconds:.1f} s; the head is record {head.number}, {head.digest}")


if __name__ == "__main__":
    main()

"""Fill an empty ledger on PostgreSQL with up to ten million records, whose derived data is there already.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.large_ledger 10000000

The ordinary ways, benchmarks.million and folding, take 200 µs and more for each record; this one takes a tenth of it.
The records are those of benchmarks/scenarios.py, spread over a year as they are there: one block of the search's index
is created and split into words by the product, and follows itself as often as needed. Each time it has other numbers,
times, operations and payloads, so that the chain is valid, and words that only one operation has are as many as in
reality. Figures are the product's own as well (`rollups.figures_of`). All rows are written by COPY, in one
transaction, without triggers, and indexes other than primary keys are created at its end.

`tests/audit/test_large_ledger.py` verifies such a ledger, and compares what is derived with what folding makes of it.
"""

import argparse
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice, pairwise
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import process

if TYPE_CHECKING:
    from audit import chain
    from audit.models import Record
    from audit.statistics.figures import Figures
    from audit.statistics.rollups import RollupKey

TABLES = ("audit_record", "audit_rollup", "audit_span", "audit_posting", "audit_name", "audit_campaignname")
# PostgreSQL's binary format of COPY: its signature, no flags, no extension; the end.
BEGIN, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack(">h", -1)
# Its times are microseconds since then.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND, HOUR = timedelta(microseconds=1), timedelta(hours=1)
# Stand for what is different each time that a record follows.
OPERATION, PAYLOAD = "00000000-0000-4000-8000-00000000feed", "fed0" * 16


class Template(NamedTuple):
    """A record without what is different each time: its bytes, and its row between the values that are.

    `operation`, `payload`: which of the block's, or -1. Of `record`, number, timestamp and operation are overwritten.
    """

    record: "Record"
    body: bytes
    row: tuple[bytes, bytes, bytes, bytes]
    operation: int
    payload: int


class Hour(NamedTuple):
    """The records from `first` to before `end` are of this hour, with `step` microseconds between them."""

    begin: datetime
    first: int
    end: int
    step: int


def fill(records: int, *, until: datetime | None = None, seed: int = 1) -> "chain.Head":
    """Add that many records, spread over the year before `until` (by default now), to an empty ledger, folded."""
    from django.db import connection, transaction
    from django.utils import timezone

    from audit import chain, triggers
    from audit.models import FoldingProgress, Head
    from audit.search import index
    from benchmarks.million import YEAR

    end = until or timezone.now()
    writer = _Writer(_templates(seed), list(_hours(records, end - YEAR, end)), seed)
    with transaction.atomic():
        assert Head.objects.select_for_update().get().number == 0, "the ledger has records already"
        triggers.remove(connection)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            # On a busy machine, a block takes longer than a transaction may be idle.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            # COPY can freeze the rows of a table that was emptied in the same transaction.
            cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
        with _without_indexes():
            head = writer.write(records)
        # Each value is in every block.
        newest = sorted((each.record for each in writer.templates if each.record.number), key=_number_of)
        index.store_suggestions(newest)
        Head.objects.update(number=head.number, digest=head.digest)
        FoldingProgress.objects.update(number=head.number, generation=seed)
        triggers.install(connection)
    with connection.cursor() as cursor:
        # Autovacuum would do this only later.
        cursor.execute("VACUUM ANALYZE")
    return chain.Head(head.number, head.digest)


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Drop indexes and unique constraints, without primary keys, and create them again."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
            " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
            " FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY(%s::regclass[])",
            [list(TABLES)],
        )
        found = cursor.fetchall()
        cursor.execute(
            "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE NOT indisunique AND indrelid = ANY(%s::regclass[])",
            [list(TABLES)],
        )
        found += cursor.fetchall()
        for drop, _ in found:
            cursor.execute(drop)
        yield
        for _, create in found:
            cursor.execute(create)


def _templates(seed: int) -> list[Template]:
    """As many as a block has numbers."""
    from audit.search import bitmaps
    from benchmarks.scenarios import generate_events

    # So long that busy and quiet hours have the same scenarios.
    since = datetime(2026, 1, 1, tzinfo=UTC)
    events = islice(generate_events(bitmaps.SIZE, since, since + timedelta(days=30), seed), bitmaps.SIZE)
    operations: dict[object, int] = {}
    payloads: dict[str, int] = {}
    return [_template(event.at, event.facts, operations, payloads) for event in events]


def _template(
    at: datetime, facts: dict[str, Any], operations: dict[object, int], payloads: dict[str, int]
) -> Template:
    from audit import chain, ledger
    from audit.models import Record

    operation, payload = facts.get("operation"), facts.get("payload_hash", "")
    same = {"details": chain.plain_json(facts["details"])}
    same |= {"operation": OPERATION} if operation else {}
    same |= {"payload_hash": PAYLOAD} if payload else {}
    record = Record(timestamp=at, **(facts | same))
    ledger.link_record(record, chain.START)
    # None of this ledger yet.
    record.number = 0
    body = bytes(record.body).replace(b"%", b"%%")
    assert body.count(b'"number":1,') == 1
    body = body.replace(b'"number":1,', b'"number":%d,')
    for value in (chain.GENESIS, OPERATION, PAYLOAD, chain.format_time(at)):
        assert body.count(value.encode()) <= 1, "a value would be taken for another"
        body = body.replace(value.encode(), b"%b")
    return Template(
        record,
        body,
        _row_of(record),
        operations.setdefault(operation, len(operations)) if operation else -1,
        payloads.setdefault(payload, len(payloads)) if payload else -1,
    )


def _row_of(record: "Record") -> tuple[bytes, bytes, bytes, bytes]:
    """The values of a row in COPY's form: after the time, the operation, the payload, and before the digests."""
    from audit import canonical_json, stored_rows

    values = {name: _value(getattr(record, name)) for name in stored_rows.COLUMNS if name != "details"}
    # jsonb in its version 1, as text.
    values["details"] = _value(b"\x01" + canonical_json.text(record.details).encode())
    # Their sizes are in the parts before them.
    values |= {"operation": _value(bytes(16))[:4] if record.operation else _value(None)}
    values |= {"payload_hash": _value(PAYLOAD)[:4] if record.payload_hash else _value("")}
    names = list(stored_rows.COLUMNS)
    bounds = ["kind", "reason", "api_response_status", "previous"]
    places = [names.index(bound) for bound in bounds]
    # The operation's size ends the first part, the payload's the second; `previous` follows the third.
    parts = [b"".join(values[name] for name in names[first:end]) for first, end in pairwise(places)]
    return parts[0], parts[1], parts[2], struct.pack(">i", 64)


def _value(value: object) -> bytes:
    if value is None:
        return struct.pack(">i", -1)
    if isinstance(value, int):
        return struct.pack(">iq", 8, value)
    content = value if isinstance(value, bytes) else str(value).encode()
    return struct.pack(">i", len(content)) + content


def _hours(records: int, since: datetime, until: datetime) -> Iterator[Hour]:
    """The hours of the range that have records, which are more in those in which people work."""
    from benchmarks.scenarios import busy_hours

    begin, first = since.replace(minute=0, second=0, microsecond=0), 1
    # The last hour isn't over.
    shares = busy_hours(begin, until.replace(minute=0, second=0, microsecond=0))
    for number, share in enumerate(shares):
        end = 1 + round(share * records) if number + 1 < len(shares) else records + 1
        if end > first:
            yield Hour(begin + number * HOUR, first, end, 3_600_000_000 // (end - first))
        first = end


class _Writer:
    """`hours`: those of all records. What is derived is written with the block, or the hour, to which it belongs."""

    def __init__(self, templates: list[Template], hours: Sequence[Hour], seed: int) -> None:
        self.templates = templates
        self._hours = hours
        self._draw = Random(seed)
        self._operations = 1 + max(template.operation for template in templates)
        self._payloads = 1 + max(template.payload for template in templates)
        self._terms, self._of_operation, self._of_payload = _places_of(templates)
        # Of an hour that the next block continues.
        self._figures: dict[RollupKey, Figures] = {}

    def write(self, records: int) -> "chain.Head":
        from audit import chain
        from audit.search import bitmaps

        head = chain.START
        for block in range(records // bitmaps.SIZE + 1):
            first = max(block * bitmaps.SIZE, 1)
            last = min((block + 1) * bitmaps.SIZE - 1, records)
            if first > last:
                continue
            operations = [self._draw.randbytes(16) for _ in range(self._operations)]
            payloads = [self._draw.randbytes(32).hex().encode() for _ in range(self._payloads)]
            head = self._write_block(first, last, head, operations, payloads)
            self._write_postings(block, first, last, operations, payloads)
        self._write_rollups(list(self._figures.items()))
        self._write_spans()
        return head

    def _write_block(
        self, first: int, last: int, head: "chain.Head", operations: list[bytes], payloads: list[bytes]
    ) -> "chain.Head":
        from audit import chain, stored_rows
        from audit.search import bitmaps

        base = first - first % bitmaps.SIZE
        as_text = [_uuid_text(each) for each in operations]
        previous, rows, counted = head.digest.encode(), [BEGIN], []
        begin_row, size = struct.Struct(">hiqiq").pack, struct.Struct(">i").pack
        for hour in self._hours_between(first, last):
            day, since_epoch = hour.begin.strftime("%Y-%m-%dT%H:").encode(), (hour.begin - EPOCH) // MICROSECOND
            for number in range(max(hour.first, first), min(hour.end, last + 1)):
                template = self.templates[number - base]
                passed = (number - hour.first) * hour.step
                seconds, micro = divmod(passed, 1_000_000)
                at = b"%b%02d:%02d.%06dZ" % (day, *divmod(seconds, 60), micro)
                operation, payload = template.operation, template.payload
                values: tuple[Any, ...] = (number,)
                if operation >= 0:
                    values += (as_text[operation],)
                if payload >= 0:
                    values += (payloads[payload],)
                body = template.body % (*values, previous, at)
                digest = sha256(body).hexdigest().encode()
                one, two, three, four = template.row
                rows += (
                    begin_row(21, 8, number, 8, since_epoch + passed),
                    one,
                    operations[operation] if operation >= 0 else b"",
                    two,
                    payloads[payload] if payload >= 0 else b"",
                    three,
                    four,
                    previous,
                    four,
                    digest,
                    size(len(body)),
                    body,
                )
                previous = digest
                template.record.number = number
                template.record.timestamp = hour.begin + timedelta(microseconds=passed)
                counted.append(template.record)
        self._count(counted, hour)
        _copy_binary(f"audit_record ({stored_rows.NAMES})", rows)
        return chain.Head(last, previous.decode())

    def _hours_between(self, first: int, last: int) -> Iterable[Hour]:
        return [hour for hour in self._hours if hour.first <= last and hour.end > first]

    def _count(self, records: Sequence["Record"], last: Hour) -> None:
        """Add the records to the figures; write those of the hours before the last."""
        from audit.statistics import rollups

        for key, figures in rollups.figures_of(records).items():
            if key in self._figures:
                self._figures[key].merge(figures)
            else:
                self._figures[key] = figures
        done = [key for key in self._figures if key.hour != last.begin]
        self._write_rollups([(key, self._figures.pop(key)) for key in done])

    def _write_rollups(self, rows: Sequence[tuple["RollupKey", "Figures"]]) -> None:
        import json

        if rows:
            write = json.JSONEncoder().encode
            values = [(key.hour, key.campaign_id, key.action, write(figures.stored())) for key, figures in rows]
            _copy("audit_rollup (hour, campaign_id, action, figures)", values)

    def _write_postings(
        self, block: int, first: int, last: int, operations: list[bytes], payloads: list[bytes]
    ) -> None:
        from audit.search import bitmaps, words

        lowest, highest = first % bitmaps.SIZE, last % bitmaps.SIZE
        found: list[tuple[bytes, Sequence[int]]] = list(self._terms.items())
        found += [(operations[number].hex().encode(), places) for number, places in self._of_operation.items()]
        found += [(payloads[number][: words.LONGEST], places) for number, places in self._of_payload.items()]
        pack, size = struct.Struct(">hiii").pack, struct.Struct(">i").pack
        rows = [BEGIN]
        is_whole = (lowest, highest) == (0, bitmaps.SIZE - 1)
        for term, places in found:
            there = places if is_whole else [place for place in places if lowest <= place <= highest]
            if there:
                stored = bitmaps.extend(b"", there)
                rows += (pack(3, 4, block, len(term)), term, size(len(stored)), stored)
        _copy_binary("audit_posting (block, term, places)", rows)

    def _write_spans(self) -> None:
        _copy("audit_span (hour, first, last)", [(hour.begin, hour.first, hour.end - 1) for hour in self._hours])


def _places_of(
    templates: Sequence[Template],
) -> tuple[dict[bytes, list[int]], dict[int, list[int]], dict[int, list[int]]]:
    """The places in a block of the records that have each term, operation and payload."""
    from audit.search import index, words

    own = {OPERATION.replace("-", "").encode(), PAYLOAD[: words.LONGEST].encode()}
    terms: dict[bytes, list[int]] = defaultdict(list)
    operations: dict[int, list[int]] = defaultdict(list)
    payloads: dict[int, list[int]] = defaultdict(list)
    for place, template in enumerate(templates):
        for term in set(index.terms_of(template.record)) - own:
            terms[term].append(place)
        if template.operation >= 0:
            operations[template.operation].append(place)
        if template.payload >= 0:
            payloads[template.payload].append(place)
    return dict(terms), dict(operations), dict(payloads)


def _number_of(record: "Record") -> int:
    return record.number


def _uuid_text(value: bytes) -> bytes:
    digits = value.hex().encode()
    return b"-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _copy_binary(where: str, rows: list[bytes]) -> None:
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN (FORMAT BINARY, FREEZE)") as copy:
        copy.write(b"".join([*rows, END]))


def _copy(where: str, rows: Iterable[Sequence[object]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN (FREEZE)") as copy:
        for row in rows:
            copy.write_row(row)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill the empty ledger that DATABASE_URL names.")
    parser.add_argument("records", type=int)
    arguments = parser.parse_args()
    process.begin()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    before = process.database_seconds()
    head, seconds, worked = process.timed(lambda: fill(arguments.records))
    database = process.database_seconds() - before
    print(f"{arguments.records:,} records in {seconds:.0f} s, {worked:.0f} s of CPU here and {database:.0f} s there")
    print(f"The head is record {head.number}, {head.digest}.")


if __name__ == "__main__":
    main()

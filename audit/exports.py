"""Exports: the records as JSON lines, as CSV or as a workbook, a stream that is on record itself.

All have a column or key for each of `chain.FIELDS`, in their order, oldest record first. What is appended after the
export was asked for isn't in it, its own record neither. Memory doesn't grow with the export, and nothing stays open
in the database between its parts, so a slow reader holds up nobody.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from audit import chain, csv_safe, ledger, queries, stored_rows, workbook
from audit.integrity import checkpoints
from audit.kinds import RecordKind, Status
from audit.models import Record
from audit.search.selection import RecordSelection

TIMESTAMP, OPERATION, DETAILS = (chain.FIELDS.index(name) for name in ("timestamp", "operation", "details"))

UNREADABLE = "can't be read"
WALKED = 20_000  # records that a checkpoint may have to look at while somebody waits for the first byte

Row = list[Any]


class Format(StrEnum):
    """How records are written."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Export:
    """An export that is on record: how many records it has, the highest number that could be in it, and its bytes.

    `trouble`: why no checkpoint was written with it, in a sentence; "" for none.
    """

    records: int
    upto: int
    trouble: str
    blocks: Iterator[bytes]


def export(selection: RecordSelection, form: Format, *, by: str, filters: Mapping[str, str]) -> Export:
    """Write a checkpoint and leave an export.made record; outside of any transaction.

    The bytes are read from the database as they are asked for, in blocks.
    """
    trouble = write_checkpoint()
    upto = queries.read_head()[1]
    count = queries.count_records(selection, upto=upto)
    details = {"records": count, "upto": upto, "format": form.value, "filters": filters}
    if trouble:
        details["without_checkpoint"] = trouble
    with transaction.atomic():
        ledger.append(RecordKind.EXPORT_MADE, by=by, status=Status.SUCCESS, details=details)
    return Export(count, upto, trouble, WRITE[form](map(_read, queries.chunks(selection, upto=upto))))


def write_checkpoint() -> str:
    """Whoever has the export can hold it against what was signed then. An export goes on without."""
    try:
        checkpoints.write(WALKED)
    except checkpoints.NotWritten as reason:
        return str(reason)
    return ""


def _read(records: QuerySet[Record]) -> list[Row]:
    """The records' fields as JSON values. Read bare: what the model's conversions do is most of an export's time."""
    with suppress(EmptyResultSet):
        try:
            return [_shown(list(row)) for row in _fetch(records, _columns())]
        except stored_rows.UnreadableError:
            numbers = list(records.values_list("number", flat=True))
            return [_shown(_read_apart(Record.objects.filter(number=number))) for number in numbers]
    return []


def _fetch(records: QuerySet[Record], columns: Sequence[str | Cast]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor, stored_rows.reading():
        cursor.execute(*records.values_list(*columns).query.sql_with_params())
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _read_apart(record: QuerySet[Record]) -> Row:
    """One record, column by column: those that the driver can't make a value of say so."""
    row: Row = []
    for column in _columns():
        try:
            row += _fetch(record, [column])[0]
        except stored_rows.UnreadableError:
            row.append(UNREADABLE)
    return row


def _columns() -> list[str | Cast]:
    """SQLite's driver would parse times, and stop at one that isn't any."""
    time = "timestamp" if connection.vendor == "postgresql" else Cast("timestamp", TextField())
    return [time if name == "timestamp" else name for name in chain.FIELDS]


def _shown(row: Row) -> Row:
    row[TIMESTAMP] = _moment(row[TIMESTAMP])
    row[OPERATION] = _uuid(row[OPERATION])
    row[DETAILS] = _details(row[DETAILS])
    return row


def _moment(value: object) -> object:
    """SQLite keeps a time as text, in UTC and without a zone; without microseconds where there are none."""
    if isinstance(value, datetime):
        return chain.format_time(value)
    if not isinstance(value, str) or len(value) not in {19, 26}:
        return value
    return f"{value[:10]}T{value[11:]}Z" if len(value) == 26 else f"{value[:10]}T{value[11:]}.000000Z"


def _uuid(value: object) -> object:
    """SQLite keeps it as 32 hex digits."""
    if isinstance(value, str) and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value) if value else None


def _details(value: str) -> object:
    """What is no JSON any more is shown as it stands: an export of a ledger that was tampered with goes on."""
    try:
        return json.loads(value)
    except (RecursionError, TypeError, ValueError):
        return value


def _write_jsonl(chunks: Iterable[list[Row]]) -> Iterator[bytes]:
    write = json.JSONEncoder(default=str).encode
    for block in chunks:
        yield "".join([write(dict(zip(chain.FIELDS, row, strict=True))) + "\n" for row in block]).encode()


def _write_csv(chunks: Iterable[list[Row]]) -> Iterator[bytes]:
    yield (csv_safe.BOM + csv_safe.render_csv([chain.FIELDS])).encode()
    for block in _flattened(chunks):
        yield csv_safe.render_csv(block).encode()


def _write_xlsx(chunks: Iterable[list[Row]]) -> Iterator[bytes]:
    yield from workbook.render_workbook(chain.FIELDS, _flattened(chunks))


def _flattened(chunks: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """The details as JSON in one line, since a cell holds no more than a text."""
    write = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode
    for block in chunks:
        for row in block:
            # Half of a surrogate pair, which only tampering puts there, is no UTF-8; as JSON's escape it is text.
            row[DETAILS] = write(row[DETAILS]).encode(errors="backslashreplace").decode()
        yield block


WRITE: Mapping[Format, Callable[[Iterable[list[Row]]], Iterator[bytes]]] = {
    Format.JSONL: _write_jsonl,
    Format.CSV: _write_csv,
    Format.XLSX: _write_xlsx,
}

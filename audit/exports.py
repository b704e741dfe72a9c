"""Exports: a stream of records as JSON lines, CSV or a workbook. Each export is itself recorded.

All formats have a column or key for each of `chain.FIELDS`, in that order, oldest record first. Records that are
appended after the request aren't included, nor is the export's own. Memory doesn't grow with the export, and no
transaction or cursor stays open between its parts, so a slow reader blocks nobody.
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
# Records that are checked at most for the checkpoint, while somebody waits for the first byte.
WALKED = 20_000

Row = list[Any]


class Format(StrEnum):
    """The formats of an export, by their file extension."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Export:
    """An export that has been recorded. `records`: how many it has. `upto`: no record has a higher number.

    `trouble`: why no checkpoint was written with it, as a sentence; "" if one was. `blocks`: the bytes, to read once.
    """

    records: int
    upto: int
    trouble: str
    blocks: Iterator[bytes]


def export(selection: RecordSelection, form: Format, *, by: str, filters: Mapping[str, str]) -> Export:
    """Write a checkpoint and an export.made record, and return the export. Call it outside of any transaction.

    The bytes are read from the database in blocks, while they are consumed.
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
    """Write a checkpoint, to compare the export with later. Returns why that failed, as a sentence, or ""."""
    # The export continues without one.
    try:
        checkpoints.write(WALKED)
    except checkpoints.NotWritten as reason:
        return str(reason)
    return ""


def _read(records: QuerySet[Record]) -> list[Row]:
    """The records' fields as JSON values."""
    # Without the model, whose conversions would take most of an export's time. Django raises EmptyResultSet for a
    # queryset that can't match anything, instead of compiling it.
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
    """One record, column by column, with `UNREADABLE` for each value that the driver can't convert."""
    row: Row = []
    for column in _columns():
        try:
            row += _fetch(record, [column])[0]
        except stored_rows.UnreadableError:
            row.append(UNREADABLE)
    return row


def _columns() -> list[str | Cast]:
    """The columns to select, in the order of `chain.FIELDS`."""
    # SQLite's driver would parse times, and fail at a malformed one. Cast, they are read as text.
    time = "timestamp" if connection.vendor == "postgresql" else Cast("timestamp", TextField())
    return [time if name == "timestamp" else name for name in chain.FIELDS]


def _shown(row: Row) -> Row:
    row[TIMESTAMP] = _moment(row[TIMESTAMP])
    row[OPERATION] = _uuid(row[OPERATION])
    row[DETAILS] = _details(row[DETAILS])
    return row


def _moment(value: object) -> object:
    """A time as records write it; any other value unchanged."""
    # SQLite stores times as text in UTC without a zone: 19 characters without microseconds, 26 with them.
    if isinstance(value, datetime):
        return chain.format_time(value)
    if not isinstance(value, str) or len(value) not in {19, 26}:
        return value
    return f"{value[:10]}T{value[11:]}Z" if len(value) == 26 else f"{value[:10]}T{value[11:]}.000000Z"


def _uuid(value: object) -> object:
    """A UUID with hyphens, None for an empty value."""
    # SQLite stores it as 32 hex digits.
    if isinstance(value, str) and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return str(value) if value else None


def _details(value: str) -> object:
    """The parsed details; the text itself if it isn't JSON."""
    # A ledger that was tampered with can be exported too.
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
    """The rows with their details as JSON in one line, since a cell can only contain text."""
    write = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode
    for block in chunks:
        for row in block:
            # A lone surrogate, which only tampering can cause, can't be encoded as UTF-8. It is written as JSON's
            # escape instead.
            row[DETAILS] = write(row[DETAILS]).encode(errors="backslashreplace").decode()
        yield block


WRITE: Mapping[Format, Callable[[Iterable[list[Row]]], Iterator[bytes]]] = {
    Format.JSONL: _write_jsonl,
    Format.CSV: _write_csv,
    Format.XLSX: _write_xlsx,
}

"""Exports: a stream of records as JSON lines, CSV or a workbook. Each export is itself recorded.

All formats have a column or key for each of `chain.FIELDS`, in that order, oldest record first. Records that are
appended after the request aren't included, nor is the export's own. Memory doesn't grow with the export, and no
transaction or cursor stays open between its parts, so a slow reader blocks nobody.
"""

import codecs
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from audit import chain, csv_safe, ledger, queries, row_sql, stored_rows, workbook
from audit.integrity import checkpoints
from audit.kinds import RecordKind, Status
from audit.models import Record
from audit.search.selection import RecordSelection

TIMESTAMP, OPERATION, DETAILS = (chain.FIELDS.index(name) for name in ("timestamp", "operation", "details"))

UNREADABLE = "can’t be read"
# Ways to encode JSON as ASCII, for `str.encode`: of text, and of bytes of UTF-8 that were read as Latin-1.
ESCAPE = "audit.json_escape"
ESCAPE_BYTES = "audit.json_escape_bytes"
# Characters of details. Only shorter ones are cached, which keeps the cache below 2 MB.
SHORT_DETAILS = 200
# Records that are checked at most for the checkpoint, while somebody waits for the first byte.
WALKED = 10_000

T = TypeVar("T")
Row = list[Any]
Rows = Sequence[Sequence[Any]]
Column = str | Cast | RawSQL


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
    return Export(count, upto, trouble, WRITE[form](queries.chunks(selection, upto=upto)))


def write_checkpoint() -> str:
    """Write a checkpoint, to compare the export with later. Returns why that failed, as a sentence, or ""."""
    # The export continues without one.
    try:
        checkpoints.write(WALKED)
    except checkpoints.NotWritten as reason:
        return str(reason)
    return ""


def _read_lines(records: QuerySet[Record]) -> bytes:
    """The records as JSON lines in ASCII."""
    found = _written(records, _join_lines if connection.vendor == "sqlite" else _fetch_lines)
    return _encode_lines(_read_carefully(records)) if found is None else found


def _join_lines(records: QuerySet[Record]) -> bytes | None:
    """The lines as SQLite joins them: fetching a value for each takes Python as long as escaping its letters."""
    # Each expression is row_sql's own, without a value from outside.
    line, is_written = RawSQL(row_sql.json_line(), ()), RawSQL(row_sql.can_write(), ())  # noqa: S611
    sql, values = (
        records.annotate(line=line, written=is_written).values_list("line", "written").query.sql_with_params()
    )
    # As bytes: in a text, an emoji would make all lines take four bytes a character. They are in the order of the rows
    # that are joined: SQLite keeps that of a query within for this function.
    columns = "CAST(group_concat(line, char(10)) AS BLOB), min(written)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ({sql}) AS part", values)  # noqa: S608
        text, are_written = cursor.fetchone()
    if text is None:
        return b""
    return _in_ascii(text) + b"\n" if are_written else None


def _fetch_lines(records: QuerySet[Record]) -> bytes | None:
    """The same on PostgreSQL, which takes longer to join them than Python takes to fetch them."""
    rows = _fetch(records, [RawSQL(row_sql.json_line(), ()), RawSQL(row_sql.can_write(), ())])  # noqa: S611
    if not all(is_written for _, is_written in rows):
        return None
    # Each by itself: joined, one line with an emoji makes all others take four bytes a character.
    return b"\n".join([*(line.encode("ascii", errors=ESCAPE) for line, _ in rows), b""])


def _in_ascii(text: bytes) -> bytes:
    """JSON in UTF-8 as JSON in ASCII. UnicodeDecodeError if it isn't UTF-8."""
    # As Latin-1 each byte is a character, which takes a tenth of the time of decoding it.
    return text if text.isascii() else text.decode("latin-1").encode("ascii", errors=ESCAPE_BYTES)


def _read_rows(records: QuerySet[Record]) -> Rows:
    """The records' fields, with their details as JSON in one line."""
    found = _written(records, _fetch_rows)
    return _flattened(_read_carefully(records)) if found is None else found


def _fetch_rows(records: QuerySet[Record]) -> Rows | None:
    # Details are never NULL, so that it can say that a row isn't written as it is.
    values = {**row_sql.values(), "details": f"CASE WHEN {row_sql.can_write()} THEN {row_sql.values()['details']} END"}
    # Each expression is row_sql's own, without a value from outside.
    rows = _fetch(records, [RawSQL(column, ()) for column in values.values()])  # noqa: S611
    if any(row[DETAILS] is None for row in rows):
        return None
    # PostgreSQL writes JSON with blanks.
    return rows if connection.vendor == "sqlite" else list(map(_with_compact_details, rows))


def _with_compact_details(row: Sequence[Any]) -> Row:
    text = row[DETAILS]
    compact = _compact_cached(text) if len(text) < SHORT_DETAILS else _compact(text)
    return [*row[:DETAILS], compact, *row[DETAILS + 1 :]]


def _written(records: QuerySet[Record], read: Callable[[QuerySet[Record]], T | None]) -> T | None:
    """What `read` makes of the records, by one query. None if the database can't write one of them.

    That is so only in a ledger that was tampered with.
    """
    guard = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with guard:
            return read(records)
    except (DatabaseError, UnicodeDecodeError, stored_rows.UnreadableError):
        return None


def _read_carefully(records: QuerySet[Record]) -> list[Row]:
    """The records' fields as JSON values, whatever the columns hold."""
    # Without the model, whose conversions would fail. Django raises EmptyResultSet for a queryset that can't match
    # anything, instead of compiling it.
    with suppress(EmptyResultSet):
        try:
            return [_shown(list(row)) for row in _fetch(records, _columns())]
        except stored_rows.UnreadableError:
            numbers = list(records.values_list("number", flat=True))
            return [_shown(_read_apart(Record.objects.filter(number=number))) for number in numbers]
    return []


def _fetch(records: QuerySet[Record], columns: Sequence[Column]) -> list[tuple[Any, ...]]:
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


def _columns() -> list[Column]:
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


def _encode_lines(rows: Iterable[Row]) -> bytes:
    write = json.JSONEncoder(default=str).encode
    return "".join([write(dict(zip(chain.FIELDS, row, strict=True))) + "\n" for row in rows]).encode()


def _escaping(escape: Callable[[str], str]) -> Callable[[UnicodeError], tuple[str, int]]:
    """A handler of errors that writes JSON's escapes of characters that aren't ASCII.

    They occur in JSON's strings alone (RFC 8259, 7).
    """

    def handle(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return escape(error.object[error.start : error.end]), error.end

    return handle


# Mostly the same few letters of names.
@lru_cache(maxsize=5_000)
def _escaped(characters: str) -> str:
    return json.dumps(characters)[1:-1]


@lru_cache(maxsize=5_000)
def _escaped_bytes(latin: str) -> str:
    return json.dumps(latin.encode("latin-1").decode())[1:-1]


codecs.register_error(ESCAPE, _escaping(_escaped))
codecs.register_error(ESCAPE_BYTES, _escaping(_escaped_bytes))


def _flattened(rows: list[Row]) -> list[Row]:
    """The rows with their details as JSON in one line, since a cell can only contain text."""
    for row in rows:
        row[DETAILS] = _one_line(row[DETAILS])
    return rows


def _one_line(details: object) -> str:
    # A lone surrogate, which only tampering can cause, can't be encoded as UTF-8. It is written as JSON's escape
    # instead.
    return _write_compact(details).encode(errors="backslashreplace").decode()


def _compact(text: str) -> str:
    """The details' text in one line, without blanks."""
    return _one_line(_details(text))


_write_compact = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode
# Of 2,000 records in a row, most have the details of another one.
_compact_cached = lru_cache(maxsize=5_000)(_compact)


def _write_jsonl(parts: Iterable[QuerySet[Record]]) -> Iterator[bytes]:
    for records in parts:
        if block := _read_lines(records):
            yield block


def _write_csv(parts: Iterable[QuerySet[Record]]) -> Iterator[bytes]:
    yield (csv_safe.BOM + csv_safe.render_csv([chain.FIELDS])).encode()
    for records in parts:
        yield csv_safe.render_table(_read_rows(records))


def _write_xlsx(parts: Iterable[QuerySet[Record]]) -> Iterator[bytes]:
    yield from workbook.render_workbook(chain.FIELDS, map(_read_rows, parts))


WRITE: Mapping[Format, Callable[[Iterable[QuerySet[Record]]], Iterator[bytes]]] = {
    Format.JSONL: _write_jsonl,
    Format.CSV: _write_csv,
    Format.XLSX: _write_xlsx,
}

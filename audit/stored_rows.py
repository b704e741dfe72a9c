"""The ledger's rows as the database stores them: tuples of values, whose types are checked exactly.

The model isn't used, since SQLite stores a value of any type in any column, and the model would convert it.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import DataError, OperationalError, connection, transaction

from audit import canonical_json, chain, row_sql

if TYPE_CHECKING:
    from audit.models import Record

# Rows read by one query: some MB.
CHUNK = 2000
COLUMNS = (*chain.FIELDS, "body")
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
TIMESTAMP, OPERATION, DETAILS = (COLUMNS.index(name) for name in ("timestamp", "operation", "details"))
UNREADABLE = "one of its columns can’t be read: it holds something that the product never writes"
NO_TABLE = "the ledger is no longer a plain table: it can show other records to the pages than to this check"
NOT_JSON = (RecursionError, ValueError)
SQLITE_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", re.ASCII)
HEX = re.compile("[0-9a-f]{32}", re.ASCII)

Row = tuple[Any, ...]
# Number, previous, digest and body of a record, and whether (1 or True) its columns are what the body says.
JudgedRow = tuple[int, str, str, bytes, int]
JUDGED = "number, previous, digest, body, {}"
BETWEEN = "number > %s AND number <= %s ORDER BY number"
UPTO = "number <= %s ORDER BY number"


class UnreadableError(Exception):
    """The database's driver can't convert a row to Python values."""


class Dialect(NamedTuple):
    """How a database returns a row.

    `columns`: what to select. `shapes`: the allowed types of a row's values. `moment` and `operation` take a value of
    the right type and return the body's text; ValueError for a value that we don't write that way.
    """

    columns: str
    shapes: frozenset[tuple[type, ...]]
    moment: Callable[[Any], str]
    operation: Callable[[Any], str]


def dialect() -> Dialect:
    """That of the database in use."""
    if connection.vendor == "sqlite":
        return SQLITE
    return POSTGRESQL


def pack_row(record: "Record") -> list[Any]:
    """A record's values in the order of `COLUMNS`, as parameters for an insert."""
    values = [getattr(record, name) for name in COLUMNS]
    values[TIMESTAMP] = connection.ops.adapt_datetimefield_value(record.timestamp)
    if record.operation and not connection.features.has_native_uuid_field:
        values[OPERATION] = record.operation.hex
    # SQLite stores this text unchanged, so a check can compare it with the body without parsing it.
    values[DETAILS] = canonical_json.text(record.details)
    return values


def is_table() -> bool:
    """Whether the ledger is a plain table that returns all its rows."""
    # A view or row security could return different rows to the checks than to the pages.
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT type = 'table' FROM sqlite_master WHERE name = 'audit_record'")
        else:
            cursor.execute(
                "SELECT relkind = 'r' AND NOT relrowsecurity FROM pg_class WHERE oid = 'audit_record'::regclass"
            )
        return bool(cursor.fetchone()[0])


def read_judged_rows(after: int, upto: int) -> list[JudgedRow]:
    """The rows with after < number <= upto, in order; after 0, those with numbers of 0 and below as well.

    UnreadableError if one of them holds what the database can't compare, or the driver can't convert.
    """
    # On PostgreSQL an error would end the transaction that this may be part of.
    guard = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with guard:
            rows: list[JudgedRow] = _select(JUDGED.format(row_sql.agrees()), *_between(after, upto))
    except (DataError, OperationalError) as error:
        raise UnreadableError from error
    return rows


def judged_statements() -> tuple[str, str]:
    """What reads JudgedRows, in order: those with number > %s and number <= %s; all with number <= %s."""
    read = f"SELECT {JUDGED.format(row_sql.agrees())} FROM audit_record WHERE"  # noqa: S608
    return f"{read} {BETWEEN}", f"{read} {UPTO}"


def _between(after: int, upto: int) -> tuple[Any, ...]:
    if after:
        return BETWEEN, after, upto
    return UPTO, upto


def read_links(after: chain.Head, upto: int) -> Iterator[chain.Link]:
    """The records of the next `CHUNK` numbers, read strictly: one that can't be read has a `fault`.

    If the last of these numbers are missing, the next record that exists is added, so that the gap is noticed.
    """
    end = min(after.number + CHUNK, upto)
    last = after.number
    for row in _read_patiently(after.number, end):
        last = row[0]
        yield _link(row)
    if last != end:
        further = _select("number", "number > %s AND number <= %s ORDER BY number LIMIT 1", end, upto)
        yield from (_unreadable(number) for (number,) in further)


def find_head(number: int) -> chain.Head | None:
    """The place of the record with that number; None if there is no such record, or it can't be read."""
    if number == 0:
        return chain.Head(0, chain.GENESIS)
    try:
        found = _select("digest", "number = %s", number)
    except UnreadableError:
        return None
    if found:
        return chain.Head(number, found[0][0])
    return None


def step_back(head: chain.Head) -> chain.Head:
    """The place before `head`, so that a walk from there also finds a second record with the number of `head`.

    `head` itself if there is no such record.
    """
    for (previous,) in _select("previous", "number = %s AND digest = %s", *head):
        return chain.Head(head.number - 1, previous)
    return head


def read_columns(row: Row) -> dict[str, Any]:
    """The columns as JSON values by `chain.FIELDS`. ValueError if they have any value that we don't write."""
    if tuple(map(type, row)) not in dialect().shapes:
        raise ValueError("a column holds a value of another type")
    values = dict(zip(COLUMNS[:-1], row[:-1], strict=True))
    values["timestamp"] = dialect().moment(row[TIMESTAMP])
    values["operation"] = row[OPERATION] and dialect().operation(row[OPERATION])
    values["details"] = read_details(row[DETAILS])
    return values


def read_details(text: str) -> dict[str, Any]:
    """Details from their text. ValueError or RecursionError if that isn't a JSON object, or if a key is repeated."""
    details = json.loads(text, object_pairs_hook=_reject_repeated_keys)
    if not isinstance(details, dict):
        raise ValueError("details are no object")
    return details


def _reject_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # SQLite's functions read the first of two values with the same key, Python the last.
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key is repeated")
    return values


def _link(row: Row) -> chain.Link:
    try:
        return chain.Link(read_columns(row), row[-1])
    except NOT_JSON:
        return _unreadable(row[0])


def _unreadable(number: object) -> chain.Link:
    return chain.Link({"number": number}, b"", UNREADABLE)


def _read_patiently(after: int, upto: int) -> Iterator[Row]:
    """The rows of `_between`; if the driver fails, row by row, and an unreadable row has only its number."""
    try:
        yield from _select(dialect().columns, *_between(after, upto))
    except UnreadableError:
        numbers = _select("number", "number > %s AND number <= %s ORDER BY number", after, upto)
        for (number,) in numbers:
            try:
                yield from _select(dialect().columns, "number = %s", number)
            except UnreadableError:
                yield (number,)


def stored_bytes(body: object) -> bytes:
    """The value of the column `body`, as bytes."""
    # On SQLite it can be of any type, and bytes(n) of an integer would allocate n bytes.
    if isinstance(body, bytes | memoryview):
        return bytes(body)
    return str(body).encode()


@contextmanager
def reading() -> Iterator[None]:
    """Turn the driver's errors of conversion into UnreadableError; other database errors pass through."""
    try:
        yield
    except DataError as error:
        # PostgreSQL: a time that Python can't represent.
        raise UnreadableError from error
    except OperationalError as error:
        # SQLite: text that isn't UTF-8.
        if "decode to UTF-8" in str(error):
            raise UnreadableError from error
        raise


def _select(columns: str, condition: str, *values: Any) -> list[Row]:
    with connection.cursor() as cursor, reading():
        cursor.execute(f"SELECT {columns} FROM audit_record WHERE {condition}", values)  # noqa: S608
        rows: list[Row] = cursor.fetchall()
    return rows


def _shapes(moment: type, operation: type) -> frozenset[tuple[type, ...]]:
    null = type(None)
    types: dict[str, tuple[type, ...]] = dict.fromkeys(COLUMNS, (str,))
    types |= {"number": (int,), "timestamp": (moment,), "operation": (operation, null), "body": (bytes,)}
    types |= dict.fromkeys(("latency_ms", "api_response_status", "concurrent_pause_limit"), (int, null))
    return frozenset(product(*types.values()))


def _moment_of_text(timestamp: str) -> str:
    if not SQLITE_MOMENT.fullmatch(timestamp):
        raise ValueError(timestamp)
    day, time = timestamp[:10], timestamp[11:]
    # Django leaves out microseconds that are zero.
    if "." not in time:
        time += ".000000"
    return f"{day}T{time}Z"


def _uuid_of_hex(operation: str) -> str:
    if not HEX.fullmatch(operation):
        raise ValueError(operation)
    return f"{operation[:8]}-{operation[8:12]}-{operation[12:16]}-{operation[16:20]}-{operation[20:]}"


SQLITE = Dialect(
    # The unary plus leaves the value unchanged, but the expression has no declared type, so the driver doesn't parse
    # the time.
    columns=NAMES.replace('"timestamp"', '+"timestamp"'),
    shapes=_shapes(str, str),
    moment=_moment_of_text,
    operation=_uuid_of_hex,
)
POSTGRESQL = Dialect(columns=NAMES, shapes=_shapes(datetime, UUID), moment=chain.format_time, operation=str)

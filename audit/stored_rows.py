"""The ledger's rows as the database keeps them: plain tuples, without the model, each value of the very type that we
write. SQLite keeps any value in any column, so what the model would make of one isn't what is there."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import DataError, OperationalError, connection

from audit import canonical_json, chain

if TYPE_CHECKING:
    from audit.models import Record

CHUNK = 2000
COLUMNS = (*chain.FIELDS, "body")
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
NUMBERS = tuple(
    COLUMNS.index(name) for name in ("number", "latency_ms", "api_response_status", "concurrent_pause_limit")
)
TIMESTAMP, OPERATION, DETAILS = (COLUMNS.index(name) for name in ("timestamp", "operation", "details"))
UNREADABLE = "a column of it can't be read: somebody wrote what doesn't belong there"
NO_TABLE = "the ledger is no longer a plain table: who reads it may be shown something else than who checks it"
NOT_JSON = (RecursionError, ValueError)
SQLITE_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", re.ASCII)
HEX = re.compile("[0-9a-f]{32}", re.ASCII)

Row = tuple[Any, ...]


class UnreadableError(Exception):
    """Rows that the driver can't even make values of."""


class Dialect(NamedTuple):
    """How one kind of database gives a row. The functions take a value of the right type; ValueError: not as ours."""

    columns: str
    shapes: frozenset[tuple[type, ...]]
    moment: Callable[[Any], str]
    operation: Callable[[Any], str]
    keeps_text: bool  # of JSON: what was written is what is read


def dialect() -> Dialect:
    return SQLITE if connection.vendor == "sqlite" else POSTGRESQL


def pack_row(record: "Record") -> list[Any]:
    """A record's values as the table takes them. Details as their canonical text: SQLite keeps it, as it is hashed."""
    values = [getattr(record, name) for name in COLUMNS]
    values[TIMESTAMP] = connection.ops.adapt_datetimefield_value(record.timestamp)
    if record.operation and not connection.features.has_native_uuid_field:
        values[OPERATION] = record.operation.hex
    values[DETAILS] = canonical_json.text(record.details)
    return values


def is_table() -> bool:
    """Whether the ledger is a table that shows all its rows: a view, or row security, could tell one thing to whoever
    checks and another to the pages."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT type = 'table' FROM sqlite_master WHERE name = 'audit_record'")
        else:
            cursor.execute(
                "SELECT relkind = 'r' AND NOT relrowsecurity FROM pg_class WHERE oid = 'audit_record'::regclass"
            )
        return bool(cursor.fetchone()[0])


def read_rows(after: int, upto: int) -> list[Row]:
    """The rows with a number beyond `after` (0: from the lowest), up to `upto`, in their order. UnreadableError."""
    if after:
        return _select(dialect().columns, "number > %s AND number <= %s ORDER BY number", after, upto)
    return _select(dialect().columns, "number <= %s ORDER BY number", upto)


def read_links(after: chain.Head, upto: int) -> Iterator[chain.Link]:
    """The records of the next `CHUNK` numbers, looked at strictly: what can't be read comes with that fault.

    Where they end too early, the one that stands there instead comes as the last.
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
    """The place of the record with that number; None: there is no such record, or none that can be read."""
    if number == 0:
        return chain.Head(0, chain.GENESIS)
    try:
        found = _select("digest", "number = %s", number)
    except UnreadableError:
        return None
    return chain.Head(number, found[0][0]) if found else None


def step_back(head: chain.Head) -> chain.Head:
    """The place before `head`, from where can be seen what else follows it. The same where there is no such record."""
    for (previous,) in _select("previous", "number = %s AND digest = %s", *head):
        return chain.Head(head.number - 1, previous)
    return head


def read_columns(row: Row) -> dict[str, Any]:
    """What the columns show: JSON values by `chain.FIELDS`. ValueError where they hold what we never write."""
    if tuple(map(type, row)) not in dialect().shapes:
        raise ValueError("a column holds a value of another type")
    values = dict(zip(COLUMNS[:-1], row[:-1], strict=True))
    values["timestamp"] = dialect().moment(row[TIMESTAMP])
    values["operation"] = row[OPERATION] and dialect().operation(row[OPERATION])
    values["details"] = read_details(row[DETAILS])
    return values


def read_details(text: str) -> dict[str, Any]:
    """Details from their text. ValueError or RecursionError: no JSON object, or a key stands there twice."""
    details = json.loads(text, object_pairs_hook=_object)
    if not isinstance(details, dict):
        raise ValueError("details are no object")
    return details


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """SQLite's functions would read the first of two values by one key, Python's the last."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands there twice")
    return made


def _link(row: Row) -> chain.Link:
    try:
        return chain.Link(read_columns(row), row[-1])
    except NOT_JSON:
        return _unreadable(row[0])


def _unreadable(number: object) -> chain.Link:
    return chain.Link({"number": number}, b"", UNREADABLE)


def _read_patiently(after: int, upto: int) -> Iterator[Row]:
    """As `read`; where the driver fails, row by row, and one that can't be read as its number alone."""
    try:
        yield from read_rows(after, upto)
    except UnreadableError:
        numbers = _select("number", "number > %s AND number <= %s ORDER BY number", after, upto)
        for (number,) in numbers:
            try:
                yield from _select(dialect().columns, "number = %s", number)
            except UnreadableError:
                yield (number,)


def stored_bytes(body: object) -> bytes:
    """What the column of the body holds. On SQLite that may be anything; of a number, `bytes` would make as many."""
    return bytes(body) if isinstance(body, bytes | memoryview) else str(body).encode()


@contextmanager
def reading() -> Iterator[None]:
    """UnreadableError for what the driver can't make values of; other errors of the database as they are."""
    try:
        yield
    except DataError as error:  # PostgreSQL: a time that Python doesn't know
        raise UnreadableError from error
    except OperationalError as error:  # SQLite: text that isn't UTF-8
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
    """Django leaves out a fraction of zero."""
    if not SQLITE_MOMENT.fullmatch(timestamp):
        raise ValueError(timestamp)
    return f"{timestamp[:10]}T{timestamp[11:] if len(timestamp) > 19 else timestamp[11:] + '.000000'}Z"


def _uuid_of_hex(operation: str) -> str:
    if not HEX.fullmatch(operation):
        raise ValueError(operation)
    return f"{operation[:8]}-{operation[8:12]}-{operation[12:16]}-{operation[16:20]}-{operation[20:]}"


SQLITE = Dialect(
    columns=NAMES.replace('"timestamp"', '+"timestamp"'),  # changes nothing, but keeps the driver from parsing it
    shapes=_shapes(str, str),
    moment=_moment_of_text,
    operation=_uuid_of_hex,
    keeps_text=True,
)
POSTGRESQL = Dialect(
    columns=NAMES, shapes=_shapes(datetime, UUID), moment=chain.format_time, operation=str, keeps_text=False
)

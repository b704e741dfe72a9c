"""SQL by which the database itself writes a row's values as records and exports have them.

Reading twenty columns of a row into Python and writing them as JSON takes ten times as long as hashing its body, so a
check of the whole chain and an export let the database do it, and read one value for each row.
"""

import sqlite3
from collections.abc import Iterable, Mapping

from django.db import connection

from audit import canonical_json, chain

NUMBERS = ("number", "latency_ms", "api_response_status", "concurrent_pause_limit")

# Their values aren't quoted in JSON, or not always.
_NO_TEXTS = (*NUMBERS, "operation", "details")
# Characters that JSON escapes, as PostgreSQL's regular expression.
_ESCAPED = r"""["\\\u0001-\u001f]"""

# Where the groups of a UUID begin among its 32 hex digits, from 1, and their sizes.
_UUID_GROUPS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
_DETAILS = chain.IN_BODY.index("details")
# How SQLite's GLOB has the times that Django writes, which leaves out microseconds that are zero.
_WHOLE_SECOND = f"{'?' * 10} {'?' * 8}"
_TIME = f"{_WHOLE_SECOND}{'?' * 7}"


def values() -> Mapping[str, str]:
    """For each of `chain.FIELDS` an SQL expression of its value: times and UUIDs as text, `details` as JSON.

    On SQLite, a time or UUID of another length than we write stays as it is.
    """
    return _SQLITE_VALUES if connection.vendor == "sqlite" else _POSTGRESQL_VALUES


def can_write() -> str:
    """An SQL condition: `values` and `json_line` write this row as it is. Otherwise it was tampered with."""
    if connection.vendor == "sqlite":
        # `json` fails at what it can't read. From SQLite 3.42 on it reads JSON5 as well, which nothing else here does.
        return f"json_valid({_column('details')})" if sqlite3.sqlite_version_info >= (3, 42) else "TRUE"
    # PostgreSQL's times can be infinite, before the year 1, and after the year 9999.
    return f"({_column('timestamp')} BETWEEN '0001-01-02 00:00Z' AND '9999-12-30 00:00Z')"


def json_line() -> str:
    """An SQL expression of the row as a JSON object, with all fields in the order of `chain.FIELDS`."""
    if connection.vendor == "sqlite":
        return _object(chain.FIELDS, _SQLITE_VALUES)
    return _POSTGRESQL_LINE


def agrees() -> str:
    """An SQL condition: the columns are what the stored body says.

    It accepts what is certainly as we wrote it. Where it is false, or fails, `chain` must examine the row.
    """
    return _SQLITE_AGREES if connection.vendor == "sqlite" else _POSTGRESQL_AGREES


def _column(name: str) -> str:
    return f'audit_record."{name}"'


def _object(fields: Iterable[str], values: Mapping[str, str]) -> str:
    """On SQLite, a JSON object of these fields. It escapes text as RFC 8785 does, and adds no blanks."""
    members = ", ".join(f"'{name}', {values[name]}" for name in fields)
    return f"json_object({members})"


def _sqlite_values() -> dict[str, str]:
    moment, operation = _column("timestamp"), _column("operation")
    day_and_time = f"substr({moment}, 1, 10) || 'T' || substr({moment}, 12)"
    return {name: _column(name) for name in chain.FIELDS} | {
        # Django leaves out microseconds that are zero.
        "timestamp": f"CASE length({moment}) WHEN 26 THEN {day_and_time} || 'Z' WHEN 19 THEN"
        f" {day_and_time} || '.000000Z' ELSE {moment} END",
        "operation": f"CASE length({operation}) WHEN 32 THEN {_grouped(operation)} ELSE nullif({operation}, '') END",
        "details": f"json({_column('details')})",
    }


def _grouped(operation: str) -> str:
    """On SQLite, the 32 digits of a UUID with its hyphens."""
    return " || '-' || ".join(f"substr({operation}, {first}, {size})" for first, size in _UUID_GROUPS)


def _postgresql_values() -> dict[str, str]:
    utc = f"{_column('timestamp')} AT TIME ZONE 'UTC'"
    return {name: _column(name) for name in chain.FIELDS} | {
        "timestamp": f'to_char({utc}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')',
        "operation": f"{_column('operation')}::text",
    }


def _in_range() -> str:
    # The bits of several numbers together need no more room than the largest number has.
    bits = " | ".join(f"coalesce({_column(name)}, 0)" for name in NUMBERS)
    return f"({bits}) BETWEEN 0 AND {canonical_json.LARGEST}"


def _sqlite_agrees() -> str:
    moment, operation, details, body = map(_column, ("timestamp", "operation", "details", "body"))
    # Details are stored in the body's spelling, so they need no parsing: between what the columns before and after
    # them say, the body has this text. A column's own text can't pass for the end of what is before, or the beginning
    # of what is after: it is quoted. Before the details stands a number, and after the brace a quote, so that only the
    # objects' own braces are cut.
    # All of a time is compared, also what is after a NUL, where GLOB ends. What is no time or UUID is a BLOB here, of
    # which SQLite makes no JSON: the statement fails.
    time = f"replace({moment}, ' ', 'T')"
    values = {
        **_SQLITE_VALUES,
        "timestamp": f"CASE WHEN typeof({moment}) <> 'text' THEN x'' WHEN {moment} GLOB '{_TIME}' THEN {time} || 'Z'"
        f" WHEN {moment} GLOB '{_WHOLE_SECOND}' THEN {time} || '.000000Z' ELSE x'' END",
        # As bytes, what is after a NUL counts as well.
        "operation": f"CASE WHEN {operation} IS NULL THEN NULL WHEN length(CAST({operation} AS BLOB)) = 32"
        f" THEN {_grouped(operation)} ELSE x'' END",
    }
    # The fewer functions, the better: each takes about as long as hashing fifty bytes. `substr` would count the
    # characters of a whole text.
    before = f"rtrim({_object(chain.IN_BODY[:_DETAILS], values)}, '}}')"
    after = f"ltrim({_object(chain.IN_BODY[_DETAILS + 1 :], values)}, '{{')"
    return " AND ".join(
        [
            # A number stored as text, a real number or NULL comes out in another spelling, so types are compared too.
            # A body that isn't a BLOB is none of these bytes.
            f"CAST({before} || ',\"details\":' || {details} || ',' || {after} AS BLOB) = {body}",
            _in_range(),
            # It begins with a brace, and is text: a BLOB is greater than any.
            f"{details} >= '{{' AND {details} < '|'",
        ]
    )


def _postgresql_line() -> str:
    columns = ", ".join(f'{_POSTGRESQL_VALUES[name]} AS "{name}"' for name in chain.FIELDS)
    escaped = f"(SELECT row_to_json(line)::text FROM (SELECT {columns}) AS line)"  # noqa: S608 - this module's names
    return _unless_escaped(chain.FIELDS, f"'{{{_members(chain.FIELDS)}}}'", escaped)


def _members(fields: Iterable[str]) -> str:
    """On PostgreSQL, the inside of a text literal: members of a JSON object, whose texts need no escapes."""
    members = []
    for name in fields:
        value = f"'||{_postgresql_text(name)}||'"
        members.append(f'"{name}":{value}' if name in _NO_TEXTS else f'"{name}":"{value}"')
    return ",".join(members)


def _postgresql_text(name: str) -> str:
    """A column's value as text: NULL, and quotes around what isn't always text, are JSON's."""
    value = _POSTGRESQL_VALUES[name]
    if name == "operation":
        return f"coalesce('\"'||{value}||'\"','null')"
    if name in NUMBERS:
        return f"coalesce({value}::text,'null')"
    return f"{value}::text"


def _unless_escaped(fields: Iterable[str], plain: str, escaped: str) -> str:
    """The SQL expression `plain`, unless a text of these fields has a character that JSON escapes."""
    # Joining texts and searching them once takes PostgreSQL a quarter of the time of writing each as JSON.
    texts = "||".join(_column(name) for name in fields if name not in (*_NO_TEXTS, "timestamp"))
    return f"""(CASE WHEN ({texts}) COLLATE "C" !~ '{_ESCAPED}' THEN {plain} ELSE {escaped} END)"""


def _postgresql_agrees() -> str:
    # jsonb doesn't keep the spelling of the details. They are cut out of the body, between what the columns before and
    # after them say, and compared as values.
    written = {name: f"to_json({_POSTGRESQL_VALUES[name]})" for name in chain.IN_BODY}
    written |= {name: f"coalesce({written[name]}::text, 'null')" for name in (*NUMBERS, "operation")}
    members = {name: f"'\"{name}\":', {written[name]}" for name in chain.IN_BODY}
    first, last = chain.IN_BODY[:_DETAILS], chain.IN_BODY[_DETAILS + 1 :]
    escaped_before = f"concat('{{', {_listed(members, first)}, ',\"details\":')"
    escaped_after = f"concat(',', {_listed(members, last)}, '}}')"
    before = _unless_escaped(first, f"'{{{_members(first)},\"details\":'", escaped_before)
    after = _unless_escaped(last, f"',{_members(last)}}}'", escaped_after)
    # As bytes: PostgreSQL counts characters of UTF-8 one by one. OFFSET 0 keeps the planner from writing the same
    # expression out wherever its value is used.
    body = _column("body")
    details = f"""substring({body} FROM octet_length(before) + 1
        FOR greatest(octet_length({body}) - octet_length(before) - octet_length(after), 0))"""
    return f"""(
        SELECT CASE
            WHEN {body} = before || {details} || after AND substring({details} FOR 1) = '{{'::bytea AND {_in_range()}
            THEN convert_from({details}, 'UTF8')::jsonb = {_column("details")}
            ELSE FALSE END
        FROM (
            SELECT convert_to({before}, 'UTF8') AS before, convert_to({after}, 'UTF8') AS after OFFSET 0
        ) AS parts
    )"""  # noqa: S608 - of this module's own names


def _listed(members: Mapping[str, str], fields: Iterable[str]) -> str:
    return ", ',', ".join(members[name] for name in fields)


_SQLITE_VALUES = _sqlite_values()
_POSTGRESQL_VALUES = _postgresql_values()
_POSTGRESQL_LINE = _postgresql_line()
_SQLITE_AGREES = _sqlite_agrees()
_POSTGRESQL_AGREES = _postgresql_agrees()

"""Reading a line of records.jsonl, which must be a record's body in canonical form (RFC 8785).

A regular expression matches the usual record, so that only its details need parsing. A line that it doesn't match is
parsed as a whole, which is slower and has the same result.
"""

import json
import re
from functools import lru_cache
from typing import Any

from audit import canonical_json, chain

TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
DIGEST = "[0-9a-f]{64}"
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

# RFC 8785, 3.2.2.2: only these characters are escaped, in the shortest form; others stand for themselves.
_PLAIN = r'[^"\\\x00-\x1f]*'
_ESCAPE = r'\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))'
_TEXT = f'"{_PLAIN}(?:{_ESCAPE}{_PLAIN})*"'
# At most 15 digits, which are below 2^53 - 1. The few longer numbers that are allowed are left to the slow reader.
_WHOLE = r"(?:null|0|-?[1-9]\d{0,14})"
_SHAPES = dict.fromkeys(chain.FIELDS[:-1], _TEXT) | {
    "number": r"(?P<number>[1-9]\d{0,14})",
    "timestamp": f'"{TIMESTAMP}"',
    "operation": f'(?:null|"{UUID}")',
    "latency_ms": _WHOLE,
    "api_response_status": _WHOLE,
    "concurrent_pause_limit": _WHOLE,
    "details": r"(?P<details>\{.*\})",
    "previous": f'"(?P<previous>{DIGEST})"',
}
USUAL = re.compile((r"\{" + ",".join(f'"{field}":{_SHAPES[field]}' for field in sorted(_SHAPES)) + r"\}").encode())

# Bytes. Only shorter details are cached, which keeps the cache of 4,096 entries below 1 MB.
SHORT = 200
_FORMS = {"timestamp": TIMESTAMP, "previous": DIGEST, "operation": UUID}
_NULLABLE_WHOLE = {"latency_ms", "api_response_status", "concurrent_pause_limit"}


def read_record(line: bytes) -> tuple[int, str]:
    """A body's number and `previous`. ValueError, which says why, if it isn't a record's canonical body."""
    match = USUAL.fullmatch(line)
    if match is not None and _is_usual(line, match["details"]):
        return int(match["number"]), match["previous"].decode()
    return _read_slowly(line)


def _is_usual(line: bytes, details: bytes) -> bool:
    is_canonical = _is_canonical_cached if len(details) < SHORT else _is_canonical
    try:
        # The expression also matches bytes that aren't UTF-8.
        line.decode()
        return is_canonical(details)
    except (ValueError, RecursionError):
        return False


def _is_canonical(details: bytes) -> bool:
    return canonical_json.text(json.loads(details.decode())).encode() == details


# Most records' details are a few words that they share with many others.
_is_canonical_cached = lru_cache(maxsize=4096)(_is_canonical)


def _read_slowly(line: bytes) -> tuple[int, str]:
    record = read_canonical(line)
    missing = set(_SHAPES) ^ set(record)
    if missing:
        raise ValueError(f"it doesn’t have exactly the fields of a record: {', '.join(sorted(missing))}")
    for field, value in record.items():
        if not _fits(field, value):
            raise ValueError(f"its {field} isn’t of the type that a record has there")
    return record["number"], record["previous"]


def read_canonical(line: bytes) -> dict[str, Any]:
    """An object in canonical JSON (RFC 8785). ValueError for all else: another spelling, a repeated key, a BOM."""
    try:
        value = json.loads(line.decode())
        written = canonical_json.text(value).encode()
    except (ValueError, RecursionError):
        raise ValueError("it isn’t JSON that RFC 8785 can write") from None
    if written != line:
        raise ValueError("it isn’t in canonical form (RFC 8785)")
    if not isinstance(value, dict):
        raise ValueError("it isn’t a JSON object")
    return value


def _fits(field: str, value: object) -> bool:
    if field == "number":
        return type(value) is int and value > 0
    if field == "details":
        return isinstance(value, dict)
    if field in _NULLABLE_WHOLE:
        return value is None or type(value) is int
    if field == "operation" and value is None:
        return True
    if not isinstance(value, str):
        return False
    return field not in _FORMS or re.fullmatch(_FORMS[field], value, re.ASCII) is not None

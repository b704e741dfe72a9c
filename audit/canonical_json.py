"""Canonical JSON (RFC 8785, "JCS"): by `json`'s C encoder for values that it writes identically, else by `rfc8785`."""

import json
from json.encoder import encode_basestring
from typing import Any

import rfc8785

# The largest integer that every JSON reader keeps: JavaScript's numbers are doubles (RFC 8785, appendix D).
LARGEST = 2**53 - 1

# Text in quotes. Both encoders escape control characters, `"` and `\`, identically, and nothing else.
quote = encode_basestring
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def text(value: Any) -> str:  # noqa: ANN401 - it finds out what isn't JSON
    """The canonical text of a JSON value. ValueError or RecursionError for a value that isn't JSON.

    Lone surrogates may remain: encoding the text then raises UnicodeEncodeError, which is a ValueError.
    """
    if type(value) is str:
        return quote(value)
    if _is_simple(value):
        return _encode(value)
    return rfc8785.dumps(value).decode()


def _is_simple(value: object) -> bool:
    """Whether both encoders certainly write the value identically."""
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return -LARGEST <= value <= LARGEST
    if isinstance(value, float):
        # Outside this range, and for whole floats, JavaScript's form of a number, which RFC 8785 requires (3.2.2.3),
        # can differ from Python's.
        return 1e-4 <= abs(value) < 1e15 and not value.is_integer()
    if isinstance(value, list):
        return all(map(_is_simple, value))
    return isinstance(value, dict) and all(map(_is_simple_key, value)) and all(map(_is_simple, value.values()))


def _is_simple_key(key: object) -> bool:
    # RFC 8785 sorts keys by UTF-16 code units (3.2.3), Python by code points. ASCII keys have the same order in both.
    return isinstance(key, str) and key.isascii()

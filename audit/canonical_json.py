"""Canonical JSON (RFC 8785, "JCS"): by `json`'s C encoder for values that it writes the same, else by `rfc8785`."""

import json
from json.encoder import encode_basestring
from typing import Any

import rfc8785

# Readers of JSON disagree on whole numbers beyond it.
LARGEST = 2**53 - 1

# Text in quotes. Both encoders escape control characters, `"` and `\\`, in the same way, and nothing else.
quote = encode_basestring
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def text(value: Any) -> str:  # noqa: ANN401 - it finds out what isn't JSON
    """A JSON value as canonical text. ValueError or RecursionError for what isn't JSON.

    Lone surrogates can stay in it: encoding the text then raises UnicodeEncodeError, which is a ValueError.
    """
    if type(value) is str:
        return quote(value)
    if _is_simple(value):
        return _encode(value)
    return rfc8785.dumps(value).decode()


def _is_simple(value: object) -> bool:
    """Whether both encoders write it the same: they agree on the order of ASCII keys, and on these numbers."""
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return -LARGEST <= value <= LARGEST
    if isinstance(value, float):
        # Outside of these, JavaScript's form of a number, which RFC 8785 requires, can differ from Python's.
        return 1e-4 <= abs(value) < 1e15 and not value.is_integer()
    if isinstance(value, list):
        return all(map(_is_simple, value))
    return isinstance(value, dict) and all(map(_is_simple_key, value)) and all(map(_is_simple, value.values()))


def _is_simple_key(key: object) -> bool:
    return isinstance(key, str) and key.isascii()

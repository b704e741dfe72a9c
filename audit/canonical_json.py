"""Canonical JSON (RFC 8785, "JCS"): the C encoder of `json` where that provably writes the same, else `rfc8785`."""

import json
from json.encoder import encode_basestring
from typing import Any

import rfc8785

LARGEST = 2**53 - 1  # whole numbers beyond it differ between readers of JSON

# Text in quotes: both escape the control characters, `"` and `\\`, the same way, and nothing else.
quote = encode_basestring
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def text(value: Any) -> str:  # noqa: ANN401 - that is for it to find out
    """A JSON value as its canonical text. ValueError or RecursionError for what isn't JSON.

    Lone surrogates may stay: encoding the text raises UnicodeEncodeError, a ValueError, then.
    """
    if type(value) is str:
        return quote(value)
    return _encode(value) if _is_simple(value) else rfc8785.dumps(value).decode()


def _is_simple(value: object) -> bool:
    """Written the same by both: ASCII keys sort alike, and these numbers are spelt alike."""
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return -LARGEST <= value <= LARGEST
    if isinstance(value, float):
        return 1e-4 <= abs(value) < 1e15 and not value.is_integer()
    if isinstance(value, list):
        return all(map(_is_simple, value))
    return isinstance(value, dict) and all(map(_is_simple_key, value)) and all(map(_is_simple, value.values()))


def _is_simple_key(key: object) -> bool:
    return isinstance(key, str) and key.isascii()

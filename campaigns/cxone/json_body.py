"""JSON as CXone sends it: a whole body, and the usable entries of a list."""

import json
from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

T = TypeVar("T")


def parse_json(body: bytes) -> object:
    """The JSON in `body`, by RFC 8259: without NaN and infinities. ValueError: it is not JSON."""
    try:
        parsed: object = json.loads(body, parse_constant=_reject_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return parsed


def _reject_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def readable_entries(entries: list[object], read: Callable[[object], T]) -> list[T]:
    """What `read` makes of `entries`, without those that it refuses: a strange one must not hide all others."""
    readable = []
    for entry in entries:
        try:
            readable.append(read(entry))
        # RecursionError: it is nested almost too deeply to be parsed.
        except (ValidationError, RecursionError):
            continue
    return readable

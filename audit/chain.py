"""The chain of records: pure functions over plain values, no database.

A record's body is the canonical JSON (RFC 8785) of all exported fields except the digest. It contains the digest of
the record before it as `previous`, so its own digest (SHA-256 of the body, in hex) covers the whole history up to it.
The first record's `previous` is `GENESIS`. Timestamps are ISO 8601 in UTC with microseconds and a "Z".

A chain can't reveal that history was rewritten from some record to its end, including the head.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from audit import canonical_json

# The fields of an export, in its order (docs/audit.md, "Fields").
FIELDS = (
    "number",
    "timestamp",
    "kind",
    "action",
    "status",
    "by",
    "campaign_id",
    "campaign_name",
    "operation",
    "reason",
    "latency_ms",
    "payload_hash",
    "api_response_status",
    "compliance_check",
    "concurrent_pause_limit",
    "webhook_subscription_id",
    "error",
    "details",
    "previous",
    "digest",
)
IN_BODY = sorted(set(FIELDS) - {"digest"})
GENESIS = "0" * 64
LARGEST = canonical_json.LARGEST
# Levels of lists and objects in the details. Readers of JSON that recurse fail at deep nesting.
DEEPEST = 20
# Characters of one text in the details; longer ones are cut.
LONGEST = 2000
MARK = "… [cut]"
# PostgreSQL's text can't contain NUL, and UTF-8 can't encode surrogates.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Head(NamedTuple):
    """The end of the chain, or a place in it: a record's number and digest."""

    number: int
    digest: str


# The place before record 1.
START = Head(0, GENESIS)


class Link(NamedTuple):
    """A record as read from the database: its columns (JSON values by `FIELDS`) and its stored bytes.

    If it couldn't be read, `fault` says why, and `shown` has only its number.
    """

    shown: Mapping[str, Any]
    body: bytes
    fault: str = ""


class Break(NamedTuple):
    """The first record at which the chain is broken, and what is wrong there, as part of a sentence."""

    number: int
    fault: str


def canonical_body(shown: Mapping[str, Any]) -> bytes:
    """The bytes that are stored and hashed: the RFC 8785 form of `FIELDS` without the digest.

    `shown`: JSON values by `FIELDS`. ValueError for a value that isn't JSON.
    """
    members = ",".join([f'"{field}":{canonical_json.text(shown[field])}' for field in IN_BODY])
    return f"{{{members}}}".encode()


def body_digest(body: bytes) -> str:
    """SHA-256 of a body, 64 hex digits. The body contains the digest of the record before it."""
    return hashlib.sha256(body).hexdigest()


def format_time(at: datetime) -> str:
    """An aware time as records write it: ISO 8601 in UTC, microseconds, "Z". ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a record’s time needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def clean_text(text: str, bound: int) -> str:
    """Text that both databases and UTF-8 can hold: NUL and lone surrogates become U+FFFD.

    At most `bound` characters; text that was cut ends with `MARK`.
    """
    kept = UNKEEPABLE.sub("\ufffd", text[: bound + 1])
    if len(kept) <= bound:
        return kept
    return kept[: bound - len(MARK)] + MARK


def plain_json(value: object, depth: int = 0) -> Json:
    """A JSON value that every reader of JSON reads identically. ValueError for a value that isn't JSON.

    Non-finite numbers and those beyond ±(2^53 - 1) become text; long text and deep nesting are cut, with a mark.
    """
    # Converted and not refused, since whatever happened must be recordable.
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(value, LONGEST)
    if isinstance(value, int | float):
        return _plain_number(value)
    if depth == DEEPEST and isinstance(value, list | tuple | Mapping):
        return MARK
    if isinstance(value, list | tuple):
        return [plain_json(item, depth + 1) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {clean_text(key, LONGEST): plain_json(item, depth + 1) for key, item in value.items()}
    raise ValueError(
        f"a record’s details can’t hold {type(value).__name__}; give text, numbers, lists, or dicts with text keys"
    )


def _plain_number(value: float) -> int | float | str:
    if not math.isfinite(value) or abs(value) > LARGEST:
        return str(value)
    if value == int(value):
        return int(value)
    return float(value)


def check_chain(links: Iterable[Link], head: Head) -> Break | None:
    """Check the whole chain from record 1 to the head. None: it is intact. Memory doesn't grow with its length."""
    first_break, last = walk_links(links, START)
    return first_break or compare_heads(last, head)


def walk_links(links: Iterable[Link], after: Head) -> tuple[Break | None, Head]:
    """Check the links that follow a place that is known to be right.

    Returns the first break, if any, and the last place before it.
    """
    last, before_last = after, None
    for link in links:
        if link.shown["number"] == last.number > 0:
            return Break(last.number, "there are two records with this number"), last
        if fault := _find_fault(link, last, before_last):
            return Break(last.number + 1, fault), last
        last, before_last = Head(link.shown["number"], link.shown["digest"]), link.shown["previous"]
    return None, last


def _find_fault(link: Link, last: Head, before_last: str | None) -> str:
    """What is wrong with the link after `last`; "" if nothing is. `before_last`: the `previous` of `last`."""
    shown = link.shown
    if shown["number"] != last.number + 1:
        return f"record {last.number + 1} is missing: in its place is {shown['number']}"
    if link.fault:
        return link.fault
    if body_digest(link.body) != shown["digest"]:
        return "its stored bytes don’t match its digest"
    if column := _find_differing_column(link):
        return f"its column {column} differs from its stored bytes"
    if shown["previous"] == last.digest:
        return ""
    return _describe_stray(shown, last, before_last)


def _describe_stray(shown: Mapping[str, Any], last: Head, before_last: str | None) -> str:
    if shown["previous"] == before_last:
        return f"record {last.number} and record {last.number + 1} both follow record {last.number - 1}"
    return f"its previous isn’t the digest of record {last.number}"


def _find_differing_column(link: Link) -> str:
    """The first column that differs from the body; "" if all agree. If the body isn't a record's, `FIELDS[0]`."""
    if _bytes(canonical_body, link.shown) == link.body:
        return ""
    try:
        stored = json.loads(link.body)
    except (RecursionError, ValueError):
        return FIELDS[0]
    if not isinstance(stored, dict):
        return FIELDS[0]
    for field in FIELDS[:-1]:
        value = _bytes(_canonical_value, link.shown[field])
        if value is None or field not in stored or value != _bytes(_canonical_value, stored[field]):
            return field
    return FIELDS[0]


def _canonical_value(value: object) -> bytes:
    return canonical_json.text(value).encode()


def _bytes(write: Callable[[Any], bytes], value: object) -> bytes | None:
    """The written bytes; None for a value that we can't have written."""
    try:
        return write(value)
    except (ValueError, RecursionError):
        return None


def compare_heads(last: Head, head: Head) -> Break | None:
    """The break, if the last intact place isn't the head."""
    if last == head:
        return None
    if last.number < head.number:
        return Break(last.number + 1, f"the last records are missing: the head says {head.number}")
    if last.number > head.number:
        return Break(head.number + 1, f"the head says {head.number}, but there are records after it")
    return Break(last.number, "its digest isn’t the one that the head holds")

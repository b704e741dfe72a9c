"""The fast half of verification: it only ever accepts.

A record passes if the bytes rebuilt from its raw columns, each of exactly the type that we write, are the stored
bytes, and these match their digest and the record before. At anything else it stops: `chain_walk` then looks closely,
and names the fault or finds none.
"""

import json
import multiprocessing
import warnings
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from django.db import connections
from django.db.utils import DEFAULT_DB_ALIAS

from audit import canonical_json, chain, stored_rows
from audit.canonical_json import quote

# Where a part begins, and how far the chain holds from there. No beginning: there is no such record.
Part = tuple[chain.Head | None, chain.Head]

_decode = json.JSONDecoder().raw_decode


def walk_fast(after: chain.Head, upto: int) -> chain.Head:
    """How far, up to number `upto`, the chain certainly holds. Memory doesn't grow with the distance."""
    last = after
    while last.number < upto:
        end = min(last.number + stored_rows.CHUNK, upto)
        try:
            last = _accept(stored_rows.read_rows(last.number, end), last)
        except stored_rows.UnreadableError:
            return last
        if last.number < end:
            return last
    return last


def walk_apart(bounds: list[int], processes: int) -> Iterator[Part]:
    """The parts between the bounds, in order, walked by up to `processes` processes that take parts in turn.

    A process that dies leaves its remaining parts without a beginning: the caller walks those itself. They are new
    processes, not copies of this one with its connections and locks, and need only Django's database connection.
    """
    # Not a ProcessPoolExecutor: if one of its processes dies while it starts another, Python 3.11 never stops the new
    # one and waits for it forever. Here each process has its own pipe, which ends when the process does.
    parts = list(pairwise(bounds))
    number = min(processes, len(parts))
    walkers = [_start_walker(parts[first::number]) for first in range(number)]
    try:
        for index in range(len(parts)):
            yield _receive(walkers[index % number][1])
    finally:
        for process, results in walkers:
            process.kill()
            process.join()
            results.close()


def _start_walker(parts: list[tuple[int, int]]) -> tuple[SpawnProcess, Connection]:
    """A process that walks these parts one after the other, and the pipe on which it sends a Part for each."""
    spawn = multiprocessing.get_context("spawn")
    results, sender = spawn.Pipe(duplex=False)
    database = connections[DEFAULT_DB_ALIAS].settings_dict
    process = spawn.Process(target=_walk_parts, args=(parts, database, sender), daemon=True)
    process.start()
    # The process now holds the only other end, so reading ends when it dies.
    sender.close()
    return process, results


def _receive(results: Connection) -> Part:
    try:
        part: Part = results.recv()
    except (EOFError, OSError):
        return None, chain.START
    return part


def _walk_parts(parts: list[tuple[int, int]], database: dict[str, Any], sender: Connection) -> None:
    # Django warns of queries before its apps are loaded; this process never loads them.
    warnings.filterwarnings("ignore", "Accessing the database during app initialization")
    connections[DEFAULT_DB_ALIAS].settings_dict.update(database)
    for after, upto in parts:
        start = stored_rows.find_head(after)
        sender.send((start, walk_fast(start, upto)) if start else (None, chain.START))


def _accept(chunk: list[stored_rows.Row], last: chain.Head) -> chain.Head:
    """The last of the rows that follow from `last`, one after the other, and are what we wrote."""
    dialect = stored_rows.dialect()
    number, before = last
    for row in chunk:
        previous, digest, body = row[-3:]
        if tuple(map(type, row)) not in dialect.shapes or row[0] != number + 1 or previous != before:
            break
        if sha256(body).hexdigest() != digest or not _matches_body(row, dialect):
            break
        number, before = row[0], digest
    return chain.Head(number, before)


def _matches_body(row: stored_rows.Row, dialect: stored_rows.Dialect) -> bool:
    """Whether the columns of a row of an accepted shape are what its stored bytes say."""
    body: bytes = row[-1]
    if any(abs(row[index] or 0) > canonical_json.LARGEST for index in stored_rows.NUMBERS):
        return False
    try:
        # First with the details as they are stored: parsing and writing them takes as long as all the rest.
        if dialect.keeps_text and _write_body(row, dialect, _require_object) == body:
            return True
        return _write_body(row, dialect, _rewrite_details) == body
    except stored_rows.NOT_JSON:
        return False


def _write_body(row: stored_rows.Row, dialect: stored_rows.Dialect, details: Callable[[str], str]) -> bytes:
    """The body that a row of an accepted shape must have. `details` checks or rewrites the text of the details."""
    # This is `chain.canonical_body` by hand, as it is called once for each record of the ledger: one expression takes
    # a fraction of the time of a call for each field. The two must write the same bytes; the property test
    # `test_whatever_was_appended_is_accepted` holds them together.
    (number, timestamp, kind, action, status, by, campaign_id, campaign_name, operation, reason, latency) = row[:11]
    (payload_hash, api_status, compliance, limit, subscription, error, kept, previous) = row[11:19]
    return (
        f'{{"action":{quote(action)},"api_response_status":{"null" if api_status is None else api_status},'
        f'"by":{quote(by)},"campaign_id":{quote(campaign_id)},"campaign_name":{quote(campaign_name)},'
        f'"compliance_check":{quote(compliance)},"concurrent_pause_limit":{"null" if limit is None else limit},'
        f'"details":{details(kept)},"error":{quote(error)},"kind":{quote(kind)},'
        f'"latency_ms":{"null" if latency is None else latency},"number":{number},'
        f'"operation":{"null" if operation is None else quote(dialect.operation(operation))},'
        f'"payload_hash":{quote(payload_hash)},"previous":{quote(previous)},"reason":{quote(reason)},'
        f'"status":{quote(status)},"timestamp":"{dialect.moment(timestamp)}",'
        f'"webhook_subscription_id":{quote(subscription)}}}'
    ).encode()


def _require_object(kept: str) -> str:
    """The text itself. ValueError unless it is exactly one JSON object: other text could close the object and go on
    with fields of the body."""
    if kept[:1] != "{" or _decode(kept)[1] != len(kept):
        raise ValueError(kept)
    return kept


def _rewrite_details(kept: str) -> str:
    """The canonical text. PostgreSQL writes JSON in its own way, and on SQLite rows may come from the model."""
    return canonical_json.text(stored_rows.read_details(kept))

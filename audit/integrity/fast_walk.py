"""The fast half of verification, which only accepts and never names a fault.

A record passes if its raw columns have exactly the types that we write, the bytes rebuilt from them are the stored
bytes, and these match their digest and the record before. At anything else it stops: `chain_walk` then examines that
record, and names the fault or finds none.
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

# The record before a part, and the last one up to which the chain is intact from there. None: there is no such record.
Part = tuple[chain.Head | None, chain.Head]

_decode = json.JSONDecoder().raw_decode


def walk_fast(after: chain.Head, upto: int) -> chain.Head:
    """The last record, up to number `upto`, to which the chain is certainly intact. Constant memory."""
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

    The remaining parts of a process that dies are (None, START): the caller has to walk those itself.
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
    """A process that walks these parts in order, and the pipe on which it sends a Part for each."""
    # Spawned: a forked one would share this one's connections and inherit locks that its threads hold.
    spawn = multiprocessing.get_context("spawn")
    results, sender = spawn.Pipe(duplex=False)
    database = connections[DEFAULT_DB_ALIAS].settings_dict
    process = spawn.Process(target=_walk_parts, args=(parts, database, sender), daemon=True)
    process.start()
    # The process now has the only other end, so reading raises EOFError when it dies.
    sender.close()
    return process, results


def _receive(results: Connection) -> Part:
    try:
        part: Part = results.recv()
    except (EOFError, OSError):
        return None, chain.START
    return part


def _walk_parts(parts: list[tuple[int, int]], database: dict[str, Any], sender: Connection) -> None:
    # This process never loads Django's apps, to start quickly; Django warns of queries before they are loaded.
    warnings.filterwarnings("ignore", "Accessing the database during app initialization")
    connections[DEFAULT_DB_ALIAS].settings_dict.update(database)
    for after, upto in parts:
        start = stored_rows.find_head(after)
        sender.send((start, walk_fast(start, upto)) if start else (None, chain.START))


def _accept(chunk: list[stored_rows.Row], last: chain.Head) -> chain.Head:
    """The last of the rows that form a chain from `last` and are certainly as we wrote them."""
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
    """Whether the columns of a row, whose types have been checked, agree with its stored bytes."""
    body: bytes = row[-1]
    if any(abs(row[index] or 0) > canonical_json.LARGEST for index in stored_rows.NUMBERS):
        return False
    try:
        # First with the details' text as stored: parsing and writing them takes as long as all the rest.
        if dialect.keeps_text and _write_body(row, dialect, _require_object) == body:
            return True
        return _write_body(row, dialect, _rewrite_details) == body
    except stored_rows.NOT_JSON:
        return False


def _write_body(row: stored_rows.Row, dialect: stored_rows.Dialect, details: Callable[[str], str]) -> bytes:
    """The body that a row of checked types must have. `details` checks or rewrites the details' text."""
    # This is `chain.canonical_body` written out, since it runs once for each record of the ledger: one expression
    # takes a fraction of the time of a call for each field. Both must write the same bytes, which the property test
    # `test_whatever_was_appended_is_accepted` verifies.
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
    """The text itself. ValueError unless it is exactly one JSON object."""
    # Other text could close the object and continue with fields of the body.
    if kept[:1] != "{" or _decode(kept)[1] != len(kept):
        raise ValueError(kept)
    return kept


def _rewrite_details(kept: str) -> str:
    """The canonical form of the details' text."""
    # PostgreSQL's jsonb has a spelling and order of its own, and on SQLite rows may have been written by the model.
    return canonical_json.text(stored_rows.read_details(kept))

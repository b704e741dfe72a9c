"""The fast half of verification, which only accepts and never names a fault.

A record passes if its columns are what its stored bytes say, as the database itself tells (`audit.row_sql`), and these
bytes match their digest and the record before. At anything else it stops: `chain_walk` then examines that record, and
names the fault or finds none.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import IO, cast

from django.db import connection

from audit import chain, stored_rows
from audit.integrity import part_walker

# The record before a part, and the last one up to which the chain is intact from there. None: there is no such record.
Part = tuple[chain.Head | None, chain.Head]
UNKNOWN: Part = None, chain.START

# Of the arguments that Django gives the driver, those that are Django's own objects.
_OF_DJANGO = {"context", "cursor_factory"}


def walk_fast(after: chain.Head, upto: int) -> chain.Head:
    """The last record, up to number `upto`, to which the chain is certainly intact. Constant memory."""
    last = after
    is_text_checked = connection.vendor != "sqlite"
    while last.number < upto:
        end = min(last.number + stored_rows.CHUNK, upto)
        try:
            rows = stored_rows.read_judged_rows(last.number, end)
        except stored_rows.UnreadableError:
            return last
        last = chain.Head(*part_walker.accept_rows(rows, last, is_text_checked=is_text_checked))
        if last.number < end:
            return last
    return last


def walk_apart(bounds: list[int], processes: int) -> Iterator[Part]:
    """The parts between the bounds, in order, walked by up to `processes` processes that take parts in turn.

    The remaining parts of a process that dies are (None, START): the caller has to walk those itself.
    """
    parts = list(pairwise(bounds))
    number = min(processes, len(parts))
    walkers = [_start_walker(parts[first::number]) for first in range(number)]
    try:
        for index in range(len(parts)):
            yield _receive(walkers[index % number])
    finally:
        for walker in walkers:
            walker.kill()
            walker.wait()
            _stream(walker.stdout).close()


def _start_walker(parts: list[tuple[int, int]]) -> "subprocess.Popen[bytes]":
    """A process that walks these parts in order, and writes a line for each."""
    # -S: on SQLite it needs nothing that is installed.
    options = ["-S", "-P"] if connection.vendor == "sqlite" else ["-P"]
    command = [sys.executable, *options, part_walker.__file__]
    walker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # Through a pipe, since a command line, which everybody can read, would show the password. One that has died
    # already has no reader.
    with suppress(BrokenPipeError), _stream(walker.stdin) as stdin:
        stdin.write(json.dumps(_job(parts), default=str).encode())
    return walker


def _job(parts: list[tuple[int, int]]) -> part_walker.WalkerJob:
    given = connection.get_connection_params()
    judged, first = map(_in_drivers_style, stored_rows.judged_statements())
    return {
        "vendor": connection.vendor,
        "database": {name: value for name, value in given.items() if name not in _OF_DJANGO},
        "judged": judged,
        "first": first,
        "digest": _in_drivers_style("SELECT digest FROM audit_record WHERE number = %s"),
        "start": chain.START,
        "chunk": stored_rows.CHUNK,
        "parts": parts,
    }


def _in_drivers_style(statement: str) -> str:
    return statement.replace("%s", "?") if connection.vendor == "sqlite" else statement


def _receive(walker: "subprocess.Popen[bytes]") -> Part:
    line = _stream(walker.stdout).readline()
    # One that died in the middle of a line has written no end.
    if not line.endswith(b"\n"):
        return UNKNOWN
    start, reached = json.loads(line)
    return start and chain.Head(*start), chain.Head(*reached)


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    return cast("IO[bytes]", pipe)

"""The loop of the fast check, and a program that runs it over parts of a long ledger in a process of its own.

As a program it imports Python's own modules alone, and psycopg on PostgreSQL: with Django, starting it would cost as
much CPU as checking 50,000 records. What it is to do comes on its standard input, as JSON (`WalkerJob`). For each part
it writes a line of JSON: the record before the part, and the last one up to which the chain is intact from there, each
as [number, digest]; the first is null if that record can't be found or read.
"""

import json
import signal
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, TypedDict

# A record's number and digest, as in `chain.Head`.
Place = tuple[int, str]
# Number, previous, digest and body of a record, and whether (1 or True) its columns are what the body says.
JudgedRow = tuple[int, str, str, bytes, int]
# The statement's rows for these values.
Select = Callable[[str, tuple[int, ...]], Sequence[Any]]
# Bodies that are decoded together.
DECODED = 50


class WalkerJob(TypedDict):
    """`database`: the arguments of the driver's `connect`. `parts`: pairs of numbers, a part's `after` and `upto`.

    Statements: `judged` selects JudgedRows with number > and <= its two values, in order; `first` all those with
    number <= its value; `digest` the digest of a number.
    """

    vendor: str
    database: dict[str, Any]
    judged: str
    first: str
    digest: str
    start: Place
    chunk: int
    parts: list[tuple[int, int]]


def accept_rows(rows: Sequence[JudgedRow], last: Place, *, is_text_checked: bool) -> Place:
    """The last of the rows that form a chain from `last` and are certainly as we wrote them.

    `is_text_checked`: the database has made sure that bodies are UTF-8.
    """
    number, before = last
    bodies = []
    for at, previous, digest, body, agrees in rows:
        if not agrees or at != number + 1 or previous != before or sha256(body).hexdigest() != digest:
            break
        number, before = at, digest
        bodies.append(body)
    # Text that isn't UTF-8 can't be shown.
    if is_text_checked or (readable := _count_readable(bodies)) == len(bodies):
        return number, before
    return (rows[readable - 1][0], rows[readable - 1][2]) if readable else last


def _count_readable(bodies: list[bytes]) -> int:
    """How many there are before the first that isn't UTF-8."""
    # Together, which takes half the time. They begin and end with braces, so none completes another's character. And
    # few at a time, since one emoji makes all take four bytes a character.
    for first in range(0, len(bodies), DECODED):
        if not _is_utf8(b"".join([body for body in bodies[first : first + DECODED] if not body.isascii()])):
            return first + next(index for index, body in enumerate(bodies[first:]) if not _is_utf8(body))
    return len(bodies)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _walk(job: WalkerJob, select: Select, after: Place, upto: int) -> Place:
    last = after
    while last[0] < upto:
        end = min(last[0] + job["chunk"], upto)
        rows = select(job["judged"], (last[0], end)) if last[0] else select(job["first"], (end,))
        last = accept_rows(rows, last, is_text_checked=job["vendor"] != "sqlite")
        if last[0] < end:
            break
    return last


def _find(job: WalkerJob, select: Select, number: int) -> Place | None:
    if number == 0:
        return job["start"]
    for (digest,) in select(job["digest"], (number,)):
        return (number, digest) if isinstance(digest, str) else None
    return None


def _walk_part(job: WalkerJob, select: Select, after: int, upto: int) -> tuple[Place | None, Place]:
    # Whatever can't be read is examined by who started this, and named there.
    place = reached = None
    try:
        place = _find(job, select, after)
        reached = _walk(job, select, place, upto) if place else None
    except Exception:
        reached = None
    return (place, reached) if place and reached else (None, job["start"])


def _connect(job: WalkerJob) -> Select:
    if job["vendor"] == "sqlite":
        import sqlite3

        connection = sqlite3.connect(**job["database"])
        connection.execute("PRAGMA query_only = 1")
        return lambda statement, values: connection.execute(statement, values).fetchall()
    import psycopg

    session = psycopg.connect(**job["database"], autocommit=True)
    return lambda statement, values: session.execute(statement, values).fetchall()


def main() -> None:
    # Ctrl-C reaches all processes of a terminal. Who started this one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    job: WalkerJob = json.load(sys.stdin)
    select = _connect(job)
    for after, upto in job["parts"]:
        sys.stdout.write(f"{json.dumps(_walk_part(job, select, after, upto))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

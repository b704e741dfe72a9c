"""What a piece of work asks the database, with its transactions and health checks, as the database's log counts it."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg import pq


@contextmanager
def recorded() -> Iterator[Callable[[], list[str]]]:
    """Returns the statements of this thread's connection so far, in order, whenever it is called."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with _traced() as told:
            yield told
    else:
        with CaptureQueriesContext(connection) as captured:
            yield lambda: [query["sql"] for query in captured.captured_queries]


@contextmanager
def _traced() -> Iterator[Callable[[], list[str]]]:
    """What the driver sends: Django's own record lacks the health check of a connection."""
    sent_by: Any = connection.connection
    with tempfile.NamedTemporaryFile() as file:
        sent_by.pgconn.trace(file.fileno())
        sent_by.pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield lambda: _statements_in(Path(file.name).read_text(encoding="utf-8"))
        finally:
            sent_by.pgconn.untrace()


def _statements_in(trace: str) -> list[str]:
    """A line for each message: who sent it (F: us), its length, its kind, and what is in it."""
    messages = [line.split("\t") for line in trace.splitlines() if line.startswith("F\t")]
    statements: list[str] = []
    for _, _, kind, *text in messages:
        words = " ".join(text)
        # Kept by a name, which takes a message once for a connection; or for this time alone. Its values follow.
        if kind == "Query" or (kind == "Parse" and words.startswith(' "" ')):
            statements.append(words)
        elif kind == "Bind" and words.startswith(' "" ""'):
            statements[-1] += words
        elif kind == "Bind":
            statements.append(words)
    return statements

"""The clock that all processes share: the database's, since the clocks of their machines may differ.

A SQLite database is a file on the same machine, whose clock is the only one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

# Not PostgreSQL's now(), which returns the start of the transaction.
CLOCK = "clock_timestamp()"


def now() -> datetime:
    """The present time, aware. One query on PostgreSQL, none on SQLite."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CLOCK}")
        return read_time(cursor.fetchone())


def columns() -> tuple[str, ...]:
    """The columns that a query must select in addition to its own to read the time as well."""
    if connection.vendor == "postgresql":
        return (CLOCK,)
    return ()


def read_time(values: Sequence[Any]) -> datetime:
    """The time, from the values of the columns that `columns` returned."""
    return values[0] if values else timezone.now()

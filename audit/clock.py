"""The time that all processes share: the database's. The clocks of their machines may be off.

A SQLite database is a file on the same machine, so that machine's clock is the only one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

# Not now(), which stays the same for a whole transaction.
CLOCK = "clock_timestamp()"


def now() -> datetime:
    """The time now, aware. One query on PostgreSQL, none on SQLite."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CLOCK}")
        return read_time(cursor.fetchone())


def columns() -> tuple[str, ...]:
    """What a query must select besides its own columns to read the time as well."""
    if connection.vendor == "postgresql":
        return (CLOCK,)
    return ()


def read_time(values: Sequence[Any]) -> datetime:
    """The time, from the values that `columns` selected."""
    return values[0] if values else timezone.now()

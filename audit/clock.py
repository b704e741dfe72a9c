"""The time that all processes share: the database's. The clock of a machine that asks may be off.

A SQLite database is a file on that very machine, and has no other clock.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

CLOCK = "clock_timestamp()"


def now() -> datetime:
    """An aware time."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CLOCK}")
        return read_time(cursor.fetchone())


def columns() -> tuple[str, ...]:
    """What a query selects besides its own columns, so that it brings the time along."""
    return (CLOCK,) if connection.vendor == "postgresql" else ()


def read_time(values: Sequence[Any]) -> datetime:
    """The time among what `columns` brought."""
    return values[0] if values else timezone.now()

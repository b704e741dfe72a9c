"""What the database decides for all processes: the time, and which of them takes a row."""

from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.functions import Now

from campaigns.models import SyncState

Row = TypeVar("Row", bound=Model)


def database_now() -> datetime:
    """The one clock that all processes share."""
    return SyncState.objects.annotate(now=Now()).values_list("now", flat=True).get(pk=1)


def takeable(rows: QuerySet[Row]) -> QuerySet[Row]:
    """`rows`, locked as they are read and without those that another process has locked."""
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    # SQLite in IMMEDIATE transactions has one writer at a time anyway.
    return rows

"""What the database decides for all processes: the time, and which of them takes a row."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Case, Field, Model, QuerySet, Value, When
from django.db.models.functions import Now

from campaigns.models import Campaign, Operation, SyncState

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


def update_each(
    rows: QuerySet[Row], objects: Sequence[Row], own: Iterable[str], *, are_locked: bool = False, **alike: Any
) -> int:
    """Update the rows of `objects` in one statement: `own` names the fields whose value each object has itself, the
    others are `alike` in all. Inside a transaction; `are_locked`: by it. Returns how many rows matched."""
    for name in own:
        column = cast("Field[Any, Any]", rows.model._meta.get_field(name))
        values = [getattr(each, column.attname) for each in objects]
        if all(value == values[0] for value in values):
            alike[name] = values[0]
            continue
        whens = [When(pk=each.pk, then=Value(value, column)) for each, value in zip(objects, values, strict=True)]
        alike[name] = Case(*whens, output_field=column)
    mine = rows.filter(pk__in=[each.pk for each in objects])
    if len(objects) > 1 and not are_locked and connection.features.has_select_for_update:
        # In one order everywhere. The update's own depends on its plan, and two could wait for each other.
        list(mine.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return mine.update(**alike)


def with_campaigns(operations: Iterable[Operation]) -> list[Operation]:
    """Operations with their campaigns, in one query more. Without schedules, which are most of a campaign's row."""
    # Not by a join: where the operations are locked, it would lock the campaigns, too.
    found = list(operations)
    campaigns = Campaign.objects.defer("schedule").in_bulk([operation.campaign_id for operation in found])
    for operation in found:
        operation.campaign = campaigns[operation.campaign_id]
    return found

"""What the database decides for all processes: the time, and which of them takes a row."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import CharField, Field, Model, QuerySet, TextField
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Now

from campaigns.models import Campaign, Operation, SyncState
from campaigns.prepared import prepared_cursor

Row = TypeVar("Row", bound=Model)


def database_now() -> datetime:
    """The one clock that all processes share."""
    return SyncState.objects.annotate(now=Now()).values_list("now", flat=True).get(pk=1)


def as_moment(value: datetime | str) -> datetime:
    """A time as the database's driver gives it: on SQLite without its zone, or as text."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def sql_of(expression: Combinable) -> tuple[str, tuple[Any, ...]]:
    """An expression without columns, as a statement of our own has it."""
    query = SyncState.objects.all().query
    resolved = cast("Any", expression).resolve_expression(query)
    sql, parameters = query.get_compiler(connection=connection).compile(resolved)
    return sql, tuple(parameters)


def fetch_all(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What a statement of our own returns, as the database's driver gives it. Its text is the same each time."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def takeable(rows: QuerySet[Row]) -> QuerySet[Row]:
    """`rows`, locked as they are read and without those that another process has locked."""
    if connection.features.has_select_for_update_skip_locked:
        # No lock of their keys: a transaction that refers to one of them checks that at its commit, and may by then
        # hold what whoever takes them waits for.
        return rows.select_for_update(skip_locked=True, no_key=True)
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
        alike[name] = _by_key(objects, values, column)
    mine = rows.filter(pk__in=[each.pk for each in objects])
    if len(objects) > 1 and not are_locked and connection.features.has_select_for_update:
        # In one order everywhere. The update's own depends on its plan, and two could wait for each other.
        list(mine.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return mine.update(**alike)


def _by_key(objects: Sequence[Model], values: Sequence[object], column: "Field[Any, Any]") -> RawSQL:
    """The value of each, by its primary key. Django's own `Case` takes several times as long to compile."""
    key: Any = objects[0]._meta.pk
    cases, parameters = " ".join(["WHEN %s THEN %s"] * len(objects)), list[Any]()
    for each, value in zip(objects, values, strict=True):
        parameters += [key.get_db_prep_value(each.pk, connection), column.get_db_prep_save(value, connection)]
    sql = f"CASE {connection.ops.quote_name(key.column)} {cases} END"
    # Text needs none, and would be cut without a word.
    if connection.features.requires_casted_case_in_updates and not isinstance(column, CharField | TextField):
        sql = f"CAST({sql} AS {column.db_type(connection)})"
    return RawSQL(sql, parameters, output_field=column)  # noqa: S611


def with_campaigns(operations: Iterable[Operation]) -> list[Operation]:
    """Operations with their campaigns, in one query more. Without schedules, which are most of a campaign's row."""
    # Not by a join: where the operations are locked, it would lock the campaigns, too.
    found = list(operations)
    campaigns = Campaign.objects.defer("schedule").in_bulk([operation.campaign_id for operation in found])
    for operation in found:
        operation.campaign = campaigns[operation.campaign_id]
    return found

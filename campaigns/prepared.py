"""Statements that are made again and again: their SQL is worked out once, which costs more than the answer.

They are those of pages, which ask every few seconds, and those between a click and its PUT. PostgreSQL is given what
changes from one time to the next beside the statement, and keeps its plan (cxadmin/postgresql).
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery

# Of queries with their arguments, in each process.
MOST_COMPILED = 1_000

BUMP = "UPDATE campaigns_syncstate SET version = version + 1 WHERE id = 1"

Build = Callable[..., QuerySet[Any, Any]]
# Values that another statement of the same shape may have otherwise.
Plain = str | datetime | UUID | int
PLAIN = (str, datetime, UUID, int)
# Of a statement, besides its slots.
CONSTANTS = (str, int, float, datetime, timedelta, UUID, type(None))
PLACEHOLDER = re.compile("%[s%]")
Row = TypeVar("Row", bound=Model)


class _Slot(str):
    """Stands in the SQL for a value that is another one each time."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`compiler` is Django's own. It has worked out everything, and is only read. `is_kept`: the same text is executed
    again, with other values in its slots."""

    compiler: Any
    sql: str
    parameters: tuple[Any, ...]
    converters: dict[int, Any]
    is_kept: bool = False


def fetch_rows(build: Build, *arguments: Hashable, **values: Plain) -> list[tuple[Any, ...]]:
    """The rows of `build(*arguments, **values)` as the database's driver gives them: times may be text.

    The same arguments must always build the same query: a moment among them is one that many readers share. For
    `values` it is worked out only once: they may be nothing but what a column is compared with. Nobody's id is an
    argument: the database would keep a statement for each person.
    """
    prepared = _prepare(build, arguments, _types(values))
    return _fetch(prepared, values) if prepared else []


def fetch_values(build: Build, *arguments: Hashable, **values: Plain) -> list[tuple[Any, ...]]:
    """The same, of a list of values, as Django gives them."""
    prepared = _prepare(build, arguments, _types(values))
    return _converted(prepared, _fetch(prepared, values)) if prepared else []


def fetch_objects(build: Callable[..., QuerySet[Row, Any]], *arguments: Hashable, **values: Plain) -> list[Row]:
    """The same as instances of their model. What is prefetched, or known already, isn't for here."""
    prepared = _prepare(build, arguments, _types(values))
    return _instances(prepared, _fetch(prepared, values)) if prepared else []


def fetch_of(build: Callable[..., QuerySet[Row, Any]], ids: Sequence[str]) -> list[Row]:
    """The instances of `build(ids)`, for any texts and any number of them."""
    prepared = _prepare(build, _room_for(len(ids)), ())
    return _instances(prepared, _fetch(prepared, _numbered(ids))) if prepared and ids else []


def fetch_values_of(build: Build, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of `build(ids)`, a list of values, as Django gives them."""
    prepared = _prepare(build, _room_for(len(ids)), ())
    return _converted(prepared, _fetch(prepared, _numbered(ids))) if prepared and ids else []


def update_rows(
    build: Build,
    *arguments: Hashable,
    where: Mapping[str, Plain],
    changes: Mapping[str, object],
    columns: Sequence[str] = (),
    brought: Callable[[], Sequence[Combinable]] = tuple,
    bumps: bool = False,
) -> list[tuple[Any, ...]]:
    """Make `changes` to the rows of `build(*arguments, **where)`. Returns what the named columns of each of them, and
    the expressions that `brought` makes, are then: one statement for what would be two.

    It is worked out once for the same names, whatever the values of `where` and those of `changes` that are plain.
    `bumps`: if there is such a row, the pages' version is incremented after it.
    """
    plain = {name: cast("Plain", value) for name, value in changes.items() if _is_plain(value)}
    rest = tuple((name, value) for name, value in changes.items() if name not in plain)
    shape = _Shape(build, arguments, _types(where), _types(plain), rest, tuple(columns), brought, bumps)
    # Values such as JSON can't be remembered.
    is_kept = all(isinstance(value, Hashable) for _, value in rest)
    prepared = _prepare_update(shape) if is_kept else _work_out_update(shape)
    values: dict[str, Plain] = {f"where {name}": value for name, value in where.items()} | plain
    if bumps and connection.vendor != "postgresql":
        with transaction.atomic():
            rows = _fetch(prepared, values)
            if rows:
                _execute(BUMP)
    else:
        rows = _fetch(prepared, values)
    return _converted(prepared, rows)


def bump_version() -> None:
    """Increment the pages' version. Late in a transaction: every writer updates this one row."""
    _execute(BUMP)


def forget_compiled() -> None:
    """Work all SQL out anew: for tests, which can change what a query is compiled to."""
    _prepare.cache_clear()
    _prepare_update.cache_clear()


class _Shape(NamedTuple):
    """All that the SQL of an update depends on."""

    build: Build
    arguments: tuple[Hashable, ...]
    where: tuple[tuple[str, type], ...]
    plain: tuple[tuple[str, type], ...]
    rest: tuple[tuple[str, object], ...]
    columns: tuple[str, ...]
    brought: Callable[[], Sequence[Combinable]]
    bumps: bool


@lru_cache(maxsize=MOST_COMPILED)
def _prepare_update(shape: _Shape) -> _Prepared:
    return _kept(_work_out_update(shape))


def _work_out_update(shape: _Shape) -> _Prepared:
    standing: dict[object, _Slot] = {}
    where = {name: _stand_in(f"where {name}", kind, standing) for name, kind in shape.where}
    changes = {name: _stand_in(name, kind, standing) for name, kind in shape.plain} | dict(shape.rest)
    rows = shape.build(*shape.arguments, **where)
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(changes)
    compiler = query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    options = rows.model._meta
    found: list[Any] = [options.get_field(name).get_col(options.db_table) for name in shape.columns]
    found += [cast("Any", expression).resolve_expression(query) for expression in shape.brought()]
    compiled = [compiler.compile(each) for each in found]
    returned = ", ".join(f"{text} AS c{place}" for place, (text, _) in enumerate(compiled))
    sql = f"{sql} RETURNING {returned or 1}"
    if shape.bumps and connection.vendor == "postgresql":
        # It needs what the other part has changed, and so comes after it.
        after = f"{BUMP} AND EXISTS (SELECT 1 FROM changed)"  # noqa: S608
        sql = f"WITH changed AS ({sql}), bumped AS ({after}) SELECT * FROM changed"  # noqa: S608
    all_of_them = [*parameters, *chain.from_iterable(of_one for _, of_one in compiled)]
    return _Prepared(compiler, sql, _with_slots(all_of_them, standing), compiler.get_converters(found))


def _stand_in(name: str, kind: type, standing: dict[object, _Slot]) -> Plain:
    """A value of that type which no row has, until the real one is there. `standing`: the slots of those that Django
    writes in another way."""
    place, slot = len(standing) + 1, _Slot(name)
    if kind is str:
        return slot
    value: Plain
    if kind is datetime:
        value = datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=place)
    elif kind is UUID:
        value = UUID(int=place)
    else:
        value = 2_000_000_000 + place
    standing[_adapted(value)] = slot
    return value


def _types(values: Mapping[str, object]) -> tuple[tuple[str, type], ...]:
    return tuple((name, next(kind for kind in PLAIN if isinstance(value, kind))) for name, value in values.items())


def _is_plain(value: object) -> bool:
    return isinstance(value, PLAIN) and not isinstance(value, bool)


def prepared_cursor() -> CursorWrapper:
    """A cursor for a statement whose text is the same each time."""
    # SQLite works no plan out for longer than that takes.
    open_cursor: Callable[[], CursorWrapper] = getattr(connection, "prepared_cursor", connection.cursor)
    return open_cursor()


def _execute(sql: str) -> None:
    with prepared_cursor() as cursor:
        cursor.execute(sql)


def _room_for(number: int) -> tuple[tuple[str, ...]]:
    """So many slots or a few more: a query for each number would have to be compiled."""
    room = 1 << max(number - 1, 0).bit_length()
    return (tuple(_Slot(place) for place in range(room)),)


def _numbered(ids: Sequence[str]) -> dict[str, str | datetime]:
    """The last one takes the places that are left over: to be meant twice changes nothing."""
    (room,) = _room_for(len(ids))
    return {slot: ids[min(place, len(ids) - 1)] for place, slot in enumerate(room)} if ids else {}


def _fetch(prepared: _Prepared, values: Mapping[str, Plain]) -> list[tuple[Any, ...]]:
    parameters = tuple(_adapted(values[value]) if isinstance(value, _Slot) else value for value in prepared.parameters)
    with prepared_cursor() if prepared.is_kept else connection.cursor() as cursor:
        cursor.execute(prepared.sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _adapted(value: Plain) -> Any:  # noqa: ANN401
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


@lru_cache(maxsize=MOST_COMPILED)
def _prepare(build: Build, arguments: tuple[Hashable, ...], kinds: tuple[tuple[str, type], ...]) -> _Prepared | None:
    """None for a query that finds nothing, whatever the database has."""
    standing: dict[object, _Slot] = {}
    slots = {name: _stand_in(name, kind, standing) for name, kind in kinds}
    compiler = build(*arguments, **slots).query.get_compiler(connection=connection)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    converters = compiler.get_converters([column for column, _, _ in compiler.select])
    return _kept(_Prepared(compiler, sql, _with_slots(parameters, standing), converters))


def _kept(prepared: _Prepared) -> _Prepared:
    """The same with its constants written into the text, on PostgreSQL: what it plans for any value at all is worse,
    as without an index of the rows in certain states."""
    if connection.vendor != "postgresql":
        return replace(prepared, is_kept=True)
    operations: Any = connection.ops
    left, rest = iter(prepared.parameters), []

    def write_out(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return found[0]
        value = next(left)
        if isinstance(value, CONSTANTS) and not isinstance(value, _Slot):
            return str(operations.compose_sql("%s", (value,))).replace("%", "%%")
        rest.append(value)
        return found[0]

    sql = PLACEHOLDER.sub(write_out, prepared.sql)
    return replace(prepared, sql=sql, parameters=tuple(rest), is_kept=True)


def _with_slots(parameters: Iterable[object], standing: Mapping[object, _Slot]) -> tuple[object, ...]:
    return tuple(standing.get(each, each) if isinstance(each, Hashable) else each for each in parameters)


def _converted(prepared: _Prepared, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    if not prepared.converters:
        return rows
    return [tuple(row) for row in prepared.compiler.apply_converters(rows, prepared.converters)]


def _instances(prepared: _Prepared, rows: list[tuple[Any, ...]]) -> list[Any]:
    """As Django's ModelIterable makes them."""
    compiler = prepared.compiler
    found, using = compiler.klass_info, compiler.connection.alias
    first, end = found["select_fields"][0], found["select_fields"][-1] + 1
    names = [column.target.attname for column, _, _ in compiler.select[first:end]]
    related = get_related_populators(found, compiler.select, using)  # type: ignore[call-arg] # of a later Django
    instances = []
    for row in _converted(prepared, rows):
        instance = found["model"].from_db(using, names, row[first:end])
        for populator in related:
            populator.populate(row, instance)
        for name, place in compiler.annotation_col_map.items():
            setattr(instance, name, row[place])
        instances.append(instance)
    return instances

"""Connections to PostgreSQL: what they keep for the next time, and how they notice that they no longer work."""

from collections.abc import Iterator
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, NotSupportedError, ProgrammingError, connection, transaction
from django.db.models import QuerySet

from campaigns.models import Campaign, Operation
from campaigns.prepared import fetch_objects, update_rows
from cxadmin.postgresql import base
from tests.factories import make_campaign, make_operation
from tests.statements import recorded

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(settings.SQLITE, reason="SQLite has no connections"),
]


@pytest.fixture(autouse=True)
def _new_connection() -> Iterator[None]:
    connection.close()
    yield
    connection.close()


def _named(name: str) -> QuerySet[Campaign]:
    return Campaign.objects.filter(name=name)


def _of(operation_id: UUID) -> QuerySet[Operation]:
    return Operation.objects.filter(pk=operation_id)


def kept() -> list[str]:
    """The statements that the server keeps for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
        return [text for (text,) in cursor.fetchall()]


def end_session() -> None:
    """As a server does that restarts, or an administrator."""
    # Until it has ended, within five seconds.
    execute_elsewhere("SELECT pg_terminate_backend(%s, 5000)", connection.connection.info.backend_pid)


def execute_elsewhere(statement: LiteralString, *values: int) -> None:
    """On a connection of its own."""
    told = connection.connection.info
    with psycopg.connect(told.dsn, password=told.password, autocommit=True) as other:
        other.execute(statement, values)


def test_statement_is_kept_whatever_it_is_asked_with() -> None:
    for name in ("Spring", "Summer", "Autumn", "Winter"):
        make_campaign(name=name)
        assert [each.name for each in fetch_objects(_named, name=name)] == [name]
    (statement,) = kept()
    assert '"name" = $1' in statement


def test_update_is_kept_whatever_it_writes() -> None:
    for latency in (1, 2, 3, 40_000):
        operation = make_operation()
        update_rows(_of, where={"operation_id": operation.pk}, changes={"latency_ms": latency, "error": f"{latency}"})
        operation.refresh_from_db()
        assert (operation.latency_ms, operation.error) == (latency, str(latency))
    assert any(statement.startswith("UPDATE") for statement in kept())


def test_it_works_on_after_a_rollback() -> None:
    """Which makes the driver drop all that was kept."""
    make_campaign(name="Spring")
    for _ in range(4):
        with transaction.atomic():
            assert fetch_objects(_named, name="Spring")
            transaction.set_rollback(True)
    assert len(fetch_objects(_named, name="Spring")) == 1


def test_nothing_is_kept_behind_a_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "prepare_threshold")
    make_campaign(name="Spring")
    for _ in range(8):
        assert fetch_objects(_named, name="Spring")
    assert kept() == []


def test_connection_in_use_is_not_asked_whether_it_works() -> None:
    make_campaign(name="Spring")
    with recorded() as so_far:
        connection.close_if_unusable_or_obsolete()
        fetch_objects(_named, name="Spring")
        (statement,) = so_far()
    assert "Spring" in statement


def test_connection_that_rested_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    make_campaign(name="Spring")
    monkeypatch.setattr(base, "LOOK_SECONDS", 0.0)
    with recorded() as so_far:
        connection.close_if_unusable_or_obsolete()
        fetch_objects(_named, name="Spring")
        assert "SELECT 1" in so_far()[0]


def test_ended_session_is_noticed_before_the_next_statement() -> None:
    make_campaign(name="Spring")
    before: Any = connection.connection
    end_session()
    connection.close_if_unusable_or_obsolete()
    assert fetch_objects(_named, name="Spring")
    assert connection.connection is not before


def test_connection_is_unusable_in_a_failed_transaction() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        with pytest.raises(IntegrityError):
            cursor.execute("INSERT INTO campaigns_syncstate (id) VALUES (1)")
        assert not connection.is_usable()
        transaction.set_rollback(True)


def test_migration_that_changes_a_column_fails_one_statement_at_most() -> None:
    """Its plan is kept, and the server refuses it from then on."""
    make_campaign(name="Spring")
    for _ in range(4):
        assert fetch_objects(_named, name="Spring")
    try:
        execute_elsewhere("ALTER TABLE campaigns_campaign ALTER COLUMN active_calls TYPE bigint")
        with pytest.raises(NotSupportedError, match="cached plan"):
            fetch_objects(_named, name="Spring")
        connection.close_if_unusable_or_obsolete()
        assert [each.name for each in fetch_objects(_named, name="Spring")] == ["Spring"]
    finally:
        execute_elsewhere("ALTER TABLE campaigns_campaign ALTER COLUMN active_calls TYPE integer")


def test_statements_that_a_pooler_drops_fail_once_at_most() -> None:
    make_campaign(name="Spring")
    for _ in range(4):
        assert fetch_objects(_named, name="Spring")
    # Unseen by the driver, which would forget them, too.
    connection.connection.pgconn.exec_(b"DEALLOCATE ALL")
    with pytest.raises(ProgrammingError, match="does not exist"):
        fetch_objects(_named, name="Spring")
    connection.close_if_unusable_or_obsolete()
    assert [each.name for each in fetch_objects(_named, name="Spring")] == ["Spring"]

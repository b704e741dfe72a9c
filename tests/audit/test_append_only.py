"""The triggers, on whichever database the suite runs."""

import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit import triggers
from audit.models import Head, Record
from tests.audit.ledgers import append, append_some
from tests.audit.pages.reading import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
SQLITE = connection.vendor == "sqlite"

CHANGES = [
    "UPDATE audit_record SET by = 'someone else'",
    "UPDATE audit_record SET number = 7",
    "DELETE FROM audit_record",
]
HEAD_CHANGES = [
    "UPDATE audit_head SET number = 1",
    "UPDATE audit_head SET number = 4",
    "UPDATE audit_head SET digest = 'another'",
    "DELETE FROM audit_head",
]
if SQLITE:
    CHANGES += [
        "UPDATE OR REPLACE audit_record SET by = 'someone else'",
        """INSERT OR REPLACE INTO audit_record
            SELECT number, timestamp, kind, action, status, 'someone else', campaign_id, campaign_name, operation,
            reason, latency_ms, payload_hash, api_response_status, compliance_check, concurrent_pause_limit,
            webhook_subscription_id, error, details, previous, digest, body FROM audit_record""",
    ]
    HEAD_CHANGES += ["INSERT OR REPLACE INTO audit_head VALUES (1, 1, 'another')"]
else:
    CHANGES += [
        "TRUNCATE audit_record",
        "TRUNCATE audit_record CASCADE",
        "SET LOCAL session_replication_role = replica; UPDATE audit_record SET by = 'someone else'",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_record",
        "SET LOCAL session_replication_role = replica; TRUNCATE audit_record",
        """INSERT INTO audit_record SELECT * FROM audit_record
            ON CONFLICT (number) DO UPDATE SET by = 'someone else'""",
    ]
    HEAD_CHANGES += [
        "TRUNCATE audit_head",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_head",
    ]


def refuse(statement: str, why: str) -> None:
    with pytest.raises(IntegrityError, match=why), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_record_stays_as_written(statement: str) -> None:
    append()
    refuse(statement, triggers.RECORD)
    assert Record.objects.get().by == "anna"


@pytest.mark.parametrize("statement", HEAD_CHANGES)
def test_head_only_moves_on(statement: str) -> None:
    append_some(2)
    refuse(statement, triggers.HEAD)
    assert Head.objects.get().number == 2


def test_second_head_is_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Head.objects.create(id=2, number=0, digest="another")
    assert Head.objects.count() == 1


def test_triggers_can_be_made_anew() -> None:
    triggers.install(connection)
    append()
    refuse("DELETE FROM audit_record", triggers.RECORD)


def test_no_trigger_is_missing() -> None:
    assert triggers.missing(connection) == []


@pytest.mark.parametrize("name", sorted(triggers.SQLITE if SQLITE else triggers.POSTGRESQL))
def test_missing_trigger_is_told(reviewer: Client, name: str) -> None:
    take_away(name)
    assert triggers.missing(connection) == [name]
    assert f"{name} is missing" in words_of(reviewer.get("/audit/verify/"))


@pytest.mark.skipif(SQLITE, reason="SQLite can’t switch a trigger off")
def test_trigger_switched_off_is_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_record_keep")
    assert triggers.missing(connection) == ["audit_record_keep"]


def test_command_makes_them_anew(capsys: pytest.CaptureFixture[str]) -> None:
    name = "audit_record_no_delete" if SQLITE else "audit_record_keep"
    take_away(name)
    call_command("protect_audit")
    assert json.loads(capsys.readouterr().out) == {"missing": [name]}
    append()
    refuse("DELETE FROM audit_record", triggers.RECORD)


def test_verification_tells_of_missing_ones(capsys: pytest.CaptureFixture[str]) -> None:
    append()
    triggers.remove(connection)
    call_command("verify_audit")
    out, err = capsys.readouterr()
    assert json.loads(out)["ok"]
    assert "The database no longer rejects changes to records" in err


def take_away(name: str) -> None:
    table = "" if SQLITE else f" ON {triggers.POSTGRESQL[name][0]}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{table}")

"""The triggers, on whichever database the suite runs."""

import pytest
from django.db import IntegrityError, connection, transaction

from audit import triggers
from audit.models import Head, Record
from tests.audit.ledgers import append, append_some

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

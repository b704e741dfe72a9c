"""A record's page: what happened, what changed, and its place in the chain."""

import hashlib
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit import ledger
from audit.kinds import RecordKind, Status
from audit.models import Record, Watch
from tests.audit.ledgers import append, append_some, ended, tampering
from tests.audit.pages.reading import link_to, words_of
from tests.pages.costs import HEAD_OF_READERS

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

HOLDS = [
    "Holds: Its stored bytes have this digest.",
    "Holds: What this page shows is what its stored bytes say.",
    "Holds: Record 2 names its digest.",
]


def read(reviewer: Client, number: int) -> str:
    return words_of(reviewer.get(f"/audit/{number}/"))


def test_every_field_has_its_names(reviewer: Client) -> None:
    record = ended(by="<b>anna</b>", api_response_status=200, reason="WFM_OVERRIDE")
    page = reviewer.get(f"/audit/{record.number}/")
    assert "<b>anna" not in page.text
    for said in (
        "Person by <b>anna</b>",
        "Latency latency_ms 120 ms",
        "CXone’s answer (HTTP status) api_response_status 200",
        "Error error none",
        f"Digest digest {record.digest}",
    ):
        assert said in words_of(page)


def test_field_leads_to_its_like(reviewer: Client) -> None:
    append()
    assert link_to(reviewer.get("/audit/2/"), "Find all with Person anna") == "/audit/?by=anna"


def test_changed_record_is_not_told_as_true(reviewer: Client) -> None:
    append_some(2)
    warning = "This record, or one next to it, isn’t as it was written"
    assert warning not in read(reviewer, 2)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET reason = 'HOLIDAY' WHERE number = 2")
    assert warning in read(reviewer, 2)


def test_change_reads_as_a_difference(reviewer: Client) -> None:
    with transaction.atomic():
        ledger.append(
            RecordKind.POLICY_CHANGED,
            by="ada",
            details={"what": "the thresholds", "before": {"calls": 50, "n": 5}, "after": {"calls": 60, "n": 5}},
        )
    page = read(reviewer, 2)
    assert "calls changed \N{MINUS SIGN}50 +60" in page
    assert "1 unchanged" in page
    assert "Changed the thresholds" in page


def test_untouched_record_holds(reviewer: Client) -> None:
    append()
    page = read(reviewer, 1)
    assert all(said in page for said in HOLDS)
    assert "Holds: It is the first record, and names no other." in page
    assert "Holds: It is the newest record, and the head holds its digest." in read(reviewer, 2)
    assert "Holds: Record 1 names its digest." not in read(reviewer, 2)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_record SET by = 'eve' WHERE number = 2", "its column by differs from its stored bytes."),
        ("UPDATE audit_record SET digest = previous WHERE number = 2", "Its stored bytes don’t have this digest"),
        ("DELETE FROM audit_record WHERE number = 1", "Record 1 is missing, so nothing shows that this one follows"),
        ("DELETE FROM audit_record WHERE number = 3", "Record 3 is missing."),
        ("UPDATE audit_record SET previous = digest WHERE number = 3", "Record 3 does not name its digest."),
        ("UPDATE audit_record SET digest = previous WHERE number = 1", "It does not name the digest of record 1."),
        ("DELETE FROM audit_record WHERE number = 3; DELETE FROM audit_head", "The row that holds the chain’s head"),
    ],
)
def test_tampering_is_seen_on_the_page(reviewer: Client, statement: str, said: str) -> None:
    append_some(2)
    with tampering() as cursor:
        for each in statement.split(";"):
            cursor.execute(each)
    assert said in read(reviewer, 2).replace("Broken: ", "")
    assert "Broken: " in read(reviewer, 2)


def test_neighbours_are_linked(reviewer: Client) -> None:
    append_some(2)
    page = reviewer.get("/audit/2/")
    assert (link_to(page, "Older: record 1 →"), link_to(page, "← Newer: record 3")) == ("/audit/1/", "/audit/3/")


def test_checkpoint_that_covers_is_told(reviewer: Client) -> None:
    append()
    assert "Not yet covered by a signed checkpoint." in read(reviewer, 2)
    Watch.objects.update_or_create(id=1, defaults={"checkpoint_number": 1, "checkpoint_at": timezone.now()})
    assert "Not yet covered by a signed checkpoint: the newest is of record 1." in read(reviewer, 2)
    assert "Covered by the signed checkpoint of record 1, " in read(reviewer, 1)


def test_operation_tells_its_story(reviewer: Client) -> None:
    operation = uuid.uuid4()
    asked, end = ended("FAILED", operation=operation), ended(operation=operation)
    page = reviewer.get(f"/audit/{end.number}/")
    assert link_to(page, "Pause failed") == f"/audit/{asked.number}/"
    assert link_to(page, "In the list") == f"/audit/?operation={operation}&view=records"


def test_stored_bytes_can_be_hashed(reviewer: Client) -> None:
    record = append()
    answer = reviewer.get(f"/audit/{record.number}/body")
    assert hashlib.sha256(answer.content).hexdigest() == record.digest
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="record-{record.number}.json"'


@pytest.mark.parametrize("path", ["", "body"])
@pytest.mark.parametrize("number", ["99", "99999999999999999999", "9" * 400])
def test_missing_record_is_told(reviewer: Client, number: str, path: str) -> None:
    answer = reviewer.get(f"/audit/{number}/{path}")
    assert answer.status_code == 404
    assert "they go from 1 to 1." in words_of(answer)
    assert link_to(answer, "Go to the audit") == "/audit/"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such values itself")
@pytest.mark.parametrize(("column", "value"), [("timestamp", "no time"), ("operation", "no id")])
def test_unreadable_record_is_told(reviewer: Client, column: str, value: str) -> None:
    append_some(2)
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {column} = %s WHERE number = 2", [value])  # noqa: S608
    assert "somebody changed the database, bypassing this product" in read(reviewer, 2)
    assert reviewer.get("/audit/").status_code == 200
    assert reviewer.get("/audit/2/body").status_code == 200


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such values itself")
def test_list_with_an_unreadable_record_says_so(reviewer: Client) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET operation = 'no id'")
    assert "One of these records can’t be read" in words_of(reviewer.get("/audit/"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps no half of a surrogate pair")
def test_list_with_half_of_a_surrogate_pair_is_shown(reviewer: Client) -> None:
    append(kind=RecordKind.CAMPAIGN_CHANGED_OUTSIDE)
    details = r'{"before": {"status": "ACTIVE"}, "after": {"status": "\ud800"}}'
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET details = %s WHERE number = 2", [details])
    assert "status from active to \ufffd" in words_of(reviewer.get("/audit/"))


UNKNOWN = {"postgresql": "timestamp = 'infinity'", "sqlite": "reason = CAST(x'ff' AS TEXT)"}


@pytest.mark.data_layer
def test_what_no_driver_reads_is_told(reviewer: Client) -> None:
    append()
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {UNKNOWN[connection.vendor]} WHERE number = 2")  # noqa: S608
    assert "somebody changed the database, bypassing this product" in read(reviewer, 2)
    assert "One of these records can’t be read" in words_of(reviewer.get("/audit/"))
    assert reviewer.get("/audit/export/").status_code == 200


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps bytes only")
@pytest.mark.parametrize("body", ["text", 9_000_000_000])
def test_body_that_is_none_is_sent(reviewer: Client, body: str | int) -> None:
    append()
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET body = %s WHERE number = 2", [body])
    assert reviewer.get("/audit/2/body").content == str(body).encode()
    assert reviewer.get("/audit/2/").status_code == 200


def test_details_of_another_kind_are_shown(reviewer: Client) -> None:
    append()
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET details = '[1, 2]' WHERE number = 2")
    assert "Details 1, 2" in read(reviewer, 2)


def test_queries_are_few(reviewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    operation = uuid.uuid4()
    for _ in range(9):
        ended(operation=operation, status=Status.SUCCESS)
    reviewer.get("/audit/5/")
    assert Record.objects.count() == 10
    with django_assert_max_num_queries(HEAD_OF_READERS + 6):
        reviewer.get("/audit/5/")


def test_time_in_the_details_is_written_for_people(reviewer: Client) -> None:
    with transaction.atomic():
        details = {"user": "bea", "expires": "2026-12-01T14:00:05Z"}
        record = ledger.append(RecordKind.PASSWORD_LINK_MADE, by="anna", status=Status.INFO, details=details)
    assert "Works until Tue 1 Dec 2026 14:00:05 UTC" in read(reviewer, record.number)

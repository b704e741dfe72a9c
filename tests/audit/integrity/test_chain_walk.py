"""Somebody with the database's keys changes the ledger; the walk names where."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from audit import stored_rows
from audit.integrity.chain_walk import verify_chain
from audit.models import Record
from tests.audit.ledgers import append, append_some, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
# Values that no code of ours writes; PostgreSQL refuses most of them itself.
UNREADABLE = [("details", "'[]'"), ("details", """'{"calls": 12345678901234567890}'""")]
if connection.vendor == "sqlite":
    UNREADABLE += [("operation", "'no uuid'"), ("timestamp", "'no time'"), ("details", "'1e999'")]


def tamper(*statements: str) -> tuple[int, str]:
    """What the walk says of ten records after that."""
    append_some(10)
    with tampering() as cursor:
        for statement in statements:
            cursor.execute(statement)
    first_break = verify_chain().first_break
    assert first_break is not None
    return first_break


def test_untouched_ledger_holds() -> None:
    append_some(3)
    assert (verify_chain().ok, verify_chain().records) == (True, 3)


def test_walk_goes_on_over_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_rows, "CHUNK", 2)
    assert tamper("UPDATE audit_record SET by = 'eve' WHERE number = 9")[0] == 9


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("by", "'eve'"),
        ("status", "'SUCCESS'"),
        ("operation", "'0f0e0d0c0b0a09080706050403020100'"),
        ("latency_ms", "1"),
        ("details", """'{"calls": 4}'"""),
        ("timestamp", "'2020-01-01 00:00:00'"),
    ],
)
def test_changed_column_is_named(column: str, value: str) -> None:
    found = tamper(f"UPDATE audit_record SET {column} = {value} WHERE number = 4")  # noqa: S608
    assert found == (4, f"its column {column} differs from its stored bytes")


def test_one_byte_is_seen() -> None:
    append_some(10)
    body = bytearray(Record.objects.get(number=4).body)
    body[100] ^= 1
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET body = %s WHERE number = 4", [bytes(body)])
    assert verify_chain().first_break == (4, "its stored bytes don’t match its digest")


def test_deleted_middle_is_named() -> None:
    found = tamper("DELETE FROM audit_record WHERE number IN (5, 6)")
    assert found == (5, "record 5 is missing: in its place is 7")


def test_closed_gap_is_seen() -> None:
    found = tamper(
        "DELETE FROM audit_record WHERE number = 10",
        "UPDATE audit_head SET number = 9",
    )
    assert found == (9, "its digest isn’t the one that the head holds")


def test_cut_tail_is_named() -> None:
    found = tamper("DELETE FROM audit_record WHERE number > 7")
    assert found == (8, "the last records are missing: the head says 10")


def test_everything_deleted_is_seen() -> None:
    assert tamper("DELETE FROM audit_record") == (1, "the last records are missing: the head says 10")


def test_swapped_records_are_seen() -> None:
    found = tamper(
        "UPDATE audit_record SET number = 99 WHERE number = 3",
        "UPDATE audit_record SET number = 3 WHERE number = 4",
        "UPDATE audit_record SET number = 4 WHERE number = 99",
    )
    assert found == (3, "its column number differs from its stored bytes")


def test_record_before_the_first() -> None:
    found = tamper("UPDATE audit_record SET number = -1 WHERE number = 10")
    assert found == (1, "record 1 is missing: in its place is -1")


def test_record_far_beyond_the_head() -> None:
    """It may cost no more than any other one."""
    found = tamper(f"UPDATE audit_record SET number = {2**63 - 1} WHERE number = 10")  # noqa: S608
    assert found == (10, f"record 10 is missing: in its place is {2**63 - 1}")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL keeps no text that isn’t UTF-8")
def test_head_without_text_is_seen() -> None:
    found = tamper("UPDATE audit_head SET digest = CAST(x'ff' AS TEXT)")
    assert found[1] == "the row that holds the head can’t be read"


def test_missing_head_is_seen() -> None:
    assert tamper("DELETE FROM audit_head")[1] == "the row that holds the head is missing"


@pytest.mark.parametrize(("column", "value"), UNREADABLE)
def test_unreadable_column_is_a_break(column: str, value: str) -> None:
    assert tamper(f"UPDATE audit_record SET {column} = {value} WHERE number = 4")[0] == 4  # noqa: S608


def test_command_says_that_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    record = append()
    call_command("verify_audit")
    head = {"number": 1, "digest": record.digest}
    assert json.loads(capsys.readouterr().out) == {
        "records": 1,
        "ok": True,
        "first_break": None,
        "head": head,
        "checkpoints": {"count": 0, "newest": None},
        "restores": [],
    }


def test_command_names_the_break(capsys: pytest.CaptureFixture[str]) -> None:
    tamper("UPDATE audit_record SET by = 'eve' WHERE number = 4")
    with pytest.raises(SystemExit) as exit_status:
        call_command("verify_audit")
    out, err = capsys.readouterr()
    fault = "its column by differs from its stored bytes"
    assert exit_status.value.code == 1
    assert json.loads(out)["first_break"] == {"number": 4, "fault": fault}
    assert err == f"The audit was changed: at record 4, {fault}.\n"

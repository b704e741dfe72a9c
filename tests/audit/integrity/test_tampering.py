"""Somebody who owns the database, and knows how the audit works, changes it: each way is seen, and named.

The ledger has twelve records and four checkpoints; triggers are taken away, as an owner can. What the chain itself
shows is tried closer in test_verification.py, what is wrong with checkpoints alone in test_checkpoint_lines.py.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

from audit import chain, stored_rows, triggers
from audit.integrity import checkpoint_files, checkpoints, known_break, monitor, signing
from audit.kinds import RecordKind
from audit.models import Head, Record
from tests.audit.ledgers import append, append_some, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

BEGAN = datetime(2026, 9, 20, 10, tzinfo=UTC)
MONTH = timedelta(days=30)
REWRITTEN = "history was rewritten here or earlier, or an older copy of the database was restored and then used"


@pytest.fixture(autouse=True)
def ledger() -> Iterator[None]:
    """Three records and a checkpoint a month, from September to December."""
    with time_machine.travel(BEGAN, tick=False) as clock:
        for _ in range(4):
            append_some(3)
            assert checkpoints.write()
            clock.shift(MONTH)
        yield


def verify(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What the command says; it ends with status 1."""
    with pytest.raises(SystemExit) as status:
        call_command("verify_audit")
    out, err = capsys.readouterr()
    found = json.loads(out)["first_break"]
    assert status.value.code == 1
    assert f"at record {found['number']}, {found['fault']}" in err
    return found["number"], found["fault"]


def known() -> chain.Break | None:
    """What the watch makes of it."""
    monitor.run_step()
    return known_break.read_row().known_break


def relink(cursor: CursorWrapper, begin: int, **changes: Any) -> None:
    """Write history anew from a record to its end, the head included, so that every digest fits."""
    last = Record.objects.get(number=begin - 1).digest
    for record in Record.objects.filter(number__gte=begin).order_by("number"):
        for name, value in changes.items():
            setattr(record, name, value)
        record.previous = last
        record.body = chain.canonical_body(record.shown())
        last = record.digest = chain.body_digest(record.body)
        record.save()
    set_head(cursor, Record.objects.order_by("-number")[0])


def set_head(cursor: CursorWrapper, record: Record) -> None:
    cursor.execute("UPDATE audit_head SET number = %s, digest = %s", [record.number, record.digest])


def test_untouched_ledger_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["records"], said["checkpoints"]["count"]) == (True, 12, 4)
    assert known() is None


def test_one_byte_of_a_body(capsys: pytest.CaptureFixture[str]) -> None:
    body = bytearray(Record.objects.get(number=5).body)
    body[40] ^= 1
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET body = %s WHERE number = 5", [bytes(body)])
    expected = (5, "its stored bytes don’t match its digest")
    assert known() == expected
    assert verify(capsys) == expected


VALUES = {
    "timestamp": connection.ops.adapt_datetimefield_value(datetime(2020, 1, 1, tzinfo=UTC)),
    "operation": "0f0e0d0c0b0a09080706050403020100",
    "latency_ms": 1,
    "api_response_status": 200,
    "concurrent_pause_limit": 9,
    "details": '{"calls": 4}',
}


@pytest.mark.parametrize("column", [name for name in chain.FIELDS if name not in {"number", "previous", "digest"}])
def test_one_shown_column(column: str, capsys: pytest.CaptureFixture[str]) -> None:
    with tampering() as cursor:
        changed = VALUES.get(column, "other")
        cursor.execute(f"UPDATE audit_record SET {column} = %s WHERE number = 5", [changed])  # noqa: S608
    expected = (5, f"its column {column} differs from its stored bytes")
    assert known() == expected
    assert verify(capsys) == expected


@pytest.mark.parametrize("column", ["previous", "digest"])
def test_one_column_of_the_chain(column: str, capsys: pytest.CaptureFixture[str]) -> None:
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {column} = %s WHERE number = 5", ["0" * 64])  # noqa: S608
    assert verify(capsys)[0] == 5
    assert known() is not None


def test_deleted_middle_record(capsys: pytest.CaptureFixture[str]) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_record WHERE number = 5")
    expected = (5, "record 5 is missing: in its place is 6")
    assert known() == expected
    assert verify(capsys) == expected


def test_last_record_cut(capsys: pytest.CaptureFixture[str]) -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_record WHERE number = 12")
        set_head(cursor, Record.objects.get(number=11))
    expected = (
        12,
        "the ledger ends at record 11, but a checkpoint of Sat 19 Dec 2026 10:00 UTC holds record 12: the last "
        "records were removed, or an older copy of the database was restored",
    )
    assert verify(capsys) == expected
    assert known_break.read_row().known_break == expected


def test_last_record_cut_is_watched() -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_record WHERE number = 12")
        set_head(cursor, Record.objects.get(number=11))
    found = known()
    assert found is not None
    assert (found.number, "the ledger ends at record 11" in found.fault) == (12, True)


def test_two_records_swapped(capsys: pytest.CaptureFixture[str]) -> None:
    with tampering() as cursor:
        for was, now in ((5, 99), (6, 5), (99, 6)):
            cursor.execute("UPDATE audit_record SET number = %s WHERE number = %s", [now, was])
    expected = (5, "its column number differs from its stored bytes")
    assert known() == expected
    assert verify(capsys) == expected


@pytest.mark.parametrize(("begin", "shown"), [(5, 6), (7, 9), (12, 12)])
def test_chain_rewritten_to_its_end(begin: int, shown: int, capsys: pytest.CaptureFixture[str]) -> None:
    signed_at = {6: "Tue 20 Oct 2026", 9: "Thu 19 Nov 2026", 12: "Sat 19 Dec 2026"}[shown]
    with tampering() as cursor:
        relink(cursor, begin, by="eve")
    expected = (shown, f"it isn’t the record that was signed on {signed_at} 10:00 UTC: {REWRITTEN}")
    assert verify(capsys) == expected
    assert known_break.read_row().known_break == expected


def test_rewritten_chain_is_watched() -> None:
    with tampering() as cursor:
        relink(cursor, 5, by="eve")
    assert known() is not None


TABLES = ("audit_record", "audit_head", "audit_watch")


def dump(cursor: CursorWrapper) -> None:
    for table in TABLES:
        cursor.execute(f"CREATE TABLE yesterday_{table} AS SELECT * FROM {table}")  # noqa: S608


def put_back(cursor: CursorWrapper) -> None:
    for table in TABLES:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        cursor.execute(f"INSERT INTO {table} SELECT * FROM yesterday_{table}")  # noqa: S608


@pytest.fixture
def restored() -> None:
    """Yesterday's dump is put back, after four more records and one more checkpoint of today."""
    monitor.run_step()
    with connection.cursor() as cursor:
        dump(cursor)
    append_some(4)
    assert checkpoints.write()
    with tampering() as cursor:
        put_back(cursor)
    assert Head.objects.get().number == Record.objects.count() == 12


PUT_BACK = (
    13,
    "the ledger ends at record 12, but a checkpoint of Mon 18 Jan 2027 10:00 UTC holds record 16: the last records "
    "were removed, or an older copy of the database was restored",
)


@pytest.mark.usefixtures("restored")
def test_yesterdays_dump_put_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(capsys) == PUT_BACK


@pytest.mark.usefixtures("restored")
def test_dump_put_back_is_watched() -> None:
    assert known() == PUT_BACK


@pytest.mark.usefixtures("restored")
def test_dump_put_back_that_went_on(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(4):
        append(by="berta")
    expected = (16, f"it isn’t the record that was signed on Mon 18 Jan 2027 10:00 UTC: {REWRITTEN}")
    assert known() == expected
    assert verify(capsys) == expected


def test_checkpoint_by_another_key(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    """History is rewritten, and signed anew by somebody who doesn't have the key."""
    path = tmp_path / "key.pem"
    path.write_text(signing.make_key(), encoding="ascii")
    last = checkpoint_files.read_last()
    assert last
    with tampering() as cursor:
        relink(cursor, 11, by="eve")
    head = Record.objects.get(number=12)
    forged = checkpoints.sign_head(
        signing.read_key(path),
        chain.Head(12, head.digest),
        at=checkpoints.parse_line(last.raw).moment,
        previous=checkpoints.parse_line(last.raw).previous,
    )
    checkpoint_files.paths()[-1].write_bytes(forged.line() + b"\n")
    fingerprint = signing.key_fingerprint(bytes.fromhex(forged.key))
    expected = (
        12,
        "line 1 of checkpoints-2026-12.jsonl was signed with a key that isn’t ours: the one whose fingerprint is "
        + fingerprint,
    )
    assert verify(capsys) == expected
    assert known_break.read_row().known_break == expected


def test_foreign_checkpoint_is_watched() -> None:
    path = checkpoint_files.paths()[-1]
    line = checkpoints.parse_line(path.read_bytes()[:-1])
    forged = checkpoints.sign_head(
        Ed25519PrivateKey.generate(),
        chain.Head(line.number, line.digest),
        at=line.moment,
        previous=line.previous,
    )
    path.write_bytes(forged.line() + b"\n")
    found = known()
    assert found is not None
    assert "was signed with a key that isn’t ours" in found.fault


@pytest.mark.parametrize("month", [9, 10, 11, 12])
def test_checkpoint_line_changed(month: int, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(path for path in checkpoint_files.paths() if path.name == f"checkpoints-2026-{month:02}.jsonl")
    line = path.read_bytes()
    path.write_bytes(line.replace(b"T10:00", b"T11:00"))
    expected = (
        3 * (month - 8),
        f"line 1 of checkpoints-2026-{month:02}.jsonl isn’t as it was signed: a checkpoint was altered",
    )
    assert known() == expected
    assert verify(capsys) == expected


DELETED = {
    9: (
        6,
        "line 1 of checkpoints-2026-10.jsonl isn’t the first checkpoint that was written: those before it are missing",
    ),
    10: (
        9,
        "line 1 of checkpoints-2026-11.jsonl doesn’t follow line 1 of checkpoints-2026-09.jsonl: "
        "checkpoints between them are missing",
    ),
    12: (
        12,
        "the checkpoint that was written for it is no longer in AUDIT_CHECKPOINT_DIR: "
        "the last that is there holds record 9",
    ),
}


@pytest.mark.parametrize("month", DELETED)
def test_checkpoint_file_deleted(month: int, capsys: pytest.CaptureFixture[str]) -> None:
    (checkpoint_files.paths()[0].parent / f"checkpoints-2026-{month:02}.jsonl").unlink()
    assert verify(capsys) == DELETED[month]
    assert known_break.read_row().known_break == DELETED[month]


@pytest.mark.parametrize("month", [9, 10, 11, 12])
def test_deleted_file_is_watched(month: int) -> None:
    (checkpoint_files.paths()[0].parent / f"checkpoints-2026-{month:02}.jsonl").unlink()
    assert known() is not None


@pytest.mark.parametrize("emptied", [9, 10, 12])
def test_checkpoint_file_emptied(emptied: int, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty file stands for no checkpoint, wherever it is."""
    (checkpoint_files.paths()[0].parent / f"checkpoints-2026-{emptied:02}.jsonl").write_bytes(b"")
    assert verify(capsys) == DELETED[emptied]


def test_tampering_is_on_record() -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET by = 'eve' WHERE number = 5")
    monitor.run_step()
    record = Record.objects.get(kind=RecordKind.BREAK_FOUND)
    assert (record.status, record.details, record.error) == (
        "FAILURE",
        {"record": 5},
        "its column by differs from its stored bytes",
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL has replica roles")
def test_replica_role_passes_no_trigger() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with pytest.raises(Exception, match=triggers.RECORD):
            cursor.execute("UPDATE audit_record SET by = 'eve' WHERE number = 5")


def test_view_in_place_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """It could look at the query, and show the pages something else."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_record RENAME TO kept")
        cursor.execute("CREATE VIEW audit_record AS SELECT * FROM kept")
    assert verify(capsys) == (1, stored_rows.NO_TABLE)
    assert known() == (1, stored_rows.NO_TABLE)
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW audit_record")
        cursor.execute("ALTER TABLE kept RENAME TO audit_record")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row security")
def test_row_security_on_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_record ENABLE ROW LEVEL SECURITY")
    assert verify(capsys) == (1, stored_rows.NO_TABLE)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite keeps its schema in a table")
def test_triggers_taken_from_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA writable_schema = ON")
        cursor.execute("DELETE FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_record_%'")
        cursor.execute("PRAGMA writable_schema = RESET")
        cursor.execute("UPDATE audit_record SET by = 'eve' WHERE number = 5")
    assert verify(capsys) == (5, "its column by differs from its stored bytes")
    triggers.install(connection)

"""The watch: what it walks each time, what it makes known, and what it believes."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from audit import chain, clock
from audit.integrity import checkpoint_files, checkpoints, full_check, known_break, monitor, partial_walk
from audit.integrity.checkpoint_files import StoredLine
from audit.kinds import RecordKind
from audit.models import Record, Watch
from tests.audit.ledgers import append, append_some, change, put_right, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "STEP", 4)
    monkeypatch.setattr(monitor, "LONG_STEP", 100)


def kinds() -> list[str]:
    """What is on record of breaks."""
    records = Record.objects.filter(kind__in=[RecordKind.BREAK_FOUND, RecordKind.BREAK_GONE]).order_by("number")
    return [record.sentence for record in records]


def verify() -> int:
    """The command's exit status."""
    try:
        call_command("verify_audit")
    except SystemExit as status:
        return int(status.code or 0)
    return 0


def test_new_records_are_walked() -> None:
    append_some(6)
    monitor.run_step()
    assert known_break.read_row().checked_number == 4
    monitor.run_step()
    assert known_break.read_row().checked_number == 6


def test_one_step_is_bounded() -> None:
    append_some(6)
    assert monitor.check_new(2).left == 4


def test_break_in_new_records_is_known() -> None:
    append_some(3)
    monitor.run_step()
    append_some(3)
    change(5)
    monitor.run_step()
    assert known_break.read_row().known_break == (5, "its column reason differs from its stored bytes")


def test_break_is_recorded_once() -> None:
    append_some(3)
    change(2)
    for _ in range(3):
        monitor.run_step()
    assert kinds() == [
        "Verification found the audit altered at record 2; its column reason differs from its stored bytes."
    ]


def test_round_finds_old_breaks() -> None:
    append_some(10)
    for _ in range(3):
        monitor.run_step()
    assert known_break.read_row().known_break is None
    change(6)
    for _ in range(3):
        monitor.run_step()
    assert known_break.read_row().known_break == (6, "its column reason differs from its stored bytes")


def test_round_begins_anew() -> None:
    append_some(6)
    monitor.walk_old()
    assert known_break.read_row().round_number == 4
    monitor.walk_old()
    row = known_break.read_row()
    assert (row.round_number, row.round_records) == (0, 6)
    assert row.round_ended_at is not None


def test_cut_tail_is_known_at_once() -> None:
    append_some(4)
    digest = Record.objects.get(number=3).digest
    monitor.check_new()
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_record WHERE number = 4")
        cursor.execute("UPDATE audit_head SET number = 3, digest = %s", [digest])
    monitor.check_new()
    found = known_break.read_row().known_break
    assert found is not None
    assert found.fault.startswith("the ledger ends at record 3, but record 4 was checked before")


def test_missing_head_is_known() -> None:
    append()
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_head")
    monitor.run_step()
    assert known_break.read_row().known_break == (1, "the row that holds the head is missing")


@pytest.mark.parametrize(
    "hint",
    [
        {"checked_number": 99, "checked_digest": "f" * 64},
        {"checked_number": -5},
        {"checked_number": 0, "checked_digest": "nonsense"},
        {"round_number": 2, "round_digest": "f" * 64},
        {"checkpoint_number": 77},
        {"round_number": 2**62, "checked_number": 2**62},
    ],
)
def test_false_hint_hides_nothing(hint: dict[str, object]) -> None:
    append_some(3)
    Watch.objects.update(**hint)
    for _ in range(2):
        monitor.run_step()
    assert known_break.read_row().known_break is not None
    for _ in range(2):
        verify()
    monitor.run_step()
    assert known_break.read_row().known_break is None


def test_believed_hint_delays_only() -> None:
    """Somebody rewrites a record, and tells the watch that it has come past it."""
    records = append_some(8)
    change(2)
    Watch.objects.update(checked_number=8, checked_digest=records[-1].digest)
    Watch.objects.update(round_number=6, round_digest=records[5].digest)
    monitor.run_step()
    monitor.run_step()
    assert known_break.read_row().known_break is not None


def test_deleted_row_hides_nothing() -> None:
    append_some(3)
    change(2)
    Watch.objects.all().delete()
    monitor.run_step()
    assert known_break.read_row().known_break is not None


def test_break_stays_until_all_is_walked() -> None:
    append_some(3)
    change(2)
    monitor.run_step()
    put_right(2)
    monitor.run_step()
    assert known_break.read_row().known_break is not None
    assert verify() == 0
    assert known_break.read_row().known_break is None
    assert kinds()[-1] == "A full verification found the audit intact again, after the break at record 2."


def test_command_makes_a_break_known() -> None:
    append_some(3)
    change(2)
    assert verify() == 1
    assert known_break.read_row().known_break is not None
    assert len(kinds()) == 1


def test_command_spares_the_next_walk() -> None:
    append_some(6)
    verify()
    assert known_break.read_row().checked_number == 6
    assert known_break.read_row().round_ended_at is not None


def test_check_that_somebody_asked_for_says_how_long_it_took() -> None:
    append_some(3)
    monitor.run_step()
    assert known_break.read_row().round_seconds is None
    monitor.request_full_walk("ann")
    Watch.objects.update(wanted_at=clock.now() - timedelta(seconds=20))
    monitor.run_step()
    assert known_break.read_row().round_seconds == pytest.approx(20, abs=5)


def test_later_break_is_not_cleared() -> None:
    append_some(3)
    began = known_break.read_row().break_found_at
    known_break.report_break(chain.Break(2, "found meanwhile"))
    monitor.settle_break(None, since=began)
    assert known_break.read_row().known_break is not None


def test_wanted_walk_clears_a_break() -> None:
    append_some(6)
    change(2)
    monitor.run_step()
    put_right(2)
    monitor.request_full_walk("anna")
    monitor.run_step()
    row = known_break.read_row()
    assert (row.break_number, row.wanted_at) == (None, None)
    assert Record.objects.get(kind=RecordKind.BREAK_GONE).by == "anna"


def test_wanted_walk_that_finds_a_break_ends() -> None:
    append_some(6)
    change(3)
    monitor.request_full_walk("anna")
    monitor.run_step()
    assert known_break.read_row().wanted_at is None
    assert known_break.read_row().known_break == (3, "its column reason differs from its stored bytes")


def test_walk_wanted_meanwhile_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins at record 1, where a round of few records still stands as well."""
    append_some(3)
    check = full_check.check_checkpoints

    def check_late(*, newest_file: bool) -> checkpoints.CheckedLines:
        monitor.request_full_walk("anna")
        return check(newest_file=newest_file)

    monkeypatch.setattr(full_check, "check_checkpoints", check_late)
    monitor.walk_old()
    assert known_break.read_row().wanted_at is not None


def test_checkpoint_is_written_when_due() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        append()
        monitor.run_step()
        append()
        clock.shift(timedelta(minutes=4))
        monitor.run_step()
        assert [one.number for one in checkpoints.read_checkpoints()] == [1]
        clock.shift(timedelta(minutes=2))
        monitor.run_step()
    assert [one.number for one in checkpoints.read_checkpoints()] == [1, 2]
    assert known_break.read_row().checkpoint_at == NOON + timedelta(minutes=6)


def test_checkpoint_that_failed_is_tried_each_minute() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        append()
        monitor.run_step()
        append()
        known_break.note_trouble("No checkpoint could be written: the disk is full.")
        clock.shift(timedelta(minutes=1))
        monitor.run_step()
    assert [one.number for one in checkpoints.read_checkpoints()] == [1, 2]
    assert known_break.read_row().checkpoint_error == ""


def test_clock_set_back_still_writes() -> None:
    with time_machine.travel(NOON, tick=False):
        append()
        monitor.run_step()
    append()
    with time_machine.travel(NOON - timedelta(days=3), tick=False):
        monitor.run_step()
    assert len(checkpoints.read_checkpoints()) == 2


def test_unreadable_checkpoints_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    append()
    with monkeypatch.context() as patch:
        patch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
        monitor.run_step()
        assert "Not a directory" in known_break.read_row().checkpoint_error
        with pytest.raises(Exception, match="The checkpoints can’t be checked"):
            call_command("verify_audit")
    monitor.run_step()
    assert known_break.read_row().checkpoint_error == ""
    assert known_break.read_row().known_break is None


def test_checkpoint_written_meanwhile_is_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    append()
    checkpoints.write()
    append()
    check_lines = checkpoints.check_lines

    def check_late(
        lines: Sequence[StoredLine], keys: checkpoints.Keys, *, from_first: bool
    ) -> checkpoints.CheckedLines:
        monkeypatch.undo()
        monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", folder)
        checkpoints.write()
        return check_lines(lines, keys, from_first=from_first)

    folder = settings.AUDIT_CHECKPOINT_DIR
    monkeypatch.setattr(checkpoints, "check_lines", check_late)
    assert full_check.check_checkpoints().found is None
    assert len(checkpoints.read_checkpoints()) == 2


def test_lost_checkpoints_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    append_some(3)
    monitor.run_step()
    checkpoint_files.paths()[0].unlink()
    monitor.run_step()
    found = known_break.read_row().known_break
    assert found is not None
    assert "is no longer in AUDIT_CHECKPOINT_DIR" in found.fault
    assert verify() == 0
    assert known_break.read_row().known_break is None
    assert len(kinds()) == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps numbers in columns of numbers")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_watch SET checked_number = 'abc'",
        "UPDATE audit_watch SET checked_at = 7",
        "UPDATE audit_watch SET round_digest = x'00'",
        "UPDATE audit_watch SET break_number = 'abc', checkpoint_number = 1.5",
    ],
)
def test_unreadable_hint_hides_nothing(statement: str) -> None:
    append_some(3)
    monitor.run_step()
    change(2)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert known_break.read_row().break_number is None
    monitor.run_step()
    assert known_break.read_row().known_break == (2, "its column reason differs from its stored bytes")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps numbers in columns of numbers")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_head SET number = 'abc'",
        "UPDATE audit_head SET digest = x'00'",
        "UPDATE audit_record SET number = 'abc' WHERE number = 3",
        "UPDATE audit_record SET details = '[' WHERE number = 3",
        "UPDATE audit_record SET body = 7 WHERE number = 3",
    ],
)
def test_unreadable_ledger_is_a_break(statement: str) -> None:
    append_some(3)
    checkpoints.write()
    monitor.check_new()
    with tampering() as cursor:
        cursor.execute(statement)
    monitor.run_step()
    assert known_break.read_row().known_break is not None
    assert verify() == 1


def test_walk_from_another_place() -> None:
    records = append_some(5)
    place = chain.Head(2, records[1].digest)
    assert partial_walk.walk_part(place, 2).reached == (4, records[3].digest)


def test_command_tells_of_checkpoints(capsys: pytest.CaptureFixture[str]) -> None:
    record = append()
    with time_machine.travel(NOON, tick=False):
        checkpoints.write()
    verify()
    assert json.loads(capsys.readouterr().out)["checkpoints"] == {
        "count": 1,
        "newest": {"number": 1, "digest": record.digest, "at": "2026-11-20T12:00:00.000000Z"},
    }


UNKNOWN = "'infinity'" if connection.vendor == "postgresql" else "CAST(x'ff' AS TEXT)"


@pytest.mark.parametrize("column", ["checked_at", "break_found_at", "wanted_at"])
def test_unknown_time_stops_no_check(column: str) -> None:
    """What the driver can't even read; whoever may write records may write it."""
    append_some(3)
    monitor.run_step()
    change(2)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE audit_watch SET {column} = {UNKNOWN}")  # noqa: S608
    assert verify() == 1
    assert known_break.read_row().known_break == (2, "its column reason differs from its stored bytes")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such text")
@pytest.mark.parametrize("column", ["break_fault", "checkpoint_error", "checked_digest"])
def test_unknown_text_stops_no_check(column: str, reviewer: Client) -> None:
    append_some(3)
    change(2)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE audit_watch SET {column} = {UNKNOWN}")  # noqa: S608
    assert reviewer.get("/audit/").status_code == 200
    monitor.run_step()
    assert known_break.read_row().known_break == (2, "its column reason differs from its stored bytes")

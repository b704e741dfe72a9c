"""Checkpoints: how they are written, their files, and what they show of a ledger that was changed."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction

from audit.integrity import checkpoint_files, checkpoints, known_break, signing
from audit.integrity.checkpoints import Checkpoint, check_lines, write
from audit.models import Watch
from tests.audit.ledgers import append, append_some, change, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

DAY = datetime(2026, 11, 20, 10, tzinfo=UTC)


def files() -> list[Path]:
    return checkpoint_files.paths()


def test_head_is_signed() -> None:
    record = append_some(3)[-1]
    written = write()
    assert written
    assert (written.number, written.digest, written.previous) == (3, record.digest, checkpoints.FIRST)
    assert checkpoints.read_checkpoints() == [written]
    assert written.is_signed()


def test_nothing_new_writes_nothing() -> None:
    assert write() is None
    append()
    write()
    assert write() is None
    assert len(checkpoints.read_checkpoints()) == 1


def test_next_line_is_linked() -> None:
    append()
    first = write()
    append()
    second = write()
    assert first
    assert second
    assert second.previous == checkpoints.line_digest(first.line())


def test_files_go_by_month() -> None:
    with time_machine.travel(datetime(2026, 11, 30, 23, 59, tzinfo=UTC), tick=False):
        append()
        write()
    with time_machine.travel(datetime(2026, 12, 1, 0, 1, tzinfo=UTC), tick=False):
        append()
        write()
    assert [path.name for path in files()] == ["checkpoints-2026-11.jsonl", "checkpoints-2026-12.jsonl"]
    assert check_lines(checkpoint_files.read_lines(files()), checkpoints.our_keys()).found is None


def test_clock_set_back_keeps_the_order() -> None:
    for month in (12, 11):
        with time_machine.travel(datetime(2026, month, 5, tzinfo=UTC), tick=False):
            append()
            write()
    assert [path.name for path in files()] == ["checkpoints-2026-12.jsonl"]
    assert len(checkpoints.read_checkpoints()) == 2


def test_files_are_private() -> None:
    append()
    write()
    assert stat.S_IMODE(files()[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(files()[0].parent.stat().st_mode) == 0o700


def test_backlog_is_signed_in_steps() -> None:
    append_some(5)
    assert [found and found.number for found in (write(2), write(2), write(2), write(2))] == [2, 4, 5, None]


@pytest.mark.parametrize("torn", [b'{"at":"2026', b"\0" * 300])
def test_torn_line_stops_nothing(torn: bytes) -> None:
    append()
    first = write()
    with files()[-1].open("ab") as file:
        file.write(torn)
    assert checkpoints.read_checkpoints() == [first]
    append()
    second = write()
    assert checkpoints.read_checkpoints() == [first, second]


def test_empty_file_stops_nothing() -> None:
    append()
    with time_machine.travel(DAY, tick=False):
        first = write()
    (files()[-1].parent / "checkpoints-2026-12.jsonl").touch()
    append()
    with time_machine.travel(DAY + timedelta(days=30), tick=False):
        second = write()
    assert checkpoints.read_checkpoints() == [first, second]


def test_unwritable_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    append()
    with monkeypatch.context() as patch:
        patch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
        with pytest.raises(checkpoints.NotWritten, match=r"No checkpoint could be written: .*file: File exists"):
            write()
    assert "File exists" in known_break.read_row().checkpoint_error
    assert write()
    assert known_break.read_row().checkpoint_error == ""


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_told(make: Callable[[Path], None]) -> None:
    append()
    write()
    path = checkpoint_files.paths()[0].parent / "checkpoints-9999-12.jsonl"
    make(path)
    append()
    with pytest.raises(checkpoints.NotWritten, match=r"9999-12\.jsonl: it isn’t a regular file\.$"):
        write()


def test_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    append()
    first = write()
    append()
    write_bytes = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, content: write_bytes(handle, content[:100]))
        with pytest.raises(checkpoints.NotWritten, match="No space left on device"):
            write()
    second = write()
    assert checkpoints.read_checkpoints() == [first, second]


def test_broken_chain_is_not_signed() -> None:
    append_some(3)
    change(2)
    with pytest.raises(checkpoints.NotWritten, match="No checkpoint was written: at record 2, its column reason"):
        write()
    assert known_break.read_row().known_break == (2, "its column reason differs from its stored bytes")
    assert files() == []


def test_rewritten_ledger_is_not_signed() -> None:
    append_some(3)
    write()
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET digest = %s WHERE number = 3", ["0" * 64])
    append()
    with pytest.raises(checkpoints.NotWritten, match="at record 3, it isn’t the record that was signed on"):
        write()


def test_lost_checkpoint_is_missed() -> None:
    append()
    write()
    files()[0].unlink()
    append()
    with pytest.raises(checkpoints.NotWritten, match="no longer in AUDIT_CHECKPOINT_DIR: none is there any more"):
        write()


def test_last_line_by_another_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    append()
    write()
    path = tmp_path / "key.pem"
    path.write_text(signing.make_key(), encoding="ascii")
    old = checkpoints.our_keys().own
    monkeypatch.setattr(settings, "AUDIT_SIGNING_KEY_FILE", path)
    append()
    with pytest.raises(checkpoints.NotWritten, match="was signed with a key that isn’t ours"):
        write()
    monkeypatch.setattr(settings, "AUDIT_RETIRED_KEYS", frozenset({old}))
    assert write()


@pytest.mark.django_db(transaction=True)
def test_uncommitted_head_is_not_signed() -> None:
    append()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        write()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def write_alone(_: int) -> Checkpoint | None:
    try:
        return write()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_racing_writers_write_one_line(threads: ThreadPoolExecutor) -> None:
    append_some(3)
    written = list(threads.map(write_alone, range(8)))
    assert len([one for one in written if one]) == len(checkpoints.read_checkpoints()) == 1
    assert Watch.objects.get().checkpoint_number == 3


def test_documented_check_accepts_the_files() -> None:
    for _ in range(2):
        record = append()
        write()
    page = (Path(settings.BASE_DIR) / "docs" / "audit-verification.md").read_text(encoding="utf-8")
    recipe = re.search(r"### The files.*?```python\n(.*?)```", page, re.DOTALL)
    assert recipe
    said = subprocess.run(
        [sys.executable, "-c", recipe[1]],
        input=files()[0].read_text("ascii"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"2 {record.digest}\n"

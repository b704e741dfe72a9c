"""Checkpoints: their form, their files, and what they show of a ledger that was changed."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from audit import alarm, chain, checkpoint_files, checkpoints, signing
from audit.checkpoint_files import Line
from audit.checkpoints import Checkpoint, Keys, check_lines, parse, write
from audit.models import Watch
from tests.audit.ledgers import append, append_some, tampering

needs_database = pytest.mark.usefixtures("db")
pytestmark = pytest.mark.data_layer

OURS, OLD, FOREIGN = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2, 3))
DAY = datetime(2026, 11, 20, 10, tzinfo=UTC)
HEX = "0123456789abcdef"


def public(key: Ed25519PrivateKey) -> str:
    return signing.public_bytes(key).hex()


KEYS = Keys(public(OURS), frozenset({public(OLD)}))


def make_lines(*signers: Ed25519PrivateKey, numbers: list[int] | None = None) -> list[Line]:
    """A line a signer, each for the next record."""
    lines: list[Line] = []
    for place, key in enumerate(signers, start=1):
        number = numbers[place - 1] if numbers else place
        head = chain.Head(number, chain.digest(str(place).encode()))
        previous = checkpoints.link(lines[-1].raw) if lines else checkpoints.FIRST
        made = checkpoints.sign(key, head, at=DAY + timedelta(minutes=5 * place), previous=previous)
        lines.append(Line("checkpoints-2026-11.jsonl", place, made.line()))
    return lines


def fault_of(lines: list[Line], *, from_first: bool = True) -> tuple[int, str]:
    found = check_lines(lines, KEYS, from_first=from_first).found
    assert found is not None
    return found


def files() -> list[Path]:
    return checkpoint_files.paths()


hexes = st.text(HEX, min_size=64, max_size=64)
made = st.builds(
    Checkpoint,
    number=st.integers(1, chain.LARGEST),
    digest=hexes,
    at=st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)).map(chain.moment),  # noqa: DTZ001
    key=hexes,
    previous=hexes,
    signature=st.text(HEX, min_size=128, max_size=128),
)


@given(made)
def test_line_is_canonical_json(checkpoint: Checkpoint) -> None:
    line = checkpoint.line()
    assert rfc8785.dumps(json.loads(line)) == line
    assert parse(line) == checkpoint


@given(made, st.data())
def test_parse_takes_one_form_only(checkpoint: Checkpoint, data: st.DataObject) -> None:
    line = bytearray(checkpoint.line())
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(0, 255))
    try:
        read = parse(bytes(line))
    except ValueError:
        return
    assert read.line() == line


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b'"number":1', b'"number":01'),
        (b'"number":1', b'"number":1.0'),
        (b'"number":1', b'"number":9007199254740993'),
        (b'"number":1', b'"number":1,"number":1'),
        (b'"at":"2026', b'"at": "2026'),
        (b"2026-11-20T", b"2026-13-20T"),
        (b"checkpoint/1", b"checkpoint/2"),
        (b'"signature":"', b'"signature":"0'),
        (b"}", b"}\n"),
    ],
)
def test_other_forms_are_refused(was: bytes, now: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        parse(make_lines(OURS)[0].raw.replace(was, now))


@given(made, made, st.sampled_from(["number", "digest", "at", "key", "previous"]))
def test_signature_covers_every_field(checkpoint: Checkpoint, other: Checkpoint, name: str) -> None:
    head = chain.Head(checkpoint.number, checkpoint.digest)
    signed = checkpoints.sign(OURS, head, at=checkpoint.moment, previous=checkpoint.previous)
    changed = replace(signed, **{name: getattr(other, name)})
    assert signed.is_signed()
    assert changed.is_signed() == (changed == signed)


def test_linked_lines_hold() -> None:
    assert check_lines(make_lines(OLD, OLD, OURS, OURS), KEYS).found is None


def test_no_line_holds() -> None:
    assert check_lines([], KEYS) == ([], None)


def test_foreign_key_is_named() -> None:
    number, fault = fault_of(make_lines(OURS, OURS, FOREIGN))
    fingerprint = signing.fingerprint(signing.public_bytes(FOREIGN))
    assert number == 3
    assert fault == (
        "line 3 of checkpoints-2026-11.jsonl was signed with a key that isn't ours: the one whose fingerprint is "
        + fingerprint
    )


def test_retired_key_stays_retired() -> None:
    assert (
        "line 2 of checkpoints-2026-11.jsonl was signed with a key that had been" in fault_of(make_lines(OURS, OLD))[1]
    )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_altered_line_is_named(place: int) -> None:
    lines = make_lines(OURS, OURS, OURS)
    altered = lines[place].raw.replace(b"2026-11-20T10", b"2026-11-20T11")
    lines[place] = lines[place]._replace(raw=altered)
    assert fault_of(lines)[1].startswith(f"line {place + 1} of checkpoints-2026-11.jsonl isn't as it was signed")


def test_relinked_lines_are_seen() -> None:
    first, second, third = (parse(line.raw) for line in make_lines(OURS, OURS, OURS))
    first = replace(first, number=9)
    second = replace(second, previous=checkpoints.link(first.line()))
    third = replace(third, previous=checkpoints.link(second.line()))
    forged = [Line("f", place, one.line()) for place, one in enumerate((first, second, third), start=1)]
    assert fault_of(forged) == (9, "line 1 of f isn't as it was signed: a checkpoint was altered")


def test_unreadable_line_is_named() -> None:
    lines = make_lines(OURS, OURS, OURS)
    lines[1] = lines[1]._replace(raw=b"{}")
    assert fault_of(lines) == (1, "line 2 of checkpoints-2026-11.jsonl can't be read as a checkpoint: it was altered")


def test_missing_middle_is_named() -> None:
    lines = make_lines(OURS, OURS, OURS)
    assert "line 3 of checkpoints-2026-11.jsonl doesn't follow line 1" in fault_of([lines[0], lines[2]])[1]


def test_missing_beginning_is_named() -> None:
    lines = make_lines(OURS, OURS)[1:]
    assert "isn't the first checkpoint that was written" in fault_of(lines)[1]
    assert check_lines(lines, KEYS, from_first=False).found is None


def test_two_histories_are_named() -> None:
    fault = fault_of(make_lines(OURS, OURS, numbers=[7, 7]))
    assert fault == (
        7,
        "line 2 of checkpoints-2026-11.jsonl and line 1 of checkpoints-2026-11.jsonl tell differently of record 7: "
        "there were two histories",
    )


def test_number_never_goes_back() -> None:
    assert "tells of record 3 after line 1" in fault_of(make_lines(OURS, OURS, numbers=[7, 3]))[1]


@needs_database
def test_head_is_signed() -> None:
    record = append_some(3)[-1]
    written = write()
    assert written
    assert (written.number, written.digest, written.previous) == (3, record.digest, checkpoints.FIRST)
    assert checkpoints.read() == [written]
    assert written.is_signed()


@needs_database
def test_nothing_new_writes_nothing() -> None:
    assert write() is None
    append()
    write()
    assert write() is None
    assert len(checkpoints.read()) == 1


@needs_database
def test_next_line_is_linked() -> None:
    append()
    first = write()
    append()
    second = write()
    assert first
    assert second
    assert second.previous == checkpoints.link(first.line())


@needs_database
def test_files_go_by_month() -> None:
    with time_machine.travel(datetime(2026, 11, 30, 23, 59, tzinfo=UTC), tick=False):
        append()
        write()
    with time_machine.travel(datetime(2026, 12, 1, 0, 1, tzinfo=UTC), tick=False):
        append()
        write()
    assert [path.name for path in files()] == ["checkpoints-2026-11.jsonl", "checkpoints-2026-12.jsonl"]
    assert check_lines(checkpoint_files.read_lines(files()), checkpoints.our_keys()).found is None


@needs_database
def test_clock_set_back_keeps_the_order() -> None:
    for month in (12, 11):
        with time_machine.travel(datetime(2026, month, 5, tzinfo=UTC), tick=False):
            append()
            write()
    assert [path.name for path in files()] == ["checkpoints-2026-12.jsonl"]
    assert len(checkpoints.read()) == 2


@needs_database
def test_files_are_private() -> None:
    append()
    write()
    assert stat.S_IMODE(files()[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(files()[0].parent.stat().st_mode) == 0o700


@needs_database
def test_backlog_is_signed_in_steps() -> None:
    append_some(5)
    assert [found and found.number for found in (write(2), write(2), write(2), write(2))] == [2, 4, 5, None]


@needs_database
@pytest.mark.parametrize("torn", [b'{"at":"2026', b"\0" * 300])
def test_torn_line_stops_nothing(torn: bytes) -> None:
    append()
    first = write()
    with files()[-1].open("ab") as file:
        file.write(torn)
    assert checkpoints.read() == [first]
    append()
    second = write()
    assert checkpoints.read() == [first, second]


@needs_database
def test_empty_file_stops_nothing() -> None:
    append()
    with time_machine.travel(DAY, tick=False):
        first = write()
    (files()[-1].parent / "checkpoints-2026-12.jsonl").touch()
    append()
    with time_machine.travel(DAY + timedelta(days=30), tick=False):
        second = write()
    assert checkpoints.read() == [first, second]


@needs_database
def test_unwritable_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    append()
    with monkeypatch.context() as patch:
        patch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
        with pytest.raises(checkpoints.NotWritten, match=r"No checkpoint could be written: .*file: File exists"):
            write()
    assert "File exists" in alarm.read().checkpoint_error
    assert write()
    assert alarm.read().checkpoint_error == ""


@needs_database
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_told(make: Callable[[Path], None]) -> None:
    append()
    write()
    path = checkpoint_files.paths()[0].parent / "checkpoints-9999-12.jsonl"
    make(path)
    append()
    with pytest.raises(checkpoints.NotWritten, match=r"9999-12\.jsonl: it is no regular file\.$"):
        write()


@needs_database
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
    assert checkpoints.read() == [first, second]


@needs_database
def test_broken_chain_is_not_signed() -> None:
    append_some(3)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET reason = 'other' WHERE number = 2")
    with pytest.raises(checkpoints.NotWritten, match="No checkpoint was written: at record 2, its column reason"):
        write()
    assert alarm.known_break() == (2, "its column reason differs from its stored bytes")
    assert files() == []


@needs_database
def test_rewritten_ledger_is_not_signed() -> None:
    append_some(3)
    write()
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET digest = %s WHERE number = 3", ["0" * 64])
    append()
    with pytest.raises(checkpoints.NotWritten, match="at record 3, it isn't the record that was signed on"):
        write()


@needs_database
def test_lost_checkpoint_is_missed() -> None:
    append()
    write()
    files()[0].unlink()
    append()
    with pytest.raises(checkpoints.NotWritten, match="no longer in AUDIT_CHECKPOINT_DIR: none is there any more"):
        write()


@needs_database
def test_last_line_by_another_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    append()
    write()
    path = tmp_path / "key.pem"
    path.write_text(signing.make_key(), encoding="ascii")
    old = checkpoints.our_keys().own
    monkeypatch.setattr(settings, "AUDIT_SIGNING_KEY_FILE", path)
    append()
    with pytest.raises(checkpoints.NotWritten, match="was signed with a key that isn't ours"):
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
    assert len([one for one in written if one]) == len(checkpoints.read()) == 1
    assert Watch.objects.get().checkpoint_number == 3


@needs_database
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

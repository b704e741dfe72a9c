"""export_audit --evidence, as a shell sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.evidence import checking, writing
from audit.kinds import RecordKind
from audit.models import Record
from audit.os_user import os_user
from tests.audit.ledgers import append_some, tampering

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data_layer]
Export = Callable[..., dict[str, Any]]


@pytest.fixture
def exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Export:
    def run(*arguments: str) -> dict[str, Any]:
        call_command("export_audit", "--evidence", str(tmp_path / "evidence.zip"), *arguments)
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return run


def test_says_what_it_made(exported: Export) -> None:
    append_some(3)
    told = exported()
    path = Path(told["file"])
    assert (told["records"], told["first"], told["last"], told["first_break"]) == (3, 1, 3, None)
    assert told["bytes"] == path.stat().st_size
    assert checking.check_file(path, trusted=told["key"]).ok


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (["--first", "2"], (2, 4)),
        (["--last", "2"], (1, 2)),
        (["--first", "2", "--last", "3"], (2, 3)),
        (["--since", "2000-01-01"], (1, 4)),
    ],
)
def test_range_is_chosen(exported: Export, arguments: list[str], numbers: tuple[int, int]) -> None:
    append_some(4)
    told = exported(*arguments)
    assert (told["first"], told["last"]) == numbers


def test_names_who_made_it(exported: Export) -> None:
    append_some(1)
    exported()
    assert Record.objects.get(kind=RecordKind.EXPORT_MADE).by == os_user()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--campaign", "c-1"], "no other filter applies"),
        (["--first", "1", "--since", "2000-01-01"], "by numbers or by times, not by both"),
        (["--first", "9"], "The records are numbered 1 to 3"),
        (["--until", "2000-01-01"], "No record is from that time"),
    ],
)
def test_wrong_range_gets_a_sentence(exported: Export, tmp_path: Path, arguments: list[str], says: str) -> None:
    append_some(3)
    with pytest.raises(CommandError, match=says) as refusal:
        exported(*arguments)
    assert refusal.value.returncode == 2
    assert not list(tmp_path.iterdir())


def test_numbers_need_evidence() -> None:
    with pytest.raises(CommandError, match="go with --evidence"):
        call_command("export_audit", "--first", "1")


def test_file_isnt_overwritten(exported: Export, tmp_path: Path) -> None:
    (tmp_path / "evidence.zip").write_text("mine")
    append_some(1)
    with pytest.raises(CommandError, match="File exists"):
        exported()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_broken_off_file_is_taken_away(exported: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append_some(2)
    sizes = iter([b"one\n", b"other\n"])
    monkeypatch.setattr(writing, "_read_checkpoints", lambda _: [next(sizes)])
    with pytest.raises(CommandError, match=r"checkpoints\.jsonl changed while the file was being made"):
        exported()
    assert not list(tmp_path.iterdir())


def test_broken_audit_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    append_some(3)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET digest = 'x' WHERE number = 2")
    call_command("export_audit", "--evidence", str(tmp_path / "evidence.zip"))
    out, err = capsys.readouterr()
    assert json.loads(out)["first_break"]["number"] == 2
    assert "The audit is broken, and the file says so: at record 2" in err

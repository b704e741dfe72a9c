"""export_audit: what it writes, and which records it takes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from audit import exports, ledger, queries
from audit.kinds import RecordKind, Status
from audit.models import Record
from tests.audit.ledgers import append, append_some

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
Run = Callable[..., list[dict[str, Any]]]
OPERATION = UUID("2f0a6f1e-7f5c-4c56-9a47-3a1a5a0a7c11")


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> list[dict[str, Any]]:
        call_command("export_audit", *arguments)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_export_isnt_in_itself(export: Run) -> None:
    append()
    assert [line["kind"] for line in export()] == ["operation.asked"]


def test_filters_are_on_record(export: Run) -> None:
    append()
    export("--kind", "operation.asked", "--since", "2026-01-02", "--text", "spring")
    assert Record.objects.get(kind=RecordKind.EXPORT_MADE).details["filters"] == {
        "kind": "operation.asked",
        "since": "2026-01-02T00:00:00+00:00",
        "q": "spring",
    }


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (["--since", "2026-01-02"], [2, 3]),
        (["--until", "2026-01-02"], [1]),
        (["--since", "2026-01-02T00:00:00+01:00", "--until", "2026-01-02T00:00:01Z"], [2]),
        (["--campaign", "c-3"], [3]),
        (["--kind", "drain.ended"], [2]),
        (["--outcome", "success"], [1]),
        (["--by", "user-2"], [2]),
        (["--operation", str(OPERATION)], [3]),
        (["--text", "c-3"], [3]),
        (["--outcome", "SUCCESS", "--campaign", "c-2"], []),
    ],
)
def test_filters_choose_records(export: Run, arguments: list[str], numbers: list[int]) -> None:
    kinds = [RecordKind.OPERATION_ENDED, RecordKind.DRAIN_ENDED, RecordKind.OPERATION_ENDED]
    outcomes = [Status.SUCCESS, Status.INFO, Status.FAILURE]
    for day, (kind, status) in enumerate(zip(kinds, outcomes, strict=True), start=1):
        with transaction.atomic():
            ledger.append(
                kind,
                by=f"user-{day}",
                status=status,
                campaign_id=f"c-{day}",
                operation=OPERATION if day == 3 else None,
                at=datetime(2026, 1, day, tzinfo=UTC),
            )
    assert [line["number"] for line in export(*arguments)] == numbers


@time_machine.travel("2026-11-28T12:00:00Z", tick=False)  # a workbook says when it was made
@pytest.mark.parametrize("form", exports.Format)
def test_bytes_are_the_exports(form: exports.Format, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    append_some(2)
    expected = b"".join(
        exports.export(queries.select(kind=RecordKind.OPERATION_ASKED), form, by="", filters={}).blocks
    )
    call_command("export_audit", "--format", form, "--kind", "operation.asked")
    assert capfdbinary.readouterr().out == expected


def test_message_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    append_some(2)
    call_command("export_audit")
    assert capsys.readouterr().err == "2 records exported, of those up to number 2.\n"


def test_missing_checkpoint_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
    append()
    call_command("export_audit")
    assert "The export has no signed checkpoint." in capsys.readouterr().err


def test_reader_who_has_enough_is_no_fault(tmp_path: Path) -> None:
    """A pipe whose reader has gone: no traceback, and an exit status that says that the export isn't whole."""
    reading, writing = os.pipe()
    os.close(reading)
    program = (
        "import django; django.setup()\n"
        "from audit.management.commands.export_audit import Command\n"
        "Command().write_out([b'x' * 100_000, b'y'])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "cxadmin.settings", "VAR_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=settings.BASE_DIR,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--since", "yesterday", "isn’t a date or time; write 2026-01-31"),
        ("--kind", "operation.askd", "isn’t one of operation.asked"),
        ("--outcome", "good", "isn’t one of SUCCESS, FAILURE"),
        ("--operation", "7", "isn’t an operation’s id"),
        ("--format", "xml", "invalid choice"),
    ],
)
def test_wrong_option_gets_a_sentence(option: str, value: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("export_audit", option, value)
    assert not Record.objects.exists()

"""The export: what is in it, and that it is on record itself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from audit import chain, ledger, queries
from audit.kinds import Kind, Status
from audit.models import Record
from tests.audit.ledgers import append, append_some

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
Export = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]) -> Export:
    def run(*arguments: str) -> list[dict[str, Any]]:
        call_command("export_audit", *arguments)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_fields_are_in_their_order(export: Export) -> None:
    append()
    assert [*export()[0]] == [*chain.FIELDS]


def test_line_can_be_checked_by_itself(export: Export) -> None:
    append_some(2)
    line = export()[1]
    assert chain.digest(chain.canonical(line)) == line["digest"]


def test_times_are_utc(export: Export) -> None:
    with transaction.atomic():
        ledger.append(Kind.SIGNIN_ENDED, by="anna", at=datetime.fromisoformat("2026-01-31T10:00:00+01:00"))
    assert export()[0]["timestamp"] == "2026-01-31T09:00:00.000000Z"


def test_export_is_on_record(export: Export) -> None:
    append_some(3)
    export("--kind", "operation.asked")
    record = Record.objects.get(kind=Kind.EXPORT_MADE)
    assert record.details == {
        "records": 3,
        "upto": 3,
        "format": "jsonl",
        "filters": {"kind": "operation.asked"},
    }


def test_export_isnt_in_itself(export: Export) -> None:
    append()
    assert [line["kind"] for line in export()] == ["operation.asked"]


def test_nothing_is_lost_between_chunks(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHUNK", 2)
    append_some(5)
    assert [line["number"] for line in export()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (["--since", "2026-01-02"], [2, 3]),
        (["--until", "2026-01-02"], [1]),
        (["--since", "2026-01-02T00:00:00+01:00", "--until", "2026-01-02T00:00:01Z"], [2]),
        (["--campaign", "c-3"], [3]),
        (["--kind", "drain.ended"], [2]),
        (["--outcome", "success"], [1]),
        (["--outcome", "SUCCESS", "--campaign", "c-2"], []),
    ],
)
def test_filters_choose_records(export: Export, arguments: list[str], numbers: list[int]) -> None:
    kinds = [Kind.OPERATION_ENDED, Kind.DRAIN_ENDED, Kind.OPERATION_ENDED]
    outcomes = [Status.SUCCESS, Status.INFO, Status.FAILURE]
    for day, (kind, status) in enumerate(zip(kinds, outcomes, strict=True), start=1):
        at = datetime(2026, 1, day, tzinfo=UTC)
        ledger.append(kind, by="anna", status=status, campaign_id=f"c-{day}", at=at)
    assert [line["number"] for line in export(*arguments)] == numbers


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--since", "yesterday", "isn't a date or time; write 2026-01-31"),
        ("--kind", "operation.askd", "isn't one of operation.asked"),
        ("--outcome", "good", "isn't one of SUCCESS, FAILURE"),
        ("--format", "xml", "invalid choice"),
    ],
)
def test_wrong_option_gets_a_sentence(option: str, value: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("export_audit", option, value)
    assert not Record.objects.exists()

"""What an export is: whole, of one moment, on record, and never much of it in memory."""

import gc
import json
import tracemalloc
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit import chain, exports, ledger, queries
from audit.exports import Export, Format
from audit.integrity import checkpoints
from audit.kinds import RecordKind
from audit.models import Record
from tests.audit.ledgers import append, append_some, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

TEXTS = st.text('"\\\x00\x01\n\x1f\x85/aé\u2028😀', max_size=9)


def export(form: Format = Format.JSONL, **conditions: str) -> Export:
    return exports.export(queries.select(**conditions), form, by="rosa", filters=conditions)  # type: ignore[arg-type]


def lines_of(made: Export) -> list[dict[str, object]]:
    return [json.loads(line) for line in b"".join(made.blocks).splitlines()]


def test_fields_are_in_their_order() -> None:
    append()
    assert [*lines_of(export())[0]] == [*chain.FIELDS]


def test_line_is_the_record() -> None:
    record = append()
    assert lines_of(export()) == [record.shown()]


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(by=TEXTS, error=TEXTS, reason=TEXTS, latency_ms=st.none() | st.integers(0, 9), operation=st.none() | st.uuids())
def test_line_is_plain_json(**facts: Any) -> None:
    """Byte for byte, whatever needs an escape."""
    with transaction.atomic():
        record = ledger.append(RecordKind.OPERATION_TRIED, **facts)
    line = json.dumps(record.shown(), separators=(",", ":")).encode()
    assert b"".join(export().blocks).splitlines()[-1] == line


def test_whole_second_keeps_its_microseconds() -> None:
    with transaction.atomic():
        ledger.append(RecordKind.SIGNIN_ENDED, by="anna", at=datetime.fromisoformat("2026-01-31T10:00:00+01:00"))
    assert lines_of(export())[0]["timestamp"] == "2026-01-31T09:00:00.000000Z"


def test_line_can_be_checked_by_itself() -> None:
    append_some(2)
    line = lines_of(export())[1]
    assert chain.body_digest(chain.canonical_body(line)) == line["digest"]


def test_lines_are_ascii() -> None:
    with transaction.atomic():
        record = ledger.append(
            RecordKind.OPERATION_ENDED, by="añña", details={"note": 'line \u2028 "end" 😀 \\u00e9 \x85'}
        )
    content = b"".join(export().blocks)
    assert content.isascii()
    assert lines_of(export())[0] == record.shown()


def test_export_is_on_record() -> None:
    append_some(3)
    export(Format.CSV, campaign="c-1")
    record = Record.objects.get(kind=RecordKind.EXPORT_MADE)
    assert (record.by, record.sentence) == ("rosa", "rosa exported 3 audit records as CSV.")
    assert record.details == {"records": 3, "upto": 3, "format": "csv", "filters": {"campaign": "c-1"}}


def test_record_is_there_before_the_first_byte() -> None:
    append()
    made = export()
    assert Record.objects.filter(kind=RecordKind.EXPORT_MADE).exists()
    made.blocks.close()  # type: ignore[attr-defined]


def test_checkpoint_covers_what_is_exported() -> None:
    append_some(2)
    made = export()
    assert [checkpoint.number for checkpoint in checkpoints.read_checkpoints()] == [made.upto]
    assert made.trouble == ""


def test_export_goes_on_without_a_checkpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
    append()
    made = export()
    assert "No checkpoint could be written" in made.trouble
    assert Record.objects.get(kind=RecordKind.EXPORT_MADE).details["without_checkpoint"] == made.trouble
    assert len(lines_of(made)) == 1


def test_what_is_appended_meanwhile_stays_out() -> None:
    append_some(2)
    made = export()
    append()
    assert [line["number"] for line in lines_of(made)] == [1, 2]


def test_nothing_is_lost_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHUNK", 2)
    append_some(5)
    assert [line["number"] for line in lines_of(export())] == [1, 2, 3, 4, 5]


def test_nobody_waits_for_a_slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two blocks no transaction of the export's is open, so writers go on."""
    monkeypatch.setattr(queries, "CHUNK", 2)
    append_some(4)
    blocks = export().blocks
    next(blocks)
    append()
    assert b'"number":4,' in next(blocks)


def test_empty_export_has_no_lines() -> None:
    append()
    made = export(campaign="nobody")
    assert (made.records, list(made.blocks)) == (0, [])


def test_tampered_column_stops_nothing() -> None:
    append_some(2)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET reason = '=cmd', timestamp = '0001-01-01' WHERE number = 1")
    assert [line["reason"] for line in lines_of(export())][:2] == ["=cmd", ""]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite keeps anything in any column")
def test_unreadable_column_is_shown_as_it_stands() -> None:
    append_some(2)
    with tampering() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("UPDATE audit_record SET details = 'no JSON', timestamp = 'never', latency_ms = 'x'")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    first = lines_of(export())[0]
    assert (first["details"], first["timestamp"], first["latency_ms"]) == ("no JSON", "never", "x")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps no half of a surrogate pair")
@pytest.mark.parametrize("form", Format)
def test_half_of_a_surrogate_pair_stops_no_export(form: Format) -> None:
    append_some(2)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET details = %s WHERE number = 1", [r'{"note": "\ud800"}'])
    content = b"".join(export(form).blocks)
    if form != Format.XLSX:
        assert rb"\ud800" in content


def peak_of(form: Format) -> int:
    """The most bytes held at once while an export goes by."""
    blocks = export(form).blocks
    gc.collect()
    tracemalloc.start()
    for _ in blocks:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("form", Format)
def test_memory_doesnt_grow_with_the_export(form: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHUNK", 100)
    append_some(400)
    peak_of(form)  # what is made once stays
    few = peak_of(form)
    append_some(1600)
    assert peak_of(form) < 2 * few


UNKNOWN = ("timestamp", "'infinity'") if connection.vendor == "postgresql" else ("reason", "CAST(x'ff' AS TEXT)")


def test_what_no_driver_reads_says_so() -> None:
    append_some(3)
    column, value = UNKNOWN
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {column} = {value} WHERE number = 2")  # noqa: S608
    first, second, *_ = lines_of(export())
    assert (second[column], second["by"]) == ("can’t be read", "anna")
    assert (first["number"], second["number"]) == (1, 2)
    assert first[column] != "can’t be read"

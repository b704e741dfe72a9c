"""The CSV export: what a spreadsheet and a CSV reader find in it."""

import csv
import io
import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import cell_limit, chain, csv_safe, exports, ledger, queries
from audit.kinds import RecordKind
from audit.models import Record
from tests.audit.ledgers import append

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NUMBERS = {"number", "latency_ms", "api_response_status", "concurrent_pause_limit"}
TEXTS = st.text("=+-@;,'\"\t\r\n\x00é\u202e😀a", max_size=15)


def export() -> bytes:
    return b"".join(exports.export(queries.select(), exports.Format.CSV, by="rosa", filters={}).blocks)


def read(file: bytes) -> list[dict[str, Any]]:
    """As somebody would who has the documentation only: the records' values again."""
    lines = csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""), strict=True)
    return [{name: value(name, cell) for name, cell in line.items()} for line in lines]


def value(name: str, cell: str) -> object:
    if name in NUMBERS:
        return int(cell) if cell else None
    text = csv_safe.restore(cell)
    if name == "details":
        return json.loads(text)
    return None if name == "operation" and not text else text


def test_header_names_the_fields() -> None:
    assert export().startswith(b"\xef\xbb\xbf" + ",".join(chain.FIELDS).encode() + b"\r\n")


def test_every_line_ends_in_crlf() -> None:
    append()
    header, line, end = export().split(b"\r\n")
    assert b"\n" not in header + line + end


def test_details_are_compact_json() -> None:
    append()
    assert b',"{""calls"":3}",' in export()


def test_no_cell_is_longer_than_a_spreadsheet_holds() -> None:
    days = [f"2027-01-{day:02} Closing day of the northern offices; =1+{day}" for day in range(1, 29)] * 30
    with transaction.atomic():
        ledger.append(RecordKind.HOLIDAY_CHANGED, by="anna", details={"did": "imported", "after": days})
    (line,) = csv.DictReader(io.StringIO(export().decode("utf-8-sig"), newline=""), strict=True)
    assert max(len(cell) for cell in line.values()) == cell_limit.LONGEST
    assert line["details"].endswith("characters in all: the export as JSON lines has them]")
    assert line["digest"] == Record.objects.get(number=1).digest


def test_name_of_a_campaign_runs_no_formula() -> None:
    with transaction.atomic():
        ledger.append(
            RecordKind.CAMPAIGN_APPEARED, by="", campaign_id="-7", campaign_name='=HYPERLINK("http://x","y")'
        )
    assert b",'-7,\"'=HYPERLINK(" in export()


def test_numbers_stay_numbers() -> None:
    with transaction.atomic():
        ledger.append(RecordKind.OPERATION_TRIED, by="anna", latency_ms=-5, api_response_status=429)
    (line,) = csv.DictReader(io.StringIO(export().decode("utf-8-sig"), newline=""))
    assert (line["number"], line["latency_ms"], line["api_response_status"]) == ("1", "-5", "429")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXTS, error=TEXTS, details=st.dictionaries(TEXTS, TEXTS | st.integers(-9, 9), max_size=3))
def test_nothing_is_lost(name: str, error: str, details: dict[str, str | int]) -> None:
    with transaction.atomic():
        ledger.append(RecordKind.OPERATION_TRIED, by="anna", campaign_name=name, error=error, details=details)
    records = [record.shown() for record in Record.objects.order_by("number")]
    assert read(export()) == records

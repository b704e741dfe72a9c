"""The export's page, and the file that it gives."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest
import time_machine
from django.conf import settings
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from audit import exports, queries
from audit.kinds import RecordKind
from audit.models import Record
from audit.pages import export
from tests.audit.ledgers import append, append_some
from tests.audit.pages.reading import words_of
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
ADDRESS = "/audit/export/"


def bytes_of(response: object) -> bytes:
    return b"".join(cast(Iterable[bytes], cast(StreamingHttpResponse, response).streaming_content))


def made() -> list[Record]:
    return list(Record.objects.filter(kind=RecordKind.EXPORT_MADE))


def test_page_says_how_many_records(reviewer: Client) -> None:
    append_some(3)
    append(kind=RecordKind.DRAIN_ENDED)
    page = words_of(reviewer.get(ADDRESS, {"kind": "operation.asked"}))
    assert "Export 3 records as CSV" in page
    assert "Export 3 records as JSON lines" in page


def test_page_names_the_whole_audit(reviewer: Client) -> None:
    append_some(2)
    page = words_of(reviewer.get(ADDRESS))
    assert f"The whole audit: {Record.objects.count()} records" in page
    assert f"Export {Record.objects.count()} records as CSV" in page


def test_page_stops_counting_somewhere(reviewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "COUNTED", 2)
    append_some(3)
    assert "Export more than 2 records as CSV" in words_of(reviewer.get(ADDRESS, {"campaign": "c-1"}))


def test_looking_exports_nothing(reviewer: Client) -> None:
    append()
    reviewer.get(ADDRESS, {"format": "csv"})
    reviewer.head(ADDRESS, {"format": "csv"})
    assert made() == []


def test_form_keeps_the_filter(reviewer: Client) -> None:
    append()
    page = reviewer.get(ADDRESS, {"campaign": "c-1", "kind": "operation.asked"}).text
    assert f'action="{ADDRESS}?campaign=c-1&amp;kind=operation.asked"' in page
    assert '<input type="hidden" name="kind" value="operation.asked">' in page


@pytest.mark.parametrize("form", exports.Format)
def test_file_is_what_the_command_writes(reviewer: Client, form: exports.Format) -> None:
    append_some(2)
    with time_machine.travel(timezone.now(), tick=False):  # a workbook says when it was made
        expected = b"".join(
            exports.export(queries.select(kind=RecordKind.OPERATION_ASKED), form, by="", filters={}).blocks
        )
        assert bytes_of(reviewer.post(f"{ADDRESS}?kind=operation.asked", {"format": form})) == expected


def test_file_has_a_speaking_name(reviewer: Client) -> None:
    append_some(2)
    response = reviewer.post(f"{ADDRESS}?campaign=c-1", {"format": "csv"})
    name = r'attachment; filename="audit-\d{4}-\d\d-\d\d-c-1-2-records\.csv"'
    assert re.fullmatch(name, response.headers["Content-Disposition"])


def test_hostile_filter_stays_out_of_the_name(reviewer: Client) -> None:
    append()
    response = reviewer.post(f"{ADDRESS}?by=a%22%0d%0aX%3a b/../{'c' * 100}", {"format": "jsonl"})
    assert "/" not in response.headers["Content-Disposition"]
    assert response.headers["Content-Disposition"].count('"') == 2


def test_file_is_kept_nowhere(reviewer: Client) -> None:
    append()
    headers = reviewer.post(ADDRESS, {"format": "csv"}).headers
    assert "no-store" in headers["Cache-Control"]
    assert (headers["X-Content-Type-Options"], headers["Content-Type"]) == ("nosniff", "text/csv; charset=utf-8")


def test_export_is_on_record(reviewer: Client) -> None:
    append_some(2)
    reviewer.post(f"{ADDRESS}?campaign=c-1&zone=Europe/Berlin&since=2020-01-01", {"format": "csv"})
    (record,) = made()
    assert (record.by, record.details["records"], record.details["format"]) == ("rosa", 2, "csv")
    assert record.details["filters"] == {"campaign": "c-1", "since": "2020-01-01T00:00:00+01:00"}


def test_missing_checkpoint_is_told_on_the_next_page(
    reviewer: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
    append()
    assert bytes_of(reviewer.post(ADDRESS, {"format": "jsonl"}))
    assert "The export was made, but without a signed checkpoint." in reviewer.get(ADDRESS).text


def test_reader_who_leaves_is_on_record(reviewer: Client) -> None:
    append()
    reviewer.post(ADDRESS, {"format": "csv"})  # and reads nothing of it
    assert len(made()) == 1


def test_unreadable_filter_exports_nothing(reviewer: Client) -> None:
    append()
    response = reviewer.post(f"{ADDRESS}?since=yesterday", {"format": "csv"})
    assert (response.status_code, made()) == (422, [])
    assert "“yesterday” isn’t a date" in words_of(response)
    assert 'value="yesterday"' in response.text


@pytest.mark.parametrize("typed", [{}, {"format": "xml"}])
def test_unknown_format_exports_nothing(reviewer: Client, typed: dict[str, str]) -> None:
    append()
    response = reviewer.post(ADDRESS, typed)
    assert (response.status_code, made()) == (422, [])
    assert "Choose one below" in response.text


def test_nothing_to_export_is_said(reviewer: Client) -> None:
    append()
    page = reviewer.get(ADDRESS, {"campaign": "nobody"}).text
    assert "No record matches" in page
    assert "as CSV" not in page


def test_latest_exports_say_who_and_when(reviewer: Client) -> None:
    append_some(2)
    for _ in range(6):
        reviewer.post(f"{ADDRESS}?campaign=c-1", {"format": "csv"})
    page = reviewer.get(ADDRESS)
    latest = words_of(page).partition("Latest exports")[2]
    assert latest.count("rosa Exported 2 audit records as CSV") == 5


def test_evidence_takes_the_chosen_range(reviewer: Client) -> None:
    append_some(1)
    page = reviewer.get(ADDRESS, {"range": "today", "zone": "UTC"})
    assert "Create evidence file of today" in words_of(page)
    assert f'name="since" value="{timezone.now():%Y-%m-%d}T00:00:00+00:00"' in page.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_supervisor_is_refused_on_record(client: Client, method: str) -> None:
    client.force_login(make_user("supervisor", "sam"))
    assert getattr(client, method)(ADDRESS, {"format": "csv"}).status_code == 403
    assert made() == []
    assert Record.objects.get(kind=RecordKind.ACCESS_DENIED).by == "sam"

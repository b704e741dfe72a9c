"""The evidence file's page, and its section on the export's page."""

import io
from typing import Any

import pytest
from django.test import Client

from audit.evidence import checking
from audit.integrity import signing
from audit.kinds import RecordKind
from audit.models import Record
from tests.audit.ledgers import append_some, tampering
from tests.audit.pages.reading import words_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data_layer]
ADDRESS, PAGE = "/audit/evidence/", "/audit/export/"


def download(response: Any) -> checking.FileCheck:
    made = b"".join(response.streaming_content)
    assert int(response["Content-Length"]) == len(made)
    return checking.check_stream(io.BytesIO(made))


def test_form_alone_makes_the_whole(reviewer: Client) -> None:
    append_some(3)
    last = Record.objects.latest("number").number
    response = reviewer.post(ADDRESS, {"first": "", "last": "", "since": "", "until": "", "zone": "UTC"})
    verdict = download(response)
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == f'attachment; filename="evidence-1-{last}.zip"'
    assert (verdict.ok, verdict.records) == (True, last)


def test_numbers_choose(reviewer: Client) -> None:
    append_some(5)
    manifest = download(reviewer.post(ADDRESS, {"first": "2", "last": "4"})).manifest
    assert manifest
    assert (manifest.first, manifest.last, manifest.by) == (2, 4, "rosa")


def test_days_choose(reviewer: Client) -> None:
    append_some(3)
    last = Record.objects.latest("number")
    day = f"{last.timestamp:%Y-%m-%d}"
    manifest = download(reviewer.post(ADDRESS, {"since": day, "until": day, "zone": "UTC"})).manifest
    assert manifest
    assert (manifest.first, manifest.last) == (1, last.number)


def test_file_is_on_record(reviewer: Client) -> None:
    append_some(2)
    download(reviewer.post(ADDRESS, {"last": "1"}))
    record = Record.objects.get(kind=RecordKind.EXPORT_MADE)
    assert (record.by, record.details["format"], record.details["last"]) == ("rosa", "evidence", 1)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"first": "x"}, "Enter a whole number"),
        ({"first": "0"}, "greater than or equal to 1"),
        ({"first": "900"}, "Choose a first and a last number among them"),
        ({"since": "someday"}, "“someday” isn’t a date"),
        ({"since": "2026-01-02", "until": "2026-01-01"}, "no record can lie between"),
        ({"first": "1", "since": "2026-01-01"}, "by numbers or by times, not by both"),
        ({"until": "2000-01-01"}, "No record is from that time"),
    ],
)
def test_wrong_range_gets_a_sentence(reviewer: Client, typed: dict[str, str], says: str) -> None:
    append_some(2)
    response = reviewer.post(ADDRESS, typed)
    assert response.status_code == 422
    assert says in words_of(response)
    assert all(f'value="{value}"' in response.text for value in typed.values())
    assert 'role="alert" tabindex="-1" autofocus' in response.text
    assert not Record.objects.filter(kind=RecordKind.EXPORT_MADE).exists()


def test_page_shows_the_fingerprint(reviewer: Client) -> None:
    assert signing.key_fingerprint(signing.public_bytes(signing.load_key())) in reviewer.get(PAGE).text


def test_old_address_leads_there(reviewer: Client) -> None:
    assert reviewer.get(ADDRESS).headers["Location"] == f"{PAGE}#evidence"


def test_export_page_offers_it(reviewer: Client) -> None:
    append_some(1)
    assert f'action="{ADDRESS}"' in reviewer.get(PAGE).text


def test_break_is_told_on_the_next_page(reviewer: Client) -> None:
    append_some(3)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET digest = 'x' WHERE number = 2")
    assert not download(reviewer.post(ADDRESS, {"last": "3"})).ok
    assert "the evidence file says so: at record 2" in reviewer.get(PAGE).text

"""The list of records: what a reviewer finds, and how the address says so."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import queries
from audit.kinds import RecordKind, Status
from audit.models import Record
from tests.audit.ledgers import append, append_some, bulk_asked, ended
from tests.audit.pages.reading import link_to, numbers_on, words_of
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

EVENING = datetime(2026, 3, 21, 1, 30, tzinfo=UTC)  # still the 20th in New York


def ask(reviewer: Client, address: str) -> str:
    return words_of(reviewer.get(address))


def test_newest_come_first(reviewer: Client) -> None:
    append_some(2)
    assert numbers_on(reviewer.get("/audit/")) == [3, 2, 1]


def test_record_reads_as_a_sentence(reviewer: Client) -> None:
    append(by="<b>anna</b>")
    page = reviewer.get("/audit/")
    assert "<b>anna</b> asked to pause Spring (c-1)." in words_of(page)
    assert "<b>anna" not in page.text
    assert "Operation requested" in words_of(page)


def test_campaign_and_operation_are_linked(reviewer: Client) -> None:
    operation = uuid.uuid4()
    record = ended(operation=operation)
    page = reviewer.get("/audit/")
    assert link_to(page, "Spring") == "/campaigns/c-1/"
    assert link_to(page, f"Operation of record {record.number}") == f"/operations/{operation}/"


def test_bulk_is_linked(reviewer: Client) -> None:
    bulk = str(uuid.uuid4())
    record = bulk_asked(bulk)
    page = reviewer.get("/audit/", {"q": bulk})
    assert "asked to pause 39 campaigns." in words_of(page)
    assert link_to(page, f"Bulk of record {record.number}") == f"/bulk/{bulk}/"


def test_spoilt_bulk_is_not_linked(reviewer: Client) -> None:
    bulk_asked("../../")
    page = reviewer.get("/audit/")
    assert page.status_code == 200
    assert "Bulk of record" not in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=operation.ended", [3]),
        ("kind=signin.succeeded", [1]),
        ("outcome=SUCCESS", [3, 1]),
        ("by=anna", [3, 2]),
        ("campaign=c-1&by=rosa", []),
        ("until=2026-03-20&zone=America/New_York", [3]),
        ("since=2026-03-21&until=2026-03-21&zone=UTC", [3]),
        ("since=2026-03-21&until=2026-03-21&zone=America/New_York", []),
        ("q=wfm", [3]),
    ],
)
def test_filter_narrows_the_list(reviewer: Client, query: str, found: list[int]) -> None:
    append()
    ended(at=EVENING, status=Status.SUCCESS, reason="WFM_OVERRIDE")
    assert numbers_on(reviewer.get(f"/audit/?{query}")) == found


def test_filter_survives_paging(reviewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    append_some(5)
    newest = reviewer.get("/audit/?by=anna")
    older = reviewer.get(f"/audit/{link_to(newest, 'Older records')}")
    assert (numbers_on(newest), numbers_on(older)) == ([6, 5], [4, 3])
    assert numbers_on(reviewer.get(f"/audit/{link_to(older, 'Newer records')}")) == [6, 5]
    assert link_to(older, "Newest") == "/audit/?by=anna"


def test_blanks_leave_the_address(reviewer: Client) -> None:
    response = reviewer.get("/audit/?since=&until=&kind=&by=anna&q=+&before=7")
    assert response.headers["Location"] == "/audit/?by=anna&before=7"


def test_time_takes_its_zone_along(reviewer: Client) -> None:
    reviewer.cookies["zone"] = "America/New_York"
    response = reviewer.get("/audit/?since=2026-11-20")
    assert response.headers["Location"] == "/audit/?since=2026-11-20&zone=America%2FNew_York"


def test_zone_of_the_address_counts(reviewer: Client) -> None:
    ended(at=EVENING)
    reviewer.cookies["zone"] = "Asia/Kathmandu"
    page = ask(reviewer, "/audit/?zone=America/New_York")
    assert "Times in America/New_York." in page
    assert "2026-03-20 21:30:00 EDT" in page


def test_wrong_filter_shows_no_records(reviewer: Client) -> None:
    append_some(2)
    page = reviewer.get("/audit/?since=yesterday&zone=UTC&by=anna")
    assert numbers_on(page) == []
    assert "“yesterday” is no date." in words_of(page)
    assert 'value="yesterday"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'value="anna"' in page.text


def test_filter_is_told_and_taken_away(reviewer: Client) -> None:
    append()
    page = reviewer.get("/audit/?kind=operation.asked&by=anna")
    assert "(2 set)" in words_of(page)
    assert link_to(page, "Remove: Kind Operation requested") == "/audit/?by=anna"
    assert link_to(page, "Clear all") == "/audit/"


def test_nothing_found_says_what_was_sought(reviewer: Client) -> None:
    page = ask(reviewer, "/audit/?by=nobody&kind=export.made")
    assert "No record matches Looked for: kind “Audit exported”, person “nobody”." in page


def test_end_of_the_list_says_so(reviewer: Client) -> None:
    assert "No more records" in ask(reviewer, "/audit/?before=1")


def test_link_goes_to_one_operation(reviewer: Client) -> None:
    operation = uuid.uuid4()
    ended(operation=operation)
    page = reviewer.get(f"/audit/?operation={operation}")
    assert numbers_on(page) == [2]
    assert f'value="{operation}"' in page.text


def test_tabs_take_the_filter_along(reviewer: Client) -> None:
    assert link_to(reviewer.get("/audit/?by=anna"), "Records") == "/audit/?by=anna"


def test_campaign_has_its_own_records() -> None:
    append_some(2)
    assert [record.number for record in queries.newest_of_campaign("c-1")] == [2, 1]
    assert queries.newest_of_campaign("c-2") == []


def test_names_are_suggested(reviewer: Client) -> None:
    append()
    page = reviewer.get("/audit/").text
    assert '<option value="anna">' in page
    assert '<option value="c-1">Spring</option>' in page


@pytest.mark.parametrize("query", ["before=x", "after=" + "9" * 5000, "before=-1", "before=99999999999999999999"])
def test_odd_place_still_shows_a_page(reviewer: Client, query: str) -> None:
    append()
    assert reviewer.get(f"/audit/?{query}").status_code == 200


def test_queries_dont_grow_with_records(reviewer: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries_made:
            reviewer.get("/audit/?by=anna&kind=operation.asked")
        return len(queries_made)

    append_some(2)
    count()
    few = count()
    append_some(60)
    assert count() <= few + 1  # that there is an older one is looked up


@pytest.mark.parametrize("address", ["/audit/", "/audit/1/"])
def test_supervisor_is_refused_on_record(client: Client, address: str) -> None:
    client.force_login(make_user("supervisor", "sam"))
    assert client.get(address).status_code == 403
    denied = Record.objects.get(kind=RecordKind.ACCESS_DENIED)
    assert (denied.by, denied.reason) == ("sam", f"GET {address}")


def test_stranger_goes_to_the_sign_in(client: Client) -> None:
    assert client.get("/audit/").headers["Location"] == "/accounts/login/?next=/audit/"

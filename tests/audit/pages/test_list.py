"""The list of records: what a reviewer finds, and how the address says so."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import folding, ledger, queries
from audit.kinds import RecordKind, Status
from audit.models import Record
from campaigns.models import ReasonCode
from tests.audit.ledgers import append, append_some, bulk_asked, ended
from tests.audit.pages.reading import link_to, numbers_on, rows_on, words_of
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

EVENING = datetime(2026, 3, 21, 1, 30, tzinfo=UTC)  # still the 20th in New York


def ask(reviewer: Client, address: str) -> str:
    return words_of(reviewer.get(address))


def test_newest_come_first(reviewer: Client) -> None:
    append_some(2)
    assert numbers_on(reviewer.get("/audit/")) == [3, 2, 1]


def test_row_says_who_did_what(reviewer: Client) -> None:
    append(by="<b>anna</b>")
    page = reviewer.get("/audit/")
    assert "<b>anna" not in page.text
    assert rows_on(page)[0][1:4] == ["<b>anna</b>", "Asked to pause", "Spring"]
    assert link_to(page, "Spring") == "/campaigns/c-1/"
    assert "c-1" not in words_of(page)


@time_machine.travel(datetime(2026, 3, 28, tzinfo=UTC), tick=False)
def test_time_reads_as_a_weekday(reviewer: Client) -> None:
    ended(at=EVENING)
    page = reviewer.get("/audit/?zone=America/New_York")
    assert "Fri 20 Mar 21:30:00" in words_of(page)
    assert 'title="2026-03-21T01:30:00.000Z"' in page.text


def test_sign_in_bears_no_chip(reviewer: Client) -> None:
    assert rows_on(reviewer.get("/audit/"))[0][1:] == ["rosa", "Signed in", "", "", ""]


def test_reason_is_shown_by_its_label(reviewer: Client) -> None:
    ended(operation=uuid.uuid4(), reason="WFM_OVERRIDE")
    (why,) = [row[4] for row in rows_on(reviewer.get("/audit/?action=pause"))]
    assert why == ReasonCode.objects.get(pk="WFM_OVERRIDE").label


def test_bulk_is_linked(reviewer: Client) -> None:
    bulk = str(uuid.uuid4())
    record = bulk_asked(bulk)
    assert "Asked to pause 39 campaigns" in words_of(reviewer.get("/audit/", {"q": bulk}))
    assert link_to(reviewer.get(f"/audit/{record.number}/"), "Open the bulk") == f"/bulk/{bulk}/"


def test_spoilt_bulk_is_not_linked(reviewer: Client) -> None:
    record = bulk_asked("../../")
    page = reviewer.get(f"/audit/{record.number}/")
    assert page.status_code == 200
    assert "Open the bulk" not in page.text


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
    newest = reviewer.get("/audit/?by=anna&view=records")
    older = reviewer.get(f"/audit/{link_to(newest, 'Older')}")
    assert (numbers_on(newest), numbers_on(older)) == ([6, 5], [4, 3])
    assert numbers_on(reviewer.get(f"/audit/{link_to(older, 'Newer')}")) == [6, 5]
    assert link_to(older, "Newest") == "/audit/?by=anna&view=records"


def pause(campaign: str = "c-1", name: str = "Spring", state: str = "CONFIRMED", **facts: Any) -> uuid.UUID:
    """A pause by Anna: its request and its end."""
    operation = uuid.uuid4()
    named: dict[str, Any] = {
        "campaign_id": campaign,
        "campaign_name": name,
        "operation": operation,
        "reason": "WFM_OVERRIDE",
    }
    with transaction.atomic():
        ledger.append(
            RecordKind.OPERATION_ASKED, by="anna", action="pause", details={"note": "too few agents"}, **named
        )
    status = Status.SUCCESS if state == "CONFIRMED" else Status.FAILURE
    ended(state, **named, **{"status": status, "confirmation_ms": 3400, **facts})
    return operation


def test_operation_is_one_row_that_unfolds(reviewer: Client) -> None:
    operation = pause()
    page = reviewer.get("/audit/?by=anna")
    (row,) = rows_on(page)
    assert row[1] == "anna"
    assert row[2].startswith("Paused: 2 records")
    assert "Asked to pause" in row[2]
    assert "Pause was confirmed" in row[2]
    assert row[3] == "Spring"
    assert row[4].endswith("· too few agents")
    assert row[5] == "Confirmed in 3.4 s"
    assert str(operation) not in words_of(page)
    assert link_to(page, "All single records") == "/audit/?by=anna&view=records"
    assert len(numbers_on(reviewer.get("/audit/?by=anna&view=records"))) == 2


def test_failed_operation_says_what_went_wrong(reviewer: Client) -> None:
    pause(state="FAILED", error="CXone can’t be reached.")
    (row,) = rows_on(reviewer.get("/audit/?show=failures"))
    assert row[2].startswith("Asked to pause")
    assert row[4].endswith("CXone can’t be reached.")
    assert row[5] == "Failed"


def test_override_is_seen_and_found(reviewer: Client) -> None:
    pause(compliance_check="OVERRIDDEN", calls=82, limit=50)
    pause("c-2", "Autumn", compliance_check="PASSED")
    (row,) = rows_on(reviewer.get("/audit/?show=overrides"))
    assert (row[3], row[5]) == ("Spring", "Confirmed in 3.4 s Override")


@pytest.mark.parametrize(
    ("preset", "kind"),
    [
        ("cxone", RecordKind.CAMPAIGN_CHANGED_OUTSIDE),
        ("policy", RecordKind.HOLIDAY_CHANGED),
        ("access", RecordKind.SIGNIN_FAILED),
    ],
)
def test_preset_shows_its_kinds_alone(reviewer: Client, preset: str, kind: RecordKind) -> None:
    append()
    append(kind=kind)
    kinds = {Record.objects.get(number=number).kind for number in numbers_on(reviewer.get(f"/audit/?show={preset}"))}
    assert kind in kinds
    assert RecordKind.OPERATION_ASKED not in kinds


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("typed", ["c-1", "Spring", "spring", "pri", "pri ng"])
def test_campaign_is_found_by_id_and_by_name(reviewer: Client, typed: str, folded: bool) -> None:
    pause()
    pause("c-2", "Autumn")
    if folded:
        folding.fold_all()
    page = reviewer.get("/audit/", {"campaign": typed})
    assert [row[3] for row in rows_on(page)] == ["Spring"]
    assert link_to(page, "Remove: Campaign Spring") == "/audit/"


def test_former_name_finds_the_campaign_with_all_its_records(reviewer: Client) -> None:
    pause("c-1", "Spring")
    pause("c-1", "Spring 2026")
    folding.fold_all()
    assert len(rows_on(reviewer.get("/audit/?campaign=Spring"))) == 2


def test_unclear_name_offers_a_choice(reviewer: Client) -> None:
    pause("c-1", "Home Equity Ohio")
    pause("c-2", "Home Equity Iowa")
    pause("c-3", "Autumn")
    page = reviewer.get("/audit/?campaign=home+equity&by=anna")
    assert [row[3] for row in rows_on(page)] == ["Home Equity Iowa", "Home Equity Ohio"]
    assert "These are the records of 2 campaigns" in words_of(page)
    assert link_to(page, "Home Equity Ohio") == "/audit/?campaign=c-1&by=anna"


def test_unknown_name_is_said_to_be_unknown(reviewer: Client) -> None:
    assert "No campaign on record has that name or id." in ask(reviewer, "/audit/?campaign=Winter")


def test_names_are_suggested_as_they_are_typed(reviewer: Client) -> None:
    pause("c-1", "Home Equity Ohio")
    pause("c-2", "Autumn")
    assert reviewer.get("/audit/campaigns/?q=equ").text == '<option value="Home Equity Ohio"></option>'
    assert reviewer.get("/audit/campaigns/?q=%00").text == ""


def test_record_opens_beside_the_list(reviewer: Client) -> None:
    pause()
    page = reviewer.get("/audit/?by=anna&record=3")
    assert "Confirmed after 3.4 s" in words_of(page)
    assert link_to(page, "All fields and the proof") == "/audit/3/"
    assert link_to(page, "Close") == "/audit/?by=anna"
    assert "Confirmed after" in reviewer.get("/audit/3/panel/").text
    assert reviewer.get("/audit/99/panel/").status_code == 404


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
    assert "20 Mar 21:30:00" in page


def test_wrong_filter_shows_no_records(reviewer: Client) -> None:
    append_some(2)
    page = reviewer.get("/audit/?since=yesterday&zone=UTC&by=anna")
    assert numbers_on(page) == []
    assert "“yesterday” isn’t a date." in words_of(page)
    assert 'value="yesterday"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'value="anna"' in page.text


def test_filter_is_told_and_taken_away(reviewer: Client) -> None:
    append()
    page = reviewer.get("/audit/?kind=operation.asked&by=anna")
    assert "(2 set)" in words_of(page)
    assert link_to(page, "Remove: Kind of record Operation requested") == "/audit/?by=anna"
    assert link_to(page, "Clear all") == "/audit/"


def test_nothing_found_says_what_was_sought(reviewer: Client) -> None:
    page = ask(reviewer, "/audit/?by=nobody&kind=export.made")
    assert "No record matches You searched for: person “nobody”, kind of record “Audit exported”." in page


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
    assert '<option value="Spring">' in page


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


def test_operation_of_many_records_says_how_many_more_there_are(reviewer: Client) -> None:
    operation = uuid.uuid4()
    numbers = [append_step(RecordKind.OPERATION_ASKED, operation)]
    numbers += [append_step(RecordKind.OPERATION_TRIED, operation) for _ in range(58)]
    numbers.append(append_step(RecordKind.OPERATION_ENDED, operation))
    page = reviewer.get("/audit/")
    linked = [number for number in numbers if f"Record {number}: " in page.text]
    assert linked == [*numbers[:10], *numbers[-10:]]
    everything = link_to(page, "40 more: show all 60")
    shown = reviewer.get(everything)
    older = reviewer.get(f"/audit/{link_to(shown, 'Older')}")
    assert [*numbers_on(shown), *numbers_on(older)] == numbers[::-1]


def append_step(kind: RecordKind, operation: uuid.UUID) -> int:
    with transaction.atomic():
        return ledger.append(kind, by="anna", status=Status.INFO, operation=operation, action="pause").number

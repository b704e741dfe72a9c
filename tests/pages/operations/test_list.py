"""The list of operations: newest first, narrowed by its address, the same price on every page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Operation, Preferences
from campaigns.pages.operations import queries
from campaigns.pages.operations.wanted import WantedOperations
from tests.factories import make_campaign, make_operation
from tests.pages.asking import words_of
from tests.pages.costs import HEAD

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def make_some(number: int, **values: Any) -> list[Operation]:
    """Ended operations, the newest first, a minute apart."""
    campaign = make_campaign()
    return [
        make_operation(campaign, state="SKIPPED", requested_at=NOON - timedelta(minutes=minutes), **values)
        for minutes in range(number)
    ]


def test_what_is_in_progress_stands_on_top(supervisor: Client) -> None:
    make_some(2)
    running = make_operation(state="RUNNING", requested_at=NOON - timedelta(days=1))
    page = supervisor.get("/operations/")
    assert [row.operation for row in page.context["page"].running] == [running]
    assert running not in shown(page.context["page"])
    assert "Waiting for CXone’s answer" in words_of(page)
    assert supervisor.get("/operations/", {"open": "1"}).context["page"].rows == []


def test_mine_are_found_and_seen(supervisor: Client) -> None:
    make_some(1, by="bob")
    mine = make_operation(by="ann", state="FAILED", requested_at=timezone.now() - timedelta(minutes=1))
    assert shown(supervisor.get("/operations/", {"mine": "1"}).context["page"]) == [mine]
    assert Preferences.objects.get().seen_operations_at


def test_refreshes_of_mine_mark_nothing_seen(supervisor: Client) -> None:
    refresh(supervisor, mine="1")
    assert not Preferences.objects.exists()


def test_time_is_chosen_in_words(supervisor: Client) -> None:
    new = make_operation(state="SKIPPED", requested_at=timezone.now() - timedelta(minutes=50))
    make_operation(state="SKIPPED", requested_at=timezone.now() - timedelta(hours=2))
    page = supervisor.get("/operations/", {"range": "hour"})
    assert shown(page.context["page"]) == [new]


def test_each_narrowing_can_be_taken_away(supervisor: Client) -> None:
    page = words_of(supervisor.get("/operations/", {"by": "bob", "state": "FAILED", "mine": "1"}))
    assert 'href="/operations/?state=FAILED&mine=1"' in page
    assert 'href="/operations/?by=bob&mine=1"' in page


def test_rows_stand_under_their_days(supervisor: Client) -> None:
    make_operation(state="SKIPPED", requested_at=NOON)
    make_operation(state="SKIPPED", requested_at=NOON - timedelta(days=1))
    page = words_of(supervisor.get("/operations/"))
    assert page.index("Mon 2 Nov 2026") < page.index("Sun 1 Nov 2026")


def test_rows_name_reasons_and_say_no_common_sentence(supervisor: Client) -> None:
    make_operation(state="CONFIRMED", reason="MAINTENANCE", calls_before=12)
    page = words_of(supervisor.get("/operations/"))
    assert '<td data-label="Reason">Maintenance</td>' in page
    assert "MAINTENANCE" not in page
    assert "was read back from CXone" not in page


def shown(page: queries.OperationPage) -> list[Operation]:
    return [row.operation for row in page.rows]


def test_newest_come_first() -> None:
    made = make_some(3)
    assert shown(queries.read_operations(WantedOperations())) == made


def test_pages_miss_and_repeat_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    made = make_some(5)
    first = queries.read_operations(WantedOperations())
    second = queries.read_operations(WantedOperations(), before=first.older)
    third = queries.read_operations(WantedOperations(), before=second.older)
    assert shown(first) + shown(second) + shown(third) == made
    assert third.older == ""


def test_same_moment_is_split_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    made = {make_operation(state="SKIPPED", requested_at=NOON) for _ in range(3)}
    first = queries.read_operations(WantedOperations())
    second = queries.read_operations(WantedOperations(), before=first.older)
    assert {*shown(first), *shown(second)} == made


@pytest.mark.parametrize("before", ["nonsense", "1-", "-1", f"{10**30}-{'0' * 32}", "1-zz", "\0"])
def test_nonsense_place_is_the_first_page(before: str) -> None:
    made = make_some(1)
    assert shown(queries.read_operations(WantedOperations(), before=before)) == made


@pytest.mark.parametrize(
    "wanted",
    [
        {"state": "FAILED"},
        {"kind": "resume"},
        {"by": "bob"},
        {"campaign": "c-1"},
        {"campaign": "SPRING"},
        {"campaign": "offer spring"},
    ],
)
def test_filters_narrow(wanted: dict[str, Any]) -> None:
    make_some(2)
    spring = make_campaign("c-1", name="Spring offer")
    found = make_operation(spring, state="FAILED", kind="resume", by="bob")
    assert shown(queries.read_operations(WantedOperations(**wanted))) == [found]


def test_filters_live_in_the_address(supervisor: Client) -> None:
    make_some(1, by="bob")
    page = supervisor.get("/operations/", {"by": "bob", "state": "FAILED"})
    assert 'value="bob"' in page.text
    assert '<option value="FAILED" selected>' in page.text
    assert "No operation matches" in page.text


def test_older_keeps_the_filter(supervisor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 1)
    make_some(2, by="bob")
    page = supervisor.get("/operations/", {"by": "bob"})
    assert f'href="?by=bob&amp;before={page.context["page"].older}"' in page.text


def test_nonsense_in_a_filter_is_said(supervisor: Client) -> None:
    make_some(1)
    page = supervisor.get("/operations/", {"state": "NO_SUCH", "by": "b\0b"})
    assert "NO_SUCH is not one of the available choices" in words_of(page)
    assert len(page.context["page"].rows) == 1


def test_rows_tell_the_state_in_words(supervisor: Client) -> None:
    make_operation(make_campaign(name="Spring"), state="REJECTED", calls_before=80, calls_limit=50)
    page = words_of(supervisor.get("/operations/"))
    assert "80 calls were in progress, more than the limit of 50." in page
    assert "Rejected" in page


def test_nothing_yet_is_said(supervisor: Client) -> None:
    assert "No operations yet" in words_of(supervisor.get("/operations/"))


def test_beyond_the_last_is_said(supervisor: Client) -> None:
    [made] = make_some(1)
    before = f"{int(made.requested_at.timestamp() * 1_000_000)}-{made.pk.hex}"
    assert "There are no older ones." in words_of(supervisor.get("/operations/", {"before": before}))


def test_list_costs_so_many_queries(supervisor: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        make_operation(requested_at=timezone.now())
    supervisor.get("/operations/")
    with django_assert_num_queries(HEAD + 3):
        supervisor.get("/operations/")


# --- its refreshes ---


def refresh(client: Client, seen: str = "", **address: str) -> Any:
    return client.get("/operations/rows/", {"seen": seen, **address}, headers={"HX-Request": "true"})


def test_unchanged_costs_an_empty_answer(supervisor: Client) -> None:
    make_some(1)
    seen = supervisor.get("/operations/").context["version"]
    assert refresh(supervisor, seen).status_code == 204


def test_new_state_is_sent(supervisor: Client) -> None:
    operation = make_operation(state="RUNNING")
    seen = supervisor.get("/operations/").context["version"]
    Operation.objects.filter(pk=operation.pk).update(state="UNCONFIRMED")
    response = refresh(supervisor, seen)
    assert "Unconfirmed" in words_of(response)
    assert "<html" not in response.text


def test_refresh_keeps_filter_and_place(supervisor: Client) -> None:
    [newer, older] = make_some(2, by="bob")
    make_some(1, by="ann")
    before = f"{int(newer.requested_at.timestamp() * 1_000_000)}-{newer.pk.hex}"
    fragment = refresh(supervisor, by="bob", before=before)
    assert shown(fragment.context["page"]) == [older]
    assert f"/operations/rows/?by=bob&amp;before={before}&amp;seen=" in fragment.text


def test_rows_opened_by_hand_are_the_page(supervisor: Client) -> None:
    assert supervisor.get("/operations/rows/", {"by": "bob"})["Location"] == "/operations/?by=bob"

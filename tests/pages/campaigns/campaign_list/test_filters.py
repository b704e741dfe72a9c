"""The list of campaigns: search, filters, attention, order and pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Control, OperationKind
from campaigns.selection import CampaignSelection
from campaigns.states import State
from tests.factories import SCHEDULE, make_bulk, make_calendar, make_campaign, make_holiday, make_operation
from tests.pages.campaigns.campaign_list.reading import NOW, names, page, rows

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


# --- Search and filters ---


@pytest.mark.parametrize("q", ["renew", "ABC"])
def test_search_finds_name_or_id(client: Client, q: str) -> None:
    make_campaign("abc-1", name="Renewals")
    make_campaign("xyz-2", name="Surveys")
    assert names(client, q=q) == ["Renewals"]


def test_search_takes_wildcards_literally(client: Client) -> None:
    make_campaign(name="All 100%")
    make_campaign(name="All 1000")
    assert names(client, q="100%") == ["All 100%"]


def test_filter_by_status_and_zone(client: Client) -> None:
    make_campaign(name="a", status="PAUSED", timezone="Europe/London")
    make_campaign(name="b", status="PAUSED")
    make_campaign(name="c", timezone="Europe/London")
    assert names(client, status="PAUSED", zone="Europe/London") == ["a"]


@pytest.mark.parametrize("chosen", ["America/New_York", "US/Eastern"])
def test_zone_is_found_by_each_of_its_names(client: Client, chosen: str) -> None:
    make_campaign(name="old", timezone="US/Eastern")
    make_campaign(name="new", timezone="America/New_York")
    make_campaign(name="fixed", timezone="EST")
    assert names(client, zone=chosen) == ["new", "old"]


def test_zones_are_offered_by_their_current_names(client: Client) -> None:
    make_campaign(timezone="US/Eastern")
    make_campaign(timezone="America/New_York")
    shown = page(client, zone="US/Eastern")
    assert '<option value="America/New_York" selected>' in shown
    assert '<option value="US/Eastern"' not in shown


def test_status_is_found_in_any_spelling(client: Client) -> None:
    make_campaign(name="a", status="PAUSED")
    make_campaign(name="b")
    assert names(client, status="paused") == ["a"]


def test_hours_that_cannot_be_read_are_not_closed(client: Client) -> None:
    hours = [{"day": "MON", "startTime": "09:00:30", "endTime": "17:00"}]
    make_campaign(schedule=SCHEDULE | {"dialingHours": hours})
    shown = page(client)
    assert "unknown: hours can&#x27;t be read" in shown
    assert "no windows" not in shown


def test_hours_in_another_spelling_are_read(client: Client) -> None:
    hours = [{"day": "Monday", "startTime": "9:00", "endTime": "17:00:00.000"}]
    make_campaign(schedule=SCHEDULE | {"dialingHours": hours})
    assert "open until 17:00" in page(client)


def test_gone_leave_the_list_in_time(client: Client) -> None:
    make_campaign(name="today", gone_at=NOW)
    make_campaign(name="long ago", gone_at=NOW - timedelta(days=4))
    assert names(client) == ["today"]
    assert names(client, status="gone") == ["long ago", "today"]


def test_nothing_matches_says_so(client: Client) -> None:
    make_campaign()
    assert "No campaign matches" in page(client, q="zzz")


def test_chosen_status_stays_offered(client: Client) -> None:
    assert '<option value="ODD" selected>' in page(client, status="ODD")


@pytest.mark.parametrize(
    "parameters",
    [
        {"page": "0"},
        {"page": "-1"},
        {"page": "99999"},
        {"page": "9" * 5000},
        {"page": "²"},
        {"sort": "password"},
        {"sort": "--name"},
        {"status": "\x00"},
        {"q": "\x00"},
        {"attention": "yes"},
        {"zone": "\x00"},
    ],
)
def test_nonsense_falls_back(client: Client, parameters: dict[str, str]) -> None:
    make_campaign(name="a")
    assert names(client, **parameters) == ["a"]


# --- Needs attention ---


def test_quiet_campaign_needs_none(client: Client) -> None:
    make_operation(make_campaign(status="PAUSED", active_calls=50), state=State.CONFIRMED)
    make_operation(state=State.SKIPPED)
    make_operation(state=State.CANCELLED)
    make_operation(state=State.RUNNING)
    make_campaign(active_calls=500)
    assert names(client, attention="1") == []


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED, State.UNCONFIRMED, State.CONFLICT])
def test_bad_end_needs_attention(client: Client, state: State) -> None:
    operation = make_operation(state=state)
    assert names(client, attention="1") == [operation.campaign.name]


def test_better_end_settles_it(client: Client) -> None:
    campaign = make_campaign()
    make_operation(campaign, state=State.FAILED, requested_at=NOW - timedelta(minutes=2))
    make_operation(campaign, state=State.CONFIRMED, requested_at=NOW - timedelta(minutes=1))
    assert names(client, attention="1") == []


def test_old_trouble_is_history(client: Client) -> None:
    make_operation(state=State.FAILED, requested_at=NOW - timedelta(days=4))
    assert names(client, attention="1") == []


def test_trouble_is_as_old_as_its_end(client: Client) -> None:
    late = make_operation(state=State.FAILED, requested_at=NOW - timedelta(days=9), ended_at=NOW - timedelta(hours=1))
    assert names(client, attention="1") == [late.campaign.name]


def test_later_request_hides_no_trouble(client: Client) -> None:
    due = NOW - timedelta(minutes=10)
    pause = make_operation(state=State.FAILED, requested_at=NOW - timedelta(hours=9), not_before=due, ended_at=due)
    make_operation(pause.campaign, state=State.CONFIRMED, requested_at=NOW - timedelta(hours=3))
    assert names(client, attention="1") == [pause.campaign.name]


def test_turn_in_a_bulk_needs_no_attention(client: Client) -> None:
    make_operation(state=State.QUEUED, bulk=make_bulk(), requested_at=NOW - timedelta(minutes=20))
    assert names(client, attention="1") == []


def test_stuck_operation_needs_attention(client: Client) -> None:
    stuck = make_operation(state=State.WAITING, requested_at=NOW - timedelta(minutes=6))
    assert names(client, attention="1") == [stuck.campaign.name]


@pytest.mark.parametrize("state", [State.SCHEDULED, State.CANCELLED])
def test_end_hides_no_trouble(client: Client, state: State) -> None:
    pause = make_operation(state=State.FAILED, requested_at=NOW - timedelta(seconds=1))
    make_operation(pause.campaign, kind=OperationKind.RESUME, state=state, undoes=pause, requested_at=NOW)
    assert names(client, attention="1") == [pause.campaign.name]


@pytest.mark.parametrize(("minutes_late", "found"), [(-1, 0), (4, 0), (6, 1)])
def test_due_operation_is_stuck_after_its_time(client: Client, minutes_late: int, found: int) -> None:
    due = NOW - timedelta(minutes=minutes_late)
    make_operation(state=State.ACCEPTED, requested_at=NOW - timedelta(days=1), not_before=due)
    assert len(names(client, attention="1")) == found


@pytest.mark.parametrize(
    "values",
    [
        {"control": Control.OUTSIDE, "status_since": NOW},
        {"status": "DRAINING"},
        {"gone_at": NOW},
        {"status": "PAUSED", "active_calls": 51},
        {"status": "PAUSED", "active_calls": 2, "max_active_calls": 1},
    ],
)
def test_odd_campaign_needs_attention(client: Client, values: dict[str, Any]) -> None:
    make_campaign(name="odd", **values)
    assert names(client, attention="1") == ["odd"]


def test_summary_counts_what_filter_finds(client: Client) -> None:
    make_campaign(gone_at=NOW)
    make_operation(state=State.FAILED)
    summary = client.get("/campaigns/").context["listing"].summary
    assert (summary.active, summary.attention) == (1, len(names(client, attention="1")))


# --- Order and pages ---


def test_names_in_order_whatever_their_case(client: Client) -> None:
    for name in ("beta", "Alpha", "Gamma"):
        make_campaign(name=name)
    assert names(client) == ["Alpha", "beta", "Gamma"]
    assert names(client, sort="-name") == ["Gamma", "beta", "Alpha"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("status", ["a", "b"]), ("-calls", ["b", "a"]), ("calls", ["a", "b"]), ("zone", ["b", "a"])],
)
def test_sort_by_column(client: Client, sort: str, expected: list[str]) -> None:
    make_campaign(name="a", status="ACTIVE", active_calls=1, timezone="Europe/London")
    make_campaign(name="b", status="PAUSED", active_calls=2, timezone="America/New_York")
    assert names(client, sort=sort) == expected


def test_sort_by_newest_operation(client: Client) -> None:
    make_campaign(name="none")
    make_operation(make_campaign(name="old"), requested_at=NOW - timedelta(hours=1))
    make_operation(make_campaign(name="new"), requested_at=NOW)
    assert names(client, sort="-operation") == ["new", "old", "none"]
    assert names(client, sort="operation") == ["old", "new", "none"]


def test_second_page_goes_on(client: Client) -> None:
    for number in range(51):
        make_campaign(name=f"{number:03}")
    assert names(client, page=2) == ["050"]
    assert "51 to 51 of 51" in page(client, page=2)


def test_links_keep_the_filter(client: Client) -> None:
    for number in range(51):
        make_campaign(name=f"{number:03}", status="PAUSED")
    shown = page(client, status="PAUSED", sort="-calls")
    assert "?status=PAUSED&amp;sort=-calls&amp;page=2" in shown
    assert "?status=PAUSED&amp;sort=calls" in shown


def test_selection_survives_its_own_address() -> None:
    selection = CampaignSelection("a&b=ü", "PAUSED", "Europe/London", "7", attention=True, sort="-calls", page=3)
    assert CampaignSelection.read(QueryDict(selection.query)) == selection


@pytest.mark.parametrize("number", [5, 500])
def test_queries_do_not_grow(client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    now = timezone.now()
    Campaign.objects.bulk_create(
        Campaign(id=f"c{n}", name=f"c{n}", status="ACTIVE", schedule=SCHEDULE, read_at=now) for n in range(number)
    )
    for campaign in Campaign.objects.all()[:60]:
        make_operation(campaign, state=State.REJECTED)
    make_holiday(make_calendar(*Campaign.objects.all()))
    page(client)  # the first page of a sign-in writes its session
    with django_assert_num_queries(18):
        page(client, attention="1")
    with django_assert_num_queries(14):
        rows(client)

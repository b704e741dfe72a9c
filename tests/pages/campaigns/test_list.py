"""The list of campaigns: rows, filters, order, pages, and the fragment that refreshes itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Control, SyncState
from campaigns.pages.campaigns.filters import CampaignSelection
from campaigns.states import State
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)  # a Monday, 10:00 in New York
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)
        yield traveller


@pytest.fixture
def client() -> Client:
    return client_of("supervisor")


def client_of(role: str) -> Client:
    browser = Client()
    browser.force_login(make_user(role))
    return browser


def page(client: Client, **parameters: str | int) -> str:
    response = client.get("/campaigns/", parameters)
    assert response.status_code == 200
    return response.content.decode()


def names(client: Client, **parameters: str | int) -> list[str]:
    response = client.get("/campaigns/", parameters)
    return [row.campaign.name for row in response.context["listing"].rows]


def rows(client: Client, **parameters: str | int) -> HttpResponse:
    response: HttpResponse = client.get("/campaigns/rows/", parameters, headers=HTMX)  # type: ignore[assignment]
    return response


def token_of(client: Client, **parameters: str | int) -> str:
    return str(client.get("/campaigns/", parameters).context["token"])


# --- Rows ---


def test_row_shows_name_and_id(client: Client) -> None:
    make_campaign("abc-1", name="Renewals <b>")
    assert escape("Renewals <b>") in page(client)
    assert "abc-1" in page(client)


def test_unknown_status_is_shown_as_it_is(client: Client) -> None:
    make_campaign(status="DRAINING_2")
    assert '<span class="word">DRAINING_2</span>' in page(client)


def test_calls_above_limit_are_marked(client: Client) -> None:
    make_campaign(active_calls=51)
    assert "over 50" in page(client)


def test_calls_at_limit_are_not_marked(client: Client) -> None:
    make_campaign(active_calls=50)
    assert "over 50" not in page(client)


def test_own_limit_overrules_policy(client: Client) -> None:
    make_campaign(active_calls=51, max_active_calls=60)
    assert "over " not in page(client)


def test_local_time_has_its_zone(client: Client) -> None:
    make_campaign()
    assert "10:00\N{NO-BREAK SPACE}EST" in page(client)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (SCHEDULE, "open until 17:00\N{NO-BREAK SPACE}EST"),
        (SCHEDULE | {"timezone": "Asia/Kathmandu"}, "opens Tue 09:00\N{NO-BREAK SPACE}UTC+5:45"),
        (SCHEDULE | {"dialingHours": []}, "no windows"),
        (SCHEDULE | {"timezone": "Mars/Olympus"}, "unknown time zone"),
    ],
)
def test_dialing_window_in_words(client: Client, schedule: dict[str, Any], words: str) -> None:
    make_campaign(schedule=schedule)
    assert words in page(client)


def test_unreadable_schedule_does_no_harm(client: Client) -> None:
    make_campaign(schedule=["what"], timezone="")
    assert "unknown time zone" in page(client)


def test_newest_operation_alone_is_shown(client: Client) -> None:
    campaign = make_campaign()
    make_operation(campaign, state=State.FAILED, by="old", requested_at=NOW - timedelta(hours=1))
    make_operation(campaign, state=State.CONFIRMED, by="anna", requested_at=NOW - timedelta(minutes=3))
    shown = page(client)
    assert "Pause confirmed" in shown
    assert "anna, " in shown
    assert "3 min ago" in shown
    assert "Pause failed" not in shown


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED, State.UNCONFIRMED, State.CONFLICT])
def test_bad_end_says_why(client: Client, state: State) -> None:
    make_operation(state=state, error="CXone said no.")
    assert '<span class="under trouble clamp"' in page(client)
    assert "CXone said no.</span>" in page(client)


def test_good_end_needs_no_sentence(client: Client) -> None:
    make_operation(state=State.CONFIRMED)
    assert "under trouble" not in page(client)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"control": Control.PERSON, "controller": "anna"}, "anna"),
        ({"control": Control.SCHEDULE}, "the schedule"),
        ({"control": Control.OUTSIDE}, "changed outside"),
        ({"control": Control.BEFORE}, "since before we looked"),
    ],
)
def test_who_is_in_control(client: Client, values: dict[str, Any], words: str) -> None:
    make_campaign(**values)
    assert client.get("/campaigns/").context["listing"].rows[0].controller == words


def test_age_is_of_last_full_read(client: Client) -> None:
    make_campaign(read_at=NOW - timedelta(hours=5))
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=4))
    assert client.get("/campaigns/").context["listing"].rows[0].age_seconds == 4


def test_age_of_campaign_read_alone(client: Client) -> None:
    make_campaign(read_at=NOW - timedelta(seconds=1))
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=9))
    assert client.get("/campaigns/").context["listing"].rows[0].age_seconds == 1


# --- Its next holiday ---


def test_next_holiday_is_shown(client: Client) -> None:
    calendar = make_calendar(make_campaign())
    make_holiday(calendar, "2026-12-25")
    make_holiday(calendar, "2026-11-26", name="Thanksgiving Day")
    assert "Thu 2026-11-26" in page(client)
    assert "Christmas Day" not in page(client)


def test_holiday_of_today_is_the_next(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-16")
    assert "Mon 2026-11-16" in page(client)


def test_restricted_hours_that_are_over(client: Client) -> None:
    make_holiday(make_calendar(make_campaign()), "2026-11-16", starts=time(8), ends=time(9), every_year=True)
    shown = page(client)
    assert "Tue 2027-11-16" in shown
    assert "Christmas Day, 08:00 to 09:00" in shown


def test_other_calendars_don_t_count(client: Client) -> None:
    make_campaign()
    make_holiday(make_calendar(make_campaign(name="other")))
    assert [row.holiday is None for row in client.get("/campaigns/").context["listing"].rows] == [True, False]


def test_filter_by_calendar(client: Client) -> None:
    calendar = make_calendar(make_campaign(name="ours"), name="US")
    make_campaign(name="other")
    assert names(client, calendar=calendar.pk) == ["ours"]
    assert f'<option value="{calendar.pk}" selected> US </option>' in " ".join(
        page(client, calendar=calendar.pk).split()
    )


@pytest.mark.parametrize("nonsense", ["x", "-1", "1" * 30, "\N{ARABIC-INDIC DIGIT ONE}"])
def test_nonsense_as_a_calendar_narrows_nothing(client: Client, nonsense: str) -> None:
    make_campaign(name="ours")
    assert names(client, calendar=nonsense) == ["ours"]


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ({"control": Control.OUTSIDE, "status_since": NOW - timedelta(days=2)}, True),
        ({"control": Control.OUTSIDE, "status_since": NOW - timedelta(days=4)}, False),
        ({"control": Control.BEFORE}, False),
    ],
)
def test_only_a_recent_change_is_marked(client: Client, values: dict[str, Any], marked: bool) -> None:
    make_campaign(status="PAUSED", **values)
    assert ("tone-warning" in client.get("/campaigns/").text.partition('data-label="In control"')[2]) == marked


# --- Actions by right and state ---


def offered(client: Client) -> str | None:
    (row,) = client.get("/campaigns/").context["listing"].rows
    return row.action.verb if row.action else None


def test_active_may_be_paused(client: Client) -> None:
    make_campaign()
    assert offered(client) == "Pause"


def test_paused_may_be_resumed(client: Client) -> None:
    make_campaign(status="PAUSED")
    assert offered(client) == "Resume"


def test_unknown_status_may_be_paused(client: Client) -> None:
    make_campaign(status="DRAINING")
    assert offered(client) == "Pause"


@pytest.mark.parametrize("status", ["COMPLETE", "DRAFT", "STOPPING"])
def test_what_is_at_rest_may_only_be_looked_at(client: Client, status: str) -> None:
    make_campaign(status=status)
    assert offered(client) is None


def test_reviewer_may_only_look() -> None:
    make_campaign()
    assert offered(client_of("reviewer")) is None


def test_one_operation_at_a_time(client: Client) -> None:
    make_operation(state=State.RUNNING)
    assert offered(client) is None


def test_gone_campaign_has_no_actions(client: Client) -> None:
    make_campaign(gone_at=NOW)
    assert offered(client) is None
    assert "Not in CXone" in page(client)


def test_person_without_role_is_refused() -> None:
    assert client_of("").get("/campaigns/").status_code == 403


def test_nobody_is_sent_to_sign_in() -> None:
    assert Client().get("/campaigns/?q=a")["Location"] == "/accounts/login/?next=/campaigns/%3Fq%3Da"


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


def test_stuck_operation_needs_attention(client: Client) -> None:
    stuck = make_operation(state=State.WAITING, requested_at=NOW - timedelta(minutes=6))
    assert names(client, attention="1") == [stuck.campaign.name]


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
    with django_assert_num_queries(16):
        page(client, attention="1")
    with django_assert_num_queries(12):
        rows(client)


# --- Refreshing ---


def test_unchanged_rows_are_empty(client: Client) -> None:
    make_campaign()
    response = rows(client, seen=token_of(client))
    assert (response.status_code, response.content) == (204, b"")


def test_unchanged_answer_tells_the_age(client: Client) -> None:
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=7))
    assert rows(client, seen=token_of(client))["X-Data-Age"] == "7"


def test_unchanged_costs_few_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    token = token_of(client)
    with django_assert_num_queries(5):
        rows(client, seen=token)


def test_new_version_sends_rows(client: Client) -> None:
    token = token_of(client)
    make_campaign(name="new one")
    SyncState.bump()
    assert "new one" in rows(client, seen=token).content.decode()


def test_next_minute_sends_rows(client: Client, frozen: time_machine.Traveller) -> None:
    token = token_of(client)
    frozen.shift(30)
    assert rows(client, seen=token).status_code == 200


def test_lost_freshness_sends_rows(client: Client) -> None:
    token = token_of(client)
    SyncState.objects.update(failing_since=NOW)
    assert rows(client, seen=token).status_code == 200


def test_other_filter_sends_rows(client: Client) -> None:
    assert rows(client, seen=token_of(client), status="PAUSED").status_code == 200


def test_other_rights_send_rows(client: Client) -> None:
    assert rows(client_of("reviewer"), seen=token_of(client)).status_code == 200


def test_fragment_is_rows_alone(client: Client) -> None:
    make_campaign(name="Renewals")
    content = rows(client).content.decode()
    assert "Renewals" in content
    assert "<html" not in content
    assert 'id="freshness" class="freshness level-fresh" hx-swap-oob="patch"' in content


def test_fragment_opened_by_hand_is_the_page(client: Client) -> None:
    assert client.get("/campaigns/rows/?status=PAUSED")["Location"] == "/campaigns/?status=PAUSED"


def test_fragment_needs_the_right() -> None:
    assert rows(client_of("")).status_code == 403


def test_signed_out_refresh_gets_401() -> None:
    response = Client().get("/campaigns/rows/", headers=HTMX | {"X-Automatic-Refresh": "1"})
    assert response.status_code == 401


def test_refresh_does_not_prolong_session(client: Client, frozen: time_machine.Traveller) -> None:
    page(client)
    frozen.shift(600)
    response = client.get("/campaigns/rows/", headers=HTMX | {"X-Automatic-Refresh": "1"})
    assert response.cookies.get("sessionid") is None


def test_pages_are_not_kept(client: Client) -> None:
    assert "no-store" in client.get("/campaigns/")["Cache-Control"]


# --- How far the page can be trusted ---


def test_fresh_data_needs_no_banner(client: Client) -> None:
    make_campaign()
    shown = page(client)
    assert "CXone answers" in shown
    assert "is-old" not in shown


def test_old_data_is_never_live(client: Client) -> None:
    make_campaign()
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=46))
    shown = page(client)
    assert "The state of all campaigns has been unknown since" in shown
    assert "14:59:44 UTC" in shown
    assert 'class="stack is-old"' in shown


def test_three_intervals_are_still_fresh(client: Client) -> None:
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=45))
    assert "unknown since" not in page(client)


def test_slower_interval_has_more_patience(client: Client) -> None:
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=90), interval_seconds=31)
    assert "unknown since" not in page(client)


def test_failing_reads_say_why(client: Client) -> None:
    SyncState.objects.update(failing_since=NOW - timedelta(seconds=10), error="CXone answered 503.")
    shown = page(client)
    assert "Reading CXone has failed since" in shown
    assert "CXone answered 503." in shown


def test_never_read_says_so(client: Client) -> None:
    SyncState.objects.update(last_good_at=None, error="The client id is unknown.")
    shown = page(client)
    assert "CXone has not been read yet" in shown
    assert "The client id is unknown." in shown


def test_empty_tenant_says_so(client: Client) -> None:
    assert "CXone lists no campaigns" in page(client)

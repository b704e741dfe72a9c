"""The list of campaigns: search, filters, states, order and pages."""

import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.pages.kept import forget_all
from campaigns.models import Campaign, FindingCode, Star, SyncState
from campaigns.selection import CampaignSelection, known_tags
from campaigns.states import State
from tests.attention.given import make_finding
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation, make_user
from tests.pages.campaigns.campaign_list.reading import NOW, names, page, rows

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


# --- Search and filters ---


@pytest.mark.parametrize("q", ["renew", "ABC"])
def test_search_finds_name_or_id(client: Client, q: str) -> None:
    make_campaign("abc-1", name="Renewals")
    make_campaign("xyz-2", name="Surveys")
    assert names(client, q=q) == ["Renewals"]


def test_search_finds_words_of_a_name_in_any_order(client: Client) -> None:
    make_campaign(name="Illinois: Pest Control Renewals")
    make_campaign(name="Illinois: Roof Renewals")
    assert names(client, q="pest illinois") == ["Illinois: Pest Control Renewals"]


def test_search_takes_wildcards_literally(client: Client) -> None:
    make_campaign(name="All 100%")
    make_campaign(name="All 1000")
    assert names(client, q="100%") == ["All 100%"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["client:Northwind"], ["a", "b"]),
        (["client:Northwind", "client:Lakeshore"], ["a", "b", "c"]),
        (["client:Northwind", "region:Texas"], ["a"]),
        (["client:northwind"], []),
        (["client:North"], []),
        (["it's a $.name:1:2"], ["d"]),
        (["CXone campaign:Q4 Outreach"], ["e"]),
        (["nonsense", ":", "client:"], ["a", "b", "c", "d", "e"]),
        # In a database's path a number is an index, and SQLite refuses one below 0.
        (["-1:1"], []),
        (["5:1"], []),
        (["-1_0:1"], []),
        (["٣:1"], []),
        (['a"b:1'], []),
    ],
)
def test_filter_by_tags(client: Client, tags: list[str], expected: list[str]) -> None:
    make_campaign(name="a", tags={"client": "Northwind", "region": "Texas"})
    make_campaign(name="b", tags={"client": "Northwind", "region": "Florida"})
    make_campaign(name="c", tags={"client": "Lakeshore", "region": "Texas"})
    make_campaign(name="d", tags={"it's a $.name": "1:2"})
    make_campaign(name="e", tags={"CXone campaign": "Q4 Outreach"})
    assert names(client, tag=tags) == expected


def test_known_tags_are_those_that_campaigns_have() -> None:
    make_campaign(tags={"region": "Texas", "client": "Northwind"})
    make_campaign(tags={"region": "florida"})
    make_campaign(tags={"region": "Texas"})
    make_campaign(tags={"region": "Ohio"}, gone_at=NOW)
    make_campaign()
    assert known_tags() == {"client": ["Northwind"], "region": ["florida", "Texas"]}


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
    assert "<option selected>America/New_York</option>" in shown
    assert "US/Eastern</option>" not in shown


def test_status_is_found_in_any_spelling(client: Client) -> None:
    make_campaign(name="a", status="PAUSED")
    make_campaign(name="b")
    assert names(client, status="paused") == ["a"]


def test_hours_that_cannot_be_read_are_not_closed(client: Client) -> None:
    hours = [{"day": "MON", "startTime": "09:00:30", "endTime": "17:00"}]
    make_campaign(schedule=SCHEDULE | {"dialingHours": hours})
    shown = page(client)
    assert "unknown: hours can’t be read" in shown
    assert "no windows" not in shown


def test_hours_in_another_spelling_are_read(client: Client) -> None:
    hours = [{"day": "Monday", "startTime": "9:00", "endTime": "17:00:00.000"}]
    make_campaign(schedule=SCHEDULE | {"dialingHours": hours})
    assert 'datetime="2026-11-16T22:00Z">Mon 17:00<' in page(client)


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
        {"state": "sleeping"},
        {"finding": "nothing"},
        {"columns": "password"},
        {"columns": "a;b"},
        {"zone": "\x00"},
    ],
)
def test_nonsense_falls_back(client: Client, parameters: dict[str, str]) -> None:
    make_campaign(name="a")
    assert names(client, **parameters) == ["a"]


# --- States ---


def test_campaigns_with_open_findings_need_attention(client: Client) -> None:
    make_operation(make_campaign(status="PAUSED", active_calls=500), state=State.FAILED)
    make_finding(FindingCode.CHANGED_IN_CXONE, make_campaign(name="changed"))
    make_finding(FindingCode.CAME_BACK, make_campaign(name="settled"), ended_at=NOW, end="gone")
    assert names(client, attention="1") == ["changed"]


def test_campaigns_with_a_finding_of_one_code(client: Client) -> None:
    both = make_campaign(name="both")
    make_finding(FindingCode.CHANGED_IN_CXONE, both)
    make_finding(FindingCode.CALLS_OVER_LIMIT, both)
    make_finding(FindingCode.CHANGED_IN_CXONE, make_campaign(name="changed"))
    assert names(client, finding="changed_in_cxone") == ["both", "changed"]
    assert names(client, finding="calls_over_limit") == ["both"]
    assert names(client, finding="no_such_code") == ["both", "changed"]


@pytest.fixture
def one_of_each() -> None:
    """Named for its state."""
    # Windows change at whole minutes.
    later, since = NOW + timedelta(hours=2), NOW.replace(second=0)
    make_campaign(name="dialing", window_open=True, window_changes_at=later)
    make_campaign(name="calls outside hours", window_open=False, active_calls=3)
    make_campaign(name="nobody can say", window_open=None)
    make_campaign(name="opened since", window_open=False, window_changes_at=since)
    make_campaign(name="waiting", window_open=False, window_changes_at=later)
    make_campaign(name="closed since", window_open=True, window_changes_at=since)
    make_campaign(name="draining", status="PAUSED", active_calls=1)
    make_campaign(name="paused", status="PAUSED", urgency=4)
    make_campaign(name="draft", status="DRAFT")
    make_campaign(name="gone", gone_at=NOW)


DIALING = {"dialing", "calls outside hours", "nobody can say", "opened since"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("dialing", DIALING),
        ("waiting", {"waiting", "closed since"}),
        ("draining", {"draining"}),
        ("paused", {"draining", "paused"}),
        ("other", {"draft", "gone"}),
        ("needs-you", {"paused"}),
    ],
)
def test_filter_by_state(client: Client, one_of_each: None, state: str, expected: set[str]) -> None:
    assert set(names(client, state=state)) == expected


def test_row_is_in_the_state_that_finds_it(client: Client, one_of_each: None) -> None:
    for state in ("dialing", "waiting", "draining"):
        assert set(re.findall(r'<td class="state ([a-z]+)"', page(client, state=state))) == {state}


def test_tab_shows_as_many_as_it_counts(client: Client, one_of_each: None) -> None:
    for tab in client.get("/campaigns/?q=paused&sort=name").context["listing"].strip.tabs:
        assert client.get(f"/campaigns/?{tab.query}").text.count(' id="row-') == tab.count
        assert "sort=name" in tab.query


def test_tabs_add_up(client: Client, one_of_each: None) -> None:
    strip = client.get("/campaigns/").context["listing"].strip
    parts = [strip.count_of(state) for state in ("dialing", "waiting", "paused", "other")]
    assert (sum(parts), parts) == (strip.count_of("all"), [4, 2, 2, 2])
    assert strip.calls == 4


def test_nothing_other_needs_no_tab(client: Client) -> None:
    make_campaign()
    assert "Other" not in [tab.label for tab in client.get("/campaigns/").context["listing"].strip.tabs]


def test_quiet_floor_calls_nobody(client: Client) -> None:
    make_campaign()
    assert "calling" not in page(client)
    make_campaign(urgency=1)
    SyncState.bump()
    assert 'class="needs-you calling"' in page(client)


def test_filter_by_stars_of_a_person(client: Client) -> None:
    make_campaign(name="plain")
    starred = make_campaign(name="starred")
    Star.objects.create(user=make_user(username="anna"), campaign=starred)
    assert names(client, starred="anna") == ["starred"]
    assert names(client, starred="bob") == []
    assert "Starred by anna" in page(client, starred="anna")


def test_each_filter_can_be_taken_off(client: Client) -> None:
    shown = page(client, state="paused", q="a&b", zone="Europe/London")
    assert 'id="without-zone" href="/campaigns/?q=a%26b&amp;state=paused"' in shown
    assert 'id="without-q" href="/campaigns/?state=paused&amp;zone=Europe%2FLondon"' in shown


# --- Order and pages ---


def test_names_in_order_whatever_their_case(client: Client) -> None:
    for name in ("beta", "Alpha", "Gamma"):
        make_campaign(name=name)
    assert names(client, sort="name") == ["Alpha", "beta", "Gamma"]
    assert names(client, sort="-name") == ["Gamma", "beta", "Alpha"]


def test_what_needs_somebody_comes_first(client: Client) -> None:
    make_campaign(name="b", active_calls=5)
    make_campaign(name="a", active_calls=5)
    make_campaign(name="many calls", active_calls=90)
    make_campaign(name="urgent", urgency=2)
    make_campaign(name="most urgent", urgency=9)
    assert names(client) == ["most urgent", "urgent", "many calls", "a", "b"]


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
    tags = ("client:A&B", "region:Québec")
    selection = CampaignSelection(
        "a&b=ü", "draining", "PAUSED", "Europe/London", "7", tags, "came_back", "anna", "calls,last", "-calls", 3
    )
    assert CampaignSelection.read(QueryDict(selection.query)) == selection


@pytest.mark.parametrize("number", [5, 500])
def test_queries_do_not_grow(client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    now = timezone.now()
    Campaign.objects.bulk_create(
        Campaign(id=f"c{n}", name=f"c{n}", status="ACTIVE", schedule=SCHEDULE, read_at=now) for n in range(number)
    )
    for campaign in Campaign.objects.all()[:60]:
        make_operation(campaign, state=State.REJECTED)
        make_finding(FindingCode.OPERATION_FAILED, campaign)
    make_holiday(make_calendar(*Campaign.objects.all()))
    page(client)  # the first page of a sign-in writes its session
    # What the filters offer is kept for a minute, which may end at any time.
    forget_all()
    SyncState.bump()
    with django_assert_num_queries(27):
        page(client, attention="1")
    SyncState.bump()
    with django_assert_num_queries(13):
        rows(client)
    # Whoever reads the same next needs only what is their own: session, rights, freshness, desk and stars; and what
    # the notices count.
    with django_assert_num_queries(6):
        rows(client)

"""The list of campaigns: the fragment that refreshes itself, and how far it can be trusted."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from campaigns.models import SyncState
from tests.factories import make_campaign
from tests.pages.campaigns.campaign_list.reading import HTMX, NOW, client_of, page, rows, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


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


def test_open_circuit_says_since_when(client: Client) -> None:
    since = NOW - timedelta(seconds=40)
    SyncState.objects.update(unanswered=5, unanswered_since=since, probe_at=NOW, error="No connection.")
    shown = page(client)
    assert "CXone does not answer" in shown
    assert "CXone has not answered since" in " ".join(shown.split())
    assert shown.count("14:59:50 UTC") >= 2


def test_earliest_failure_is_told_once(client: Client) -> None:
    SyncState.objects.update(
        failing_since=NOW - timedelta(seconds=90),
        unanswered=9,
        unanswered_since=NOW - timedelta(seconds=70),
        probe_at=NOW,
        last_good_at=NOW - timedelta(seconds=100),
    )
    shown = " ".join(page(client).split())
    assert "It has not answered since" in shown
    assert "14:59:00 UTC" in shown
    assert "14:59:20 UTC" not in shown


def test_few_failures_in_a_row_are_not_told(client: Client) -> None:
    SyncState.objects.update(unanswered=4, unanswered_since=NOW)
    assert "CXone answers" in page(client)


def test_opening_sends_rows(client: Client) -> None:
    SyncState.objects.update(failing_since=NOW)
    token = token_of(client)
    SyncState.objects.update(unanswered=5, unanswered_since=NOW, probe_at=NOW)
    assert rows(client, seen=token).status_code == 200


def test_never_read_says_so(client: Client) -> None:
    SyncState.objects.update(last_good_at=None, error="The client id is unknown.")
    shown = page(client)
    assert "CXone has not been read yet" in shown
    assert "The client id is unknown." in shown


def test_empty_tenant_says_so(client: Client) -> None:
    assert "CXone lists no campaigns" in page(client)

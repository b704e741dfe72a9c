"""The list of campaigns: the fragment that refreshes itself, and how far it can be trusted."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit import ledger
from audit.kinds import RecordKind
from campaigns.models import Campaign, Finding, Operation, Star, SyncState
from campaigns.pages.campaigns.columns import COLUMNS
from campaigns.states import State
from tests.factories import make_campaign, make_operation
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
    with django_assert_num_queries(3):
        rows(client, seen=token)


def test_new_version_sends_rows(client: Client) -> None:
    token = token_of(client)
    make_campaign(name="new one")
    SyncState.bump()
    assert "new one" in rows(client, seen=token).content.decode()


def test_next_minute_sends_nothing(client: Client, frozen: time_machine.Traveller) -> None:
    make_campaign(window_open=True, window_changes_at=NOW + timedelta(hours=1))
    token = token_of(client)
    frozen.shift(120)
    SyncState.objects.update(last_good_at=NOW + timedelta(seconds=110))
    assert rows(client, seen=token).status_code == 204


def test_row_says_the_same_a_minute_later(client: Client, frozen: time_machine.Traveller) -> None:
    make_operation(state=State.CONFIRMED)
    before = rows_alone(client)
    frozen.shift(120)
    SyncState.objects.update(last_good_at=NOW + timedelta(seconds=110))
    SyncState.bump()
    assert rows_alone(client) == before


def rows_alone(client: Client) -> str:
    keys = ",".join(COLUMNS)
    return rows(client, columns=keys).content.decode().partition("<tbody")[2].partition("</tbody")[0]


def test_next_quarter_may_be_another_day_somewhere(client: Client, frozen: time_machine.Traveller) -> None:
    token = token_of(client)
    frozen.shift(900)
    SyncState.objects.update(last_good_at=NOW + timedelta(seconds=890))
    assert rows(client, seen=token).status_code == 200


def versions_of(shown: str) -> list[str]:
    """What static/js/live.js tells of the rows of a page."""
    return re.findall(r'<tr data-v="([^"]*)"', shown)


def changes(client: Client, known: list[str], **parameters: str) -> str:
    """What a page gets that has rows of these versions, after whatever changed."""
    SyncState.bump()
    headers = HTMX | {"X-Rows": ",".join(known)}
    answer = client.get("/campaigns/rows/", {"sort": "name", **parameters}, headers=headers)
    return " ".join(answer.content.decode().split())


def body_of(answer: str) -> list[str]:
    """The rows of an answer: the campaign's name, or the places of rows that the page has already."""
    body = answer[answer.index("<tbody") : answer.index("</tbody>")]
    return [place or name for place, name in re.findall(r'data-same="([^"]*)"|class="name"[^>]*>([^<]*)<', body)]


@pytest.fixture
def known(client: Client) -> list[str]:
    """A page with five campaigns is open."""
    for name in "bdfhj":
        make_campaign(f"c-{name}", name=name, active_calls=1)
    return versions_of(page(client, sort="name"))


def test_only_changed_rows_are_sent(client: Client, known: list[str]) -> None:
    Campaign.objects.filter(pk="c-f").update(active_calls=7)
    assert body_of(changes(client, known)) == ["0-1", "f", "3-4"]


def test_row_that_came_is_sent_at_its_place(client: Client, known: list[str]) -> None:
    make_campaign("c-c", name="c")
    assert body_of(changes(client, known)) == ["0-0", "c", "1-4"]


def test_row_that_left_is_named_no_more(client: Client, known: list[str]) -> None:
    Campaign.objects.filter(pk="c-d").delete()
    assert body_of(changes(client, known)) == ["0-0", "2-4"]


def test_row_that_moved_is_sent_only_where_it_changed(client: Client, known: list[str]) -> None:
    Campaign.objects.filter(pk="c-b").update(active_calls=9)
    assert body_of(changes(client, known, sort="-calls")) == ["b", "1-4"]


def test_page_that_tells_nothing_gets_all(client: Client, known: list[str]) -> None:
    assert body_of(changes(client, [])) == list("bdfhj")


def test_second_reader_gets_the_same(client: Client, known: list[str]) -> None:
    Campaign.objects.filter(pk="c-f").update(active_calls=7)
    changes(client, known)
    assert body_of(changes(client_of("supervisor"), known)) == ["0-1", "f", "3-4"]


def test_action_is_the_readers_own(client: Client, known: list[str]) -> None:
    assert "/pause/" in changes(client, [])
    reviewer = client_of("reviewer")
    answer = reviewer.get("/campaigns/rows/", headers=HTMX)
    assert "/pause/" not in answer.content.decode()


def test_star_is_the_readers_own(client: Client, known: list[str]) -> None:
    other = client_of("supervisor")
    Star.objects.create(user_id=other.session["_auth_user_id"], campaign_id="c-d")
    assert body_of(changes(client, known)) == ["0-4"]
    changes(other, known)
    assert 'aria-pressed="true"' in changes(other, known)


@pytest.mark.parametrize("state", [State.RUNNING, State.CONFIRMED, State.FAILED])
def test_operation_changes_its_row(client: Client, known: list[str], state: State) -> None:
    with transaction.atomic():
        make_operation(Campaign.objects.get(pk="c-h"), state=state)
        ledger.append(RecordKind.OPERATION_ASKED, by="anna", campaign_id="c-h")
    assert body_of(changes(client, known)) == ["0-2", "h", "4-4"]


def test_step_that_is_not_on_record_changes_its_row(client: Client) -> None:
    operation = make_operation(make_campaign("c-1", name="a"), state=State.QUEUED)
    known = versions_of(page(client, sort="name"))
    changes(client, known)
    Operation.objects.filter(pk=operation.pk).update(state=State.WAITING)
    assert body_of(changes(client, known)) == ["a"]


def test_finding_changes_its_row(client: Client, known: list[str]) -> None:
    changes(client, known)
    Finding.objects.create(
        campaign_id="c-j", code="calls_over_limit", cause="now", since=NOW, opened_at=NOW, details={"limit": 5}
    )
    assert body_of(changes(client, known)) == ["0-3", "j"]


def test_window_that_opens_changes_its_row(client: Client, frozen: time_machine.Traveller) -> None:
    opens = NOW + timedelta(minutes=5)
    make_campaign("c-1", name="a", window_open=False, window_changes_at=opens)
    known = versions_of(page(client, sort="name"))
    frozen.shift(300)
    assert body_of(changes(client, known)) == ["a"]


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
    assert ">Live<" in shown
    assert "is-old" not in shown


def test_old_data_is_never_live(client: Client) -> None:
    make_campaign()
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=46))
    shown = page(client)
    assert "The state of all campaigns has been unknown since" in shown
    assert "14:59:44 UTC" in shown
    assert 'class="strip is-old"' in shown


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
    assert ">Live<" in page(client)


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

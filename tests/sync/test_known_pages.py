"""A full read that finds what the one before found: it parses and compares nothing anew, and still misses nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Record
from campaigns.cxone import connect, replies
from campaigns.cxone.json_body import parse_json
from campaigns.cxone.v2 import pages
from campaigns.events import inbound
from campaigns.models import Campaign, SyncState
from campaigns.operations import requests
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.worker import ask_pause, run, run_often

pytestmark = pytest.mark.data_layer

# The state with the time, the budget's requests, whether answers are news, what is known, the calls, that the read was
# good, and the bulks that wait for it. A new minute's sample is three more.
MOST_STATEMENTS = 7


@pytest.fixture
def three_pages(campaign: Campaign, cxone: Simulator) -> None:
    for number in range(250):
        cxone.add(id=f"c{number}", calls=1)
    full_read.read_all_campaigns()


@pytest.fixture
def same_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """No minute turns between two reads, so the second one keeps no sample."""
    monkeypatch.setattr(full_read, "sampled_minute", lambda moment: datetime(2026, 7, 1, tzinfo=UTC))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies of what CXone has answered, as far as they were parsed."""
    bodies: list[bytes] = []

    def parse(body: bytes) -> object:
        bodies.append(body)
        return parse_json(body)

    for module in (replies, pages):
        monkeypatch.setattr(module, "parse_json", parse)
    return bodies


def read() -> full_read.FullRead:
    result = full_read.read_all_campaigns()
    assert result
    return result


def test_known_pages_are_not_parsed(three_pages: None, parsed: list[bytes]) -> None:
    assert read().campaigns == 251
    (calls,) = parsed
    assert b"groups" in calls


def test_only_the_page_with_a_change_is_parsed(three_pages: None, cxone: Simulator, parsed: list[bytes]) -> None:
    cxone.change("c120", name="Renamed")
    read()
    assert {b"Renamed" in body for body in parsed if b"entities" in body} == {True}


def test_statements_do_not_grow_with_the_pages(
    three_pages: None, same_minute: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(MOST_STATEMENTS):
        read()


def test_sample_of_a_new_minute_is_three_statements(
    three_pages: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    SyncState.objects.update(last_good_at=a_minute_ago)
    # New campaigns get their numbers in it.
    read()
    SyncState.objects.update(last_good_at=a_minute_ago)
    with django_assert_max_num_queries(MOST_STATEMENTS + 3):
        read()


def test_known_page_is_no_news(three_pages: None) -> None:
    before = SyncState.current().version
    assert read().changed == 0
    assert SyncState.current().version == before


def test_new_counts_of_known_campaigns_are_kept(three_pages: None, cxone: Simulator) -> None:
    cxone.change("c120", calls=9)
    assert read().changed == 1
    assert Campaign.objects.get(pk="c120").active_calls == 9


def test_change_that_was_undone_after_another_read_saw_it(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_one_campaign("spring")
    cxone.change("spring", status="ACTIVE")
    read()
    assert Campaign.objects.get().status == "ACTIVE"
    assert Record.objects.filter(kind="campaign.changed_outside").count() == 2


def test_pause_that_was_undone_after_it_was_confirmed(campaign: Campaign, cxone: Simulator) -> None:
    pause = run_often(ask_pause(campaign))
    assert (pause.state, Campaign.objects.get().status) == (State.CONFIRMED, "PAUSED")
    cxone.change("spring", status="ACTIVE")
    read()
    assert Campaign.objects.get().status == "ACTIVE"
    assert Record.objects.filter(kind="campaign.came_back").exists()


def test_schedule_that_was_undone_after_it_was_confirmed(campaign: Campaign, cxone: Simulator) -> None:
    before = cxone.campaign("spring")["schedule"]
    mondays = {"day": "MON", "startTime": "09:00", "endTime": "17:00"}
    schedule = {"timezone": "America/New_York", "dialingHours": [mondays], "pauseConditions": []}
    change = requests.request_schedule_change(
        campaign=campaign, by="Ada", base=before, schedule=schedule, acknowledged=True, key="once"
    )
    assert run_often(change).state == State.CONFIRMED
    cxone.change("spring", schedule=before)
    read()
    assert Campaign.objects.get().schedule == before


def test_operation_that_waits_to_be_seen_is_confirmed_by_a_known_page(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    read()
    cxone.change("spring", status="ACTIVE")
    full_read.read_one_campaign("spring")
    # The response is lost, and so is the look at the campaign that follows.
    cxone.fail("PUT", "/api/v2/campaigns/spring", cut=True, done=True)
    cxone.fail("GET", "/api/v2/campaigns/spring", status=503, times=None)
    cxone.fail("GET", "/api/v2/outbound/campaigns/spring", skip=1, status=503, times=None)
    pause = run(ask_pause(campaign))
    assert pause.state == State.WAITING
    read()
    pause.refresh_from_db()
    assert pause.state == State.CONFIRMED


def test_campaign_that_a_newer_read_kept_is_gone_with_the_next(campaign: Campaign, cxone: Simulator) -> None:
    cxone.add(id="autumn")
    read()
    cxone.remove("autumn")
    Campaign.objects.filter(pk="autumn").update(read_at=Now() + timedelta(minutes=1))
    read()
    assert Campaign.objects.get(pk="autumn").gone_at is None
    Campaign.objects.filter(pk="autumn").update(read_at=timezone.now() - timedelta(minutes=1))
    read()
    assert Campaign.objects.get(pk="autumn").gone_at


def test_what_another_process_read_meanwhile_is_no_longer_known(campaign: Campaign, cxone: Simulator) -> None:
    ours = connect._connected().known_pages
    first = dict(ours.pages)
    cxone.change("spring", status="PAUSED")
    read()
    # This process has slept through that read.
    ours.pages = first
    cxone.change("spring", status="ACTIVE")
    read()
    assert Campaign.objects.get().status == "ACTIVE"


def test_events_are_answered_by_a_known_page(campaign: Campaign) -> None:
    inbound.note_event(body=b'{"campaignId": "spring"}')
    read()
    assert Campaign.objects.get().read_due_at is None


def test_what_was_compared_once_is_known(campaign: Campaign, parsed: list[bytes]) -> None:
    Campaign.objects.update(state_digest="")
    before = SyncState.current().version
    read()
    assert SyncState.current().version == before
    parsed.clear()
    read()
    assert not any(b"entities" in body for body in parsed)


def test_pages_of_a_list_that_failed_are_not_known(campaign: Campaign, cxone: Simulator, parsed: list[bytes]) -> None:
    for number in range(100):
        cxone.add(id=f"c{number}")
    cxone.fail("GET", "/api/v2/outbound/campaigns", skip=1, status=503)
    assert full_read.read_all_campaigns() is None
    assert Campaign.objects.count() == 1
    read()
    assert Campaign.objects.count() == 101

"""Pauses where CXone has none: it only stops campaigns, lets calls end first, tells of nothing, has no versions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.attention.stuck import find_stuck
from campaigns.dispatcher import due_operations
from campaigns.models import Campaign, Operation, RequestSlot
from campaigns.operations.descriptions import describe
from campaigns.operations.labels import waits_for
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.factories import make_user
from tests.operations.runner.timed import START, Move, go
from tests.worker import ask_pause, ask_resume

pytestmark = pytest.mark.data_layer

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STATE, VERSION = "/api/v2/campaigns/spring", "/api/v2/outbound/campaigns/spring"
RUNNING: dict[str, object] = {"id": "spring", "name": "Spring renewal", "status": "ACTIVE", "schedule": {}}


@pytest.fixture(autouse=True)
def _only_stops(cxone_cannot: Callable[..., None]) -> None:
    cxone_cannot("defers", "events", "versioned", "reasons", "pauses_at_once", "limits_pauses")


def stop(cxone: Simulator) -> None:
    """The calls have ended, and with them the stop that CXone has accepted."""
    cxone.change("spring", status="PAUSED", calls=0)


def puts(cxone: Simulator) -> int:
    return len(cxone.record.requests("PUT"))


@pytest.fixture
def draining(spring: Campaign, cxone: Simulator) -> Operation:
    cxone.fail("PUT", STATE, status=202, body=b"", done=False)
    return go(ask_pause(spring))


# --- Until calls have ended ---


def test_it_waits_for_calls_to_end(draining: Operation) -> None:
    assert (draining.state, draining.waiting_for) == (State.ACCEPTED, WaitingFor.CALLS_TO_END)
    assert waits_for(draining) == "CXone lets 7 calls end first"
    assert "CXone lets 7 calls end first" in describe(draining).happened


def test_it_is_confirmed_once_they_have(draining: Operation, cxone: Simulator, move: Move) -> None:
    stop(cxone)
    move(15 * SECOND)
    assert due_operations().get() == draining
    assert go(draining).state == State.CONFIRMED
    assert draining.waiting_for == WaitingFor.NOTHING


def test_number_follows_the_calls(draining: Operation, cxone: Simulator, move: Move) -> None:
    cxone.change("spring", calls=2)
    move(15 * SECOND)
    go(draining)
    draining.campaign.refresh_from_db()
    assert waits_for(draining) == "CXone lets 2 calls end first"


def test_regular_read_confirms_it(draining: Operation, cxone: Simulator, move: Move) -> None:
    stop(cxone)
    move(5 * SECOND)
    full_read.read_all_campaigns()
    draining.refresh_from_db()
    assert draining.state == State.CONFIRMED


def test_running_without_calls_it_is_unconfirmed(draining: Operation, cxone: Simulator, move: Move) -> None:
    cxone.change("spring", calls=0)
    move(15 * SECOND)
    assert (go(draining).state, draining.waiting_for) == (State.ACCEPTED, WaitingFor.NOTHING)
    for _ in range(20):
        move(15 * SECOND)
        go(draining)
    assert draining.state == State.UNCONFIRMED
    assert draining.ended_at
    assert draining.ended_at - START <= (15 + 15 + 90 + 15) * SECOND


def test_it_waits_for_calls_no_longer_than_a_drain(draining: Operation, cxone: Simulator, move: Move) -> None:
    move(14 * MINUTE)
    assert go(draining).state == State.ACCEPTED
    move(MINUTE)
    assert go(draining).state == State.UNCONFIRMED
    assert describe(draining).happened == (
        "CXone accepted the pause, but the campaign was still running 15 minutes later: 7 calls are in progress."
    )


def test_long_wait_for_calls_is_no_trouble(draining: Operation, move: Move) -> None:
    move(10 * MINUTE)
    assert find_stuck(timezone.now()) == {}


def test_many_that_wait_are_read_more_slowly(draining: Operation, cxone: Simulator, move: Move) -> None:
    campaigns = [Campaign(pk=f"c{n}", name="", status="ACTIVE", schedule={}, read_at=START) for n in range(20)]
    Campaign.objects.bulk_create(campaigns)
    others = [
        Operation(
            kind="pause", campaign=each, idempotency_key=each.pk, requested_at=START, next_attempt_at=START + MINUTE,
            state=State.ACCEPTED, waiting_for=WaitingFor.CALLS_TO_END,
        )
        for each in campaigns
    ]  # fmt: skip
    Operation.objects.bulk_create(others)
    move(15 * SECOND)
    go(draining)
    # A fifth of 200 requests a minute.
    assert draining.next_attempt_at == START + 15 * SECOND + 21 * 2 * 60 / 40 * SECOND


def test_many_that_wait_for_fewer_calls_count_more_slowly(
    spring: Campaign, move: Move, cxone_cannot: Callable[..., None]
) -> None:
    cxone_cannot("counts_at_once")
    campaigns = [Campaign(pk=f"c{n}", name="", status="ACTIVE", schedule={}, read_at=START) for n in range(20)]
    Campaign.objects.bulk_create(campaigns)
    Operation.objects.bulk_create(
        Operation(
            kind="pause", campaign=each, idempotency_key=each.pk, requested_at=START, next_attempt_at=START + MINUTE,
            state=State.WAITING, waiting_for=WaitingFor.CALLS,
        )
        for each in campaigns
    )  # fmt: skip
    move(MINUTE)
    operation = go(ask_pause(spring, wait_for_calls=5))
    assert (operation.state, operation.calls_before) == (State.WAITING, 7)
    assert operation.next_attempt_at == START + MINUTE + 20 * 60 / 40 * SECOND


def test_look_that_has_to_wait_says_what_is_known(draining: Operation, cxone: Simulator, move: Move) -> None:
    move(15 * SECOND)
    cxone.fail("GET", STATE, status=429, headers={"Retry-After": "5"})
    go(draining)
    RequestSlot.objects.update(free_at=START + 10 * MINUTE)
    move(15 * SECOND)
    assert (go(draining).state, draining.waiting_for) == (State.ACCEPTED, WaitingFor.CALLS_TO_END)


def test_pages_say_so(draining: Operation) -> None:
    client = Client()
    client.force_login(make_user("supervisor", draining.by))
    for address in (f"/operations/{draining.pk}/", "/campaigns/spring/"):
        assert client.get(address).text.count("CXone lets 7 calls end first") >= 2, address
    assert "CXone lets 7 calls end first" in client.get("/operations/tray/", headers={"HX-Request": "true"}).text


# --- Looking by itself ---


def test_accepted_is_read_until_it_is_seen(spring: Campaign, cxone: Simulator, move: Move) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    cxone.fail("GET", STATE, body=RUNNING | {"status": "PAUSED"}, times=3)
    operation = go(ask_resume(spring))
    assert operation.state == State.ACCEPTED
    waits = []
    while operation.state == State.ACCEPTED:
        waits.append((operation.next_attempt_at - timezone.now()).total_seconds())
        move(operation.next_attempt_at)
        go(operation)
    assert (waits, operation.state) == ([1, 1, 2], State.CONFIRMED)


def test_what_is_never_seen_ends_at_its_deadline(spring: Campaign, cxone: Simulator, move: Move) -> None:
    cxone.change("spring", calls=0)
    cxone.fail("PUT", STATE, status=202, body=b"", done=False)
    # What was counted before is too old by then.
    move(MINUTE)
    operation = go(ask_pause(spring))
    while operation.state == State.ACCEPTED:
        move(operation.next_attempt_at)
        go(operation)
    assert (operation.state, operation.ended_at) == (State.UNCONFIRMED, START + MINUTE + 90 * SECOND)


# --- Refused ---


def test_stop_of_what_has_stopped_is_skipped(spring: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", VERSION, body=RUNNING)
    cxone.change("spring", status="PAUSED")
    assert go(ask_pause(spring)).state == State.SKIPPED


def test_refused_stop_is_tried_again(spring: Campaign, cxone: Simulator, move: Move) -> None:
    cxone.fail("PUT", STATE, status=409, body={"message": "not now"})
    operation = go(ask_pause(spring))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.RETRY)
    assert "not now" in describe(operation).happened
    move(30 * SECOND)
    assert go(operation).state == State.CONFIRMED


def test_refused_for_good_it_fails_with_cxones_words(spring: Campaign, cxone: Simulator, move: Move) -> None:
    cxone.fail("PUT", STATE, status=409, body={"message": "not now"}, times=None)
    operation = go(ask_pause(spring))
    while operation.in_progress:
        move(30 * SECOND)
        go(operation)
    assert operation.state == State.FAILED
    assert "not now" in operation.error
    assert puts(cxone) == 10


# --- Lost answers ---


def test_lost_answer_to_a_stop_is_read_back(spring: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, cut=True, done=True)
    assert go(ask_pause(spring)).state == State.CONFIRMED
    assert puts(cxone) == 1


def test_lost_stop_is_sent_again(spring: Campaign, cxone: Simulator, move: Move) -> None:
    cxone.fail("PUT", STATE, cut=True, done=False)
    cxone.fail("GET", VERSION, headers={"ETag": None}, times=None)
    operation = go(ask_pause(spring))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.OUTCOME)
    assert puts(cxone) == 1
    move(30 * SECOND)
    assert go(operation).state == State.CONFIRMED
    assert puts(cxone) == 2


def test_lost_start_is_not_sent_again(spring: Campaign, cxone: Simulator, move: Move) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    cxone.fail("PUT", STATE, cut=True, done=False)
    cxone.fail("GET", VERSION, headers={"ETag": None}, times=None)
    operation = go(ask_resume(spring))
    while operation.in_progress:
        move(30 * SECOND)
        go(operation)
    assert operation.state == State.UNCONFIRMED
    assert puts(cxone) == 1

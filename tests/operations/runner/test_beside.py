"""The calls query of a click goes out beside the read of its campaign, and ends as it did after it."""

import threading
from collections.abc import Callable

import httpx
import pytest
from django.db.models.functions import Now

from campaigns.cxone import channel
from campaigns.models import Campaign, Operation, PauseSlot, RequestSlot, SyncState
from campaigns.operations.runner import pause_slots
from campaigns.queueing.request_budget import SlotBudget
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from tests.simulator.transport import SimulatorTransport
from tests.worker import PATIENCE_SECONDS, ask_pause, run

pytestmark = pytest.mark.data_layer

STATE = "/api/v2/campaigns/spring"
EDIT = "/api/v2/outbound/campaigns/spring"
CALLS = "/api/v2/analytics/*"
Handle = Callable[[SimulatorTransport, httpx.Request], httpx.Response]


def test_both_are_on_their_way_together(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    both, handle = threading.Barrier(2, timeout=PATIENCE_SECONDS), SimulatorTransport.handle_request

    def wait_for_the_other(transport: SimulatorTransport, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" or request.url.path == EDIT:
            both.wait()
        return handle(transport, request)

    monkeypatch.setattr(SimulatorTransport, "handle_request", wait_for_the_other)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.requests) == (State.CONFIRMED, 4)


@pytest.mark.parametrize(("method", "path"), [("GET", EDIT), ("POST", CALLS)])
def test_failure_of_either_is_one(campaign: Campaign, cxone: Simulator, method: str, path: str) -> None:
    cxone.fail(method, path, status=500)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.waiting_for, operation.failures) == (State.WAITING, WaitingFor.RETRY, 1)
    assert cxone.record.requests("PUT") == []


def test_failures_of_both_are_told_to_the_breaker(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, status=500)
    cxone.fail("POST", CALLS, status=500)
    run(ask_pause(campaign))
    assert SyncState.current().unanswered == 2


def test_count_that_fails_is_told_to_the_breaker(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("POST", CALLS, status=500)
    run(ask_pause(campaign))
    assert SyncState.current().unanswered == 1


def test_answers_end_a_row_of_failures(campaign: Campaign) -> None:
    SyncState.objects.update(unanswered=3)
    run(ask_pause(campaign))
    assert SyncState.current().unanswered == 0


def test_token_that_one_has_renewed_serves_both(campaign: Campaign, cxone: Simulator) -> None:
    cxone.expire_tokens()
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.failures) == (State.CONFIRMED, 0)


def test_campaign_that_is_paused_ends_it_whatever_the_count_is(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    cxone.fail("POST", CALLS, status=500)
    assert run(ask_pause(campaign)).state == State.SKIPPED


def test_unanswered_count_keeps_its_slot(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CXone may count it up to half a minute later."""
    monkeypatch.setattr(channel, "SLOW_SECONDS", -1)
    cxone.fail("POST", CALLS, delay=31.0)
    run(ask_pause(campaign))
    rests = [slot.free_at - slot.now for slot in RequestSlot.objects.filter(number__gt=0).annotate(now=Now())]
    assert 85 < max(rests).total_seconds() <= 91


def test_what_was_sent_is_looked_for_first(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=502, done=True)
    cxone.fail("GET", STATE, status=500)
    operation = run(ask_pause(campaign))
    before = len(cxone.record.requests())
    assert run(operation).state == State.CONFIRMED
    assert len(cxone.record.requests()) - before == 1


def test_nothing_is_sent_once_cxone_has_asked_others_to_wait(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    take: Callable[[Operation], int] = pause_slots.take

    def take_late(operation: Operation) -> int:
        SlotBudget().close(30)
        return take(operation)

    monkeypatch.setattr(pause_slots, "take", take_late)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.BUDGET)
    assert cxone.record.requests("PUT") == []
    assert not operation.attempts.exists()
    assert not PauseSlot.objects.filter(operation_id__isnull=False).exists()

"""Two workers, dead workers: an operation has one owner, and who isn't it writes nothing."""

import threading
from datetime import timedelta
from itertools import count
from typing import cast

import pytest
from django.db.models import F
from django.db.models.functions import Now

from campaigns.cxone.gateway import Gateway
from campaigns.cxone.v2.gateway import V2
from campaigns.models import Campaign, Operation, SyncState
from campaigns.operations.runner import attempts, claim, execution
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.queueing.leases import LeaseLost
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.factories import SENT
from tests.worker import ask_pause, eventually, in_any_thread, out_of_patience, run

pytestmark = pytest.mark.data_layer


def _held_elsewhere(operation: Operation, seconds: int = 30) -> None:
    Operation.objects.filter(pk=operation.pk).update(
        state=State.RUNNING, fence=F("fence") + 1, lease_until=Now() + timedelta(seconds=seconds)
    )


def test_held_operation_is_left_alone(campaign: Campaign) -> None:
    operation = ask_pause(campaign)
    _held_elsewhere(operation)
    assert not execution.advance_operation(operation.pk)


def test_claim_is_news_for_the_pages(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    operation, versions = ask_pause(campaign), [SyncState.current().version]
    monkeypatch.setattr(execution, "_take_steps", lambda *_: versions.append(SyncState.current().version))
    execution.advance_operation(operation.pk)
    assert versions[1] > versions[0]


def test_ended_operation_is_left_alone(campaign: Campaign) -> None:
    operation = run(ask_pause(campaign))
    assert not execution.advance_operation(operation.pk)


def test_operation_not_yet_due_waits(campaign: Campaign) -> None:
    operation = ask_pause(campaign)
    Operation.objects.update(next_attempt_at=Now() + timedelta(seconds=9))
    assert not execution.advance_operation(operation.pk)


def test_expired_lease_is_taken_over(campaign: Campaign) -> None:
    operation = ask_pause(campaign)
    _held_elsewhere(operation, seconds=-1)
    assert execution.advance_operation(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.fence) == (State.CONFIRMED, 3)  # claimed twice, confirmed


def test_killed_after_the_put_is_confirmed(campaign: Campaign, cxone: Simulator) -> None:
    operation = ask_pause(campaign)
    attempts.open_attempt(ClaimedOperation(operation), SENT)
    cxone.change("spring", status="PAUSED")
    assert run(operation).state == State.CONFIRMED
    assert cxone.record.requests("PUT") == []


def test_worker_killed_each_time_gives_up(campaign: Campaign, cxone: Simulator) -> None:
    operation = ask_pause(campaign)
    attempts.open_attempt(ClaimedOperation(operation), SENT)
    assert run(out_of_patience(operation)).state == State.UNCONFIRMED
    assert cxone.record.requests("PUT") == []


def test_stale_fence_writes_nothing(campaign: Campaign) -> None:
    operation = ask_pause(campaign)
    claimed = ClaimedOperation(Operation.objects.get(pk=operation.pk))
    _held_elsewhere(operation)
    with pytest.raises(LeaseLost):
        claimed.write(error="mine")


def test_impossible_move_is_refused(campaign: Campaign) -> None:
    claimed = ClaimedOperation(ask_pause(campaign))
    with pytest.raises(LeaseLost):
        claimed.write(state=State.CONFIRMED)


@pytest.mark.django_db(transaction=True)
def test_taken_over_while_sending_sends_nothing(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, count = ask_pause(campaign), V2.calls_in_progress

    def overtaken(gateway: V2, campaign_id: str | None = None) -> object:
        with in_any_thread():
            _held_elsewhere(operation)
        return count(gateway, campaign_id)

    monkeypatch.setattr(V2, "calls_in_progress", overtaken)
    execution.advance_operation(operation.pk)
    assert cxone.record.requests("PUT") == []


def test_lease_is_renewed_with_place(campaign: Campaign) -> None:
    operation = ask_pause(campaign)
    Operation.objects.update(lease_until=Now())
    before = Operation.objects.values_list("lease_until", flat=True).get()
    assert ClaimedOperation(operation).renew()
    assert Operation.objects.get().lease_until > before  # type: ignore[operator]


def test_lost_lease_is_not_renewed(campaign: Campaign) -> None:
    operation = ask_pause(campaign)
    claimed = ClaimedOperation(Operation.objects.get(pk=operation.pk))
    _held_elsewhere(operation)
    assert not claimed.renew()


@pytest.mark.django_db(transaction=True)
def test_slow_work_keeps_its_lease(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "RENEW_SECONDS", 0.01)
    operation = ask_pause(campaign)
    Operation.objects.update(lease_until=Now())
    before = Operation.objects.values_list("lease_until", flat=True).get()
    with ClaimedOperation(operation).renewing():
        assert eventually(lambda: Operation.objects.get().lease_until > before)  # type: ignore[operator]


class Counting:
    """A gateway of which only the number of requests is asked."""

    requests = 0


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A monotonic clock on which less than the longest exchange passes between two looks."""
    clock = count(0, claim.STALLED_SECONDS * 0.4)
    monkeypatch.setattr(claim, "monotonic", lambda: next(clock))


@pytest.mark.usefixtures("minutes")
def test_work_without_requests_is_stalled_in_the_end(campaign: Campaign) -> None:
    claimed = ClaimedOperation(ask_pause(campaign), cast("Gateway", Counting()))
    assert [claimed.is_stalled() for _ in range(4)] == [False, False, True, True]


@pytest.mark.usefixtures("minutes")
def test_each_request_is_progress(campaign: Campaign) -> None:
    gateway = Counting()
    claimed = ClaimedOperation(ask_pause(campaign), cast("Gateway", gateway))
    for _ in range(4):
        gateway.requests += 1
        assert not claimed.is_stalled()


@pytest.mark.django_db(transaction=True)
def test_stalled_work_is_renewed_no_more(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(claim, "STALLED_SECONDS", -1.0)
    renewed: list[bool] = []

    def renew(_: ClaimedOperation) -> bool:
        renewed.append(True)
        return True

    monkeypatch.setattr(ClaimedOperation, "renew", renew)

    def has_ended() -> bool:
        return bool(renewed) and "lease" not in {thread.name for thread in threading.enumerate()}

    with ClaimedOperation(ask_pause(campaign)).renewing():
        assert eventually(has_ended)
    assert len(renewed) == 1

"""How long an operation keeps trying while CXone gives no usable answer, and what it says and allows meanwhile."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Record
from campaigns.errors import TooLate
from campaigns.models import Campaign, Operation, PauseSlot, Policy
from campaigns.operations import requests
from campaigns.operations.descriptions import describe
from campaigns.operations.runner import execution, patience, pause_slots
from campaigns.queueing.request_budget import SlotBudget
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from tests.factories import make_operation
from tests.worker import Clock, ask_pause, ask_resume, run

pytestmark = [pytest.mark.slow, pytest.mark.data_layer]

STATE = "/api/v2/campaigns/spring"
EDIT = "/api/v2/outbound/campaigns/spring"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clock(one_clock: None, clock: Clock) -> Clock:
    """CXone's clock: it stays at noon."""
    clock.now = NOON.timestamp()
    return clock


@pytest.fixture(autouse=True)
def frozen(clock: Clock) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def fail_until(operation: Operation, frozen: time_machine.Traveller, moment: timedelta) -> Operation:
    """Let a worker take it whenever it is due, up to that moment of the outage."""
    operation.refresh_from_db()
    while not operation.ended_at and operation.next_attempt_at <= NOON + moment:
        frozen.move_to(max(operation.next_attempt_at, NOON))
        execution.advance_operation(operation.pk)
        operation.refresh_from_db()
    return operation


# --- How long ---


def test_pause_outlasts_half_an_hour(campaign: Campaign, cxone: Simulator, frozen: time_machine.Traveller) -> None:
    cxone.fail("GET", EDIT, times=None, status=503)
    operation = fail_until(ask_pause(campaign), frozen, timedelta(minutes=29, seconds=55))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.RETRY)
    cxone.clear_faults()
    assert fail_until(operation, frozen, timedelta(minutes=31)).state == State.CONFIRMED


def test_pause_is_given_up_after_half_an_hour(
    campaign: Campaign, cxone: Simulator, frozen: time_machine.Traveller
) -> None:
    cxone.fail("GET", EDIT, times=None, status=503)
    operation = fail_until(ask_pause(campaign), frozen, timedelta(hours=2))
    assert (operation.state, operation.ended_at) == (State.FAILED, NOON + timedelta(minutes=30))
    assert "times in 30 min." in describe(operation).happened
    details = Record.objects.get(kind="operation.ended").details
    assert (details["failures"], details["failing_since"]) == (operation.failures, NOON.isoformat())


def test_resume_is_given_up_after_ten_minutes(
    campaign: Campaign, cxone: Simulator, frozen: time_machine.Traveller
) -> None:
    cxone.fail("GET", EDIT, times=None, status=503)
    operation = fail_until(ask_resume(campaign), frozen, timedelta(hours=2))
    assert (operation.state, operation.ended_at) == (State.FAILED, NOON + timedelta(minutes=10))


def test_policy_says_how_long(campaign: Campaign, cxone: Simulator, frozen: time_machine.Traveller) -> None:
    Policy.objects.update(pause_patience_minutes=3)
    cxone.fail("GET", EDIT, times=None, status=503)
    operation = fail_until(ask_pause(campaign), frozen, timedelta(hours=2))
    assert operation.ended_at == NOON + timedelta(minutes=3)


def test_unknown_outcome_has_the_same_patience(
    campaign: Campaign, cxone: Simulator, frozen: time_machine.Traveller
) -> None:
    cxone.fail("PUT", STATE, times=None, cut=True)
    operation = fail_until(ask_pause(campaign), frozen, timedelta(hours=2))
    assert (operation.state, operation.ended_at) == (State.UNCONFIRMED, NOON + timedelta(minutes=30))


def test_patience_counts_from_the_first_failure(
    campaign: Campaign, cxone: Simulator, frozen: time_machine.Traveller
) -> None:
    cxone.fail("GET", EDIT, times=3, status=503)
    operation = run(ask_pause(campaign))
    frozen.shift(20)
    operation = run(operation)
    assert (operation.failures, operation.failing_since) == (2, NOON)
    assert operation.retry_until == NOON + timedelta(minutes=30)


def test_acceptance_ends_the_row(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, status=503)
    operation = run(run(ask_pause(campaign)))
    assert (operation.state, operation.failing_since, operation.failures) == (State.CONFIRMED, None, 1)


def test_refusal_that_passes_ends_the_row(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, status=503)
    cxone.fail("PUT", STATE, status=409)
    operation = run(run(ask_pause(campaign)))
    assert (operation.waiting_for, operation.failing_since) == (WaitingFor.PAUSE_SLOT, None)


def test_wait_for_a_slot_ends_the_row(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, status=503)
    operation = run(ask_pause(campaign))
    pause_slots.take(make_operation(state=State.RUNNING))
    operation = run(operation)
    assert (operation.waiting_for, operation.failing_since) == (WaitingFor.PAUSE_SLOT, None)


def test_wait_for_the_budget_is_no_answer(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, status=503)
    operation = run(ask_pause(campaign))
    SlotBudget().close(60)
    operation = run(operation)
    assert (operation.waiting_for, operation.failing_since, operation.failures) == (WaitingFor.BUDGET, NOON, 1)


# --- Waits ---


@given(failures=st.integers(1, 10_000), left=st.floats(0, 1e6), asked=st.none() | st.floats(0, 300))
def test_waits_are_bounded(failures: int, left: float, asked: float | None) -> None:
    wait = patience.wait_after(failures, left, asked)
    assert 0 <= wait <= max(patience.LONGEST_WAIT, asked or 0)


@given(failures=st.integers(1, 10_000), left=st.floats(0, 1e6), asked=st.floats(0, 300))
def test_retry_after_is_never_cut_short(failures: int, left: float, asked: float) -> None:
    assert patience.wait_after(failures, left, asked) >= asked


@given(left=st.floats(0, 30))
def test_last_try_comes_in_time(left: float) -> None:
    assert patience.wait_after(100, left) <= left


@given(failures=st.integers(1, 4))
def test_waits_grow(failures: int) -> None:
    waits = [patience.wait_after(number) for number in range(failures, failures + 2)]
    assert all(later >= earlier for earlier, later in pairwise(waits))


# --- Meanwhile ---


def test_it_says_since_when_and_why(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, status=503)
    told = describe(run(ask_pause(campaign)))
    assert told.happened.startswith("CXone has given no usable answer since 12:00 UTC. CXone has a problem")
    assert told.advice == "It is retried automatically until 12:30 UTC. You can still cancel it."


def test_refused_attempt_leaves_it_cancellable(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=429)
    operation = run(ask_pause(campaign))
    cancelled = requests.cancel_operation(operation=operation, by="Grace")
    assert (cancelled.state, cancelled.attempts.count()) == (State.CANCELLED, 1)
    assert describe(cancelled).happened == "The pause was cancelled by Grace before CXone had carried out anything."
    assert Record.objects.latest("number").kind == "operation.cancelled"


@pytest.mark.parametrize("later", [{"status": 429}, {"cut": True}])
def test_unknown_attempt_is_never_cancellable(campaign: Campaign, cxone: Simulator, later: dict[str, object]) -> None:
    cxone.fail("PUT", STATE, cut=True)
    cxone.fail("PUT", STATE, **later)  # type: ignore[arg-type]
    operation = run(run(ask_pause(campaign)))
    assert operation.attempts.count() == 2
    with pytest.raises(TooLate):
        requests.cancel_operation(operation=operation, by="Grace")


def test_cancelled_operation_is_sent_no_more(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=429)
    operation = requests.cancel_operation(operation=run(ask_pause(campaign)), by="Grace")
    assert not execution.advance_operation(operation.pk)
    assert len(cxone.record.requests("PUT")) == 1


@pytest.mark.parametrize(("seconds", "keeps"), [(59, True), (60, False)])
def test_unknown_outcome_keeps_its_slot_for_a_minute(
    campaign: Campaign, cxone: Simulator, frozen: time_machine.Traveller, seconds: int, keeps: bool
) -> None:
    cxone.fail("PUT", STATE, times=None, cut=True)
    operation = run(ask_pause(campaign))
    frozen.shift(seconds)
    operation = run(operation)
    assert operation.waiting_for == WaitingFor.OUTCOME
    assert PauseSlot.objects.filter(operation_id=operation.pk).exists() == keeps


def test_fault_of_ours_blames_nobody_else(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Callable[[], None]:
        raise ZeroDivisionError

    monkeypatch.setattr("campaigns.operations.runner.execution._limit_of", broken)
    told = describe(run(ask_pause(campaign)))
    assert told.happened.startswith("This system has failed to carry it out since 12:00 UTC.")

"""A pause for a time, where CXone itself can't keep it for later: it is kept here to its very second."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from campaigns.dispatcher import due_operations
from campaigns.models import Campaign, Operation
from campaigns.operations.descriptions import describe
from campaigns.operations.labels import label_of
from campaigns.operations.runner import execution
from campaigns.schedule.due_times import due_instant
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from tests.operations.runner.timed import SIX, START, Move, go, pause_at

pytestmark = pytest.mark.data_layer

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _keeps_nothing(cxone_cannot: Callable[..., None]) -> None:
    cxone_cannot("defers")


def sent(cxone: Simulator) -> list[str]:
    return [str(entry.body and entry.body["effectiveTime"]) for entry in cxone.record.requests("PUT")]


def test_it_is_due_at_its_second(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring)
    move(SIX - SECOND)
    assert not due_operations().exists()
    assert not execution.advance_operation(operation.pk)
    assert sent(cxone) == []
    move(SIX)
    assert due_operations().get() == operation
    assert go(operation).state == State.CONFIRMED


def test_it_is_sent_as_at_once(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring)
    move(SIX)
    go(operation)
    assert sent(cxone) == ["2026-11-28T22:59:55Z"]


def test_its_calls_are_counted_then(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring)
    move(SIX - MINUTE)
    cxone.change("spring", calls=51)
    move(SIX)
    assert (go(operation).state, operation.calls_before) == (State.REJECTED, 51)
    assert sent(cxone) == []


def test_it_ends_at_its_second_too(spring: Campaign, move: Move, cxone: Simulator) -> None:
    pause = pause_at(spring, until=due_instant(SIX + 10 * MINUTE))
    move(SIX)
    go(pause)
    move(SIX + 10 * MINUTE)
    assert go(Operation.objects.get(undoes=pause)).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "ACTIVE"


def test_once_under_the_limit_it_is_sent_then(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring, wait_for_calls=5)
    move(SIX)
    assert (go(operation).state, operation.waiting_for) == (State.WAITING, WaitingFor.CALLS)
    cxone.change("spring", calls=5)
    move(SIX + MINUTE)
    assert go(operation).state == State.CONFIRMED


def test_it_is_as_late_as_any_if_nothing_runs_then(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring)
    move(SIX + 61 * MINUTE)
    assert go(operation).state == State.CANCELLED
    assert sent(cxone) == []


def test_one_from_when_cxone_could_stays_held(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring)
    Operation.objects.filter(pk=operation.pk).update(next_attempt_at=SIX - 2 * MINUTE)
    move(SIX - 2 * MINUTE)
    assert (go(operation).state, operation.next_attempt_at) == (State.SCHEDULED, SIX)
    move(SIX)
    assert go(operation).state == State.CONFIRMED


def test_one_that_was_taken_up_already_is_sent(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring)
    Operation.objects.filter(pk=operation.pk).update(state=State.QUEUED, next_attempt_at=START)
    move(SIX - MINUTE)
    assert go(operation).state == State.ACCEPTED
    assert cxone.campaign("spring")["status"] == "PAUSED"
    move(SIX + SECOND)
    assert go(operation).state == State.CONFIRMED


def test_it_says_who_must_run_then(spring: Campaign) -> None:
    operation = pause_at(spring)
    assert label_of(operation) == "Scheduled"
    assert "This system must be running then." in describe(operation).meaning

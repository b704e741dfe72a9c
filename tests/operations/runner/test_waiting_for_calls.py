"""A pause that waits until few enough calls are in progress."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from campaigns.models import CallsReading, Campaign, Operation
from campaigns.operations import requests
from campaigns.operations.runner.outcome import CALLS_PATIENCE
from campaigns.schedule.due_times import DueTime
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from tests.operations.two_people import want_two
from tests.worker import ask_pause, run

pytestmark = pytest.mark.data_layer


@pytest.fixture
def waiting(campaign: Campaign, cxone: Simulator) -> Operation:
    """A pause for at most 30 calls, of a campaign that has 80."""
    set_calls(cxone, 80)
    return run(ask_pause(campaign, wait_for_calls=30))


def set_calls(cxone: Simulator, calls: int) -> None:
    """So many calls are in progress, and the last count is too old to go by."""
    cxone.change("spring", calls=calls)
    CallsReading.objects.all().delete()


def test_it_waits_and_says_for_what(waiting: Operation, cxone: Simulator) -> None:
    assert (waiting.state, waiting.waiting_for) == (State.WAITING, WaitingFor.CALLS)
    assert (waiting.calls_before, waiting.calls_limit) == (80, 30)
    assert cxone.record.requests("PUT") == []


def test_it_is_sent_once_few_enough_are_in_progress(waiting: Operation, cxone: Simulator) -> None:
    set_calls(cxone, 31)
    assert run(waiting).state == State.WAITING
    set_calls(cxone, 30)
    assert run(waiting).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_limit_that_an_admin_lowers_meanwhile_holds(waiting: Operation, cxone: Simulator) -> None:
    Campaign.objects.update(max_active_calls=10)
    set_calls(cxone, 20)
    assert run(waiting).state == State.WAITING


def test_no_campaign_is_read_while_it_waits(waiting: Operation, cxone: Simulator) -> None:
    before = len(cxone.record.requests("GET"))
    run(waiting)
    run(waiting)
    # What one counts is good for all others.
    assert len(cxone.record.requests("GET")) == before


def test_overriding_reason_waits_as_well(campaign: Campaign, cxone: Simulator) -> None:
    set_calls(cxone, 80)
    operation = run(ask_pause(campaign, "EMERGENCY", override=False, wait_for_calls=30))
    assert operation.waiting_for == WaitingFor.CALLS


def test_it_can_be_cancelled(waiting: Operation, cxone: Simulator) -> None:
    requests.cancel_operation(operation=waiting, by="Ada")
    assert Operation.objects.get().state == State.CANCELLED


def test_after_a_shift_it_is_rejected(waiting: Operation, cxone: Simulator) -> None:
    Operation.objects.update(requested_at=Now() - CALLS_PATIENCE)
    rejected = run(waiting)
    assert (rejected.state, rejected.compliance_check) == (State.REJECTED, "REJECTED")
    assert rejected.error == "8 hours have passed with more than 30 calls in progress."


@pytest.mark.parametrize("waits", [False, True], ids=["held", "waits for a second person"])
def test_pause_whose_end_has_passed_is_not_sent(campaign: Campaign, cxone: Simulator, waits: bool) -> None:
    want_two(resume=waits)
    set_calls(cxone, 80)
    soon = datetime.now(UTC) + timedelta(minutes=5)
    pause = ask_pause(campaign, wait_for_calls=30, until=DueTime(soon, "", 0, ""))
    Operation.objects.exclude(pk=pause.pk).update(not_before=Now() - timedelta(seconds=1))
    assert run(pause).state == State.CANCELLED
    assert set(Operation.objects.values_list("state", flat=True)) == {State.CANCELLED}


def test_emergency_goes_ahead_of_one_that_waits(waiting: Operation, campaign: Campaign) -> None:
    emergency = run(ask_pause(campaign, "EMERGENCY"))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.superseded_by) == (State.CANCELLED, emergency)
    assert emergency.state == State.CONFIRMED

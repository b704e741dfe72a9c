"""A bulk of pauses takes the place of one of resumes that CXone has accepted: each is left to a single worker, and all
of them share the pause slots and the budget."""

import pytest
from django.db.models.functions import Now

from audit.models import Record
from campaigns.models import Bulk, Campaign, Operation, OperationKind, PauseSlot
from campaigns.operations.runner.claim import LEASE
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from tests.bulks import ask_bulk, left_to_single_workers, run_bulk, run_slice, states
from tests.worker import run

pytestmark = [pytest.mark.slow, pytest.mark.data_layer]


@pytest.fixture
def stop(campaigns: list[Campaign], cxone: Simulator) -> Bulk:
    """An emergency stop of all, right after CXone has accepted the resume of all: none of it is sent yet."""
    run_bulk(ask_bulk(campaigns))
    assert states(run_slice(ask_bulk(campaigns, OperationKind.RESUME))) == {"ACCEPTED": 12}
    bulk = run_slice(ask_bulk(campaigns, reason="EMERGENCY"))
    assert len(left_to_single_workers(bulk)) == 12
    return bulk


def take_the_only_slot(owner: Operation) -> None:
    PauseSlot.objects.update_or_create(number=1, defaults={"operation_id": owner.pk, "held_until": Now() + LEASE})


def test_none_spends_a_request_before_its_turn(stop: Bulk, cxone: Simulator) -> None:
    first, *others = left_to_single_workers(stop)
    take_the_only_slot(first)
    before = len(cxone.record.requests())
    assert {run(each).waiting_for for each in others} == {WaitingFor.PAUSE_SLOT}
    assert len(cxone.record.requests()) == before


def test_one_that_fails_is_given_up_in_the_end(stop: Bulk, cxone: Simulator) -> None:
    """To wait for a slot counts as an answer of CXone, and would begin its patience again."""
    first, second, *_ = left_to_single_workers(stop)
    cxone.fail("GET", "*", status=500, times=None)
    failing_since = run(second).failing_since
    take_the_only_slot(first)
    assert failing_since
    assert run(second).failing_since == failing_since


def test_all_are_paused_in_the_end(stop: Bulk, cxone: Simulator) -> None:
    assert states(run_bulk(stop)) == {State.CONFIRMED: 12}
    assert not cxone.campaign_ids("ACTIVE")


def test_stop_wins_over_what_is_not_made_yet(campaigns: list[Campaign], cxone: Simulator) -> None:
    """No worker has had the resumes, and the stop finds all of them paused already."""
    run_bulk(ask_bulk(campaigns))
    resumes = ask_bulk(campaigns, OperationKind.RESUME)
    stop = run_bulk(ask_bulk(campaigns, reason="EMERGENCY"))
    assert states(stop) == {State.SKIPPED: 12}
    assert states(run_bulk(resumes)) == {State.CANCELLED: 12}
    assert not cxone.campaign_ids("ACTIVE")
    assert {each.superseded_by.bulk for each in resumes.operations.all() if each.superseded_by} == {stop}
    record = Record.objects.filter(kind="operation.cancelled").latest("number")
    assert record.error == "A pause took its place before anything was sent."


def test_bulk_of_resumes_after_a_stop_resumes(campaigns: list[Campaign]) -> None:
    run_bulk(ask_bulk(campaigns, reason="EMERGENCY"))
    assert states(run_bulk(ask_bulk(campaigns, OperationKind.RESUME))) == {State.CONFIRMED: 12}

"""The contract's table of what goes wrong, as far as the worker decides what is right."""

from collections.abc import Callable

import pytest

from audit.models import Record
from campaigns.cxone.errors import BudgetSpent
from campaigns.cxone.v2.gateway import V2
from campaigns.models import AttemptOutcome, Campaign, Operation, PauseSlot
from campaigns.operations.descriptions import INTERRUPTED
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from tests.worker import ask_pause, ask_resume, out_of_patience, run, run_often

pytestmark = pytest.mark.data_layer

STATE = "/api/v2/campaigns/spring"
EDIT = "/api/v2/outbound/campaigns/spring"
CALLS = "/api/v2/analytics/*"
LOST = [
    {"cut": True, "done": True},
    {"delay": 31.0},
    {"status": 500, "done": True},
    {"status": 502, "done": True},
    {"status": 503, "done": True},
    {"status": 504, "done": True},
    {"body": "<html>", "done": True},
    {"body": {"id": "spring"}, "done": True},
    {"body": {"status": "PAUSED"}, "done": True},
]
NOT_DONE = [{"cut": True}, {"status": 500}, {"status": 504}, {"body": "<html>"}]


@pytest.mark.parametrize("fault", LOST)
def test_lost_answer_is_read_back(campaign: Campaign, cxone: Simulator, fault: dict[str, object]) -> None:
    cxone.fail("PUT", STATE, **fault)  # type: ignore[arg-type]
    operation = run_often(ask_pause(campaign))
    assert operation.state == State.CONFIRMED
    assert len(cxone.record.requests("PUT")) == 1


@pytest.mark.parametrize("fault", NOT_DONE)
def test_lost_request_is_sent_again(campaign: Campaign, cxone: Simulator, fault: dict[str, object]) -> None:
    cxone.fail("PUT", STATE, **fault)  # type: ignore[arg-type]
    operation = run_often(ask_pause(campaign))
    assert operation.state == State.CONFIRMED
    assert len(cxone.record.applied("spring", "PUT")) == 1


def test_unknown_outcome_waits_first(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, cut=True)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.OUTCOME)


def test_unknown_outcome_keeps_its_place(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, cut=True)
    operation = run(ask_pause(campaign))
    assert PauseSlot.objects.get().operation_id == operation.pk


def test_spent_while_unknown_is_unconfirmed(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, times=None, cut=True)
    operation = run(out_of_patience(run(ask_pause(campaign))))
    assert (operation.state, operation.failures) == (State.UNCONFIRMED, 2)
    assert "again" not in operation.error
    assert len(cxone.record.requests("PUT")) == 2


def test_conflict_that_reads_paused_is_skipped(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, body={"id": "spring", "name": "Spring", "status": "ACTIVE", "schedule": {}})
    cxone.change("spring", status="PAUSED")
    operation = run(ask_pause(campaign))
    assert operation.state == State.SKIPPED
    assert len(cxone.record.requests("PUT")) == 1


def test_conflict_that_reads_active_waits(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=409)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.PAUSE_SLOT)
    assert run(operation).state == State.CONFIRMED


@pytest.mark.parametrize("status", ["COMPLETE", "DRAFT", "STOPPING", "RAMPING"])
@pytest.mark.parametrize("ask", [ask_pause, ask_resume])
def test_state_that_forbids_the_change_fails_at_once(
    campaign: Campaign, cxone: Simulator, status: str, ask: Callable[[Campaign], Operation]
) -> None:
    cxone.change("spring", status=status)
    operation = run(ask(campaign))
    assert (operation.state, operation.api_status) == (State.FAILED, 409)
    assert f'"The campaign is {status}; only' in operation.error
    assert len(cxone.record.requests("PUT")) == 1
    assert Record.objects.filter(operation=operation.pk).count() == 4  # asked, tried, refused, ended


def test_state_in_other_letters_is_the_same(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, body={"id": "spring", "name": "Spring", "status": "paused", "schedule": {}})
    assert run(ask_pause(campaign)).state == State.SKIPPED


def test_resume_refused_while_paused_waits_for_no_place(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    cxone.fail("PUT", STATE, status=409)
    operation = run(ask_resume(campaign))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.RETRY)


def test_endless_conflict_fails(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, times=None, status=409)
    operation = run_often(ask_pause(campaign), most=15)
    assert operation.state == State.FAILED
    assert len(cxone.record.requests("PUT")) == 10


@pytest.mark.parametrize("path", [EDIT, CALLS])
@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 503}, {"cut": True}, {"body": "<html>"}])
def test_failed_read_is_tried_again(campaign: Campaign, cxone: Simulator, path: str, fault: dict[str, object]) -> None:
    cxone.fail("*", path, **fault)  # type: ignore[arg-type]
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.RETRY)


def test_reads_that_fail_for_too_long_fail(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, times=None, status=503)
    operation = run(out_of_patience(run(ask_pause(campaign))))
    assert (operation.state, operation.failures) == (State.FAILED, 2)
    assert "again" not in operation.error


def test_retry_after_is_obeyed(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=429, headers={"Retry-After": "20"})
    operation = run(ask_pause(campaign))
    wait = (operation.next_attempt_at - operation.attempts.get().sent_at).total_seconds()
    assert 19 < wait < 22


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_refusal_is_never_retried(campaign: Campaign, cxone: Simulator, status: int) -> None:
    cxone.fail("PUT", STATE, times=None, status=status, body={"message": "Reason not licensed"})
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.api_status) == (State.FAILED, status)
    assert "Reason not licensed" in operation.error
    assert len(cxone.record.requests("PUT")) == 1


def test_refusal_reaches_the_record(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=400, body={"message": "Reason not licensed"})
    operation = run(ask_pause(campaign))
    ended = Record.objects.get(operation=operation.pk, kind="operation.ended")
    assert (ended.status, ended.api_response_status) == ("FAILURE", 400)
    assert "Reason not licensed" in ended.error


def test_failed_attempt_has_its_record(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=429)
    operation = run(ask_pause(campaign))
    tried = Record.objects.filter(operation=operation.pk, kind="operation.tried")
    assert list(tried.order_by("number").values_list("status", flat=True)) == ["INFO", "FAILURE"]


def test_spent_budget_is_no_attempt(campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def spent(*_: object, **__: object) -> None:
        raise BudgetSpent("pause", wait_ms=4000)

    monkeypatch.setattr(V2, "send_prepared", spent)
    operation = run(ask_pause(campaign))
    assert (operation.waiting_for, operation.failures, operation.attempts.count()) == (WaitingFor.BUDGET, 0, 0)


def test_fault_of_ours_ends_too(campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(V2, "send_prepared", broken)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.error) == (State.WAITING, INTERRUPTED)
    assert run(out_of_patience(operation)).state == State.FAILED


def test_resume_of_active_is_skipped(campaign: Campaign) -> None:
    assert run(ask_resume(campaign)).state == State.SKIPPED


def test_resume_ignores_the_calls(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED", calls=90)
    operation = run(ask_resume(campaign))
    assert operation.state == State.CONFIRMED
    assert operation.compliance_check == ""


def test_resume_conflict_is_tried_again(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    cxone.fail("PUT", STATE, status=409)
    assert run_often(ask_resume(campaign)).state == State.CONFIRMED


def test_refused_attempt_is_closed(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=404)
    operation = run(ask_pause(campaign))
    assert operation.attempts.get().outcome == AttemptOutcome.REFUSED

"""A stop always wins: what a pause outranks gives way to it, and nothing else outranks anything."""

from typing import Any
from uuid import uuid4

import pytest

from audit.models import Record
from campaigns.errors import InTheWay
from campaigns.models import Attempt, AttemptOutcome, Campaign, Operation, OperationKind, ReasonCode
from campaigns.operations import requests
from campaigns.operations.runner import execution
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.operations.runner.schedules import MONDAY, ask_schedule
from tests.worker import ask_pause, ask_resume, campaign, clock, cxone, posts_events, run

__all__ = ["campaign", "clock", "cxone", "posts_events"]

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

STATE = "/api/v2/campaigns/spring"


@pytest.fixture
def paused(campaign: Campaign, cxone: Simulator) -> Campaign:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def resume(paused: Campaign, cxone: Simulator) -> Operation:
    """CXone accepted it, and the campaign still reads paused."""
    cxone.fail("PUT", STATE, status=204, body="")
    operation = run(ask_resume(paused))
    assert operation.state == State.ACCEPTED
    return operation


def state_of(operation: Operation) -> str:
    operation.refresh_from_db()
    return operation.state


def records(operation: Operation) -> list[tuple[str, Any]]:
    found = Record.objects.filter(operation=operation.pk).order_by("number")
    return [(record.kind, record.details.get("state")) for record in found]


def test_unsent_resume_is_cancelled_at_once(paused: Campaign) -> None:
    resume = ask_resume(paused)
    pause = ask_pause(paused)
    assert state_of(resume) == State.CANCELLED
    assert resume.superseded_by == pause
    assert records(resume)[-1] == ("operation.cancelled", None)


def test_unsent_schedule_change_is_cancelled_at_once(campaign: Campaign) -> None:
    change = ask_schedule(campaign, MONDAY)
    ask_pause(campaign)
    assert state_of(change) == State.CANCELLED


def test_worker_of_what_gave_way_sends_nothing(
    paused: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    resume = ask_resume(paused)
    look = execution._is_to_be_sent

    def pause_meanwhile(*arguments: Any) -> bool:
        ready = look(*arguments)
        monkeypatch.setattr(execution, "_is_to_be_sent", look)
        ask_pause(paused)
        return ready

    monkeypatch.setattr(execution, "_is_to_be_sent", pause_meanwhile)
    execution.advance_operation(resume.pk)
    assert state_of(resume) == State.CANCELLED
    assert cxone.record.requests("PUT") == []


def test_sent_resume_stays_until_pause_is_claimed(resume: Operation) -> None:
    pause = ask_pause(resume.campaign)
    assert state_of(resume) == State.ACCEPTED
    assert pause.outranks == resume


def test_claimed_pause_supersedes_sent_resume(resume: Operation) -> None:
    pause = run(ask_pause(resume.campaign))
    assert state_of(resume) == State.SUPERSEDED
    assert (resume.superseded_by, pause.outranks) == (pause, None)
    assert records(resume)[-1] == ("operation.ended", "SUPERSEDED")


def test_cancelled_pause_leaves_sent_resume_alone(resume: Operation) -> None:
    requests.cancel_operation(operation=ask_pause(resume.campaign), by="Bob")
    assert state_of(resume) == State.ACCEPTED


def test_pause_goes_out_unseen(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PATCH", "*", status=204, body="")
    change = run(ask_schedule(campaign, MONDAY))
    pause = run(ask_pause(campaign))
    assert (state_of(change), pause.state) == (State.SUPERSEDED, State.CONFIRMED)


def test_unanswered_attempt_is_closed_as_unknown(paused: Campaign) -> None:
    resume = ask_resume(paused)
    Operation.objects.filter(pk=resume.pk).update(state=State.RUNNING)
    Attempt.objects.create(operation=resume, number=1, fence=1, payload_hash="0" * 64, sent_at=resume.requested_at)
    run(ask_pause(paused))
    assert resume.attempts.get().outcome == AttemptOutcome.UNKNOWN


def test_paused_campaign_is_watched_while_resume_may_still_work(resume: Operation) -> None:
    pause = run(ask_pause(resume.campaign))
    assert (pause.state, pause.waiting_for) == (State.WAITING, "outcome")


def test_late_resume_is_paused(resume: Operation, cxone: Simulator) -> None:
    pause = run(ask_pause(resume.campaign))
    cxone.change("spring", status="ACTIVE")
    assert run(pause).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_resume_that_can_no_longer_work_lets_pause_end(resume: Operation, settings: Any) -> None:
    settings.CONFIRM_SECONDS = 0
    assert run(ask_pause(resume.campaign)).state == State.SKIPPED


def test_late_resume_is_watched_for_whichever_pause_took_its_place(resume: Operation) -> None:
    first = run(ask_pause(resume.campaign))
    second = run(ask_pause(resume.campaign, "EMERGENCY"))
    assert (state_of(first), second.state) == (State.CANCELLED, State.WAITING)


def test_late_resume_is_watched_after_a_cancelled_pause(resume: Operation) -> None:
    requests.cancel_operation(operation=run(ask_pause(resume.campaign)), by="Bob")
    assert run(ask_pause(resume.campaign)).waiting_for == "outcome"


def test_accepted_pause_settles_a_late_resume(resume: Operation, cxone: Simulator) -> None:
    first = run(ask_pause(resume.campaign))
    cxone.change("spring", status="ACTIVE")
    assert run(first).state == State.CONFIRMED
    assert run(ask_pause(resume.campaign)).state == State.SKIPPED


def test_resume_outranks_nothing(campaign: Campaign) -> None:
    pause = ask_pause(campaign)
    with pytest.raises(InTheWay):
        ask_resume(campaign)
    assert state_of(pause) == State.QUEUED


def test_resume_finds_waiting_pause_in_the_way(resume: Operation) -> None:
    pause = ask_pause(resume.campaign)
    Operation.objects.filter(pk=resume.pk).update(state=State.CONFIRMED)
    with pytest.raises(InTheWay) as refusal:
        ask_resume(resume.campaign)
    assert refusal.value.operation == pause


def test_second_pause_is_in_the_way_of_the_first(resume: Operation) -> None:
    first = ask_pause(resume.campaign)
    with pytest.raises(InTheWay) as refusal:
        ask_pause(resume.campaign)
    assert refusal.value.operation == first


def test_double_click_on_the_pause_is_one(resume: Operation) -> None:
    reason, key = ReasonCode.objects.get(pk="WFM_OVERRIDE"), uuid4().hex
    asked = [requests.request_pause(campaign=resume.campaign, by="Ada", reason=reason, key=key).pk for _ in range(2)]
    assert asked[0] == asked[1]


def test_emergency_takes_place_of_waiting_ordinary_pause(campaign: Campaign) -> None:
    ordinary = ask_pause(campaign)
    emergency = run(ask_pause(campaign, "EMERGENCY"))
    assert (state_of(ordinary), emergency.state) == (State.CANCELLED, State.CONFIRMED)


def test_emergency_leaves_sent_pause_alone(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=204, body="")
    run(ask_pause(campaign))
    with pytest.raises(InTheWay):
        ask_pause(campaign, "EMERGENCY")


def test_ordinary_pause_takes_no_place_of_emergency(campaign: Campaign) -> None:
    ask_pause(campaign, "EMERGENCY")
    with pytest.raises(InTheWay):
        ask_pause(campaign)


def test_emergency_asks_twice_before_its_put(campaign: Campaign, cxone: Simulator) -> None:
    before = len(cxone.record.requests())
    run(ask_pause(campaign, "EMERGENCY"))
    methods = [request.method for request in cxone.record.requests()[before:]]
    assert methods.index("PUT") == 2


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 500}, {"cut": True}])
def test_emergency_waits_for_no_count(campaign: Campaign, cxone: Simulator, fault: dict[str, Any]) -> None:
    cxone.fail("POST", "/api/v2/analytics/*", times=None, **fault)
    pause = run(ask_pause(campaign, "EMERGENCY"))
    assert (pause.state, pause.compliance_check, pause.calls_before) == (State.CONFIRMED, "OVERRIDDEN", None)


def test_ordinary_pause_waits_for_its_count(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("POST", "/api/v2/analytics/*", times=None, status=500)
    assert run(ask_pause(campaign)).state == State.WAITING
    assert cxone.record.requests("PUT") == []


def test_operations_in_progress_are_one_after_all(resume: Operation) -> None:
    run(ask_pause(resume.campaign))
    in_progress = Operation.objects.filter(campaign=resume.campaign, ended_at=None, kind=OperationKind.RESUME)
    assert not in_progress.exists()

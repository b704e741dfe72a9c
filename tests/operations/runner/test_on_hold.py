"""A held campaign can't be resumed by anybody, in any way: where it is asked for, and again where it would be sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from audit.models import Record
from campaigns.attention.rounds import watch_campaigns
from campaigns.errors import OnHold, UnusableSelection
from campaigns.models import Campaign, Finding, Operation, OperationKind, Origin, ReasonCode
from campaigns.operations import requests, undo
from campaigns.operations.bulk.requests import request_bulk, request_exact_resume
from campaigns.operations.holding import Placed, lift_hold, pause_held, place_holds
from campaigns.operations.runner import execution, watch
from campaigns.operations.runner.bulks import making, work
from campaigns.operations.runner.bulks.claim import claim_bulk
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import due_instant
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.worker import ask_pause, ask_resume, run

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def hold(*campaign_ids: str, **values: Any) -> Placed:
    return place_holds(campaign_ids=campaign_ids or ["spring"], by="Rita", reason="Complaint 4711", **values)


def lift() -> None:
    lift_hold(campaign=Campaign.objects.get(pk="spring"), by="Rita", reason="Resolved")


def ask_hours(campaign: Campaign) -> Operation:
    later = campaign.schedule | {"dialingHours": [{"day": "MON", "startTime": "10:00", "endTime": "12:00"}]}
    return requests.request_schedule_change(
        campaign=campaign, by="Ada", base=campaign.schedule, schedule=later, acknowledged=True, key=uuid4().hex
    )


def ask_resume_later(campaign: Campaign) -> Operation:
    due = due_instant(database_now() + timedelta(hours=1))
    reason = ReasonCode.objects.get(pk="RESOLVED")
    return requests.request_resume(campaign=campaign, by="Ada", reason=reason, at=due, key=uuid4().hex)


def come_due(operation: Operation) -> Operation:
    Operation.objects.filter(pk=operation.pk).update(not_before=Now(), next_attempt_at=Now())
    execution.advance_operation(operation.pk)
    operation.refresh_from_db()
    return operation


@pytest.fixture
def paused(campaign: Campaign) -> Campaign:
    run(ask_pause(campaign, "MAINTENANCE"))
    campaign.refresh_from_db()
    return campaign


# --- asked for ---


@pytest.mark.parametrize("ask", [ask_resume, ask_hours, ask_resume_later])
def test_nothing_but_a_pause_is_asked_for(paused: Campaign, ask: Callable[[Campaign], Operation]) -> None:
    hold()
    with pytest.raises(OnHold, match=r"Rita placed it .* “Complaint 4711”.* Ask Rita, another reviewer"):
        ask(paused)


def test_refusal_is_on_record(paused: Campaign) -> None:
    hold()
    with pytest.raises(OnHold):
        ask_resume(paused)
    record = Record.objects.get(kind="operation.refused")
    assert (record.by, record.action, record.details["code"]) == ("Ada", "resume", "on_hold")


def test_undo_is_refused(campaign: Campaign) -> None:
    pause = run(ask_pause(campaign, "MAINTENANCE"))
    hold()
    with pytest.raises(OnHold):
        undo.request_undo(operation=pause, by="Ada")


def test_request_from_before_the_hold_is_the_same_one(paused: Campaign) -> None:
    reason, key = ReasonCode.objects.get(pk="RESOLVED"), uuid4().hex
    first = requests.request_resume(campaign=paused, by="Ada", reason=reason, key=key)
    hold()
    assert requests.request_resume(campaign=paused, by="Ada", reason=reason, key=key) == first


def test_pause_is_always_allowed(campaign: Campaign) -> None:
    hold()
    assert run(ask_pause(campaign)).state == State.CONFIRMED


def test_lifted_hold_stops_nothing(paused: Campaign, cxone: Simulator) -> None:
    hold()
    lift()
    assert run(ask_resume(paused)).state == State.CONFIRMED


# --- in progress when it is placed ---


def test_what_has_sent_nothing_is_cancelled(paused: Campaign) -> None:
    resume = ask_resume(paused)
    assert [each.pk for each in hold().cancelled] == [resume.pk]
    resume.refresh_from_db()
    assert (resume.state, resume.cancelled_by) == (State.CANCELLED, "Rita")


def test_its_record_names_the_hold(paused: Campaign) -> None:
    resume = ask_resume(paused)
    hold()
    cancelled = Record.objects.get(kind="operation.cancelled", operation=resume.pk)
    assert (cancelled.by, "placed a compliance hold" in cancelled.error) == ("Rita", True)
    assert "had sent nothing and was cancelled" in Record.objects.get(kind="hold.placed").details["cause"]


def test_what_was_sent_ends_as_it_was_sent(paused: Campaign, cxone: Simulator) -> None:
    shown: dict[str, object] = {"id": "spring", "name": "Spring renewal", "status": "PAUSED", "schedule": {}}
    cxone.fail("GET", "/api/v2/campaigns/spring", body=shown)
    resume = run(ask_resume(paused))
    placed = hold()
    resume.refresh_from_db()
    assert (placed.sent, placed.cancelled, resume.state) == ([resume], [], State.ACCEPTED)


def test_pause_in_progress_goes_on(campaign: Campaign) -> None:
    pause = ask_pause(campaign)
    hold()
    assert run(pause).state == State.CONFIRMED


# --- found by a worker ---


def test_worker_sends_nothing(paused: Campaign, cxone: Simulator) -> None:
    """Its hold came after the look of whoever asked, and before this was saved."""
    hold()
    late = Operation.objects.create(
        kind=OperationKind.RESUME,
        campaign=paused,
        by="Ada",
        reason="RESOLVED",
        idempotency_key=uuid4().hex,
        body_hash="0" * 64,
        requested_at=database_now(),
        next_attempt_at=database_now(),
    )
    assert run(late).state == State.REJECTED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_hold_between_the_read_and_the_request(
    paused: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    resume, is_to_be_sent = ask_resume(paused), execution._is_to_be_sent

    def held_meanwhile(*arguments: Any) -> bool:
        placed = is_to_be_sent(*arguments)
        hold()
        return placed

    monkeypatch.setattr(execution, "_is_to_be_sent", held_meanwhile)
    assert run(resume).state == State.CANCELLED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_timed_pause_does_not_end_on_hold(campaign: Campaign, cxone: Simulator) -> None:
    until = due_instant(database_now() + timedelta(hours=1))
    pause = run(ask_pause(campaign, "MAINTENANCE", until=until))
    hold()
    resume = come_due(Operation.objects.get(undoes=pause))
    assert (resume.state, "on hold" in resume.error) == (State.REJECTED, True)
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_resume_that_was_due_needs_attention(campaign: Campaign) -> None:
    pause = run(ask_pause(campaign, "MAINTENANCE", until=due_instant(database_now() + timedelta(hours=1))))
    hold()
    come_due(Operation.objects.get(undoes=pause))
    assert Finding.objects.get(ended_at=None).code == "operation_failed"
    assert Record.objects.filter(kind="operation.ended", status="REJECTED").count() == 1


def test_timed_pause_ends_after_the_lift(campaign: Campaign, cxone: Simulator) -> None:
    pause = run(ask_pause(campaign, "MAINTENANCE", until=due_instant(database_now() + timedelta(hours=1))))
    hold()
    lift()
    assert come_due(Operation.objects.get(undoes=pause)).state == State.CONFIRMED


# --- many ---


@pytest.fixture
def two_paused(paused: Campaign, cxone: Simulator) -> Campaign:
    cxone.add(id="autumn", name="Autumn", status="PAUSED")
    full_read.read_all_campaigns()
    return paused


def finish(bulk: Any) -> None:
    for _ in range(10):
        type(bulk).objects.update(next_attempt_at=Now())
        if not work.advance_bulk(bulk.pk):
            return


def test_bulk_leaves_out_what_is_on_hold(two_paused: Campaign, cxone: Simulator) -> None:
    hold()
    reason = ReasonCode.objects.get(pk="RESOLVED")
    bulk = request_bulk(
        kind=OperationKind.RESUME, campaign_ids=["spring", "autumn"], by="Ada", reason=reason, key=uuid4().hex
    )
    finish(bulk)
    assert (cxone.campaign("spring")["status"], cxone.campaign("autumn")["status"]) == ("PAUSED", "ACTIVE")
    assert Operation.objects.get(bulk=bulk, campaign="spring").state == State.REJECTED


def test_hold_between_a_bulks_making_and_sending(two_paused: Campaign, cxone: Simulator) -> None:
    reason = ReasonCode.objects.get(pk="RESOLVED")
    bulk = request_bulk(kind=OperationKind.RESUME, campaign_ids=["spring"], by="Ada", reason=reason, key=uuid4().hex)
    claimed = claim_bulk(bulk.pk)
    assert claimed is not None
    making.make_some(claimed)
    # As if whoever placed it hadn't seen the operation yet.
    Operation.objects.filter(bulk=bulk).update(sent_at=Now())
    hold()
    Operation.objects.filter(bulk=bulk).update(sent_at=None)
    type(bulk).objects.update(lease_until=None)
    finish(bulk)
    assert Operation.objects.get(bulk=bulk).state == State.REJECTED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_exact_resume_leaves_out_what_is_on_hold(campaign: Campaign, cxone: Simulator) -> None:
    reason = ReasonCode.objects.get(pk="EMERGENCY")
    stop = request_bulk(kind=OperationKind.PAUSE, campaign_ids=["spring"], by="Ada", reason=reason, key=uuid4().hex)
    finish(stop)
    full_read.read_all_campaigns()
    hold()
    with pytest.raises(UnusableSelection, match="free of a hold"):
        request_exact_resume(bulk=stop, by="Ada", reason=ReasonCode.objects.get(pk="RESOLVED"), key=uuid4().hex)
    assert cxone.campaign("spring")["status"] == "PAUSED"


# --- dialing all the same ---


def back_in_cxone(cxone: Simulator) -> None:
    cxone.change("spring", status="ACTIVE")
    full_read.read_all_campaigns()


def test_return_is_paused_again_whatever_the_reason_was(paused: Campaign, cxone: Simulator) -> None:
    hold()
    back_in_cxone(cxone)
    again = Operation.objects.get(origin=Origin.WATCH)
    assert (again.by, again.reason, run(again).state) == ("Rita", "COMPLIANCE_HOLD", State.CONFIRMED)


def test_second_return_is_only_shown(paused: Campaign, cxone: Simulator) -> None:
    hold()
    back_in_cxone(cxone)
    run(Operation.objects.get(origin=Origin.WATCH))
    back_in_cxone(cxone)
    watch.see_to_returned()
    assert Operation.objects.filter(origin=Origin.WATCH).count() == 1


def test_return_is_seen_to_after_a_death(paused: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    hold()
    with monkeypatch.context() as dead:
        dead.setattr(watch, "pause_on_hold", lambda hold_id: None)
        back_in_cxone(cxone)
    watch.see_to_returned()
    assert Operation.objects.filter(origin=Origin.WATCH).exists()


def test_dialing_on_hold_needs_attention(campaign: Campaign) -> None:
    (placed,) = hold().holds
    type(placed).objects.update(placed_at=Now() - timedelta(minutes=5))
    full_read.read_all_campaigns()
    watch_campaigns()
    assert Finding.objects.filter(code="dialing_on_hold", ended_at=None).exists()


def test_hold_pauses_however_many_calls_there_are(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", calls=900)
    pause = run(pause_held(hold().holds[0]))
    assert (pause.state, pause.reason, pause.by) == (State.CONFIRMED, "COMPLIANCE_HOLD", "Rita")

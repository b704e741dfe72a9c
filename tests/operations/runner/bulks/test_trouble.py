"""A bulk against a CXone that doesn't behave, and workers that die: nothing is lost, and nothing is sent twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from audit.integrity.chain_walk import verify_chain
from audit.models import Record
from campaigns import dispatcher
from campaigns.cxone.errors import Unreachable
from campaigns.cxone.gateway import PreparedChange
from campaigns.cxone.v2.gateway import V2
from campaigns.models import (
    Bulk,
    CallsReading,
    Campaign,
    Operation,
    OperationKind,
    PauseSlot,
    Policy,
    RequestSlot,
    SyncState,
)
from campaigns.operations.bulk import requests
from campaigns.operations.runner import execution, together
from campaigns.operations.runner.bulks import batch, work
from campaigns.operations.runner.bulks.claim import ClaimedBulk
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.bulks import ask_bulk, left_to_single_workers, run_bulk, run_slice, states
from tests.worker import ask_pause, ask_resume, run, run_often

pytestmark = pytest.mark.data_layer
STATE = "/api/v2/campaigns/c03"


class Killed(BaseException):
    """What a worker's death looks like to the code that it interrupts."""


def kill_while(monkeypatch: pytest.MonkeyPatch, name: str, after: int = 0) -> None:
    """The worker dies at its next call of together.`name`, or at a later one."""
    real: Callable[..., object] = getattr(together, name)
    calls: list[int] = []

    def die(*args: object, **values: object) -> object:
        calls.append(1)
        if len(calls) > after:
            monkeypatch.setattr(together, name, real)
            raise Killed
        return real(*args, **values)

    monkeypatch.setattr(together, name, die)


def let_leases_run_out() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Bulk.objects.update(lease_until=None)
    Operation.objects.filter(lease_until__isnull=False).update(lease_until=past, next_attempt_at=past)
    PauseSlot.objects.filter(operation_id__isnull=False).update(held_until=past)


def applied_puts(cxone: Simulator) -> list[str]:
    return sorted(entry.campaign_id or "" for entry in cxone.record.applied(method="PUT"))


@pytest.mark.parametrize("moment", ["send_batch", "save_answers"])
def test_killed_worker_loses_none(
    campaigns: list[Campaign], cxone: Simulator, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    Policy.objects.update(max_concurrent_pauses=3)
    bulk = ask_bulk(campaigns)
    kill_while(monkeypatch, moment, after=1)
    with pytest.raises(Killed):
        run_slice(bulk)
    let_leases_run_out()
    for operation in dispatcher.due_operations():
        execution.advance_operation(operation.pk)
    run_bulk(bulk)
    assert states(bulk) == {"CONFIRMED": 12}
    assert applied_puts(cxone) == [campaign.pk for campaign in campaigns]
    assert verify_chain().ok


def test_lease_keeps_others_out(campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = ask_bulk(campaigns)
    kill_while(monkeypatch, "send_batch")
    with pytest.raises(Killed):
        run_slice(bulk)
    Bulk.objects.update(next_attempt_at=Now())
    assert not work.advance_bulk(bulk.pk)
    assert bulk not in dispatcher.due_bulks()


def test_dispatcher_finds_what_a_dead_worker_left(
    campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch, enqueued: list[tuple[str, ...]]
) -> None:
    bulk = ask_bulk(campaigns)
    kill_while(monkeypatch, "send_batch")
    with pytest.raises(Killed):
        run_slice(bulk)
    let_leases_run_out()
    Bulk.objects.update(enqueued_at=None)
    begun = bulk.operations.get(state=State.RUNNING)
    enqueued.clear()
    dispatcher.dispatch_due()
    # Those that haven't begun are the bulk's.
    assert [message for message in enqueued if message[0].endswith(("run_operation", "run_bulk"))] == [
        ("campaigns.tasks.run_operation", str(begun.pk)),
        ("campaigns.tasks.run_bulk", str(bulk.pk)),
    ]


def test_overtaken_runner_begins_nothing(
    campaigns: list[Campaign], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = ask_bulk(campaigns)
    begin = batch.begin_batch

    def overtaken(*args: Any, **values: Any) -> batch.Batch:
        Bulk.objects.update(fence=F("fence") + 1)
        return begin(*args, **values)

    monkeypatch.setattr(batch, "begin_batch", overtaken)
    run_slice(bulk)
    assert (states(bulk), cxone.record.requests("PUT")) == ({"QUEUED": 12}, [])
    assert bulk.lease_until


def test_lost_response_is_read_back(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, cut=True, done=True)
    bulk = run_bulk(ask_bulk(campaigns))
    assert states(bulk) == {"CONFIRMED": 12}
    assert applied_puts(cxone) == [campaign.pk for campaign in campaigns]


def test_lost_pause_is_sent_again(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, cut=True)
    bulk = run_bulk(ask_bulk(campaigns))
    assert states(bulk) == {"CONFIRMED": 12}
    assert bulk.operations.get(campaign="c03").attempts.count() == 2


def test_lost_resume_is_not_sent_again(campaigns: list[Campaign], cxone: Simulator) -> None:
    run_bulk(ask_bulk(campaigns))
    before = len(cxone.record.requests("PUT", STATE))
    cxone.fail("PUT", STATE, cut=True)
    bulk = ask_bulk(campaigns, OperationKind.RESUME)
    for _ in range(4):
        run_slice(bulk)
        for operation in left_to_single_workers(bulk):
            run(operation)
    assert bulk.operations.get(campaign="c03").waiting_for == WaitingFor.OUTCOME
    assert len(cxone.record.requests("PUT", STATE)) - before == 1


def test_refusal_ends_only_its_operation(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, status=403)
    bulk = run_bulk(ask_bulk(campaigns))
    assert states(bulk) == {"FAILED": 1, "CONFIRMED": 11}
    assert Record.objects.get(kind="bulk.ended").status == "FAILURE"


def test_wrongly_thought_active_is_skipped(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.change("c03", status="PAUSED")
    assert states(run_bulk(ask_bulk(campaigns))) == {"SKIPPED": 1, "CONFIRMED": 11}


def test_limit_of_cxone_is_no_failure(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.fail("PUT", "*", status=429, headers={"Retry-After": "30"}, skip=3)
    bulk = run_slice(ask_bulk(campaigns))
    assert bulk.waiting_for == WaitingFor.BUDGET
    assert bulk.next_attempt_at - timezone.now() > timedelta(seconds=25)
    waiting = bulk.operations.get(state=State.WAITING)
    assert (waiting.waiting_for, waiting.failures, waiting.sent_at) == (WaitingFor.TURN, 0, None)
    RequestSlot.objects.update(free_at=Now())
    assert states(run_bulk(bulk)) == {"CONFIRMED": 12}


def test_spent_budget_makes_it_wait(campaigns: list[Campaign], cxone: Simulator) -> None:
    bulk = ask_bulk(campaigns)
    RequestSlot.objects.filter(number__gt=40).update(free_at=Now() + timedelta(seconds=30))
    run_slice(bulk)
    assert (bulk.waiting_for, states(bulk)) == (WaitingFor.BUDGET, {"ACCEPTED": 5, "QUEUED": 7})
    assert bulk.next_attempt_at > timezone.now() + timedelta(seconds=20)


def test_clicks_keep_their_part_of_the_budget(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.add(id="other", calls=1)
    other = Campaign.objects.create(id="other", name="Other", status="ACTIVE", read_at=timezone.now())
    bulk = ask_bulk(campaigns)
    RequestSlot.objects.filter(number__range=(36, 190)).update(free_at=Now() + timedelta(seconds=30))
    run_slice(bulk)
    assert run(ask_pause(other)).state == State.CONFIRMED


def test_unreachable_cxone_is_tried_with_one(campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch) -> None:
    Policy.objects.update(max_concurrent_pauses=5)
    tries: list[PreparedChange] = []

    def fail(_: V2, change: PreparedChange) -> None:
        tries.append(change)
        raise Unreachable("pause")

    with monkeypatch.context() as outage:
        outage.setattr(V2, "send_prepared", fail)
        bulk = run_slice(ask_bulk(campaigns))
        assert (bulk.failures, bulk.waiting_for, len(tries)) == (1, WaitingFor.RETRY, 5)
        run_slice(bulk)
        assert (bulk.failures, len(tries)) == (2, 6)
    assert states(run_bulk(bulk)) == {"CONFIRMED": 12}
    assert bulk.failures == 0


@pytest.fixture
def outage(campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_gateway: V2, _change: PreparedChange) -> None:
        raise Unreachable("pause", cause="connection refused")

    monkeypatch.setattr(V2, "send_prepared", refuse)


@pytest.mark.usefixtures("outage")
def test_rest_is_given_up_after_the_patience_of_its_kind(campaigns: list[Campaign]) -> None:
    bulk = run_slice(ask_bulk(campaigns, OperationKind.PAUSE))
    assert bulk.failing_since is not None
    Bulk.objects.filter(pk=bulk.pk).update(failing_since=Now() - timedelta(minutes=30))
    run_slice(bulk)
    given_up = bulk.operations.filter(error__contains="has not answered since")
    assert {operation.state for operation in given_up} == {State.FAILED}
    assert given_up.count() == len(campaigns) - len(left_to_single_workers(bulk))


@pytest.mark.usefixtures("outage")
def test_rest_is_kept_within_the_patience(campaigns: list[Campaign]) -> None:
    bulk = run_slice(ask_bulk(campaigns, OperationKind.PAUSE))
    Bulk.objects.filter(pk=bulk.pk).update(failing_since=Now() - timedelta(minutes=29))
    run_slice(bulk)
    assert State.FAILED not in states(bulk)


def test_unknown_outcomes_keep_their_slots(campaigns: list[Campaign], cxone: Simulator) -> None:
    Policy.objects.update(max_concurrent_pauses=5)
    cxone.fail("PUT", "*", status=500, times=5)
    bulk = run_slice(ask_bulk(campaigns))
    run_slice(bulk)
    assert (bulk.waiting_for, len(cxone.record.requests("PUT"))) == (WaitingFor.PAUSE_SLOT, 5)
    assert states(run_bulk(bulk)) == {"CONFIRMED": 12}


def test_campaigns_that_only_look_paused_are_read(campaigns: list[Campaign], cxone: Simulator) -> None:
    Campaign.objects.filter(pk="c03").update(status="PAUSED")
    long_ago = timezone.now() - timedelta(minutes=5)
    SyncState.objects.update(last_good_at=long_ago, failing_since=long_ago)
    bulk = ask_bulk(campaigns)
    run_slice(bulk)
    (left,) = left_to_single_workers(bulk)
    assert left.campaign_id == "c03"
    assert run(left).state == State.CONFIRMED


def test_old_list_is_read_again_first(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.change("c03", status="PAUSED")
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(seconds=14))
    bulk = run_slice(ask_bulk(campaigns))
    assert (bulk.waiting_for, states(bulk)) == (WaitingFor.READ, {"QUEUED": 12})
    assert states(run_bulk(bulk)) == {"SKIPPED": 1, "CONFIRMED": 11}
    assert len(cxone.record.requests("PUT")) == 11


def test_pause_in_the_way_rejects(campaigns: list[Campaign]) -> None:
    ask_pause(campaigns[3])
    bulk = run_bulk(ask_bulk(campaigns))
    assert states(bulk) == {"REJECTED": 1, "CONFIRMED": 11}
    assert "requested by Ada is still in progress" in bulk.operations.get(state="REJECTED").error


def test_bulk_of_pauses_passes_a_resume(campaigns: list[Campaign], cxone: Simulator) -> None:
    run_bulk(ask_bulk(campaigns[:1]))
    resume = ask_resume(campaigns[0])
    bulk = run_bulk(ask_bulk(campaigns))
    resume.refresh_from_db()
    assert (resume.state, states(bulk)) == (State.CANCELLED, {"SKIPPED": 1, "CONFIRMED": 11})


def test_sent_resume_is_superseded(campaigns: list[Campaign], cxone: Simulator) -> None:
    run_bulk(ask_bulk(campaigns[:1]))
    cxone.fail("GET", "/api/v2/campaigns/c00", status=500, times=None)
    resume = run(ask_resume(Campaign.objects.get(pk="c00")))
    cxone.clear_faults()
    bulk = run_bulk(ask_bulk(campaigns))
    resume.refresh_from_db()
    assert (resume.state, states(bulk)) == (State.SUPERSEDED, {"CONFIRMED": 12})
    assert cxone.campaign("c00")["status"] == "PAUSED"


def test_click_passes_what_the_bulk_has_not_begun(campaigns: list[Campaign], cxone: Simulator) -> None:
    bulk = ask_bulk(campaigns)
    RequestSlot.objects.filter(number__range=(36, 190)).update(free_at=Now() + timedelta(seconds=30))
    run_slice(bulk)
    assert run_often(ask_pause(campaigns[5])).state == State.CONFIRMED
    assert bulk.operations.get(campaign="c05").state == State.CANCELLED


def test_cancelling_leaves_what_has_begun(campaigns: list[Campaign], cxone: Simulator) -> None:
    RequestSlot.objects.filter(number__gt=40).update(free_at=Now() + timedelta(seconds=30))
    bulk = run_slice(ask_bulk(campaigns))
    requests.cancel_rest(bulk=bulk, by="Bea")
    run_bulk(bulk)
    assert states(bulk) == {"CONFIRMED": 5, "CANCELLED": 7}
    assert Record.objects.filter(kind="operation.cancelled", by="Bea").count() == 7
    assert len(cxone.record.requests("PUT")) == 5


def test_nothing_begins_after_cancelling(
    campaigns: list[Campaign], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = ask_bulk(campaigns)
    save = together.save_answers

    def cancel_first(changes: list[together.BatchedChange]) -> together.Saved:
        if not Bulk.objects.get().cancelled_at:
            requests.cancel_rest(bulk=bulk, by="Bea")
        return save(changes)

    monkeypatch.setattr(together, "save_answers", cancel_first)
    run_bulk(bulk)
    assert states(bulk) == {"CONFIRMED": 1, "CANCELLED": 11}
    assert len(cxone.record.requests("PUT")) == 1


def test_emergency_goes_before_an_ordinary_bulk(campaigns: list[Campaign]) -> None:
    ordinary, emergency = ask_bulk(campaigns[:6]), ask_bulk(campaigns[6:], reason="EMERGENCY")
    RequestSlot.objects.filter(number__range=(36, 190)).update(free_at=Now() + timedelta(seconds=30))
    run_slice(emergency)
    RequestSlot.objects.update(free_at=Now())
    run_slice(ordinary)
    assert (ordinary.waiting_for, states(ordinary)) == (WaitingFor.TURN, {"QUEUED": 6})
    assert states(run_bulk(emergency)) == {"CONFIRMED": 6}
    assert states(run_bulk(ordinary)) == {"CONFIRMED": 6}


def test_id_that_is_no_address_keeps_no_other_back(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.add(id="..", name="Campaign", calls=3)
    full_read.read_all_campaigns()
    bulk = run_bulk(ask_bulk(list(Campaign.objects.filter(gone_at=None)), reason="EMERGENCY"))
    assert states(bulk) == {"CONFIRMED": 12, "FAILED": 1}
    assert "CXone has nothing with that id" in bulk.operations.get(campaign="..").error


def test_refused_count_ends_the_bulk_with_its_reason(campaigns: list[Campaign], cxone: Simulator) -> None:
    CallsReading.objects.all().delete()
    cxone.fail("POST", "/api/v2/analytics/*", times=None, status=403)
    bulk = run_bulk(ask_bulk(campaigns))
    assert states(bulk) == {"FAILED": 12}
    assert "(403)" in bulk.operations.all()[0].error
    assert cxone.record.requests("PUT") == []


def test_bulk_cancelled_before_it_is_made_takes_no_place(campaigns: list[Campaign]) -> None:
    resume, bulk = ask_resume(campaigns[0]), ask_bulk(campaigns)
    requests.cancel_rest(bulk=bulk, by="Bob")
    run_bulk(bulk)
    resume.refresh_from_db()
    assert (states(bulk), resume.state) == ({"CANCELLED": 12}, State.QUEUED)
    assert Record.objects.filter(kind="operation.cancelled", by="Bob").count() == 12


def test_emergency_waits_as_long_as_cxone_asks(campaigns: list[Campaign], cxone: Simulator) -> None:
    CallsReading.objects.all().delete()
    cxone.fail("POST", "/api/v2/analytics/*", times=None, status=429, headers={"Retry-After": "30"})
    bulk = ask_bulk(campaigns, reason="EMERGENCY")
    run_slice(bulk)
    assert run_slice(bulk).waiting_for == WaitingFor.BUDGET
    assert not cxone.record.requests("PUT")


@pytest.mark.parametrize(("reason", "found"), [("EMERGENCY", {"CONFIRMED": 12}), ("WFM_OVERRIDE", {"QUEUED": 12})])
def test_emergency_waits_for_no_count(
    campaigns: list[Campaign], cxone: Simulator, reason: str, found: dict[str, int]
) -> None:
    CallsReading.objects.all().delete()
    cxone.fail("POST", "/api/v2/analytics/*", status=500, times=None)
    bulk = run_slice(ask_bulk(campaigns, reason=reason))
    if reason == "EMERGENCY":
        # A slice may end before all were sent.
        while "QUEUED" in states(bulk):
            run_slice(bulk)
        cxone.clear_faults()
        run_bulk(bulk)
        assert set(bulk.operations.values_list("compliance_check", "calls_before")) == {("OVERRIDDEN", None)}
    assert states(bulk) == found


def test_next_bulk_is_woken_by_the_one_before(campaigns: list[Campaign], enqueued: list[tuple[str, ...]]) -> None:
    first, second = ask_bulk(campaigns[:6]), ask_bulk(campaigns[6:])
    RequestSlot.objects.filter(number__range=(36, 190)).update(free_at=Now() + timedelta(seconds=30))
    run_slice(first)
    run_slice(second)
    assert second.waiting_for == WaitingFor.TURN
    RequestSlot.objects.update(free_at=Now())
    enqueued.clear()
    run_slice(first)
    assert ("campaigns.tasks.run_bulk", str(second.pk)) in enqueued


def test_cancelling_is_not_put_off(campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = ask_bulk(campaigns)
    RequestSlot.objects.filter(number__range=(36, 190)).update(free_at=Now() + timedelta(seconds=30))
    release = ClaimedBulk.release

    def cancelled_just_before(*args: Any, **values: Any) -> None:
        requests.cancel_rest(bulk=bulk, by="Bea")
        release(*args, **values)

    monkeypatch.setattr(ClaimedBulk, "release", cancelled_just_before)
    assert run_slice(bulk).next_attempt_at <= timezone.now()

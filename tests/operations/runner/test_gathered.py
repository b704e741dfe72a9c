"""Gathered pauses are sent together: for fewer requests and wake-ups, and with the guarantees of one sent alone."""

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test import TestCase
from django.utils import timezone

from audit.integrity.chain_walk import verify_chain
from audit.models import Record
from campaigns import dispatcher
from campaigns.models import CallsReading, Campaign, Operation, PauseSlot, PeriodicJob, Policy
from campaigns.operations import requests
from campaigns.operations.gathering import MOST_ALONE
from campaigns.operations.runner import execution, gathered, pause_slots, slices, together
from campaigns.operations.runner.bulks import work
from campaigns.queueing import wakeups
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.factories import make_bulk, make_campaign, make_operation
from tests.operations.runner.bulks.conftest import campaigns
from tests.worker import PATIENCE_SECONDS, ask_pause

__all__ = ["campaigns"]

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]

GATHERED = ("campaigns.tasks.run_gathered",)
RUN = "campaigns.tasks.run_operation"


class Killed(BaseException):
    """A worker's end: nothing after it is done."""


@pytest.fixture(autouse=True)
def lasting_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(gathered, "FRESH_SECONDS", 600.0)
    monkeypatch.setattr(gathered, "count_lasts", lambda: timedelta(minutes=10))


@pytest.fixture
def pauses(campaigns: list[Campaign]) -> list[Operation]:
    """Seven that are gathered; those that went ahead of them were cancelled."""
    asked = [ask_pause(campaign) for campaign in campaigns]
    for each in asked[:MOST_ALONE]:
        requests.cancel_operation(operation=each, by="Ada")
    Policy.objects.update(max_concurrent_pauses=3)
    return asked[MOST_ALONE:]


def work_on() -> None:
    Operation.objects.filter(state=State.WAITING).update(next_attempt_at=Now())
    assert gathered.advance_gathered()


def state_of(operation: Operation) -> str:
    operation.refresh_from_db()
    return operation.state


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Operation.objects.exclude(state=State.CANCELLED).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def paths(cxone: Simulator, method: str) -> list[str]:
    return sorted(entry.path for entry in cxone.record.requests(method))


def let_leases_run_out() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Operation.objects.filter(lease_until__isnull=False).update(lease_until=past, next_attempt_at=past)
    PauseSlot.objects.filter(operation_id__isnull=False).update(held_until=past)


# --- What it costs ---


def test_each_takes_a_read_and_a_put(pauses: list[Operation], cxone: Simulator) -> None:
    cxone.record.clear()
    work_on()
    assert states() == {State.ACCEPTED: 7}
    assert paths(cxone, "GET") == [f"/api/v2/outbound/campaigns/{each.campaign_id}" for each in pauses]
    assert paths(cxone, "PUT") == [f"/api/v2/campaigns/{each.campaign_id}" for each in pauses]
    # The full read has just counted the calls of all.
    assert not cxone.record.requests("POST")


def test_one_count_of_calls_serves_all(pauses: list[Operation], cxone: Simulator) -> None:
    CallsReading.objects.update(at=timezone.now() - timedelta(seconds=11))
    cxone.record.clear()
    work_on()
    assert len(cxone.record.requests("POST")) == 1


def test_one_read_confirms_all(pauses: list[Operation], cxone: Simulator) -> None:
    PeriodicJob.objects.update(next_at=Now() + timedelta(seconds=15))
    work_on()
    assert PeriodicJob.objects.get(name="sync_campaigns").next_at < timezone.now() + timedelta(seconds=3)
    cxone.record.clear()
    full_read.read_if_old()
    assert states() == {State.CONFIRMED: 7}
    # One page, and the calls.
    assert len(cxone.record.requests()) == 2


def test_one_wake_up_is_for_all(pauses: list[Operation], enqueued: list[tuple[str, ...]]) -> None:
    enqueued.clear()
    dispatcher.dispatch_due()
    dispatcher.dispatch_due()
    assert enqueued.count(GATHERED) == 1
    assert not [message for message in enqueued if message[0] == RUN]


def test_requests_of_each_are_on_record(pauses: list[Operation]) -> None:
    work_on()
    assert set(Operation.objects.filter(state=State.ACCEPTED).values_list("requests", flat=True)) == {2}


# --- What holds all the same ---


def test_never_more_at_once_than_there_are_slots(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    send = together.send_batch

    def counting(requests: list[together.BatchedChange]) -> None:
        sizes.append(len(requests))
        assert PauseSlot.objects.filter(operation_id__in=[each.operation.pk for each in requests]).count() == sizes[-1]
        send(requests)

    monkeypatch.setattr(together, "send_batch", counting)
    work_on()
    assert sizes == [3, 3, 1]


def test_each_attempt_is_on_record_before_its_first_byte(
    pauses: list[Operation], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: object) -> None:
        raise Killed

    monkeypatch.setattr(together, "send_batch", die)
    with pytest.raises(Killed):
        work_on()
    assert Record.objects.filter(kind="operation.tried").count() == 3


def test_attempt_knows_the_version_that_was_read(pauses: list[Operation], cxone: Simulator) -> None:
    work_on()
    assert all(attempt.etag for each in pauses for attempt in each.attempts.all())


def test_paused_already_is_skipped_by_a_read_of_its_own(pauses: list[Operation], cxone: Simulator) -> None:
    cxone.change(pauses[0].campaign_id, status="PAUSED")
    work_on()
    execution.advance_operation(pauses[0].pk)
    assert state_of(pauses[0]) == State.SKIPPED
    assert pauses[0].campaign_id not in {entry.campaign_id for entry in cxone.record.applied(method="PUT")}


def test_too_many_calls_are_rejected(campaigns: list[Campaign], pauses: list[Operation], cxone: Simulator) -> None:
    cxone.change(pauses[0].campaign_id, calls=51)
    full_read.read_all_campaigns()
    work_on()
    assert state_of(pauses[0]) == State.REJECTED
    assert pauses[0].calls_before == 51
    assert states() == {State.REJECTED: 1, State.ACCEPTED: 6}


def test_cancelled_while_it_is_read_is_not_sent(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = gathered._situation

    def cancel_first(*args: Any) -> Any:
        monkeypatch.setattr(gathered, "_situation", read)
        requests.cancel_operation(operation=pauses[0], by="Ben")
        return read(*args)

    monkeypatch.setattr(gathered, "_situation", cancel_first)
    work_on()
    assert state_of(pauses[0]) == State.CANCELLED
    assert len(cxone.record.applied(method="PUT")) == 6
    assert verify_chain().ok


def test_lost_answer_is_followed_by_a_look(pauses: list[Operation], cxone: Simulator) -> None:
    lost = pauses[0]
    cxone.fail("PUT", f"/api/v2/campaigns/{lost.campaign_id}", cut=True, done=True)
    work_on()
    assert state_of(lost) == State.WAITING
    Operation.objects.filter(pk=lost.pk).update(next_attempt_at=Now())
    execution.advance_operation(lost.pk)
    assert state_of(lost) == State.CONFIRMED
    assert len(cxone.record.requests("PUT", f"/api/v2/campaigns/{lost.campaign_id}")) == 1


def test_lost_answer_overwrites_nobodys_later_change(pauses: list[Operation], cxone: Simulator) -> None:
    lost = pauses[0]
    cxone.fail("PUT", f"/api/v2/campaigns/{lost.campaign_id}", cut=True, done=True)
    work_on()
    cxone.change(lost.campaign_id, status="ACTIVE")
    Operation.objects.filter(pk=lost.pk).update(next_attempt_at=Now())
    execution.advance_operation(lost.pk)
    assert state_of(lost) == State.UNCONFIRMED
    assert len(cxone.record.requests("PUT", f"/api/v2/campaigns/{lost.campaign_id}")) == 1


@pytest.mark.parametrize("moment", ["send_batch", "save_answers"])
def test_killed_worker_loses_none(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def die(_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(together, moment, die)
        with pytest.raises(Killed):
            work_on()
    let_leases_run_out()
    for operation in dispatcher.due_operations():
        execution.advance_operation(operation.pk)
    work_on()
    full_read.read_all_campaigns()
    assert states() == {State.CONFIRMED: 7}
    assert len(cxone.record.applied(method="PUT")) == 7
    assert verify_chain().ok


def test_overtaken_worker_begins_nothing(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = gathered._begin

    def overtaken(*args: Any) -> Any:
        Operation.objects.update(fence=F("fence") + 1)
        return begin(*args)

    monkeypatch.setattr(gathered, "_begin", overtaken)
    work_on()
    assert not cxone.record.requests("PUT")


def test_second_worker_leaves_them_to_the_first(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    begin = gathered._begin

    def look(*args: Any) -> Any:
        seen.append(gathered.advance_gathered())
        return begin(*args)

    monkeypatch.setattr(gathered, "_begin", look)
    cxone.record.clear()
    work_on()
    assert seen[0] is False
    assert len(cxone.record.requests("GET")) == 7


def test_nothing_is_sent_by_an_old_count(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered, "count_lasts", timedelta)
    cxone.record.clear()
    work_on()
    assert states() == {State.ACCEPTED: 7}
    # After each three that are sent, the rest is looked at anew: 7, 4 and 1.
    assert len(cxone.record.requests("GET")) == 12


def test_others_wait_briefly_for_a_dead_worker(pauses: list[Operation], monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(gathered, "_situation", die)
    monkeypatch.setattr(gathered, "_let_go", lambda _: None)
    with pytest.raises(Killed):
        work_on()
    held = Operation.objects.filter(waiting_for=WaitingFor.TOGETHER, lease_until__isnull=False)
    assert held.count() == 7
    assert held.filter(lease_until__lt=Now() + timedelta(seconds=16)).count() == 7


# --- Who comes first ---


def test_nobody_takes_over_what_is_still_being_read(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long CXone takes: each who took it over would read anew, and nothing would ever be sent."""
    made: list[gathered._Slice] = []
    seen: list[bool] = []

    class Watched(gathered._Slice):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    read = together.side_by_side

    def read_late(ask: Any, items: Any) -> Any:
        if not seen:
            let_leases_run_out()
            made[0].renew()
            seen.append(gathered.advance_gathered())
        return read(ask, items)

    monkeypatch.setattr(gathered, "_Slice", Watched)
    monkeypatch.setattr(together, "side_by_side", read_late)
    work_on()
    assert seen == [False]
    assert states() == {State.ACCEPTED: 7}


def test_single_pause_that_waits_gets_the_next_slot(pauses: list[Operation], enqueued: list[tuple[str, ...]]) -> None:
    Policy.objects.update(max_concurrent_pauses=1)
    holder, click = make_operation(state=State.RUNNING), make_operation()
    assert pause_slots.take(holder)
    Operation.objects.filter(pk=click.pk).update(state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT)
    enqueued.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        pause_slots.release(holder)
    assert enqueued == [(RUN, str(click.pk))]


def test_gathered_ones_go_on_with_the_slot_that_nobody_else_waits_for(
    pauses: list[Operation], enqueued: list[tuple[str, ...]]
) -> None:
    holder = make_operation(state=State.RUNNING)
    assert pause_slots.take(holder)
    enqueued.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        pause_slots.release(holder)
    assert enqueued == [GATHERED]
    assert PauseSlot.objects.get(number=1).operation_id is None


def test_they_wait_while_all_slots_are_taken(
    pauses: list[Operation], cxone: Simulator, enqueued: list[tuple[str, ...]]
) -> None:
    Policy.objects.update(max_concurrent_pauses=1)
    assert pause_slots.take(make_operation(state=State.RUNNING))
    cxone.record.clear()
    work_on()
    assert states() == {State.WAITING: 7, State.RUNNING: 1}
    assert not Operation.objects.filter(waiting_for=WaitingFor.TOGETHER, lease_until__isnull=False).exists()
    # Whoever frees one wakes them.
    assert not dispatcher.due_gathered().exists()
    assert GATHERED not in enqueued
    assert not cxone.record.requests()


def test_people_take_turns(campaigns: list[Campaign], pauses: list[Operation], cxone: Simulator) -> None:
    Policy.objects.update(max_concurrent_pauses=1)
    Operation.objects.filter(pk=pauses[-1].pk).update(by="Ben")
    work_on()
    sent = [entry.campaign_id for entry in cxone.record.applied(method="PUT")]
    assert sent.index(pauses[-1].campaign_id) == 1


def test_overriding_ones_come_first(pauses: list[Operation], cxone: Simulator) -> None:
    Policy.objects.update(max_concurrent_pauses=1)
    Operation.objects.filter(pk=pauses[-1].pk).update(override=True)
    work_on()
    assert cxone.record.applied(method="PUT")[0].campaign_id == pauses[-1].campaign_id


def test_bulk_goes_after_them(pauses: list[Operation]) -> None:
    bulk = make_bulk(make_campaign())
    make_operation(bulk=bulk)
    assert work._wait_before(bulk) == work.Wait(WaitingFor.TURN, work.SLOT_SECONDS)


def test_stop_of_many_goes_before_them(pauses: list[Operation], cxone: Simulator) -> None:
    bulk = make_bulk(make_campaign(), override=True)
    make_operation(bulk=bulk, override=True)
    work_on()
    assert not cxone.record.requests("PUT")
    assert not dispatcher.due_gathered().exists()
    bulk.operations.update(state=State.CANCELLED)
    work_on()
    assert states() == {State.ACCEPTED: 7}


# --- When something is wrong ---


def test_refused_for_now_they_wait_together(pauses: list[Operation], cxone: Simulator) -> None:
    cxone.fail("PUT", "/api/v2/campaigns/*", times=None, status=429, headers={"Retry-After": "30"})
    work_on()
    waiting = Operation.objects.filter(state=State.WAITING, waiting_for=WaitingFor.TOGETHER)
    assert waiting.count() == 7
    assert all(each.next_attempt_at > timezone.now() + timedelta(seconds=20) for each in waiting)
    assert set(waiting.values_list("failures", flat=True)) == {0}


@pytest.mark.parametrize("refused", ["PUT /api/v2/campaigns/*", "GET /api/v2/outbound/campaigns/*"])
def test_refused_for_nobody_knows_how_long_they_go_on_alone(
    pauses: list[Operation], cxone: Simulator, refused: str
) -> None:
    """A single operation waits longer each time, says since when it fails, and gives up."""
    cxone.fail(*refused.split(), times=None, status=429)
    for _ in range(3):
        Operation.objects.filter(waiting_for=WaitingFor.TOGETHER).update(next_attempt_at=Now())
        gathered.advance_gathered()
    assert not Operation.objects.filter(waiting_for=WaitingFor.TOGETHER).exists()
    assert states() == {State.WAITING: 7}


def test_nothing_is_sent_after_the_count_was_refused_for_now(pauses: list[Operation], cxone: Simulator) -> None:
    Operation.objects.update(override=True)
    CallsReading.objects.all().delete()
    cxone.fail("POST", "/api/v2/analytics/*", times=None, status=429, headers={"Retry-After": "30"})
    work_on()
    assert not cxone.record.requests("PUT")
    assert not dispatcher.due_gathered().exists()


def test_what_can_not_be_read_goes_on_alone(pauses: list[Operation], cxone: Simulator) -> None:
    cxone.fail("GET", f"/api/v2/outbound/campaigns/{pauses[0].campaign_id}", status=500)
    work_on()
    assert states() == {State.ACCEPTED: 6, State.WAITING: 1}
    assert state_of(pauses[0]) == State.WAITING
    assert pauses[0] in dispatcher.due_operations() or pauses[0].enqueued_at


@pytest.mark.parametrize(("override", "end"), [(True, State.ACCEPTED), (False, State.WAITING)])
def test_without_a_count_only_overriding_ones_are_sent(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch, *, override: bool, end: State
) -> None:
    Operation.objects.update(override=override)
    CallsReading.objects.all().delete()
    cxone.fail("POST", "/api/v2/analytics/*", times=None, status=500)
    work_on()
    assert states() == {end: 7}


def test_fault_of_ours_leaves_them_to_single_workers(
    pauses: list[Operation], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(gathered, "_begin", fail)
    work_on()
    assert Operation.objects.filter(state=State.WAITING, waiting_for=WaitingFor.NOTHING).count() == 7
    assert "interrupted by a fault" in caplog.text


def test_fault_while_they_begin_leaves_them_to_single_workers(pauses: list[Operation]) -> None:
    Operation.objects.filter(pk=pauses[0].pk).update(payload={})
    work_on()
    assert Operation.objects.filter(state=State.WAITING, waiting_for=WaitingFor.NOTHING, lease_until=None).count() == 7
    assert not Operation.objects.filter(lease_until__isnull=False).exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_one_that_somebody_only_looks_at_is_let_go(
    pauses: list[Operation], cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock() -> None:
        with transaction.atomic():
            list(Operation.objects.select_for_update().filter(pk=pauses[0].pk))
            locked.set()
            begun.wait(PATIENCE_SECONDS)
        connection.close()

    locked, begun, begin = Event(), Event(), together.begin
    other = Thread(target=lock)

    def begin_meanwhile(*args: Any) -> Any:
        begun.set()
        return begin(*args)

    def read_meanwhile(*args: Any) -> Any:
        other.start()
        assert locked.wait(PATIENCE_SECONDS)
        monkeypatch.setattr(gathered, "_situation", situation)
        return situation(*args)

    situation = gathered._situation
    monkeypatch.setattr(gathered, "_situation", read_meanwhile)
    monkeypatch.setattr(together, "begin", begin_meanwhile)
    work_on()
    other.join()
    assert states() == {State.ACCEPTED: 7}


def test_without_a_broker_the_dispatcher_goes_on(pauses: list[Operation], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(wakeups, "enqueue", lambda *_: False)
    work_on()
    assert dispatcher.due_gathered().count() == 7

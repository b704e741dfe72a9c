"""Readers, workers and dead workers at the same rows at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from audit.kinds import RecordKind
from audit.models import Record
from campaigns.cxone.errors import BudgetSpent, Retryable
from campaigns.cxone.gateway import CampaignState
from campaigns.cxone.v2.gateway import V2
from campaigns.models import Campaign, Drain, Operation, PauseSlot, SyncState
from campaigns.operations import sent
from campaigns.operations.runner import attempts, confirmation, execution, outcome, pause_slots
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.queueing.rows import takeable
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import drains, full_read, storing
from tests.factories import SENT, make_attempt, make_campaign, make_operation
from tests.worker import PATIENCE_SECONDS, ask_pause, run

pytestmark = pytest.mark.data_layer

STATE = "/api/v2/campaigns/spring"
EDIT = "/api/v2/outbound/campaigns/spring"
ACTIVE: dict[str, object] = {"id": "spring", "name": "Spring renewal", "status": "ACTIVE", "schedule": {}}


@pytest.fixture
def accepted(campaign: Campaign, cxone: Simulator) -> Operation:
    """A pause that CXone accepted, and that the read right after didn't show."""
    cxone.fail("GET", STATE, body=ACTIVE)
    operation = run(ask_pause(campaign))
    assert operation.state == State.ACCEPTED
    return operation


def test_overtaken_reader_reads_on(accepted: Operation, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(_: Operation) -> bool:
        Operation.objects.update(fence=F("fence") + 1)
        return True

    monkeypatch.setattr(sent, "may_have_worked", overtaken)
    cxone.add(id="autumn")
    assert full_read.read_all_campaigns()
    assert Campaign.objects.filter(pk="autumn").exists()


def test_dead_workers_accepted_is_confirmed_by_reading(accepted: Operation) -> None:
    Operation.objects.update(lease_until=Now() - timedelta(seconds=1))
    full_read.read_all_campaigns()
    accepted.refresh_from_db()
    assert accepted.state == State.CONFIRMED


def test_reading_before_the_last_try_confirms_nothing(campaign: Campaign) -> None:
    now = timezone.now()
    operation = make_operation(campaign, state=State.WAITING, sent_at=now - timedelta(minutes=1))
    make_attempt(operation, sent_at=now - timedelta(minutes=1), outcome="not_sent")
    make_attempt(operation, sent_at=now, outcome="unknown")
    confirmation.confirm_seen([CampaignState("spring", "Spring", "PAUSED", {})], now - timedelta(seconds=30))
    operation.refresh_from_db()
    assert operation.state == State.WAITING


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_reader_and_asker_never_deadlock(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    bump, reads, asked = SyncState.bump, threading.Event(), threading.Event()

    def bump_late() -> None:
        if threading.current_thread().name.startswith("reader"):
            reads.set()
            assert asked.wait(PATIENCE_SECONDS), "asking waits for the reader, who would wait for the ledger's head"
        bump()

    monkeypatch.setattr(SyncState, "bump", bump_late)
    cxone.change("spring", status="PAUSED")
    with ThreadPoolExecutor(1, "reader") as pool:
        reader = pool.submit(_closing_read)
        assert reads.wait(PATIENCE_SECONDS)
        ask_pause(campaign)
        asked.set()
        assert reader.result()


def _closing_read() -> object:
    try:
        return full_read.read_all_campaigns()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_slot_passes_over_one_that_is_being_written(enqueued: list[tuple[str, ...]]) -> None:
    ending, written, next_one = (make_operation(state=State.RUNNING) for _ in range(3))
    assert pause_slots.take(ending)
    for waiting in (written, next_one):
        Operation.objects.filter(pk=waiting.pk).update(state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT)
    is_released = threading.Event()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Operation.objects.select_for_update(no_key=True).get(pk=written.pk)
        pool.submit(_release, ending).add_done_callback(lambda _: is_released.set())
        assert is_released.wait(PATIENCE_SECONDS), "it waits for whoever writes the other, and who may wait for it"
    assert PauseSlot.objects.get().operation_id == next_one.pk


def _release(operation: Operation) -> None:
    try:
        with transaction.atomic():
            pause_slots.release(operation)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_row_that_is_taken_may_be_referred_to(campaign: Campaign) -> None:
    """Else whoever takes operations could wait for a campaign, and whoever writes that for one of the operations."""
    operation = make_operation(campaign)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert list(takeable(Operation.objects.filter(pk=operation.pk))) == [operation]
        pool.submit(_refer_to, operation).result(PATIENCE_SECONDS)


def _refer_to(operation: Operation) -> None:
    try:
        make_attempt(operation)
    finally:
        connection.close()


def test_overtaken_worker_frees_no_place(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = ask_pause(campaign)

    def overtaken(*_: object, **__: object) -> None:
        Operation.objects.update(fence=F("fence") + 1, lease_until=Now() + timedelta(seconds=30))
        raise BudgetSpent("pause", wait_ms=4000)

    monkeypatch.setattr(V2, "send_prepared", overtaken)
    execution.advance_operation(operation.pk)
    assert PauseSlot.objects.get().operation_id == operation.pk


@pytest.mark.parametrize("trouble", [BudgetSpent("pause", wait_ms=4000), Retryable("pause")])
def test_later_trouble_frees_no_place(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    cxone.fail("PUT", STATE, cut=True)
    operation = run(ask_pause(campaign))

    def fail(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(V2, "send_prepared", fail)
    run(operation)
    assert PauseSlot.objects.get().operation_id == operation.pk


def test_unknown_outcome_is_always_read_first(campaign: Campaign, cxone: Simulator) -> None:
    pause_slots.take(holder := make_operation(state=State.RUNNING))
    operation = run(ask_pause(campaign))
    pause_slots.release(holder)
    attempts.open_attempt(ClaimedOperation(operation), SENT)
    cxone.change("spring", status="PAUSED")
    assert run(operation).state == State.CONFIRMED
    assert cxone.record.requests("PUT") == []


def test_waiting_for_a_place_asks_nothing(campaign: Campaign, cxone: Simulator) -> None:
    pause_slots.take(make_operation(state=State.RUNNING))
    operation = run(ask_pause(campaign))
    Operation.objects.filter(pk=operation.pk).update(checked_at=timezone.now() - timedelta(minutes=1))
    before = len(cxone.record.requests())
    run(operation)
    assert len(cxone.record.requests()) == before


def test_old_checks_are_repeated_with_the_place(campaign: Campaign, cxone: Simulator) -> None:
    pause_slots.take(holder := make_operation(state=State.RUNNING))
    operation = run(ask_pause(campaign))
    Operation.objects.filter(pk=operation.pk).update(checked_at=timezone.now() - timedelta(minutes=1))
    pause_slots.release(holder)
    cxone.change("spring", calls=90)
    assert run(operation).state == State.REJECTED
    assert not PauseSlot.objects.filter(operation_id__isnull=False).exists()


def test_fault_while_looking_waits_for_the_deadline(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    cxone.fail("GET", STATE, skip=1, body=ACTIVE)
    look, looks = outcome.end_found_so, []

    def broken_once(*args: object) -> None:
        looks.append(1)
        if len(looks) == 1:
            raise ZeroDivisionError
        look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(outcome, "end_found_so", broken_once)
    operation = run(ask_pause(campaign))
    assert operation.state == State.ACCEPTED
    assert run(operation).state == State.ACCEPTED
    assert run(operation).state == State.CONFIRMED


def test_clocks_may_differ(campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    cxone.fail("GET", STATE, body=ACTIVE)
    late = timezone.now() + timedelta(minutes=5)
    with monkeypatch.context() as machine:
        machine.setattr(timezone, "now", lambda: late)
        operation = run(ask_pause(campaign))
    full_read.read_all_campaigns()
    operation.refresh_from_db()
    assert operation.state == State.CONFIRMED


def test_refused_operation_explains_nothing(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", EDIT, body=ACTIVE)
    cxone.change("spring", status="PAUSED")
    assert run(ask_pause(campaign)).state == State.SKIPPED
    assert Campaign.objects.get().control == "outside"
    assert Record.objects.filter(kind="campaign.changed_outside").exists()


def test_old_unconfirmed_explains_nothing(campaign: Campaign, cxone: Simulator) -> None:
    ended = timezone.now() - timedelta(days=1)
    old = make_operation(campaign, state=State.UNCONFIRMED, requested_at=ended, sent_at=ended, ended_at=ended)
    make_attempt(old)
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    assert Campaign.objects.get().control == "outside"
    assert Record.objects.filter(kind="campaign.changed_outside").exists()


def test_two_samplers_end_a_drain_once(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    run(ask_pause(campaign))
    Drain.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    seen = drains._going_on()
    drains.sample()
    monkeypatch.setattr(drains, "_going_on", lambda: seen)
    drains.sample()
    assert Record.objects.filter(kind="drain.ended").count() == 1


def test_failed_count_changes_no_page(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign))
    cxone.fail("POST", "/api/v2/analytics/*", status=503)
    before = SyncState.current().version
    drains.sample()
    assert SyncState.current().version == before


def test_older_list_drops_no_newer_campaign(campaign: Campaign, cxone: Simulator) -> None:
    make_campaign("autumn", read_at=timezone.now() + timedelta(minutes=1))
    full_read.read_all_campaigns()
    assert Campaign.objects.get(pk="autumn").gone_at is None


def test_older_read_makes_nothing_older(campaign: Campaign) -> None:
    later = timezone.now() + timedelta(minutes=1)
    SyncState.objects.update(last_good_at=later)
    full_read.read_all_campaigns()
    assert SyncState.current().last_good_at == later


def test_two_readers_miss_a_campaign_once(campaign: Campaign) -> None:
    storing._mark(campaign, RecordKind.CAMPAIGN_DISAPPEARED, timezone.now())
    storing._mark(campaign, RecordKind.CAMPAIGN_DISAPPEARED, timezone.now())
    assert Record.objects.filter(kind="campaign.disappeared").count() == 1

"""Readers, workers and dead workers at the same rows at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.cxone.errors import BudgetSpent, Retryable
from campaigns.cxone.gateway import CampaignState
from campaigns.cxone.v2 import V2
from campaigns.models import Campaign, Operation, Place, SyncState
from campaigns.runner import attempts, confirming, reading, step
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.factories import make_attempt, make_operation
from tests.runner.conftest import ask_pause, run

pytestmark = pytest.mark.data_layer

STATE = "/api/v2/campaigns/spring"
ACTIVE: dict[str, object] = {"id": "spring", "name": "Spring renewal", "status": "ACTIVE", "schedule": {}}


@pytest.fixture
def accepted(campaign: Campaign, cxone: Simulator) -> Operation:
    """A pause that CXone accepted, and that the read right after didn't show."""
    cxone.fail("GET", STATE, skip=1, body=ACTIVE)
    operation = run(ask_pause(campaign))
    assert operation.state == State.ACCEPTED
    return operation


def test_overtaken_reader_reads_on(accepted: Operation, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(_: Operation) -> bool:
        Operation.objects.update(fence=F("fence") + 1)
        return True

    monkeypatch.setattr(attempts, "may_have_worked", overtaken)
    cxone.add(id="autumn")
    assert reading.read_all()
    assert Campaign.objects.filter(pk="autumn").exists()


def test_dead_workers_accepted_is_confirmed_by_reading(accepted: Operation) -> None:
    Operation.objects.update(lease_until=Now() - timedelta(seconds=1))
    reading.read_all()
    accepted.refresh_from_db()
    assert accepted.state == State.CONFIRMED


def test_reading_before_the_last_try_confirms_nothing(campaign: Campaign) -> None:
    now = timezone.now()
    operation = make_operation(campaign, state=State.WAITING, sent_at=now - timedelta(minutes=1))
    make_attempt(operation, sent_at=now - timedelta(minutes=1), outcome="not_sent")
    make_attempt(operation, sent_at=now, outcome="unknown")
    confirming.confirm_seen(CampaignState("spring", "Spring", "PAUSED", {}), now - timedelta(seconds=30))
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
            assert asked.wait(5), "asking waits for the reader, who would wait for the ledger's head"
        bump()

    monkeypatch.setattr(SyncState, "bump", bump_late)
    cxone.change("spring", status="PAUSED")
    with ThreadPoolExecutor(1, "reader") as pool:
        reader = pool.submit(_closing_read)
        assert reads.wait(5)
        ask_pause(campaign)
        asked.set()
        assert reader.result()


def _closing_read() -> object:
    try:
        return reading.read_all()
    finally:
        connection.close()


def test_overtaken_worker_frees_no_place(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = ask_pause(campaign)

    def overtaken(*_: object, **__: object) -> None:
        Operation.objects.update(fence=F("fence") + 1, lease_until=Now() + timedelta(seconds=30))
        raise BudgetSpent("pause", wait_ms=4000)

    monkeypatch.setattr(V2, "pause", overtaken)
    step.run(operation.pk)
    assert Place.objects.get().operation_id == operation.pk


@pytest.mark.parametrize("trouble", [BudgetSpent("pause", wait_ms=4000), Retryable("pause")])
def test_later_trouble_frees_no_place(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    cxone.fail("PUT", STATE, cut=True)
    operation = run(ask_pause(campaign))

    def fail(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(V2, "pause", fail)
    run(operation)
    assert Place.objects.get().operation_id == operation.pk

"""Many workers at once: each operation of a bulk is sent once, and never more pauses at a time than are allowed."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models.functions import Now

from audit.integrity.chain_walk import verify_chain
from campaigns.cxone.v2.gateway import V2
from campaigns.models import Bulk, Campaign, Operation, Policy
from campaigns.operations import rank
from campaigns.operations.runner import execution
from campaigns.operations.runner.bulks import making, work
from campaigns.operations.runner.bulks.claim import claim_bulk
from campaigns.operations.runner.claim import is_left_to_its_bulk
from campaigns.simulator import Simulator
from campaigns.states import IN_PROGRESS
from campaigns.sync import full_read
from tests.bulks import ask_bulk, run_slice, states
from tests.worker import PATIENCE_SECONDS, ask_pause, ask_resume

pytestmark = [pytest.mark.slow, pytest.mark.data_layer, pytest.mark.django_db(transaction=True)]
WORKERS = 4


class Gauge:
    """How many requests are on their way at the same time, at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = self.most = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            time.sleep(0.005)
            yield
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Gauge:
    gauge, write = Gauge(), V2._write

    def measured(self: V2, *args: Any) -> Any:
        with gauge.one_more():
            return write(self, *args)

    monkeypatch.setattr(V2, "_write", measured)
    return gauge


def work_off(*bulks: Bulk) -> None:
    """Workers that take whatever is due, until all has ended."""
    end = time.monotonic() + PATIENCE_SECONDS

    def take(number: int) -> None:
        try:
            while time.monotonic() < end and not _is_done(bulks):
                Bulk.objects.filter(ended_at=None, next_attempt_at__gt=Now()).update(next_attempt_at=Now())
                for bulk in bulks:
                    work.advance_bulk(bulk.pk)
                for key in _due_singles():
                    execution.advance_operation(key)
                if number == 0:
                    full_read.read_if_old()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(take, range(WORKERS)))


def _due_singles() -> list[UUID]:
    due = Operation.objects.filter(~is_left_to_its_bulk(), state__in=IN_PROGRESS, next_attempt_at__lte=Now())
    return list(due.values_list("pk", flat=True))


def _is_done(bulks: tuple[Bulk, ...]) -> bool:
    in_progress = Operation.objects.filter(state__in=IN_PROGRESS)
    return not in_progress.exists() and not Bulk.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("places", [1, 4])
def test_two_bulks_and_clicks_keep_the_limit(
    campaigns: list[Campaign], cxone: Simulator, pauses: Gauge, places: int
) -> None:
    Policy.objects.update(max_concurrent_pauses=places)
    for campaign in campaigns[:2]:
        ask_pause(campaign)
    bulks = ask_bulk(campaigns[2:8]), ask_bulk(campaigns[8:], reason="EMERGENCY")
    work_off(*bulks)
    assert [states(bulk) for bulk in bulks] == [{"CONFIRMED": 6}, {"CONFIRMED": 4}]
    assert pauses.most <= places
    assert len(cxone.record.applied(method="PUT")) == len(cxone.record.requests("PUT")) == 12
    assert verify_chain().ok


def test_same_campaigns_in_two_bulks_are_sent_once(campaigns: list[Campaign], cxone: Simulator) -> None:
    Policy.objects.update(max_concurrent_pauses=5)
    bulks = ask_bulk(campaigns), ask_bulk(campaigns)
    work_off(*bulks)
    found = [states(bulk) for bulk in bulks]
    assert sum(each.get("CONFIRMED", 0) for each in found) == 12
    assert len(cxone.record.applied(method="PUT")) == 12


def test_slots_fill_up_when_there_are_several(campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch) -> None:
    Policy.objects.update(max_concurrent_pauses=4)
    # Each request waits until there are four: fewer would break it.
    together, write = threading.Barrier(4), V2._write

    def write_together(self: V2, *args: Any) -> Any:
        together.wait(PATIENCE_SECONDS)
        return write(self, *args)

    monkeypatch.setattr(V2, "_write", write_together)
    bulk = ask_bulk(campaigns)
    run_slice(bulk)
    assert states(bulk) == {"ACCEPTED": 12}


def test_bulks_in_other_orders_take_places_without_a_deadlock(
    campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_way = rank.make_way

    def slowly(*arguments: Any) -> list[Operation]:
        time.sleep(0.01)
        return make_way(*arguments)

    for campaign in campaigns:
        ask_resume(campaign)
    bulks = [ask_bulk(chosen, reason="EMERGENCY") for chosen in (campaigns, campaigns[::-1])]
    monkeypatch.setattr(rank, "make_way", slowly)
    with ThreadPoolExecutor(len(bulks)) as pool:
        list(pool.map(_make, bulks))
    assert sorted(states(bulk).get("REJECTED", 0) for bulk in bulks) == [0, len(campaigns)]


def _make(bulk: Bulk) -> None:
    try:
        claimed = claim_bulk(bulk.pk)
        assert claimed
        assert making.make_some(claimed)
    finally:
        connection.close()

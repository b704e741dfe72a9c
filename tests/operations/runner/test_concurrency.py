"""Many workers at once: each operation is carried out once, and nobody waits for nobody forever."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection
from django.db.models.functions import Now

from audit.integrity.chain_walk import verify_chain
from campaigns.models import Campaign, Operation, PauseSlot, Policy, RequestSlot
from campaigns.operations.gathering import is_gathered
from campaigns.operations.runner import execution, gathered
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import drains, full_read
from tests.worker import ask_pause

pytestmark = [pytest.mark.slow, pytest.mark.data_layer, pytest.mark.django_db(transaction=True)]

T = TypeVar("T")
ROUNDS = 200
UNSENT = (State.QUEUED, State.RUNNING, State.WAITING)


def at_once(*works: Callable[[], T]) -> list[T]:
    """Each in a thread of its own, with a database connection of its own."""

    def closing(work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(closing, works))


def make_due() -> None:
    # One after the other: two that update many rows could wait for each other's.
    for key in Operation.objects.filter(state=State.WAITING).values_list("pk", flat=True):
        Operation.objects.filter(pk=key).update(next_attempt_at=Now())


def work_through() -> None:
    """What a worker does, until nothing is left to send. Most of what one person asks for is gathered."""
    for _ in range(ROUNDS):
        unsent = Operation.objects.filter(state__in=UNSENT)
        if not unsent.exists():
            return
        for operation_id in unsent.exclude(is_gathered()).values_list("pk", flat=True):
            execution.advance_operation(operation_id)
        if not gathered.advance_gathered():
            time.sleep(0.02)
        make_due()


def test_eight_workers_one_put(campaign: Campaign, cxone: Simulator) -> None:
    operation = ask_pause(campaign)
    ran = at_once(*[lambda: execution.advance_operation(operation.pk)] * 8)
    assert ran.count(True) == 1
    assert len(cxone.record.requests("PUT")) == 1


@pytest.mark.parametrize("places", [1, 3])
def test_many_pauses_each_once(campaign: Campaign, cxone: Simulator, places: int) -> None:
    Policy.objects.update(max_concurrent_pauses=places)
    for number in range(12):
        cxone.add(id=f"c{number}", name=f"Campaign {number}", calls=3)
    full_read.read_all_campaigns()
    for each in Campaign.objects.all():
        ask_pause(each)
    at_once(work_through, work_through, work_through, work_through, *[_read] * 2)
    # All of that took most of a minute's requests.
    RequestSlot.objects.update(free_at=Now())
    full_read.read_all_campaigns()
    assert set(Operation.objects.values_list("state", flat=True)) == {State.CONFIRMED}
    assert len(cxone.record.applied(method="PUT")) == 13
    assert not PauseSlot.objects.filter(operation_id__isnull=False).exists()
    assert verify_chain().ok


def _read() -> None:
    for _ in range(10):
        full_read.read_all_campaigns()
        drains.sample()

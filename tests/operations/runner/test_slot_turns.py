"""A pause slot that becomes free is handed to whoever is first in turn; nobody else can take it meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from campaigns.models import Operation, PauseSlot, Policy
from campaigns.operations import requests
from campaigns.operations.runner import pause_slots
from campaigns.states import State, WaitingFor
from tests.factories import make_bulk, make_campaign, make_operation

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]


def make_waiting(seconds_ago: int = 0, **values: Any) -> Operation:
    asked_at = timezone.now() - timedelta(seconds=seconds_ago)
    due: dict[str, Any] = {"next_attempt_at": timezone.now() + timedelta(seconds=5), "requested_at": asked_at}
    return make_operation(state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT, **due | values)


@pytest.fixture
def holder() -> Operation:
    operation = make_operation(state=State.RUNNING)
    assert pause_slots.take(operation)
    return operation


def holder_now() -> object:
    return PauseSlot.objects.get(number=1).operation_id


def test_longest_wait_comes_first(holder: Operation) -> None:
    make_waiting(1)
    longest = make_waiting(9)
    pause_slots.release(holder)
    assert holder_now() == longest.pk


def test_people_come_before_bulks(holder: Operation) -> None:
    campaign = make_campaign()
    make_waiting(9, campaign=campaign, bulk=make_bulk(campaign))
    click = make_waiting(1)
    pause_slots.release(holder)
    assert holder_now() == click.pk


def test_overriding_reasons_come_before_people(holder: Operation) -> None:
    campaign = make_campaign()
    emergency = make_waiting(1, campaign=campaign, bulk=make_bulk(campaign), override=True)
    make_waiting(9)
    pause_slots.release(holder)
    assert holder_now() == emergency.pk


def test_newcomer_finds_no_free_slot(holder: Operation) -> None:
    make_waiting()
    pause_slots.release(holder)
    assert not pause_slots.take(make_operation(state=State.RUNNING))


def test_receiver_is_woken(holder: Operation, enqueued: list[tuple[str, ...]]) -> None:
    waiting = make_waiting()
    with TestCase.captureOnCommitCallbacks(execute=True):
        pause_slots.release(holder)
    assert enqueued == [("campaigns.tasks.run_operation", str(waiting.pk))]
    waiting.refresh_from_db()
    assert waiting.next_attempt_at <= timezone.now()


def test_one_that_a_worker_has_takes_for_itself(holder: Operation) -> None:
    make_waiting(lease_until=timezone.now() + timedelta(seconds=30))
    pause_slots.release(holder)
    assert holder_now() is None


def test_holder_gets_no_second_slot(holder: Operation) -> None:
    other = make_operation(state=State.RUNNING)
    Policy.objects.update(max_concurrent_pauses=2)
    assert pause_slots.take(other)
    waiting = make_waiting()
    pause_slots.release(holder)
    pause_slots.release(other)
    assert list(PauseSlot.objects.order_by("number").values_list("operation_id", flat=True)) == [waiting.pk, None]


def test_lowered_limit_is_not_handed_on() -> None:
    Policy.objects.update(max_concurrent_pauses=2)
    first, second = make_operation(state=State.RUNNING), make_operation(state=State.RUNNING)
    assert pause_slots.take(first)
    assert pause_slots.take(second)
    Policy.objects.update(max_concurrent_pauses=1)
    make_waiting()
    pause_slots.release(second)
    assert PauseSlot.objects.get(number=2).operation_id is None


def test_bulk_takes_what_nobody_waits_for(holder: Operation) -> None:
    PauseSlot.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    pause_slots.create_missing(3)
    waiting = make_waiting()
    with transaction.atomic():
        assert pause_slots.take_unclaimed(3, most=5) == [2, 3]
    assert holder_now() == waiting.pk


def test_cancelled_receiver_gives_it_back(holder: Operation) -> None:
    waiting = make_waiting()
    pause_slots.release(holder)
    requests.cancel_operation(operation=waiting, by="Ada")
    assert holder_now() is None


def test_waiting_bulk_is_woken_when_nobody_else_waits(holder: Operation, enqueued: list[tuple[str, ...]]) -> None:
    bulk = make_bulk(make_campaign(), waiting_for=WaitingFor.PAUSE_SLOT)
    with TestCase.captureOnCommitCallbacks(execute=True):
        pause_slots.release(holder)
    assert enqueued == [("campaigns.tasks.run_bulk", str(bulk.pk))]

"""Wake-ups: what one costs and means while the broker is silent."""

from typing import Any

import pytest
from celery import Celery, current_app
from kombu.exceptions import OperationalError

from campaigns import dispatcher
from campaigns.models import Operation, PeriodicJob
from campaigns.queueing import wakeups
from tests.factories import make_operation

UNREACHABLE = Celery(
    "unreachable",
    set_as_current=False,
    broker="redis://127.0.0.1:1/",
    broker_transport_options={"max_retries": 0},
)


class Broker:
    """Counts what it is asked to send; a silent one sends nothing."""

    silent = False
    asked = 0

    def send_task(self, *_: object) -> None:
        self.asked += 1
        if self.silent:
            raise OperationalError


def leave_message(queue: str) -> None:
    """By its name: Celery reads its table of routes once, so one that a test adds counts only if nothing was sent."""
    current_app.send_task("campaigns.tasks.nobody_listens", queue=queue)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr(current_app, "send_task", broker.send_task)
    monkeypatch.setattr(wakeups, "_silent_until", 0.0)
    return broker


def test_wake_up_reaches_broker(broker: Broker) -> None:
    assert wakeups.enqueue("campaigns.tasks.sync_campaigns")
    assert broker.asked == 1


def test_silent_broker_is_left_alone(broker: Broker) -> None:
    broker.silent = True
    assert [wakeups.enqueue("campaigns.tasks.sync_campaigns") for _ in range(3)] == [False, False, False]
    assert broker.asked == 1


def test_broker_is_tried_again_later(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "SILENT_SECONDS", 0.0)
    broker.silent = True
    wakeups.enqueue("campaigns.tasks.sync_campaigns")
    broker.silent = False
    assert wakeups.enqueue("campaigns.tasks.sync_campaigns")


@pytest.mark.django_db
def test_operation_without_a_wake_up_is_due_at_once(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr("campaigns.tasks.run_operation", ran.append)
    PeriodicJob.objects.all().delete()
    broker.silent = True
    operation = make_operation()
    Operation.objects.update(enqueued_at=operation.requested_at)
    wakeups.enqueue_operation(operation.pk)
    dispatcher.dispatch_due()
    assert ran == [str(operation.pk)]


@pytest.mark.data_layer
def test_queue_is_crowded_by_what_waits_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the broker of the settings: in memory, and in Redis where the servers are."""
    monkeypatch.setattr(wakeups, "_silent_until", 0.0)
    try:
        for _ in range(wakeups.MOST_WAITING - 1):
            leave_message("left-alone")
        assert not wakeups.is_crowded("left-alone")
        leave_message("left-alone")
        assert wakeups.is_crowded("left-alone")
    finally:
        connections: Any = current_app.pool
        with connections.acquire() as connection:
            connection.default_channel.queue_purge("left-alone")


def test_silent_broker_has_no_crowded_queue(broker: Broker) -> None:
    broker.silent = True
    wakeups.enqueue("campaigns.tasks.sync_campaigns")
    assert not wakeups.is_crowded("background")


@pytest.mark.usefixtures("broker")
def test_unreachable_broker_has_no_crowded_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process finds it that starts while the broker is away: kombu then raises another error than on a loss."""
    monkeypatch.setattr(wakeups, "current_app", UNREACHABLE)
    assert not wakeups.is_crowded("background")


def test_broker_that_was_found_silent_is_left_alone(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs would cost its timeout for each look, and for the wake-up as well."""
    with monkeypatch.context() as patch:
        patch.setattr(wakeups, "current_app", UNREACHABLE)
        wakeups.is_crowded("background")
    assert not wakeups.enqueue("campaigns.tasks.sync_campaigns")
    assert broker.asked == 0

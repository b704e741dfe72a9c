"""The dispatcher enqueues what is due, once, and does the work itself while the broker is silent."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from pytest_django import Settings

from campaigns import dispatcher, tasks
from campaigns.events import hints
from campaigns.models import AttemptOutcome, Heartbeat, Operation, PauseSlot, PeriodicJob
from campaigns.operations.runner import pause_slots
from campaigns.queueing import due, wakeups
from campaigns.states import State, WaitingFor
from tests.factories import make_attempt, make_campaign, make_delivery, make_operation
from tests.worker import eventually

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("enqueued")]


@pytest.fixture(autouse=True)
def no_jobs() -> None:
    PeriodicJob.objects.update(next_at=timezone.now() + timedelta(hours=1))


def test_due_operation_is_enqueued(enqueued: list[tuple[str, ...]]) -> None:
    operation = make_operation()
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.run_operation", str(operation.pk))]


def test_it_is_not_enqueued_twice(enqueued: list[tuple[str, ...]]) -> None:
    make_operation()
    dispatcher.dispatch_due()
    dispatcher.dispatch_due()
    assert len(enqueued) == 1


def test_lost_wake_up_is_sent_again(enqueued: list[tuple[str, ...]]) -> None:
    make_operation(enqueued_at=timezone.now() - timedelta(seconds=6))
    dispatcher.dispatch_due()
    assert len(enqueued) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"state": State.CONFIRMED},
        {"next_attempt_at": timezone.now() + timedelta(hours=1)},
        {"lease_until": timezone.now() + timedelta(hours=1), "state": State.RUNNING},
    ],
)
def test_nothing_due_nothing_enqueued(enqueued: list[tuple[str, ...]], values: dict[str, Any]) -> None:
    make_operation(**values)
    dispatcher.dispatch_due()
    assert enqueued == []


def test_dead_workers_operation_is_enqueued(enqueued: list[tuple[str, ...]]) -> None:
    make_operation(state=State.RUNNING, lease_until=timezone.now() - timedelta(seconds=1))
    dispatcher.dispatch_due()
    assert len(enqueued) == 1


def make_waiting_for_slot(**values: Any) -> Operation:
    return make_operation(state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT, **values)


def test_who_waits_for_a_slot_is_left_alone_while_all_are_taken(enqueued: list[tuple[str, ...]]) -> None:
    assert pause_slots.take(make_operation(state=State.RUNNING, lease_until=timezone.now() + timedelta(hours=1)))
    for _ in range(3):
        make_waiting_for_slot()
    dispatcher.dispatch_due()
    assert enqueued == []


@pytest.mark.django_db(transaction=True)
def test_free_slot_goes_to_the_first_in_turn(enqueued: list[tuple[str, ...]]) -> None:
    """As after a wake-up that was lost, or the death of its holder."""
    second, first = make_waiting_for_slot(), make_waiting_for_slot(requested_at=timezone.now() - timedelta(seconds=9))
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.run_operation", str(first.pk))]
    assert PauseSlot.objects.get().operation_id == first.pk
    second.refresh_from_db()
    assert second.state == State.WAITING


@pytest.mark.django_db(transaction=True)
def test_holder_of_a_slot_whose_wake_up_was_lost_is_enqueued_again(enqueued: list[tuple[str, ...]]) -> None:
    holder = make_waiting_for_slot()
    assert pause_slots.take(holder)
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.run_operation", str(holder.pk))]


def test_pause_that_cxone_refused_comes_at_its_own_time(enqueued: list[tuple[str, ...]]) -> None:
    refused = make_waiting_for_slot()
    make_attempt(refused, outcome=AttemptOutcome.REFUSED)
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.run_operation", str(refused.pk))]


@pytest.mark.parametrize(
    ("queue", "still_enqueued"), [("interactive", wakeups.DELIVER), ("background", wakeups.RUN_OPERATION)]
)
def test_crowded_queue_is_left_alone(
    settings: Settings,
    enqueued: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    queue: str,
    still_enqueued: str,
) -> None:
    operation = make_operation()
    settings.WFM_WEBHOOK_URL = "https://wfm.example/"
    make_delivery()
    monkeypatch.setattr(wakeups, "is_crowded", lambda asked: asked == queue)
    dispatcher.dispatch_due()
    assert [message[0] for message in enqueued] == [still_enqueued]
    operation.refresh_from_db()
    assert (operation.enqueued_at is None) == (queue == "interactive")


def test_due_job_is_enqueued_and_moved_on(enqueued: list[tuple[str, ...]]) -> None:
    PeriodicJob.objects.filter(pk="sync_campaigns").update(next_at=Now())
    dispatcher.dispatch_due()
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.sync_campaigns",)]


def test_unread_hint_is_enqueued(enqueued: list[tuple[str, ...]]) -> None:
    make_campaign("spring", read_due_at=timezone.now() - timedelta(seconds=6))
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.read_campaign", "spring")]


def test_fresh_hint_is_left_to_its_wake_up(enqueued: list[tuple[str, ...]]) -> None:
    make_campaign("spring", read_due_at=timezone.now())
    dispatcher.dispatch_due()
    assert enqueued == []


def test_hint_just_after_a_read_waits(enqueued: list[tuple[str, ...]]) -> None:
    now = timezone.now()
    make_campaign("spring", read_due_at=now, hinted_read_at=now - timedelta(milliseconds=100))
    dispatcher.dispatch_due()
    assert enqueued == []


def test_hint_that_has_waited_is_enqueued(enqueued: list[tuple[str, ...]]) -> None:
    read = timezone.now() - timedelta(seconds=1)
    make_campaign("spring", read_due_at=read + timedelta(milliseconds=100), hinted_read_at=read)
    dispatcher.dispatch_due()
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.read_campaign", "spring")]


def test_round_leaves_a_sign_of_life() -> None:
    dispatcher.dispatch_due()
    assert timezone.now() - Heartbeat.objects.get().at < timedelta(seconds=5)


def test_silent_broker_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(wakeups, "enqueue", lambda *_: False)
    monkeypatch.setattr(tasks, "run_operation", ran.append)
    operation = make_operation()
    dispatcher.dispatch_due()
    assert ran == [str(operation.pk)]


def test_poison_stops_nothing_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def run_operation(operation_id: str) -> None:
        ran.append(operation_id)
        raise ZeroDivisionError

    monkeypatch.setattr(wakeups, "enqueue", lambda *_: False)
    monkeypatch.setattr(tasks, "run_operation", run_operation)
    operations = {str(make_operation().pk), str(make_operation().pk)}
    dispatcher.dispatch_due()
    assert set(ran) == operations


def test_never_enqueued_goes_before_enqueued_again(
    enqueued: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "MOST_AT_ONCE", 1)
    long_ago = timezone.now() - timedelta(minutes=1)
    make_operation(next_attempt_at=long_ago, enqueued_at=long_ago)
    waiting = make_operation()
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.run_operation", str(waiting.pk))]


@pytest.mark.django_db(transaction=True)
def test_slow_work_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "BEAT_SECONDS", 0.01)
    seen: list[bool] = []

    def run_operation(_: str) -> None:
        Heartbeat.objects.all().delete()
        seen.append(eventually(Heartbeat.objects.exists))

    monkeypatch.setattr(wakeups, "enqueue", lambda *_: False)
    monkeypatch.setattr(tasks, "run_operation", run_operation)
    make_operation()
    dispatcher.dispatch_due()
    assert seen == [True]


@pytest.mark.django_db(transaction=True)
def test_one_fault_stops_no_round(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, rounds = threading.Event(), []

    def go_round() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise ZeroDivisionError
        stop.set()

    monkeypatch.setattr(dispatcher, "dispatch_due", go_round)
    monkeypatch.setattr(dispatcher, "TICK_SECONDS", 0.01)
    dispatcher.dispatch_until(stop)
    assert len(rounds) == 2


@pytest.mark.parametrize("source", [source for source in dispatcher.SOURCES if isinstance(source, due.DueRows)])
def test_each_source_watches_the_queue_of_its_task(source: due.DueRows) -> None:
    routes, otherwise = configured.CELERY_TASK_ROUTES, {"queue": configured.CELERY_TASK_DEFAULT_QUEUE}
    assert routes.get(source.task, otherwise) == {"queue": source.queue}
    assert import_string(source.task).name == source.task


def test_source_of_a_task_that_is_missing_is_refused() -> None:
    with pytest.raises(ImportError):
        due.DueRows(queue="background", task="campaigns.tasks.nothing", rows=hints.unheard_hints, marked="read_due_at")

"""A confirmed change makes a delivery in its own transaction; an admin sends one again, on record."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from audit import ledger
from audit.models import Record
from campaigns.deliveries import outbox, sender
from campaigns.models import Campaign, Delivery, DeliveryState, Operation, OperationKind
from campaigns.queueing import wakeups
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.deliveries.conftest import event_of, send_due, told
from tests.deliveries.sink import Reply, Sink
from tests.factories import SCHEDULE, make_campaign, make_delivery, make_operation
from tests.worker import ask_pause, ask_resume, campaign, clock, cxone, posts_events, run  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("enqueued")]


def confirmed(**values: Any) -> Operation:
    return make_operation(make_campaign("spring"), state=State.CONFIRMED, **values)


def note(operation: Operation) -> Delivery:
    with transaction.atomic():
        outbox.note_confirmed(operation)
    return Delivery.objects.get(operation=operation)


@pytest.mark.parametrize(
    ("kind", "event"), [(OperationKind.PAUSE, "CAMPAIGN_PAUSED"), (OperationKind.RESUME, "CAMPAIGN_RESUMED")]
)
def test_body_says_what_and_why(sink: Sink, kind: OperationKind, event: str) -> None:
    operation = confirmed(kind=kind, reason="WFM_OVERRIDE")
    at = operation.confirmed_at
    assert at
    assert event_of(note(operation)) == {
        "campaign_id": "spring",
        "event": event,
        "reason": "WFM_OVERRIDE",
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def test_body_has_the_schedule_that_was_sent(sink: Sink) -> None:
    told = event_of(note(confirmed(kind=OperationKind.SCHEDULE, reason="", applied=SCHEDULE)))
    assert isinstance(told, dict)
    assert (told["event"], told["schedule"]) == ("CAMPAIGN_SCHEDULE_UPDATED", SCHEDULE)
    assert "reason" not in told


def test_body_is_canonical(sink: Sink) -> None:
    body = bytes(note(confirmed()).body)
    assert body == json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()


def test_without_an_address_nothing_is_noted(settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = ""
    with transaction.atomic():
        outbox.note_confirmed(confirmed())
    assert not Delivery.objects.exists()


def test_it_is_tried_for_a_day(sink: Sink) -> None:
    delivery = note(confirmed())
    assert delivery.park_at - delivery.created_at == outbox.PATIENCE


def test_numbers_grow(sink: Sink) -> None:
    first = note(confirmed())
    second = note(make_operation(first.campaign, state=State.CONFIRMED))
    assert second.number > first.number


@pytest.mark.django_db(transaction=True)
def test_numbers_grow_while_many_confirm(sink: Sink) -> None:
    operations = [make_operation(state=State.CONFIRMED) for _ in range(12)]

    def confirm(operation: Operation) -> None:
        try:
            note(operation)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(confirm, operations))
    assert Delivery.objects.values("number").distinct().count() == 12


@pytest.mark.django_db(transaction=True)
def test_worker_is_woken_after_the_commit(sink: Sink, enqueued: list[tuple[str, ...]]) -> None:
    operation = confirmed()
    with transaction.atomic():
        outbox.note_confirmed(operation)
        assert enqueued == []
    assert enqueued == [("campaigns.tasks.deliver",)]


@pytest.mark.django_db(transaction=True)
def test_silent_broker_leaves_it_to_the_dispatcher(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "enqueue", lambda *_: False)
    assert note(confirmed()).enqueued_at is None


# --- with the real steps before it ---


def test_pause_and_resume_are_told_in_order(sink: Sink, campaign: Campaign, cxone: Simulator) -> None:  # noqa: F811
    run(ask_pause(campaign))
    run(ask_resume(campaign))
    send_due()
    assert sink.events == [("spring", "CAMPAIGN_PAUSED"), ("spring", "CAMPAIGN_RESUMED")]


def test_what_was_so_already_is_not_told(sink: Sink, campaign: Campaign, cxone: Simulator) -> None:  # noqa: F811
    assert run(ask_resume(campaign)).state == State.SKIPPED
    assert not Delivery.objects.exists()


def test_its_fault_fails_no_operation(sink: Sink, campaign: Campaign, cxone: Simulator) -> None:  # noqa: F811
    sink.replies = [Reply(400)]
    operation = run(ask_pause(campaign))
    send_due()
    operation.refresh_from_db()
    assert operation.state == State.CONFIRMED


# --- sent again ---


@pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.PARKED])
def test_ended_one_is_sent_again(sink: Sink, state: DeliveryState) -> None:
    delivery = make_delivery(state=state, failures=7, error="gone")
    outbox.resend(delivery=delivery, by="root")
    sender.send_due()
    assert (told(delivery).state, delivery.failures, delivery.error) == (DeliveryState.DELIVERED, 0, "")
    assert len(sink.got) == 1


def test_it_is_the_same_webhook(sink: Sink) -> None:
    delivery = make_delivery()
    send_due()
    outbox.resend(delivery=delivery, by="root")
    send_due()
    first, second = sink.got
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


def test_it_gets_another_day(sink: Sink) -> None:
    delivery = make_delivery(state=DeliveryState.PARKED)
    old = delivery.park_at
    outbox.resend(delivery=delivery, by="root")
    assert told(delivery).park_at > old


def test_sending_again_is_on_record(sink: Sink) -> None:
    delivery = make_delivery(state=DeliveryState.PARKED, failures=3, error="gone")
    outbox.resend(delivery=delivery, by="root")
    record = Record.objects.get(kind="delivery.resent")
    assert (record.by, record.details["delivery"]) == ("root", str(delivery.pk))
    assert record.details["before"] == {"state": "parked", "failures": 3, "error": "gone"}
    assert record.details["after"] == {"state": "pending", "failures": 0, "error": ""}


def test_pending_one_is_not_begun_anew(sink: Sink) -> None:
    delivery = make_delivery(failures=3)
    with pytest.raises(outbox.OnItsWay):
        outbox.resend(delivery=delivery, by="root")
    assert (told(delivery).failures, Record.objects.count()) == (3, 0)


# --- all or nothing ---


@pytest.fixture
def no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    def append(*_: object, **__: object) -> None:
        raise DatabaseError("The disk is full.")

    monkeypatch.setattr(ledger, "append", append)


@pytest.mark.usefixtures("no_audit")
def test_without_a_record_nothing_is_sent_again(sink: Sink, enqueued: list[tuple[str, ...]]) -> None:
    delivery = make_delivery(state=DeliveryState.PARKED)
    with pytest.raises(DatabaseError), transaction.atomic():
        outbox.resend(delivery=delivery, by="root")
    assert (told(delivery).state, enqueued) == (DeliveryState.PARKED, [])


@pytest.mark.usefixtures("no_audit")
def test_without_a_record_nothing_is_parked(sink: Sink) -> None:
    sink.replies = [Reply(410)]
    delivery = make_delivery()
    with pytest.raises(DatabaseError), transaction.atomic():
        sender.send_due()
    assert told(delivery).state == DeliveryState.PENDING


def test_change_that_is_undone_is_not_told(sink: Sink) -> None:
    operation = confirmed()
    with transaction.atomic():
        outbox.note_confirmed(operation)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()

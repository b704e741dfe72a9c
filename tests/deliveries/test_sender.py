"""What is due is sent once, in order for each campaign, tried again for a day, and then parked on record."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from audit.models import Record
from campaigns import dispatcher
from campaigns.deliveries import http, sender
from campaigns.models import Delivery, DeliveryState, PeriodicJob
from campaigns.queueing.leases import backoff
from campaigns.queueing.rows import database_now
from tests.deliveries.conftest import send_due, told
from tests.deliveries.sink import Reply, Sink
from tests.factories import make_campaign, make_delivery

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("enqueued")]
PAUSED, RESUMED = "CAMPAIGN_PAUSED", "CAMPAIGN_RESUMED"


def seconds_until_next_try(delivery: Delivery) -> float:
    return (told(delivery).next_attempt_at - timezone.now()).total_seconds()


def test_due_one_is_delivered(sink: Sink) -> None:
    delivery = make_delivery(make_campaign("spring"))
    send_due()
    assert told(delivery).state == DeliveryState.DELIVERED
    assert delivery.delivered_at
    assert sink.events == [("spring", PAUSED)]


def test_attempt_is_on_record(sink: Sink) -> None:
    delivery = make_delivery()
    send_due()
    [attempt] = delivery.attempts.all()
    assert (attempt.number, attempt.status, attempt.error) == (1, 204, "")
    assert attempt.milliseconds is not None


def test_attempt_is_on_record_before_the_first_byte(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, seen = make_delivery(), []

    def post(*_: object, **__: object) -> http.WebhookAnswer:
        seen.append(delivery.attempts.count())
        return http.WebhookAnswer(200, None, "")

    monkeypatch.setattr(http, "post", post)
    send_due()
    assert seen == [1]


def test_its_number_is_the_webhooks_id(sink: Sink) -> None:
    delivery = make_delivery()
    sink.replies = [Reply(500)]
    send_due()
    send_due()
    assert [got.headers["webhook-id"] for got in sink.got] == [str(delivery.pk)] * 2


def test_delivered_one_is_not_sent_again(sink: Sink) -> None:
    make_delivery()
    send_due()
    send_due()
    assert len(sink.got) == 1


def test_sink_that_was_down_gets_each_once_in_order(sink: Sink) -> None:
    spring, autumn = make_campaign("spring"), make_campaign("autumn")
    for event in (PAUSED, RESUMED, PAUSED):
        for campaign in (spring, autumn):
            body = f'{{"campaign_id": "{campaign.pk}", "event": "{event}"}}'.encode()
            make_delivery(campaign, event=event, body=body)
    sink.stop()
    for _ in range(5):
        send_due()
    sink.start()
    for _ in range(2):
        send_due()
    for campaign_id in ("spring", "autumn"):
        assert [event for told, event in sink.events if told == campaign_id] == [PAUSED, RESUMED, PAUSED]


def test_newer_one_waits_for_the_older(sink: Sink) -> None:
    campaign = make_campaign()
    make_delivery(campaign, next_attempt_at=timezone.now() + timedelta(minutes=1))
    make_delivery(campaign)
    sender.send_due()
    assert sink.got == []


def test_parked_one_is_in_nobodys_way(sink: Sink) -> None:
    campaign = make_campaign()
    make_delivery(campaign, state=DeliveryState.PARKED)
    newer = make_delivery(campaign)
    send_due()
    assert told(newer).state == DeliveryState.DELIVERED


def test_other_campaigns_go_on(sink: Sink) -> None:
    sink.replies = [Reply(500)]
    make_delivery()
    other = make_delivery()
    send_due()
    assert told(other).state == DeliveryState.DELIVERED


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 599])
def test_passing_trouble_is_tried_again(sink: Sink, status: int) -> None:
    sink.replies = [Reply(status, body=b"out of order")]
    delivery = make_delivery()
    send_due()
    assert told(delivery).error == f"The WFM system answered HTTP {status} (out of order)."
    send_due()
    assert told(delivery).state == DeliveryState.DELIVERED


def test_waits_double_up_to_a_minute() -> None:
    assert [backoff(failures, sender.LONGEST_BACKOFF) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff(2000, sender.LONGEST_BACKOFF) == 60


def test_next_try_is_written(sink: Sink) -> None:
    sink.replies = [Reply(500)]
    delivery = make_delivery(failures=5)
    send_due()
    assert 30 < seconds_until_next_try(delivery) <= 32
    assert (delivery.failures, delivery.lease_until, delivery.enqueued_at) == (6, None, None)


def test_retry_after_is_obeyed(sink: Sink) -> None:
    sink.replies = [Reply(429, {"Retry-After": "120"})]
    delivery = make_delivery()
    send_due()
    assert 118 < seconds_until_next_try(delivery) <= 120


def test_retry_after_holds_for_all(sink: Sink) -> None:
    sink.replies = [Reply(429, {"Retry-After": "120"})]
    make_delivery()
    other = make_delivery()
    send_due()
    assert seconds_until_next_try(other) > 118
    assert len(sink.got) == 1


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 410, 413, 422])
def test_final_answer_parks_at_once(sink: Sink, status: int) -> None:
    sink.replies = [Reply(status, {"Location": sink.url}, b"no")]
    delivery = make_delivery()
    send_due()
    send_due()
    assert told(delivery).state == DeliveryState.PARKED
    assert delivery.error.startswith(f"The WFM system answered HTTP {status} (no)")
    assert len(sink.got) == 1


def test_parking_is_on_record(sink: Sink) -> None:
    sink.replies = [Reply(410)]
    delivery = make_delivery(make_campaign("spring", name="Spring"))
    send_due()
    record = Record.objects.get(kind="delivery.parked")
    assert (record.status, record.campaign_id, record.operation) == ("FAILURE", "spring", delivery.operation_id)
    assert record.details["before"]["state"] == "pending"
    assert record.details["after"] == {"state": "parked", "failures": 1}
    assert record.sentence.startswith("The WFM system couldn’t be notified of the pause of Spring. ")


def test_refused_signature_names_the_secret(sink: Sink) -> None:
    sink.replies = [Reply(401)]
    delivery = make_delivery()
    send_due()
    assert "WFM_WEBHOOK_SECRET" in told(delivery).error


@pytest.mark.parametrize(("seconds", "words"), [(600, r"(599|60[01]) s ahead of"), (-600, r"(599|60[01]) s behind")])
def test_refused_signature_names_a_clock_that_is_off(sink: Sink, seconds: int, words: str) -> None:
    its_time = database_now() + timedelta(seconds=seconds, milliseconds=900)
    sink.replies = [Reply(401, {"Date": format_datetime(its_time.astimezone(UTC), usegmt=True)})]
    delivery = make_delivery()
    send_due()
    said = told(delivery).error
    assert re.search(words, said)
    assert "set the clocks right" in said
    assert "WFM_WEBHOOK_SECRET" not in said


def test_after_a_day_it_is_parked(sink: Sink) -> None:
    sink.replies = [Reply(503)] * 2
    delivery = make_delivery()
    send_due()
    Delivery.objects.update(park_at=Now())
    send_due()
    assert told(delivery).state == DeliveryState.PARKED
    assert Record.objects.filter(kind="delivery.parked").count() == 1


def test_old_one_is_tried_before_it_is_parked(sink: Sink) -> None:
    delivery = make_delivery(park_at=timezone.now() - timedelta(hours=1))
    send_due()
    assert told(delivery).state == DeliveryState.DELIVERED


def test_silence_leaves_the_others_alone(sink: Sink) -> None:
    """A WFM system that hangs costs a pass one wait, not one for each delivery."""
    sink.stop()
    make_delivery()
    make_delivery()
    send_due()
    sink.start()
    assert sorted(Delivery.objects.values_list("failures", flat=True)) == [0, 1]


def test_private_address_is_told(sink: Sink, settings: Settings) -> None:
    settings.WFM_ALLOW_PRIVATE = False
    delivery = make_delivery()
    send_due()
    assert "WFM_ALLOW_PRIVATE=on" in told(delivery).error
    assert (delivery.state, sink.got) == (DeliveryState.PENDING, [])


def test_fault_of_ours_is_tried_again(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "sign_webhook", lambda *_: 1 / 0)
    delivery = make_delivery()
    send_due()
    assert (told(delivery).state, delivery.error) == (DeliveryState.PENDING, sender.FAULT)


def test_without_an_address_nothing_is_sent(sink: Sink, settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = ""
    delivery = make_delivery()
    send_due()
    assert told(delivery).attempts.count() == 0


# --- who sends ---


def test_held_one_is_left_alone(sink: Sink) -> None:
    make_delivery(lease_until=timezone.now() + timedelta(seconds=30))
    send_due()
    assert sink.got == []


def test_dead_workers_delivery_is_taken_up(sink: Sink) -> None:
    delivery = make_delivery(lease_until=timezone.now() - timedelta(seconds=1), fence=1)
    delivery.attempts.create(number=1, sent_at=timezone.now())
    send_due()
    assert told(delivery).state == DeliveryState.DELIVERED
    assert [attempt.error for attempt in delivery.attempts.all()] == [sender.UNANSWERED, ""]


def test_slow_worker_writes_nothing_more(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    def post(*_: object, **__: object) -> http.WebhookAnswer:
        Delivery.objects.update(fence=9)
        return http.WebhookAnswer(410, None, "")

    monkeypatch.setattr(http, "post", post)
    delivery = make_delivery()
    send_due()
    assert told(delivery).state == DeliveryState.PENDING
    assert not Record.objects.filter(kind="delivery.parked").exists()


def test_only_so_many_go_out_at_once(sink: Sink) -> None:
    for _ in range(sender.AT_ONCE):
        make_delivery(lease_until=timezone.now() + timedelta(seconds=30))
    make_delivery()
    send_due()
    assert sink.got == []


def test_long_pass_rings_for_the_rest(
    sink: Sink, enqueued: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "PASS_SECONDS", -1.0)
    make_delivery()
    make_delivery()
    send_due()
    assert (len(sink.got), enqueued) == (1, [("campaigns.tasks.deliver",)])


@pytest.mark.django_db(transaction=True)
def test_four_workers_one_request_each(sink: Sink) -> None:
    made = [make_delivery() for _ in range(6)]

    def work(_: int) -> None:
        try:
            sender.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    send_due()
    assert sorted(got.headers["webhook-id"] for got in sink.got) == sorted(str(delivery.pk) for delivery in made)


# --- who is enqueued ---


@pytest.fixture
def no_jobs() -> None:
    PeriodicJob.objects.update(next_at=timezone.now() + timedelta(hours=1))


@pytest.mark.usefixtures("no_jobs")
def test_all_that_are_due_are_one_wake_up(sink: Sink, enqueued: list[tuple[str, ...]]) -> None:
    make_delivery()
    make_delivery()
    dispatcher.dispatch_due()
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.deliver",)]


@pytest.mark.usefixtures("no_jobs")
def test_lost_wake_up_is_sent_again(sink: Sink, enqueued: list[tuple[str, ...]]) -> None:
    make_delivery(enqueued_at=timezone.now() - timedelta(seconds=6))
    dispatcher.dispatch_due()
    assert enqueued == [("campaigns.tasks.deliver",)]


@pytest.mark.usefixtures("no_jobs")
@pytest.mark.parametrize("values", [{"state": "parked"}, {"next_attempt_at": timezone.now() + timedelta(hours=1)}])
def test_nothing_due_nothing_enqueued(sink: Sink, enqueued: list[tuple[str, ...]], values: dict[str, Any]) -> None:
    make_delivery(**values)
    dispatcher.dispatch_due()
    assert enqueued == []


@pytest.mark.usefixtures("no_jobs")
def test_without_an_address_nobody_is_woken(settings: Settings, enqueued: list[tuple[str, ...]]) -> None:
    settings.WFM_WEBHOOK_URL = ""
    make_delivery()
    dispatcher.dispatch_due()
    assert enqueued == []


@pytest.mark.usefixtures("no_jobs")
def test_silent_broker_is_done_without(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.queueing.wakeups.enqueue", lambda *_: False)
    delivery = make_delivery()
    dispatcher.dispatch_due()
    assert told(delivery).state == DeliveryState.DELIVERED

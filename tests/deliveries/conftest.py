"""A WFM system that is there, and rows that it is to be told of."""

import json
from collections.abc import Iterator

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from campaigns.deliveries import http, sender
from campaigns.models import Delivery
from tests.deliveries.sink import SECRET, Sink


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    sink = Sink()
    settings.WFM_WEBHOOK_URL = sink.url
    settings.WFM_WEBHOOK_SECRET = SECRET
    settings.WFM_ALLOW_PRIVATE = True
    yield sink
    sink.stop()
    http.close_webhook_connections()


def send_due() -> None:
    """One pass; whatever was to be waited for has come."""
    Delivery.objects.update(next_attempt_at=Now())
    sender.send_due()


def told(delivery: Delivery) -> Delivery:
    delivery.refresh_from_db()
    return delivery


def event_of(delivery: Delivery) -> object:
    return json.loads(bytes(delivery.body))

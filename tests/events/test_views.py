"""Where CXone's events come in."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from campaigns.models import Campaign
from tests.factories import make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("enqueued")]


def post(body: object, token: str = "") -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = f"/webhooks/cxone/{token or settings.CXONE_WEBHOOK_TOKEN}/"
    return Client(enforce_csrf_checks=True).post(address, content, content_type="application/json")


def event(campaign_id: str, status: str = "PAUSED") -> dict[str, str]:
    return {"eventType": "outbound.campaign.status.changed", "campaignId": campaign_id, "status": status}


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("c-1")


def test_event_has_its_campaign_read(campaign: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    assert post(event("c-1")).status_code == 204
    campaign.refresh_from_db()
    assert campaign.read_due_at is not None
    assert enqueued == [("campaigns.tasks.read_campaign", "c-1")]


def test_events_word_is_not_believed(campaign: Campaign) -> None:
    post(event("c-1", "PAUSED"))
    campaign.refresh_from_db()
    assert campaign.status == "ACTIVE"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[" * 20_000,
        [],
        "text",
        {},
        {"campaignId": 7},
        {"campaignId": "a\0b"},
        {"campaignId": "\ud800"},
        event("c-9"),
    ],
)
def test_nonsense_is_told_nothing(campaign: Campaign, enqueued: list[tuple[str, ...]], body: object) -> None:
    response = post(body)
    assert (response.status_code, response.content) == (204, b"")
    assert enqueued == []


def test_too_long_is_not_read(campaign: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    assert post(event("c-1") | {"padding": "x" * 64 * 1024}).status_code == 204
    assert enqueued == []


@pytest.mark.parametrize("token", ["wrong", "wr\u00f6ng"])
def test_wrong_token_is_nowhere(campaign: Campaign, enqueued: list[tuple[str, ...]], token: str) -> None:
    assert post(event("c-1"), token).status_code == 404
    assert enqueued == []


def test_only_posts_come_in() -> None:
    assert Client().get(f"/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/").status_code == 405

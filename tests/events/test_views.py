"""Where CXone's events come in."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from pytest_django import Settings

from campaigns.events import views
from campaigns.events.views import MOST_BYTES
from campaigns.models import Campaign
from cxadmin.logs import OnceAMinute
from tests.events.signing import OTHER_SECRET, SECRET, signed
from tests.factories import make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("enqueued")]


def post(body: object, token: str = "", headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = f"/webhooks/cxone/{token or settings.CXONE_WEBHOOK_TOKEN}/"
    client = Client(enforce_csrf_checks=True)
    return client.post(address, content, content_type="application/json", headers=headers or {})


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


def test_cxone_without_events_has_no_address(campaign: Campaign, cxone_cannot: Callable[..., None]) -> None:
    cxone_cannot("events")
    assert post(event("c-1")).status_code == 404
    campaign.refresh_from_db()
    assert campaign.read_due_at is None


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


def padded(size: int) -> bytes:
    """An event of exactly so many bytes."""
    body = json.dumps(event("c-1")).encode()
    return body + b" " * (size - len(body))


def test_longest_body_is_read(campaign: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    assert post(padded(MOST_BYTES)).status_code == 204
    assert len(enqueued) == 1


def test_longer_body_is_refused(campaign: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    response = post(padded(MOST_BYTES + 1))
    assert (response.status_code, response.content) == (413, b"")
    assert enqueued == []


def test_nothing_beyond_the_bound_is_read(rf: RequestFactory) -> None:
    request = rf.post("/", padded(10 * MOST_BYTES), content_type="application/json")
    assert views.note(request, settings.CXONE_WEBHOOK_TOKEN).status_code == 413
    assert len(request.read()) == 9 * MOST_BYTES - 1


def test_stranger_is_not_told_of_the_bound(campaign: Campaign) -> None:
    assert post(padded(MOST_BYTES + 1), "wrong").status_code == 404


@pytest.fixture
def secret(settings: Settings) -> None:
    settings.CXONE_WEBHOOK_SECRET = SECRET


def test_signed_event_is_believed_to_be_one(campaign: Campaign, secret: None, enqueued: list[tuple[str, ...]]) -> None:
    body = padded(200)
    assert post(body, headers=signed(body, SECRET)).status_code == 204
    assert len(enqueued) == 1


@pytest.mark.parametrize(
    ("secrets", "age"), [([], timedelta()), ([OTHER_SECRET], timedelta()), ([SECRET], timedelta(hours=1))]
)
def test_refused_signature_changes_nothing(
    campaign: Campaign, secret: None, enqueued: list[tuple[str, ...]], secrets: list[str], age: timedelta
) -> None:
    body = padded(200)
    response = post(body, headers=signed(body, *secrets, age=age))
    assert (response.status_code, response.content, enqueued) == (403, b"", [])
    assert Campaign.objects.get().read_due_at is None


def test_refused_signature_asks_the_database_nothing(secret: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        post(padded(200))


def test_stranger_is_not_told_of_signatures(secret: None) -> None:
    assert post(padded(200), "wrong").status_code == 404


def test_refused_signatures_are_one_line(secret: None, caplog: pytest.LogCaptureFixture) -> None:
    once = OnceAMinute()
    for _ in range(100):
        post(padded(200))
    assert len(caplog.records) == 100
    assert sum(once.filter(record) for record in caplog.records) == 1


def test_replayed_event_causes_one_read(campaign: Campaign, secret: None, enqueued: list[tuple[str, ...]]) -> None:
    body = padded(200)
    headers = signed(body, SECRET)
    for _ in range(50):
        assert post(body, headers=headers).status_code == 204
    assert len(enqueued) == 1


@pytest.mark.parametrize("token", ["wrong", "wr\u00f6ng"])
def test_wrong_token_is_nowhere(campaign: Campaign, enqueued: list[tuple[str, ...]], token: str) -> None:
    assert post(event("c-1"), token).status_code == 404
    assert enqueued == []


def test_only_posts_come_in() -> None:
    assert Client().get(f"/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/").status_code == 405

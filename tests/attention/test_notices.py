"""What nobody attends to for five minutes is sent outside, once, in one notice for all that is due together."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from audit.models import Record
from campaigns.attention.notices import send_unattended
from campaigns.deliveries import http, outbox, sender
from campaigns.models import Delivery, Finding, FindingCode, Target
from campaigns.states import State
from tests.attention.given import NOON, make_finding
from tests.factories import make_campaign, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

SECRET = "whsec_" + "QUJD" * 8


@pytest.fixture(autouse=True)
def receiver(settings: Settings, enqueued: list[tuple[str, ...]]) -> None:
    settings.NOTIFY_WEBHOOK_URL, settings.NOTIFY_WEBHOOK_SECRET = "https://pager.example.com/hook", SECRET
    settings.PUBLIC_BASE_URL = "https://control.example.com"


def unattended(minutes: int = 6, code: FindingCode = FindingCode.CALLS_OUTSIDE_HOURS, **values: Any) -> Finding:
    return make_finding(code, opened_at=timezone.now() - timedelta(minutes=minutes), since=NOON, **values)


def body() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(Delivery.objects.get().body))
    return found


def test_notice_says_what_why_and_where() -> None:
    unattended(campaign=make_campaign("spring", name="Spring renewal", active_calls=37))
    assert send_unattended() == 1
    said = body()
    assert (said["event"], said["number"], said["url"]) == (
        "ATTENTION_NEEDED",
        1,
        "https://control.example.com/attention/",
    )
    assert said["findings"] == [
        {
            "code": "calls_outside_hours",
            "title": "Calls outside hours",
            "since": "2026-11-25T17:00:00Z",
            "campaign_id": "spring",
            "campaign_name": "Spring renewal",
            "why": "37 calls are in progress, and its dialing window has been closed since Wed 25 Nov 17:00 EST.",
            "next": "Pause it now. Then check in CXone why it is dialing now.",
        }
    ]


def test_each_finding_is_sent_once() -> None:
    unattended()
    assert [send_unattended(), send_unattended()] == [1, 0]


@pytest.mark.parametrize(
    "values",
    [
        {"minutes": 4},
        {"taken_at": NOON, "taken_by": "ann"},
        {"ended_at": NOON, "end": "gone"},
        {"ended_at": NOON, "end": "dismissed"},
    ],
)
def test_what_is_attended_to_is_not_sent(values: dict[str, Any]) -> None:
    unattended(**values)
    assert send_unattended() == 0


def test_campaign_that_somebody_is_pausing_is_attended_to() -> None:
    finding = unattended()
    pause = make_operation(finding.campaign, state=State.WAITING)
    assert send_unattended() == 0
    pause.state = State.FAILED
    pause.save()
    assert send_unattended() == 1


def test_storm_is_one_notice_with_the_first() -> None:
    for _ in range(30):
        unattended(code=FindingCode.CHANGED_IN_CXONE)
    unattended()
    assert send_unattended() == 31
    said = body()
    assert (said["number"], len(said["findings"])) == (31, 20)
    assert said["findings"][0]["code"] == "calls_outside_hours"


def test_without_an_address_nothing_is_kept(settings: Settings) -> None:
    settings.NOTIFY_WEBHOOK_URL = ""
    unattended()
    assert send_unattended() == 0
    assert not Delivery.objects.exists()


def test_notice_is_signed_for_its_own_receiver(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = ""
    sent = []

    def post(*_: Any, receiver: Any, **__: Any) -> http.WebhookAnswer:
        sent.append((receiver.url, receiver.secret))
        return http.WebhookAnswer(204, None, "")

    monkeypatch.setattr(http, "post", post)
    unattended()
    send_unattended()
    sender.send_due()
    assert sent == [("https://pager.example.com/hook", SECRET)]
    assert Delivery.objects.get().state == "delivered"


def test_refused_notice_is_parked_on_record_and_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "post", lambda *_, **__: http.WebhookAnswer(403, None, "no"))
    unattended()
    send_unattended()
    sender.send_due()
    delivery = Delivery.objects.get(target=Target.ATTENTION)
    assert delivery.state == "parked"
    assert "NOTIFY_WEBHOOK_SECRET" in delivery.error
    outbox.resend(delivery=delivery, by="ada")
    assert set(Record.objects.values_list("kind", flat=True)) >= {"notice.parked", "notice.resent"}

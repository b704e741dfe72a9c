"""The deliveries' pages in a browser: nothing sticks out, and one is sent again by keyboard."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from campaigns.models import Delivery, DeliveryState
from tests.browser.checks import check_accessible, check_width
from tests.browser.conftest import OpenPage
from tests.factories import SCHEDULE, make_campaign, make_delivery, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NARROW = {"width": 360, "height": 740}
ERROR = "The WFM system answered HTTP 404 (no such tenant): it would refuse this again. Have it looked at there."


@pytest.fixture(autouse=True)
def wfm(settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = "https://wfm.example.com/events"


@pytest.fixture
def parked() -> Delivery:
    """One that takes much room, beside one that got through and one that waits."""
    campaign = make_campaign("c-1", name="A name that goes on and on " * 5)
    make_delivery(state=DeliveryState.DELIVERED, delivered_at=timezone.now())
    make_delivery(failures=3, next_attempt_at=timezone.now() + timedelta(minutes=1), error="x" * 300)
    event = {"event": "CAMPAIGN_SCHEDULE_UPDATED", "campaign_id": "c-1", "schedule": SCHEDULE, "note": "y" * 200}
    delivery = make_delivery(
        campaign,
        event="CAMPAIGN_SCHEDULE_UPDATED",
        body=json.dumps(event).encode(),
        state=DeliveryState.PARKED,
        parked_at=timezone.now(),
        error=ERROR,
    )
    for number in range(1, 5):
        delivery.attempts.create(
            number=number, sent_at=timezone.now(), status=404, milliseconds=number * 700, error=ERROR
        )
    return delivery


@pytest.mark.parametrize("path", ["/deliveries/", "/deliveries/{}/"])
def test_page_never_scrolls_sideways(open_page: OpenPage, parked: Delivery, path: str) -> None:
    page = open_page(path.format(parked.pk), make_user("admin"), viewport=NARROW)
    check_width(page, 360)


@pytest.mark.parametrize("path", ["/deliveries/", "/deliveries/{}/"])
def test_axe_finds_nothing(open_page: OpenPage, parked: Delivery, path: str) -> None:
    page = open_page(path.format(parked.pk), make_user("admin"))
    check_accessible(page)


def test_it_is_sent_again_by_keyboard(open_page: OpenPage, parked: Delivery) -> None:
    page = open_page(f"/deliveries/{parked.pk}/", make_user("admin"))
    page.locator("#again").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Being sent again").wait_for()
    assert page.locator("#again").count() == 0

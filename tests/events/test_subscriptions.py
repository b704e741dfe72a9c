"""The event subscription: made once, found again after a lost answer, never in the way of a pause."""

import pytest
from pytest_django import Settings

from audit.models import Record
from campaigns.models import Campaign
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.worker import ask_pause, ask_resume, run

pytestmark = pytest.mark.data_layer

SUBSCRIPTIONS = "/api/v2/event/subscriptions"


@pytest.fixture
def reachable(settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://control.example.com"
    settings.CXONE_WEBHOOK_TOKEN = "t0ken"


def test_unreachable_house_subscribes_to_nothing(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign))
    assert cxone.subscriptions() == []


def test_first_pause_subscribes(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    run(ask_pause(campaign))
    (made,) = cxone.subscriptions()
    assert (made["name"], made["url"]) == (
        "CampaignPause_spring",
        "https://control.example.com/webhooks/cxone/t0ken/",
    )
    assert Campaign.objects.get().subscription_id == made["id"]


def test_subscription_is_on_record(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    run(ask_pause(campaign))
    (made,) = cxone.subscriptions()
    assert Record.objects.get(kind="subscription.made").webhook_subscription_id == made["id"]
    assert Record.objects.get(kind="operation.ended").webhook_subscription_id == made["id"]


def test_second_operation_makes_no_other(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    run(ask_pause(campaign))
    run(ask_resume(campaign))
    assert len(cxone.subscriptions()) == 1


def test_failed_subscription_stops_no_pause(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, status=503)
    assert run(ask_pause(campaign)).state == State.CONFIRMED


def test_lost_answer_makes_no_second(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, cut=True, done=True)
    run(ask_pause(campaign))
    run(ask_resume(campaign))
    (made,) = cxone.subscriptions()
    assert Campaign.objects.get().subscription_id == made["id"]


def test_token_stays_out_of_the_record(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    run(ask_pause(campaign))
    assert not any(b"t0ken" in bytes(record.body) for record in Record.objects.all())


def test_strange_subscription_stops_no_pause(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, status=201, body={"id": "a\0b"})
    assert run(ask_pause(campaign)).state == State.CONFIRMED
    assert Campaign.objects.get().subscription_id == ""

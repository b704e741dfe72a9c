"""The event subscription: made once, in the background, after a pause and never before it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from pytest_django import Settings

from audit.models import Record
from campaigns.cxone.budget import Lane
from campaigns.events import subscriptions
from campaigns.models import Campaign, Operation, PeriodicJob
from campaigns.queueing.request_budget import SlotBudget
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.factories import make_campaign, make_operation
from tests.worker import ask_pause, ask_resume, run

pytestmark = pytest.mark.data_layer

SUBSCRIPTIONS = "/api/v2/event/subscriptions"


@pytest.fixture
def reachable(settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://control.example.com"
    settings.CXONE_WEBHOOK_TOKEN = "t0ken"


@pytest.fixture
def paused(campaign: Campaign, reachable: None) -> Campaign:
    run(ask_pause(campaign))
    return campaign


def pace() -> int:
    return PeriodicJob.objects.get(pk="subscribe_to_events").every_seconds


def asked(cxone: Simulator) -> int:
    return len(cxone.record.requests("POST", SUBSCRIPTIONS))


def searched(cxone: Simulator) -> int:
    return len(cxone.record.requests("GET", SUBSCRIPTIONS))


def an_hour_later() -> None:
    Campaign.objects.update(subscription_due_at=F("subscription_due_at") - timedelta(hours=1))


def test_pause_itself_subscribes_to_nothing(paused: Campaign, cxone: Simulator) -> None:
    assert Operation.objects.get().state == State.CONFIRMED
    assert (asked(cxone), searched(cxone)) == (0, 0)


def test_first_pause_is_followed_by_a_subscription(paused: Campaign, cxone: Simulator) -> None:
    assert subscriptions.subscribe_paused() == 1
    (made,) = cxone.subscriptions()
    assert made["name"] == "CampaignPause_spring"
    assert made["url"] == "https://control.example.com/webhooks/cxone/t0ken/"
    assert Campaign.objects.get().subscription_id == made["id"]


def test_unreachable_product_subscribes_to_nothing(paused: Campaign, cxone: Simulator, settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = ""
    assert subscriptions.subscribe_paused() == 0
    assert asked(cxone) == 0


def test_cxone_without_events_is_never_asked(
    paused: Campaign, cxone: Simulator, cxone_cannot: Callable[..., None]
) -> None:
    cxone_cannot("events")
    Campaign.objects.update(subscription_asked=True)
    assert subscriptions.subscribe_paused() == 0
    assert (asked(cxone), searched(cxone)) == (0, 0)


def test_campaign_without_a_pause_has_none(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    run(ask_resume(campaign))
    make_operation(campaign, state=State.WAITING, sent_at=campaign.read_at)
    assert subscriptions.subscribe_paused() == 0
    assert asked(cxone) == 0


def test_accepted_pause_need_not_be_confirmed(campaign: Campaign, cxone: Simulator, reachable: None) -> None:
    make_operation(campaign, state=State.ACCEPTED, accepted_at=campaign.read_at)
    assert subscriptions.subscribe_paused() == 1


def test_campaign_that_is_gone_has_none(paused: Campaign, cxone: Simulator) -> None:
    Campaign.objects.update(gone_at=Now())
    assert subscriptions.subscribe_paused() == 0


def test_subscription_is_on_record(paused: Campaign, cxone: Simulator) -> None:
    subscriptions.subscribe_paused()
    (made,) = cxone.subscriptions()
    assert Record.objects.get(kind="subscription.made").webhook_subscription_id == made["id"]
    run(ask_resume(Campaign.objects.get()))
    assert Record.objects.filter(kind="operation.ended").last().webhook_subscription_id == made["id"]  # type: ignore[union-attr]


def test_second_pause_makes_no_other(paused: Campaign, cxone: Simulator) -> None:
    subscriptions.subscribe_paused()
    run(ask_resume(Campaign.objects.get()))
    run(ask_pause(Campaign.objects.get()))
    assert subscriptions.subscribe_paused() == 0
    assert len(cxone.subscriptions()) == 1


def test_lost_answer_makes_no_second(paused: Campaign, cxone: Simulator) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, cut=True, done=True)
    assert subscriptions.subscribe_paused() == 0
    an_hour_later()
    assert subscriptions.subscribe_paused() == 1
    (made,) = cxone.subscriptions()
    assert Campaign.objects.get().subscription_id == made["id"]


def test_longer_name_is_another_campaigns(paused: Campaign, cxone: Simulator) -> None:
    other = {"id": "s", "name": "CampaignPause_late_spring", "url": subscriptions.address()}
    cxone.fail("GET", SUBSCRIPTIONS, body={"entities": [other]})
    Campaign.objects.update(subscription_asked=True)
    subscriptions.subscribe_paused()
    assert Campaign.objects.get().subscription_id not in {"", "s"}


def test_token_stays_out_of_the_record(paused: Campaign, cxone: Simulator) -> None:
    subscriptions.subscribe_paused()
    assert not any(b"t0ken" in bytes(record.body) for record in Record.objects.all())


def test_strange_subscription_is_none(paused: Campaign, cxone: Simulator) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, status=201, body={"id": "a\0b"})
    assert subscriptions.subscribe_paused() == 0
    assert Campaign.objects.get().subscription_id == ""


@pytest.fixture
def many(campaign: Campaign, cxone: Simulator, reachable: None) -> list[str]:
    """Ten paused campaigns without a subscription."""
    names = [f"c{number}" for number in range(10)]
    for name in names:
        cxone.add(id=name)
        make_operation(make_campaign(name), state=State.CONFIRMED)
    return names


def test_few_are_made_at_a_time(many: list[str], cxone: Simulator) -> None:
    assert subscriptions.subscribe_paused() == subscriptions.MOST_AT_ONCE
    assert asked(cxone) == subscriptions.MOST_AT_ONCE


def test_all_are_made_in_the_end(many: list[str], cxone: Simulator) -> None:
    while subscriptions.subscribe_paused():
        pass
    assert sorted(made["name"] for made in cxone.subscriptions()) == [f"CampaignPause_{name}" for name in many]


def test_failure_ends_the_run(many: list[str], cxone: Simulator) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, status=403)
    assert subscriptions.subscribe_paused() == 0
    assert asked(cxone) == 1


def test_one_that_fails_stops_no_other(many: list[str], cxone: Simulator) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, status=400)
    while subscriptions.subscribe_paused() or asked(cxone) < len(many):
        pass
    assert len(cxone.subscriptions()) == len(many) - 1


def test_refusals_are_asked_for_ever_less_often(many: list[str], cxone: Simulator) -> None:
    cxone.fail("POST", SUBSCRIPTIONS, status=403, times=None)
    paces = []
    for _ in range(8):
        subscriptions.subscribe_paused()
        paces.append(pace())
    assert paces == [30, 60, 120, 240, 480, 900, 900, 900]
    assert PeriodicJob.objects.get(pk="subscribe_to_events").next_at > Campaign.objects.get(pk="spring").read_at


def test_success_restores_the_pace(many: list[str], cxone: Simulator) -> None:
    PeriodicJob.objects.filter(pk="subscribe_to_events").update(every_seconds=900)
    subscriptions.subscribe_paused()
    assert pace() == subscriptions.EVERY_SECONDS


def test_spent_budget_is_no_failure(paused: Campaign, cxone: Simulator) -> None:
    while SlotBudget().reserve(Lane.BACKGROUND) == 0:
        pass
    assert subscriptions.subscribe_paused() == 0
    assert (asked(cxone), pace()) == (0, subscriptions.EVERY_SECONDS)
    assert Campaign.objects.get().subscription_due_at is None


def test_campaign_that_another_worker_has_is_left(paused: Campaign, cxone: Simulator) -> None:
    assert subscriptions._claim(paused)
    assert not subscriptions._claim(paused)
    assert subscriptions.subscribe_paused() == 0

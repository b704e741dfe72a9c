"""CXone's own event, over a real socket: it causes a read, and that read tells the truth."""

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from campaigns.events import subscriptions
from campaigns.models import Campaign
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.events.signing import SECRET
from tests.worker import ask_pause, eventually, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["", SECRET], ids=["not signed", "signed"])
def posts_events(settings: Settings, request: pytest.FixtureRequest) -> bool:
    settings.CXONE_WEBHOOK_SECRET = request.param
    return True


def test_event_causes_a_read(
    campaign: Campaign,
    cxone: Simulator,
    enqueued: list[tuple[str, ...]],
    settings: Settings,
    live_server: LiveServer,
) -> None:
    settings.PUBLIC_BASE_URL = live_server.url
    run(ask_pause(campaign))
    subscriptions.subscribe_paused()
    full_read.read_hinted("spring")
    enqueued.clear()
    cxone.change("spring", status="ACTIVE")
    assert eventually(lambda: ("campaigns.tasks.read_campaign", "spring") in enqueued)
    full_read.read_hinted("spring")
    assert Campaign.objects.get().status == "ACTIVE"

"""A full read of more requests than a minute has: what it leaves to clicks and to other reads, and how it gets on."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from campaigns.cxone.budget import Lane
from campaigns.models import Campaign, Drain, RequestSlot, SyncState
from campaigns.queueing.request_budget import SlotBudget
from campaigns.simulator import PublishedSimulator
from campaigns.sync import drains, full_read
from tests.factories import make_drain, make_operation
from tests.worker import ask_pause, clock, published, run

__all__ = ["clock", "published"]

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db, pytest.mark.usefixtures("enqueued")]

RATE = 60
# Requests a minute of that rate for a read that takes several.
SHARE = 24


def a_minute_passes() -> None:
    RequestSlot.objects.filter(number__gt=0).update(free_at=Now())


@pytest.fixture
def tenant(published: PublishedSimulator, settings: Settings) -> PublishedSimulator:
    """More than fifty pages, and all known: one is read once in a go, and the next ones have 60 requests a minute."""
    settings.CXONE_RATE_PER_MINUTE = 1000
    published.switch(page_cap=10)
    for number in range(2, 261):
        published.add(id=str(number))
    assert full_read.read_all_campaigns()
    a_minute_passes()
    settings.CXONE_RATE_PER_MINUTE = RATE
    published.record.clear()
    return published


def read_for_a_minute(tenant: PublishedSimulator, lane: Lane = Lane.LONG_READ) -> int:
    """How many requests it took."""
    before = len(tenant.record.requests())
    while full_read.read_all_campaigns() is None and not SlotBudget().wait_for(lane, 1):
        pass
    return len(tenant.record.requests()) - before


def test_it_takes_its_share_of_each_minute(tenant: PublishedSimulator) -> None:
    requests: list[int] = []
    while not requests or requests[-1] == SHARE:
        a_minute_passes()
        requests.append(read_for_a_minute(tenant))
    assert requests == [SHARE, SHARE, 52 - 2 * SHARE]
    state = SyncState.current()
    assert (state.requests, state.error) == (52, "")


def test_first_read_of_all_may_take_half_of_a_minute(tenant: PublishedSimulator) -> None:
    """Nobody has anything else to ask yet."""
    SyncState.objects.update(last_good_at=None)
    assert read_for_a_minute(tenant, Lane.BACKGROUND) == RATE // 2


def test_click_passes_it(tenant: PublishedSimulator) -> None:
    read = read_for_a_minute(tenant)
    run(ask_pause(Campaign.objects.get(pk="1")))
    # Its state and its calls are read side by side, and then it is stopped.
    assert [request.path.endswith("/stop") for request in tenant.record.requests()[read:]][:3] == [False, False, True]


def test_six_clicks_of_a_minute_pass_it(tenant: PublishedSimulator) -> None:
    read_for_a_minute(tenant)
    for number in range(1, 7):
        run(ask_pause(Campaign.objects.get(pk=str(number))))
    assert sum(request.path.endswith("/stop") for request in tenant.record.requests()) == 6


def drain_of(tenant: PublishedSimulator, campaign_id: str) -> Drain:
    tenant.change(campaign_id, running=False, calls=3)
    Campaign.objects.filter(pk=campaign_id).update(status="PAUSED")
    asked = timezone.now() - timedelta(seconds=20)
    return make_drain(make_operation(Campaign.objects.get(pk=campaign_id), requested_at=asked), 7)


def calls_of(drain: Drain) -> list[int]:
    return [sample.calls for sample in drain.samples.all()]


def test_calls_of_a_drain_are_counted_beside_it(tenant: PublishedSimulator) -> None:
    drain = drain_of(tenant, "1")
    read_for_a_minute(tenant)
    assert drains.sample() == 1
    assert calls_of(drain) == [7, 3]


def test_drain_of_a_deleted_skill_keeps_no_other_from_being_counted(tenant: PublishedSimulator) -> None:
    deleted, other = drain_of(tenant, "1"), drain_of(tenant, "2")
    tenant.remove("1")
    assert drains.sample() == 2
    assert (calls_of(deleted), calls_of(other)) == ([7], [7, 3])


def test_it_gets_on_beside_others_that_never_leave_all_of_its_requests_free(tenant: PublishedSimulator) -> None:
    for _ in range(12):
        assert SlotBudget().reserve(Lane.BACKGROUND) == 0
    assert read_for_a_minute(tenant) == SHARE - 12


def test_it_gets_on_beside_a_bulk(tenant: PublishedSimulator) -> None:
    while SlotBudget().reserve(Lane.BULK) == 0:
        pass
    assert read_for_a_minute(tenant) == 10

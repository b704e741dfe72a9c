"""One count of the calls of all campaigns answers for many."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.cxone.budget import Lane
from campaigns.cxone.connect import open_gateway
from campaigns.cxone.gateway import Counts
from campaigns.models import CallsReading, Campaign
from campaigns.operations.runner.calls import CallsCount, keep_count, last_count, recent_count
from campaigns.queueing.request_budget import SlotBudget
from campaigns.simulator import Simulator

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]


def age(seconds: int) -> None:
    CallsReading.objects.update(at=timezone.now() - timedelta(seconds=seconds))


def count_now() -> CallsCount:
    return recent_count(open_gateway(Lane.BULK, SlotBudget()))


def test_full_read_leaves_its_count(campaign: Campaign, cxone: Simulator) -> None:
    before = len(cxone.record.requests())
    assert count_now().calls["spring"] == 7
    assert len(cxone.record.requests()) == before


def test_campaign_without_calls_has_none(campaign: Campaign) -> None:
    assert count_now().calls["autumn"] == 0


@pytest.mark.parametrize(("seconds", "requests"), [(9, 0), (11, 1)])
def test_old_count_is_replaced(campaign: Campaign, cxone: Simulator, seconds: int, requests: int) -> None:
    age(seconds)
    before = len(cxone.record.requests())
    count_now()
    assert len(cxone.record.requests()) - before == requests
    assert last_count()


def test_older_count_replaces_no_newer_one(campaign: Campaign) -> None:
    keep_count(CallsCount(Counts(spring=99), timezone.now() - timedelta(seconds=5)))
    assert CallsReading.objects.get().calls == {"spring": 7}


def test_first_count_makes_the_row(db: None) -> None:
    keep_count(CallsCount(Counts(spring=3), timezone.now()))
    count = last_count()
    assert count
    assert count.calls == {"spring": 3}

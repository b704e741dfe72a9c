"""How far a bulk is: counted by state, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.cxone.budget import Lane
from campaigns.models import RequestSlot
from campaigns.operations.bulk.progress import read_progress
from campaigns.queueing.request_budget import SlotBudget
from campaigns.states import State
from tests.factories import make_bulk, make_campaign, make_operation

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]


def test_unmade_operations_count_as_queued() -> None:
    bulk = make_bulk(make_campaign(), make_campaign(), campaign := make_campaign())
    make_operation(campaign, bulk=bulk, state=State.CONFIRMED)
    progress = read_progress(bulk)
    assert progress.counts == {State.CONFIRMED: 1, State.QUEUED: 2}
    assert (progress.total, progress.begun, progress.ended) == (3, 1, 1)


def test_requests_are_summed() -> None:
    bulk = make_bulk(*(campaigns := [make_campaign(), make_campaign()]), requests=2)
    for campaign in campaigns:
        make_operation(campaign, bulk=bulk, state=State.ACCEPTED, requests=1)
    assert read_progress(bulk).requests == 4


def test_nothing_is_known_before_it_begins() -> None:
    assert read_progress(make_bulk(make_campaign())).seconds_left is None


def test_pace_tells_the_rest() -> None:
    campaigns = [make_campaign() for _ in range(40)]
    bulk = make_bulk(*campaigns, started_at=timezone.now() - timedelta(seconds=20))
    for campaign in campaigns[:20]:
        make_operation(campaign, bulk=bulk, state=State.CONFIRMED)
    assert read_progress(bulk).seconds_left == pytest.approx(20, rel=0.2)


def test_spent_budget_tells_the_rest() -> None:
    SlotBudget(200).reserve(Lane.BULK)
    RequestSlot.objects.filter(number__gt=0).update(free_at=Now() + timedelta(seconds=60))
    assert read_progress(make_bulk(*(make_campaign() for _ in range(31)))).seconds_left == pytest.approx(61 / 5, 0.01)


def test_nothing_is_left_of_a_cancelled_one() -> None:
    bulk = make_bulk(make_campaign(), cancelled_at=timezone.now())
    assert read_progress(bulk).seconds_left == 0


def test_queries_do_not_grow(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    campaigns = [make_campaign() for _ in range(30)]
    bulk = make_bulk(*campaigns)
    for number, campaign in enumerate(campaigns):
        make_operation(campaign, bulk=bulk, state=list(State)[number % 10])
    with django_assert_max_num_queries(4):
        read_progress(bulk)

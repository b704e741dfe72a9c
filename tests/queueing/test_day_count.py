"""How many requests were sent today, beside what CXone says of a day: without asking CXone."""

from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from campaigns.cxone.budget import Lane
from campaigns.cxone.gateway import TenantFacts
from campaigns.models import CXoneTenant, RequestSlot, SyncState
from campaigns.queueing.day_count import RequestsToday, note_tenant, requests_today, zone_problem
from campaigns.queueing.request_budget import GrantedRequests, SlotBudget
from campaigns.queueing.rows import database_now

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]

FACTS = TenantFacts("America/New_York", daily_limit=1000)


def send(requests: int, lane: Lane = Lane.CLICK) -> None:
    budget = SlotBudget(rate=200)
    for _ in range(requests):
        assert budget.reserve(lane) == 0


def test_requests_count_from_the_first_read_of_the_day() -> None:
    send(3)
    assert requests_today() is None
    note_tenant(FACTS, database_now())
    assert requests_today() == RequestsToday(0, 1000)
    send(5)
    assert requests_today() == RequestsToday(5, 1000)
    note_tenant(FACTS, database_now())
    assert requests_today() == RequestsToday(5, 1000)


def test_another_day_begins_at_nothing() -> None:
    note_tenant(FACTS, database_now())
    send(5)
    CXoneTenant.objects.update(counted_day=timezone.now().date() - timedelta(days=1))
    assert requests_today() is None
    note_tenant(FACTS, database_now())
    send(2)
    assert requests_today() == RequestsToday(2, 1000)


def test_what_was_reserved_and_not_sent_does_not_count() -> None:
    note_tenant(FACTS, database_now())
    budget = SlotBudget(rate=200)
    assert budget.reserve_ahead(Lane.CLICK, 4) == 0
    assert budget.reserve(Lane.CLICK) == 0
    budget.give_back()
    granted = GrantedRequests(Lane.BULK)
    assert granted.have_ready(3) == 3
    assert granted.reserve(Lane.BULK) == 0
    granted.settle()
    assert requests_today() == RequestsToday(2, 1000)


@pytest.mark.parametrize(
    ("requests", "limit", "percent", "is_near"),
    [(799, 1000, 79, False), (800, 1000, 80, True), (2000, 1000, 200, True), (9, None, None, False)],
)
def test_four_fifths_are_near(requests: int, limit: int | None, percent: int | None, is_near: bool) -> None:
    today = RequestsToday(requests, limit)
    assert (today.percent, today.is_near) == (percent, is_near)


def test_problem_of_the_zone_is_there_for_pages() -> None:
    before = SyncState.current().version
    note_tenant(TenantFacts("Nowhere Time", "Nobody knows it."), database_now())
    assert (zone_problem(), SyncState.current().version > before) == ("Nobody knows it.", True)
    note_tenant(FACTS, database_now())
    assert zone_problem() == ""


def test_same_facts_are_written_once() -> None:
    at: datetime = database_now()
    note_tenant(FACTS, at)
    CXoneTenant.objects.update(counted_from=F("counted_from") - 7)
    note_tenant(FACTS, at)
    assert requests_today() == RequestsToday(7, 1000)


def test_background_rests_and_nobody_else() -> None:
    send(1, Lane.BACKGROUND)
    SlotBudget(rate=200).rest_background(30)
    assert 0 < SlotBudget(rate=200).reserve(Lane.BACKGROUND) <= 30_000
    assert 0 < SlotBudget(rate=200).reserve_ahead(Lane.BACKGROUND, 5) <= 30_000
    for lane in (Lane.CLICK, Lane.BULK, Lane.EVENTS):
        assert SlotBudget(rate=200).reserve(lane) == 0


def test_rest_is_never_shortened_and_ends() -> None:
    send(1)
    budget = SlotBudget(rate=200)
    budget.rest_background(30)
    budget.rest_background(2)
    assert budget.reserve(Lane.BACKGROUND) > 20_000
    RequestSlot.objects.update(free_at=database_now() - timedelta(seconds=1))
    assert budget.reserve(Lane.BACKGROUND) == 0


def test_threads_of_a_bulk_have_background_rest_when_they_settle() -> None:
    granted = GrantedRequests(Lane.BULK)
    granted.have_ready(1)
    granted.rest_background(30)
    assert SlotBudget().reserve(Lane.BACKGROUND) == 0
    granted.settle()
    assert SlotBudget().reserve(Lane.BACKGROUND) > 0

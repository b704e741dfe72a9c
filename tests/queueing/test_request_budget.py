"""The budget's rows: no 60 s ever sees more than the rate, and no lane starves another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.cxone.budget import Lane, lane_range
from campaigns.models import RequestSlot
from campaigns.queueing import request_budget
from campaigns.queueing.request_budget import GrantedRequests, SlotBudget

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def take_all(lane: Lane, rate: int = 20) -> int:
    budget, granted = SlotBudget(rate), 0
    while budget.reserve(lane) == 0:
        granted += 1
    return granted


@pytest.mark.parametrize(
    ("lane", "granted"),
    [(Lane.BACKGROUND, 10), (Lane.LONG_READ, 8), (Lane.EVENTS, 4), (Lane.BULK, 16), (Lane.CLICK, 20)],
)
def test_lane_grants_its_share(lane: Lane, granted: int) -> None:
    assert take_all(lane) == granted


def test_spent_lane_tells_the_wait() -> None:
    take_all(Lane.BACKGROUND)
    assert 59_000 < SlotBudget(20).reserve(Lane.BACKGROUND) <= 61_000


def test_click_passes_a_bulk() -> None:
    take_all(Lane.BULK)
    assert SlotBudget(20).reserve(Lane.CLICK) == 0


def test_reads_pass_a_bulk() -> None:
    take_all(Lane.BULK)
    assert SlotBudget(20).reserve(Lane.BACKGROUND) == 0


def test_reads_and_clicks_pass_events() -> None:
    take_all(Lane.EVENTS)
    assert take_all(Lane.BACKGROUND) == 10
    assert take_all(Lane.CLICK) == 6


def test_background_reads_and_clicks_pass_a_long_read() -> None:
    take_all(Lane.LONG_READ)
    assert take_all(Lane.BACKGROUND) == 2
    assert take_all(Lane.CLICK) == 10


def test_clicks_spare_the_slots_of_reads() -> None:
    budget = SlotBudget(20)
    for lane in [Lane.BACKGROUND] + [Lane.CLICK] * 10:
        budget.reserve(lane)
    assert take_all(Lane.BACKGROUND) == 9


def test_raised_rate_is_granted() -> None:
    take_all(Lane.CLICK, rate=20)
    assert take_all(Lane.CLICK, rate=25) == 5


def test_wait_for_several_is_known() -> None:
    budget = SlotBudget(20)
    take_all(Lane.BACKGROUND)
    RequestSlot.objects.filter(number__in=range(1, 4)).update(free_at=Now())
    RequestSlot.objects.filter(number=4).update(free_at=Now() + timedelta(seconds=9))
    assert budget.wait_for(Lane.BACKGROUND, 3) == 0
    assert 8_000 < budget.wait_for(Lane.BACKGROUND, 4) <= 9_000
    assert 59_000 < budget.wait_for(Lane.BACKGROUND, 99) <= 61_000


def test_unused_lane_has_room() -> None:
    assert SlotBudget(20).wait_for(Lane.BACKGROUND, 10) == 0


def test_slot_rests_then_serves_again() -> None:
    take_all(Lane.CLICK)
    RequestSlot.objects.filter(number=3).update(free_at=Now())
    assert SlotBudget(20).reserve(Lane.CLICK) == 0
    assert SlotBudget(20).reserve(Lane.CLICK) > 0


def test_retry_after_closes_every_lane() -> None:
    SlotBudget(20).close(30)
    assert all(29_000 < SlotBudget(20).reserve(lane) <= 30_000 for lane in Lane)


def test_shorter_closing_opens_nothing() -> None:
    SlotBudget(20).close(30)
    SlotBudget(20).close(1)
    assert SlotBudget(20).reserve(Lane.CLICK) > 29_000


def test_gate_opens_by_itself() -> None:
    SlotBudget(20).close(30)
    RequestSlot.objects.filter(number=0).update(free_at=Now() - timedelta(seconds=1))
    assert SlotBudget(20).reserve(Lane.CLICK) == 0


def test_requests_reserved_ahead_are_for_this_budget_alone() -> None:
    budget = SlotBudget(20)
    assert budget.reserve_ahead(Lane.CLICK, 3) == 0
    assert take_all(Lane.CLICK) == 17
    assert [budget.reserve(Lane.CLICK) == 0 for _ in range(4)] == [True, True, True, False]


def test_fewer_than_wanted_are_not_reserved() -> None:
    take_all(Lane.CLICK)
    RequestSlot.objects.filter(number__in=[4, 5]).update(free_at=Now())
    assert 59_000 < SlotBudget(20).reserve_ahead(Lane.CLICK, 3) <= 61_000
    assert take_all(Lane.CLICK) == 2


def test_unused_requests_are_given_back() -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 3)
    budget.reserve(Lane.CLICK)
    budget.give_back()
    assert take_all(Lane.CLICK) == 19


def test_further_requests_are_reserved_if_they_are_free() -> None:
    take_all(Lane.CLICK)
    RequestSlot.objects.filter(number__in=[4, 5]).update(free_at=Now())
    budget = SlotBudget(20)
    assert budget.reserve_ahead(Lane.CLICK, 1, further=2) == 0
    assert [budget.reserve(Lane.CLICK) == 0 for _ in range(3)] == [True, True, False]


def test_requests_are_reserved_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    take_all(Lane.CLICK)
    RequestSlot.objects.filter(number__lte=9).update(free_at=Now() - timedelta(seconds=1))
    budget = SlotBudget(20)
    with django_assert_num_queries(1):
        assert budget.reserve_ahead(Lane.CLICK, 3) == 0
        assert [budget.reserve(Lane.CLICK) for _ in range(3)] == [0, 0, 0]
    with django_assert_num_queries(1):
        assert budget.reserve(Lane.CLICK) == 0


@pytest.fixture
def four_seconds_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(request_budget, "monotonic", lambda: monotonic() + 4)


def test_requests_reserved_ahead_rest_for_as_long_as_they_last() -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 1)
    budget.reserve(Lane.CLICK)
    assert seconds_to_rest(20) == pytest.approx(64, abs=2)


def test_request_reserved_long_ago_rests_from_its_use_on(four_seconds_later: Callable[[], None]) -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 1)
    four_seconds_later()
    half_a_minute_ago = budget._ahead_until = budget._ahead_until - timedelta(seconds=30)
    RequestSlot.objects.filter(number=20).update(free_at=half_a_minute_ago)
    budget.reserve(Lane.CLICK)
    assert RequestSlot.objects.get(number=20).free_at > half_a_minute_ago + timedelta(seconds=20)


def test_reserved_request_that_another_took_since_is_not_used(four_seconds_later: Callable[[], None]) -> None:
    """Whoever works for longer than a slot rests finds it taken."""
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 1)
    four_seconds_later()
    RequestSlot.objects.filter(number=20).update(free_at=Now())
    assert take_all(Lane.CLICK) == 20
    assert budget.reserve(Lane.CLICK) > 0


def test_closing_holds_for_what_is_reserved() -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 1)
    budget.close(30)
    assert budget.reserve(Lane.CLICK) > 29_000
    assert SlotBudget(20).reserve_ahead(Lane.CLICK, 1) > 29_000


def test_closing_that_another_told_of_holds_for_what_is_reserved() -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 1)
    SlotBudget(20).close(30)
    budget.note_closing()
    assert budget.reserve(Lane.CLICK) > 29_000


def test_request_reserved_ahead_is_lent_to_a_thread(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 2)
    with django_assert_num_queries(0):
        lent = budget.lend(Lane.CLICK)
        assert [lent.reserve(Lane.CLICK) == 0 for _ in range(2)] == [True, False]
        assert budget.reserve(Lane.CLICK) == 0
    assert take_all(Lane.CLICK) == 18


def test_lent_request_that_was_not_used_is_given_back() -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 1)
    budget.lend(Lane.CLICK).settle()
    assert take_all(Lane.CLICK) == 20


@pytest.mark.django_db(transaction=True)
def test_eight_threads_share_one_budget() -> None:
    def grab(_: int) -> int:
        try:
            return sum(SlotBudget(30).reserve(Lane.CLICK) == 0 for _ in range(10))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(grab, range(8))) == 30


def free_in(lane: Lane) -> int:
    numbers = lane_range(lane, 200)
    return RequestSlot.objects.filter(number__range=(numbers[0], numbers[-1]), free_at__lte=Now()).count()


@pytest.fixture
def all_free() -> None:
    """All slots of a minute exist, and are free."""
    SlotBudget(200).reserve(Lane.CLICK)
    RequestSlot.objects.update(free_at=Now())


@pytest.mark.usefixtures("all_free")
def test_granted_requests_need_no_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    granted = GrantedRequests(Lane.BULK)
    assert granted.have_ready(3) == 3
    with django_assert_num_queries(0):
        assert [granted.reserve(Lane.BULK) for _ in range(3)] == [0, 0, 0]


@pytest.mark.usefixtures("all_free")
def test_unused_grants_are_given_back() -> None:
    granted = GrantedRequests(Lane.BULK)
    granted.have_ready(3)
    granted.reserve(Lane.BULK)
    assert free_in(Lane.BULK) < 154
    granted.settle()
    assert free_in(Lane.BULK) == 154


@pytest.mark.usefixtures("all_free")
def test_only_what_is_free_is_granted() -> None:
    RequestSlot.objects.filter(number__gt=38).update(free_at=Now() + timedelta(seconds=30))
    granted = GrantedRequests(Lane.BULK)
    assert granted.have_ready(10) == 3
    assert granted.milliseconds_to_wait(10) > 29_000
    assert [granted.reserve(Lane.BULK) > 0 for _ in range(4)] == [False, False, False, True]


@pytest.mark.usefixtures("all_free")
def test_old_grants_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    granted = GrantedRequests(Lane.BULK)
    granted.have_ready(1)
    monkeypatch.setattr(request_budget, "monotonic", lambda: monotonic() + 4)
    assert granted.reserve(Lane.BULK) > 0


@pytest.mark.usefixtures("all_free")
def test_grants_rest_for_as_long_as_they_last() -> None:
    granted = GrantedRequests(Lane.BULK)
    granted.have_ready(1)
    granted.reserve(Lane.BULK)
    granted.settle()
    resting = RequestSlot.objects.filter(free_at__gt=Now() + timedelta(seconds=63)).count()
    assert resting == 1


@pytest.mark.usefixtures("all_free")
def test_grants_that_another_took_since_are_not_given_back() -> None:
    """A process that was stopped for longer than they rest finds them taken."""
    stopped, other = GrantedRequests(Lane.BULK), GrantedRequests(Lane.BULK)
    stopped.have_ready(1)
    a_minute_ago = stopped._granted_until = timezone.now() - timedelta(minutes=1)
    RequestSlot.objects.filter(free_at__gt=Now()).update(free_at=a_minute_ago)
    other.have_ready(155)
    stopped.settle()
    assert free_in(Lane.BULK) == 0


@pytest.mark.usefixtures("all_free")
def test_closing_that_a_thread_noted_holds_for_all_grants() -> None:
    granted = GrantedRequests(Lane.BULK)
    granted.have_ready(2)
    granted.close(30)
    assert granted.reserve(Lane.BULK) > 0
    assert granted.have_ready(2) == 0


@pytest.mark.usefixtures("all_free")
def test_closing_is_noted_by_threads_and_settled_later() -> None:
    granted = GrantedRequests(Lane.BULK)
    granted.close(30)
    assert granted.milliseconds_closed() == 0
    granted.settle()
    assert granted.milliseconds_closed() > 29_000
    assert granted.have_ready(1) == 0


def seconds_to_rest(number: int) -> float:
    slot = RequestSlot.objects.annotate(now=Now()).get(pk=number)
    return (slot.free_at - slot.now).total_seconds()


def test_slow_request_rests_from_its_end() -> None:
    budget = SlotBudget(20)
    budget.reserve(Lane.CLICK)
    RequestSlot.objects.filter(pk=20).update(free_at=Now() + timedelta(seconds=31))
    budget.prolong()
    assert seconds_to_rest(20) == pytest.approx(61, abs=2)


def test_unanswered_request_rests_for_as_long_as_it_may_be_queued() -> None:
    budget = SlotBudget(20)
    budget.reserve(Lane.CLICK)
    budget.prolong(30)
    assert seconds_to_rest(20) == pytest.approx(91, abs=2)


def test_slow_request_reserved_ahead_rests_from_its_end() -> None:
    budget = SlotBudget(20)
    budget.reserve_ahead(Lane.CLICK, 2)
    budget.reserve(Lane.CLICK)
    RequestSlot.objects.filter(number__gt=0).update(free_at=Now())
    budget.prolong()
    assert sorted(round(seconds_to_rest(number)) for number in (19, 20)) == [0, 61]


def test_slow_request_of_many_rests_from_the_settling_on() -> None:
    granted = GrantedRequests(Lane.BULK)
    granted.have_ready(1)
    granted.reserve(Lane.BULK)
    granted.prolong()
    used = RequestSlot.objects.filter(number__gt=0, free_at__gt=Now()).exclude(number__in=granted._granted)
    used.update(free_at=Now() + timedelta(seconds=1))
    granted.settle()
    rests = [
        seconds_to_rest(number)
        for number in RequestSlot.objects.filter(free_at__gt=Now()).values_list("pk", flat=True)
    ]
    assert rests == [pytest.approx(61, abs=2)]


def test_database_that_fails_loses_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = SlotBudget(20)
    budget.reserve(Lane.CLICK)

    def fail(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr("django.db.models.query.QuerySet.update", fail)
    budget.prolong()

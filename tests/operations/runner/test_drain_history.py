"""How long a campaign's calls usually take to end after a pause, from its own earlier drains."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis.strategies import floats, lists

from campaigns.models import Campaign, Drain
from campaigns.operations.runner.drain_history import (
    LEAST,
    NEWEST,
    NO_HISTORY,
    UsualDrain,
    summarize_drains,
    usual_drains,
)
from campaigns.simulator import Simulator
from tests.factories import make_campaign, make_drain, make_operation
from tests.worker import ask_pause, run

pytestmark = pytest.mark.data_layer

HISTORIES = lists(floats(0, 900), min_size=LEAST, max_size=NEWEST)


def drained(campaign: Campaign, seconds: float, *, days_ago: int = 1, **values: Any) -> Drain:
    """An earlier drain of that campaign, which took so long."""
    began = timezone.now() - timedelta(days=days_ago)
    ended: dict[str, Any] = {"ended_at": began + timedelta(seconds=seconds), "end": "empty", "calls_at_end": 0}
    return make_drain(make_operation(campaign, state="CONFIRMED"), 9, started_at=began, **ended | values)


@pytest.fixture
def earlier(campaign: Campaign) -> Campaign:
    for seconds in (60, 120, 240):
        drained(campaign, seconds)
    return campaign


def test_median_and_nine_in_ten() -> None:
    assert summarize_drains([*range(10, 101, 10)]) == UsualDrain(55, 90)


def test_too_few_are_no_history() -> None:
    assert summarize_drains([60, 120]) == NO_HISTORY
    assert summarize_drains([60, 120, 240]) == UsualDrain(120, 240)


@given(seconds=HISTORIES)
def test_claims_hold_for_the_history_itself(seconds: list[float]) -> None:
    usual = summarize_drains(seconds)
    assert usual.median_seconds is not None
    assert usual.p90_seconds is not None
    assert sum(each <= usual.median_seconds for each in seconds) >= len(seconds) / 2
    assert sum(each <= usual.p90_seconds for each in seconds) >= len(seconds) * 0.9


@given(seconds=HISTORIES)
def test_nine_in_ten_is_one_of_the_drains(seconds: list[float]) -> None:
    usual = summarize_drains(seconds)
    assert usual.median_seconds is not None
    assert usual.p90_seconds is not None
    assert usual.median_seconds <= usual.p90_seconds <= max(seconds)
    assert usual.p90_seconds in seconds


@given(seconds=HISTORIES)
def test_order_does_not_matter(seconds: list[float]) -> None:
    assert summarize_drains(seconds) == summarize_drains(sorted(seconds))


@pytest.mark.django_db
def test_newest_fifty_count() -> None:
    campaign = make_campaign()
    for number in range(NEWEST):
        drained(campaign, 10, days_ago=number + 1)
    for number in range(NEWEST):
        drained(campaign, 800, days_ago=100 + number)
    assert usual_drains([campaign.pk]) == {campaign.pk: UsualDrain(10, 10)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values", [{"end": "deadline", "calls_at_end": 2}, {"end": "resumed"}, {"calls_at_start": 0}], ids=str
)
def test_drain_without_a_last_call_does_not_count(values: dict[str, Any]) -> None:
    campaign = make_campaign()
    drained(campaign, 60)
    drained(campaign, 60)
    Drain.objects.filter(pk=drained(campaign, 60).pk).update(**values)
    assert usual_drains([campaign.pk]).get(campaign.pk, NO_HISTORY) == NO_HISTORY


@pytest.mark.django_db
def test_other_campaigns_do_not_count(django_assert_num_queries: Any) -> None:
    for _ in range(LEAST):
        drained(make_campaign(), 60)
    campaign = make_campaign()
    with django_assert_num_queries(1):
        assert usual_drains([campaign.pk]).get(campaign.pk, NO_HISTORY) == NO_HISTORY


def test_drain_begins_with_what_is_usual(earlier: Campaign) -> None:
    drain = Drain.objects.get(operation=run(ask_pause(earlier)))
    assert (drain.expected_median_seconds, drain.expected_p90_seconds) == (120, 240)


def test_first_drain_expects_nothing(campaign: Campaign) -> None:
    drain = Drain.objects.get(operation=run(ask_pause(campaign)))
    assert (drain.expected_median_seconds, drain.expected_p90_seconds) == (None, None)


def test_pause_without_calls_expects_nothing(earlier: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", calls=0)
    drain = Drain.objects.get(operation=run(ask_pause(earlier)))
    assert (drain.calls_at_start, drain.expected_median_seconds) == (0, None)

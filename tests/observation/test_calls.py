"""Calls in progress over time: a sample a minute, packed small, kept for as long as the setting says."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from campaigns.models import CallsMinute, Campaign
from campaigns.observation.calls import BLOCK, calls_between, delete_old, keep_sample, pack, unpack
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.factories import make_campaign

pytestmark = pytest.mark.data_layer

NOON = datetime.fromisoformat("2026-11-27T12:00:30+00:00")
MINUTE = timedelta(minutes=1)


def read(
    *campaigns: Campaign, since: datetime = NOON - MINUTE, until: datetime = NOON + 5 * MINUTE
) -> list[list[int]]:
    found = calls_between(campaigns, since, until)
    return [[calls for _, calls in found[campaign.pk]] for campaign in campaigns]


def test_full_read_keeps_a_sample(campaign: Campaign) -> None:
    now = timezone.now()
    assert read(campaign, since=now - MINUTE, until=now + MINUTE) == [[7]]


def test_first_count_of_a_minute_is_kept(db: None) -> None:
    one = make_campaign()
    keep_sample({one.pk: 5}, NOON)
    keep_sample({one.pk: 9}, NOON + timedelta(seconds=20))
    keep_sample({one.pk: 7}, NOON + MINUTE)
    assert read(one) == [[5, 7]]


def test_whoever_has_no_calls_is_counted_with_none(db: None) -> None:
    quiet, busy = make_campaign(), make_campaign()
    keep_sample({busy.pk: 3}, NOON)
    assert read(quiet, busy) == [[0], [3]]


def test_before_its_first_sample_nothing_is_known_of_a_campaign(db: None) -> None:
    old = make_campaign()
    keep_sample({old.pk: 1}, NOON)
    new = make_campaign()
    keep_sample({old.pk: 2, new.pk: 4}, NOON + MINUTE)
    assert read(old, new) == [[1, 2], [4]]


def test_campaigns_of_several_blocks(db: None) -> None:
    campaigns = [make_campaign() for _ in range(BLOCK + 3)]
    keep_sample({campaign.pk: number for number, campaign in enumerate(campaigns)}, NOON)
    assert read(*campaigns) == [[number] for number in range(BLOCK + 3)]
    assert CallsMinute.objects.count() == 2


def test_sample_is_a_few_statements(db: None, django_assert_max_num_queries: object) -> None:
    campaigns = [make_campaign() for _ in range(3)]
    keep_sample({campaigns[0].pk: 1}, NOON)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        keep_sample({campaigns[0].pk: 1}, NOON + MINUTE)


def test_old_samples_are_deleted(db: None, settings: Settings) -> None:
    settings.CALLS_HISTORY_DAYS = 31
    one, now = make_campaign(), timezone.now()
    keep_sample({one.pk: 1}, now - timedelta(days=31, minutes=2))
    keep_sample({one.pk: 2}, now - timedelta(days=30))
    assert delete_old() == 1
    assert read(one, since=now - timedelta(days=40), until=now) == [[2]]


def test_two_reads_at_once_keep_one(campaign: Campaign, cxone: Simulator) -> None:
    full_read.read_all_campaigns()
    full_read.read_all_campaigns()
    assert CallsMinute.objects.count() <= 2


@given(st.dictionaries(st.integers(1, 700), st.integers(0, 70_000), min_size=1))
def test_packing_loses_nothing_up_to_65535(calls: dict[int, int]) -> None:
    numbers = {str(number): number for number in calls}
    blocks = {block: unpack(counts) for block, counts in pack({str(n): c for n, c in calls.items()}, numbers)}
    assert {n: blocks[n // BLOCK][n % BLOCK] for n in calls} == {n: min(c, 65_535) for n, c in calls.items()}

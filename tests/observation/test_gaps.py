"""Time in which CXone was not read is noted as such: nobody knows what happened then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, ReadingGap, SyncState
from campaigns.observation.gaps import gaps_between
from campaigns.sync import full_read

pytestmark = pytest.mark.data_layer


def test_long_silence_is_a_gap(campaign: Campaign) -> None:
    last = timezone.now() - timedelta(minutes=5)
    SyncState.objects.update(last_good_at=last)
    full_read.read_all_campaigns()
    assert [gap.since for gap in ReadingGap.objects.all()] == [last]


def test_one_missed_read_is_none(campaign: Campaign) -> None:
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(seconds=40), interval_seconds=15)
    full_read.read_all_campaigns()
    assert not ReadingGap.objects.exists()


def test_gap_that_lasts_is_among_them(campaign: Campaign) -> None:
    now = timezone.now()
    last = now - timedelta(minutes=5)
    SyncState.objects.update(last_good_at=last)
    assert gaps_between(now - timedelta(hours=1), now, now) == [(last, now)]


def test_gaps_elsewhere_in_time_are_not(campaign: Campaign) -> None:
    now = timezone.now()
    ReadingGap.objects.create(since=now - timedelta(hours=9), until=now - timedelta(hours=8))
    assert gaps_between(now - timedelta(hours=1), now, now) == []

"""A change of a campaign is a row, written with the change itself: what it was, what it is, and who did it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, CampaignChange, SyncState
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.factories import SCHEDULE
from tests.worker import ask_pause, ask_resume, run

pytestmark = pytest.mark.data_layer


def changes(what: str = "") -> list[CampaignChange]:
    """Oldest first."""
    found = CampaignChange.objects.order_by("pk").select_related("operation")
    return list(found.filter(what=what) if what else found)


def test_change_in_cxone(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    (change,) = changes("status")
    assert (change.before, change.after, change.operation) == ("ACTIVE", "PAUSED", None)


def test_it_happened_after_the_last_read_that_showed_it_otherwise(campaign: Campaign, cxone: Simulator) -> None:
    last = timezone.now() - timedelta(minutes=7)
    SyncState.objects.update(last_good_at=last)
    Campaign.objects.update(read_at=last - timedelta(hours=1))
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    (change,) = changes("status")
    assert change.happened_after == last
    assert change.seen_at > last


def test_change_of_hours_and_name(campaign: Campaign, cxone: Simulator) -> None:
    schedule = SCHEDULE | {"timezone": "America/Chicago"}
    cxone.change("spring", schedule=schedule)
    Campaign.objects.update(name="Before")
    full_read.read_all_campaigns()
    (renamed,), (moved,) = changes("name"), changes("schedule")
    assert (renamed.before, renamed.after) == ("Before", "Spring renewal")
    assert moved.after == schedule


def test_own_pause_explains_it(campaign: Campaign) -> None:
    operation = run(ask_pause(campaign))
    (change,) = changes("status")
    assert (change.before, change.after, change.operation) == ("ACTIVE", "PAUSED", operation)
    assert change.happened_after == operation.accepted_at


def test_each_change_is_one_row(campaign: Campaign) -> None:
    run(ask_pause(campaign))
    run(ask_resume(Campaign.objects.get()))
    full_read.read_all_campaigns()
    assert [(change.before, change.after) for change in changes("status")] == [
        ("ACTIVE", "PAUSED"),
        ("PAUSED", "ACTIVE"),
    ]


def test_first_sight(campaign: Campaign) -> None:
    (change,) = changes()
    assert (change.what, change.happened_after) == ("appeared", None)
    assert change.after == {"status": "ACTIVE", "name": "Spring renewal", "schedule": campaign.schedule}


def test_left_and_came_back(campaign: Campaign, cxone: Simulator) -> None:
    cxone.remove("spring")
    full_read.read_all_campaigns()
    cxone.add(id="spring", name="Spring renewal")
    full_read.read_all_campaigns()
    assert [change.what for change in changes()] == ["appeared", "gone", "appeared"]


def test_nothing_new_is_no_row(campaign: Campaign) -> None:
    full_read.read_all_campaigns()
    assert len(changes()) == 1

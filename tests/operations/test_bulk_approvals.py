"""A bulk of resumes waits for a second person as one; campaigns that were paused meanwhile are left out."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from campaigns.errors import ApprovalOutdated
from campaigns.models import Bulk, Campaign, Operation, OperationKind
from campaigns.queueing.rows import database_now
from campaigns.states import State
from tests.bulks import ask_bulk
from tests.factories import make_campaign, make_operation
from tests.operations.two_people import approve, want_two

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

HOUR = timedelta(hours=1)


@pytest.fixture
def spring(enqueued: list[tuple[str, ...]]) -> Campaign:
    return make_campaign("spring", status="PAUSED")


@pytest.fixture
def waiting(spring: Campaign) -> Bulk:
    """Asked for an hour ago."""
    want_two()
    bulk = ask_bulk([spring, make_campaign("autumn", status="PAUSED")], OperationKind.RESUME)
    Bulk.objects.update(requested_at=Now() - HOUR)
    bulk.refresh_from_db()
    return bulk


def pause(campaign: Campaign, state: State, **values: Any) -> Operation:
    return make_operation(campaign, kind=OperationKind.PAUSE, state=state, **values)


def campaigns_after_the_click(bulk: Bulk) -> list[str]:
    with pytest.raises(ApprovalOutdated, match="paused since"):
        approve(bulk)
    bulk.refresh_from_db()
    return list(bulk.campaign_ids)


def test_campaign_that_was_paused_since_is_left_out(waiting: Bulk, spring: Campaign) -> None:
    pause(spring, State.CONFIRMED, requested_at=database_now())
    assert campaigns_after_the_click(waiting) == ["autumn"]
    approve(waiting)
    assert not waiting.pending


def test_pause_of_before_for_a_time_that_has_come_since_counts(waiting: Bulk, spring: Campaign) -> None:
    now = database_now()
    pause(spring, State.CONFIRMED, requested_at=now - 2 * HOUR, not_before=now - HOUR / 2)
    assert campaigns_after_the_click(waiting) == ["autumn"]


@pytest.mark.parametrize("state", [State.SCHEDULED, State.CANCELLED])
def test_pause_for_a_time_that_has_paused_nothing_leaves_it_in(waiting: Bulk, spring: Campaign, state: State) -> None:
    now = database_now()
    pause(spring, state, requested_at=now, not_before=now + HOUR)
    approve(waiting)
    assert waiting.campaign_ids == ["spring", "autumn"]
    assert not waiting.pending


def test_pause_of_another_campaign_leaves_it_as_it_is(waiting: Bulk) -> None:
    pause(make_campaign("winter"), State.CONFIRMED, requested_at=database_now())
    approve(waiting)
    assert not waiting.pending

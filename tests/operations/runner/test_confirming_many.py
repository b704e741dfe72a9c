"""A full read after a bulk confirms hundreds in a few transactions, each as if it were the only one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from audit.integrity.chain_walk import verify_chain
from audit.models import Record
from campaigns.cxone.gateway import CampaignState
from campaigns.models import Campaign, Control, Delivery, Drain, DrainSample, Operation, OperationKind
from campaigns.operations.runner.confirmation import confirm_accepted
from campaigns.states import State
from tests.factories import make_attempt, make_campaign, make_operation

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]


def make_accepted(number: int, **values: Any) -> list[Operation]:
    return [_accepted(f"c{each:03}", **values) for each in range(number)]


def _accepted(campaign_id: str, **values: Any) -> Operation:
    now = timezone.now()
    campaign = make_campaign(campaign_id, read_at=now - timedelta(seconds=9))
    times = {"sent_at": now, "accepted_at": now, "confirm_by": now + timedelta(seconds=90), "calls_before": 4}
    operation = make_operation(campaign, **{"state": State.ACCEPTED, **times, **values})
    make_attempt(operation)
    return operation


def read(status: str = "PAUSED") -> None:
    """What a full read that begins now shows."""
    states = {each.pk: CampaignState(each.pk, each.name, status, each.schedule) for each in Campaign.objects.all()}
    confirm_accepted(states, timezone.now())


def test_each_is_confirmed_with_all_that_belongs_to_it() -> None:
    make_accepted(3)
    read()
    for operation in Operation.objects.all():
        assert (operation.state, operation.lease_until) == (State.CONFIRMED, None)
        assert operation.campaign.explained_by == operation
        assert (operation.campaign.status, operation.campaign.control) == ("PAUSED", Control.PERSON)
        assert operation.campaign.status_since == operation.accepted_at
        assert (operation.drain.calls_at_start, operation.drain.samples.get().calls) == (4, 4)
        assert Record.objects.get(operation=operation.pk).details["state"] == "CONFIRMED"
    assert verify_chain().ok


def test_resumes_start_no_drain() -> None:
    make_accepted(2, kind=OperationKind.RESUME)
    read("ACTIVE")
    assert Operation.objects.filter(state=State.CONFIRMED).count() == 2
    assert not Drain.objects.exists()
    assert not DrainSample.objects.exists()


def test_what_is_not_as_asked_waits_on() -> None:
    make_accepted(2)
    read("ACTIVE")
    assert Operation.objects.filter(state=State.ACCEPTED).count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"lease_until": timezone.now() + timedelta(hours=1)},
        {"accepted_at": timezone.now() + timedelta(hours=1)},
        {"state": State.WAITING},
        {"not_before": timezone.now() + timedelta(hours=1)},
    ],
    ids=["held", "accepted after the read began", "of unknown outcome", "for a later time"],
)
def test_all_others_are_left_to_whoever_decides(values: dict[str, object]) -> None:
    make_accepted(1, **values)
    read()
    assert not Operation.objects.filter(state=State.CONFIRMED).exists()


def test_later_read_of_a_campaign_stays() -> None:
    make_accepted(1)
    later = timezone.now() + timedelta(minutes=1)
    Campaign.objects.update(read_at=later, status="ACTIVE")
    read()
    assert Operation.objects.get().state == State.CONFIRMED
    assert Campaign.objects.get().status == "ACTIVE"


def test_fence_keeps_an_overtaken_worker_out() -> None:
    (operation,) = make_accepted(1)
    read()
    assert Operation.objects.filter(fence=operation.fence + 1).exists()
    assert not Operation.objects.filter(fence=F("fence") + 1).exists()


def test_wfm_system_hears_of_each(settings: Settings, enqueued: list[tuple[str, ...]]) -> None:
    settings.WFM_WEBHOOK_URL = "https://wfm.test/"
    make_accepted(3)
    read()
    assert sorted(Delivery.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_statements_hardly_grow() -> None:
    make_accepted(40)
    with CaptureQueriesContext(connection) as queries:
        read()
    assert Operation.objects.filter(state=State.CONFIRMED).count() == 40
    assert len(queries) <= 30

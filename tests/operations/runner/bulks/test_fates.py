"""What becomes of one operation of a bulk, told from its rows alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.cxone.gateway import Counts
from campaigns.models import Campaign, Operation, OperationKind, Policy
from campaigns.operations.runner.bulks.fate import READ_FIRST, SEND, Situation, find_fate
from campaigns.operations.runner.calls import CallsCount
from campaigns.states import State
from tests.factories import make_campaign, make_operation

pytestmark = pytest.mark.django_db
PAUSE, RESUME = OperationKind.PAUSE, OperationKind.RESUME


def situation(calls: int = 3, **values: Any) -> Situation:
    now = timezone.now()
    counts = Counts(dict.fromkeys(Campaign.objects.values_list("pk", flat=True), calls))
    given: dict[str, Any] = {"policy": Policy.current(), "at": now, "is_fresh": True, "count": CallsCount(counts, now)}
    return Situation(**given | values)


def operation(kind: OperationKind, **campaign: Any) -> Operation:
    return make_operation(make_campaign(**campaign), kind=kind)


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        (PAUSE, "ACTIVE", State.RUNNING),
        (PAUSE, "MYSTERY", State.RUNNING),
        (PAUSE, "paused", State.SKIPPED),
        (PAUSE, "COMPLETE", State.SKIPPED),
        (RESUME, "PAUSED", State.RUNNING),
        (RESUME, "active", State.SKIPPED),
        (RESUME, "MYSTERY", State.REJECTED),
        (RESUME, "COMPLETE", State.REJECTED),
    ],
)
def test_status_decides(kind: OperationKind, status: str, state: State) -> None:
    asked = operation(kind, status=status)
    assert find_fate(asked, situation()).state == state


@pytest.mark.parametrize(("kind", "status"), [(PAUSE, "PAUSED"), (PAUSE, "COMPLETE"), (RESUME, "ACTIVE")])
def test_old_list_leaves_nothing_out(kind: OperationKind, status: str) -> None:
    asked = operation(kind, status=status)
    assert find_fate(asked, situation(is_fresh=False)) == READ_FIRST


def test_campaign_that_may_dial_again_is_read_first() -> None:
    asked = operation(PAUSE, status="PAUSED")
    assert find_fate(asked, situation(unsettled={asked.campaign_id})) == READ_FIRST


def test_old_list_is_good_enough_to_send() -> None:
    asked = operation(PAUSE)
    assert find_fate(asked, situation(is_fresh=False)) == SEND


@pytest.mark.parametrize(
    ("calls", "override", "check", "state"),
    [
        (50, False, "PASSED", State.RUNNING),
        (51, False, "REJECTED", State.REJECTED),
        (51, True, "OVERRIDDEN", State.RUNNING),
    ],
)
def test_calls_decide(calls: int, override: bool, check: str, state: State) -> None:
    asked = operation(PAUSE)
    asked.override = override
    given = situation(calls)
    assert find_fate(asked, given).state == state
    assert (asked.compliance_check, asked.calls_before, asked.calls_limit) == (check, calls, 50)
    assert given.count
    assert asked.checked_at == given.count.at


def test_gone_campaigns_are_rejected() -> None:
    asked = operation(PAUSE, gone_at=timezone.now() - timedelta(hours=1))
    assert find_fate(asked, situation()).state == State.REJECTED


def test_one_that_takes_anothers_place_is_read_first() -> None:
    asked = operation(PAUSE, status="PAUSED")
    asked.outranks = make_operation(kind=RESUME, state=State.ACCEPTED)
    assert find_fate(asked, situation()) == READ_FIRST


@pytest.mark.parametrize(("stands", "state"), [(True, State.RUNNING), (False, State.CANCELLED)])
def test_exact_resume_depends_on_its_pause(stands: bool, state: State) -> None:
    asked = operation(RESUME, status="PAUSED")
    asked.undoes = make_operation(asked.campaign, state=State.CONFIRMED)
    standing = {asked.undoes.pk} if stands else set()
    assert find_fate(asked, situation(standing=standing)).state == state

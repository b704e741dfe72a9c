"""Two people at once, and a decision beside a pause or the lapse: one is first, and the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from audit.models import Record
from campaigns.errors import OperationRefusal
from campaigns.models import Approval, Campaign, Operation, OperationKind
from campaigns.operations import approvals
from campaigns.states import State
from tests.factories import make_campaign
from tests.operations.two_people import approval_of, want_two
from tests.worker import PATIENCE_SECONDS, ask_pause, ask_resume

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data_layer]


@pytest.fixture
def resume(enqueued: list[tuple[str, ...]]) -> Operation:
    want_two()
    return ask_resume(make_campaign("spring", status="PAUSED"))


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """The codes of those that were refused."""
    barrier = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> str:
        try:
            barrier.wait(PATIENCE_SECONDS)
            deed()
        except OperationRefusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(filter(None, pool.map(do, deeds)))


def approval_by(name: str, resume: Operation) -> Callable[[], object]:
    approval = approval_of(resume)
    return lambda: approvals.approve(approval=approval, by=name, seen=approval.digest)


def test_one_of_two_approvers_is_first(resume: Operation) -> None:
    assert at_once(approval_by("Bea", resume), approval_by("Cid", resume)) == ["too_late"]
    assert Record.objects.filter(kind="approval.given").count() == 1


def test_approval_and_refusal_are_one_decision(resume: Operation) -> None:
    approval = approval_of(resume)
    refusal = lambda: approvals.refuse(approval=approval, by="Cid", reason="too early")  # noqa: E731
    assert at_once(approval_by("Bea", resume), refusal) == ["too_late"]


def test_pause_wins_over_an_approval_whoever_is_first(resume: Operation) -> None:
    campaign = Campaign.objects.get(pk="spring")
    at_once(approval_by("Bea", resume), lambda: ask_pause(campaign))
    resume.refresh_from_db()
    assert resume.state == State.CANCELLED
    assert Operation.objects.get(kind=OperationKind.PAUSE).state == State.QUEUED


def test_approval_beside_the_lapse_is_one_or_the_other(resume: Operation) -> None:
    approve = approval_by("Bea", resume)
    Approval.objects.update(lapses_at=approval_of(resume).asked_at)
    assert at_once(approve, approvals.lapse_due) == ["too_late"]
    resume.refresh_from_db()
    assert resume.state == State.CANCELLED
    assert Record.objects.filter(kind="approval.lapsed").count() == 1

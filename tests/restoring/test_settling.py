"""What becomes of everything that was open in a copy, once it is noticed to be one."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from audit.kinds import RecordKind
from audit.models import Record
from campaigns.errors import TooLate
from campaigns.models import (
    Attempt,
    Bulk,
    Campaign,
    Control,
    DeliveryState,
    Finding,
    FindingCode,
    GuardedStretch,
    Operation,
    OperationKind,
    Origin,
    PauseSlot,
    ReasonCode,
)
from campaigns.operations.requests import request_resume
from campaigns.operations.runner import watch
from campaigns.restoring import settling
from campaigns.schedule.due_times import DueTime
from campaigns.states import IN_PROGRESS, State
from tests.bulks import ask_bulk
from tests.factories import make_attempt, make_bulk, make_campaign, make_delivery, make_operation
from tests.operations import two_people
from tests.worker import ask_resume

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

HOUR = timedelta(hours=1)


def settle() -> None:
    with transaction.atomic():
        settling.settle_restore("it was restored")


def held(kind: str = "pause", *, in_hours: float = 1, **values: Any) -> Operation:
    at = timezone.now() + in_hours * HOUR
    return make_operation(kind=kind, state=State.SCHEDULED, not_before=at, next_attempt_at=at, **values)


def state_of(operation: Operation) -> str:
    operation.refresh_from_db()
    return operation.state


@pytest.mark.parametrize("state", IN_PROGRESS)
def test_what_was_in_progress_ends_unconfirmed(state: State) -> None:
    operation = make_operation(state=state, lease_until=timezone.now() + HOUR)
    settle()
    assert state_of(operation) == State.UNCONFIRMED
    assert operation.error == settling.UNKNOWN
    assert operation.lease_until is None


def test_what_has_ended_stays_as_it_is() -> None:
    operation = make_operation(state=State.CONFIRMED)
    settle()
    assert state_of(operation) == State.CONFIRMED


def test_somebody_must_look_at_it() -> None:
    operation = make_operation(state=State.QUEUED)
    settle()
    finding = Finding.objects.get(campaign=operation.campaign)
    assert (finding.code, finding.ended_at) == (FindingCode.OPERATION_UNCONFIRMED, None)


def test_worker_that_has_it_is_out() -> None:
    operation = make_operation(state=State.RUNNING, fence=3)
    settle()
    operation.refresh_from_db()
    assert operation.fence == 4


def test_attempt_without_an_answer_is_unknown() -> None:
    attempt = make_attempt(make_operation(state=State.RUNNING), outcome="")
    settle()
    assert Attempt.objects.get(pk=attempt.pk).outcome == "unknown"


def test_pause_whose_time_is_to_come_stays() -> None:
    pause = held()
    settle()
    assert state_of(pause) == State.SCHEDULED


def test_resume_that_ends_it_stays() -> None:
    pause = held()
    resume = held("resume", in_hours=2, campaign=pause.campaign, undoes=pause)
    settle()
    assert state_of(resume) == State.SCHEDULED


def test_other_resume_is_cancelled() -> None:
    """Somebody may have cancelled it since: nothing begins to dial that nobody wants to."""
    resume = held("resume")
    settle()
    assert state_of(resume) == State.CANCELLED
    assert resume.error == settling.NOT_KEPT


def test_pause_whose_time_has_passed_ends_unconfirmed() -> None:
    pause = held(in_hours=-1)
    settle()
    assert state_of(pause) == State.UNCONFIRMED


def test_what_waits_for_a_second_person_ends_unconfirmed() -> None:
    """Somebody may have approved it after the copy was made, and then it was carried out."""
    lapses_at = timezone.now() + HOUR
    resume = make_operation(kind="resume", state=State.PENDING, next_attempt_at=lapses_at)
    settle()
    assert state_of(resume) == State.UNCONFIRMED


@pytest.fixture
def paused() -> Campaign:
    two_people.want_two()
    return make_campaign(status="PAUSED")


def test_nobody_can_approve_what_has_ended(paused: Campaign) -> None:
    resume = ask_resume(paused)
    settle()
    with pytest.raises(TooLate, match="restored from an older copy"):
        two_people.approve(resume)
    assert state_of(resume) == State.UNCONFIRMED


def test_nobody_can_approve_a_bulk_that_has_ended(paused: Campaign) -> None:
    bulk = ask_bulk([paused], OperationKind.RESUME)
    settle()
    with pytest.raises(TooLate, match="restored from an older copy"):
        two_people.approve(bulk)
    bulk.refresh_from_db()
    assert not bulk.pending


def test_resume_that_ends_a_pause_to_come_can_still_be_approved(paused: Campaign) -> None:
    pause = held(campaign=paused)
    at = DueTime(timezone.now() + 2 * HOUR)
    reason = ReasonCode.objects.get(pk="WFM_OVERRIDE")
    resume = request_resume(campaign=paused, by="Ada", reason=reason, at=at, undoes=pause, key="k")
    settle()
    two_people.approve(resume)
    assert resume.state == State.SCHEDULED


def test_guard_begins_anew() -> None:
    pause = held(origin=Origin.GUARD)
    now = timezone.now()
    GuardedStretch.objects.create(campaign=pause.campaign, begins=now, ends=now + HOUR, pause=pause)
    settle()
    assert state_of(pause) == State.CANCELLED
    assert not GuardedStretch.objects.filter(closed_at=None).exists()


def test_bulks_end() -> None:
    bulk = make_bulk(make_campaign(), make_campaign())
    settle()
    assert Bulk.objects.get(pk=bulk.pk).ended_at is not None


def test_deliveries_are_parked() -> None:
    delivery = make_delivery()
    settle()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == (DeliveryState.PARKED, settling.DELIVERY)


def test_pause_slots_are_free() -> None:
    operation = make_operation(state=State.ACCEPTED)
    PauseSlot.objects.update(operation_id=operation.pk, held_until=timezone.now() + HOUR)
    settle()
    assert not PauseSlot.objects.exclude(operation_id=None).exists()


def test_nobody_knows_who_paused_what() -> None:
    pause = make_operation(state=State.CONFIRMED)
    Campaign.objects.update(status="PAUSED", explained_by=pause, control=Control.PERSON, controller="anna")
    settle()
    campaign = Campaign.objects.get()
    assert (campaign.explained_by, campaign.control, campaign.controller) == (None, Control.BEFORE, "")


def test_nobody_is_signed_in() -> None:
    Session.objects.create(session_key="k", session_data="", expire_date=timezone.now() + HOUR)
    settle()
    assert not Session.objects.exists()


def test_all_of_it_is_on_record() -> None:
    operation = make_operation(state=State.QUEUED)
    settle()
    noticed, ended = Record.objects.order_by("number").exclude(kind=RecordKind.FINDING_OPENED)
    assert noticed.sentence == "The database was found to be a restored or older copy; it was restored."
    assert noticed.details["ended"] == 1
    assert (ended.kind, ended.operation) == (RecordKind.OPERATION_ENDED, operation.pk)


def test_pause_of_before_is_not_repeated() -> None:
    reason = ReasonCode.objects.filter(overrides_calls_check=True).first()
    assert reason
    pause = make_operation(kind=OperationKind.PAUSE, state=State.CONFIRMED, override=True, reason=reason.code)
    settle()
    watch.pause_again(pause)
    assert Operation.objects.count() == 1


def test_new_operation_of_the_campaign_may_begin() -> None:
    old = make_operation(state=State.ACCEPTED)
    settle()
    new = make_operation(old.campaign, state=State.QUEUED)
    assert state_of(new) == State.QUEUED

"""Undo: for two minutes, what was confirmed is taken back by an ordinary request for the opposite."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from audit.models import Record
from campaigns.errors import NotUndoable
from campaigns.models import Campaign, Operation, OperationKind, ReasonCode
from campaigns.operations import undo
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.worker import ask_pause, ask_resume, campaign, clock, cxone, posts_events, run

__all__ = ["campaign", "clock", "cxone", "posts_events"]

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture
def pause(campaign: Campaign) -> Operation:
    return run(ask_pause(campaign, "MAINTENANCE"))


@pytest.fixture
def resume(pause: Operation) -> Operation:
    return run(ask_resume(pause.campaign))


def undone(operation: Operation, by: str = "Grace") -> Operation:
    operation = Operation.objects.select_related("campaign").get(pk=operation.pk)
    return undo.request_undo(operation=operation, by=by)


# --- a pause ---


def test_pause_is_undone_by_a_resume(pause: Operation, cxone: Simulator) -> None:
    asked = undone(pause)
    assert (asked.kind, asked.by, asked.reason, asked.undoes) == (OperationKind.RESUME, "Grace", "RESOLVED", pause)
    assert run(asked).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "ACTIVE"


def test_record_says_what_is_undone(pause: Operation) -> None:
    asked = undone(pause)
    record = Record.objects.get(kind="operation.asked", operation=asked.pk)
    assert (record.by, record.details["undoes"]) == ("Grace", str(pause.pk))


def test_two_people_undo_it_once(pause: Operation) -> None:
    assert undone(pause, "Grace") == undone(pause, "Ada")
    assert Operation.objects.filter(undoes=pause).count() == 1


def test_it_is_too_late_after_two_minutes(pause: Operation) -> None:
    Operation.objects.update(ended_at=Now() - timedelta(minutes=2))
    with pytest.raises(NotUndoable, match="more than two minutes ago"):
        undone(pause)


def test_what_somebody_touched_since_is_not_undone(pause: Operation) -> None:
    run(ask_resume(pause.campaign))
    with pytest.raises(NotUndoable, match="Somebody has paused or resumed the campaign since"):
        undone(pause)
    assert not Operation.objects.filter(undoes=pause).exists()


def test_what_was_resumed_in_cxone_since_is_not_undone(pause: Operation, cxone: Simulator) -> None:
    cxone.change("spring", status="ACTIVE")
    full_read.read_all_campaigns()
    with pytest.raises(NotUndoable):
        undone(pause)


def test_touched_between_the_click_and_the_worker_it_is_cancelled(pause: Operation, cxone: Simulator) -> None:
    asked = undone(pause)
    cxone.change("spring", status="ACTIVE")
    full_read.read_all_campaigns()
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    assert run(asked).state == State.CANCELLED


@pytest.mark.parametrize("values", [{"state": State.FAILED}, {"state": State.SKIPPED}, {"origin": "guard"}])
def test_only_a_persons_confirmed_change_is_undone(pause: Operation, values: dict[str, str]) -> None:
    Operation.objects.update(**values)
    with pytest.raises(NotUndoable):
        undone(pause)


def test_hours_have_a_button_of_their_own(pause: Operation) -> None:
    Operation.objects.update(kind=OperationKind.SCHEDULE)
    with pytest.raises(NotUndoable, match="hours are put back with the button for that"):
        undone(pause)


def test_without_the_reason_resolved_the_first_one_is_given(pause: Operation) -> None:
    ReasonCode.objects.filter(pk="RESOLVED").update(retired=True)
    assert undone(pause).reason == ReasonCode.objects.filter(retired=False, for_resume=True)[0].code


# --- a resume ---


def test_resume_is_undone_by_a_pause(resume: Operation, cxone: Simulator) -> None:
    asked = undone(resume)
    assert (asked.kind, asked.reason, asked.undoes) == (OperationKind.PAUSE, "MAINTENANCE", resume)
    assert run(asked).state == State.CONFIRMED


def test_calls_check_applies_to_it(resume: Operation, cxone: Simulator) -> None:
    cxone.change("spring", calls=80)
    assert run(undone(resume)).state == State.REJECTED


def test_reason_that_overrides_is_not_given_again(campaign: Campaign) -> None:
    pause = run(ask_pause(campaign, "EMERGENCY"))
    asked = undone(run(ask_resume(pause.campaign)))
    assert (asked.reason, asked.override) == ("WFM_OVERRIDE", False)


def test_resume_of_what_was_paused_since_is_not_undone(resume: Operation) -> None:
    run(ask_pause(resume.campaign))
    with pytest.raises(NotUndoable):
        undone(resume)


def test_key_differs_for_each_operation() -> None:
    assert undo.key_of(Operation(pk=uuid4())) != undo.key_of(Operation(pk=uuid4()))

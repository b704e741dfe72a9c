"""Which pauses are gathered: those of a person who has many in progress that have yet to be sent."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import TestCase
from django.utils import timezone

from campaigns.models import Campaign, Operation, OperationKind, Origin, ReasonCode
from campaigns.operations import requests
from campaigns.operations.gathering import MOST_ALONE
from campaigns.schedule.due_times import DueTime
from campaigns.states import State, WaitingFor
from tests.factories import make_attempt, make_bulk, make_campaign, make_operation

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]


def ask(campaign: Campaign | None = None, by: str = "Ada", **values: Any) -> Operation:
    reason = ReasonCode.objects.get(pk="WFM_OVERRIDE")
    return requests.request_pause(
        campaign=campaign or make_campaign(), by=by, reason=reason, key=uuid4().hex, **values
    )


def ask_many() -> None:
    for _ in range(MOST_ALONE):
        ask()


def is_gathered(operation: Operation) -> bool:
    operation.refresh_from_db()
    return (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.TOGETHER)


def test_first_ones_are_carried_out_alone() -> None:
    ask_many()
    assert set(Operation.objects.values_list("state", flat=True)) == {State.QUEUED}


def test_further_ones_are_gathered() -> None:
    ask_many()
    assert is_gathered(ask())


def test_first_ones_wake_a_worker_each_and_all_others_one(enqueued: list[tuple[str, ...]]) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        for _ in range(150):
            ask()
    assert len(enqueued) == MOST_ALONE + 1
    assert enqueued[-1] == ("campaigns.tasks.run_gathered",)


def test_another_person_is_not_kept_waiting() -> None:
    ask_many()
    assert not is_gathered(ask(by="Ben"))


def test_what_was_sent_does_not_count() -> None:
    ask_many()
    Operation.objects.update(state=State.ACCEPTED)
    assert not is_gathered(ask())


@pytest.mark.parametrize("values", [{"waiting_for": WaitingFor.CALLS}, {"waiting_for": WaitingFor.TIME}])
def test_what_waits_on_purpose_does_not_count(values: dict[str, Any]) -> None:
    ask_many()
    Operation.objects.update(state=State.WAITING, **values)
    assert not is_gathered(ask())


def test_bulk_does_not_count() -> None:
    bulk = make_bulk(make_campaign())
    for _ in range(MOST_ALONE):
        make_operation(by="Ada", bulk=bulk)
    assert not is_gathered(ask())


def test_resumes_do_not_count() -> None:
    for _ in range(MOST_ALONE):
        make_operation(by="Ada", kind=OperationKind.RESUME)
    assert not is_gathered(ask())


def test_one_for_a_time_is_held() -> None:
    ask_many()
    later = timezone.now() + timedelta(hours=1)
    assert ask(at=DueTime(later)).state == State.SCHEDULED


@pytest.mark.parametrize(
    "values",
    [
        {"until": DueTime(timezone.now() + timedelta(days=1))},
        {"wait_for_calls": 3},
        {"origin": Origin.WATCH},
    ],
)
def test_one_with_more_to_it_is_not_gathered(values: dict[str, Any]) -> None:
    ask_many()
    assert not is_gathered(ask(**values))


def test_one_that_a_command_runs_itself_is_not_gathered() -> None:
    ask_many()
    assert not is_gathered(ask(enqueue=False))


def test_resume_is_not_gathered() -> None:
    ask_many()
    reason = ReasonCode.objects.get(pk="WFM_OVERRIDE")
    resume = requests.request_resume(campaign=make_campaign(), by="Ada", reason=reason, key=uuid4().hex)
    assert resume.state == State.QUEUED


def test_stop_of_a_resume_that_was_sent_is_not_gathered() -> None:
    """It takes that one's place as soon as a worker has it."""
    ask_many()
    resume = make_operation(kind=OperationKind.RESUME, state=State.ACCEPTED, sent_at=timezone.now())
    make_attempt(resume)
    pause = ask(resume.campaign)
    assert pause.outranks == resume
    assert not is_gathered(pause)

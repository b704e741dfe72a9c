"""Putting the old hours back: exactly what one change changed, and nothing that came after it."""

import pytest

from campaigns.models import Campaign, Operation
from campaigns.operations.hours_back import hours_before, request_hours_back
from campaigns.schedule import same
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.factories import SCHEDULE, make_operation
from tests.operations.runner.schedules import MONDAY, ask_schedule, campaign, schedule_at, with_hours
from tests.worker import clock, cxone, posts_events, run

__all__ = ["campaign", "clock", "cxone", "posts_events"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def paused(cxone: Simulator) -> None:
    """Paused, so that no hour of the day brings a warning."""
    cxone.change("spring", status="PAUSED")


@pytest.fixture
def change(campaign: Campaign) -> Operation:
    return run(ask_schedule(campaign, MONDAY))


def test_old_hours_are_put_back(change: Operation, cxone: Simulator) -> None:
    undo = run(request_hours_back(change=change, by="Ada"))
    assert (undo.state, undo.note) == (State.CONFIRMED, "Puts the old hours back")
    assert same(schedule_at(cxone), SCHEDULE)


def test_what_others_changed_since_stays(change: Operation, cxone: Simulator) -> None:
    cxone.change("spring", schedule=with_hours(MONDAY, TUE="13:00-15:00"))
    run(request_hours_back(change=change, by="Ada"))
    assert same(schedule_at(cxone), with_hours(TUE="13:00-15:00"))


def test_same_day_changed_since_is_a_conflict(change: Operation, cxone: Simulator) -> None:
    cxone.change("spring", schedule=with_hours(MON="14:00-16:00"))
    assert run(request_hours_back(change=change, by="Ada")).state == State.CONFLICT


def test_what_cxone_had_is_put_back_rather_than_what_the_person_saw(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", schedule=with_hours(TUE="13:00-15:00"))
    change = run(ask_schedule(campaign, MONDAY, base=SCHEDULE))
    run(request_hours_back(change=change, by="Ada"))
    assert same(schedule_at(cxone), with_hours(TUE="13:00-15:00"))


def test_asked_twice_it_is_one_operation(change: Operation) -> None:
    first, second = (request_hours_back(change=change, by="Ada") for _ in range(2))
    assert first == second


def test_undo_can_be_undone_and_asked_for_again(change: Operation, cxone: Simulator) -> None:
    undo = run(request_hours_back(change=change, by="Ada"))
    run(request_hours_back(change=undo, by="Ada"))
    assert same(schedule_at(cxone), MONDAY)
    run(request_hours_back(change=change, by="Ada"))
    assert same(schedule_at(cxone), SCHEDULE)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "pause", "state": State.CONFIRMED},
        {"kind": "schedule", "state": State.SKIPPED},
        {"kind": "schedule", "state": State.QUEUED},
    ],
)
def test_nothing_else_can_be_undone(campaign: Campaign, values: dict[str, str]) -> None:
    operation = make_operation(campaign, payload={"base": SCHEDULE, "ours": MONDAY}, **values)
    assert hours_before(operation) is None
    with pytest.raises(ValueError, match="undone"):
        request_hours_back(change=operation, by="Ada")

"""Operations from end to end, against a simulated tenant that speaks the API as NICE publishes it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from campaigns.models import Campaign, Drain, FindingCode, Operation, Origin
from campaigns.operations import requests
from campaigns.operations.descriptions import describe
from campaigns.operations.hours_back import request_hours_back
from campaigns.operations.labels import waits_for
from campaigns.schedule import is_unscheduled, same
from campaigns.simulator import PublishedSimulator
from campaigns.states import State, WaitingFor
from campaigns.sync import drains, full_read
from tests.bulks import ask_bulk, run_bulk, run_slice
from tests.operations.runner.timed import SIX, Move, go, pause_at
from tests.worker import ask_pause, ask_resume

pytestmark = pytest.mark.data_layer

SECOND = timedelta(seconds=1)
ROOT = "/incontactapi/services/v34.0/skills/1"
STOP, START, HOURS = f"{ROOT}/stop", f"{ROOT}/start", f"{ROOT}/parameters/schedule-settings"


@pytest.fixture
def skill(move: Move, published: PublishedSimulator, enqueued: list[tuple[str, ...]], db: None) -> Campaign:
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="1")


def posts(published: PublishedSimulator, path: str) -> list[dict[str, str]]:
    return [dict(entry.query) for entry in published.record.requests("POST", path)]


def change_hours(skill: Campaign, *windows: dict[str, str]) -> Operation:
    skill.refresh_from_db()
    return requests.request_schedule_change(
        campaign=skill,
        by="Ada",
        base=skill.schedule,
        schedule={"timezone": skill.timezone, "dialingHours": list(windows), "pauseConditions": []},
        acknowledged=True,
        key=uuid4().hex,
    )


def until_it_ends(operation: Operation, move: Move, most: int = 200) -> Operation:
    for _ in range(most):
        if go(operation).ended_at:
            break
        move(5 * SECOND)
    return operation


# --- A pause that is due as the window opens: CXone's schedule starts the skill then


def pause_due_at_six(published: PublishedSimulator, *, opens: str) -> Operation:
    """Of a skill that is stopped until its window opens."""
    published.change("1", running=False, schedule={"SAT": (opens, "20:00")})
    full_read.read_all_campaigns()
    return pause_at(Campaign.objects.get(pk="1"))


@pytest.fixture
def opening_at_six(move: Move, published: PublishedSimulator, enqueued: list[tuple[str, ...]], db: None) -> Operation:
    return pause_due_at_six(published, opens="18:00")


def test_pause_that_is_due_as_the_window_opens_sees_it_start(
    opening_at_six: Operation, published: PublishedSimulator, move: Move
) -> None:
    move(SIX)
    assert (go(opening_at_six).state, opening_at_six.waiting_for) == (State.WAITING, WaitingFor.TIME)
    assert "its window opens about now" in describe(opening_at_six).happened
    published.change("1", running=True)
    move(6 * SECOND)
    assert go(opening_at_six).state == State.CONFIRMED
    assert published.skill("1")["running"] is False


def test_pause_that_is_due_as_the_window_opens_waits_a_minute(
    opening_at_six: Operation, published: PublishedSimulator, move: Move
) -> None:
    move(SIX + 55 * SECOND)
    assert go(opening_at_six).state == State.WAITING
    move(SIX + 61 * SECOND)
    assert go(opening_at_six).state == State.SKIPPED
    assert posts(published, STOP) == []


@pytest.mark.usefixtures("enqueued", "db")
def test_pause_that_is_due_long_after_the_window_opened_waits_for_nothing(
    move: Move, published: PublishedSimulator
) -> None:
    pause = pause_due_at_six(published, opens="17:00")
    move(SIX)
    assert go(pause).state == State.SKIPPED


# --- Stops and starts ---


def test_pause_is_a_stop_that_was_seen(skill: Campaign, published: PublishedSimulator) -> None:
    operation = go(ask_pause(skill))
    assert (operation.state, operation.api_status) == (State.CONFIRMED, 202)
    assert posts(published, STOP) == [{}]
    assert not published.skill("1")["running"]


def test_resume_is_a_start_that_was_seen(skill: Campaign, published: PublishedSimulator) -> None:
    published.change("1", running=False)
    assert go(ask_resume(skill)).state == State.CONFIRMED
    assert published.skill("1")["running"]


def test_calls_are_dropped_only_where_somebody_confirmed_that(skill: Campaign, published: PublishedSimulator) -> None:
    go(ask_pause(skill, drop=True))
    assert posts(published, STOP) == [{"force": "true"}]


def test_stop_that_lets_calls_end_waits_for_them(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    published.switch(turns="after calls")
    operation = go(ask_pause(skill))
    assert (operation.state, operation.waiting_for) == (State.ACCEPTED, WaitingFor.CALLS_TO_END)
    assert waits_for(operation) == "CXone lets 7 calls end first"
    assert until_it_ends(operation, move).state == State.CONFIRMED


def test_stop_that_turns_later_is_seen_by_itself(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    published.switch(turns="later", turn_seconds=8)
    operation = until_it_ends(ask_pause(skill), move)
    assert operation.state == State.CONFIRMED


def test_stop_that_never_turns_is_unconfirmed(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    published.change("1", calls=0)
    published.switch(turns="never")
    assert until_it_ends(ask_pause(skill), move).state == State.UNCONFIRMED


def test_deferred_pause_is_sent_at_its_second(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    operation = pause_at(skill)
    move(SIX - SECOND)
    assert go(operation).state == State.SCHEDULED
    move(SIX)
    assert until_it_ends(operation, move, 3).state == State.CONFIRMED
    assert len(posts(published, STOP)) == 1


# --- Refusals and lost answers ---


@pytest.mark.parametrize("status", [404, 409])
def test_stop_of_what_has_just_stopped_is_skipped(skill: Campaign, published: PublishedSimulator, status: int) -> None:
    published.switch(stopped_again=status)
    # It is stopped between our read and our stop.
    published.fail("GET", ROOT, change={"isRunning": True})
    published.change("1", running=False)
    operation = go(ask_pause(skill))
    assert (operation.state, len(posts(published, STOP))) == (State.SKIPPED, 1)


def test_start_of_what_has_just_started_is_skipped(skill: Campaign, published: PublishedSimulator) -> None:
    published.fail("GET", ROOT, change={"isRunning": False})
    operation = go(ask_resume(skill))
    assert (operation.state, len(posts(published, START))) == (State.SKIPPED, 1)


@pytest.mark.parametrize("status", [404, 409])
def test_stop_that_is_refused_for_good_fails_with_its_words(
    skill: Campaign, published: PublishedSimulator, move: Move, status: int
) -> None:
    headers = {"icStatusDescription": "The skill is locked."}
    published.fail("POST", STOP, status=status, headers=headers, times=None)
    operation = until_it_ends(ask_pause(skill), move)
    assert operation.state == State.FAILED
    assert "The skill is locked." in operation.error
    assert len(posts(published, STOP)) == 10


def test_skill_that_is_gone_is_said_to_be(skill: Campaign, published: PublishedSimulator) -> None:
    published.remove("1")
    operation = go(ask_pause(skill))
    assert (operation.state, operation.api_status) == (State.FAILED, 404)


@pytest.mark.parametrize("fault", [{"cut": True}, {"status": 503}, {"delay": 60.0}])
def test_lost_stop_that_arrived_is_confirmed(
    skill: Campaign, published: PublishedSimulator, move: Move, fault: dict[str, Any]
) -> None:
    published.fail("POST", STOP, done=True, **fault)
    assert until_it_ends(ask_pause(skill), move).state == State.CONFIRMED
    assert len(posts(published, STOP)) == 1


@pytest.mark.parametrize("fault", [{"cut": True}, {"status": 503}])
def test_lost_stop_that_never_arrived_is_sent_again(
    skill: Campaign, published: PublishedSimulator, move: Move, fault: dict[str, Any]
) -> None:
    published.fail("POST", STOP, done=False, **fault)
    assert until_it_ends(ask_pause(skill), move).state == State.CONFIRMED
    assert len(posts(published, STOP)) == 2


def test_lost_stop_that_lets_calls_end_is_confirmed_all_the_same(
    skill: Campaign, published: PublishedSimulator, move: Move
) -> None:
    published.switch(turns="after calls")
    published.fail("POST", STOP, cut=True, done=True)
    operation = until_it_ends(ask_pause(skill), move)
    assert operation.state == State.CONFIRMED
    assert len(posts(published, STOP)) == 2


def test_lost_start_that_never_arrived_isnt_sent_again(
    skill: Campaign, published: PublishedSimulator, move: Move
) -> None:
    published.change("1", running=False)
    published.fail("POST", START, cut=True, done=False)
    assert until_it_ends(ask_resume(skill), move).state == State.UNCONFIRMED
    assert len(posts(published, START)) == 1


# --- Hours ---

MONDAY = {"day": "MON", "startTime": "09:00", "endTime": "17:00"}
TUESDAY = MONDAY | {"day": "TUE"}


def test_windows_give_a_campaign_without_hours_a_schedule(skill: Campaign, published: PublishedSimulator) -> None:
    assert is_unscheduled(skill.schedule)
    assert go(change_hours(skill, MONDAY)).state == State.CONFIRMED
    skill.refresh_from_db()
    assert skill.schedule["dialingHours"] == [MONDAY]
    assert not is_unscheduled(skill.schedule)


def test_hours_are_put_back(skill: Campaign, published: PublishedSimulator) -> None:
    go(change_hours(skill, MONDAY))
    change = go(change_hours(skill, MONDAY | {"endTime": "12:00"}))
    assert change.state == State.CONFIRMED
    change.campaign.refresh_from_db()
    assert go(request_hours_back(change=change, by="Ada", acknowledged=True)).state == State.CONFIRMED
    skill.refresh_from_db()
    assert skill.schedule["dialingHours"] == [MONDAY]


def test_change_between_read_and_write_is_merged(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    go(change_hours(skill, MONDAY))
    operation = change_hours(skill, MONDAY | {"endTime": "12:00"})
    published.change("1", schedule_after_read={"MON": ("09:00", "17:00"), "TUE": ("09:00", "17:00")})
    assert until_it_ends(operation, move).state == State.CONFIRMED
    skill.refresh_from_db()
    assert same(skill.schedule, skill.schedule | {"dialingHours": [MONDAY | {"endTime": "12:00"}, TUESDAY]})


def test_hours_that_change_each_time_are_tried_again(
    skill: Campaign, published: PublishedSimulator, move: Move
) -> None:
    for earlier in (1, 3, 5, 7):
        published.fail("GET", HOURS, skip=earlier - earlier // 2, change={"sundayIsActive": True})
    operation = go(change_hours(skill, MONDAY))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.RETRY)
    assert published.record.requests("PUT", HOURS) == []
    assert until_it_ends(operation, move).state == State.CONFIRMED


def test_lost_answer_to_new_hours_is_read_back(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    published.fail("PUT", HOURS, cut=True, done=True)
    assert until_it_ends(change_hours(skill, MONDAY), move).state == State.CONFIRMED
    assert len(published.record.requests("PUT", HOURS)) == 1


def test_lost_new_hours_are_sent_again(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    published.fail("PUT", HOURS, cut=True, done=False)
    assert until_it_ends(change_hours(skill, MONDAY), move).state == State.CONFIRMED
    assert len(published.record.requests("PUT", HOURS)) == 2


# --- Afterwards ---


def test_campaign_that_others_start_is_a_finding(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    go(ask_pause(skill))
    move(timedelta(minutes=20))
    published.change("1", running=True)
    full_read.read_all_campaigns()
    assert FindingCode.CHANGED_IN_CXONE in skill.findings.filter(ended_at=None).values_list("code", flat=True)


def test_full_read_keeps_hours_that_it_didnt_read(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    go(change_hours(skill, MONDAY))
    skill.refresh_from_db()
    known = skill.schedule
    published.change("1", running=False)
    move(30 * SECOND)
    full_read.read_all_campaigns()
    skill.refresh_from_db()
    assert (skill.status, skill.schedule) == ("PAUSED", known)


# --- Counting, of which each count of all takes a request for a hundred campaigns ---

COUNT_ALL, COUNT_ONE = "/incontactapi/services/v34.0/skills/activity", f"{ROOT}/activity"


def counted(published: PublishedSimulator, path: str) -> int:
    return len(published.record.requests("GET", path))


def test_deferred_pause_counts_its_own_calls(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    operation = pause_at(skill)
    before = counted(published, COUNT_ALL)
    move(SIX)
    go(operation)
    assert operation.calls_before == 7
    assert (counted(published, COUNT_ALL) - before, counted(published, COUNT_ONE)) == (0, 1)


def test_few_drains_are_counted_by_themselves(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    go(ask_pause(skill))
    alone, before = counted(published, COUNT_ONE), counted(published, COUNT_ALL)
    for _ in range(5):
        move(3 * SECOND)
        drains.sample()
    assert (counted(published, COUNT_ONE) - alone, counted(published, COUNT_ALL) - before) == (1, 0)


def test_many_drains_go_by_the_last_read(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    skills = [skill, *some_more(published, 4)]
    run_bulk(ask_bulk(skills))
    alone = counted(published, COUNT_ONE)
    move(20 * SECOND)
    full_read.read_all_campaigns()
    move(SECOND)
    drains.sample()
    assert counted(published, COUNT_ONE) == alone
    assert {each.samples.count() > 1 or each.ended_at is not None for each in Drain.objects.all()} == {True}


def test_stop_of_many_counts_nothing(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    skills = [skill, *some_more(published, 11)]
    move(timedelta(minutes=10))
    before = counted(published, COUNT_ALL)
    bulk = ask_bulk(skills, reason="EMERGENCY")
    for _ in range(6):
        run_slice(bulk)
        move(SECOND)
    assert (counted(published, COUNT_ALL), counted(published, COUNT_ONE)) == (before, 0)
    assert not any(published.skill(each.pk)["running"] for each in skills)


@pytest.mark.parametrize("origin", [Origin.GUARD, Origin.PERSON])
def test_many_that_are_due_together_and_override_the_check_take_two_requests_each(
    skill: Campaign, published: PublishedSimulator, move: Move, origin: Origin
) -> None:
    skills = [skill, *some_more(published, 21)]
    pauses = [pause_at(each, reason="HOLIDAY", origin=origin) for each in skills]
    move(SIX - SECOND)
    full_read.read_all_campaigns()
    move(SIX)
    before = len(published.record.requests())
    counts = [go(pause).calls_before for pause in pauses]
    assert len(published.record.requests()) - before == 2 * len(pauses)
    assert not any(published.skill(each.pk)["running"] for each in skills)
    # As the full read before counted them.
    assert counts == [7] + [1] * 21


def test_many_that_override_the_check_stop_without_a_count(
    skill: Campaign, published: PublishedSimulator, move: Move
) -> None:
    pauses = [pause_at(each, reason="HOLIDAY") for each in [skill, *some_more(published, 21)]]
    move(SIX)
    assert {(go(pause).calls_before, pause.compliance_check) for pause in pauses} == {(None, "OVERRIDDEN")}
    assert len({entry.path for entry in published.record.requests("POST") if entry.path.endswith("/stop")}) == 22


def test_pause_of_many_waits_for_a_count(skill: Campaign, published: PublishedSimulator, move: Move) -> None:
    move(timedelta(minutes=10))
    bulk = ask_bulk([skill])
    run_slice(bulk)
    assert posts(published, STOP) == []
    assert run_bulk(bulk).ended_at
    assert posts(published, STOP) == [{}]


def some_more(published: PublishedSimulator, number: int) -> list[Campaign]:
    for each in range(number):
        published.add(id=str(each + 2), name=f"Autumn {each}", calls=1)
    full_read.read_all_campaigns()
    return list(Campaign.objects.exclude(pk="1"))

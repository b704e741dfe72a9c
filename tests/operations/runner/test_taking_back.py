"""An accepted stop that waits for calls to end is taken back by a resume, and a pause still goes before that."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Record
from audit.sentences import sentence_of
from campaigns.cxone import connect
from campaigns.errors import InTheWay
from campaigns.models import Campaign, Finding, Operation, OperationKind, Origin, ReasonCode
from campaigns.operations import requests, undo
from campaigns.operations.descriptions import describe
from campaigns.operations.runner.claim import claim
from campaigns.queueing.leases import LeaseLost
from campaigns.schedule.due_times import DueTime
from campaigns.simulator import PublishedSimulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.bulks import ask_bulk, run_bulk
from tests.factories import make_user
from tests.operations.runner.timed import Move, go
from tests.operations.two_people import want_two
from tests.worker import ask_pause, ask_resume

pytestmark = pytest.mark.data_layer

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ROOT = "/incontactapi/services/v34.0/skills/1"
STOP, START = f"{ROOT}/stop", f"{ROOT}/start"


@pytest.fixture
def skill(move: Move, published: PublishedSimulator, enqueued: list[tuple[str, ...]], db: None) -> Campaign:
    published.switch(turns="after calls", start_while_stopping=True)
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="1")


@pytest.fixture
def stop(skill: Campaign) -> Operation:
    """CXone has accepted it, and lets 7 calls end first."""
    operation = go(ask_pause(skill))
    assert (operation.state, operation.waiting_for) == (State.ACCEPTED, WaitingFor.CALLS_TO_END)
    return operation


def state_of(operation: Operation) -> str:
    operation.refresh_from_db()
    return operation.state


def sent(published: PublishedSimulator, path: str) -> int:
    return len(published.record.requests("POST", path))


def end_calls(published: PublishedSimulator) -> None:
    published.change("1", calls=0)
    full_read.read_all_campaigns()


# --- Taken back ---


def test_resume_supersedes_it_in_the_transaction_that_asks(stop: Operation) -> None:
    resume = ask_resume(stop.campaign)
    assert state_of(stop) == State.SUPERSEDED
    assert (stop.superseded_by, resume.outranks) == (resume, None)


def test_its_end_is_on_record_with_who_took_its_place(stop: Operation) -> None:
    ask_resume(stop.campaign)
    record = Record.objects.get(kind="operation.ended", operation=stop.pk)
    assert record.details["taken_back_by"] == "Ada"
    assert "was superseded by a resume" in sentence_of(record)


def test_resume_is_sent_although_the_campaign_still_runs(stop: Operation, published: PublishedSimulator) -> None:
    resume = go(ask_resume(stop.campaign))
    assert (resume.state, sent(published, START)) == (State.CONFIRMED, 1)
    published.change("1", calls=0)
    assert published.skill("1")["running"]


def test_worker_that_has_the_stop_writes_nothing_more(stop: Operation, move: Move) -> None:
    move(15 * SECOND)
    claimed = claim(stop.pk)
    assert claimed
    ask_resume(stop.campaign)
    with pytest.raises(LeaseLost):
        claimed.write(state=State.CONFIRMED)


def test_end_of_a_pause_until_a_time_is_cancelled_with_it(skill: Campaign) -> None:
    until = DueTime(timezone.now() + 60 * MINUTE)
    reason = ReasonCode.objects.get(pk="WFM_OVERRIDE")
    pause = go(requests.request_pause(campaign=skill, by="Ada", reason=reason, until=until, key=uuid4().hex))
    ask_resume(skill)
    held = Operation.objects.get(undoes=pause)
    assert (held.state, held.error.split(".")[0]) == (
        State.CANCELLED,
        "A resume took the place of the pause that this was to end",
    )


def test_undo_takes_it_back_as_long_as_it_waits(stop: Operation, published: PublishedSimulator) -> None:
    Operation.objects.filter(pk=stop.pk).update(accepted_at=timezone.now() - 10 * MINUTE)
    asked = undo.request_undo(operation=stop, by="Grace")
    assert (asked.kind, asked.undoes, state_of(stop)) == (OperationKind.RESUME, stop, State.SUPERSEDED)
    assert (go(asked).state, sent(published, START)) == (State.CONFIRMED, 1)


def test_undo_is_asked_for_once(stop: Operation) -> None:
    assert undo.request_undo(operation=stop, by="Grace") == undo.request_undo(operation=stop, by="Ada")


# --- Where CXone starts nothing that it is about to stop ---


def test_refused_start_waits_for_the_stop(stop: Operation, published: PublishedSimulator, move: Move) -> None:
    published.switch(start_while_stopping=False)
    resume = go(ask_resume(stop.campaign))
    assert (resume.state, resume.waiting_for) == (State.WAITING, WaitingFor.CALLS_TO_END)
    assert "lets calls end and stops the campaign first" in describe(resume).happened
    move(15 * SECOND)
    go(resume)
    assert sent(published, START) == 1


def test_it_is_started_once_it_has_stopped(stop: Operation, published: PublishedSimulator, move: Move) -> None:
    published.switch(start_while_stopping=False)
    resume = go(undo.request_undo(operation=stop, by="Ada"))
    published.change("1", calls=0)
    move(15 * SECOND)
    assert (go(resume).state, published.skill("1")["running"]) == (State.CONFIRMED, True)


def test_stop_that_a_read_sees_meanwhile_is_nobody_elses(
    stop: Operation, published: PublishedSimulator, move: Move
) -> None:
    published.switch(start_while_stopping=False)
    go(ask_resume(stop.campaign))
    move(5 * SECOND)
    end_calls(published)
    stop.campaign.refresh_from_db()
    assert (stop.campaign.is_paused, stop.campaign.explained_by) == (True, stop)
    assert not Record.objects.filter(kind="campaign.changed_outside").exists()
    assert not Finding.objects.filter(ended_at=None, code="changed_outside").exists()


def test_stop_without_effect_leaves_nothing_to_start(
    stop: Operation, published: PublishedSimulator, move: Move
) -> None:
    published.switch(start_while_stopping=False)
    resume = go(ask_resume(stop.campaign))
    published.fail("GET", ROOT, change={"isRunning": True}, times=None)
    for _ in range(70):
        move(15 * SECOND)
        if go(resume).ended_at:
            break
    assert (resume.state, sent(published, START)) == (State.SKIPPED, 1)


def test_lost_answer_to_the_start_is_not_taken_for_done(
    stop: Operation, published: PublishedSimulator, move: Move
) -> None:
    published.fail("POST", START, cut=True, done=False)
    resume = go(ask_resume(stop.campaign))
    assert resume.state == State.WAITING
    move(5 * SECOND)
    full_read.read_all_campaigns()
    assert state_of(resume) == State.WAITING
    for _ in range(20):
        move(15 * SECOND)
        go(resume)
    assert resume.state == State.UNCONFIRMED


# --- A stop wins all the same ---


@pytest.mark.parametrize("reason", ["WFM_OVERRIDE", "EMERGENCY"])
def test_pause_cancels_a_resume_that_has_sent_nothing(stop: Operation, reason: str) -> None:
    resume = ask_resume(stop.campaign)
    pause = ask_pause(stop.campaign, reason)
    assert (state_of(resume), resume.superseded_by) == (State.CANCELLED, pause)
    assert go(pause).state == State.ACCEPTED


def test_emergency_stop_of_many_cancels_it_too(stop: Operation) -> None:
    resume = ask_resume(stop.campaign)
    run_bulk(ask_bulk([stop.campaign], reason="EMERGENCY"))
    assert state_of(resume) == State.CANCELLED


def test_pause_that_finds_it_stopped_waits_for_no_resume(stop: Operation, published: PublishedSimulator) -> None:
    requests.cancel_operation(operation=ask_resume(stop.campaign), by="Ada")
    end_calls(published)
    assert go(ask_pause(stop.campaign)).state == State.SKIPPED


def test_cancelled_resume_says_that_the_campaign_stops(stop: Operation) -> None:
    resume = requests.cancel_operation(operation=ask_resume(stop.campaign), by="Ada")
    assert "the campaign stops when its calls have ended" in describe(resume).meaning


# --- Never taken back ---


def test_one_that_overrides_the_calls_check_is_not_and_says_when_it_ends(skill: Campaign) -> None:
    stop = go(ask_pause(skill, "EMERGENCY"))
    with pytest.raises(InTheWay) as refusal:
        ask_resume(skill)
    when = "as stopped: soon after the last call, and about 20:15 UTC at the latest."
    assert refusal.value.sentence.endswith(when)
    assert state_of(stop) == State.ACCEPTED
    assert not undo.may_be_undone(stop, timezone.now())
    client = Client()
    client.force_login(make_user())
    assert when in " ".join(client.get("/campaigns/1/resume/").text.split())


@pytest.mark.parametrize("origin", [Origin.GUARD, Origin.WATCH])
def test_only_a_person_takes_it_back(stop: Operation, origin: Origin) -> None:
    reason = ReasonCode.objects.get(pk="RESOLVED")
    with pytest.raises(InTheWay):
        requests.request_resume(campaign=stop.campaign, by="x", reason=reason, origin=origin, key=uuid4().hex)


def test_bulk_resume_takes_none_back(stop: Operation) -> None:
    run_bulk(ask_bulk([stop.campaign], kind=OperationKind.RESUME, reason="RESOLVED"))
    assert state_of(stop) == State.ACCEPTED


def test_resume_for_later_takes_none_back(stop: Operation, move: Move) -> None:
    reason, at = ReasonCode.objects.get(pk="RESOLVED"), timezone.now() + MINUTE
    held = requests.request_resume(campaign=stop.campaign, by="Ada", reason=reason, at=DueTime(at), key=uuid4().hex)
    move(MINUTE)
    go(held)
    assert (state_of(stop), state_of(held)) == (State.ACCEPTED, State.SCHEDULED)


def test_where_a_pause_is_at_once_nothing_is_taken_back(stop: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    more = replace(connect.capabilities(), pauses_at_once=True)
    monkeypatch.setattr(connect, "capabilities", lambda: more)
    with pytest.raises(InTheWay):
        ask_resume(stop.campaign)


# --- Pages ---


def test_pages_offer_it_beside_the_sentence(stop: Operation) -> None:
    client = Client()
    client.force_login(make_user("supervisor", stop.by))
    for address in (f"/operations/{stop.pk}/", "/campaigns/1/"):
        text = client.get(address).text
        assert "Undo: resume it" in text, address
    assert "takes the pause back" in client.get("/campaigns/1/resume/").text
    assert f"/operations/{stop.pk}/undo/" in client.get("/operations/tray/", headers={"HX-Request": "true"}).text


def test_pages_say_beside_it_that_it_waits_for_a_second_person(stop: Operation) -> None:
    want_two()
    client = Client()
    client.force_login(make_user("supervisor", stop.by))
    for address in (f"/operations/{stop.pk}/", "/campaigns/1/"):
        text = client.get(address).text
        assert "Ask to undo: resume it" in text, address
        assert "It waits for a second person: nothing is sent before" in text, address


def test_undo_on_the_page_asks_for_the_resume(stop: Operation) -> None:
    client = Client()
    client.force_login(make_user("supervisor", "Grace"))
    assert client.post(f"/operations/{stop.pk}/undo/").status_code == 303
    assert state_of(stop) == State.SUPERSEDED
    assert "Superseded by a resume" in client.get(f"/operations/{stop.pk}/").text

"""Pauses and resumes at a time: held here, handed to CXone shortly before, and seen by a read after it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from audit.models import Record
from campaigns.attention.descriptions import describe_finding
from campaigns.dispatcher import due_operations
from campaigns.errors import InTheWay
from campaigns.models import Campaign, Drain, Finding, Operation, Policy, RequestSlot, SyncState
from campaigns.operations import requests
from campaigns.operations.runner import execution
from campaigns.schedule.due_times import due_instant
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.operations.runner.timed import SIX, START, Move, go, pause_at, resume_at
from tests.worker import Clock, ask_pause, ask_resume

pytestmark = pytest.mark.data_layer

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STATE = "/api/v2/campaigns/spring"
COUNT = "/api/v2/analytics/outbound/conversations/details/query"


def sent(cxone: Simulator) -> list[str]:
    """The times for which CXone has been asked to change something, newest last."""
    return [str(entry.body and entry.body["effectiveTime"]) for entry in cxone.record.requests("PUT")]


def handed_over(campaign: Campaign, move: Move) -> Operation:
    operation = pause_at(campaign)
    move(SIX - 2 * MINUTE)
    return go(operation)


# --- Held ---


def test_pause_is_held(spring: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    operation = pause_at(spring)
    assert (operation.state, operation.not_before) == (State.SCHEDULED, SIX)
    assert enqueued == []


def test_held_one_keeps_nobody_out(spring: Campaign) -> None:
    pause_at(spring)
    assert ask_pause(spring).state == State.QUEUED


def test_record_has_its_time(spring: Campaign) -> None:
    pause_at(spring)
    assert Record.objects.get().details["due"] == "2026-11-28T23:00:00Z"


def test_pause_is_due_two_minutes_before(spring: Campaign, move: Move) -> None:
    operation = pause_at(spring)
    move(SIX - 2 * MINUTE - SECOND)
    assert not due_operations().exists()
    assert not execution.advance_operation(operation.pk)
    move(SIX - 2 * MINUTE)
    assert due_operations().get() == operation


def test_resume_is_due_at_its_second(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = resume_at(spring)
    move(SIX - SECOND)
    assert go(operation).state == State.SCHEDULED
    move(SIX)
    assert go(operation).state == State.CONFIRMED


def test_held_one_can_be_cancelled(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = requests.cancel_operation(operation=pause_at(spring), by="Grace")
    move(SIX)
    assert go(operation).state == State.CANCELLED
    assert sent(cxone) == []


# --- Handed over ---


def test_cxone_is_given_its_time(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = handed_over(spring, move)
    assert (operation.state, operation.calls_before) == (State.ACCEPTED, 7)
    assert sent(cxone) == ["2026-11-28T23:00:00Z"]
    assert cxone.campaign("spring")["status"] == "ACTIVE"


def test_calls_are_counted_before(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", calls=51)
    assert handed_over(spring, move).state == State.REJECTED
    assert sent(cxone) == []


def test_slot_is_free_until_its_time(spring: Campaign, move: Move, cxone: Simulator) -> None:
    handed_over(spring, move)
    cxone.add(id="autumn", name="Autumn", calls=3)
    full_read.read_all_campaigns()
    assert go(ask_pause(Campaign.objects.get(pk="autumn"))).state == State.CONFIRMED


def test_confirmed_right_after_its_time(spring: Campaign, move: Move) -> None:
    operation = handed_over(spring, move)
    move(SIX + SECOND)
    assert go(operation).state == State.CONFIRMED


def test_regular_read_confirms_it(spring: Campaign, move: Move) -> None:
    operation = handed_over(spring, move)
    move(SIX)
    full_read.read_all_campaigns()
    operation.refresh_from_db()
    assert operation.state == State.CONFIRMED


def test_read_before_its_time_proves_nothing(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = handed_over(spring, move)
    cxone.change("spring", status="PAUSED")
    move(SIX - SECOND)
    full_read.read_all_campaigns()
    operation.refresh_from_db()
    assert operation.state == State.ACCEPTED
    spring.refresh_from_db()
    assert (spring.status, spring.control) == ("PAUSED", "outside")


def test_pause_that_cxone_forgot_is_unconfirmed(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, forget=True)
    operation = handed_over(spring, move)
    move(SIX + 89 * SECOND)
    assert go(operation).state == State.ACCEPTED
    move(SIX + 90 * SECOND)
    assert go(operation).state == State.UNCONFIRMED
    assert Record.objects.latest("number").status == "FAILURE"


def test_lost_answer_is_sent_again(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, cut=True, done=True)
    operation = handed_over(spring, move)
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.OUTCOME)
    move(10 * SECOND)
    assert go(operation).state == State.ACCEPTED
    assert sent(cxone) == ["2026-11-28T23:00:00Z"] * 2
    move(SIX + SECOND)
    assert go(operation).state == State.CONFIRMED


def test_trouble_past_its_time_pauses_at_once(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.fail("GET", "/api/v2/outbound/campaigns/spring", status=503, headers={"Retry-After": "130"})
    operation = handed_over(spring, move)
    assert operation.state == State.WAITING
    move(SIX + 10 * SECOND)
    assert go(operation).state == State.CONFIRMED
    assert sent(cxone) == ["2026-11-28T23:00:05Z"]


def test_less_than_two_minutes_ahead(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = pause_at(spring, START + MINUTE)
    assert operation.state == State.SCHEDULED
    assert go(operation).state == State.ACCEPTED
    assert sent(cxone) == ["2026-11-28T20:01:00Z"]


@pytest.mark.parametrize(("ahead", "given"), [(300, "23:05:00"), (-240, "22:56:00"), (1, "23:00:00")])
def test_its_time_is_by_cxones_clock(
    spring: Campaign, move: Move, cxone: Simulator, clock: Clock, ahead: float, given: str
) -> None:
    operation = pause_at(spring)
    move(SIX - 2 * MINUTE)
    clock.now += ahead
    go(operation)
    assert sent(cxone) == [f"2026-11-28T{given}Z"]


# --- Paused already ---


def test_paused_already_waits_for_its_time(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = handed_over(spring, move)
    assert (operation.state, operation.waiting_for, operation.next_attempt_at) == (
        State.WAITING, WaitingFor.TIME, SIX,
    )  # fmt: skip


def test_still_paused_is_skipped(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = handed_over(spring, move)
    move(SIX)
    assert go(operation).state == State.SKIPPED
    assert sent(cxone) == []


def test_resumed_meanwhile_is_paused(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = handed_over(spring, move)
    cxone.change("spring", status="ACTIVE")
    move(SIX)
    assert go(operation).state == State.CONFIRMED


# --- What figures and charts see ---


def test_waiting_bends_no_figure(spring: Campaign, move: Move) -> None:
    operation = handed_over(spring, move)
    move(SIX + SECOND)
    go(operation)
    ended = Record.objects.get(kind="operation.ended")
    assert (ended.latency_ms, ended.details["confirmation_ms"]) == (0, 1000)


def test_latency_begins_with_its_time(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = handed_over(spring, move)
    cxone.change("spring", status="ACTIVE")
    move(SIX + SECOND)
    assert go(operation).latency_ms == 1000


def test_drain_begins_with_its_time(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = handed_over(spring, move)
    cxone.change("spring", calls=9)
    full_read.read_all_campaigns()
    move(SIX + SECOND)
    go(operation)
    assert (Drain.objects.get().started_at, Drain.objects.get().calls_at_start) == (SIX, 9)
    spring.refresh_from_db()
    assert spring.status_since == SIX


# --- Too late ---


def test_late_within_the_bound_is_done(spring: Campaign, move: Move) -> None:
    operation = pause_at(spring)
    move(SIX + 60 * MINUTE)
    assert go(operation).state == State.CONFIRMED


def test_later_is_too_late(spring: Campaign, move: Move, cxone: Simulator) -> None:
    Policy.objects.update(late_minutes=10)
    operation = pause_at(spring)
    move(SIX + 10 * MINUTE + SECOND)
    assert go(operation).state == State.CANCELLED
    assert "Sat 28 Nov 2026 18:00 EST" in operation.error
    record = Record.objects.latest("number")
    assert (record.kind, record.details["state"], record.error) == ("operation.ended", "CANCELLED", operation.error)
    assert sent(cxone) == []


def test_pause_that_was_missed_is_a_finding(spring: Campaign, move: Move) -> None:
    operation = pause_at(spring)
    move(SIX + 61 * MINUTE)
    go(operation)
    finding = Finding.objects.get(ended_at=None)
    description = describe_finding(finding)
    assert (description.label, description.tone) == ("Pause cancelled", "bad")
    assert "was cancelled: It was due at Sat 28 Nov 2026 18:00 EST" in description.why


@pytest.mark.parametrize(
    ("status", "lasts"), [("PAUSED", timedelta(days=1)), ("ACTIVE", 30 * MINUTE)], ids=["paused", "over"]
)
def test_missed_pause_is_none_where_nothing_was_missed(
    spring: Campaign, move: Move, status: str, lasts: timedelta
) -> None:
    Campaign.objects.update(status=status)
    operation = pause_at(spring, until=due_instant(SIX + lasts))
    move(SIX + 61 * MINUTE)
    assert go(operation).state == State.CANCELLED
    assert not Finding.objects.filter(ended_at=None).exists()


# --- Another one in its way ---


def test_resume_waits_for_what_is_in_progress(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = resume_at(spring)
    move(SIX - SECOND)
    other = ask_pause(spring)
    move(SIX)
    assert go(operation).state == State.SCHEDULED
    assert "pause requested by Ada" in operation.error
    go(other)
    move(3 * SECOND)
    assert go(operation).state == State.CONFIRMED


def test_pause_since_its_time_wins_over_a_late_resume(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = resume_at(spring)
    move(SIX + 10 * MINUTE)
    assert go(ask_pause(spring)).state == State.SKIPPED
    assert go(operation).state == State.CANCELLED
    assert operation.error == "A pause requested by Ada came after its time. Nothing was sent."
    assert sent(cxone) == []


def test_pause_for_the_same_time_wins_over_a_resume(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = resume_at(spring)
    pause = handed_over(spring, move)
    move(SIX)
    assert go(operation).state == State.CANCELLED
    move(SIX + SECOND)
    assert go(pause).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_pause_that_came_while_a_resume_waited_wins(spring: Campaign, move: Move, cxone: Simulator) -> None:
    """CXone has the pause for later, and one operation at a time is in progress: nothing was resumed before it."""
    operation = resume_at(spring, SIX - MINUTE)
    pause = handed_over(spring, move)
    move(SIX - MINUTE)
    assert go(operation).state == State.SCHEDULED
    move(SIX + 3 * SECOND)
    assert go(pause).state == State.CONFIRMED
    assert go(operation).state == State.CANCELLED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_cancelled_pause_lets_a_late_resume_begin(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = resume_at(spring)
    move(SIX + MINUTE)
    requests.cancel_operation(operation=ask_pause(spring), by="Ada")
    assert go(operation).state == State.CONFIRMED


def test_resume_waits_no_longer_than_late(spring: Campaign, move: Move) -> None:
    operation = resume_at(spring)
    ask_pause(spring)
    move(SIX)
    go(operation)
    move(61 * MINUTE)
    assert go(operation).state == State.CANCELLED
    assert "in progress" in operation.error


def test_pause_outranks_a_resume_in_progress(spring: Campaign, move: Move) -> None:
    other = ask_resume(spring)
    operation = pause_at(spring)
    move(SIX - 2 * MINUTE)
    assert go(operation).state == State.ACCEPTED
    other.refresh_from_db()
    assert (other.state, other.superseded_by) == (State.CANCELLED, operation)


def test_pause_takes_the_place_of_what_was_sent(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    cxone.fail("GET", STATE, body={"id": "spring", "name": "Spring renewal", "status": "PAUSED", "schedule": {}})
    other = go(ask_resume(spring))
    assert other.state == State.ACCEPTED
    operation = pause_at(spring, START + MINUTE)
    assert go(operation).state == State.ACCEPTED
    other.refresh_from_db()
    assert (other.state, other.superseded_by) == (State.SUPERSEDED, operation)


def test_pause_waits_for_another_pause(spring: Campaign, move: Move) -> None:
    operation = pause_at(spring)
    other = ask_pause(spring)
    move(SIX - 2 * MINUTE)
    assert go(operation).state == State.SCHEDULED
    go(other)
    move(3 * SECOND)
    assert go(operation).waiting_for == WaitingFor.TIME


def test_pause_now_outranks_what_cxone_has(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operation = handed_over(spring, move)
    now = go(ask_pause(spring))
    assert now.state == State.CONFIRMED
    operation.refresh_from_db()
    assert (operation.state, operation.superseded_by) == (State.SUPERSEDED, now)
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_earlier_pause_is_not_outranked_by_later(spring: Campaign, move: Move) -> None:
    first = handed_over(spring, move)
    second = pause_at(spring, SIX + SECOND)
    assert go(second).state == State.SCHEDULED
    first.refresh_from_db()
    assert first.state == State.ACCEPTED


# --- Until a time ---


def pause_until(campaign: Campaign, until: datetime = SIX, **values: Any) -> tuple[Operation, Operation]:
    pause = ask_pause(campaign, until=due_instant(until), **values)
    return pause, pause.undone_by.get()


def test_resume_is_held_from_the_start(spring: Campaign) -> None:
    pause, resume = pause_until(spring)
    assert (pause.state, resume.state, resume.kind) == (State.QUEUED, State.SCHEDULED, "resume")
    assert (resume.not_before, resume.by, resume.undoes) == (SIX, "Ada", pause)
    asked = Record.objects.filter(kind="operation.asked").order_by("number")
    assert [record.details.get("undoes") for record in asked] == [None, str(pause.pk)]


def test_same_form_again_holds_one_resume(spring: Campaign) -> None:
    pause_until(spring, key="k")
    pause_until(spring, key="k")
    assert Operation.objects.count() == 2


def test_campaign_dials_again_at_its_end(spring: Campaign, move: Move, cxone: Simulator) -> None:
    pause, resume = pause_until(spring)
    go(pause)
    move(SIX)
    assert go(resume).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "ACTIVE"


def test_pause_at_and_until(spring: Campaign, move: Move) -> None:
    pause = pause_at(spring, until=due_instant(SIX + 60 * MINUTE))
    resume = pause.undone_by.get()
    go(ask_pause(spring))
    go(ask_resume(spring))
    move(SIX - 2 * MINUTE)
    go(pause)
    move(SIX + SECOND)
    assert go(pause).state == State.CONFIRMED
    move(SIX + 60 * MINUTE)
    assert go(resume).state == State.CONFIRMED


def test_pause_by_somebody_since_stands(spring: Campaign, move: Move, cxone: Simulator) -> None:
    pause, resume = pause_until(spring)
    go(pause)
    move(MINUTE)
    go(ask_resume(spring))
    move(MINUTE)
    go(ask_pause(spring))
    move(SIX)
    assert go(resume).state == State.CANCELLED
    assert "no longer paused by the pause" in resume.error
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_cancelled_pause_takes_its_resume_along(spring: Campaign) -> None:
    pause, resume = pause_until(spring)
    requests.cancel_operation(operation=pause, by="Grace")
    resume.refresh_from_db()
    assert (resume.state, "was cancelled" in resume.error) == (State.CANCELLED, True)
    assert [record.operation for record in Record.objects.order_by("-number")[:2]] == [resume.pk, pause.pk]


@pytest.mark.parametrize(
    ("change", "state", "word"),
    [({"calls": 51}, State.REJECTED, "rejected"), ({"status": "PAUSED"}, State.SKIPPED, "paused already")],
)
def test_pause_without_effect_takes_it_along(
    spring: Campaign, cxone: Simulator, change: dict[str, object], state: State, word: str
) -> None:
    cxone.change("spring", **change)  # type: ignore[arg-type]
    pause, resume = pause_until(spring)
    assert go(pause).state == state
    resume.refresh_from_db()
    assert (resume.state, word in resume.error) == (State.CANCELLED, True)


def test_superseded_pause_takes_it_along(spring: Campaign, move: Move) -> None:
    pause = pause_at(spring, until=due_instant(SIX + 60 * MINUTE))
    move(SIX - 2 * MINUTE)
    go(pause)
    go(ask_pause(spring))
    resume = pause.undone_by.get()
    assert (resume.state, "Another pause took the place" in resume.error) == (State.CANCELLED, True)


def test_unconfirmed_pause_keeps_its_end(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, forget=True)
    pause = pause_at(spring, until=due_instant(SIX + 60 * MINUTE))
    move(SIX - 2 * MINUTE)
    go(pause)
    move(SIX + 90 * SECOND)
    assert go(pause).state == State.UNCONFIRMED
    assert pause.undone_by.get().state == State.SCHEDULED


def test_resume_waits_for_the_pause_that_it_ends(spring: Campaign, move: Move) -> None:
    pause = pause_at(spring, until=due_instant(SIX + MINUTE))
    resume = pause.undone_by.get()
    move(SIX + MINUTE)
    assert go(resume).state == State.SCHEDULED


def test_pause_that_should_be_over_does_not_begin(spring: Campaign, move: Move, cxone: Simulator) -> None:
    pause = pause_at(spring, until=due_instant(SIX + MINUTE))
    move(SIX + MINUTE)
    assert go(pause).state == State.CANCELLED
    assert "Sat 28 Nov 2026 18:01 EST" in pause.error
    assert pause.undone_by.get().state == State.CANCELLED
    assert sent(cxone) == []


# --- Many at one instant ---


def hold_many(cxone: Simulator, number: int) -> list[Operation]:
    for place in range(number):
        cxone.add(id=f"many-{place}", calls=3)
    full_read.read_all_campaigns()
    return [pause_at(campaign) for campaign in Campaign.objects.filter(pk__startswith="many-")]


def highest_slot_used() -> int | None:
    used = RequestSlot.objects.filter(number__gt=0, free_at__gt=Now())
    return used.order_by("-number").values_list("number", flat=True).first()


def test_one_count_answers_for_all(spring: Campaign, move: Move, cxone: Simulator) -> None:
    operations = hold_many(cxone, 3)
    move(SIX - 2 * MINUTE)
    counted = len(cxone.record.requests("POST", COUNT))
    assert {go(operation).state for operation in operations} == {State.ACCEPTED}
    assert len(cxone.record.requests("POST", COUNT)) == counted + 1


def test_single_one_has_the_lane_of_clicks(spring: Campaign, move: Move) -> None:
    handed_over(spring, move)
    assert highest_slot_used() == 200


def test_many_leave_slots_to_clicks(spring: Campaign, move: Move, cxone: Simulator) -> None:
    first, *_ = hold_many(cxone, 21)
    move(SIX - 2 * MINUTE)
    assert go(first).state == State.ACCEPTED
    assert highest_slot_used() == 190


def test_many_are_left_to_the_regular_read(spring: Campaign, move: Move, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    first, *_ = [resume_at(spring) for _ in range(21)]
    move(SIX)
    read = len(cxone.record.requests("GET", STATE))
    assert go(first).state == State.ACCEPTED
    assert len(cxone.record.requests("GET", STATE)) == read
    move(SECOND)
    full_read.read_all_campaigns()
    first.refresh_from_db()
    assert first.state == State.CONFIRMED


def test_one_read_confirms_many(spring: Campaign, move: Move, cxone: Simulator, enqueued: list[Any]) -> None:
    operations = hold_many(cxone, 5)
    SyncState.objects.update(requests=4)
    move(SIX - 2 * MINUTE)
    for operation in operations:
        go(operation)
    move(SIX + SECOND)
    enqueued.clear()
    assert {go(operation).state for operation in operations} == {State.ACCEPTED}
    assert enqueued == [("campaigns.tasks.sync_campaigns",)]
    full_read.read_all_campaigns()
    assert not Operation.objects.filter(state=State.ACCEPTED).exists()


def test_later_emergency_leaves_waiting_pause_alone(spring: Campaign, move: Move) -> None:
    later = pause_at(spring, reason="EMERGENCY")
    move(SIX - 2 * MINUTE)
    sooner = ask_pause(spring)
    assert go(later).state == State.SCHEDULED
    sooner.refresh_from_db()
    assert sooner.state == State.QUEUED


def test_emergency_at_its_time_takes_place_of_waiting_pause(spring: Campaign, move: Move) -> None:
    later = pause_at(spring, reason="EMERGENCY")
    sooner = ask_pause(spring)
    move(SIX)
    assert go(later).state == State.CONFIRMED
    sooner.refresh_from_db()
    assert sooner.superseded_by == later


def test_unsent_emergency_is_not_lost_to_pause_that_may_be_rejected(spring: Campaign, move: Move) -> None:
    later = pause_at(spring, reason="EMERGENCY")
    move(SIX - 2 * MINUTE)
    Operation.objects.filter(pk=later.pk).update(state=State.QUEUED)
    with pytest.raises(InTheWay):
        ask_pause(spring)

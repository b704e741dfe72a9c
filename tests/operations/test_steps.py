"""An operation's steps: done, being done, still to come."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Attempt, Campaign, Operation, OperationKind
from campaigns.operations.steps import Step, TimeChange, elapsed, steps
from campaigns.states import State, WaitingFor

ASKED = datetime(2026, 11, 2, 15, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return ASKED + timedelta(seconds=seconds)


def steps_of(
    state: State, kind: OperationKind = OperationKind.PAUSE, attempts: Sequence[Attempt] = (), **values: Any
) -> list[Step]:
    return steps(Operation(kind=kind, by="ann", state=state, requested_at=ASKED, **values), attempts)


def marks(found: list[Step]) -> list[str]:
    return [step.mark for step in found]


def test_queued_waits_for_a_worker() -> None:
    found = steps_of(State.QUEUED)
    assert marks(found) == ["done", "now", "next", "next", "next", "next", "next"]
    assert found[1].name == "Picked up by a worker"


def test_resume_counts_no_calls() -> None:
    names = [step.name for step in steps_of(State.QUEUED, OperationKind.RESUME)]
    assert names == ["Asked", "Picked up by a worker", "Sent to CXone", "Accepted by CXone", "Read back as active"]


def test_rejected_leaves_out_the_rest() -> None:
    found = steps_of(
        State.REJECTED,
        started_at=after(0.1),
        checked_at=after(0.4),
        calls_before=80,
        calls_limit=50,
        ended_at=after(0.4),
    )
    assert [step.name for step in found][-1] == "Rejected"
    assert marks(found) == ["done", "done", "done", "bad"]
    assert found[2].detail == "80 calls in progress, more than the limit of 50"


def test_confirmed_ends_with_reading_back() -> None:
    found = steps_of(
        State.CONFIRMED,
        started_at=after(0.1),
        checked_at=after(0.2),
        place_limit=1,
        sent_at=after(0.3),
        accepted_at=after(0.5),
        latency_ms=400,
        confirmed_at=after(0.7),
        ended_at=after(0.7),
    )
    assert set(marks(found)) == {"done"}
    assert (found[-1].name, found[-1].after) == ("Read back as paused", "0.70 s")


def test_wait_is_told_at_its_step() -> None:
    found = steps_of(State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT, started_at=after(0.1), checked_at=after(0.2))
    waiting = next(step for step in found if step.mark == "now")
    assert (waiting.name, waiting.detail) == (
        "Its turn",
        "Queued behind another pause",
    )


def attempt(number: int, seconds: float, outcome: str) -> Attempt:
    return Attempt(number=number, sent_at=after(seconds), outcome=outcome)


def test_change_that_was_seen_without_an_answer_says_so() -> None:
    found = steps_of(
        State.CONFIRMED,
        attempts=[attempt(1, 0.3, "unknown")],
        started_at=after(0.1),
        sent_at=after(0.3),
        confirmed_at=after(0.7),
        ended_at=after(0.7),
    )
    assert [step.name for step in found] == ["Asked", "Picked up by a worker", "Sent to CXone", "Read back as paused"]
    assert found[-1].detail == "No answer from CXone; read back as paused"


def test_steps_are_in_the_order_of_time() -> None:
    found = steps_of(
        State.CONFIRMED,
        attempts=[attempt(1, 0.3, "unknown"), attempt(2, 2.5, "accepted")],
        started_at=after(0.1),
        checked_at=after(2.2),
        place_limit=1,
        sent_at=after(0.3),
        accepted_at=after(2.6),
        confirmed_at=after(2.7),
        ended_at=after(2.7),
    )
    assert [step.name for step in found] == [
        "Asked",
        "Picked up by a worker",
        "Tried once before",
        "Read, and its calls counted",
        "Its turn",
        "Sent to CXone",
        "Accepted by CXone",
        "Read back as paused",
    ]
    times = [step.at for step in found if step.at]
    assert times == sorted(times)


def test_earlier_attempts_are_folded() -> None:
    tries = [attempt(1, 0.3, "unknown"), attempt(2, 2.5, "unknown"), attempt(3, 5, "")]
    found = steps_of(State.RUNNING, attempts=tries, started_at=after(0.1), sent_at=after(0.3))
    shown = {step.name: (len(step.attempts), step.folded) for step in found if step.attempts}
    assert shown == {"Tried 2 times before": (2, True), "Sent to CXone": (1, False)}


def test_very_many_attempts_are_not_all_shown() -> None:
    tries = [attempt(number, number, "unknown") for number in range(1, 91)]
    found = steps_of(State.WAITING, attempts=tries, started_at=after(0.1), sent_at=after(1))
    earlier = next(step for step in found if step.folded)
    assert (earlier.name, earlier.detail) == ("Tried 89 times before", "the last 20 are shown")
    assert [shown.number for shown in earlier.attempts] == list(range(70, 90))


def test_look_after_the_last_attempt_stands_below_it() -> None:
    found = steps_of(
        State.UNCONFIRMED,
        attempts=[attempt(1, 0.3, "unknown")],
        started_at=after(0.1),
        checked_at=after(40),
        sent_at=after(0.3),
        ended_at=after(41),
    )
    assert [step.name for step in found][2:] == ["Sent to CXone", "Read, and its calls counted", "Unconfirmed"]


@pytest.mark.parametrize(("seconds", "words"), [(0.126, "0.13 s"), (12.4, "12 s"), (185, "3 min 5 s"), (-1, "0.00 s")])
def test_elapsed_time_in_words(seconds: float, words: str) -> None:
    assert elapsed(seconds) == words


def test_schedule_is_compared_before_it_is_sent() -> None:
    found = steps_of(State.QUEUED, OperationKind.SCHEDULE)
    assert [step.name for step in found] == [
        "Asked",
        "Picked up by a worker",
        "Read, and compared with what was changed",
        "Sent to CXone",
        "Accepted by CXone",
        "Read back with the new schedule",
    ]


@pytest.mark.parametrize(
    ("replaced", "words"), [({"timezone": "UTC"}, "as it was"), ({}, "changed by somebody else, merged with this")]
)
def test_comparison_in_words(replaced: dict[str, str], words: str) -> None:
    payload = {"base": {"timezone": "UTC"}, "replaced": replaced}
    found = steps_of(
        State.ACCEPTED, OperationKind.SCHEDULE, payload=payload, started_at=after(0.1), checked_at=after(0.2)
    )
    assert found[2].detail == words


def test_conflict_ends_the_steps() -> None:
    found = steps_of(
        State.CONFLICT,
        OperationKind.SCHEDULE,
        conflict={"clashes": []},
        started_at=after(0.1),
        checked_at=after(0.2),
        ended_at=after(0.2),
    )
    assert (found[-1].name, found[-1].mark) == ("Conflict", "bad")
    assert found[2].detail == "changed by somebody else, against this"


@pytest.mark.parametrize(
    ("origin", "asker"),
    [
        ("person", "by Ada"),
        ("bulk", "by Ada, for many campaigns at once"),
        ("watch", "by the pause watch, for Ada"),
    ],
)
def test_first_step_names_who_asked(origin: str, asker: str) -> None:
    operation = Operation(kind="pause", by="Ada", origin=origin, requested_at=datetime.now(UTC))
    assert steps(operation)[0].detail == asker


# --- A time of their own ---

SIX = datetime(2026, 11, 2, 23, tzinfo=UTC)


def timed(state: State, **values: Any) -> Operation:
    campaign = Campaign(timezone="America/New_York")
    kind = OperationKind.PAUSE
    return Operation(kind=kind, by="ann", state=state, requested_at=ASKED, not_before=SIX, campaign=campaign, **values)


def test_held_one_says_for_when() -> None:
    asked, taken, *_ = steps(timed(State.SCHEDULED))
    assert asked.detail == "by ann, for Mon 2 Nov 2026 18:00 EST"
    assert (taken.mark, taken.detail) == ("now", "Scheduled")


def test_change_of_its_time_is_a_step() -> None:
    change = TimeChange(after(60), "bob", SIX, SIX + timedelta(hours=1))
    moved = steps(timed(State.SCHEDULED), time_changes=[change])[1]
    assert moved.name == "Time changed"
    assert moved.detail == "by bob: from Mon 2 Nov 2026 18:00 EST to Mon 2 Nov 2026 19:00 EST"


def test_change_by_nobody_names_the_cause() -> None:
    change = TimeChange(after(60), "", SIX, SIX + timedelta(hours=1))
    assert "by new rules of its time zone" in steps(timed(State.SCHEDULED), time_changes=[change])[1].detail


def test_seconds_count_from_its_own_time() -> None:
    times = {"accepted_at": SIX - timedelta(minutes=2), "confirmed_at": SIX + timedelta(seconds=1)}
    found = {step.name: step.after for step in steps(timed(State.CONFIRMED, **times))}
    assert found["Accepted by CXone"] == ""
    assert found["Read back as paused"] == "1.00 s"

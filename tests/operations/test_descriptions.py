"""Every state in words: what happened, what it means, what to do next."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Operation, OperationKind, Origin
from campaigns.operations.descriptions import AT_REST_ALREADY, describe
from campaigns.operations.labels import Tone, describe_control, is_cancellable, label_of, tone_of
from campaigns.operations.phrases import join_words, part_name
from campaigns.schedule import DAYS
from campaigns.states import BAD_ENDS, State, WaitingFor


def operation(state: State, **values: Any) -> Operation:
    return Operation(**{"kind": OperationKind.PAUSE, "by": "ann", "state": state} | values)


@pytest.mark.parametrize("kind", OperationKind)
@pytest.mark.parametrize("state", State)
def test_every_state_is_told(state: State, kind: OperationKind) -> None:
    told = describe(operation(state, kind=kind, error="CXone said no."))
    assert told.label
    assert told.happened.endswith(".")


@pytest.mark.parametrize("waiting_for", WaitingFor)
def test_every_wait_is_told(waiting_for: WaitingFor) -> None:
    told = describe(operation(State.WAITING, waiting_for=waiting_for))
    assert told.happened
    assert "continues by itself" in told.advice


@pytest.mark.parametrize("state", BAD_ENDS)
def test_bad_ends_say_what_next(state: State) -> None:
    told = describe(operation(state, calls_before=80, calls_limit=50))
    assert told.advice
    assert told.tone in {Tone.BAD, Tone.WARNING}


def test_rejected_names_the_figures() -> None:
    told = describe(operation(State.REJECTED, calls_before=80, calls_limit=50))
    assert told.happened == "80 calls were in progress, more than the limit of 50."


def test_pause_without_calls_speaks_of_none() -> None:
    assert describe(operation(State.CONFIRMED, calls_before=0)).meaning == "It starts no new calls."
    assert "continue until they end" in describe(operation(State.CONFIRMED, calls_before=1)).meaning


def test_failed_tells_cxones_words() -> None:
    error = "CXone refused to pause the campaign (403): no scope."
    assert describe(operation(State.FAILED, error=error)).happened == error


@pytest.mark.parametrize(
    ("status", "advice"), [(403, "Trying again alone won’t help"), (503, "Try again."), (None, "Try again.")]
)
def test_refused_for_good_needs_an_admin(status: int | None, advice: str) -> None:
    assert describe(operation(State.FAILED, error="No.", api_status=status)).advice.startswith(advice)


def test_confirmed_and_changed_since_says_so() -> None:
    at = timezone.now()
    told = describe(operation(State.CONFIRMED, seen_at=at, confirmed_at=at))
    assert "read back from CXone as paused, and somebody else has changed it there since" in told.happened
    assert "starts no new calls" not in told.meaning


def test_conflict_after_a_lost_answer_claims_no_more_than_is_known() -> None:
    told = describe(operation(State.CONFLICT, kind=OperationKind.SCHEDULE, conflict={"undone": True}))
    assert "was not applied" not in told.meaning


def test_unconfirmed_without_an_answer_says_why() -> None:
    error = "No clear answer came to what was sent, and the campaign has been changed in CXone since."
    assert describe(operation(State.UNCONFIRMED, error=error)).happened == error


def test_error_names_no_id_beside_the_name() -> None:
    failed = operation(State.FAILED, campaign_id="c-1", error="CXone refused to pause campaign c-1 (422).")
    assert describe(failed).happened == "CXone refused to pause the campaign (422)."


def test_waiting_doesnt_repeat_its_error() -> None:
    error = "CXone can’t be reached. Nothing was sent."
    told = describe(operation(State.WAITING, waiting_for=WaitingFor.RETRY, error=error))
    assert (told.happened, told.meaning) == (error, "")


def test_waiting_for_outcome_says_that_it_is_read_first() -> None:
    told = describe(operation(State.WAITING, waiting_for=WaitingFor.OUTCOME, error="The answer was lost."))
    assert "nothing is applied twice" in told.meaning


def test_unconfirmed_pause_may_dial() -> None:
    assert "may still be dialing" in describe(operation(State.UNCONFIRMED)).meaning


def test_override_is_told_of() -> None:
    told = describe(operation(State.CONFIRMED, override=True, calls_before=80, calls_limit=50))
    assert "80 calls were in progress" in told.happened
    assert "the reason that ann gave overrides that" in told.happened


def test_needless_override_is_not_told() -> None:
    told = describe(operation(State.CONFIRMED, override=True, calls_before=1, calls_limit=50))
    assert "confirmed that" not in told.happened


def test_dropped_calls_are_told_of() -> None:
    told = describe(operation(State.CONFIRMED, payload={"drop_active_calls": True}))
    assert "cut off" in told.meaning


def test_label_says_what_for() -> None:
    waiting = operation(State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT)
    assert label_of(waiting) == "Queued behind another pause"


def test_in_progress_is_busy() -> None:
    assert tone_of(operation(State.ACCEPTED)) == Tone.BUSY


def test_sent_is_not_cancellable() -> None:
    assert is_cancellable(operation(State.WAITING))
    assert not is_cancellable(operation(State.WAITING, sent_at=timezone.now()))
    assert not is_cancellable(operation(State.CONFIRMED))


def test_waiting_after_sending_offers_no_cancel() -> None:
    told = describe(operation(State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT, sent_at=timezone.now()))
    assert "cancel" not in told.advice


@pytest.mark.parametrize(
    ("control", "controller", "words"),
    [
        ("person", "ann", "by ann"),
        ("schedule", "", "by the schedule"),
        ("outside", "", "in CXone"),
        ("before", "", "since before we looked"),
    ],
)
def test_control_is_told(control: str, controller: str, words: str) -> None:
    assert describe_control(Campaign(control=control, controller=controller)) == words


@pytest.mark.parametrize("state", State)
def test_schedule_change_is_a_noun(state: State) -> None:
    told = describe(operation(state, kind=OperationKind.SCHEDULE, error="CXone said no."))
    words = f"{told.happened} {told.meaning} {told.advice}"
    assert "schedule the campaign" not in words
    assert "The schedule was" not in words


def test_merged_change_is_told_of() -> None:
    payload = {"base": {"timezone": "UTC"}, "replaced": {"timezone": "Europe/London"}}
    told = describe(operation(State.CONFIRMED, kind=OperationKind.SCHEDULE, payload=payload))
    assert "their change was kept" in told.happened


def test_conflict_names_what_clashed() -> None:
    told = describe(operation(State.CONFLICT, kind=OperationKind.SCHEDULE, error="Somebody else changed Monday too."))
    assert "Monday" in told.happened


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_list_in_words(words: list[str], text: str) -> None:
    assert join_words(words) == text


@pytest.mark.parametrize("part", ["timezone", "pauseConditions", "hours", "other", *DAYS])
def test_every_part_has_a_name(part: str) -> None:
    assert part_name(part)


# --- A time of their own ---

SIX = datetime(2026, 11, 28, 23, tzinfo=UTC)


def timed(state: State, **values: Any) -> Operation:
    """For six in the evening where the campaign is."""
    return operation(state, not_before=SIX, campaign=Campaign(timezone="America/New_York"), **values)


def test_held_one_says_for_when() -> None:
    told = describe(timed(State.SCHEDULED))
    assert told.happened == "ann asked to pause the campaign at Sat 28 Nov 2026 18:00 EST."
    assert "Two minutes before" in told.meaning
    assert "change its time, or cancel it" in told.advice


def test_held_one_says_what_is_in_its_way() -> None:
    told = describe(timed(State.SCHEDULED, kind=OperationKind.RESUME, error="A pause is still in progress."))
    assert told.happened == (
        "The resume was due at Sat 28 Nov 2026 18:00 EST, and waits. A pause is still in progress."
    )


def test_end_of_a_pause_names_its_condition() -> None:
    told = describe(timed(State.SCHEDULED, kind=OperationKind.RESUME, undoes_id=uuid4()))
    assert "still paused by the pause that it ends" in told.meaning


def test_handed_over_one_says_what_is_possible() -> None:
    told = describe(timed(State.ACCEPTED, accepted_at=SIX - timedelta(minutes=2)))
    assert told.label == "With CXone until its time"
    assert told.happened == "CXone has the pause and carries it out at Sat 28 Nov 2026 18:00 EST."
    assert "no longer be cancelled here, but a pause now is possible" in told.advice


def test_accepted_at_its_time_is_like_any_other() -> None:
    assert describe(timed(State.ACCEPTED, accepted_at=SIX)).label == "Accepted, not yet seen"


def test_paused_already_waits_for_its_time() -> None:
    told = describe(timed(State.WAITING, waiting_for=WaitingFor.TIME))
    assert "its own time, Sat 28 Nov 2026 18:00 EST" in told.happened


def test_unconfirmed_says_for_when() -> None:
    told = describe(timed(State.UNCONFIRMED, accepted_at=SIX - timedelta(minutes=2)))
    assert told.happened.startswith("CXone accepted the pause for Sat 28 Nov 2026 18:00 EST, but")


# --- The holiday guard ---


def by_the_guard(state: State, kind: OperationKind = OperationKind.PAUSE, **values: Any) -> Operation:
    note = "Christmas Day (calendar US)"
    return operation(state, kind=kind, by="Holiday guard", origin=Origin.GUARD, note=note, **values)


def test_guards_pause_names_the_holiday() -> None:
    assert describe(by_the_guard(State.CONFIRMED)).happened == (
        "Holiday guard paused it for Christmas Day (calendar US). The campaign was read back from CXone as paused."
    )
    assert (
        "asked to pause the campaign for Christmas Day (calendar US)" in describe(by_the_guard(State.QUEUED)).happened
    )


def test_guards_resume_names_the_holiday() -> None:
    happened = describe(by_the_guard(State.CONFIRMED, OperationKind.RESUME)).happened
    assert happened.startswith("Holiday guard resumed it after Christmas Day (calendar US).")


def test_guard_confirmed_nothing_but_the_holiday() -> None:
    busy = by_the_guard(State.CONFIRMED, override=True, calls_before=60, calls_limit=50)
    assert "more than the limit of 50; a holiday overrides that." in describe(busy).happened


def test_guard_leaves_what_was_paused() -> None:
    assert "does not resume it after Christmas Day" in describe(by_the_guard(State.SKIPPED)).meaning


def test_guard_asks_again_by_itself() -> None:
    assert describe(by_the_guard(State.FAILED)).advice.startswith("Holiday guard asks again by itself.")


def test_pause_of_what_does_not_dial_needs_nothing() -> None:
    told = describe(operation(State.SKIPPED, error=f"{AT_REST_ALREADY}: it is COMPLETE in CXone. Nothing was sent."))
    assert told.happened == "The campaign doesn’t dial: it is COMPLETE in CXone. Nothing was sent."
    assert told.meaning == "There was nothing to stop."

"""Outcomes of steps, each written in one fenced transaction: the rows, the pages' version, the audit record."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest, Least, Now

from campaigns.attention.causes import note_ended
from campaigns.cxone.errors import Conflict, CXoneError
from campaigns.cxone.gateway import CampaignState
from campaigns.dialect import cxone_can
from campaigns.errors import OnHold
from campaigns.models import Campaign, Operation, OperationKind, SyncState
from campaigns.operations import rank, sent
from campaigns.operations.descriptions import ALREADY
from campaigns.operations.phrases import against_limit, calls_are
from campaigns.operations.records import record_ended
from campaigns.operations.runner import attempts, patience, pause_slots, reconcile
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.confirmation import confirm
from campaigns.operations.timed import WITHOUT_EFFECT, begin_of, cancel_held_resume, held_ends, is_ahead, not_earlier
from campaigns.queueing.rows import database_now
from campaigns.schedule import opening
from campaigns.states import IN_PROGRESS, State, WaitingFor, status_word

# CXone may refuse a pause while others are being carried out. That isn't a failure, but it isn't tried forever either.
CXONE_SLOT_TRIES = 10
# How often a paused campaign is read whose superseded resume may still take effect. It would dial until it is seen.
LATE_EFFECT_SECONDS = 2.0
LATE_EFFECT = (
    "The campaign is paused, but a resume that was sent just before may still take effect. It is read until that can "
    "no longer be, and paused if it dials."
)
# How often one is read that is due as its window opens, and for how long after that: clocks differ, and CXone's
# schedule takes a moment to start it.
OPENING_SECONDS = 5.0
AROUND_AN_OPENING = timedelta(minutes=1)
OPENING = (
    "The campaign is stopped, but its window opens about now, and CXone’s schedule may start it. It is read until "
    "that has passed, and paused if it dials."
)
# A slot that becomes free enqueues the next pause at once; this is for when that wake-up is lost.
SLOT_SECONDS = 5.0
# A pause whose outcome is unknown keeps its slot, since it may be in effect. If CXone still hasn't told by then, the
# others go first: one campaign must not keep all of them from being paused.
SLOT_PATIENCE = timedelta(minutes=1)
# How long a pause waits for fewer calls: a shift. And how often it looks, at a count that all share.
CALLS_PATIENCE = timedelta(hours=8)
CALLS_SECONDS = 5.0
PASSED = "The time until which the pause was to last has passed, and too many calls were in progress until then."
# At the most between two looks at what CXone has accepted, where it doesn't tell by itself.
LOOK_SECONDS = 15.0
# Of all requests, for looks at what waits for calls.
LOOKS_SHARE = 0.2
# After the time for which CXone has a pause: its Date has whole seconds, and so have the times that it is given.
LOOK_AFTER = timedelta(seconds=1)

NOT_ITS_PAUSE = (
    "The campaign is no longer paused by the pause that this resume was to end: somebody has paused or resumed it "
    "since. Nothing was sent."
)
# The result of the compliance check of a pause that may not be sent, and of one that may all the same.
TOO_MANY, OVERRIDDEN = "REJECTED", "OVERRIDDEN"


def postpone(claimed: ClaimedOperation, waiting_for: WaitingFor, seconds: float, error: str = "") -> None:
    """Release the operation; it is due again in `seconds`."""
    # An accepted change stays accepted, whatever its next look waits for.
    if claimed.operation.state == State.ACCEPTED:
        state = State.ACCEPTED
    else:
        state = State.WAITING
    if state == State.ACCEPTED and claimed.operation.waiting_for == WaitingFor.CALLS_TO_END:
        # As far as is known, whatever keeps it from being looked at.
        waiting_for = WaitingFor.CALLS_TO_END
    with transaction.atomic():
        claimed.write(
            state=state,
            waiting_for=waiting_for,
            next_attempt_at=Now() + timedelta(seconds=seconds),
            enqueued_at=None,
            lease_until=None,
            error=error[:1000],
            **_failures_of(claimed.operation),
        )
        if _keeps_slot(claimed.operation):
            pause_slots.hold(claimed.operation, seconds)
        else:
            pause_slots.release(claimed.operation)
        SyncState.bump()


def _keeps_slot(operation: Operation) -> bool:
    since = operation.failing_since
    if since and database_now() - since >= SLOT_PATIENCE:
        return False
    return sent.may_be_in_effect(operation)


def _failures_of(operation: Operation) -> dict[str, Any]:
    names = ("failures", "failing_since", "retry_until")
    return {name: getattr(operation, name) for name in names}


def wait_for_time(claimed: ClaimedOperation) -> None:
    """The campaign is as asked for already, but not by this operation, whose time is still to come."""
    due = claimed.operation.not_before
    seconds = (due - database_now()).total_seconds() if due else 0
    postpone(claimed, WaitingFor.TIME, max(0, seconds))


def try_again(claimed: ClaimedOperation, error: CXoneError | str, asked: float | None = None) -> None:
    """Count a failure and wait, `asked` seconds (Retry-After) at least; or end if patience is over."""
    operation, now = claimed.operation, database_now()
    patience.note_failure(operation, now)
    if is_spent(operation, now):
        _end_spent(claimed, error)
        return
    if sent.may_have_worked(operation):
        reason = WaitingFor.OUTCOME
    else:
        reason = WaitingFor.RETRY
    postpone(claimed, reason, patience.seconds_to_wait(operation, now, asked), _what_happened(error))


def is_spent(operation: Operation, now: datetime) -> bool:
    """It has failed for as long as it may."""
    return operation.retry_until is not None and operation.retry_until <= now


def wait_for_slot(claimed: ClaimedOperation) -> None:
    """All pause slots are taken. That is no failure, and CXone had answered."""
    patience.note_answer(claimed.operation)
    postpone(claimed, WaitingFor.PAUSE_SLOT, SLOT_SECONDS)


def wait_to_be_told(claimed: ClaimedOperation, error: str) -> None:
    """CXone answers, and that doesn't tell what came of a request: read again, for as long as after an acceptance."""
    operation, sent_at = claimed.operation, sent.last_sent_at(claimed.operation)
    patience.note_answer(operation)
    operation.failures += 1
    if sent_at and database_now() - sent_at >= timedelta(seconds=settings.CONFIRM_SECONDS):
        end_unconfirmed(claimed, error)
        return
    postpone(claimed, WaitingFor.OUTCOME, patience.wait_after(operation.failures), error)


def _what_happened(error: CXoneError | str) -> str:
    """Without what it means: how it goes on is the pages' to say."""
    if isinstance(error, CXoneError):
        return error.description
    return error


def wait_for_cxone(claimed: ClaimedOperation, error: Conflict) -> None:
    """CXone refused for a reason that passes, such as too many pauses at once. Try again, but not forever."""
    refusals = claimed.operation.attempts.filter(api_status=error.status).count()
    if refusals >= CXONE_SLOT_TRIES:
        end_badly(claimed, f"{error.description} It was tried {refusals} times.", error.status)
        return
    if claimed.operation.kind == OperationKind.PAUSE and cxone_can().limits_pauses:
        reason = WaitingFor.PAUSE_SLOT
    else:
        reason = WaitingFor.RETRY
    patience.note_answer(claimed.operation)
    postpone(claimed, reason, patience.wait_after(refusals), f"{error.description} It is retried automatically.")


def end_impossible(claimed: ClaimedOperation, error: Conflict, state: CampaignState) -> None:
    """CXone refused because the campaign's own status rules the change out."""
    end_badly(claimed, f"{error.description} The campaign is {status_word(state.status)} there.", error.status)


def check_calls(claimed: ClaimedOperation, calls: int, limit: int, *, counted_at: datetime | None = None) -> bool:
    """Record the count of calls and the limit. False: the pause may not be sent, and the operation has ended.

    `counted_at`: when the count was made, if that was before this go.
    """
    operation = claimed.operation
    # Written with what follows: the attempt, the wait for a slot, the end. The count is no older than that time.
    claimed.note(
        calls_before=calls,
        calls_limit=limit,
        compliance_check=verdict(calls, limit, operation.override),
        checked_at=counted_at or claimed.now,
        etag=operation.etag,
    )
    if operation.compliance_check == TOO_MANY:
        reject(claimed, calls, limit)
        return False
    return True


def wait_for_calls(claimed: ClaimedOperation, calls: int, limit: int) -> None:
    """More calls are in progress than the pause is to meet, and it waits for that. CXone had answered."""
    operation = claimed.operation
    patience.note_answer(operation)
    claimed.note(calls_before=calls, calls_limit=limit)
    if claimed.now - begin_of(operation) >= CALLS_PATIENCE:
        claimed.note(compliance_check=TOO_MANY, checked_at=claimed.now)
        hours = int(CALLS_PATIENCE.total_seconds()) // 3600
        _end(claimed, State.REJECTED, f"{hours} hours have passed with more than {limit:,} calls in progress.")
        return
    if _ends_before_it_begins(operation):
        end_cancelled(claimed, PASSED)
        return
    # One count answers for all; otherwise each has its own.
    seconds = CALLS_SECONDS if cxone_can().counts_at_once else _paced(WaitingFor.CALLS, CALLS_SECONDS, requests=1)
    postpone(claimed, WaitingFor.CALLS, seconds)


def _paced(waiting_for: WaitingFor, least: float, *, requests: int) -> float:
    """Seconds between two looks at an operation that waits for that, each of which takes so many requests. All of them
    together take their part of the requests, however many there are."""
    waiting = Operation.objects.filter(state__in=IN_PROGRESS, waiting_for=waiting_for).count()
    return max(least, waiting * requests * 60 / (settings.CXONE_RATE_PER_MINUTE * LOOKS_SHARE))


def _ends_before_it_begins(operation: Operation) -> bool:
    """The time until which it was to last has passed."""
    return held_ends(operation).filter(not_before__lte=database_now()).exists()


def skip_calls_check(claimed: ClaimedOperation) -> None:
    """CXone didn't count the calls, and the pause goes out without: its reason overrides the check."""
    claimed.note(compliance_check=OVERRIDDEN, checked_at=claimed.now, etag=claimed.operation.etag)


def verdict(calls: int, limit: int, override: bool) -> str:
    """The result of the compliance check."""
    if calls <= limit:
        return "PASSED"
    if override:
        return OVERRIDDEN
    return TOO_MANY


def too_many_calls(calls: int, limit: int) -> str:
    """Why a pause isn't sent, and what to do."""
    return (
        f"{against_limit(calls_are(calls), calls, limit)}: pausing now risks abandoned calls. "
        "Nothing was sent. Wait until fewer calls are in progress, or pause with a reason that overrides this check."
    )


def found_so(kind: OperationKind) -> str:
    """Why nothing needs to be sent."""
    return f"The campaign {ALREADY[kind]}, so nothing was sent. It is idempotent: trying again changes nothing."


def reject(claimed: ClaimedOperation, calls: int, limit: int) -> None:
    """More calls are in progress than a pause may meet, and nobody overrode that."""
    if sent.may_have_worked(claimed.operation):
        too_many = against_limit(calls_are(calls), calls, limit)
        end_unconfirmed(claimed, f"No clear answer came to what was sent, and it is not sent again: {too_many}.")
        return
    _end(claimed, State.REJECTED, too_many_calls(calls, limit))


def accept(claimed: ClaimedOperation, api_status: int) -> None:
    """CXone accepted the change, and the campaign is yet to be read back. The pause slot is free again."""
    operation, now = claimed.operation, claimed.time()
    # Of one that CXone has until its time, nothing can be seen before that.
    effective = Greatest(Now(), Value(operation.not_before)) if operation.not_before else Now()
    confirm_by = effective + timedelta(seconds=settings.CONFIRM_SECONDS)
    with transaction.atomic():
        claimed.write(
            state=State.ACCEPTED,
            waiting_for=WaitingFor.NOTHING,
            error="",
            accepted_at=Now(),
            confirm_by=confirm_by,
            next_attempt_at=effective + LOOK_AFTER if is_ahead(operation, now) else confirm_by,
            latency_ms=_latency_ms(operation, now),
            api_status=api_status,
            failing_since=None,
            retry_until=None,
        )
        attempts.close_accepted(claimed, api_status)
        pause_slots.release(operation)
        SyncState.bump()


def _latency_ms(operation: Operation, now: datetime) -> int:
    """From the worker's start to CXone's answer. Waiting for the operation's own time isn't the worker's."""
    started = operation.started_at or now
    if not is_ahead(operation, now):
        started = not_earlier(operation, started)
    return max(0, round((now - started).total_seconds() * 1000))


def wait_to_see(claimed: ClaimedOperation) -> None:
    """Not seen at once: release the operation until an event, the shared read or the deadline."""
    claimed.write(lease_until=None, enqueued_at=None, next_attempt_at=claimed.operation.confirm_by)


def look_again(claimed: ClaimedOperation) -> None:
    """Not seen at once: the same, and where CXone tells of nothing, it is read again before that, ever more seldom."""
    operation = claimed.operation
    if cxone_can().events or operation.accepted_at is None or operation.confirm_by is None:
        wait_to_see(claimed)
        return
    since = (claimed.now - operation.accepted_at).total_seconds()
    again = Now() + timedelta(seconds=min(max(since, 1.0), LOOK_SECONDS))
    claimed.write(
        lease_until=None,
        enqueued_at=None,
        next_attempt_at=Least(again, Value(operation.confirm_by)),
    )


def wait_for_calls_to_end(claimed: ClaimedOperation, calls: int) -> None:
    """CXone shows the campaign as running until its calls have ended. It has as long after the last of them to show it
    paused as otherwise after it accepted that."""
    # To be read and counted. Not so seldom that nobody sees it confirmed in time.
    seconds = min(_paced(WaitingFor.CALLS_TO_END, LOOK_SECONDS, requests=2), settings.CONFIRM_SECONDS)
    with transaction.atomic():
        claimed.write(
            waiting_for=WaitingFor.CALLS_TO_END,
            lease_until=None,
            enqueued_at=None,
            next_attempt_at=Now() + timedelta(seconds=seconds),
            confirm_by=Now() + timedelta(seconds=seconds + settings.CONFIRM_SECONDS),
        )
        Campaign.objects.filter(pk=claimed.operation.campaign_id).update(active_calls=calls)
        SyncState.bump()


def wait_until_stopped(claimed: ClaimedOperation) -> None:
    """CXone starts nothing that it is about to stop. It is started once it has stopped."""
    patience.note_answer(claimed.operation)
    seconds = min(_paced(WaitingFor.CALLS_TO_END, LOOK_SECONDS, requests=1), settings.CONFIRM_SECONDS)
    postpone(claimed, WaitingFor.CALLS_TO_END, seconds)


def end_running(claimed: ClaimedOperation, state: CampaignState, began: datetime) -> None:
    """The stop that a resume was to take back has had its time and no effect: the campaign runs."""
    reconcile.reconcile_campaign(state, began)
    _end(claimed, State.SKIPPED, found_so(OperationKind.RESUME))


def leave_with_cxone(claimed: ClaimedOperation) -> None:
    """CXone has it until its time: release the operation until shortly after that."""
    claimed.write(lease_until=None, enqueued_at=None)


def end_found_so(claimed: ClaimedOperation, state: CampaignState, began: datetime) -> None:
    """The campaign was read as asked for: by this operation, or by somebody before it.

    Before the operation's own time that isn't its end: the campaign may be otherwise by then, and is read again.
    """
    if is_ahead(claimed.operation, began):
        reconcile.reconcile_campaign(state, began)
        wait_for_time(claimed)
        return
    # What CXone has accepted, it may have done.
    if claimed.operation.state == State.ACCEPTED or sent.may_have_worked(claimed.operation):
        confirm(claimed, state, began)
        return
    reconcile.reconcile_campaign(state, began)
    if _may_dial_again(claimed.operation):
        postpone(claimed, WaitingFor.OUTCOME, LATE_EFFECT_SECONDS, LATE_EFFECT)
        return
    if _may_open_now(claimed.operation, began):
        patience.note_answer(claimed.operation)
        postpone(claimed, WaitingFor.TIME, _paced(WaitingFor.TIME, OPENING_SECONDS, requests=1), OPENING)
        return
    _end(claimed, State.SKIPPED, found_so(OperationKind(claimed.operation.kind)))


def _may_dial_again(operation: Operation) -> bool:
    """It is a pause, and a resume that was sent before may still take effect."""
    if operation.kind != OperationKind.PAUSE:
        return False
    return bool(rank.unsettled(settings.CONFIRM_SECONDS, operation.campaign_id))


def _may_open_now(operation: Operation, now: datetime) -> bool:
    """It is a pause that was asked for this time, and at this very time CXone's schedule starts the campaign."""
    if operation.kind != OperationKind.PAUSE or operation.not_before is None or cxone_can().holds_pauses:
        return False
    schedule = operation.campaign.schedule
    before, after = opening(schedule, now - AROUND_AN_OPENING), opening(schedule, now + AROUND_AN_OPENING)
    return (before.known_open, after.known_open) == (False, True)


def end_cancelled(claimed: ClaimedOperation, why: str) -> None:
    """It sent nothing and is to send nothing, although nobody cancelled it."""
    _end(claimed, State.CANCELLED, why)


def end_on_hold(claimed: ClaimedOperation, refusal: OnHold) -> None:
    """A hold was placed since it was asked for, so nothing more is sent."""
    if sent.may_have_worked(claimed.operation):
        end_unconfirmed(
            claimed, f"No clear answer came to what was sent, and it is not sent again. {refusal.sentence}"
        )
    else:
        _end(claimed, State.REJECTED, refusal.sentence)


def end_in_conflict(claimed: ClaimedOperation, error: str, conflict: dict[str, Any]) -> None:
    """Two people's changes of a schedule can't be merged; `conflict` keeps what each of them wanted."""
    _end(claimed, State.CONFLICT, error, conflict=conflict, checked_at=database_now())


def _end_spent(claimed: ClaimedOperation, error: CXoneError | str) -> None:
    """End the operation, which has failed for as long as it may."""
    if isinstance(error, CXoneError):
        end_badly(claimed, error.description, error.status)
    else:
        end_badly(claimed, error, claimed.operation.api_status)


def end_refused(claimed: ClaimedOperation, error: CXoneError) -> None:
    """CXone refused, and would refuse it again."""
    # "Nothing was changed", which the error itself may say, holds for this attempt only.
    if sent.may_have_worked(claimed.operation):
        sentence = error.description
    else:
        sentence = str(error)
    end_badly(claimed, sentence, error.status)


def end_badly(claimed: ClaimedOperation, error: str, api_status: int | None = None) -> None:
    """FAILED if nothing can have happened, UNCONFIRMED if nobody knows."""
    claimed.operation.api_status = api_status
    if sent.may_have_worked(claimed.operation):
        end_unconfirmed(claimed, error)
    else:
        _end(claimed, State.FAILED, error)


def end_unconfirmed(claimed: ClaimedOperation, error: str) -> None:
    _end(claimed, State.UNCONFIRMED, error)


def _end(claimed: ClaimedOperation, state: State, error: str, **changes: Any) -> None:
    operation = claimed.operation
    with transaction.atomic():
        claimed.write(
            state=state,
            waiting_for=WaitingFor.NOTHING,
            error=error[:1000],
            api_status=operation.api_status,
            lease_until=None,
            ended_at=Now(),
            **_failures_of(operation),
            **changes,
        )
        with_it = cancel_held_resume(operation) if state in WITHOUT_EFFECT else []
        pause_slots.release(operation)
        note_ended([operation])
        SyncState.bump()
        record_ended(operation)
        for resume in with_it:
            record_ended(resume)

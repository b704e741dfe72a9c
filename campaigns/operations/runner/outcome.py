"""Outcomes of steps, each written in one fenced transaction: the rows, the pages' version, the audit record."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from campaigns.cxone.errors import Conflict, CXoneError
from campaigns.cxone.gateway import CampaignState
from campaigns.models import OperationKind, SyncState
from campaigns.operations import rank, sent
from campaigns.operations.descriptions import ALREADY, against_limit, calls_are
from campaigns.operations.records import record_ended
from campaigns.operations.runner import attempts, pause_slots, reconcile
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.confirmation import confirm
from campaigns.queueing.leases import backoff, jittered
from campaigns.queueing.rows import database_now
from campaigns.states import State, WaitingFor

# With the backoff between them they take about ten seconds, which a person who waits for the outcome accepts.
ATTEMPTS = 5
LONGEST_BACKOFF = 30.0  # seconds
# CXone may refuse a pause while others are being carried out. That isn't a failure, but it isn't tried forever either.
CXONE_SLOT_TRIES = 10
# How often a paused campaign is read whose superseded resume may still take effect. It would dial until it is seen.
LATE_EFFECT_SECONDS = 2.0
LATE_EFFECT = (
    "The campaign is paused, but a resume that was sent just before may still take effect. It is read until that can "
    "no longer be, and paused if it dials."
)


def postpone(claimed: ClaimedOperation, waiting_for: WaitingFor, seconds: float, error: str = "") -> None:
    """Release the operation; it is due again in `seconds`."""
    # An accepted change stays accepted, whatever its next look waits for.
    if claimed.operation.state == State.ACCEPTED:
        state = State.ACCEPTED
    else:
        state = State.WAITING
    with transaction.atomic():
        claimed.write(
            state=state,
            waiting_for=waiting_for,
            next_attempt_at=Now() + timedelta(seconds=seconds),
            enqueued_at=None,
            lease_until=None,
            failures=claimed.operation.failures,
            error=error[:1000],
        )
        if sent.may_have_worked(claimed.operation):
            pause_slots.hold(claimed.operation, seconds)
        else:
            pause_slots.release(claimed.operation)
        SyncState.bump()


def try_again(claimed: ClaimedOperation, error: CXoneError | str, seconds: float | None = None) -> None:
    """Count a failure: wait `seconds`, or by the backoff, and try again; or end if no attempts are left."""
    claimed.operation.failures += 1
    if end_if_spent(claimed, error):
        return
    if sent.may_have_worked(claimed.operation):
        reason = WaitingFor.OUTCOME
    else:
        reason = WaitingFor.RETRY
    if seconds is None:
        seconds = _seconds_to_retry(claimed.operation.failures)
    postpone(claimed, reason, seconds, str(error))


def _seconds_to_retry(failures: int) -> float:
    return jittered(backoff(failures, LONGEST_BACKOFF))


def wait_for_cxone(claimed: ClaimedOperation, error: Conflict) -> None:
    """CXone refused for a reason that passes, such as too many pauses at once. Try again, but not forever."""
    refusals = claimed.operation.attempts.filter(api_status=error.status).count()
    if refusals >= CXONE_SLOT_TRIES:
        end_badly(claimed, f"{error.description} It was tried {refusals} times.", error.status)
        return
    if claimed.operation.kind == OperationKind.PAUSE:
        reason = WaitingFor.PAUSE_SLOT
    else:
        reason = WaitingFor.RETRY
    postpone(claimed, reason, _seconds_to_retry(refusals), f"{error.description} It is tried again by itself.")


def end_impossible(claimed: ClaimedOperation, error: Conflict, state: CampaignState) -> None:
    """CXone refused because the campaign's own status rules the change out."""
    end_badly(claimed, f"{error.description} The campaign is {state.status} there.", error.status)


def check_calls(claimed: ClaimedOperation, calls: int, limit: int) -> bool:
    """Record the count of calls and the limit. False: the pause may not be sent, and the operation has ended."""
    operation = claimed.operation
    verdict = _verdict(calls, limit, operation.override)
    operation.compliance_check = verdict
    claimed.write(
        calls_before=calls,
        calls_limit=limit,
        compliance_check=verdict,
        checked_at=database_now(),
        etag=operation.etag,
    )
    if verdict == "REJECTED":
        reject(claimed, calls, limit)
        return False
    return True


def _verdict(calls: int, limit: int, override: bool) -> str:
    if calls <= limit:
        return "PASSED"
    if override:
        return "OVERRIDDEN"
    return "REJECTED"


def reject(claimed: ClaimedOperation, calls: int, limit: int) -> None:
    """More calls are in progress than a pause may meet, and nobody overrode that."""
    too_many = against_limit(calls_are(calls), calls, limit)
    if sent.may_have_worked(claimed.operation):
        end_unconfirmed(claimed, f"No clear answer came to what was sent, and it is not sent again: {too_many}.")
        return
    sentence = (
        f"{too_many}: pausing now risks abandoned calls. "
        "Nothing was sent. Wait until fewer calls are in progress, or pause with a reason that overrides this check."
    )
    _end(claimed, State.REJECTED, sentence)


def accept(claimed: ClaimedOperation, api_status: int) -> None:
    """CXone accepted the change, and the campaign is yet to be read back. The pause slot is free again."""
    operation, now = claimed.operation, database_now()
    started = operation.started_at or now
    with transaction.atomic():
        claimed.write(
            state=State.ACCEPTED,
            waiting_for=WaitingFor.NOTHING,
            error="",
            accepted_at=now,
            confirm_by=now + timedelta(seconds=settings.CONFIRM_SECONDS),
            next_attempt_at=now + timedelta(seconds=settings.CONFIRM_SECONDS),
            latency_ms=max(0, round((now - started).total_seconds() * 1000)),
            api_status=api_status,
        )
        attempts.close_accepted(claimed, api_status)
        pause_slots.release(operation)
        SyncState.bump()


def wait_to_see(claimed: ClaimedOperation) -> None:
    """Not seen at once: release the operation until an event, the shared read or the deadline."""
    claimed.write(lease_until=None, enqueued_at=None, next_attempt_at=claimed.operation.confirm_by)


def end_found_so(claimed: ClaimedOperation, state: CampaignState, began: datetime) -> None:
    """The campaign was read as asked for: by this operation, or by somebody before it."""
    if sent.may_have_worked(claimed.operation):
        confirm(claimed, state, began)
        return
    reconcile.reconcile_campaign(state, began)
    if rank.may_still_take_effect(claimed.operation, settings.CONFIRM_SECONDS):
        postpone(claimed, WaitingFor.OUTCOME, LATE_EFFECT_SECONDS, LATE_EFFECT)
        return
    already = ALREADY[OperationKind(claimed.operation.kind)]
    sentence = f"The campaign {already}, so nothing was sent. Asking again is idempotent: it changes nothing."
    _end(claimed, State.SKIPPED, sentence)


def end_cancelled(claimed: ClaimedOperation, why: str) -> None:
    """It sent nothing and is to send nothing, although nobody cancelled it."""
    _end(claimed, State.CANCELLED, why)


def end_in_conflict(claimed: ClaimedOperation, error: str, conflict: dict[str, Any]) -> None:
    """Two people's changes of a schedule can't be merged; `conflict` keeps what each of them wanted."""
    _end(claimed, State.CONFLICT, error, conflict=conflict, checked_at=database_now())


def end_if_spent(claimed: ClaimedOperation, error: CXoneError | str = attempts.UNANSWERED) -> bool:
    """End the operation if it has no attempts left."""
    if claimed.operation.failures < ATTEMPTS:
        return False
    if isinstance(error, CXoneError):
        end_badly(claimed, error.description, error.status)
    else:
        end_badly(claimed, error, claimed.operation.api_status)
    return True


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
            failures=operation.failures,
            api_status=operation.api_status,
            lease_until=None,
            ended_at=Now(),
            **changes,
        )
        pause_slots.release(operation)
        SyncState.bump()
        record_ended(operation)

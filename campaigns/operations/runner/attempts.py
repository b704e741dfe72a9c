"""Attempts: on record before the first byte goes out, closed with their outcome."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.cxone.errors import CXoneError, OutcomeUnknown, Retryable
from campaigns.models import AttemptOutcome, Operation
from campaigns.operations.records import append_entry, entry_of, record_operation, schedules_of
from campaigns.operations.runner import patience, pause_slots
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.sent import may_be_in_effect
from campaigns.queueing.rows import database_now

UNANSWERED = "The worker ended before CXone's answer was on record."


def open_attempt(claimed: ClaimedOperation, payload_hash: str, **changes: Any) -> None:
    """Record that the request goes out now, with `changes` to the operation's row. LeaseLost: it must not go out."""
    operation, now = claimed.operation, database_now()
    with transaction.atomic():
        claimed.write(
            sent_at=operation.sent_at or now,
            payload_hash=payload_hash,
            place_limit=operation.place_limit,
            **changes,
        )
        number = operation.attempts.count() + 1
        operation.attempts.create(
            number=number, fence=operation.fence, payload_hash=payload_hash, etag=operation.etag, sent_at=now
        )
        append_entry(tried_entry(operation, payload_hash, number))


def tried_entry(operation: Operation, payload_hash: str, number: int) -> ledger.Entry:
    """The record of an attempt that goes out now."""
    return entry_of(
        RecordKind.OPERATION_TRIED,
        operation,
        payload_hash=payload_hash,
        concurrent_pause_limit=operation.place_limit,
        details={"attempt": number, **schedules_of(operation)},
    )


def close_failed(claimed: ClaimedOperation, error: CXoneError) -> None:
    """Record that an attempt failed. Its pause slot becomes free unless an attempt may have worked."""
    operation, outcome = claimed.operation, _outcome_of(error)
    with transaction.atomic():
        claimed.write(api_status=error.status)
        attempt = operation.attempts.filter(outcome="").last()
        if attempt is not None:
            operation.attempts.filter(pk=attempt.pk).update(
                outcome=outcome, answered_at=Now(), api_status=error.status, error=str(error)[:1000]
            )
        # A pause of unknown outcome may be in effect at CXone, and counts there. This looks at all attempts, so it
        # comes after this one's outcome is written.
        if may_be_in_effect(operation):
            pause_slots.hold(operation)
        else:
            # Nothing of it is at CXone, so it may still be cancelled.
            claimed.write(sent_at=None)
            pause_slots.release(operation)
        # None: it failed before anything was to be sent, as when a token is refused. There is nothing to record then.
        if attempt is not None:
            record_operation(
                RecordKind.OPERATION_TRIED,
                operation,
                status=Status.FAILURE,
                payload_hash=attempt.payload_hash,
                api_response_status=error.status,
                error=str(error),
                details={"attempt": attempt.number, "outcome": outcome},
            )


def close_accepted(claimed: ClaimedOperation, api_status: int) -> None:
    """Close the attempt that CXone accepted. Inside the transaction that accepts the operation."""
    claimed.operation.attempts.filter(outcome="").update(
        outcome=AttemptOutcome.ACCEPTED, answered_at=Now(), api_status=api_status
    )


def mark_unanswered(claimed: ClaimedOperation) -> bool:
    """True: a worker died between an attempt's first byte and its answer. Its outcome is unknown, and it counts."""
    operation = claimed.operation
    with transaction.atomic():
        if not close_unknown(operation):
            return False
        patience.note_failure(operation, database_now())
        claimed.write(
            failures=operation.failures, failing_since=operation.failing_since, retry_until=operation.retry_until
        )
    return True


def close_unknown(operation: Operation) -> int:
    """Close what is still open as unknown, since nobody waits for an answer any more. Returns how many there were."""
    return operation.attempts.filter(outcome="").update(outcome=AttemptOutcome.UNKNOWN, error=UNANSWERED)


def unknown_etags(operation: Operation) -> list[str]:
    """For each attempt of unknown outcome, the ETag of the version that it was to change; "" where CXone gave none."""
    if operation.sent_at is None:
        return []
    return list(operation.attempts.filter(outcome=AttemptOutcome.UNKNOWN).values_list("etag", flat=True))


def _outcome_of(error: CXoneError) -> AttemptOutcome:
    if isinstance(error, OutcomeUnknown):
        return AttemptOutcome.UNKNOWN
    # Both mean that CXone changed nothing; only the first may be worth another attempt.
    if isinstance(error, Retryable):
        return AttemptOutcome.NOT_SENT
    return AttemptOutcome.REFUSED

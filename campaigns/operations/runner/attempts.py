"""Attempts: on record before the first byte goes out, closed with their outcome."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.cxone.errors import BudgetSpent, CXoneError, OutcomeUnknown, Retryable
from campaigns.cxone.gateway import Sent
from campaigns.models import Attempt, AttemptOutcome, Operation
from campaigns.operations.records import append_entry, approval_of, entry_of, record_operation, schedules_of
from campaigns.operations.runner import patience, pause_slots
from campaigns.operations.runner.claim import FIRST_FENCE, ClaimedOperation
from campaigns.operations.sent import may_be_in_effect
from campaigns.policy.holds import refuse_if_on_hold
from campaigns.prepared import update_rows
from campaigns.queueing.rows import database_now

UNANSWERED = "The worker ended before CXone’s answer was on record."


def open_attempt(claimed: ClaimedOperation, sent: Sent, **changes: Any) -> None:
    """Record that the request goes out now, with `changes` to the operation's row.

    It must not go out after LeaseLost, nor after BudgetSpent: CXone has just asked everybody to wait. Nor after
    OnHold: whoever places a hold waits for this transaction, or is seen by it.
    """
    operation = claimed.operation
    with transaction.atomic():
        is_open = claimed.write(
            sent_at=Coalesce("sent_at", Now()),
            payload_hash=sent.payload_hash,
            place_limit=operation.place_limit,
            **changes,
        )
        if not is_open:
            raise BudgetSpent(wait_ms=claimed.budget.milliseconds_closed() or 1)
        refuse_if_on_hold(operation)
        number = claimed.attempts_before() + 1
        operation.attempts.create(
            number=number,
            fence=operation.fence,
            payload_hash=sent.payload_hash,
            etag=operation.etag,
            sent_at=claimed.now,
        )
        append_entry(tried_entry(operation, sent, number))
    claimed.attempts = number


def tried_entry(operation: Operation, sent: Sent, number: int) -> ledger.Entry:
    """The record of an attempt that goes out now."""
    return entry_of(
        RecordKind.OPERATION_TRIED,
        operation,
        payload_hash=sent.payload_hash,
        concurrent_pause_limit=operation.place_limit,
        details={"attempt": number, "request": sent.line, **approval_of(operation), **schedules_of(operation)},
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
                details={"attempt": attempt.number, "outcome": outcome, **approval_of(operation)},
            )


def close_accepted(claimed: ClaimedOperation, api_status: int) -> None:
    """Close the attempt that CXone accepted. Inside the transaction that accepts the operation."""
    accepted = {"outcome": AttemptOutcome.ACCEPTED, "answered_at": Now(), "api_status": api_status}
    update_rows(_unanswered, where={"operation_id": claimed.operation.pk}, changes=accepted)


def _unanswered(operation_id: UUID) -> QuerySet[Attempt]:
    return Attempt.objects.filter(operation=operation_id, outcome="")


def mark_unanswered(claimed: ClaimedOperation) -> bool:
    """True: a worker died between an attempt's first byte and its answer. Its outcome is unknown, and it counts."""
    operation = claimed.operation
    if operation.fence == FIRST_FENCE:
        return False
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

"""Attempts: on record before the first byte, closed with what became of them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from audit.kinds import RecordKind, Status
from campaigns.cxone.errors import CXoneError, OutcomeUnknown, Retryable
from campaigns.models import Attempt, AttemptOutcome, Operation
from campaigns.operations.records import record_operation, schedules_of
from campaigns.operations.runner import pause_slots
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.queueing.rows import database_now

UNANSWERED = "The worker ended before CXone's answer was on record."


def open_attempt(claimed: ClaimedOperation, payload_hash: str, **changes: Any) -> None:
    """Record that the request goes out now, with `changes` of the operation's row. LeaseLost: it mustn't."""
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
        record_operation(
            RecordKind.OPERATION_TRIED,
            operation,
            payload_hash=payload_hash,
            concurrent_pause_limit=operation.place_limit,
            details={"attempt": number, **schedules_of(operation)},
        )


def close_failed(claimed: ClaimedOperation, error: CXoneError) -> None:
    """Record that an attempt failed. Its place among the pauses falls free unless one's outcome is unknown."""
    outcome = _outcome(error)
    with transaction.atomic():
        claimed.write(api_status=error.status)
        attempt = _last_open(claimed.operation)
        if attempt:
            _write(attempt, outcome, error)
        if may_have_worked(claimed.operation):
            pause_slots.hold(claimed.operation)
        else:
            pause_slots.release(claimed.operation)
        if attempt is None:  # it failed before anything was to be sent
            return
        record_operation(
            RecordKind.OPERATION_TRIED,
            claimed.operation,
            status=Status.FAILURE,
            payload_hash=attempt.payload_hash,
            api_response_status=error.status,
            error=str(error),
            details={"attempt": attempt.number, "outcome": outcome},
        )


def close_accepted(claimed: ClaimedOperation, api_status: int) -> None:
    """Close the attempt that CXone answered with yes. Inside the transaction that accepts the operation."""
    claimed.operation.attempts.filter(outcome="").update(
        outcome=AttemptOutcome.ACCEPTED, answered_at=Now(), api_status=api_status
    )


def mark_unanswered(claimed: ClaimedOperation) -> None:
    """A worker died between an attempt's first byte and its answer: its outcome is unknown, and it counts."""
    with transaction.atomic():
        if found := close_unknown(claimed.operation):
            claimed.write(failures=claimed.operation.failures + found)


def close_unknown(operation: Operation) -> int:
    """Nobody waits for an answer any more: how many attempts end as unknown with that."""
    return operation.attempts.filter(outcome="").update(outcome=AttemptOutcome.UNKNOWN, error=UNANSWERED)


def unknown_etags(operation: Operation) -> list[str]:
    """The tag of the version that each attempt of unknown outcome was sent to; "" where CXone gave none."""
    if operation.sent_at is None:
        return []
    return list(operation.attempts.filter(outcome=AttemptOutcome.UNKNOWN).values_list("etag", flat=True))


def may_have_worked(operation: Operation) -> bool:
    """Something was sent of which CXone didn't say that it was refused."""
    return _not_refused(operation).exists()


def first_sent_at(operation: Operation) -> datetime | None:
    """When the first attempt went out that may have worked: what was seen before isn't its work."""
    return _not_refused(operation).values_list("sent_at", flat=True).first()


def last_sent_at(operation: Operation) -> datetime | None:
    """When the newest attempt went out: what was read before tells nothing of it."""
    newest = operation.attempts.last()
    return newest.sent_at if newest else None


def _not_refused(operation: Operation) -> QuerySet[Attempt]:
    return operation.attempts.exclude(outcome__in=[AttemptOutcome.REFUSED, AttemptOutcome.NOT_SENT])


def _outcome(error: CXoneError) -> AttemptOutcome:
    if isinstance(error, OutcomeUnknown):
        return AttemptOutcome.UNKNOWN
    return AttemptOutcome.NOT_SENT if isinstance(error, Retryable) else AttemptOutcome.REFUSED


def _last_open(operation: Operation) -> Attempt | None:
    return operation.attempts.filter(outcome="").last()


def _write(attempt: Attempt, outcome: AttemptOutcome, error: CXoneError) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        outcome=outcome, answered_at=Now(), api_status=error.status, error=str(error)[:1000]
    )

"""How long an operation keeps trying while CXone gives no usable answer, and how long it waits between two tries."""

from datetime import datetime, timedelta

from campaigns.models import Operation, OperationKind, Policy
from campaigns.queueing.leases import backoff, jittered

# Of a resume or a schedule change. Whoever asked for it has the time to ask again; a pause that is given up leaves a
# campaign dialing, so the policy says how long that one is tried.
OTHERS_PATIENCE = timedelta(minutes=10)
# Seconds. An outage that has just ended is noticed within half a minute.
LONGEST_WAIT = 30.0


def note_failure(operation: Operation, now: datetime) -> None:
    """One more failure, on the object: whoever calls this writes the row. Patience counts from the first in a row."""
    operation.failures += 1
    operation.failing_since = operation.failing_since or now
    operation.retry_until = operation.failing_since + patience_of(OperationKind(operation.kind))


def note_answer(operation: Operation) -> None:
    """CXone answered usefully, so the next failure is the first of another row. On the object, as `note_failure`."""
    operation.failing_since = operation.retry_until = None


def seconds_to_wait(operation: Operation, now: datetime, asked: float | None = None) -> float:
    """Seconds from a failure just noted to the next try."""
    left = (operation.retry_until - now).total_seconds() if operation.retry_until else LONGEST_WAIT
    return wait_after(operation.failures, left, asked)


def wait_after(failures: int, left: float = LONGEST_WAIT, asked: float | None = None) -> float:
    """Seconds after the `failures`-th failure (from 1): they grow to 30, and end with what is `left` of the patience,
    for one last try. `asked`: CXone's own Retry-After, which is never cut short."""
    return max(min(jittered(backoff(failures, LONGEST_WAIT)), left), asked or 0.0)


def patience_of(kind: OperationKind) -> timedelta:
    """How long an operation of that kind, or a bulk of them, keeps trying from its first failure in a row."""
    if kind == OperationKind.PAUSE:
        return timedelta(minutes=Policy.current().pause_patience_minutes)
    return OTHERS_PATIENCE

"""The circuit breaker of all processes, in the row of SyncState (docs/architecture.md, "When CXone does not answer").

Closed: all goes its way, and failures in a row are counted. Open: background work rests. Half-open: a probe is due,
for whoever takes it. A click is tried in any case, and is a probe as good as any other.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import Error, transaction
from django.db.models import Case, Exists, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now

from campaigns.cxone.breaker import is_failure
from campaigns.cxone.errors import BudgetSpent, CXoneError
from campaigns.models import Bulk, Operation, OperationKind, PeriodicJob, SyncState
from campaigns.states import State, WaitingFor

log = logging.getLogger(__name__)

# One failure, or three, happen on any day. Five in a row are no accident.
OPENS_AFTER = 5
PROBE_EVERY = timedelta(seconds=15)
# When CXone answers again: so many operations are tried in a second, of so many in all. The rest comes by itself,
# since none waits longer than 30 s.
WOKEN_A_SECOND = 3
MOST_WOKEN = 90
# The periodic job that probes while the circuit is open.
READS = "sync_campaigns"


class Circuit(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class SharedBreaker:
    """`campaigns.cxone.breaker.CircuitBreaker` in the database, by its clock."""

    def note_answer(self) -> None:
        with _harmless():
            # Read, and only written where there is something to change: an answer here ends a row of failures that
            # another process has counted, so a memory of this one's own would not do.
            if not _awaiting_answer().exists():
                return
            reset: dict[str, Any] = {"unanswered": 0, "unanswered_since": None, "probe_at": None}
            # Of several that hear an answer at once, one finds the circuit open.
            if _state().exclude(_is_closed()).update(**reset):
                _recover()
            else:
                _state().filter(_is_closed(), unanswered__gt=0).update(**reset)

    def note_failure(self, error: CXoneError) -> None:
        with _harmless():
            _state().update(unanswered=F("unanswered") + 1, unanswered_since=Coalesce("unanswered_since", Now()))
            if _state().filter(_is_closed(), unanswered__gte=OPENS_AFTER).update(probe_at=Now() + PROBE_EVERY):
                _open(error)
            else:
                # While it is open, pages say why the newest request failed.
                _state().exclude(_is_closed()).update(error=_reason(error))


class PatientBreaker(SharedBreaker):
    """Of one operation: an answer waits for the operation's next write, which brings along whether one is awaited.

    Whoever made this calls `settle` when the operation is let go.
    """

    def __init__(self) -> None:
        self._has_answer = False

    def note_answer(self) -> None:
        self._has_answer = True

    def note_failure(self, error: CXoneError) -> None:
        self.settle()
        super().note_failure(error)

    def look(self, is_awaited: bool) -> None:
        """`is_awaited`: what `is_answer_awaited` has just been."""
        if not is_awaited:
            self._has_answer = False
        elif self._has_answer:
            # Not in the transaction of that write: this one locks other rows.
            transaction.on_commit(self.settle)

    def settle(self) -> None:
        """Note the answer that waits, if there is one."""
        if self._has_answer:
            self._has_answer = False
            super().note_answer()


def is_answer_awaited() -> Exists:
    """Whether an answer of CXone would end a row of failures, for a statement about something else."""
    return Exists(_awaiting_answer())


def _awaiting_answer() -> QuerySet[SyncState]:
    return _state().filter(Q(unanswered__gt=0) | ~_is_closed())


def tell_breaker(outcomes: Iterable[object]) -> None:
    """Note how calls that were made side by side ended: each with an answer or an exception."""
    ended = list(outcomes)
    for outcome in ended:
        if isinstance(outcome, CXoneError) and is_failure(outcome):
            SharedBreaker().note_failure(outcome)
    # Whatever the others ran into, CXone answers.
    if any(_is_answer(outcome) for outcome in ended):
        SharedBreaker().note_answer()


def _is_answer(outcome: object) -> bool:
    if isinstance(outcome, CXoneError):
        return not (is_failure(outcome) or isinstance(outcome, BudgetSpent))
    # Any other exception is a fault of ours.
    return not isinstance(outcome, Exception)


def circuit_of(state: SyncState, now: datetime) -> Circuit:
    if state.probe_at is None:
        return Circuit.CLOSED
    return Circuit.HALF_OPEN if state.probe_at <= now else Circuit.OPEN


def is_closed() -> bool:
    """CXone answers, as far as is known: background work may ask it."""
    return _state().filter(_is_closed()).exists()


def take_probe() -> bool:
    """Whether the caller is to probe now. Nobody else is before the next probe is due.

    A prober that dies keeps nobody waiting longer than that.
    """
    return bool(_state().filter(probe_at__lte=Now()).update(probe_at=Now() + PROBE_EVERY))


def schedule_probe() -> None:
    """Have the job that reads come for the next probe, if the circuit is open."""
    probe_at = SyncState.current().probe_at
    if probe_at:
        PeriodicJob.objects.filter(name=READS).update(next_at=probe_at)


def _state() -> QuerySet[SyncState]:
    return SyncState.objects.filter(pk=1)


def _is_closed() -> Q:
    return Q(probe_at=None)


def _open(error: CXoneError) -> None:
    log.warning("CXone has failed %s times in a row; regular reads rest until it answers. %s", OPENS_AFTER, error)
    with transaction.atomic():
        schedule_probe()
        _state().update(error=_reason(error))
        SyncState.bump()


def _reason(error: CXoneError) -> str:
    """For pages about all campaigns: why, and not what the request was for."""
    facts = ", ".join(str(fact) for fact in (error.status, error.cause) if fact)
    return (
        f"The newest request failed ({facts or 'no answer'}). If this lasts, an admin should check the "
        "network, CXONE_BASE_URL and the status page of CXone."
    )


def _recover() -> None:
    log.warning("CXone answers again.")
    with transaction.atomic():
        _wake_waiting()
        PeriodicJob.objects.filter(name=READS).update(next_at=Now())
        SyncState.bump()


def _wake_waiting() -> None:
    """Bring forward the next tries of operations that CXone has failed, pauses first, a few in each second; and of
    bulks, which begin with one."""
    waiting = Operation.objects.filter(
        state=State.WAITING,
        waiting_for__in=[WaitingFor.RETRY, WaitingFor.OUTCOME],
        failing_since__isnull=False,
        lease_until=None,
    )
    stops_first = Case(When(kind=OperationKind.PAUSE, then=Value(0)), default=Value(1))
    keys = list(waiting.order_by(stops_first, "requested_at").values_list("pk", flat=True)[:MOST_WOKEN])
    for first in range(0, len(keys), WOKEN_A_SECOND):
        at = Now() + timedelta(seconds=first // WOKEN_A_SECOND)
        woken = waiting.filter(pk__in=keys[first : first + WOKEN_A_SECOND], next_attempt_at__gt=at)
        woken.update(next_attempt_at=at, enqueued_at=None)
    Bulk.objects.filter(ended_at=None, waiting_for=WaitingFor.RETRY, lease_until=None).update(
        next_attempt_at=Now(), enqueued_at=None
    )


@contextmanager
def _harmless() -> Iterator[None]:
    """Counting fails without consequence: CXone's answer counts, and whoever waits for it must have it."""
    try:
        yield
    except Error:
        log.exception("The circuit breaker could not note how CXone answered.")

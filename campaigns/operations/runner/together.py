"""Changes that are sent side by side: begun in one transaction that puts all of them on record, and saved in one."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Coalesce, Now
from structlog.contextvars import bound_contextvars

from audit import ledger
from campaigns.attention.causes import note_ended
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import BudgetSpent, Conflict, CXoneError, OutcomeUnknown, RateLimited, Refused, Retryable
from campaigns.cxone.gateway import Gateway, PreparedChange, WriteResponse
from campaigns.models import Attempt, AttemptOutcome, Operation, SyncState
from campaigns.operations.descriptions import INTERRUPTED
from campaigns.operations.records import ended_entry
from campaigns.operations.runner import attempts, outcome, pause_slots
from campaigns.operations.runner.claim import LEASE, ClaimedOperation
from campaigns.operations.runner.goal import prepare_change
from campaigns.queueing import wakeups
from campaigns.queueing.circuit_breaker import tell_breaker
from campaigns.queueing.leases import LeaseLost
from campaigns.queueing.request_budget import GrantedRequests
from campaigns.queueing.rows import update_each
from campaigns.states import State, WaitingFor
from campaigns.tenancy import open_own_gateway

log = logging.getLogger(__name__)

# Requests side by side, of all bulks and gathered pauses of a process: with the threads of its workers they stay below
# its connections (campaigns.cxone.connect.LIMITS).
MOST_AT_ONCE = 10

Answer = WriteResponse | Exception
Item = TypeVar("Item")
Result = TypeVar("Result")

_threads = ThreadPoolExecutor(MOST_AT_ONCE, "bulk")


@dataclass(slots=True)
class BatchedChange:
    """One request of a batch, on record before its first byte. `number`: of the attempt; `began`: by the monotonic
    clock; `answer`: what came back, or why nothing did."""

    operation: Operation
    gateway: Gateway
    change: PreparedChange
    number: int
    began: float
    answer: Answer | None = None
    milliseconds: int = 0

    @property
    def api_status(self) -> int | None:
        return self.answer.status if isinstance(self.answer, WriteResponse | CXoneError) else None


@dataclass(frozen=True, slots=True)
class Saved:
    """How many requests CXone `accepted`; `freed`: their pause slots that nobody waits for."""

    accepted: int
    freed: list[int]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of a batch. `is_whole`: CXone accepted all of it. `freed`: the pause slots that nobody waits for.
    `milliseconds_closed`: so long CXone has closed all lanes, which is no failure. `is_failing`: it took none of the
    requests, and refused none."""

    is_whole: bool
    freed: list[int]
    milliseconds_closed: int = 0
    is_failing: bool = False


@dataclass(slots=True)
class Sorted:
    """What becomes of operations: they are sent now, have ended without a request, or are left to single workers."""

    to_send: list[Operation] = field(default_factory=list)
    ended: list[Operation] = field(default_factory=list)
    left: list[Operation] = field(default_factory=list)

    def put(self, operation: Operation, state: State, error: str) -> None:
        """`state`: RUNNING, WAITING (for a single worker) or an end."""
        operation.state, operation.error, operation.fence = state, error, operation.fence + 1
        if state == State.RUNNING:
            self.to_send.append(operation)
        elif state == State.WAITING:
            self.left.append(operation)
        else:
            self.ended.append(operation)


def open_in_thread(granted: GrantedRequests) -> Gateway:
    """For requests in threads that have no connection to the database: whoever sends them tells the breaker."""
    return open_own_gateway(Lane.BULK, granted)


def begin(
    found: Sorted, open_one: Callable[[Operation], Gateway], slots: Sequence[int], limit: int | None, at: datetime
) -> list[BatchedChange]:
    """Put all of it on record. Inside the transaction that has locked these operations, as its last step.

    `slots`: the pause slots that are taken for them, of `limit`; None for resumes. `at`: a time that has passed by
    CXone's clock, too.
    """
    requests = _prepare(found, open_one, limit, at)
    if limit:
        pause_slots.hold_taken(slots, found.to_send)
    _save_begun(requests, limit)
    _save_ended(found.ended)
    leave_to_single_workers(found.left)
    note_ended(found.ended)
    SyncState.bump()
    ledger.append_many([*_tried(requests), *map(ended_entry, found.ended)])
    return requests


def _prepare(
    found: Sorted, open_one: Callable[[Operation], Gateway], limit: int | None, at: datetime
) -> list[BatchedChange]:
    requests: list[BatchedChange] = []
    numbers = _attempt_numbers(found.to_send)
    for operation in list(found.to_send):
        gateway = open_one(operation)
        operation.place_limit = limit
        try:
            change = prepare_change(operation, gateway, at)
        except CXoneError:
            # As with an id of which no address can be made. A single worker says so, and the others are sent.
            found.to_send.remove(operation)
            found.left.append(operation)
            continue
        operation.payload_hash = change.sent.payload_hash
        requests.append(BatchedChange(operation, gateway, change, numbers[operation.pk], monotonic()))
    return requests


def _save_begun(requests: list[BatchedChange], limit: int | None) -> None:
    operations = [request.operation for request in requests]
    if not operations:
        return
    update_each(
        Operation.objects.all(),
        operations,
        ("calls_before", "calls_limit", "compliance_check", "checked_at", "payload_hash", "etag"),
        state=State.RUNNING,
        waiting_for=WaitingFor.NOTHING,
        error="",
        fence=F("fence") + 1,
        lease_until=Now() + LEASE,
        started_at=Coalesce("started_at", Now()),
        sent_at=Now(),
        place_limit=limit,
        are_locked=True,
    )
    Attempt.objects.bulk_create(
        Attempt(
            operation=request.operation,
            number=request.number,
            fence=request.operation.fence,
            payload_hash=request.operation.payload_hash,
            etag=request.operation.etag,
            sent_at=Now(),
        )
        for request in requests
    )


def _attempt_numbers(operations: list[Operation]) -> dict[UUID, int]:
    """By operation, the number of the attempt that begins now."""
    if all(operation.fence == 1 for operation in operations):
        # Nobody has claimed any of them before.
        return {operation.pk: 1 for operation in operations}
    earlier = Attempt.objects.filter(operation__in=operations).values_list("operation").annotate(Count("pk"))
    made = dict(earlier.order_by())
    return {operation.pk: made.get(operation.pk, 0) + 1 for operation in operations}


def _tried(requests: list[BatchedChange]) -> Iterator[ledger.Entry]:
    for request in requests:
        yield attempts.tried_entry(request.operation, request.change.sent, request.number)


def _save_ended(operations: list[Operation]) -> None:
    """Each went from queued through running to its end in this one transaction."""
    by_end: dict[tuple[str, str], list[Operation]] = {}
    for operation in operations:
        by_end.setdefault((operation.state, operation.error), []).append(operation)
    for (state, error), alike in by_end.items():
        update_each(
            Operation.objects.all(),
            alike,
            ("calls_before", "calls_limit", "compliance_check", "checked_at"),
            state=state,
            waiting_for=WaitingFor.NOTHING,
            error=error,
            fence=F("fence") + 1,
            lease_until=None,
            started_at=Coalesce("started_at", Now()),
            ended_at=Now(),
            are_locked=True,
        )


def leave_to_single_workers(operations: list[Operation]) -> None:
    """They go on as single operations do, which read their campaign before they send anything."""
    if not operations:
        return
    keys = [operation.pk for operation in operations]
    Operation.objects.filter(pk__in=keys).update(
        state=State.WAITING,
        waiting_for=WaitingFor.NOTHING,
        fence=F("fence") + 1,
        lease_until=None,
        next_attempt_at=Now(),
        enqueued_at=Now(),
    )
    for key in keys:
        transaction.on_commit(partial(wakeups.enqueue_operation, key))


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """What `work` makes of each of them, in threads that have no connection to the database."""
    if len(items) == 1:
        return [work(items[0])]
    # With what the log says of this thread's work.
    contexts = [copy_context() for _ in items]
    return list(_threads.map(lambda context, item: context.run(work, item), contexts, items))


def carry_out_batch(requests: Sequence[BatchedChange], granted: GrantedRequests) -> BatchResult:
    """Send a batch that is on record, and save what came of it."""
    send_batch(requests)
    saved = save_answers(requests)
    if saved.accepted == len(requests):
        return BatchResult(is_whole=True, freed=saved.freed)
    granted.settle()
    milliseconds = granted.milliseconds_closed()
    is_refused = any(isinstance(request.answer, Refused) for request in requests)
    is_failing = not (milliseconds or saved.accepted or is_refused)
    return BatchResult(is_whole=False, freed=saved.freed, milliseconds_closed=milliseconds, is_failing=is_failing)


def send_batch(requests: Sequence[BatchedChange]) -> None:
    """Send them side by side, and wait for all of them. Each has its answer then."""
    side_by_side(_send_one, requests)
    # Here and not by their gateways: those threads have no connection to the database.
    tell_breaker(request.answer for request in requests)


def _send_one(request: BatchedChange) -> None:
    with bound_contextvars(operation=str(request.operation.pk)):
        _send_and_note(request)


def _send_and_note(request: BatchedChange) -> None:
    try:
        request.answer = request.gateway.send_prepared(request.change)
    except CXoneError as error:
        request.answer = error
    except Exception as error:
        log.exception("Operation %s was interrupted by a fault in this system.", request.operation.pk)
        request.answer = error
    request.milliseconds = round((monotonic() - request.began) * 1000)


def save_answers(requests: Sequence[BatchedChange]) -> Saved:
    """Save what came of them, each for itself where CXone didn't accept it."""
    accepted = [request for request in requests if isinstance(request.answer, WriteResponse)]
    freed = _save_accepted(accepted) if accepted else []
    for request in requests:
        if isinstance(request.answer, Exception):
            _save_failure(request, request.answer)
    return Saved(len(accepted), freed)


def _save_failure(request: BatchedChange, error: Exception) -> None:
    claimed = ClaimedOperation(request.operation, request.gateway)
    try:
        if not isinstance(error, CXoneError):
            # Its attempt stays open: the next worker takes it for one of unknown outcome.
            outcome.try_again(claimed, INTERRUPTED)
            return
        attempts.close_failed(claimed, error)
        _go_on_after(claimed, error)
    except LeaseLost:
        log.warning(
            "Operation %s was taken over by another worker; this one wrote nothing more.", request.operation.pk
        )


def is_for_all(error: CXoneError) -> bool:
    """Not this request has failed: nobody may ask CXone now. A 429 that says nothing of how long fails as others do,
    so that somebody's patience ends."""
    return isinstance(error, BudgetSpent) or (isinstance(error, RateLimited) and error.wait is not None)


def _go_on_after(claimed: ClaimedOperation, error: CXoneError) -> None:
    bulk = claimed.operation.bulk_id
    if is_for_all(error) or (bulk and isinstance(error, RateLimited)):
        # That is no failure: it is all of them that wait, or the bulk.
        outcome.postpone(claimed, WaitingFor.TURN if bulk else WaitingFor.TOGETHER, 0)
    elif isinstance(error, Retryable):
        outcome.try_again(claimed, error, error.wait)
    elif isinstance(error, OutcomeUnknown):
        outcome.try_again(claimed, error)
    elif isinstance(error, Conflict):
        # Already so, too many at once, or ruled out by its status: a single worker reads the campaign to find out.
        outcome.postpone(claimed, WaitingFor.RETRY, 0, error.description)
    else:
        outcome.end_refused(claimed, error)


def _save_accepted(requests: Sequence[BatchedChange]) -> list[int]:
    """Save those that CXone accepted: they are to be seen in the next full read. Their pause slots are free again:
    returns those that nobody waits for.

    Of an operation that another worker has taken over meanwhile, nothing is written.
    """
    confirm_by = Now() + timedelta(seconds=settings.CONFIRM_SECONDS)
    for request in requests:
        request.operation.latency_ms, request.operation.api_status = request.milliseconds, request.api_status
        request.operation.requests += request.gateway.requests
    with transaction.atomic():
        operations = _still_ours([request.operation for request in requests])
        update_each(
            Operation.objects.all(),
            operations,
            ("latency_ms", "api_status", "requests"),
            state=State.ACCEPTED,
            failing_since=None,
            retry_until=None,
            accepted_at=Now(),
            confirm_by=confirm_by,
            next_attempt_at=confirm_by,
            lease_until=None,
            enqueued_at=None,
            are_locked=True,
        )
        _close_attempts(operations)
        freed = pause_slots.release_many(operations)
        SyncState.bump()
    return freed


def _still_ours(operations: Sequence[Operation]) -> list[Operation]:
    """Those that no other worker has taken over, locked."""
    keys = [operation.pk for operation in operations]
    running = Operation.objects.select_for_update(no_key=True).filter(pk__in=keys, state=State.RUNNING)
    fences = dict(running.order_by("pk").values_list("pk", "fence"))
    return [operation for operation in operations if fences.get(operation.pk) == operation.fence]


def _close_attempts(operations: Sequence[Operation]) -> None:
    """As accepted. Mostly with one status: 200, or 202 from a server that carries it out later."""
    by_status: dict[int | None, list[UUID]] = {}
    for operation in operations:
        by_status.setdefault(operation.api_status, []).append(operation.pk)
    for status, keys in by_status.items():
        Attempt.objects.filter(operation__in=keys, outcome="").update(
            outcome=AttemptOutcome.ACCEPTED, answered_at=Now(), api_status=status
        )

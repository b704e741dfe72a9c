"""One batch of a bulk: a transaction that begins some operations, their requests side by side, and a transaction that
writes what came of them."""

import logging
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Coalesce, Now

from audit import ledger
from campaigns.cxone.budget import Lane
from campaigns.cxone.connect import open_gateway
from campaigns.cxone.errors import BudgetSpent, Conflict, CXoneError, OutcomeUnknown, RateLimited, Retryable
from campaigns.cxone.gateway import Gateway, PreparedChange, WriteResponse
from campaigns.models import Attempt, AttemptOutcome, Bulk, Operation, OperationKind, SyncState
from campaigns.operations.descriptions import INTERRUPTED
from campaigns.operations.records import ended_entry
from campaigns.operations.runner import attempts, outcome, pause_slots
from campaigns.operations.runner.bulks.claim import ClaimedBulk
from campaigns.operations.runner.bulks.fate import Situation, find_fate
from campaigns.operations.runner.claim import LEASE, ClaimedOperation
from campaigns.queueing import wakeups
from campaigns.queueing.circuit_breaker import tell_breaker
from campaigns.queueing.leases import LeaseLost
from campaigns.queueing.request_budget import GrantedRequests
from campaigns.queueing.rows import update_each
from campaigns.states import State, WaitingFor

log = logging.getLogger(__name__)

# Requests side by side, of all bulks of a process: with the threads of its workers they stay below its connections
# (campaigns.cxone.connect.LIMITS).
MOST_AT_ONCE = 10
# How many more operations than can be sent are looked at for a batch. Where most of them need no request, the look
# goes further.
LOOK_AT = 5
LOOK_FURTHER = 200

Answer = WriteResponse | Exception

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
class Batch:
    """`requests`: to be sent now; `others`: how many operations ended, or were left to single workers, without one.
    `is_last`: no operation is left that hasn't begun, or somebody cancelled them."""

    requests: list[BatchedChange] = field(default_factory=list)
    others: int = 0
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """How many requests CXone `accepted`; `freed`: their pause slots that nobody waits for."""

    accepted: int
    freed: list[int]


@dataclass(slots=True)
class _Sorted:
    """What becomes of the operations that were looked at."""

    to_send: list[Operation] = field(default_factory=list)
    ended: list[Operation] = field(default_factory=list)
    left: list[Operation] = field(default_factory=list)


def begin_batch(
    claimed: ClaimedBulk,
    situation: Situation,
    granted: GrantedRequests,
    *,
    most: int,
    look_at: int,
    is_first: bool,
    freed: Collection[int],
) -> Batch:
    """Begin up to `most` operations of the bulk, and end those that need no request. All of it is on record then.

    `look_at`: how many more are looked at; `is_first`: the first batch of a slice, which begins with those that had to
    wait for their turn; `freed`: the pause slots that the batch before left to nobody. LeaseLost: another worker has
    the bulk; nothing was begun.
    """
    pauses = claimed.bulk.kind == OperationKind.PAUSE
    limit = situation.policy.max_concurrent_pauses if pauses else None
    with transaction.atomic():
        if not claimed.may_begin():
            return Batch(is_last=True)
        slots = pause_slots.take_unclaimed(limit, most, freed) if limit else list(range(most))
        operations = _next_operations(claimed.bulk, len(slots) + look_at, is_first)
        if not operations:
            return Batch(is_last=True)
        found = _sort_out(operations, situation, len(slots))
        requests = _prepare(found, granted, limit, situation.at)
        if limit:
            pause_slots.hold_taken(slots, found.to_send)
        _save_begun(requests, limit)
        _save_ended(found.ended)
        _leave_to_single_workers(found.left)
        SyncState.bump()
        ledger.append_many([*_tried(requests), *map(ended_entry, found.ended)])
    claimed.sending(found.to_send)
    return Batch(requests, len(found.ended) + len(found.left))


def _next_operations(bulk: Bulk, most: int, is_first: bool) -> list[Operation]:
    """The next of the bulk that haven't begun, in its order, locked. `is_first`: those first that had to wait."""
    unlocked = Operation.objects.select_for_update(skip_locked=True, of=("self",)).filter(bulk=bulk)
    # Schedules are most of a campaign's row, and no part of this.
    unbegun = unlocked.select_related("campaign").defer("campaign__schedule").order_by("next_attempt_at")
    operations: list[Operation] = []
    if is_first:
        operations += unbegun.filter(state=State.WAITING, waiting_for=WaitingFor.TURN)[:most]
    operations += unbegun.filter(state=State.QUEUED)[: most - len(operations)]
    return operations


def _sort_out(operations: list[Operation], situation: Situation, places: int) -> _Sorted:
    found = _Sorted()
    for operation in operations:
        fate = find_fate(operation, situation)
        if fate.state == State.RUNNING and len(found.to_send) == places:
            continue
        operation.state, operation.error, operation.fence = fate.state, fate.error, operation.fence + 1
        if fate.state == State.RUNNING:
            found.to_send.append(operation)
        elif fate.state == State.WAITING:
            found.left.append(operation)
        else:
            found.ended.append(operation)
    return found


def _prepare(found: _Sorted, granted: GrantedRequests, limit: int | None, at: datetime) -> list[BatchedChange]:
    requests: list[BatchedChange] = []
    numbers = _attempt_numbers(found.to_send)
    for operation in list(found.to_send):
        gateway = open_gateway(Lane.BULK, granted)
        operation.place_limit = limit
        try:
            change = _change(operation, gateway, at)
        except CXoneError:
            # As with an id of which no address can be made. A single worker says so, and the others are sent.
            found.to_send.remove(operation)
            found.left.append(operation)
            continue
        operation.payload_hash = change.payload_hash
        requests.append(BatchedChange(operation, gateway, change, numbers[operation.pk], monotonic()))
    return requests


def _change(operation: Operation, gateway: Gateway, at: datetime) -> PreparedChange:
    if operation.kind == OperationKind.RESUME:
        return gateway.prepare_resume(operation.campaign_id, effective_at=at)
    return gateway.prepare_pause(
        operation.campaign_id,
        reason=operation.reason,
        effective_at=at,
        drop_active_calls=operation.payload["drop_active_calls"],
        max_concurrent_pauses=operation.place_limit or 1,
    )


def _save_begun(requests: list[BatchedChange], limit: int | None) -> None:
    operations = [request.operation for request in requests]
    if not operations:
        return
    update_each(
        Operation.objects.all(),
        operations,
        ("calls_before", "calls_limit", "compliance_check", "checked_at", "payload_hash"),
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
        yield attempts.tried_entry(request.operation, request.operation.payload_hash, request.number)


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
            started_at=Coalesce("started_at", Now()),
            ended_at=Now(),
            are_locked=True,
        )


def _leave_to_single_workers(operations: list[Operation]) -> None:
    """They go on as single operations do, which read their campaign before they send anything."""
    if not operations:
        return
    keys = [operation.pk for operation in operations]
    Operation.objects.filter(pk__in=keys).update(
        state=State.WAITING,
        waiting_for=WaitingFor.NOTHING,
        fence=F("fence") + 1,
        next_attempt_at=Now(),
        enqueued_at=Now(),
    )
    for key in keys:
        transaction.on_commit(partial(wakeups.enqueue_operation, key))


def send_batch(requests: Sequence[BatchedChange]) -> None:
    """Send them side by side, and wait for all of them. Each has its answer then."""
    if len(requests) == 1:
        _send_one(requests[0])
    else:
        list(_threads.map(_send_one, requests))
    # Here and not by their gateways: those threads have no connection to the database.
    tell_breaker(request.answer for request in requests)


def _send_one(request: BatchedChange) -> None:
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


def _go_on_after(claimed: ClaimedOperation, error: CXoneError) -> None:
    if isinstance(error, RateLimited | BudgetSpent):
        # That is no failure: it is the bulk that waits.
        outcome.postpone(claimed, WaitingFor.TURN, 0)
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

"""The steps of one operation: read, check, take a pause slot, send, read back. A worker never sleeps in here."""

import logging
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from campaigns.cxone.budget import Lane
from campaigns.cxone.connect import open_gateway
from campaigns.cxone.errors import BudgetSpent, Conflict, CXoneError, Retryable
from campaigns.cxone.gateway import Counts, Gateway, Version, WriteResponse
from campaigns.models import Operation, OperationKind, Origin, Policy
from campaigns.operations import sent
from campaigns.operations.descriptions import INTERRUPTED
from campaigns.operations.runner import attempts, outcome, pause_slots, reconcile, resending, schedule_change, sending
from campaigns.operations.runner.calls import recent_count
from campaigns.operations.runner.claim import ClaimedOperation, claim
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.runner.held import join_queue
from campaigns.operations.timed import are_many_due_with, is_ahead
from campaigns.operations.undoing import is_still_paused_by
from campaigns.policy.in_force import limit_for
from campaigns.queueing.circuit_breaker import SharedBreaker
from campaigns.queueing.leases import LeaseLost
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now
from campaigns.states import ACTIVE, PAUSED, State, WaitingFor, plain

log = logging.getLogger(__name__)

# What was read that recently isn't read again: a pause that had to queue goes out as soon as it gets its slot.
FRESH_SECONDS = 10
# CXone defers a change whose time is still to come by its own clock, and the campaign would dial on until then. A time
# slightly in the past means at once, even if CXone's clock is behind by as much and its responses didn't show it.
EARLY = timedelta(seconds=5)
# A response with an older Date says more about a proxy than about CXone's clock.
MOST_BEHIND = MOST_APART = timedelta(hours=1)
# A Date has whole seconds and takes its time: clocks that differ by less can't be told apart.
CLOCKS_AGREE = timedelta(seconds=2)
# Requests that every change takes: read the campaign, send the change.
READ_AND_SEND = 2


def advance_operation(operation_id: UUID) -> bool:
    """Take the operation as far as it goes now. False: it wasn't due, or another worker has it."""
    join_queue(operation_id)
    budget = SlotBudget()
    gateway = open_gateway(Lane.CLICK, budget, SharedBreaker())
    claimed = claim(operation_id, gateway)
    if claimed is None:
        return False
    if _lane_of(claimed) != Lane.CLICK:
        gateway = claimed.gateway = open_gateway(_lane_of(claimed), budget, SharedBreaker())
    with claimed.renewing():
        try:
            _take_steps(claimed, gateway, budget)
        except LeaseLost:
            log.warning("Operation %s was taken over by another worker; this one wrote nothing more.", operation_id)
        finally:
            budget.give_back()
    return True


def _lane_of(claimed: ClaimedOperation) -> Lane:
    """Neither what a bulk left to single workers, nor what is due together, nor the holiday guard must keep a click
    waiting."""
    operation = claimed.operation
    if operation.bulk_id or operation.origin == Origin.GUARD or are_many_due_with(operation):
        return Lane.BULK
    return Lane.CLICK


def _take_steps(claimed: ClaimedOperation, gateway: Gateway, budget: SlotBudget) -> None:
    try:
        _take_next_step(claimed, gateway, budget)
    except BudgetSpent as error:
        outcome.postpone(claimed, WaitingFor.BUDGET, error.wait_ms / 1000)
    except Retryable as error:
        outcome.try_again(claimed, error, error.wait)
    except CXoneError as error:
        outcome.end_refused(claimed, error)
    except LeaseLost:
        raise
    except Exception:
        log.exception("Operation %s was interrupted by a fault in this system.", claimed.operation.pk)
        outcome.try_again(claimed, INTERRUPTED)


def _take_next_step(claimed: ClaimedOperation, gateway: Gateway, budget: SlotBudget) -> None:
    if claimed.operation.state == State.ACCEPTED:
        sending.settle_accepted(claimed, gateway)
        return
    a_worker_died = attempts.mark_unanswered(claimed)
    if a_worker_died and outcome.is_spent(claimed.operation, database_now()):
        sending.settle_unanswered(claimed, gateway)
    elif claimed.operation.kind == OperationKind.SCHEDULE:
        _reserve(claimed, budget, READ_AND_SEND)
        schedule_change.merge_and_send(claimed, gateway)
    else:
        _pause_or_resume(claimed, gateway, budget)


def _pause_or_resume(claimed: ClaimedOperation, gateway: Gateway, budget: SlotBudget) -> None:
    has_queued = _has_queued(claimed)
    # The slot first, before any request: many pauses may queue, and what they read now would be old by their turn.
    if has_queued and not _take_slot(claimed):
        return
    if not (has_queued and _is_fresh(claimed)):
        _reserve(claimed, budget, _requests_to_send(claimed))
        if not _is_to_be_sent(claimed, gateway):
            return
        if claimed.operation.kind == OperationKind.PAUSE and not _passes_calls_check(claimed, gateway):
            return
    # A pause that has just queued holds its slot already, and takes the same one again.
    if claimed.operation.kind == OperationKind.RESUME or _take_slot(claimed):
        _send(claimed, gateway)


def _reserve(claimed: ClaimedOperation, budget: SlotBudget, requests: int) -> None:
    """BudgetSpent: the budget doesn't cover everything up to the change, so the operation doesn't begin."""
    if wait_ms := budget.reserve_ahead(_lane_of(claimed), requests):
        raise BudgetSpent(wait_ms=wait_ms)


def _requests_to_send(claimed: ClaimedOperation) -> int:
    if claimed.operation.kind == OperationKind.PAUSE:
        # Its calls in progress are counted.
        return READ_AND_SEND + 1
    return READ_AND_SEND


def _is_to_be_sent(claimed: ClaimedOperation, gateway: Gateway) -> bool:
    """Read the campaign, and note its version for the next attempt. False: the operation has ended, or waits."""
    began = database_now()
    seen = gateway.read_version(claimed.operation.campaign_id)
    if is_as_asked(claimed.operation, seen.state):
        outcome.end_found_so(claimed, seen.state, began)
        return False
    if _is_to_stay_paused(claimed, seen, began):
        return False
    claimed.operation.etag = seen.etag
    return not resending.settles(claimed, seen, began)


def _is_to_stay_paused(claimed: ClaimedOperation, seen: Version, began: datetime) -> bool:
    """A resume that undoes one pause came upon another, or somebody else's, and has ended."""
    operation = claimed.operation
    if operation.undoes is None or sent.may_have_worked(operation):
        return False
    reconcile.reconcile_campaign(seen.state, began)
    if is_still_paused_by(operation.undoes):
        return False
    outcome.end_cancelled(claimed, outcome.NOT_ITS_PAUSE)
    return True


def _has_queued(claimed: ClaimedOperation) -> bool:
    """It was waiting for a pause slot, and nothing that it sent can have worked."""
    operation = claimed.operation
    if operation.kind != OperationKind.PAUSE or operation.waiting_for != WaitingFor.PAUSE_SLOT:
        return False
    return not sent.may_have_worked(operation)


def _is_fresh(claimed: ClaimedOperation) -> bool:
    """What it read before it queued is still good enough."""
    checked_at = claimed.operation.checked_at
    return checked_at is not None and (database_now() - checked_at).total_seconds() < FRESH_SECONDS


def _passes_calls_check(claimed: ClaimedOperation, gateway: Gateway) -> bool:
    operation = claimed.operation
    try:
        calls = _count_calls(operation, gateway)
    except BudgetSpent:
        raise
    except CXoneError as error:
        if not operation.override:
            raise
        # It overrides whatever the count would say, so it doesn't wait for one that CXone doesn't give.
        log.warning("Campaign %s is paused without a count of its calls: %s", operation.campaign_id, error)
        outcome.skip_calls_check(claimed)
        return True
    return outcome.check_calls(claimed, calls[operation.campaign_id], limit_for(operation.campaign))


def _count_calls(operation: Operation, gateway: Gateway) -> Counts:
    if operation.origin == Origin.PERSON and operation.not_before is None:
        return gateway.calls_in_progress(operation.campaign_id)
    # One query answers for all those that nobody waits for.
    return recent_count(gateway).calls


def _take_slot(claimed: ClaimedOperation) -> bool:
    """False: all slots are taken, and the pause waits for one."""
    limit = Policy.current().max_concurrent_pauses
    if not pause_slots.take(claimed.operation, limit):
        outcome.wait_for_slot(claimed)
        return False
    claimed.operation.place_limit = limit
    return True


def _send(claimed: ClaimedOperation, gateway: Gateway) -> None:
    try:
        sending.send(claimed, gateway, partial(_ask, claimed, gateway))
    except Conflict as error:
        state = sending.look(claimed, gateway)
        if state is None:
            return
        # From the state that the change leads from, it was refused for a reason that passes. In any other state, also
        # one that we don't know, CXone would refuse it again.
        before = ACTIVE if claimed.operation.kind == OperationKind.PAUSE else PAUSED
        if plain(state.status) == before:
            outcome.wait_for_cxone(claimed, error)
        else:
            outcome.end_impossible(claimed, error, state)


def _ask(claimed: ClaimedOperation, gateway: Gateway) -> WriteResponse:
    operation, at = claimed.operation, _effective_at(claimed.operation, gateway)
    # The gateway calls this with the hash of the body, before the first byte goes out.
    open_attempt = partial(attempts.open_attempt, claimed)
    if operation.kind == OperationKind.RESUME:
        return gateway.resume(operation.campaign_id, effective_at=at, sending=open_attempt)
    return gateway.pause(
        operation.campaign_id,
        reason=operation.reason,
        effective_at=at,
        drop_active_calls=operation.payload["drop_active_calls"],
        max_concurrent_pauses=operation.place_limit or 1,
        sending=open_attempt,
    )


def _effective_at(operation: Operation, gateway: Gateway) -> datetime:
    """By CXone's clock: the operation's own time if that is still to come, or else at once."""
    ours = database_now()
    if operation.not_before is None or not is_ahead(operation, ours):
        return at_once(gateway, ours)
    apart = (gateway.now() or ours) - ours
    if not CLOCKS_AGREE < abs(apart) < MOST_APART:
        return operation.not_before
    # A person's 18:00 is that of the clocks on the wall, which the database's follows.
    return operation.not_before + apart


def at_once(gateway: Gateway, now: datetime) -> datetime:
    """A time that has passed by both clocks, the database's and CXone's. `now`: by the database's."""
    theirs = gateway.now() or now
    return max(min(now, theirs), now - MOST_BEHIND) - EARLY

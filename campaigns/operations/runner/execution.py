"""The steps of one operation: read, check, take a pause slot, send, read back. A worker never sleeps in here."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from structlog.contextvars import bound_contextvars

from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import BudgetSpent, Conflict, CXoneError, Retryable
from campaigns.cxone.gateway import Counts, Gateway, Version, WriteResponse
from campaigns.dialect import cxone_can
from campaigns.errors import OnHold
from campaigns.models import Operation, OperationKind, Origin
from campaigns.operations import sent
from campaigns.operations.descriptions import INTERRUPTED, WAIT_FOR_CALLS
from campaigns.operations.runner import (
    attempts,
    beside,
    outcome,
    pause_slots,
    reconcile,
    resending,
    schedule_change,
    sending,
)
from campaigns.operations.runner.calls import last_count, longest_age, recent_calls
from campaigns.operations.runner.claim import ClaimedOperation, claim
from campaigns.operations.runner.goal import is_as_asked, prepare_change
from campaigns.operations.runner.held import join_queue
from campaigns.operations.still_stands import is_still_paused_by, takes_back_a_stop
from campaigns.operations.timed import DRAIN_DEADLINE, are_many_due_with, is_ahead
from campaigns.policy.holds import refusal_of, stops
from campaigns.queueing.leases import LeaseLost
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now
from campaigns.states import ACTIVE, PAUSED, State, WaitingFor, plain
from campaigns.tenancy import open_own_gateway, require_own_tenant

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
# And one that isn't waited for: to read it back.
READ_BACK = 1


def advance_operation(operation_id: UUID) -> bool:
    """Take the operation as far as it goes now. False: it wasn't due, or another worker has it."""
    with bound_contextvars(operation=str(operation_id)):
        return _advance(operation_id)


def _advance(operation_id: UUID) -> bool:
    require_own_tenant()
    claimed = claim(operation_id)
    if claimed is None and join_queue(operation_id):
        claimed = claim(operation_id)
    if claimed is None:
        return False
    gateway = claimed.gateway = open_own_gateway(_lane_of(claimed), claimed.budget, claimed.breaker)
    with claimed.renewing():
        try:
            _take_steps(claimed, gateway, claimed.budget)
        except LeaseLost:
            log.warning("Operation %s was cancelled, or another worker has it; this one wrote no more.", operation_id)
            pause_slots.release_ended(operation_id)
        finally:
            claimed.budget.give_back()
            claimed.breaker.settle()
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
    except OnHold as refusal:
        outcome.end_on_hold(claimed, refusal)
    except Exception:
        log.exception("Operation %s was interrupted by a fault in this system.", claimed.operation.pk)
        outcome.try_again(claimed, INTERRUPTED)


def _take_next_step(claimed: ClaimedOperation, gateway: Gateway, budget: SlotBudget) -> None:
    if claimed.operation.state == State.ACCEPTED:
        sending.settle_accepted(claimed, gateway)
        return
    if _is_stopped_by_hold(claimed.operation):
        raise refusal_of(claimed.operation.campaign_id)
    a_worker_died = attempts.mark_unanswered(claimed)
    if a_worker_died and outcome.is_spent(claimed.operation, database_now()):
        sending.settle_unanswered(claimed, gateway)
    elif claimed.operation.kind == OperationKind.SCHEDULE:
        _reserve(claimed, budget, READ_AND_SEND)
        schedule_change.merge_and_send(claimed, gateway)
    else:
        _pause_or_resume(claimed, gateway, budget)


def _is_stopped_by_hold(operation: Operation) -> bool:
    """What may have been sent is read first: it may be as asked for."""
    return stops(operation.kind, operation.campaign) and not sent.may_have_worked(operation)


def _pause_or_resume(claimed: ClaimedOperation, gateway: Gateway, budget: SlotBudget) -> None:
    # Before any read of the campaign: it may wait for hours.
    if _waits_for_calls(claimed.operation) and not _has_few_calls(claimed, gateway):
        return
    has_queued = _has_queued(claimed)
    # The slot first, before any request: many pauses may queue, and what they read now would be old by their turn.
    if (has_queued or _is_one_of_many(claimed)) and not _take_slot(claimed):
        return
    if not (has_queued and _is_fresh(claimed)):
        _reserve(claimed, budget, _requests_to_send(claimed))
        if not _passes_checks(claimed, gateway):
            return
    # A pause that has just queued holds its slot already, and takes the same one again.
    if claimed.operation.kind == OperationKind.RESUME or _take_slot(claimed):
        _send(claimed, gateway)


def _reserve(claimed: ClaimedOperation, budget: SlotBudget, requests: int) -> None:
    """BudgetSpent: the budget doesn't cover everything up to the change, so the operation doesn't begin."""
    if wait_ms := budget.reserve_ahead(_lane_of(claimed), requests, further=READ_BACK):
        raise BudgetSpent(wait_ms=wait_ms)


def _requests_to_send(claimed: ClaimedOperation) -> int:
    if claimed.operation.kind == OperationKind.PAUSE and not _goes_by_a_kept_count(claimed):
        # Its calls in progress are counted.
        return READ_AND_SEND + 1
    return READ_AND_SEND


def _passes_checks(claimed: ClaimedOperation, gateway: Gateway) -> bool:
    """False: the operation has ended, or waits."""
    operation = claimed.operation
    if operation.kind != OperationKind.PAUSE:
        return _is_to_be_sent(claimed, gateway)
    # What may have been sent already is decided by the read alone.
    if _has_count_of_its_own(operation) and operation.sent_at is None:
        with beside.counting(claimed, gateway, _lane_of(claimed)) as count:
            is_to_be_sent = _is_to_be_sent(claimed, gateway)
        return is_to_be_sent and _passes_calls_check(claimed, count)
    if _goes_by_a_kept_count(claimed):
        return _is_to_be_sent(claimed, gateway) and _passes_kept_count(claimed)
    return _is_to_be_sent(claimed, gateway) and _passes_calls_check(claimed, lambda: _count_calls(operation, gateway))


def _is_to_be_sent(claimed: ClaimedOperation, gateway: Gateway) -> bool:
    """Read the campaign, and note its version for the next attempt. False: the operation has ended, or waits."""
    began = claimed.now
    seen = gateway.read_version(claimed.operation.campaign_id)
    if is_as_asked(claimed.operation, seen.state):
        outcome.end_found_so(claimed, seen.state, began)
        return False
    if _waits_until_stopped(claimed, seen, began) or _is_to_stay_paused(claimed, seen, began):
        return False
    claimed.operation.etag = seen.etag
    return not resending.settles(claimed, seen, began)


def _waits_until_stopped(claimed: ClaimedOperation, seen: Version, began: datetime) -> bool:
    """CXone has refused to start it because it runs, and still lets calls end before it stops it; or it has had its
    time for that, and the operation has ended."""
    operation = claimed.operation
    if operation.waiting_for != WaitingFor.CALLS_TO_END or plain(seen.state.status) != ACTIVE:
        return False
    stop = operation.superseded.get()
    accepted_at = stop.accepted_at or stop.requested_at
    if began < accepted_at + DRAIN_DEADLINE + timedelta(seconds=settings.CONFIRM_SECONDS):
        outcome.wait_until_stopped(claimed)
    else:
        outcome.end_running(claimed, seen.state, began)
    return True


def _is_to_stay_paused(claimed: ClaimedOperation, seen: Version, began: datetime) -> bool:
    """A resume that undoes one pause came upon another, or somebody else's, and has ended."""
    operation = claimed.operation
    if operation.kind != OperationKind.RESUME or operation.undoes is None or sent.may_have_worked(operation):
        return False
    if takes_back_a_stop(operation) and plain(seen.state.status) == ACTIVE:
        return False
    reconcile.reconcile_campaign(seen.state, began)
    if is_still_paused_by(operation.undoes):
        return False
    outcome.end_cancelled(claimed, outcome.NOT_ITS_PAUSE)
    return True


def _waits_for_calls(operation: Operation) -> bool:
    return WAIT_FOR_CALLS in operation.payload and not sent.may_have_worked(operation)


def _has_few_calls(claimed: ClaimedOperation, gateway: Gateway) -> bool:
    """False: the pause waits on, or has ended."""
    operation, limit = claimed.operation, _limit_of(claimed)
    calls = recent_calls(gateway, operation.campaign_id)
    if calls <= limit:
        return True
    outcome.wait_for_calls(claimed, calls, limit)
    return False


def _limit_of(claimed: ClaimedOperation) -> int:
    """With how many calls in progress it may be sent. Whoever waits for fewer than the limit means that number."""
    limit = claimed.calls_limit
    return min(limit, int(claimed.operation.payload.get(WAIT_FOR_CALLS, limit)))


def _has_queued(claimed: ClaimedOperation) -> bool:
    """It was waiting for a pause slot, and nothing that it sent can have worked."""
    operation = claimed.operation
    if operation.kind != OperationKind.PAUSE or operation.waiting_for != WaitingFor.PAUSE_SLOT:
        return False
    return not sent.may_have_worked(operation)


def _is_one_of_many(claimed: ClaimedOperation) -> bool:
    """A pause that nobody waits for, among others of its kind.

    If each of them read its campaign before its turn, hundreds would spend the budget of each minute on reads, and the
    few that are sent in it would be all that ever are.
    """
    operation = claimed.operation
    if operation.kind != OperationKind.PAUSE or _lane_of(claimed) == Lane.CLICK:
        return False
    # What may be in effect is read at once. And to wait for a slot counts as an answer of CXone, which one that is
    # failing hasn't had.
    return operation.failing_since is None and not sent.may_have_worked(operation)


def _is_fresh(claimed: ClaimedOperation) -> bool:
    """What it read before it queued is still good enough."""
    checked_at = claimed.operation.checked_at
    return checked_at is not None and (claimed.now - checked_at).total_seconds() < FRESH_SECONDS


def _passes_calls_check(claimed: ClaimedOperation, count: Callable[[], Counts]) -> bool:
    operation = claimed.operation
    try:
        calls = count()
    except BudgetSpent:
        raise
    except CXoneError as error:
        if not operation.override:
            raise
        # It overrides whatever the count would say, so it doesn't wait for one that CXone doesn't give.
        log.warning("Campaign %s is paused without a count of its calls: %s", operation.campaign_id, error)
        outcome.skip_calls_check(claimed)
        return True
    number, limit = calls[operation.campaign_id], _limit_of(claimed)
    if number > limit and _waits_for_calls(operation):
        outcome.wait_for_calls(claimed, number, limit)
        return False
    return outcome.check_calls(claimed, number, limit)


def _goes_by_a_kept_count(claimed: ClaimedOperation) -> bool:
    """One of many whose reason overrides the check, where a count of its own would be a third request: the last of
    them would stop minutes later for a number that decides nothing."""
    return claimed.operation.override and not cxone_can().counts_at_once and _is_one_of_many(claimed)


def _passes_kept_count(claimed: ClaimedOperation) -> bool:
    """By what a full read counted, or without a count."""
    count = last_count(longest_age())
    if count is None:
        outcome.skip_calls_check(claimed)
        return True
    calls = count.calls[claimed.operation.campaign_id]
    return outcome.check_calls(claimed, calls, _limit_of(claimed), counted_at=count.at)


def _count_calls(operation: Operation, gateway: Gateway) -> Counts:
    if _has_count_of_its_own(operation):
        return gateway.calls_in_progress(operation.campaign_id)
    # One query answers for all those that nobody waits for.
    return Counts({operation.campaign_id: recent_calls(gateway, operation.campaign_id)})


def _has_count_of_its_own(operation: Operation) -> bool:
    """Somebody waits for it."""
    return operation.origin == Origin.PERSON and operation.not_before is None and not _waits_for_calls(operation)


def _take_slot(claimed: ClaimedOperation) -> bool:
    """False: all slots are taken, and the pause waits for one."""
    limit = pause_slots.take(claimed.operation)
    if not limit:
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
        if takes_back_a_stop(claimed.operation) and plain(state.status) == ACTIVE:
            outcome.wait_until_stopped(claimed)
        elif plain(state.status) == before:
            outcome.wait_for_cxone(claimed, error)
        else:
            outcome.end_impossible(claimed, error, state)


def _ask(claimed: ClaimedOperation, gateway: Gateway) -> WriteResponse:
    change = prepare_change(claimed.operation, gateway, _effective_at(claimed, gateway))
    # The gateway calls this with the hash of the body, before the first byte goes out.
    return gateway.send_prepared(change, partial(attempts.open_attempt, claimed))


def _effective_at(claimed: ClaimedOperation, gateway: Gateway) -> datetime:
    """By CXone's clock: the operation's own time if that is still to come, or else at once."""
    operation, ours = claimed.operation, claimed.time()
    # One that was taken up when CXone could still keep it isn't lost: a stop that comes early is none too late.
    if operation.not_before is None or not is_ahead(operation, ours) or not cxone_can().defers:
        return at_once(gateway, ours)
    apart = (gateway.now() or ours) - ours
    if not CLOCKS_AGREE < abs(apart) < MOST_APART:
        return operation.not_before
    # A person's 18:00 is that of the clocks on the wall, which the database's follows.
    return operation.not_before + apart


def at_once(gateway: Gateway, now: datetime) -> datetime:
    """A time that has passed by both clocks, the database's and CXone's. `now`: by the database's."""
    if not gateway.capabilities.defers:
        # It isn't sent, and is only to have passed by this process's clock, too, which may be behind both.
        return now - MOST_BEHIND
    theirs = gateway.now() or now
    return max(min(now, theirs), now - MOST_BEHIND) - EARLY

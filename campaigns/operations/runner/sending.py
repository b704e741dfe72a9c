"""Sending one change, and checking that CXone shows the campaign as asked for: at once, and at the deadline."""

import logging
from collections.abc import Callable

from django.db.models.functions import Now

from campaigns.cxone.errors import BudgetSpent, CXoneError, OutcomeUnknown
from campaigns.cxone.gateway import CampaignState, Gateway, WriteResponse
from campaigns.dialect import cxone_can
from campaigns.models import Operation, OperationKind, SyncState
from campaigns.operations.descriptions import STILL_RUNNING
from campaigns.operations.phrases import calls_are
from campaigns.operations.runner import attempts, outcome
from campaigns.operations.runner.bulks.reading import ask_for_read
from campaigns.operations.runner.calls import recent_calls
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.confirmation import confirm_earlier, seen_at
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.timed import DRAIN_DEADLINE, are_many_due_with, is_ahead, not_earlier
from campaigns.queueing.rows import database_now
from campaigns.states import State, WaitingFor

log = logging.getLogger(__name__)


def send(claimed: ClaimedOperation, gateway: Gateway, ask: Callable[[], WriteResponse]) -> None:
    """Ask CXone for the change and record the outcome. CXoneError: CXone refused, which is on record."""
    try:
        answer = ask()
    except OutcomeUnknown as error:
        attempts.close_failed(claimed, error)
        # What is read before the operation's own time says nothing about it.
        if is_ahead(claimed.operation, database_now()) or not ends_if_as_asked(claimed, gateway):
            outcome.try_again(claimed, error)
    except BudgetSpent:
        # Nothing was sent, so there is no attempt to close.
        raise
    except CXoneError as error:
        attempts.close_failed(claimed, error)
        raise
    else:
        outcome.accept(claimed, answer.status)
        if is_ahead(claimed.operation, claimed.now):
            outcome.leave_with_cxone(claimed)
        elif are_many_due_with(claimed.operation):
            # The regular read sees them all, for fewer requests than reading each takes.
            outcome.wait_to_see(claimed)
        else:
            _look_at_once(claimed, gateway)


def ends_if_as_asked(claimed: ClaimedOperation, gateway: Gateway) -> bool:
    """Read the campaign. True: it is as asked for, and the operation has ended with that."""
    return look(claimed, gateway) is None


def look(claimed: ClaimedOperation, gateway: Gateway) -> CampaignState | None:
    """The campaign as it is now. None: it is as asked for, and the operation has ended with that."""
    began = claimed.now
    operation = claimed.operation
    state = gateway.read_state(operation.campaign_id, needs_schedule=operation.kind == OperationKind.SCHEDULE)
    if not is_as_asked(operation, state):
        return state
    outcome.end_found_so(claimed, state, began)
    return None


def settle_accepted(claimed: ClaimedOperation, gateway: Gateway) -> None:
    """An accepted change whose effect nobody has seen: read once more, for the last time at the deadline."""
    error = "CXone accepted the change, but the campaign was never read back as changed."
    due = claimed.operation.not_before
    if due and _is_left_to_full_read(claimed.operation):
        ask_for_read(after=due)
        outcome.wait_to_see(claimed)
        return
    try:
        if ends_if_as_asked(claimed, gateway) or _lets_calls_end(claimed, gateway):
            return
    except BudgetSpent:
        raise
    except CXoneError as trouble:
        error = f"CXone accepted the change, but it could not be read back: {trouble}"
    if earlier := seen_at(claimed.operation):
        confirm_earlier(claimed, earlier)
    elif claimed.operation.confirm_by and database_now() < claimed.operation.confirm_by:
        outcome.look_again(claimed)
    else:
        outcome.end_unconfirmed(claimed, error)


def _lets_calls_end(claimed: ClaimedOperation, gateway: Gateway) -> bool:
    """After a read that didn't show an accepted pause. True: calls are in progress, so it can't be seen yet, and the
    operation waits for their end, or has waited too long."""
    operation = claimed.operation
    if operation.kind != OperationKind.PAUSE or operation.accepted_at is None or cxone_can().pauses_at_once:
        return False
    calls = recent_calls(gateway, operation.campaign_id)
    if not calls:
        claimed.note(waiting_for=WaitingFor.NOTHING)
        return False
    if claimed.time() < not_earlier(operation, operation.accepted_at) + DRAIN_DEADLINE:
        outcome.wait_for_calls_to_end(claimed, calls)
    else:
        minutes = int(DRAIN_DEADLINE.total_seconds()) // 60
        outcome.end_unconfirmed(claimed, f"{STILL_RUNNING} {minutes} minutes later: {calls_are(calls)} in progress.")
    return True


def settle_unanswered(claimed: ClaimedOperation, gateway: Gateway) -> None:
    """Workers have died over it for as long as it may fail: read once more, and send nothing."""
    if ends_if_as_asked(claimed, gateway):
        return
    if earlier := seen_at(claimed.operation):
        confirm_earlier(claimed, earlier)
    else:
        outcome.end_badly(claimed, attempts.UNANSWERED)


def _is_left_to_full_read(operation: Operation) -> bool:
    """So many pauses have had their time just now that reading all campaigns takes fewer requests."""
    if operation.confirm_by is None or operation.confirm_by <= database_now():
        return False
    waiting = Operation.objects.filter(state=State.ACCEPTED, not_before__lte=Now())
    return waiting.count() > SyncState.current().requests


def _look_at_once(claimed: ClaimedOperation, gateway: Gateway) -> None:
    """One direct read after the answer; then events and the shared read confirm, or the deadline comes."""
    try:
        if ends_if_as_asked(claimed, gateway) or _lets_calls_end(claimed, gateway):
            return
    except CXoneError as error:
        log.info("Operation %s could not be read back at once: %s", claimed.operation.pk, error)
    outcome.look_again(claimed)

"""Sending one change, and looking whether CXone shows the campaign as asked for: at once, and at its deadline."""

import logging
from collections.abc import Callable

from campaigns.cxone.errors import BudgetSpent, CXoneError, OutcomeUnknown
from campaigns.cxone.gateway import CampaignState, Gateway, WriteResponse
from campaigns.operations.runner import attempts, outcome
from campaigns.operations.runner.claim import Held
from campaigns.operations.runner.confirmation import confirm_earlier, seen_at
from campaigns.queueing.rows import database_now

log = logging.getLogger(__name__)


def send(held: Held, gateway: Gateway, ask: Callable[[], WriteResponse]) -> None:
    """Ask CXone for the change, and see to what comes of it. CXoneError: it said no, which is on record."""
    try:
        answer = ask()
    except OutcomeUnknown as error:
        attempts.close(held, error)
        if not is_so(held, gateway):
            outcome.try_again(held, error)
    except BudgetSpent:  # nothing was sent, so there is nothing to close
        raise
    except CXoneError as error:
        attempts.close(held, error)
        raise
    else:
        outcome.accept(held, answer.status)
        _look_at_once(held, gateway)


def is_so(held: Held, gateway: Gateway) -> bool:
    """Read the campaign; where it is as asked for, the operation ends with that."""
    return look(held, gateway) is None


def look(held: Held, gateway: Gateway) -> CampaignState | None:
    """The campaign as it is now. None: it is as asked for, and the operation has ended with that."""
    began = database_now()
    state = gateway.read_state(held.operation.campaign_id)
    if not held.operation.is_as_asked(state.status, state.schedule):
        return state
    outcome.end_found_so(held, state, began)
    return None


def settle(held: Held, gateway: Gateway) -> None:
    """An accepted change that nobody has seen to happen: one more look, and at its deadline the last."""
    error = "CXone accepted the change, but the campaign was never read back as changed."
    try:
        if is_so(held, gateway):
            return
    except BudgetSpent:
        raise
    except CXoneError as trouble:
        error = f"CXone accepted the change, but it could not be read back: {trouble}"
    if earlier := seen_at(held.operation):
        confirm_earlier(held, earlier)
    elif held.operation.confirm_by and database_now() < held.operation.confirm_by:
        outcome.wait_to_see(held)
    else:
        outcome.end_unconfirmed(held, error)


def _look_at_once(held: Held, gateway: Gateway) -> None:
    """One direct read after the answer; then events and the shared read confirm, or the deadline comes."""
    try:
        if is_so(held, gateway):
            return
    except CXoneError as error:
        log.info("Operation %s could not be read back at once: %s", held.operation.pk, error)
    outcome.wait_to_see(held)

"""The watch over confirmed pauses: a campaign that dials again, although nobody here resumed it, is paused again once.

Only once, and only after a reason that overrides the calls check: whoever resumes it in CXone a second time means it,
and two systems must never fight over a campaign. Everything else is shown on top of every page.
"""

import logging
from datetime import datetime, timedelta

from campaigns.errors import OperationRefusal
from campaigns.models import Attempt, Campaign, Operation, OperationKind, Origin, ReasonCode
from campaigns.operations import requests
from campaigns.operations.returns import returned
from campaigns.states import State, may_be_paused

log = logging.getLogger(__name__)

# A late effect of something that was sent before shows within minutes. What happens later is somebody's decision.
WATCH_MINUTES = 15
AGAIN = "It dialed again by itself after this pause: paused again, once."
DIALING_KINDS = (OperationKind.PAUSE, OperationKind.RESUME)


def last_sent(campaign: Campaign, kinds: tuple[OperationKind, ...]) -> Operation | None:
    """Of the operations that CXone was sent, the last: an earlier one that takes effect late explains nothing."""
    attempts = Attempt.objects.filter(operation__campaign=campaign, operation__kind__in=kinds)
    newest = attempts.select_related("operation__campaign").order_by("-sent_at", "-pk").first()
    return newest.operation if newest else None


def broken_pause(campaign: Campaign, status: str, began: datetime) -> Operation | None:
    """The pause that no longer holds, though it was confirmed a short while ago. `status`: what a read showed at
    `began` that nothing explains."""
    if not campaign.is_paused or not may_be_paused(status):
        return None
    pause = last_sent(campaign, DIALING_KINDS)
    if pause is None or pause.kind != OperationKind.PAUSE or pause.confirmed_at is None:
        return None
    if began - pause.confirmed_at > timedelta(minutes=WATCH_MINUTES):
        return None
    return pause


def pause_again(pause: Operation) -> None:
    """Ask for the same pause once more, if it is one that the watch upholds. Never inside a transaction that holds
    the campaign's row: those who ask lock operations first."""
    if not pause.override or pause.origin == Origin.WATCH:
        return
    try:
        requests.repeat_pause(pause=pause, reason=ReasonCode.objects.get(pk=pause.reason), note=AGAIN)
    except OperationRefusal as refusal:
        log.warning("Campaign %s dials again and was not paused again: %s", pause.campaign_id, refusal.sentence)


def see_to_returned() -> None:
    """Pause again what came back and wasn't: the process that saw it may have died before it could ask."""
    for campaign in returned():
        pause = last_sent(campaign, DIALING_KINDS)
        if pause is not None and pause.state == State.CONFIRMED and pause.kind == OperationKind.PAUSE:
            pause_again(pause)

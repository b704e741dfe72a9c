"""The pause watch: a campaign that dials again, although nobody here resumed it, is paused again once.

Only once, and only after a reason that overrides the calls check: whoever resumes it in CXone a second time means it,
and two systems must never fight over a campaign. Everything else is shown on top of every page.

One that is on hold is paused again whenever that is seen, and for whatever reason it was paused: once for each hold,
or where CXone's schedules start what was stopped, once for each day of it.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery

from campaigns.dialect import cxone_can
from campaigns.errors import OperationRefusal
from campaigns.models import (
    Attempt,
    Campaign,
    Control,
    Hold,
    NoticedRestore,
    Operation,
    OperationKind,
    Origin,
    ReasonCode,
)
from campaigns.operations import requests, sent
from campaigns.operations.holding import pausing_reason
from campaigns.operations.returns import returned
from campaigns.queueing.rows import database_now
from campaigns.states import PAUSED, State, no_longer_holds

log = logging.getLogger(__name__)

# A late effect of something that was sent before shows within minutes. What happens later is somebody's decision.
WATCH_MINUTES = 15
ON_HOLD = "It dialed again although it is on hold: paused again, once."
AGAIN = "It dialed again by itself after this pause: paused again, once."
DIALING_KINDS = (OperationKind.PAUSE, OperationKind.RESUME)


def last_sent(campaign_ids: Collection[str], kinds: tuple[OperationKind, ...]) -> dict[str, Operation]:
    """By campaign, the last of the operations that CXone was sent: an earlier one that takes effect late explains
    nothing. One query."""
    attempts = Attempt.objects.filter(operation__campaign=OuterRef("pk"), operation__kind__in=kinds)
    # What CXone refused changed nothing, and what was sent before it still may.
    attempts = attempts.exclude(outcome__in=sent.NOTHING_DONE)
    newest = Subquery(attempts.order_by("-sent_at", "-pk").values("operation_id")[:1])
    of_campaigns = Campaign.objects.filter(pk__in=list(campaign_ids)).order_by().values_list(newest)
    operations = Operation.objects.select_related("campaign").filter(pk__in=of_campaigns)
    return {operation.campaign_id: operation for operation in operations}


def broken_pause(campaign: Campaign, status: str, began: datetime, newest: Operation | None) -> Operation | None:
    """The pause that no longer holds, though it was confirmed a short while ago. `status`: what a read showed at
    `began` that nothing explains; `newest`: the pause or resume that CXone was sent last."""
    if not no_longer_holds(campaign.status, status):
        return None
    if newest is None or newest.kind != OperationKind.PAUSE or newest.confirmed_at is None:
        return None
    if began - newest.confirmed_at > timedelta(minutes=WATCH_MINUTES):
        return None
    return newest


def pause_again(pause: Operation) -> None:
    """Ask for the same pause once more, if it is one that the watch upholds. Never inside a transaction that holds
    the campaign's row: those who ask lock operations first."""
    if not pause.override or pause.origin == Origin.WATCH:
        return
    # What became of a pause from before a restore isn't known: somebody may have resumed its campaign lawfully.
    if NoticedRestore.objects.filter(noticed_at__gte=pause.requested_at).exists():
        return
    try:
        requests.repeat_pause(pause=pause, reason=ReasonCode.objects.get(pk=pause.reason), note=AGAIN)
    except OperationRefusal as refusal:
        log.warning("Campaign %s dials again and was not paused again: %s", pause.campaign_id, refusal.sentence)


def is_back_on_hold(campaign: Campaign, status: str) -> bool:
    """It was paused, it is on hold, and `status` is what a read shows that nothing explains."""
    return campaign.hold_id is not None and no_longer_holds(campaign.status, status)


def pause_on_hold(hold_id: int) -> None:
    """Ask for a pause of a campaign that dials again although it is on hold. As for `pause_again`."""
    hold = Hold.objects.select_related("campaign").get(pk=hold_id)
    key = f"watch-hold-{hold_id}" if cxone_can().holds_pauses else f"watch-hold-{hold_id}-{database_now():%Y%m%d}"
    if Operation.objects.filter(idempotency_key=key).exists():
        return
    try:
        requests.pause_again_on_hold(hold=hold, reason=pausing_reason(), note=ON_HOLD, key=key)
    except OperationRefusal as refusal:
        log.warning("Campaign %s dials on hold and was not paused: %s", hold.campaign_id, refusal.sentence)


def _back_on_hold() -> QuerySet[Campaign]:
    """Campaigns that were started, or stopped, elsewhere since their hold was placed."""
    started = Campaign.objects.filter(control=Control.OUTSIDE, gone_at=None, status_since__gt=F("hold__placed_at"))
    return started.filter(hold__isnull=False).defer("schedule")


def see_to_returned() -> None:
    """Pause again what came back and wasn't: the process that saw it may have died before it could ask."""
    for campaign in _back_on_hold():
        if campaign.hold_id is not None and no_longer_holds(PAUSED, campaign.status):
            pause_on_hold(campaign.hold_id)
    campaigns = list(returned())
    newest = last_sent([campaign.pk for campaign in campaigns], DIALING_KINDS) if campaigns else {}
    for pause in filter(None, (newest.get(campaign.pk) for campaign in campaigns)):
        if pause.state == State.CONFIRMED and pause.kind == OperationKind.PAUSE:
            pause_again(pause)

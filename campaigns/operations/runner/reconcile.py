"""Reconciles our row of a campaign with what CXone shows: new values, an operation confirmed, an outside change."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from audit import ledger
from audit.kinds import RecordKind
from campaigns.cxone.gateway import CampaignState
from campaigns.models import Campaign, Control, Operation, OperationKind, SyncState
from campaigns.operations import sent
from campaigns.operations.records import record_operation
from campaigns.operations.runner import watch
from campaigns.operations.runner.confirmation import confirm_seen, zone_name_of
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.timed import is_ahead
from campaigns.schedule import same
from campaigns.states import State, plain

# An operation in one of these may be why the campaign now has the status or schedule that it was to bring about.
EXPLAINING = (State.RUNNING, State.WAITING, State.ACCEPTED, State.UNCONFIRMED, State.SUPERSEDED)
CHANGING = {
    "status": (OperationKind.PAUSE, OperationKind.RESUME),
    "schedule": (OperationKind.SCHEDULE,),
}
# After its end. A change that shows up even later isn't the work of an operation that ended unconfirmed.
LATE = timedelta(hours=1)

# By the name of what changed: its value before and after.
Changes = dict[str, tuple[Any, Any]]


def reconcile_campaign(state: CampaignState, began: datetime, calls: int | None = None) -> bool:
    """Save what a read that began at `began` showed. False: it shows nothing new, or is older than what we know."""
    confirm_seen(state, began)
    with transaction.atomic():
        # No lock of its key: rows that refer to the campaign check that at commit, when they hold the ledger's head.
        known = Campaign.objects.select_for_update(no_key=True)
        campaign = known.filter(pk=state.campaign_id, read_at__lt=began).first()
        if campaign is None or not _is_news(campaign, state, calls):
            return False
        changes = _changes(campaign, state)
        explained = _explained(changes, campaign, state, began)
        unexplained = "status" in changes and "status" not in explained
        broken = watch.broken_pause(campaign, state.status, began) if unexplained else None
        _save(campaign, state, began, calls, explained.get("status"))
        if broken:
            Campaign.objects.filter(pk=campaign.pk).update(came_back_at=began)
        SyncState.bump()
        _record(campaign, changes, explained)
        if broken:
            record_operation(RecordKind.CAMPAIGN_CAME_BACK, broken)
    if broken:
        watch.pause_again(broken)
    return True


def _is_news(campaign: Campaign, state: CampaignState, calls: int | None) -> bool:
    if (campaign.name, campaign.status, campaign.schedule) != (state.name, state.status, state.schedule):
        return True
    return calls is not None and calls != campaign.active_calls


def _changes(campaign: Campaign, state: CampaignState) -> Changes:
    """What changed in meaning, and so is worth a record: another spelling isn't."""
    changes: Changes = {}
    if plain(campaign.status) != plain(state.status):
        changes["status"] = (campaign.status, state.status)
    if not same(campaign.schedule, state.schedule):
        changes["schedule"] = (campaign.schedule, state.schedule)
    return changes


def _explained(changes: Changes, campaign: Campaign, state: CampaignState, began: datetime) -> dict[str, Operation]:
    """By the name of what changed, the operation of ours that changed it."""
    explained = {}
    for name in changes:
        operation = _explanation(name, campaign, state, began)
        if operation is not None:
            explained[name] = operation
    return explained


def _explanation(name: str, campaign: Campaign, state: CampaignState, began: datetime) -> Operation | None:
    newest = watch.last_sent(campaign, CHANGING[name])
    if newest is None or newest.state not in EXPLAINING:
        return None
    if newest.ended_at and newest.ended_at < began - LATE:
        return None
    # CXone may have it already, for a time that was still to come at that read.
    if is_ahead(newest, began):
        return None
    if not _is_its_work(newest, state) or not sent.may_have_worked(newest):
        return None
    return newest


def _is_its_work(operation: Operation, state: CampaignState) -> bool:
    if operation.kind == OperationKind.SCHEDULE:
        # Exactly what was sent: with more changed than that, somebody else has been at it, too.
        return same(operation.applied, state.schedule)
    return is_as_asked(operation, state)


def _save(
    campaign: Campaign, state: CampaignState, began: datetime, calls: int | None, explanation: Operation | None
) -> None:
    if plain(campaign.status) != plain(state.status):
        campaign.status_since = began
        campaign.control = Control.PERSON if explanation else Control.OUTSIDE
        campaign.controller = explanation.by if explanation else ""
        campaign.explained_by = explanation
        campaign.came_back_at = None
    campaign.name, campaign.status, campaign.schedule = state.name, state.status, state.schedule
    campaign.timezone = zone_name_of(state.schedule)
    if calls is not None:
        campaign.active_calls = calls
    campaign.read_at = began
    campaign.save()


def _record(campaign: Campaign, changes: Changes, explained: dict[str, Operation]) -> None:
    for operation in explained.values():
        if operation.state == State.UNCONFIRMED:
            record_operation(RecordKind.CAMPAIGN_CHANGED_LATE, operation)
    outside = {name: values for name, values in changes.items() if name not in explained}
    if outside:
        ledger.append(
            RecordKind.CAMPAIGN_CHANGED_OUTSIDE,
            by="",
            campaign_id=campaign.pk,
            campaign_name=campaign.name,
            details={
                "before": {name: before for name, (before, _) in outside.items()},
                "after": {name: after for name, (_, after) in outside.items()},
            },
        )

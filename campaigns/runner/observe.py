"""What a reading of one campaign means: new values, an operation confirmed, a change from outside."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from audit import ledger
from audit.kinds import Kind as Fact
from campaigns.cxone.gateway import CampaignState
from campaigns.models import Campaign, Control, Operation, SyncState
from campaigns.records import record
from campaigns.runner import attempts
from campaigns.runner.confirming import confirm_seen
from campaigns.states import State

# An operation in one of these may be why a campaign now has the status that it was to bring about.
EXPLAINING = (State.RUNNING, State.WAITING, State.ACCEPTED, State.UNCONFIRMED)
LATE = timedelta(hours=1)  # after its end; what happens later isn't the work of an unconfirmed operation


def take_in(state: CampaignState, began: datetime, calls: int | None = None) -> bool:
    """Save what a reading that began at `began` showed. False: it is no news, or older than what we know."""
    confirm_seen(state, began)
    with transaction.atomic():
        known = Campaign.objects.select_for_update(no_key=True)  # foreign keys are checked at commit, after the head
        campaign = known.filter(pk=state.campaign_id, read_at__lt=began).first()
        if campaign is None or not _is_news(campaign, state, calls):
            return False
        before, after = _changes(campaign, state)
        explanation = _explanation(campaign, state, began) if "status" in after else None
        _save(campaign, state, began, calls, explanation)
        SyncState.bump()
        _record(campaign, before, after, explanation)
        return True


def zone_of(schedule: dict[str, Any]) -> str:
    zone = schedule.get("timezone")
    return zone[:64] if isinstance(zone, str) else ""


def _is_news(campaign: Campaign, state: CampaignState, calls: int | None) -> bool:
    known = (campaign.name, campaign.status, campaign.schedule)
    return known != (state.name, state.status, state.schedule) or calls not in (None, campaign.active_calls)


def _changes(campaign: Campaign, state: CampaignState) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after, of what changed and is worth a record."""
    changed = [name for name in ("status", "schedule") if getattr(campaign, name) != getattr(state, name)]
    return {name: getattr(campaign, name) for name in changed}, {name: getattr(state, name) for name in changed}


def _explanation(campaign: Campaign, state: CampaignState, began: datetime) -> Operation | None:
    newest = campaign.operations.filter(sent_at__isnull=False).first()
    if newest is None or newest.state not in EXPLAINING or newest.target_status != state.status:
        return None
    if newest.ended_at and newest.ended_at < began - LATE:
        return None
    return newest if attempts.may_have_worked(newest) else None


def _save(
    campaign: Campaign, state: CampaignState, began: datetime, calls: int | None, explanation: Operation | None
) -> None:
    if campaign.status != state.status:
        campaign.status_since = began
        campaign.control = Control.PERSON if explanation else Control.OUTSIDE
        campaign.controller = explanation.by if explanation else ""
    campaign.name, campaign.status, campaign.schedule = state.name, state.status, state.schedule
    campaign.timezone = zone_of(state.schedule)
    campaign.active_calls = campaign.active_calls if calls is None else calls
    campaign.read_at = began
    campaign.save()


def _record(campaign: Campaign, before: dict[str, Any], after: dict[str, Any], operation: Operation | None) -> None:
    if operation and operation.state == State.UNCONFIRMED:
        record(Fact.CAMPAIGN_CHANGED_LATE, operation)
    if operation:
        before, after = ({k: v for k, v in facts.items() if k != "status"} for facts in (before, after))
    if after:
        ledger.append(
            Fact.CAMPAIGN_CHANGED_OUTSIDE,
            by="",
            campaign_id=campaign.pk,
            campaign_name=campaign.name,
            details={"before": before, "after": after},
        )

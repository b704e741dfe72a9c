"""Placing and lifting compliance holds, each on record with who and why. A hold stops what hasn't been sent; whether
its campaign is paused, too, is the person's to say."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.errors import Refusal
from campaigns.models import (
    COMPLIANCE_HOLD,
    Campaign,
    Hold,
    HoldEnd,
    Operation,
    OperationKind,
    ReasonCode,
    SyncState,
)
from campaigns.operations import requests
from campaigns.operations.records import cancelled_entry
from campaigns.policy.holds import FORBIDDEN
from campaigns.queueing.rows import database_now, update_each
from campaigns.schedule.due_times import problem_of
from campaigns.states import IN_PROGRESS, State, WaitingFor, may_be_paused

# In one transaction, for whose length every other record waits: some tens of milliseconds.
AT_ONCE = 200
NO_REASON = "Say why: the reason stays on record, and everybody reads it who is kept from resuming the campaign."
HAS_ENDED = "The hold has ended already. Nothing was changed: look at the campaign as it is now."
NONE_TO_LIFT = "There is no hold on this campaign. Nothing was changed."
LONGEST_REASON = 500


@dataclass(slots=True)
class Placed:
    """What came of placing holds. `already`: the campaigns that were on hold; `cancelled`: operations that had sent
    nothing; `sent`: those that end as they were sent."""

    holds: list[Hold] = field(default_factory=list)
    already: list[Campaign] = field(default_factory=list)
    cancelled: list[Operation] = field(default_factory=list)
    sent: list[Operation] = field(default_factory=list)


def place_holds(*, campaign_ids: Sequence[str], by: str, reason: str, until: datetime | None = None) -> Placed:
    """Place a hold on each, but on those that have one. Refusal: without a reason, or with a time that can't be meant.

    Ids that no campaign has are left out.
    """
    if not reason:
        raise Refusal(NO_REASON, "reason")
    if until is not None and (problem := problem_of(None, until, database_now())):
        raise Refusal(problem, "until")
    placed = Placed()
    ids = sorted(set(campaign_ids))
    for first in range(0, len(ids), AT_ONCE):
        with transaction.atomic():
            _place_some(ids[first : first + AT_ONCE], Hold(placed_by=by, reason=reason, until=until), placed)
    return placed


def _place_some(ids: Collection[str], terms: Hold, placed: Placed) -> None:
    in_progress = _lock_stopped(ids)
    campaigns = list(Campaign.objects.select_for_update(no_key=True).filter(pk__in=list(ids)).order_by("pk"))
    free = {campaign.pk: campaign for campaign in campaigns if campaign.hold_id is None}
    placed.already += [campaign for campaign in campaigns if campaign.hold_id is not None]
    if not free:
        return
    now = database_now()
    holds = [_of(campaign, terms, now) for campaign in free.values()]
    Hold.objects.bulk_create(holds)
    for hold in holds:
        hold.campaign.hold = hold
    update_each(Campaign.objects.all(), list(free.values()), ["hold"], are_locked=True)
    concerned = [operation for operation in in_progress if operation.campaign_id in free]
    cancelled = _cancel([operation for operation in concerned if operation.sent_at is None], terms.placed_by)
    sent = [operation for operation in concerned if operation.sent_at is not None]
    SyncState.bump()
    by_campaign = {operation.campaign_id: operation for operation in concerned}
    ledger.append_many(
        [
            *(_placed_entry(hold, by_campaign.get(hold.campaign_id)) for hold in holds),
            *(cancelled_entry(each, terms.placed_by, each.error) for each in cancelled),
        ]
    )
    placed.holds += holds
    placed.cancelled += cancelled
    placed.sent += sent


def _of(campaign: Campaign, terms: Hold, now: datetime) -> Hold:
    return Hold(campaign=campaign, placed_by=terms.placed_by, placed_at=now, reason=terms.reason, until=terms.until)


def _lock_stopped(ids: Collection[str]) -> list[Operation]:
    """What is in progress and no pause, in the order in which those who ask lock it. Before the campaigns' rows."""
    found = Operation.objects.select_for_update(of=("self",), no_key=True).select_related("campaign")
    return list(found.filter(campaign__in=list(ids), kind__in=FORBIDDEN, state__in=IN_PROGRESS))


def _cancel(operations: Sequence[Operation], by: str) -> list[Operation]:
    """An attempt is saved, together with `sent_at`, before its first byte goes out; the fence keeps out a worker that
    was about to."""
    for operation in operations:
        operation.state, operation.cancelled_by = State.CANCELLED, by
        operation.error = f"{by} placed a compliance hold on the campaign. Nothing was sent."
    if operations:
        Operation.objects.filter(pk__in=[each.pk for each in operations]).update(
            state=State.CANCELLED,
            waiting_for=WaitingFor.NOTHING,
            cancelled_by=by,
            error=operations[0].error,
            fence=F("fence") + 1,
            lease_until=None,
            ended_at=Now(),
        )
    return list(operations)


def pause_held(hold: Hold) -> Operation:
    """Pause the campaign for its hold, however many calls are in progress. OperationRefusal: as for any pause."""
    return requests.request_pause(
        campaign=hold.campaign,
        by=hold.placed_by,
        reason=pausing_reason(),
        note=hold.reason,
        override=True,
        key=f"hold-{hold.pk}",
    )


def pausing_reason() -> ReasonCode:
    """Of the reasons that override the calls check, that of holds if it is one of them. The policy keeps one."""
    overriding = ReasonCode.objects.filter(for_pause=True, retired=False, overrides_calls_check=True)
    return overriding.filter(pk=COMPLIANCE_HOLD).first() or overriding.order_by("order", "pk")[0]


def may_dial(holds: Iterable[Hold]) -> list[Hold]:
    """Those whose campaign may be dialing, as last read."""
    return [hold for hold in holds if may_be_paused(hold.campaign.status)]


def lift_hold(*, campaign: Campaign, by: str, reason: str, seen: int | None = None) -> Hold:
    """End the hold on `campaign`. It resumes nothing. Refusal: without a reason, or there is none, or another than the
    person has `seen`."""
    if not reason:
        raise Refusal("Say why the hold is lifted: the reason stays on record.", "reason")
    with transaction.atomic():
        locked = _lock_held(campaign.pk)
        if locked is None or locked.hold is None:
            raise Refusal(NONE_TO_LIFT if seen is None else HAS_ENDED)
        if seen is not None and locked.hold_id != seen:
            raise Refusal("Another hold was placed while this page was open. Nothing was changed: look at that first.")
        hold = locked.hold
        _end(hold, end=HoldEnd.LIFTED, lifted_by=by, lifted_reason=reason)
        SyncState.bump()
        _record_end(RecordKind.HOLD_LIFTED, hold, by=by, note=reason, placed_by=hold.placed_by)
    return hold


def _lock_held(campaign_id: str) -> Campaign | None:
    rows: QuerySet[Campaign] = Campaign.objects.select_for_update(of=("self",), no_key=True)
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is not None and campaign.hold is not None:
        campaign.hold.campaign = campaign
    return campaign


def _end(hold: Hold, **changes: Any) -> None:
    hold.ended_at = database_now()
    for name, value in changes.items():
        setattr(hold, name, value)
    Hold.objects.filter(pk=hold.pk).update(ended_at=hold.ended_at, **changes)
    Campaign.objects.filter(pk=hold.campaign_id).update(hold=None)


def end_expired() -> None:
    """End the holds whose time is over, on record. Any process may do it at any time."""
    due = Hold.objects.filter(ended_at=None, until__lte=Now()).order_by("until", "pk")
    for key in list(due.values_list("campaign_id", flat=True)):
        _end_due(key)


def _end_due(campaign_id: str) -> None:
    with transaction.atomic():
        locked = _lock_held(campaign_id)
        hold = locked.hold if locked else None
        # Somebody may have lifted it since, or placed another.
        if hold is None or hold.until is None or hold.until > database_now():
            return
        _end(hold, end=HoldEnd.EXPIRED)
        SyncState.bump()
        _record_end(RecordKind.HOLD_ENDED, hold, by="", placed_by=hold.placed_by)


def _placed_entry(hold: Hold, concerned: Operation | None) -> ledger.Entry:
    details: dict[str, Any] = {"hold": hold.pk, "note": hold.reason}
    if hold.until is not None:
        details["until"] = _iso(hold.until)
    if concerned is not None:
        details["in_progress"] = str(concerned.pk)
        details["cause"] = _what_comes_of(concerned)
    return ledger.Entry(
        kind=RecordKind.HOLD_PLACED,
        by=hold.placed_by,
        status=Status.SUCCESS,
        facts={"campaign_id": hold.campaign_id, "campaign_name": hold.campaign.name},
        details=details,
    )


def _what_comes_of(operation: Operation) -> str:
    kind = OperationKind(operation.kind).label.lower()
    if operation.state == State.CANCELLED:
        return f"the {kind} requested by {operation.by} had sent nothing and was cancelled"
    return f"the {kind} requested by {operation.by} had been sent to CXone, and ends as it was sent"


def _record_end(kind: RecordKind, hold: Hold, *, by: str, **details: Any) -> None:
    until = {"until": _iso(hold.until)} if hold.until else {}
    ledger.append(
        kind,
        by=by,
        status=Status.SUCCESS,
        campaign_id=hold.campaign_id,
        campaign_name=hold.campaign.name,
        details={"hold": hold.pk, **details, **until},
    )


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")

"""An operation ends CONFIRMED when its campaign has been read as asked for, whoever read it."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet
from django.db.models.functions import Now

from audit import ledger
from campaigns.attention.causes import note_ended, note_status, open_after
from campaigns.attention.windows import window_columns
from campaigns.cxone.gateway import CampaignState, Schedule
from campaigns.deliveries.outbox import note_confirmed
from campaigns.models import Campaign, Control, Drain, DrainSample, Operation, OperationKind, Seen, SyncState
from campaigns.observation.changes import note_carried_out
from campaigns.operations import sent
from campaigns.operations.records import ended_entry, record_ended
from campaigns.operations.runner import attempts, pause_slots, watch
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.drain_history import NO_HISTORY, ended_drains, usual_drains
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.timed import DRAIN_DEADLINE, not_earlier
from campaigns.prepared import Plain, fetch_values, update_rows
from campaigns.queueing.leases import LeaseLost, is_free, is_held
from campaigns.queueing.rows import database_now, takeable, update_each, with_campaigns
from campaigns.schedule import same
from campaigns.states import IN_PROGRESS, State, WaitingFor

log = logging.getLogger(__name__)

# In one transaction: some tens of milliseconds.
CONFIRMED_AT_ONCE = 50


def confirm(claimed: ClaimedOperation, state: CampaignState, began: datetime) -> None:
    """End the operation: its campaign was read as asked for at `began`. LeaseLost: somebody else did, or has it."""
    operation = claimed.operation
    with transaction.atomic():
        _end(claimed, Now())
        _update_campaign(operation, state, began)
        ((has_drained, has_findings),) = fetch_values(_history, campaign_id=operation.campaign_id)
        if operation.kind == OperationKind.PAUSE:
            _start_drains([operation], has_history=has_drained)
        if has_findings:
            note_ended([operation])
        _announce(operation)


def _history(campaign_id: str) -> QuerySet[SyncState, Any]:
    """Whether drains of the campaign have ended, and whether findings are open that may end now. The campaign's row is
    locked by then, so none opens meanwhile."""
    drains, findings = Exists(ended_drains([campaign_id])), Exists(open_after(campaign_id))
    return SyncState.objects.filter(pk=1).values_list(drains, findings)


def confirm_accepted(states: Mapping[str, CampaignState], began: datetime) -> None:
    """Confirm the pauses and resumes that CXone has accepted, that nobody works on, and whose campaigns a read that
    began at `began` shows as asked for. `states`: by campaign. After a bulk these may be thousands."""
    # Before its own time CXone only has it, and what a campaign shows is nobody's work of ours.
    due = Q(not_before=None) | Q(not_before__lte=began)
    accepted = Operation.objects.filter(is_free(), due, state=State.ACCEPTED, accepted_at__lte=began)
    found = accepted.exclude(kind=OperationKind.SCHEDULE).only("kind", "campaign_id", "payload", "accepted_at")
    seen = [
        each.pk
        for each in found.order_by("campaign_id")
        if (state := states.get(each.campaign_id)) and is_as_asked(each, state)
    ]
    for first in range(0, len(seen), CONFIRMED_AT_ONCE):
        _confirm_some(accepted.filter(pk__in=seen[first : first + CONFIRMED_AT_ONCE]), states, began)


def _confirm_some(accepted: QuerySet[Operation], states: Mapping[str, CampaignState], began: datetime) -> None:
    """As `confirm` does, for as many as one transaction may have: others wait for the ledger's head meanwhile."""
    now = database_now()
    with transaction.atomic():
        operations = with_campaigns(takeable(accepted).order_by("campaign_id"))
        if not operations:
            return
        ended: dict[str, Any] = {
            "state": State.CONFIRMED,
            "waiting_for": WaitingFor.NOTHING,
            "error": "",
            "lease_until": None,
        }
        ended |= {"confirmed_at": now, "ended_at": now}
        Operation.objects.filter(pk__in=[each.pk for each in operations]).update(fence=F("fence") + 1, **ended)
        for operation in operations:
            for name, value in ended.items():
                setattr(operation, name, value)
        _update_campaigns(operations, states, began)
        _start_drains([operation for operation in operations if operation.kind == OperationKind.PAUSE])
        pause_slots.release_many(operations)
        note_ended(operations)
        SyncState.bump()
        for operation in operations:
            note_confirmed(operation)
        ledger.append_many([ended_entry(operation) for operation in operations])


def confirm_earlier(claimed: ClaimedOperation, seen_at: datetime) -> None:
    """End the operation: its campaign was read as asked for at `seen_at`, though somebody has changed it since.

    Its state now is theirs, and there are no calls to watch. LeaseLost as in `confirm`.
    """
    operation = claimed.operation
    is_broken = operation.kind == OperationKind.PAUSE
    with transaction.atomic():
        _end(claimed, seen_at)
        if is_broken:
            Campaign.objects.filter(pk=operation.campaign_id).update(came_back_at=database_now())
            note_status([operation.campaign_id], came_back=True)
        note_ended([operation])
        _announce(operation)
    if is_broken:
        watch.pause_again(operation)


def _end(claimed: ClaimedOperation, confirmed_at: datetime | Now) -> None:
    in_doubt = claimed.operation.accepted_at is None
    claimed.write(
        state=State.CONFIRMED,
        waiting_for=WaitingFor.NOTHING,
        error="",
        # A worker that still has it writes nothing more.
        fence=F("fence") + 1,
        lease_until=None,
        confirmed_at=confirmed_at,
        ended_at=Now(),
    )
    if in_doubt:
        attempts.close_unknown(claimed.operation)
        # One that was accepted has none any more.
        pause_slots.release(claimed.operation)


def _announce(operation: Operation) -> None:
    SyncState.bump()
    note_confirmed(operation)
    record_ended(operation)


def confirm_seen(states: Sequence[CampaignState], began: datetime) -> None:
    """Confirm the operations that wait to see what this read shows. One query if none does."""
    shown = {state.campaign_id: state for state in states}
    awaiting = list(awaiting_sight().select_related("campaign").filter(campaign_id__in=list(shown)))
    # Of several of one campaign, the first.
    first = {operation.campaign_id: operation for operation in reversed(awaiting)}
    for campaign_id, operation in sorted(first.items()):
        _confirm_if_seen(operation, shown[campaign_id], began)


def _confirm_if_seen(operation: Operation, state: CampaignState, began: datetime) -> None:
    if not is_as_asked(operation, state):
        return
    asked_at = operation.accepted_at or sent.last_sent_at(operation)
    if not (asked_at and not_earlier(operation, asked_at) <= began and sent.may_have_worked(operation)):
        return
    # While a worker has it, the worker decides. What was seen is noted for it, or for the next one: somebody may have
    # undone it by then.
    if Operation.objects.filter(is_held(), pk=operation.pk, state__in=IN_PROGRESS).update(seen_at=began):
        return
    try:
        confirm(ClaimedOperation(operation), state, began)
    except LeaseLost:
        log.info("Operation %s was confirmed, or picked up, by somebody else meanwhile.", operation.pk)


def seen_at(operation: Operation) -> datetime | None:
    """When a read showed it as asked for, after a request that may have done it."""
    # From the database: those who read the campaign write it, not the worker.
    seen = Operation.objects.values_list("seen_at", flat=True).get(pk=operation.pk)
    first = sent.first_sent_at(operation) if seen else None
    return seen if seen and first and first <= seen else None


def awaiting_sight() -> QuerySet[Operation]:
    """Operations that CXone may have carried out, and whose campaigns haven't been read as asked for."""
    return Operation.objects.filter(sent_at__isnull=False, state__in=[State.ACCEPTED, State.WAITING, State.RUNNING])


def zone_name_of(schedule: Schedule) -> str:
    zone = schedule.get("timezone")
    return zone[:64] if isinstance(zone, str) else ""


def _update_campaign(operation: Operation, state: CampaignState, began: datetime) -> None:
    if operation.kind != OperationKind.SCHEDULE:
        if not _update_known(operation, state, began):
            _update_campaigns([operation], {operation.campaign_id: state}, began)
        return
    applied = operation.applied or {}
    # What others changed beside it is for the next reading to find, and to put on record.
    schedule = state.schedule if state.schedule is not None and same(state.schedule, applied) else applied
    after = {operation.campaign_id: schedule}
    note_carried_out([operation], Seen.SCHEDULE, after, began, [_took_effect_at(operation)])
    Campaign.objects.filter(pk=operation.campaign_id, read_at__lte=began).update(
        schedule=schedule,
        timezone=zone_name_of(schedule),
        state_digest="",
        read_at=began,
        **window_columns(schedule, began),
    )


def _update_known(operation: Operation, state: CampaignState, began: datetime) -> bool:
    """The campaign of one pause or resume. False: it isn't as it was at the claim any more, or was read later."""
    known, values = operation.campaign.status, _values_of(operation, state)
    where: dict[str, Plain] = {"campaign_id": operation.campaign_id, "status": known, "began": began}
    if not update_rows(_as_known, where=where, changes=values | _values_of_all(began)):
        return False
    before, after = ({operation.campaign_id: status} for status in (known, state.status))
    note_carried_out([operation], Seen.STATUS, after, began, [values["status_since"]], before=before)
    return True


def _as_known(campaign_id: str, status: str, began: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.filter(pk=campaign_id, status=status, read_at__lte=began)


def _update_campaigns(operations: Sequence[Operation], states: Mapping[str, CampaignState], began: datetime) -> None:
    """The campaigns of pauses and resumes that were read as asked for. One that was read later stays as it is."""
    campaigns = []
    for operation in operations:
        campaign = Campaign(pk=operation.campaign_id, **_values_of(operation, states[operation.campaign_id]))
        campaigns.append(campaign)
    after = {campaign.pk: campaign.status for campaign in campaigns}
    note_carried_out(operations, Seen.STATUS, after, began, [_took_effect_at(operation) for operation in operations])
    update_each(
        Campaign.objects.filter(read_at__lte=began),
        campaigns,
        ("status", "status_since", "controller", "explained_by_id"),
        **_values_of_all(began),
    )


def _values_of(operation: Operation, state: CampaignState) -> dict[str, Any]:
    return {
        "status": state.status,
        "status_since": _took_effect_at(operation),
        "controller": operation.by,
        "explained_by_id": operation.pk,
    }


def _values_of_all(began: datetime) -> dict[str, Any]:
    return {"read_at": began, "state_digest": "", "control": Control.PERSON, "came_back_at": None}


def _took_effect_at(operation: Operation) -> datetime:
    return not_earlier(operation, operation.accepted_at or operation.confirmed_at or database_now())


def _start_drains(pauses: Sequence[Operation], *, has_history: bool = True) -> None:
    calls = {pause.pk: _calls_at_start(pause) for pause in pauses}
    usual = usual_drains([pause.campaign_id for pause in pauses if calls[pause.pk] and has_history])
    drains = []
    for pause in pauses:
        began, expected = _took_effect_at(pause), usual.get(pause.campaign_id, NO_HISTORY)
        drain = Drain(
            operation=pause,
            campaign_id=pause.campaign_id,
            started_at=began,
            calls_at_start=calls[pause.pk],
            deadline=began + DRAIN_DEADLINE,
            expected_median_seconds=expected.median_seconds,
            expected_p90_seconds=expected.p90_seconds,
        )
        drains.append(drain)
    Drain.objects.bulk_create(drains)
    DrainSample.objects.bulk_create(
        DrainSample(drain=drain, at=drain.started_at, calls=drain.calls_at_start) for drain in drains
    )


def _calls_at_start(pause: Operation) -> int:
    if pause.checked_at and not_earlier(pause, pause.checked_at) != pause.checked_at:
        # They were counted minutes before its time; the regular read has counted them since.
        return pause.campaign.active_calls
    return pause.calls_before or 0

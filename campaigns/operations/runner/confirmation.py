"""An operation ends CONFIRMED when its campaign has been read as asked for, whoever read it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from campaigns.cxone.gateway import CampaignState, Schedule
from campaigns.deliveries.outbox import note_confirmed
from campaigns.models import Campaign, Control, Drain, DrainSample, Operation, OperationKind, SyncState
from campaigns.operations import sent
from campaigns.operations.records import record_ended
from campaigns.operations.runner import attempts, pause_slots, watch
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.drain_history import NO_HISTORY, usual_drain
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.timed import not_earlier
from campaigns.queueing.leases import LeaseLost, is_held
from campaigns.queueing.rows import database_now
from campaigns.schedule import same
from campaigns.states import IN_PROGRESS, State, WaitingFor

log = logging.getLogger(__name__)

DRAIN_DEADLINE = timedelta(minutes=15)


def confirm(claimed: ClaimedOperation, state: CampaignState, began: datetime) -> None:
    """End the operation: its campaign was read as asked for at `began`. LeaseLost: somebody else did, or has it."""
    operation, now = claimed.operation, database_now()
    with transaction.atomic():
        _end(claimed, confirmed_at=now, now=now)
        _update_campaign(operation, state, began)
        if operation.kind == OperationKind.PAUSE:
            _start_drain(operation)
        _announce(operation)


def confirm_earlier(claimed: ClaimedOperation, seen_at: datetime) -> None:
    """End the operation: its campaign was read as asked for at `seen_at`, though somebody has changed it since.

    Its state now is theirs, and there are no calls to watch. LeaseLost as in `confirm`.
    """
    operation = claimed.operation
    is_broken = operation.kind == OperationKind.PAUSE
    with transaction.atomic():
        _end(claimed, confirmed_at=seen_at, now=database_now())
        if is_broken:
            Campaign.objects.filter(pk=operation.campaign_id).update(came_back_at=database_now())
        _announce(operation)
    if is_broken:
        watch.pause_again(operation)


def _end(claimed: ClaimedOperation, *, confirmed_at: datetime, now: datetime) -> None:
    in_doubt = claimed.operation.accepted_at is None
    claimed.write(
        state=State.CONFIRMED,
        waiting_for=WaitingFor.NOTHING,
        error="",
        # A worker that still has it writes nothing more.
        fence=F("fence") + 1,
        lease_until=None,
        confirmed_at=confirmed_at,
        ended_at=now,
    )
    if in_doubt:
        attempts.close_unknown(claimed.operation)


def _announce(operation: Operation) -> None:
    pause_slots.release(operation)
    SyncState.bump()
    note_confirmed(operation)
    record_ended(operation)


def confirm_seen(state: CampaignState, began: datetime) -> None:
    """Confirm the operation, if there is one, that waits to see what this read shows."""
    operation = awaiting_sight().select_related("campaign").filter(campaign_id=state.campaign_id).first()
    if operation is None or not is_as_asked(operation, state):
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
        log.info("Operation %s was confirmed, or taken up, by somebody else meanwhile.", operation.pk)


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
    older = Campaign.objects.filter(pk=operation.campaign_id, read_at__lte=began)
    if operation.kind == OperationKind.SCHEDULE:
        applied = operation.applied or {}
        # What others changed beside it is for the next reading to find, and to put on record.
        schedule = state.schedule if same(state.schedule, applied) else applied
        older.update(schedule=schedule, timezone=zone_name_of(schedule), read_at=began)
        return
    older.update(
        status=state.status,
        read_at=began,
        status_since=_took_effect_at(operation),
        control=Control.PERSON,
        controller=operation.by,
        explained_by=operation,
        came_back_at=None,
    )


def _took_effect_at(operation: Operation) -> datetime:
    return not_earlier(operation, operation.accepted_at or operation.confirmed_at or database_now())


def _start_drain(operation: Operation) -> None:
    began, calls = _took_effect_at(operation), operation.calls_before or 0
    if operation.checked_at and not_earlier(operation, operation.checked_at) != operation.checked_at:
        # They were counted minutes before its time; the regular read has counted them since.
        calls = Campaign.objects.values_list("active_calls", flat=True).get(pk=operation.campaign_id)
    usual = usual_drain(operation.campaign_id) if calls else NO_HISTORY
    drain = Drain.objects.create(
        operation=operation,
        campaign=operation.campaign,
        started_at=began,
        calls_at_start=calls,
        deadline=began + DRAIN_DEADLINE,
        expected_median_seconds=usual.median_seconds,
        expected_p90_seconds=usual.p90_seconds,
    )
    DrainSample.objects.create(drain=drain, at=began, calls=calls)

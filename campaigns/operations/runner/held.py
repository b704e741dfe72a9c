"""Operations that are held for their time: each joins the queue when that has come, waits, or is too late."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from campaigns.attention.causes import note_asked, note_ended, note_missed
from campaigns.dialect import cxone_can
from campaigns.models import Operation, OperationKind, Origin, Policy, SyncState
from campaigns.operations import rank
from campaigns.operations.records import record_ended
from campaigns.operations.rescheduling import recompute
from campaigns.operations.timed import cancel_held_resume, due_in_words, held, held_ends, is_ahead, zone_of_due
from campaigns.policy.holds import refusal_of, stops
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import in_words
from campaigns.schedule.zones import ZONE_DATA
from campaigns.states import IN_PROGRESS, State

# How often one looks whether its campaign is free: most operations take a few seconds.
AGAIN_SECONDS = 3.0


def join_queue(operation_id: UUID) -> bool:
    """Queue a held operation that is due. False: it isn't, or has to wait; nothing is done to any other."""
    found = held().select_related("campaign", "undoes").filter(pk=operation_id, next_attempt_at__lte=Now())
    operation = found.first()
    if operation is None or _has_moved(operation):
        return False
    now = database_now()
    if is_ahead(operation, now) and not cxone_can().defers:
        # It was asked for when CXone could keep it.
        held().filter(pk=operation.pk).update(next_attempt_at=operation.not_before, enqueued_at=None)
        return False
    if stops(operation.kind, operation.campaign):
        _end(operation, State.REJECTED, refusal_of(operation.campaign_id).sentence)
    elif _is_late(operation, now):
        _end(operation, State.CANCELLED, _why_too_late(operation), is_missed=not _why_over(operation))
    elif why := _why_over(operation):
        _end(operation, State.CANCELLED, why)
    elif operation.undoes and operation.undoes.state == State.SCHEDULED:
        _look_again(operation, operation.undoes)
    elif pause := _pause_since(operation, now):
        _end(operation, State.CANCELLED, f"A pause requested by {pause.by} came after its time. Nothing was sent.")
    else:
        return _queue(operation)
    return False


def _has_moved(operation: Operation) -> bool:
    """By newer zone data than that by which its instant was computed, it is due at another time."""
    if not operation.entered_zone or operation.zone_data >= ZONE_DATA:
        return False
    return recompute(operation.pk)


def _is_late(operation: Operation, now: datetime) -> bool:
    """By more than the policy allows."""
    return operation.not_before is not None and now > operation.not_before + _bound()


def _bound() -> timedelta:
    return timedelta(minutes=Policy.current().late_minutes)


def _why_too_late(operation: Operation) -> str:
    reason = operation.error or "The product was not running, or could not start it."
    minutes = int(_bound().total_seconds()) // 60
    return (
        f"It was due at {due_in_words(operation)} and could not be carried out within {minutes} minutes of that; "
        f"now it is too late. {reason} Nothing was sent."
    )


def _why_over(pause: Operation) -> str:
    """Why there is nothing left to pause, in a sentence; "" if there is."""
    resume = held_ends(pause).filter(not_before__lte=Now()).first()
    if resume is None or resume.not_before is None:
        return ""
    end = in_words(resume.not_before, zone_of_due(pause))
    return f"The pause was to end at {end}, which has passed before it could begin. Nothing was sent."


def _pause_since(resume: Operation, now: datetime) -> Operation | None:
    """A stop wins: the pause of the campaign that came after the time of `resume`, which is late, if one did."""
    if resume.kind != OperationKind.RESUME or resume.not_before is None:
        return None
    due = resume.not_before
    at_once = Q(not_before=None, requested_at__gte=due)
    begun = Q(not_before__gte=due, not_before__lte=now) & ~Q(state=State.SCHEDULED)
    pauses = resume.campaign.operations.filter(at_once | begun, kind=OperationKind.PAUSE)
    # The watch only upholds an earlier pause.
    return pauses.exclude(state=State.CANCELLED).exclude(origin=Origin.WATCH).order_by("requested_at").last()


def _queue(operation: Operation) -> bool:
    """From here on it is like any other: what it outranks gives way, and for what it doesn't it stays held."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                superseded = rank.make_way(operation)
                queued = held().filter(pk=operation.pk)
                if not queued.update(state=State.QUEUED, error="", outranks=operation.outranks_id):
                    # Somebody has cancelled it since it was read, so nothing gives way to it.
                    transaction.set_rollback(True)
                    return False
        except IntegrityError:
            _look_again(operation, _in_the_way(operation))
            return False
        note_asked([operation])
        SyncState.bump()
        rank.record(superseded)
    return True


def _in_the_way(operation: Operation) -> Operation | None:
    in_progress = operation.campaign.operations.filter(state__in=IN_PROGRESS)
    return in_progress.order_by(F("outranks").desc(nulls_last=True)).first()


def _look_again(operation: Operation, other: Operation | None) -> None:
    """It stays held, and says what it waits for."""
    if other is None:
        words = ""
    else:
        kind = OperationKind(other.kind).label.lower()
        words = f"A {kind} requested by {other.by} is still in progress on this campaign."
    with transaction.atomic():
        held().filter(pk=operation.pk).update(
            next_attempt_at=Now() + timedelta(seconds=AGAIN_SECONDS), enqueued_at=None, error=words
        )
        if words != operation.error:
            SyncState.bump()


def _end(operation: Operation, state: State, why: str, *, is_missed: bool = False) -> None:
    """End it, with what depends on it, by nobody's decision. `is_missed`: it should have been carried out."""
    with transaction.atomic():
        if not held().filter(pk=operation.pk).update(state=state, error=why[:1000], ended_at=Now()):
            return
        operation.refresh_from_db()
        with_it = cancel_held_resume(operation)
        note_ended([operation])
        # The guard asks for its own again.
        if is_missed and operation.kind == OperationKind.PAUSE and operation.origin != Origin.GUARD:
            note_missed(operation)
        SyncState.bump()
        for each in (operation, *with_it):
            record_ended(each)

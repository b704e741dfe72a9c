"""Ends what was open when a database was backed up: nobody knows what became of it afterwards.

A pause of yesterday may have been carried out and taken back since; sending it today would be a second one. So nothing
old is sent, and whoever asked for it is told. Only pauses whose time is still to come stay: they can't have been
carried out, and a pause that is lost means calls that mustn't be made.
"""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import F, Q
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.attention.causes import note_ended
from campaigns.models import (
    Approval,
    Attempt,
    AttemptOutcome,
    Bulk,
    Campaign,
    Control,
    Decision,
    Delivery,
    DeliveryState,
    GuardedStretch,
    NoticedRestore,
    Operation,
    OperationKind,
    Origin,
    PauseSlot,
    SyncState,
)
from campaigns.operations.records import ended_entry
from campaigns.operations.timed import HAND_OVER
from campaigns.queueing.rows import database_now
from campaigns.states import OPEN, State, WaitingFor

UNKNOWN = (
    "The database was restored from an older copy. It is unknown whether this was carried out after the copy was "
    "made: look at the campaign, and ask again if it is still wanted."
)
NOT_KEPT = (
    "The database was restored from an older copy, and this may have been cancelled after the copy was made. Nothing "
    "was sent: ask again if it is still wanted."
)
DELIVERY = "The database was restored from an older copy: this may have been delivered after the copy was made."


def settle_restore(cause: str) -> NoticedRestore:
    """End what was open, on record. `cause`: by what the restore was noticed.

    Inside a transaction, as its last step.
    """
    now = database_now()
    notice = NoticedRestore.objects.create(noticed_at=now, cause=cause)
    ended, kept = _sort_out(now)
    _end(ended)
    bulks = Bulk.objects.filter(ended_at=None).update(
        pending=False, ended_at=Now(), waiting_for=WaitingFor.NOTHING, lease_until=None, fence=F("fence") + 1
    )
    _withdraw(ended)
    deliveries = Delivery.objects.filter(state=DeliveryState.PENDING).update(
        state=DeliveryState.PARKED, parked_at=Now(), error=DELIVERY, lease_until=None, fence=F("fence") + 1
    )
    _forget()
    note_ended([operation for operation in ended if operation.state == State.UNCONFIRMED])
    SyncState.bump()
    counts = {"ended": len(ended), "kept": len(kept), "bulks": bulks, "deliveries": deliveries}
    noticed = ledger.Entry(
        kind=RecordKind.RESTORE_NOTICED, by="", status=Status.FAILURE, details={"cause": cause, **counts}
    )
    ledger.append_many([noticed, *map(ended_entry, ended)])
    return notice


def _sort_out(now: datetime) -> tuple[list[Operation], list[Operation]]:
    """The open operations: those that end, with their new states, and those that stay."""
    found = Operation.objects.select_for_update(of=("self",)).select_related("campaign").filter(state__in=OPEN)
    ended: list[Operation] = []
    kept: list[Operation] = []
    # Pauses before the resumes that end them.
    for operation in found.order_by("kind", "requested_at"):
        if _stays(operation, kept, now):
            kept.append(operation)
            continue
        is_ahead = _is_ahead(operation, now)
        operation.state = State.CANCELLED if is_ahead else State.UNCONFIRMED
        operation.error = NOT_KEPT if is_ahead else UNKNOWN
        operation.ended_at = now
        ended.append(operation)
    return ended, kept


def _is_ahead(operation: Operation, now: datetime) -> bool:
    """It was held for its time, which hasn't come, so no worker has ever taken it, whoever has approved it since."""
    if operation.state == State.PENDING:
        return operation.not_before is not None and operation.not_before - HAND_OVER > now
    return operation.state == State.SCHEDULED and operation.next_attempt_at > now


def _stays(operation: Operation, kept: Sequence[Operation], now: datetime) -> bool:
    """A pause whose time is still to come, or the resume that ends such a pause."""
    # The guard asks anew for its own.
    if not _is_ahead(operation, now) or operation.origin == Origin.GUARD:
        return False
    return operation.kind == OperationKind.PAUSE or operation.undoes_id in {pause.pk for pause in kept}


def _end(operations: Sequence[Operation]) -> None:
    for state, error in ((State.UNCONFIRMED, UNKNOWN), (State.CANCELLED, NOT_KEPT)):
        keys = [operation.pk for operation in operations if operation.state == state]
        # The fence keeps out a worker that has one all the same, as of a message in Redis.
        Operation.objects.filter(pk__in=keys).update(
            state=state,
            error=error,
            waiting_for=WaitingFor.NOTHING,
            outranks=None,
            lease_until=None,
            fence=F("fence") + 1,
            ended_at=Now(),
        )
    keys = [operation.pk for operation in operations]
    unanswered = Attempt.objects.filter(operation__in=keys, outcome="")
    unanswered.update(outcome=AttemptOutcome.UNKNOWN, error="The database was restored before an answer was noted.")
    PauseSlot.objects.update(operation_id=None, held_until=None)


def _withdraw(ended: Sequence[Operation]) -> None:
    """Nobody can approve any more what has ended: it would be sent after all."""
    keys = [operation.pk for operation in ended]
    of_ended = Q(operation__in=keys) | Q(bulk__ended_at__isnull=False)
    Approval.objects.filter(of_ended, decision="").update(decision=Decision.WITHDRAWN, decided_at=Now())


def _forget() -> None:
    """What is no longer known: who brought campaigns into their status, and who is signed in."""
    # Otherwise a resume that was to undo one pause could undo another, which a person asked for since.
    by_us = Q(explained_by__isnull=False) | Q(came_back_at__isnull=False)
    Campaign.objects.filter(by_us).update(explained_by=None, came_back_at=None, control=Control.BEFORE, controller="")
    # The guard looks at each campaign as if the holiday had just begun.
    GuardedStretch.objects.filter(closed_at=None).update(closed_at=Now())
    # Somebody who has signed out or was shut out since would be signed in again.
    Session.objects.all().delete()

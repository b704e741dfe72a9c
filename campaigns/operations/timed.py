"""Operations with a time of their own: when each is taken up, and since when it can have taken effect."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from campaigns.dialect import cxone_can
from campaigns.models import Operation, OperationKind
from campaigns.operations import four_eyes
from campaigns.schedule.due_times import DueTime, in_words
from campaigns.schedule.zones import ZONE_DATA
from campaigns.states import OPEN, State

# A pause is handed to CXone this long before its time: long enough to read, count and send it, also where that takes
# several attempts, and short enough to cancel it here until then.
HAND_OVER = timedelta(minutes=2)
# For how long calls are followed after a pause, and awaited where CXone lets them end first.
DRAIN_DEADLINE = timedelta(minutes=15)
# With up to three requests each, so many leave most of those that a person's click may use within a minute.
MANY = 20


def due_columns(kind: str, due: DueTime, hand_over: timedelta = HAND_OVER) -> dict[str, Any]:
    """The columns of an operation that is held for its time."""
    return {
        "not_before": due.at,
        "next_attempt_at": taken_up_at(kind, due.at, hand_over),
        "entered_local": due.local,
        "entered_fold": due.fold,
        "entered_zone": due.zone,
        "zone_data": ZONE_DATA if due.zone else "",
    }


def taken_up_at(kind: str, at: datetime, hand_over: timedelta = HAND_OVER) -> datetime:
    """When a worker takes it. A resume is kept to its second here, since a person may cancel it until then, and so is
    everything that CXone itself can't keep for later."""
    if kind == OperationKind.PAUSE and cxone_can().defers:
        return at - hand_over
    return at


def begin_of(operation: Operation) -> datetime:
    """From when its confirmation is awaited: since it was requested or approved, or since it was due."""
    return not_earlier(operation, operation.approved_at or operation.requested_at)


def not_earlier(operation: Operation, at: datetime) -> datetime:
    """`at`, or the operation's own time if that is later: CXone may have it before, and does nothing until then."""
    return max(at, operation.not_before or at)


def is_ahead(operation: Operation, now: datetime) -> bool:
    """Its own time is still to come, so nothing that a campaign shows now is its work."""
    return operation.not_before is not None and now < operation.not_before


def was_handed_over(operation: Operation) -> bool:
    """CXone accepted it before its time."""
    due, accepted = operation.not_before, operation.accepted_at
    return due is not None and accepted is not None and accepted < due


def due_in_words(operation: Operation) -> str:
    """Its time as clocks show it where the campaign is."""
    if operation.not_before is None:
        return ""
    return in_words(operation.not_before, zone_of_due(operation))


def zone_of_due(operation: Operation) -> str:
    """The zone in which its time is said: the one in which it was entered, or its campaign's."""
    return operation.entered_zone or operation.campaign.timezone


def held() -> QuerySet[Operation]:
    """Operations that are held here for their time."""
    return Operation.objects.filter(state=State.SCHEDULED)


def held_ends(pause: Operation) -> QuerySet[Operation]:
    """The resumes that are to end `pause` at their time; one of them may wait for a second person until then."""
    waiting = Operation.objects.filter(state__in=(State.PENDING, State.SCHEDULED))
    return waiting.filter(undoes=pause, not_before__isnull=False)


def coming() -> QuerySet[Operation]:
    """Operations with a time of their own that haven't ended, soonest first: held here, or with CXone already."""
    return Operation.objects.filter(state__in=OPEN, not_before__isnull=False).order_by("not_before", "id")


def are_many_due_with(operation: Operation) -> bool:
    """More are due at the very same instant than a person's click may wait for."""
    if operation.not_before is None:
        return False
    together = Operation.objects.filter(state__in=OPEN, not_before=operation.not_before)
    return together[: MANY + 1].count() > MANY


def cancel_held_resume(pause: Operation) -> list[Operation]:
    """Cancel the resume that was to end `pause`, which won't pause the campaign. Inside the transaction that ends it.

    Whoever calls this puts what it returns on record, as the transaction's last step.
    """
    cancelled = []
    why = _WITHOUT_PAUSE[State(pause.state)]
    if pause.superseded_by and pause.superseded_by.kind == OperationKind.RESUME:
        why = _TAKEN_BACK
    for resume in held_ends(pause).select_related("campaign"):
        if resume.state == State.PENDING:
            four_eyes.withdraw(resume)
        resume.state, resume.error = State.CANCELLED, f"{why} There is nothing to end."
        # A worker that takes it at this very moment has changed its state already, and finds the pause ended.
        if held_ends(pause).filter(pk=resume.pk).update(state=resume.state, error=resume.error, ended_at=Now()):
            cancelled.append(resume)
    return cancelled


_WITHOUT_PAUSE = {
    State.CANCELLED: "The pause that this was to end was cancelled.",
    State.FAILED: "The pause that this was to end failed.",
    State.REJECTED: "The pause that this was to end was rejected.",
    State.SKIPPED: "The campaign was paused already, and not by the pause that this was to end.",
    State.SUPERSEDED: "Another pause took the place of the one that this was to end.",
}
_TAKEN_BACK = "A resume took the place of the pause that this was to end."
# Ends of a pause after which it isn't what keeps its campaign paused.
WITHOUT_EFFECT = tuple(_WITHOUT_PAUSE)

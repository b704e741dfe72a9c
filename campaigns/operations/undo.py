"""Taking a confirmed pause or resume back, for two minutes: an ordinary request for the opposite, which names it.

`hours_back` does the same for hours.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from campaigns.errors import NotUndoable, OperationRefusal
from campaigns.models import Operation, OperationKind, Origin, ReasonCode
from campaigns.operations import rank, requests
from campaigns.operations.still_stands import is_still_active_by, is_still_paused_by
from campaigns.policy.holds import stops
from campaigns.queueing.rows import database_now
from campaigns.states import State

WITHIN = timedelta(minutes=2)
RESOLVED = "RESOLVED"
NOTE = "Undo"

TOO_OLD = "It was confirmed more than two minutes ago, so it can no longer be undone here."
NO_OPPOSITE = "Nothing was sent: hours are put back with the button for that, on the operation’s page."
TOUCHED = "Somebody has paused or resumed the campaign since. Nothing was sent: look at it as it is now."


def is_recent(operation: Operation, now: datetime) -> bool:
    """A person's change that took effect a moment ago, or a stop that CXone carries out once calls have ended. Whether
    it still stands is for `why_not_undone` to say."""
    if _waits_to_stop(operation):
        return True
    if operation.state != State.CONFIRMED or operation.origin != Origin.PERSON or operation.bulk_id:
        return False
    return operation.ended_at is not None and now - operation.ended_at < WITHIN


def _waits_to_stop(operation: Operation) -> bool:
    is_persons = operation.origin == Origin.PERSON and not operation.bulk_id
    return is_persons and rank.gives_way_to_resume(operation)


def key_of(operation: Operation) -> str:
    """It is undone once, whoever clicks, and however often."""
    return f"undo-{operation.pk.hex}"


def undo_of(operation: Operation) -> Operation | None:
    """What was asked for to take it back, if anything was."""
    return Operation.objects.filter(idempotency_key=key_of(operation)).first()


def may_be_undone(operation: Operation, now: datetime) -> bool:
    """It was confirmed a moment ago, still stands, and nobody has undone it yet."""
    is_stopped = operation.kind == OperationKind.PAUSE and stops(OperationKind.RESUME, operation.campaign)
    return is_recent(operation, now) and not is_stopped and not undo_of(operation) and not why_not_undone(operation)


def why_not_undone(operation: Operation) -> str:
    """Why it can't be undone, in a sentence; "" if it can."""
    if operation.kind not in _OPPOSITE:
        return NO_OPPOSITE
    if not is_recent(operation, database_now()):
        return TOO_OLD
    # One in progress is the last that anybody has asked for.
    if _waits_to_stop(operation):
        return ""
    stands = is_still_paused_by if operation.kind == OperationKind.PAUSE else is_still_active_by
    return "" if stands(operation) else TOUCHED


def request_undo(*, operation: Operation, by: str) -> Operation:
    """Ask for the opposite. OperationRefusal: somebody has had a say since, or it is refused as any such request."""
    if asked := undo_of(operation):
        return asked
    if problem := why_not_undone(operation):
        raise NotUndoable(problem, operation)
    try:
        return _OPPOSITE[OperationKind(operation.kind)](operation, by)
    except OperationRefusal:
        # Of two people who click at once, both have asked for the same.
        if asked := undo_of(operation):
            return asked
        raise


def _resume(pause: Operation, by: str) -> Operation:
    reasons = ReasonCode.objects.filter(retired=False, for_resume=True)
    reason = reasons.filter(pk=RESOLVED).first() or reasons.first() or ReasonCode.objects.get(pk=pause.reason)
    return requests.request_resume(
        campaign=pause.campaign, by=by, reason=reason, note=NOTE, undoes=pause, key=key_of(pause)
    )


def _pause(resume: Operation, by: str) -> Operation:
    """For the reason that it was paused for, unless that overrides the calls check, which nobody asked for now."""
    reasons = ReasonCode.objects.filter(retired=False, for_pause=True, overrides_calls_check=False)
    paused = resume.campaign.operations.filter(kind=OperationKind.PAUSE, state=State.CONFIRMED)
    last = paused.order_by("-ended_at").values_list("reason", flat=True).first()
    reason = reasons.filter(pk=last).first() or reasons.first()
    if reason is None:
        raise NotUndoable("Every reason overrides the calls check. Pause the campaign, and choose one.", resume)
    return requests.request_pause(
        campaign=resume.campaign, by=by, reason=reason, note=NOTE, undoes=resume, key=key_of(resume)
    )


_OPPOSITE: dict[OperationKind, Callable[[Operation, str], Operation]] = {
    OperationKind.PAUSE: _resume,
    OperationKind.RESUME: _pause,
}

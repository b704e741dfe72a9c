"""Putting the old hours back: a schedule change that undoes another one, and leaves what others have changed since."""

from typing import Any

from campaigns.models import Operation, OperationKind
from campaigns.operations.requests import request_schedule_change
from campaigns.schedule import merge, same
from campaigns.states import State

# In these CXone has the hours that were sent, or may have them.
_UNDOABLE = frozenset({State.CONFIRMED, State.UNCONFIRMED})
NOTE = "Puts the old hours back"


def hours_before(change: Operation) -> dict[str, Any] | None:
    """The schedule that CXone had before `change` replaced it; None if there is nothing to put back."""
    if change.kind != OperationKind.SCHEDULE or change.state not in _UNDOABLE or change.applied is None:
        return None
    before = change.payload.get("replaced", change.payload["base"])
    if same(before, change.applied):
        return None
    return dict(before)


def hours_put_back(change: Operation) -> dict[str, Any] | None:
    """The campaign's schedule as it would be without `change`: what others have changed since stays."""
    before = hours_before(change)
    if before is None:
        return None
    return merge(change.applied, change.campaign.schedule, before).schedule


def request_hours_back(*, change: Operation, by: str, acknowledged: bool = False, enqueue: bool = True) -> Operation:
    """Ask for the schedule from before `change`, like any other change: merged with later ones, and in conflict where
    somebody has changed the same part since. Asked twice by one person, it is one operation until that has ended.

    ValueError: there is nothing to put back. FindingsRefusal: the old hours have errors or warnings now; the form
    shows them, with these hours in it.
    """
    before = hours_before(change)
    if before is None:
        raise ValueError("Only a schedule change that CXone has taken can be undone.")
    return request_schedule_change(
        campaign=change.campaign,
        by=by,
        base=change.applied or {},
        schedule=before,
        acknowledged=acknowledged,
        note=NOTE,
        undoes=change,
        key=_key_for(change),
        enqueue=enqueue,
    )


def _key_for(change: Operation) -> str:
    prefix = f"hours-back-{change.pk.hex}-"
    # One that failed, or was itself undone, doesn't stand in the way of another try.
    ended = Operation.objects.filter(idempotency_key__startswith=prefix, ended_at__isnull=False).count()
    return f"{prefix}{ended}"

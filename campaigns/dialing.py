"""Whether a campaign dials now, waits for its hours, drains or is paused. Everything that shows it asks here.

`state_of` judges the values of a moment, past or present; `dialing_state` a campaign as last read; `in_state` filters
in SQL. Statuses are compared as they are stored: the gateway spells those that it knows in one way.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from campaigns.models import Campaign
from campaigns.states import ACTIVE, PAUSED

# One that has left CXone is shown among the others for so long.
GONE_SHOWN = timedelta(days=3)


class DialingState(StrEnum):
    """What a supervisor asks of a campaign. An active one dials, or waits for its hours; a paused one drains first."""

    DIALING = "dialing"
    WAITING = "waiting"
    DRAINING = "draining"
    PAUSED = "paused"
    OTHER = "other"
    GONE = "gone"


LABELS = {
    DialingState.DIALING: "Dialing",
    DialingState.WAITING: "Waiting for hours",
    DialingState.DRAINING: "Draining",
    DialingState.PAUSED: "Paused",
    DialingState.OTHER: "Other",
    DialingState.GONE: "Not in CXone",
}
# Tone and shape, as chips have them.
LOOKS = {
    DialingState.DIALING: ("good", "play"),
    DialingState.WAITING: ("quiet", "ring"),
    DialingState.DRAINING: ("busy", "bars"),
    DialingState.PAUSED: ("warning", "bars"),
    DialingState.OTHER: ("quiet", "diamond"),
    DialingState.GONE: ("quiet", "cross"),
}


def state_of(status: str | None, calls: int, *, is_open: bool | None) -> DialingState:
    """`status`: None if CXone doesn't have the campaign. `is_open`: whether its window is; None if nobody can say."""
    if status is None:
        return DialingState.GONE
    if status == PAUSED:
        return DialingState.DRAINING if calls else DialingState.PAUSED
    if status != ACTIVE:
        return DialingState.OTHER
    # Whoever has calls dials, whatever its schedule says; where nobody can say whether its window is open, it may.
    return DialingState.WAITING if not calls and is_open is False else DialingState.DIALING


def dialing_state(campaign: Campaign, now: datetime) -> DialingState:
    status = None if campaign.gone_at else campaign.status
    is_open = is_open_at(campaign.window_open, campaign.window_changes_at, now)
    return state_of(status, campaign.active_calls, is_open=is_open)


def is_open_at(was_open: bool | None, changes_at: datetime | None, now: datetime) -> bool | None:
    """Whether a window is open now that was worked out as `was_open`, and that changes at `changes_at`."""
    if was_open is None or changes_at is None or changes_at > now:
        return was_open
    return not was_open


def in_state(state: DialingState, now: datetime) -> Q:
    """The campaigns that are counted in that state: those that drain among the paused, too, and those that CXone no
    longer has among the others for a while."""
    if state == DialingState.GONE:
        return Q(gone_at__isnull=False)
    if state == DialingState.OTHER:
        return in_list(now) & (Q(gone_at__isnull=False) | ~Q(status__in=(ACTIVE, PAUSED)))
    return Q(gone_at__isnull=True) & _with_status(state, now)


def is_counted_in(state: DialingState, own: DialingState) -> bool:
    """Whether `in_state(state)` has a campaign whose state is `own`, as long as the list shows it."""
    also = {DialingState.PAUSED: DialingState.DRAINING, DialingState.OTHER: DialingState.GONE}
    return own in {state, also.get(state)}


def _with_status(state: DialingState, now: datetime) -> Q:
    if state == DialingState.PAUSED:
        return Q(status=PAUSED)
    if state == DialingState.DRAINING:
        return Q(status=PAUSED, active_calls__gt=0)
    if state == DialingState.WAITING:
        return Q(status=ACTIVE, active_calls=0) & _window_is(now, is_open=False)
    # Written out: in SQL, what isn't known is neither true nor false, and NOT doesn't change that.
    may_dial = Q(active_calls__gt=0) | Q(window_open__isnull=True) | _window_is(now, is_open=True)
    return Q(status=ACTIVE) & may_dial


def _window_is(now: datetime, *, is_open: bool) -> Q:
    """As `is_open_at`."""
    still = Q(window_changes_at__isnull=True) | Q(window_changes_at__gt=now)
    return Q(window_open=is_open) & still | Q(window_open=not is_open, window_changes_at__lte=now)


def in_list(now: datetime) -> Q:
    """What the list shows unless something else is asked for."""
    return Q(gone_at__isnull=True) | Q(gone_at__gte=now - GONE_SHOWN)

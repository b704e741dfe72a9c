"""Carrying out what the guard decides: it asks for pauses and resumes as a person does, and keeps rows of it.

Each move is a conditional update of a row as it was read, and a request's key follows from the row: of two processes
that act at once, one acts, or both ask for the same operation. One that dies between the two leaves a row from which
the next round goes on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from campaigns.dialect import cxone_can
from campaigns.errors import OnHold, OperationRefusal, TooLate
from campaigns.guard.decisions import Move, Standing, rest_after
from campaigns.guard.stretches import Stretch
from campaigns.models import (
    GUARD,
    HOLIDAY,
    Campaign,
    Control,
    GuardedStretch,
    LeftAlone,
    Operation,
    OperationKind,
    Origin,
    ReasonCode,
    SyncState,
)
from campaigns.operations import rank, requests
from campaigns.operations.still_stands import REPEATS, is_still_paused_by, original_of
from campaigns.operations.timed import begin_of
from campaigns.schedule import opening
from campaigns.schedule.due_times import due_instant
from campaigns.states import ACTIVE, BAD_ENDS, IN_PROGRESS, OPEN, State, plain

NOTE_LENGTH = 500
# More than a round lasts: a time that has passed since it began would be refused.
SOONEST = timedelta(seconds=10)
# For clocks that differ. Whatever starts then is seen by the read that follows, or by the next one.
AROUND_AN_OPENING = timedelta(minutes=1)


class Terms(NamedTuple):
    """`hand_over`: how long before its time CXone gets a pause."""

    now: datetime
    hand_over: timedelta


def open_row(campaign: Campaign, stretch: Stretch, move: Move | LeftAlone, terms: Terms) -> None:
    if move == Move.WAIT:
        return
    row = GuardedStretch(campaign=campaign, **_bounds(stretch))
    if isinstance(move, LeftAlone):
        row.left_alone = move
    if move == Move.ADOPT and campaign.explained_by is not None:
        # By the pause itself, if that is one that the watch repeated.
        row.pause_id = original_of(campaign.explained_by)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Another process makes its round, too, and has just opened it.
        return
    if move == Move.PAUSE:
        _pause(row, terms)


def note_unnoted(row: Standing) -> bool:
    """Note the pause that a process asked for and didn't live to note. False: there is none."""
    if row.pause_id is not None or row.tries == 0:
        return False
    pause = Operation.objects.filter(idempotency_key=_key(row.pk, OperationKind.PAUSE, row.tries)).first()
    return pause is not None and _change(row, pause=pause, next_try_at=None)


def make_move(row: Standing, move: Move | LeftAlone, stretch: Stretch | None, terms: Terms) -> None:
    # Not before the withdrawal of a pause that is held for another begin: by that it is known until then.
    if stretch is not None and move not in {Move.CLOSE, Move.WITHDRAW}:
        _follow(row, stretch)
    if move == LeftAlone.CHANGED:
        _leave_changed(row, terms)
    elif isinstance(move, LeftAlone):
        _change(row, left_alone=move)
    else:
        _MOVES[move](row, terms)


def _follow(row: Standing, stretch: Stretch) -> None:
    bounds = _bounds(stretch)
    if bounds != {name: getattr(row, name) for name in bounds}:
        _change(row, **bounds)


def _wait(row: Standing, terms: Terms) -> None:
    pass


def _close(row: Standing, terms: Terms) -> None:
    _change(row, closed_at=Now())


def _withdraw(row: Standing, terms: Terms) -> None:
    # Noted first: a cancelled pause of a row without this was cancelled by somebody else.
    if not _change(row, withdrawn=True):
        return
    try:
        requests.cancel_operation(operation=_operation(row.pause_id), by=GUARD)
    except TooLate:
        # It takes its course; what comes of it is undone when it has ended.
        return


def _leave_changed(row: Standing, terms: Terms) -> None:
    """The campaign isn't as the guard's pause left it: leave it alone, unless the pause watch is about to pause it
    again, or it was no person but CXone's schedule."""
    came_back = Campaign.objects.filter(pk=row.campaign_id, came_back_at__isnull=False).exists()
    repeat = _repeat_of(row) if came_back else None
    if came_back and (repeat is None or repeat.state in OPEN):
        return
    is_failed = repeat is not None and repeat.state in BAD_ENDS
    if not is_failed and not _is_started_by_its_hours(row):
        _change(row, left_alone=LeftAlone.CHANGED)
    elif row.may_pause(terms.now):
        _pause_again(row, terms)


def _is_started_by_its_hours(row: Standing) -> bool:
    """It was found running as its window had just opened, and CXone's schedules start campaigns then: on each day of
    a holiday that lasts several."""
    if cxone_can().holds_pauses:
        return False
    campaign = Campaign.objects.get(pk=row.campaign_id)
    if campaign.control != Control.OUTSIDE or plain(campaign.status) != ACTIVE or campaign.status_since is None:
        return False
    seen_at = campaign.status_since
    before = seen_at - AROUND_AN_OPENING - timedelta(seconds=2 * SyncState.current().interval_seconds)
    seen = [opening(campaign.schedule, at).known_open for at in (before, seen_at + AROUND_AN_OPENING)]
    return seen == [False, True]


def _repeat_of(row: Standing) -> Operation | None:
    """The pause by which the watch repeated that of the row."""
    repeats = {f"payload__{REPEATS}": str(row.pause_id)}
    return Operation.objects.filter(campaign=row.campaign_id, origin=Origin.WATCH, **repeats).first()


def _pause_again(row: Standing, terms: Terms) -> None:
    if row.pause_id is not None and _is_resumed_since(row):
        _change(row, left_alone=LeftAlone.CHANGED)
        return
    _pause(GuardedStretch.objects.select_related("campaign").get(pk=row.pk), terms)


def _is_resumed_since(row: Standing) -> bool:
    """Somebody has resumed the campaign since the guard's pause was due."""
    began = begin_of(_operation(row.pause_id))
    resumed = Operation.objects.filter(campaign=row.campaign_id, kind=OperationKind.RESUME, state=State.CONFIRMED)
    return resumed.filter(requested_at__gt=began).exclude(origin=Origin.GUARD).exists()


def _pause(row: GuardedStretch, terms: Terms) -> None:
    # Too near to be held for its time, and too early to be sent: the next round asks for it.
    if terms.now < row.begins <= terms.now + SOONEST:
        return
    # Looked at again in seconds. A refusal would be put on record, and each next try would come later.
    if row.begins <= terms.now and _is_being_paused(row.campaign):
        return
    tries = row.tries + 1
    if not _change(row, tries=tries, pause=None, withdrawn=False, next_try_at=terms.now + rest_after(tries)):
        return
    try:
        pause = requests.request_pause(
            campaign=row.campaign,
            by=GUARD,
            reason=ReasonCode.objects.get(pk=HOLIDAY),
            note=row.holidays,
            override=True,
            origin=Origin.GUARD,
            at=due_instant(row.begins) if row.begins > terms.now else None,
            hand_over=terms.hand_over,
            key=_key(row.pk, OperationKind.PAUSE, tries),
        )
    except OperationRefusal:
        # It is on record, and asked for again.
        return
    GuardedStretch.objects.filter(pk=row.pk, tries=tries).update(pause=pause, next_try_at=None)


def _is_being_paused(campaign: Campaign) -> bool:
    """A pause is in progress that the guard's doesn't outrank: it may be what the campaign needs, or fail."""
    guards = Operation(campaign=campaign, kind=OperationKind.PAUSE, origin=Origin.GUARD, override=True)
    pauses = Operation.objects.filter(campaign=campaign, state__in=IN_PROGRESS, kind=OperationKind.PAUSE)
    return any(not rank.outranks(guards, pause) for pause in pauses)


def _resume(row: Standing, terms: Terms) -> None:
    """Resume what the guard has paused, unless somebody else has had a say in it since."""
    pause = _operation(row.pause_id)
    if not is_still_paused_by(pause):
        _change(row, left_alone=LeftAlone.CHANGED, closed_at=Now())
        return
    if Operation.objects.filter(campaign=row.campaign_id, state__in=IN_PROGRESS).exists():
        return
    # Counted from 1 again: the row's tries until now were those of the pause.
    tries = 1 if row.resume_id is None else row.tries + 1
    if not _change(row, tries=tries, resume=None, next_try_at=terms.now + rest_after(tries)):
        return
    try:
        resume = requests.request_resume(
            campaign=Campaign.objects.get(pk=row.campaign_id),
            by=GUARD,
            reason=ReasonCode.objects.get(pk=HOLIDAY),
            note=row.holidays,
            origin=Origin.GUARD,
            undoes=pause,
            key=_key(row.pk, OperationKind.RESUME, tries),
        )
    except OnHold:
        # It is on record. Whoever lifts the hold decides whether the campaign dials then, hours after the holiday.
        GuardedStretch.objects.filter(pk=row.pk, tries=tries).update(left_alone=LeftAlone.ON_HOLD, closed_at=Now())
        return
    except OperationRefusal:
        return
    GuardedStretch.objects.filter(pk=row.pk, tries=tries).update(resume=resume, next_try_at=None)


_MOVES: dict[Move, Callable[[Standing, Terms], None]] = {
    Move.WAIT: _wait,
    Move.PAUSE: _pause_again,
    Move.WITHDRAW: _withdraw,
    Move.RESUME: _resume,
    Move.CLOSE: _close,
}


def _change(row: Standing | GuardedStretch, **values: Any) -> bool:
    """Change the row. False: another process has done so since it was read."""
    as_read = GuardedStretch.objects.filter(
        pk=row.pk, closed_at=None, tries=row.tries, pause=row.pause_id, resume=row.resume_id, left_alone=row.left_alone
    )
    return bool(as_read.update(**values))


def _bounds(stretch: Stretch) -> dict[str, Any]:
    """As a row keeps them."""
    holidays = stretch.names_with_calendars
    if len(holidays) > NOTE_LENGTH:
        holidays = f"{holidays[: NOTE_LENGTH - 1]}…"
    return {"begins": stretch.begins, "ends": stretch.ends, "holidays": holidays}


def _operation(key: UUID | None) -> Operation:
    if key is None:
        raise LookupError("The row has no such operation yet.")
    return Operation.objects.get(pk=key)


def _key(row: int, kind: OperationKind, tries: int) -> str:
    return f"guard-{row}-{kind}-{tries}"

"""What the guard does next about one campaign: a function of rows as they are, of what is restricted, and of whether
CXone keeps paused what is paused. Where it only stops campaigns, its schedule may start one on the holiday."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from campaigns.dialect import cxone_can
from campaigns.guard.stretches import Stretch
from campaigns.models import GUARD, LeftAlone, Operation, OperationKind, Origin
from campaigns.operations.timed import begin_of
from campaigns.queueing.leases import backoff
from campaigns.states import CANCELLABLE, IN_PROGRESS, OPEN, PAUSED, State, may_be_paused, plain

# So often the guard asks for a resume that fails; after that people decide. A pause it asks for while the stretch
# lasts: a campaign that dials on a holiday costs more than one that doesn't dial after it.
MOST_RESUMES = 10
# A pause that ended unconfirmed may still show up in CXone for so long.
LATE = timedelta(hours=1)
# Seconds between two requests for what failed: 30, 60, 120 … 3600.
FIRST_RETRY, LONGEST_RETRY = 30.0, 3600.0


class Move(StrEnum):
    WAIT = "wait"
    PAUSE = "pause"
    # Cancel the guard's own pause, which has sent nothing yet.
    WITHDRAW = "withdraw"
    RESUME = "resume"
    CLOSE = "close"
    # The campaign is paused by a pause of the guard that no open row knows.
    ADOPT = "adopt"


class Standing(NamedTuple):
    """An open row with the states of its operations and of its campaign. A list holds thousands of them."""

    pk: int
    campaign_id: str
    begins: datetime
    ends: datetime
    holidays: str
    left_alone: str
    withdrawn: bool
    tries: int
    next_try_at: datetime | None
    pause_id: UUID | None
    pause_state: str | None
    pause_error: str | None
    pause_superseded_by: UUID | None
    pause_sent_at: datetime | None
    pause_ended_at: datetime | None
    resume_id: UUID | None
    resume_state: str | None
    resume_ended_at: datetime | None
    status: str
    window_open: bool | None
    gone_at: datetime | None
    explained_by: UUID | None
    # The pause that the pause watch has repeated, if that is why the campaign is paused.
    repeated: str | None

    @property
    def holds(self) -> bool:
        """The campaign is paused by the guard's pause, and nobody has changed that."""
        if self.pause_id is None or plain(self.status) != PAUSED:
            return False
        return self.explained_by == self.pause_id or self.repeated == str(self.pause_id)

    @property
    def awaits_hours(self) -> bool:
        """CXone would dial outside them if it were started now, and may start it by itself when they begin."""
        return self.window_open is False and not cxone_can().holds_pauses

    def may_pause(self, now: datetime) -> bool:
        """Enough time has passed since the last request for a pause failed, or was refused."""
        return self._has_rested(self.pause_ended_at, now)

    def may_resume(self, now: datetime) -> bool:
        return self._has_rested(self.resume_ended_at, now)

    def _has_rested(self, ended_at: datetime | None, now: datetime) -> bool:
        if ended_at is not None:
            return now >= ended_at + rest_after(self.tries)
        return self.next_try_at is None or now >= self.next_try_at


def rest_after(tries: int) -> timedelta:
    """From a failure until the next try."""
    return timedelta(seconds=FIRST_RETRY * backoff(tries, LONGEST_RETRY / FIRST_RETRY))


@dataclass(frozen=True, slots=True)
class Sight:
    """A campaign that no open row is about. `explained_by`: the operation that brought it into its status. `busy`: the
    kind of the operation in progress on it, or "". `read_at`: when CXone last showed it so. `is_old`: too long ago to
    be believed."""

    status: str
    explained_by: Operation | None
    busy: str
    read_at: datetime
    is_old: bool


def decide(row: Standing, stretch: Stretch | None, now: datetime) -> Move | LeftAlone:
    """The next move for a row. `stretch`: the campaign's, if one is in effect or begins soon."""
    if stretch is None:
        return _after(row, now)
    return _during(row, stretch, now)


def decide_on_new(sight: Sight, stretch: Stretch, now: datetime) -> Move | LeftAlone:
    """The first move for a campaign whose stretch is in effect or begins soon."""
    if plain(sight.status) == PAUSED:
        return _already_paused(sight, stretch, now)
    # A campaign at rest isn't dialing. Should somebody start it while the stretch lasts, it is paused then.
    if not sight.is_old and not may_be_paused(sight.status):
        return Move.WAIT
    # Somebody is pausing it; anything else that is in progress must not keep the guard from it.
    if sight.busy == OperationKind.PAUSE and stretch.begins <= now:
        return Move.WAIT
    if not cxone_can().holds_pauses and _is_resumed_in(stretch, sight.explained_by):
        return LeftAlone.CHANGED
    return Move.PAUSE


def _is_resumed_in(stretch: Stretch, cause: Operation | None) -> bool:
    """Somebody here wanted it to dial, although the stretch had begun."""
    if cause is None or cause.kind != OperationKind.RESUME or cause.origin == Origin.GUARD:
        return False
    return begin_of(cause) >= stretch.begins


def _already_paused(sight: Sight, stretch: Stretch, now: datetime) -> Move | LeftAlone:
    cause = sight.explained_by
    if cause and cause.kind == OperationKind.PAUSE and _is_the_guards(cause):
        return Move.ADOPT
    if now < stretch.begins:
        return Move.WAIT
    if sight.read_at >= stretch.begins:
        # Where it is only stopped, it is as one at rest: paused if it starts.
        return LeftAlone.PAUSED_BEFORE if cxone_can().holds_pauses else Move.WAIT
    # Somebody may have resumed it since that was read. The pause reads the campaign before it sends anything.
    return Move.PAUSE if sight.is_old else Move.WAIT


def _during(row: Standing, stretch: Stretch, now: datetime) -> Move | LeftAlone:
    if row.left_alone:
        return Move.WAIT if stretch.overlaps(row.begins, row.ends) else Move.CLOSE
    if row.resume_id is not None:
        # It is restricted again while its resume is on the way: a new row follows that one's end.
        return Move.WAIT if row.resume_state in OPEN else Move.CLOSE
    # If only the pause's time differs, somebody has changed that, and it stands.
    if row.pause_state == State.SCHEDULED and row.begins != stretch.begins:
        return Move.WITHDRAW
    if row.holds or row.pause_state in OPEN:
        return Move.WAIT
    return _without_its_pause(row, now)


def _without_its_pause(row: Standing, now: datetime) -> Move | LeftAlone:
    """Restricted, and not paused by the guard."""
    # By a pause that somebody else asked for. Whether that holds when this one would be due remains to be seen.
    if row.pause_superseded_by is not None:
        return Move.CLOSE
    # One that was too late to be carried out was cancelled by nobody, and says why it ended.
    if row.pause_state == State.CANCELLED and (row.withdrawn or row.pause_error):
        return Move.PAUSE
    if row.pause_state == State.SKIPPED and not cxone_can().holds_pauses:
        # It was stopped already, and may start while the stretch lasts.
        return Move.CLOSE
    if row.pause_state in _TOUCHED:
        return _TOUCHED[State(row.pause_state)]
    return Move.PAUSE if row.may_pause(now) else Move.WAIT


def _is_the_guards(pause: Operation) -> bool:
    """It asked for it, or for the one that the watch repeated in its name."""
    return pause.origin == Origin.GUARD or (pause.origin == Origin.WATCH and pause.by == GUARD)


_TOUCHED = {
    State.CONFIRMED: LeftAlone.CHANGED,
    State.SKIPPED: LeftAlone.PAUSED_BEFORE,
    State.CANCELLED: LeftAlone.CANCELLED,
}


def _after(row: Standing, now: datetime) -> Move:
    """Nothing restricts the campaign any more: it ended, or somebody changed the calendar."""
    if row.left_alone or row.pause_id is None or row.gone_at is not None:
        return Move.CLOSE
    if row.pause_state in OPEN:
        is_unsent = row.pause_state in CANCELLABLE and row.pause_sent_at is None
        return Move.WITHDRAW if is_unsent else Move.WAIT
    if row.holds:
        return Move.WAIT if row.awaits_hours else _resume(row, now)
    if row.pause_state == State.UNCONFIRMED and row.pause_ended_at and now < row.pause_ended_at + LATE:
        return Move.WAIT
    return Move.CLOSE


def _resume(row: Standing, now: datetime) -> Move:
    if row.resume_state in IN_PROGRESS:
        return Move.WAIT
    is_spent = row.resume_id is not None and row.tries >= MOST_RESUMES
    if row.resume_state == State.CANCELLED or is_spent:
        return Move.CLOSE
    return Move.RESUME if row.may_resume(now) else Move.WAIT

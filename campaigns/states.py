"""Operation states with their transitions and labels, and which campaign statuses allow a pause or a resume. Pure."""

from enum import StrEnum


class State(StrEnum):
    SCHEDULED = "SCHEDULED"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    ACCEPTED = "ACCEPTED"
    CONFIRMED = "CONFIRMED"
    SKIPPED = "SKIPPED"
    REJECTED = "REJECTED"
    CONFLICT = "CONFLICT"
    FAILED = "FAILED"
    UNCONFIRMED = "UNCONFIRMED"
    CANCELLED = "CANCELLED"
    SUPERSEDED = "SUPERSEDED"


class WaitingFor(StrEnum):
    """What an operation in the state WAITING waits for."""

    NOTHING = ""
    RETRY = "retry"
    BUDGET = "budget"
    PAUSE_SLOT = "place"
    OUTCOME = "outcome"
    TIME = "time"
    TURN = "turn"
    READ = "read"


IN_PROGRESS = (State.QUEUED, State.RUNNING, State.WAITING, State.ACCEPTED)
# One that is held for its time keeps nobody else from its campaign.
OPEN = (State.SCHEDULED, *IN_PROGRESS)
ENDS = tuple(state for state in State if state not in OPEN)
CANCELLABLE = (State.SCHEDULED, State.QUEUED, State.WAITING)
BAD_ENDS = (State.REJECTED, State.CONFLICT, State.FAILED, State.UNCONFIRMED)

_RUN_ENDS = (
    State.CONFIRMED,
    State.SKIPPED,
    State.REJECTED,
    State.CONFLICT,
    State.FAILED,
    State.UNCONFIRMED,
)

MOVES: dict[State, tuple[State, ...]] = {
    State.SCHEDULED: (State.QUEUED, State.CANCELLED),
    # FAILED without running: CXone didn't answer for as long as a bulk keeps trying.
    State.QUEUED: (State.RUNNING, State.FAILED, State.CANCELLED),
    # CANCELLED and SUPERSEDED: a pause took its place, which had sent nothing yet or had sent something.
    State.RUNNING: (State.WAITING, State.ACCEPTED, *_RUN_ENDS, State.CANCELLED, State.SUPERSEDED),
    # A waiting operation may be confirmed without running again, if its campaign is read meanwhile: after an event, or
    # by the full read.
    State.WAITING: (State.RUNNING, State.CONFIRMED, State.FAILED, State.CANCELLED, State.SUPERSEDED),
    State.ACCEPTED: (State.CONFIRMED, State.UNCONFIRMED, State.SUPERSEDED),
}

LABELS: dict[State, str] = {
    State.SCHEDULED: "Scheduled",
    State.QUEUED: "Queued",
    State.RUNNING: "Running",
    State.WAITING: "Waiting",
    State.ACCEPTED: "Accepted, not yet seen",
    State.CONFIRMED: "Confirmed",
    State.SKIPPED: "Skipped: already so",
    State.REJECTED: "Rejected",
    State.CONFLICT: "Conflict",
    State.FAILED: "Failed",
    State.UNCONFIRMED: "Unconfirmed",
    State.CANCELLED: "Cancelled",
    State.SUPERSEDED: "Superseded by a pause",
}

WAITING_LABELS: dict[WaitingFor, str] = {
    WaitingFor.NOTHING: "",
    WaitingFor.RETRY: "to try again",
    WaitingFor.BUDGET: "for CXone's request budget",
    WaitingFor.PAUSE_SLOT: "for a place among the concurrent pauses",
    WaitingFor.OUTCOME: "to learn an unknown outcome",
    WaitingFor.TIME: "for its time",
    WaitingFor.TURN: "for its turn in the bulk",
    WaitingFor.READ: "for all campaigns to be read",
}


ACTIVE, PAUSED = "ACTIVE", "PAUSED"
# A campaign with one of these statuses doesn't dial, or not yet: CXone answers 409 to a pause and to a resume.
AT_REST = frozenset(
    {
        "ARCHIVED",
        "CANCELED",
        "CANCELLED",
        "COMPLETE",
        "COMPLETED",
        "DRAFT",
        "ENDED",
        "EXPIRED",
        "FINISHED",
        "INACTIVE",
        "STOPPED",
        "STOPPING",
    }
)


def plain(status: str) -> str:
    """A campaign's status in upper case, without blanks around it: servers spell it differently."""
    return status.strip().upper()


def may_be_paused(status: str) -> bool:
    """Whether a campaign with that status may be paused."""
    # An unknown status allows it: the campaign may be dialing, and stopping it must be possible.
    return plain(status) not in {PAUSED, *AT_REST}


def may_be_resumed(status: str) -> bool:
    """Whether a campaign with that status may be resumed."""
    # An unknown status doesn't allow it: nobody should start a campaign without knowing what it is doing.
    return plain(status) == PAUSED


def sources(target: State) -> tuple[State, ...]:
    """The states with a transition to `target`."""
    return tuple(state for state, targets in MOVES.items() if target in targets)


def diagram() -> str:
    """The transitions as a Mermaid state diagram. A test compares it with that in docs/operations.md."""
    arrows = [f"    {state} --> {target}" for state, targets in MOVES.items() for target in targets]
    ends = [f"    {state} --> [*]" for state in ENDS]
    return "\n".join(["stateDiagram-v2", "    [*] --> SCHEDULED", "    [*] --> QUEUED", *arrows, *ends])

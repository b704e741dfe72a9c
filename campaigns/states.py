"""Operation states, the moves between them and what people call them; what can be asked of a campaign: pure."""

from enum import StrEnum


class State(StrEnum):
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


class WaitingFor(StrEnum):
    """Why an operation in WAITING isn't running now."""

    NOTHING = ""
    RETRY = "retry"
    BUDGET = "budget"
    PAUSE_SLOT = "place"
    OUTCOME = "outcome"


IN_PROGRESS = (State.QUEUED, State.RUNNING, State.WAITING, State.ACCEPTED)
ENDS = tuple(state for state in State if state not in IN_PROGRESS)
CANCELLABLE = (State.QUEUED, State.WAITING)
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
    State.QUEUED: (State.RUNNING, State.CANCELLED),
    State.RUNNING: (State.WAITING, State.ACCEPTED, *_RUN_ENDS),
    # A waiting one whose campaign is read meanwhile (an event, the shared read) may be confirmed where it stands.
    State.WAITING: (State.RUNNING, State.CONFIRMED, State.CANCELLED),
    State.ACCEPTED: (State.CONFIRMED, State.UNCONFIRMED),
}

LABELS: dict[State, str] = {
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
}

WAITING_LABELS: dict[WaitingFor, str] = {
    WaitingFor.NOTHING: "",
    WaitingFor.RETRY: "to try again",
    WaitingFor.BUDGET: "for CXone's request budget",
    WaitingFor.PAUSE_SLOT: "for a place among the concurrent pauses",
    WaitingFor.OUTCOME: "to learn an unknown outcome",
}


ACTIVE, PAUSED = "ACTIVE", "PAUSED"
# A campaign in one of these dials no more, or not yet: CXone takes neither a pause of it nor a resume (409).
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
    """A campaign's status without what doesn't matter to its meaning: `paused` is PAUSED."""
    return status.strip().upper()


def may_be_paused(status: str) -> bool:
    """Also in a status that we don't know: the campaign might be dialing, and stopping it must be possible."""
    return plain(status) not in {PAUSED, *AT_REST}


def may_be_resumed(status: str) -> bool:
    """Only what is paused: nobody starts a campaign of which we don't know what it does."""
    return plain(status) == PAUSED


def sources(target: State) -> tuple[State, ...]:
    """The states from which `target` may be reached."""
    return tuple(state for state, targets in MOVES.items() if target in targets)


def diagram() -> str:
    """The moves as a Mermaid state diagram; docs/operations.md holds it, and a test compares them."""
    arrows = [f"    {state} --> {target}" for state, targets in MOVES.items() for target in targets]
    ends = [f"    {state} --> [*]" for state in ENDS]
    return "\n".join(["stateDiagram-v2", "    [*] --> QUEUED", *arrows, *ends])

"""Operation states with their transitions and labels, and which campaign statuses allow a pause or a resume. Pure."""

from enum import StrEnum


class State(StrEnum):
    PENDING = "PENDING"
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
    """What an operation in the state WAITING waits for; the last, one that CXone has accepted."""

    NOTHING = ""
    RETRY = "retry"
    BUDGET = "budget"
    PAUSE_SLOT = "place"
    OUTCOME = "outcome"
    TIME = "time"
    TURN = "turn"
    READ = "read"
    CALLS = "calls"
    TOGETHER = "together"
    CALLS_TO_END = "drain"


IN_PROGRESS = (State.QUEUED, State.RUNNING, State.WAITING, State.ACCEPTED)
# What is held for its time keeps nobody else from its campaign.
TO_CARRY_OUT = (State.SCHEDULED, *IN_PROGRESS)
# Nor does what waits for a second person, which no worker takes.
OPEN = (State.PENDING, *TO_CARRY_OUT)
ENDS = tuple(state for state in State if state not in OPEN)
# As long as nothing was sent. A worker that reads the campaign meanwhile sends nothing more.
CANCELLABLE = (State.PENDING, State.SCHEDULED, State.QUEUED, State.RUNNING, State.WAITING)
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
    # By a second person. CANCELLED also: that person refused it, or nobody approved it in time.
    # UNCONFIRMED without running, here and below: the database was restored from an older copy.
    State.PENDING: (State.SCHEDULED, State.QUEUED, State.CANCELLED, State.UNCONFIRMED),
    # PENDING: somebody changed the time that a second person had approved. REJECTED without running: its campaign is
    # on hold when its time comes.
    State.SCHEDULED: (State.PENDING, State.QUEUED, State.REJECTED, State.CANCELLED, State.UNCONFIRMED),
    # FAILED without running: CXone didn't answer for as long as a bulk keeps trying.
    State.QUEUED: (State.RUNNING, State.FAILED, State.CANCELLED, State.UNCONFIRMED),
    # CANCELLED: by a person, or by a pause that took its place, before it sent anything. SUPERSEDED: after that.
    State.RUNNING: (State.WAITING, State.ACCEPTED, *_RUN_ENDS, State.CANCELLED, State.SUPERSEDED),
    # A waiting operation may be confirmed without running again, if its campaign is read meanwhile: after an event, or
    # by the full read.
    State.WAITING: (
        State.RUNNING,
        State.CONFIRMED,
        State.FAILED,
        State.UNCONFIRMED,
        State.CANCELLED,
        State.SUPERSEDED,
    ),
    State.ACCEPTED: (State.CONFIRMED, State.UNCONFIRMED, State.SUPERSEDED),
}

LABELS: dict[State, str] = {
    State.PENDING: "Waits for a second person",
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
    WaitingFor.NOTHING: "Waiting for its turn",
    WaitingFor.RETRY: "Waiting to try again",
    WaitingFor.BUDGET: "Waiting for CXone’s request budget",
    WaitingFor.PAUSE_SLOT: "Queued behind another pause",
    WaitingFor.OUTCOME: "Waiting to find out what happened",
    WaitingFor.TIME: "Waiting for its time",
    WaitingFor.TURN: "Waiting for its turn in the bulk",
    WaitingFor.READ: "Waiting for all campaigns to be read",
    WaitingFor.CALLS: "Waiting for fewer calls",
    WaitingFor.TOGETHER: "Waiting for its turn among many",
    WaitingFor.CALLS_TO_END: "CXone lets calls end first",
}


ACTIVE, PAUSED = "ACTIVE", "PAUSED"
# As the gateway has it: what the campaign does now isn't known.
UNREADABLE = "UNREADABLE"
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


def status_word(status: str) -> str:
    """A campaign's status as people say it: "active", "stopping"; "" for none."""
    return status.strip().replace("_", " ").lower()


def may_be_paused(status: str) -> bool:
    """Whether a campaign with that status may be paused."""
    # An unknown status allows it: the campaign may be dialing, and stopping it must be possible.
    return plain(status) not in {PAUSED, *AT_REST}


def no_longer_holds(before: str, now: str) -> bool:
    """Whether a campaign with the status `before`, which somebody had paused, isn't paused any more.

    One that can't be read isn't taken for one that dials until its next status says so.
    """
    return plain(before) in {PAUSED, UNREADABLE} and plain(now) != UNREADABLE and may_be_paused(now)


def may_be_resumed(status: str) -> bool:
    """Whether a campaign with that status may be resumed."""
    # An unknown status doesn't allow it: nobody should start a campaign without knowing what it is doing.
    return plain(status) == PAUSED


def describe_at_rest(status: str) -> str:
    """Of a campaign that CXone takes neither a pause nor a resume of."""
    return f"It is {status_word(status)} in CXone: it can be neither paused nor resumed."


def without_campaign_id(error: str, campaign_id: str) -> str:
    """CXone's failure, to stand beside the campaign's name: its long id would only push the point out of sight."""
    return error.replace(f"campaign {campaign_id}", "the campaign")


def sources(target: State) -> tuple[State, ...]:
    """The states with a transition to `target`."""
    return tuple(state for state, targets in MOVES.items() if target in targets)


def diagram() -> str:
    """The transitions as a Mermaid state diagram. A test compares it with that in docs/operations.md."""
    arrows = [f"    {state} --> {target}" for state, targets in MOVES.items() for target in targets]
    begins = [f"    [*] --> {state}" for state in (State.PENDING, State.SCHEDULED, State.QUEUED, State.WAITING)]
    ends = [f"    {state} --> [*]" for state in ENDS]
    return "\n".join(["stateDiagram-v2", *begins, *arrows, *ends])

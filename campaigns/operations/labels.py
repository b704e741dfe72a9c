"""Operations in a few words, for chips, rows and lists, and what those words depend on. Pure."""

from enum import StrEnum

from campaigns.dialect import cxone_can
from campaigns.models import Campaign, Control, Operation, OperationKind, Origin
from campaigns.operations.phrases import calls, time_with_zone
from campaigns.operations.timed import DRAIN_DEADLINE, not_earlier, was_handed_over
from campaigns.states import CANCELLABLE, LABELS, WAITING_LABELS, State, WaitingFor, without_campaign_id

WAITS_FOR_SECOND = LABELS[State.PENDING]
# How the errors of those begin, or go on after the name, that a second person refused or nobody approved.
LAPSED, REFUSED = "Nobody approved it", "refused it"


class Tone(StrEnum):
    """What colour and shape stand for; the words beside them say the same."""

    BUSY = "busy"
    GOOD = "good"
    QUIET = "quiet"
    WARNING = "warning"
    BAD = "bad"


TONES = {
    State.CONFIRMED: Tone.GOOD,
    State.SKIPPED: Tone.QUIET,
    State.CANCELLED: Tone.QUIET,
    State.SUPERSEDED: Tone.QUIET,
    State.REJECTED: Tone.WARNING,
    State.CONFLICT: Tone.WARNING,
    State.FAILED: Tone.BAD,
    State.UNCONFIRMED: Tone.BAD,
}


def label_of(operation: Operation) -> str:
    """The state in a few words, with what is waited for."""
    state = State(operation.state)
    if state == State.WAITING:
        return WAITING_LABELS[WaitingFor(operation.waiting_for)]
    if state == State.ACCEPTED and was_handed_over(operation):
        return "With CXone until its time"
    if lets_calls_end(operation):
        return calls_end_first(operation)
    if is_taken_back(operation):
        return "Superseded by a resume"
    return _undecided(operation) or LABELS[state]


def _undecided(operation: Operation) -> str:
    """Of one that a second person didn't approve; "" of any other."""
    if operation.state != State.CANCELLED:
        return ""
    if operation.error.startswith(LAPSED):
        return "Lapsed: nobody approved it"
    return "Refused" if operation.error.startswith(f"{operation.cancelled_by} {REFUSED}") else ""


def is_taken_back(operation: Operation) -> bool:
    """A resume took its place before CXone had carried it out."""
    by = operation.superseded_by
    return operation.state == State.SUPERSEDED and by is not None and by.kind == OperationKind.RESUME


def lets_calls_end(operation: Operation) -> bool:
    """CXone has accepted the pause, and shows the campaign as running until its calls have ended."""
    return operation.state == State.ACCEPTED and operation.waiting_for == WaitingFor.CALLS_TO_END


def ends_at_the_latest(operation: Operation) -> str:
    """Of an accepted pause that CXone may carry out minutes later, when it is over with it; "" of any other."""
    is_pause = operation.kind == OperationKind.PAUSE and operation.state == State.ACCEPTED
    if not is_pause or operation.accepted_at is None or cxone_can().pauses_at_once:
        return ""
    at = time_with_zone(not_earlier(operation, operation.accepted_at) + DRAIN_DEADLINE)
    return f"It ends when CXone shows the campaign as stopped: soon after the last call, and about {at} at the latest."


def calls_end_first(operation: Operation) -> str:
    number = operation.campaign.active_calls
    # They may have ended since it was last looked at.
    return f"CXone lets {calls(number)} end first" if number else WAITING_LABELS[WaitingFor.CALLS_TO_END]


def waits_for(operation: Operation) -> str:
    """What one in progress, or one that isn't approved yet, waits for, to stand before the seconds since it was asked
    for; "" for any other."""
    state = State(operation.state)
    if state == State.PENDING:
        return f"{WAITS_FOR_SECOND}, lapses at {time_with_zone(operation.next_attempt_at)}"
    if state == State.QUEUED:
        return "Waiting for its turn in the bulk" if operation.bulk_id else "Queued"
    if state == State.RUNNING:
        return "Sent, waiting for CXone’s answer" if operation.sent_at else "Waiting for CXone’s answer"
    if state == State.WAITING:
        return WAITING_LABELS[WaitingFor(operation.waiting_for)]
    if state == State.ACCEPTED:
        return _waits_to_be_seen(operation)
    return ""


def _waits_to_be_seen(operation: Operation) -> str:
    if was_handed_over(operation):
        return "With CXone until its time"
    if lets_calls_end(operation):
        return calls_end_first(operation)
    return f"Accepted, waiting to see it {_SEEN[OperationKind(operation.kind)]}"


_SEEN = {
    OperationKind.PAUSE: "paused",
    OperationKind.RESUME: "active",
    OperationKind.SCHEDULE: "with the new hours",
}


def tone_of(operation: Operation) -> Tone:
    return TONES.get(State(operation.state), Tone.BUSY)


def asker_of(operation: Operation) -> str:
    """Who asked, to follow "by"."""
    if operation.origin == Origin.WATCH:
        return f"the pause watch, for {operation.by}"
    if operation.origin == Origin.BULK:
        return f"{operation.by}, for many campaigns at once"
    return operation.by


def is_cancellable(operation: Operation) -> bool:
    """CXone can't have carried it out, as far as we know here; `requests.cancel_operation` has the last word."""
    return operation.state in CANCELLABLE and operation.sent_at is None


def describe_control(campaign: Campaign) -> str:
    """Who brought the campaign into its state: "by ann", "in CXone"."""
    if campaign.control == Control.OUTSIDE:
        return "in CXone"
    if campaign.control == Control.BEFORE:
        return "since before we looked"
    return f"by {campaign.controller or Control(campaign.control).label}"


def is_failing(operation: Operation) -> bool:
    """CXone has failed it since `failing_since`, and it is tried again."""
    return operation.in_progress and operation.failing_since is not None


def error_of(operation: Operation) -> str:
    """What went wrong, to stand beside the campaign's name."""
    return without_campaign_id(operation.error, operation.campaign_id)


def is_refused_for_good(operation: Operation) -> bool:
    """CXone would say no to the same request again."""
    return operation.state == State.FAILED and operation.api_status in {400, 401, 403, 404, 422}

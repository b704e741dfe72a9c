"""Operations in words that a supervisor understands: what happened, what it means, what to do next. Pure."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.dialect import cxone_can
from campaigns.models import Operation, OperationKind, Origin
from campaigns.operations.labels import (
    Tone,
    calls_end_first,
    error_of,
    is_cancellable,
    is_refused_for_good,
    is_taken_back,
    label_of,
    lets_calls_end,
    tone_of,
)
from campaigns.operations.phrases import against_limit, calls_were, time_with_zone
from campaigns.operations.still_stands import takes_back_a_stop
from campaigns.operations.timed import due_in_words, was_handed_over
from campaigns.schedule import same
from campaigns.states import State, WaitingFor

DO = {
    OperationKind.PAUSE: "pause the campaign",
    OperationKind.RESUME: "resume the campaign",
    OperationKind.SCHEDULE: "change the campaign’s schedule",
}
DEED = {kind: kind.label.lower() for kind in OperationKind}
DONE = {
    OperationKind.PAUSE: "as paused",
    OperationKind.RESUME: "as active",
    OperationKind.SCHEDULE: "with the new schedule",
}
ALREADY = {
    OperationKind.PAUSE: "was already paused",
    OperationKind.RESUME: "was already active",
    OperationKind.SCHEDULE: "already had this schedule",
}
# In the payload of a pause that waits until at most so many calls are in progress.
WAIT_FOR_CALLS = "wait_for_calls"
# The error of an operation that a fault in our own code interrupted.
INTERRUPTED = "A fault in this system, recorded in its log, interrupted the operation."
# How the error of a pause begins whose calls didn't end in time.
STILL_RUNNING = "CXone accepted the pause, but the campaign was still running"
# What a bulk says of a campaign that doesn't dial, and so needs no pause.
AT_REST_ALREADY = "The campaign doesn’t dial"

# What happened, what it means, and what to do.
Sentences = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Description:
    """One operation as people read of it. `label` is the state in a word or three; the rest are sentences."""

    label: str
    tone: Tone
    happened: str
    meaning: str = ""
    advice: str = ""


def describe(operation: Operation) -> Description:
    """`operation` in words, to stand beside its campaign's name."""
    state = State(operation.state)
    happened, meaning, advice = _DESCRIBERS[state](operation)
    return Description(label_of(operation), tone_of(operation), happened, meaning, advice)


def _scheduled(operation: Operation) -> Sentences:
    deed, due = DEED[OperationKind(operation.kind)], due_in_words(operation)
    happened = f"{operation.by} asked to {DO[OperationKind(operation.kind)]} at {due}."
    advice = "It continues by itself. You can still change its time, or cancel it."
    if operation.error:
        return f"The {deed} was due at {due}, and waits. {error_of(operation)}", _UNCHANGED, advice
    if operation.kind == OperationKind.PAUSE and not cxone_can().defers:
        return happened, _KEPT_HERE, advice
    return happened, _HELD[bool(operation.undoes_id), OperationKind(operation.kind)], advice


def _queued(operation: Operation) -> Sentences:
    asked = f"{operation.by} asked to {DO[OperationKind(operation.kind)]}{_for_holidays(operation)}"
    begins = "and it waits for its turn" if operation.bulk_id else "and a worker picks it up next"
    return (
        f"{asked}, {begins}.",
        "Nothing has been sent to CXone yet.",
        f"It continues by itself. {_CANCEL}",
    )


def _running(operation: Operation) -> Sentences:
    if operation.failing_since:
        return f"{_failing_since(operation)} It is being tried again now.", "", ""
    if operation.sent_at:
        return (f"CXone was asked to {DO[OperationKind(operation.kind)]}; the answer is due any moment.", "", "")
    if operation.kind == OperationKind.PAUSE:
        checked = " and its calls in progress are counted"
    else:
        checked = ""
    return (
        f"The campaign is read from CXone{checked}.",
        f"The {DEED[OperationKind(operation.kind)]} has not been sent yet.",
        "",
    )


def _pending(operation: Operation) -> Sentences:
    due = f", to be sent at {due_in_words(operation)}" if operation.not_before else ""
    return (
        f"It waits for a second person to approve it{due}.",
        f"Nothing is sent before that. If nobody has approved it by {time_with_zone(operation.next_attempt_at)}, "
        "it lapses.",
        f"A reviewer, or anybody else who may do this, can approve or refuse it. {_CANCEL}",
    )


def _waiting(operation: Operation) -> Sentences:
    if operation.failing_since and operation.retry_until:
        return _failing(operation, operation.retry_until)
    words = {"deed": DEED[OperationKind(operation.kind)], "due": due_in_words(operation)}
    words |= {"before": calls_were(operation.calls_before or 0), "fewer": f"{operation.calls_limit or 0:,}"}
    happened, meaning = (text.format_map(words) for text in _WAITS[WaitingFor(operation.waiting_for)])
    if is_cancellable(operation):
        advice = f"It continues by itself. {_CANCEL}"
    else:
        advice = "It continues by itself."
    if not operation.error:
        return happened, meaning, advice
    # It says better what CXone answered, and already that nothing was changed.
    return error_of(operation), "" if meaning == _UNCHANGED else meaning, advice


def _failing(operation: Operation, until: datetime) -> Sentences:
    """It waits because of a failure: since when and why, and how long it is tried again."""
    if operation.sent_at:
        _, meaning = _WAITS[WaitingFor.OUTCOME]
    else:
        meaning = _UNCHANGED
    advice = f"It is retried automatically until {time_with_zone(until)}."
    if is_cancellable(operation):
        advice += f" {_CANCEL}"
    return f"{_failing_since(operation)} {error_of(operation)}".rstrip(), meaning, advice


def _failing_since(operation: Operation) -> str:
    since = time_with_zone(operation.failing_since) if operation.failing_since else "some time"
    if operation.error == INTERRUPTED:
        return f"This system has failed to carry it out since {since}."
    return f"CXone has given no usable answer since {since}."


# By whether it ends a pause, and its kind.
_HELD = {
    (False, OperationKind.PAUSE): "It is held here. Two minutes before, its calls in progress are counted and CXone "
    "is given the pause for that time.",
    (False, OperationKind.RESUME): "It is held here and sent at that time.",
    (
        True,
        OperationKind.RESUME,
    ): "It is held here and sent at that time, if the campaign is still paused by the pause that it ends.",
}
_KEPT_HERE = (
    "CXone can’t keep it for later, so it is held here: its calls in progress are counted and it is sent at that "
    "second. This system must be running then."
)
_CANCEL = "You can still cancel it."
_UNCHANGED = "Nothing has changed in CXone yet."
_WAITS: dict[WaitingFor, tuple[str, str]] = {
    WaitingFor.NOTHING: ("The {deed} waits for its turn.", _UNCHANGED),
    WaitingFor.RETRY: ("CXone could not do it now. It will be retried.", _UNCHANGED),
    WaitingFor.BUDGET: (
        "All requests that CXone allows in a minute are used. The {deed} waits for the next free one.",
        _UNCHANGED,
    ),
    WaitingFor.PAUSE_SLOT: (
        "As many pauses as the policy allows at once are in progress. This one is queued behind them.",
        _UNCHANGED,
    ),
    WaitingFor.TIME: (
        "The campaign is as requested already. The {deed} waits for its own time, {due}, and takes effect then.",
        _UNCHANGED,
    ),
    WaitingFor.TURN: (
        "CXone takes no more requests for now. The {deed} waits for its turn among those of its bulk.",
        _UNCHANGED,
    ),
    WaitingFor.READ: ("The {deed} waits for all campaigns to be read.", _UNCHANGED),
    WaitingFor.CALLS: (
        "{before} in progress when they were last counted. The campaign is paused as soon as at most {fewer} are.",
        "Nothing has been sent to CXone yet.",
    ),
    WaitingFor.TOGETHER: (
        "Many pauses were requested at once. They are sent together; the {deed} waits for its turn among them.",
        _UNCHANGED,
    ),
    WaitingFor.CALLS_TO_END: (
        "CXone doesn’t start what is about to stop: it lets calls end and stops the campaign first.",
        "The {deed} is sent again as soon as it has stopped.",
    ),
    WaitingFor.OUTCOME: (
        "The {deed} was sent to CXone, but no clear answer came back.",
        "The campaign is read first, to find out what happened: nothing is applied twice.",
    ),
}


def _accepted(operation: Operation) -> Sentences:
    done = DONE[OperationKind(operation.kind)]
    if was_handed_over(operation):
        return (
            f"CXone has the pause and carries it out at {due_in_words(operation)}.",
            f"It is done only when the campaign has been read back {done} after that.",
            "It can no longer be cancelled here, but a pause now is possible: it takes this one’s place.",
        )
    if lets_calls_end(operation):
        return (
            f"CXone accepted the pause. {calls_end_first(operation)}, and shows the campaign as running until then.",
            f"It is done only when it has been read back {done}.",
            f"It is read until then, for 15 minutes at most.{_how_to_take_back(operation)}",
        )
    return (
        f"CXone accepted the {DEED[OperationKind(operation.kind)]}; the campaign has not been seen {done} yet.",
        f"It is done only when it has been read back {done}.",
        "Wait a moment: it is read until then.",
    )


def _how_to_take_back(operation: Operation) -> str:
    if operation.override:
        return " As its reason overrides the calls check, the campaign can be resumed only then."
    return " To take it back, resume the campaign."


def _confirmed(operation: Operation) -> Sentences:
    done = DONE[OperationKind(operation.kind)]
    happened = f"{_by_the_guard(operation)}The campaign was read back from CXone {done}."
    if operation.seen_at and operation.seen_at == operation.confirmed_at:
        since = f"The campaign was read back from CXone {done}, and somebody else has changed it there since."
        return since, "It may be different now.", "Look at the campaign."
    if operation.kind == OperationKind.SCHEDULE:
        return happened + _merged(operation), "These windows apply from now on.", ""
    if operation.kind == OperationKind.RESUME:
        return happened, "It dials whenever its schedule is open.", ""
    dropped = operation.payload.get("drop_active_calls")
    if dropped:
        rest = " CXone was asked to cut off the calls in progress."
    else:
        rest = "" if operation.calls_before == 0 else " Calls in progress continue until they end."
    advice = "" if cxone_can().holds_pauses else "CXone has only stopped it: its schedule may start it again."
    return happened + _overridden(operation), f"It starts no new calls.{rest}", advice


def _by_the_guard(operation: Operation) -> str:
    """ "Holiday guard paused it for Christmas Day (calendar US). "; "" if it was somebody else."""
    if operation.origin != Origin.GUARD:
        return ""
    did = "paused" if operation.kind == OperationKind.PAUSE else "resumed"
    return f"{operation.by} {did} it{_for_holidays(operation)}. "


def _for_holidays(operation: Operation) -> str:
    """Why the guard asked; its note names the holidays."""
    if operation.origin != Origin.GUARD:
        return ""
    return f" {'for' if operation.kind == OperationKind.PAUSE else 'after'} {operation.note}"


def _merged(operation: Operation) -> str:
    if same(operation.payload.get("base"), operation.payload.get("replaced")):
        return ""
    return " Somebody else had changed other parts of it meanwhile; their change was kept."


def _overridden(operation: Operation) -> str:
    before, limit = operation.calls_before, operation.calls_limit
    if not operation.override or before is None or limit is None or before <= limit:
        return ""
    exceeded = f" {against_limit(calls_were(before), before, limit)}; "
    if operation.origin == Origin.GUARD:
        return f"{exceeded}a holiday overrides that."
    return f"{exceeded}the reason that {operation.by} gave overrides that."


def _skipped(operation: Operation) -> Sentences:
    happened = (
        f"The campaign {ALREADY[OperationKind(operation.kind)]} when it was read from CXone, so nothing was sent."
    )
    if operation.error.startswith(AT_REST_ALREADY):
        return error_of(operation), "There was nothing to stop.", ""
    if operation.origin == Origin.GUARD and operation.kind == OperationKind.PAUSE:
        return happened, f"{operation.by} did not pause it, and does not resume it after {operation.note}.", ""
    return (
        happened,
        "It is as requested, but not because of this operation.",
        "Nothing needs to be done. The campaign’s page says who is in control.",
    )


def _rejected(operation: Operation) -> Sentences:
    before, limit = operation.calls_before, operation.calls_limit
    if before is None or limit is None:
        return operation.error, "Nothing was sent to CXone: the campaign runs as before.", ""
    if WAIT_FOR_CALLS in operation.payload:
        return (
            f"The pause waited for fewer calls. {operation.error}",
            "Nothing was sent to CXone: the campaign runs as before.",
            f"Try again with a higher number of calls, or at a set time. {_OVERRIDE}",
        )
    return (
        f"{against_limit(calls_were(before), before, limit)}.",
        "People who were being rung could have found no agent free, so nothing was sent: it runs as before.",
        f"Let it wait for fewer calls, or pause at a set time. {_OVERRIDE}",
    )


_OVERRIDE = "If it can’t wait, choose a reason that overrides the limit."


def _conflict(operation: Operation) -> Sentences:
    stands = "Their change stands; this one was not applied, and is kept."
    if (operation.conflict or {}).get("undone"):
        stands = "What CXone has now was left as it is, and what was requested is kept."
    return (
        operation.error or "The campaign was changed by somebody else meanwhile.",
        stands,
        "Compare the two, choose for each part, and send your choice.",
    )


def _failed(operation: Operation) -> Sentences:
    deed = DEED[OperationKind(operation.kind)]
    return (
        (error_of(operation) or f"The {deed} failed.") + _tried(operation),
        f"The {deed} did not happen: the campaign runs as before.",
        f"{_again_after(operation)}; if the {deed} can’t wait, do it in CXone itself.",
    )


def _tried(operation: Operation) -> str:
    """How often it was tried, and for how long."""
    if operation.failures < 2:
        return ""
    if not (operation.failing_since and operation.ended_at):
        return f" It was tried {operation.failures} times."
    minutes = round((operation.ended_at - operation.failing_since).total_seconds() / 60)
    return f" It was tried {operation.failures} times in {max(minutes, 1)} min."


def _again_after(operation: Operation) -> str:
    if operation.origin == Origin.GUARD:
        return f"{operation.by} asks again by itself. If it keeps failing, show an admin the message above"
    if is_refused_for_good(operation):
        return "Trying again alone won’t help: show an admin the message above"
    if operation.api_status == 409:
        return "Look at the campaign’s status now, and try again if it is one that can be changed"
    return "Try again. If it fails again, show an admin the message above"


def _unconfirmed(operation: Operation) -> Sentences:
    done = DONE[OperationKind(operation.kind)]
    what = "schedule" if operation.kind == OperationKind.SCHEDULE else "state"
    happened = (
        f"CXone accepted the {DEED[OperationKind(operation.kind)]}{_for_its_time(operation)}, "
        f"but the campaign was not seen {done} in time."
    )
    if operation.error.startswith(STILL_RUNNING):
        happened = operation.error
    if operation.accepted_at is None:
        unseen = (
            f"CXone was sent the {DEED[OperationKind(operation.kind)]}, but the campaign was not seen {done} in time."
        )
        happened = (error_of(operation) or unseen) + _tried(operation)
    return (
        happened,
        f"It is unknown whether CXone carried it out. {_DANGERS[OperationKind(operation.kind)]}",
        f"Look at the campaign’s {what} now, here and in CXone itself. If it is not as requested, try again.",
    )


def _for_its_time(operation: Operation) -> str:
    if was_handed_over(operation):
        return f" for {due_in_words(operation)}"
    return ""


_DANGERS = {
    OperationKind.PAUSE: "It may still be dialing.",
    OperationKind.RESUME: "It may still be paused.",
    OperationKind.SCHEDULE: "It may still dial by its old windows.",
}


def _cancelled(operation: Operation) -> Sentences:
    deed = DEED[OperationKind(operation.kind)]
    unchanged = "The campaign was not changed."
    if takes_back_a_stop(operation):
        unchanged = "CXone has the pause that this was to take back: the campaign stops when its calls have ended."
    if operation.superseded_by:
        superseder = f"a pause requested by {operation.superseded_by.by}"
        return (
            f"The {deed} was superseded by {superseder} before anything was sent.",
            unchanged,
            "A stop always wins. Look at the pause that came after it.",
        )
    if operation.error:
        return error_of(operation), unchanged, ""
    by = f" by {operation.cancelled_by}" if operation.cancelled_by else ""
    return f"The {deed} was cancelled{by} before {_unsent(operation)}.", unchanged, ""


def _superseded(operation: Operation) -> Sentences:
    deed = DEED[OperationKind(operation.kind)]
    by = operation.superseded_by.by if operation.superseded_by else "somebody"
    if is_taken_back(operation):
        return (
            f"CXone accepted the pause and let calls end first; then a resume requested by {by} took its place.",
            "Nobody waited to see whether the pause was carried out.",
            "Look at the resume that came after it.",
        )
    return (
        f"CXone was sent the {deed}; then a pause requested by {by} took its place.",
        f"A stop always wins: nobody waited to see whether the {deed} was carried out.",
        "Look at the pause that came after it.",
    )


def _unsent(operation: Operation) -> str:
    # It has the hash of what was sent, if anything was.
    if operation.payload_hash:
        return "CXone had carried out anything"
    return "anything was sent"


_DESCRIBERS = {
    State.PENDING: _pending,
    State.SCHEDULED: _scheduled,
    State.QUEUED: _queued,
    State.RUNNING: _running,
    State.WAITING: _waiting,
    State.ACCEPTED: _accepted,
    State.CONFIRMED: _confirmed,
    State.SKIPPED: _skipped,
    State.REJECTED: _rejected,
    State.CONFLICT: _conflict,
    State.FAILED: _failed,
    State.UNCONFIRMED: _unconfirmed,
    State.CANCELLED: _cancelled,
    State.SUPERSEDED: _superseded,
}

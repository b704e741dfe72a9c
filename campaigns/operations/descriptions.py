"""Operations in words that a supervisor understands: what happened, what it means, what to do next. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from campaigns.models import Campaign, Control, Operation, OperationKind, Origin
from campaigns.operations.timed import due_in_words, was_handed_over
from campaigns.schedule import DAY_NAMES, same
from campaigns.schedule.due_times import abbreviation_of
from campaigns.states import ACTIVE, CANCELLABLE, LABELS, PAUSED, WAITING_LABELS, State, WaitingFor, plain

DO = {
    OperationKind.PAUSE: "pause the campaign",
    OperationKind.RESUME: "resume the campaign",
    OperationKind.SCHEDULE: "change the campaign's schedule",
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
# The error of an operation that a fault in our own code interrupted.
INTERRUPTED = "A fault in this system, recorded in its log, interrupted the operation."
_PARTS = DAY_NAMES | {
    "timezone": "the time zone",
    "pauseConditions": "the pause conditions",
    "hours": "the time zone and the windows",
    "other": "what else its schedule holds",
}


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


def label_of(operation: Operation) -> str:
    """The state in a few words, with what is waited for."""
    state = State(operation.state)
    if state == State.WAITING and operation.waiting_for:
        return f"{LABELS[state]} {WAITING_LABELS[WaitingFor(operation.waiting_for)]}"
    if state == State.ACCEPTED and was_handed_over(operation):
        return "With CXone until its time"
    return LABELS[state]


def tone_of(operation: Operation) -> Tone:
    return TONES.get(State(operation.state), Tone.BUSY)


def asker_of(operation: Operation) -> str:
    """Who asked, to follow "by"."""
    if operation.origin == Origin.WATCH:
        return f"the watch over confirmed pauses, for {operation.by}"
    if operation.origin == Origin.BULK:
        return f"{operation.by}, for many campaigns at once"
    return operation.by


def is_cancellable(operation: Operation) -> bool:
    """CXone can't have carried it out, as far as we know here; `requests.cancel_operation` has the last word."""
    return operation.state in CANCELLABLE and operation.sent_at is None


def describe_control(campaign: Campaign) -> str:
    """Who brought the campaign into its state: "by ann", "outside this control room"."""
    if campaign.control == Control.OUTSIDE:
        return "outside this control room"
    if campaign.control == Control.BEFORE:
        return "since before we looked"
    return f"by {campaign.controller or Control(campaign.control).label}"


# What a bulk says of a campaign that doesn't dial, and so needs no pause.
AT_REST_ALREADY = "The campaign doesn't dial"


def describe_at_rest(campaign: Campaign) -> str:
    """Of a campaign that CXone takes no pause or resume of."""
    return f"It is {campaign.status} in CXone: it can be neither paused nor resumed."


def status_word(status: str) -> str:
    """A status that we don't know is said as CXone says it."""
    return {ACTIVE: "active", PAUSED: "paused"}.get(plain(status), status)


def is_failing(operation: Operation) -> bool:
    """CXone has failed it since `failing_since`, and it is tried again."""
    return operation.in_progress and operation.failing_since is not None


def error_of(operation: Operation) -> str:
    """What went wrong, to stand beside the campaign's name: its long id would only push the point out of sight."""
    return without_campaign_id(operation.error, operation.campaign_id)


def without_campaign_id(words: str, campaign_id: str) -> str:
    return words.replace(f"campaign {campaign_id}", "the campaign")


def calls(number: int) -> str:
    """ "1 call", "12 calls"."""
    if number == 1:
        return f"{number:,} call"
    return f"{number:,} calls"


def calls_are(number: int) -> str:
    """ "1 call is", "12 calls are"."""
    return f"{calls(number)} {'is' if number == 1 else 'are'}"


def calls_were(number: int) -> str:
    """ "1 call was", "12 calls were"."""
    return f"{calls(number)} {'was' if number == 1 else 'were'}"


def campaigns_are(number: int) -> str:
    """ "1 campaign is", "1,200 campaigns are"."""
    return f"{number:,} campaign{'' if number == 1 else 's'} {'is' if number == 1 else 'are'}"


def against_limit(subject: str, number: int, limit: int) -> str:
    """ "12 calls were in progress, more than the limit of 10", for the subject "12 calls were"."""
    relation = "more than" if number > limit else "within"
    return f"{subject} in progress, {relation} the limit of {limit:,}"


def part_name(part: str) -> str:
    """A part of a schedule, as a merge cuts it: "Monday", "the time zone"."""
    return _PARTS[part]


def join_words(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *others, last = words
    if others:
        return f"{', '.join(others)} and {last}"
    return last


def time_of_day(at: datetime) -> str:
    """In the reader's zone: "14:03 EST", with the date where it isn't today's."""
    here = timezone.localtime(at)
    if here.date() == timezone.localdate():
        return f"{here:%H:%M} {abbreviation_of(here)}"
    return f"{here:%Y-%m-%d %H:%M} {abbreviation_of(here)}"


Sentences = tuple[str, str, str]


def _scheduled(operation: Operation) -> Sentences:
    deed, due = DEED[OperationKind(operation.kind)], due_in_words(operation)
    happened = f"{operation.by} asked to {DO[OperationKind(operation.kind)]} at {due}."
    advice = "It goes on by itself. You can still change its time, or cancel it."
    if operation.error:
        return f"The {deed} was due at {due}, and waits. {error_of(operation)}", _UNCHANGED, advice
    return happened, _HELD[bool(operation.undoes_id), OperationKind(operation.kind)], advice


def _queued(operation: Operation) -> Sentences:
    asked = f"{operation.by} asked to {DO[OperationKind(operation.kind)]}{_for_holidays(operation)}"
    begins = "and it waits for its turn in its bulk" if operation.bulk_id else "and a worker takes it up next"
    return (
        f"{asked}, {begins}.",
        "Nothing has been sent to CXone yet.",
        f"It goes on by itself. {_CANCEL}",
    )


def _running(operation: Operation) -> Sentences:
    if operation.failing_since:
        return f"{_failing_since(operation)} It is being tried again now.", "", ""
    if operation.sent_at:
        return (f"CXone was asked to {DO[OperationKind(operation.kind)]}; its answer is due any moment.", "", "")
    if operation.kind == OperationKind.PAUSE:
        checked = " and its calls in progress are counted"
    else:
        checked = ""
    return (
        f"The campaign is read from CXone{checked}.",
        f"The {DEED[OperationKind(operation.kind)]} has not been sent yet.",
        "",
    )


def _waiting(operation: Operation) -> Sentences:
    if operation.failing_since and operation.retry_until:
        return _failing(operation, operation.retry_until)
    words = {"deed": DEED[OperationKind(operation.kind)], "due": due_in_words(operation)}
    happened, meaning = (text.format_map(words) for text in _WAITS[WaitingFor(operation.waiting_for)])
    if is_cancellable(operation):
        advice = f"It goes on by itself. {_CANCEL}"
    else:
        advice = "It goes on by itself."
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
    advice = f"It is tried again by itself until {time_of_day(until)}."
    if is_cancellable(operation):
        advice += f" {_CANCEL}"
    return f"{_failing_since(operation)} {error_of(operation)}".rstrip(), meaning, advice


def _failing_since(operation: Operation) -> str:
    since = time_of_day(operation.failing_since) if operation.failing_since else "some time"
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
_CANCEL = "You can still cancel it."
_UNCHANGED = "Nothing has been changed at CXone yet."
_WAITS: dict[WaitingFor, tuple[str, str]] = {
    WaitingFor.NOTHING: ("The {deed} waits for its turn.", _UNCHANGED),
    WaitingFor.RETRY: ("CXone could not do it now. It is tried again.", _UNCHANGED),
    WaitingFor.BUDGET: (
        "All the requests that CXone allows a minute are spent. The {deed} waits for the next free one.",
        _UNCHANGED,
    ),
    WaitingFor.PAUSE_SLOT: (
        "As many pauses as are allowed at once are being carried out. This one waits for a place.",
        _UNCHANGED,
    ),
    WaitingFor.TIME: (
        "The campaign is as requested already. The {deed} waits for its own time, {due}, and sees to it then.",
        _UNCHANGED,
    ),
    WaitingFor.TURN: (
        "CXone takes no more requests for now. The {deed} waits for its turn among those of its bulk.",
        _UNCHANGED,
    ),
    WaitingFor.READ: ("The {deed} waits for all campaigns to be read.", _UNCHANGED),
    WaitingFor.OUTCOME: (
        "The {deed} was sent to CXone, but no clear answer came back.",
        "The campaign is read first, to learn what came of it: nothing is applied twice.",
    ),
}


def _accepted(operation: Operation) -> Sentences:
    done = DONE[OperationKind(operation.kind)]
    if was_handed_over(operation):
        return (
            f"CXone has the pause and carries it out at {due_in_words(operation)}.",
            f"It counts as done only when the campaign has been read back {done} after that.",
            "It can no longer be cancelled here, but a pause now is possible: it takes this one's place.",
        )
    return (
        f"CXone accepted the {DEED[OperationKind(operation.kind)]}; the campaign has not been seen {done} yet.",
        f"It counts as done only when it has been read back {done}.",
        "Wait a moment: it is read until it is so.",
    )


def _confirmed(operation: Operation) -> Sentences:
    done = DONE[OperationKind(operation.kind)]
    happened = f"{_by_the_guard(operation)}The campaign was read back from CXone {done}."
    if operation.seen_at and operation.seen_at == operation.confirmed_at:
        since = f"The campaign was read back from CXone {done}, and somebody else has changed it there since."
        return since, "It may be otherwise now.", "Look at the campaign."
    if operation.kind == OperationKind.SCHEDULE:
        return happened + _merged(operation), "Its windows are those from now on.", ""
    if operation.kind == OperationKind.RESUME:
        return happened, "It dials whenever its schedule is open.", ""
    dropped = operation.payload.get("drop_active_calls")
    if dropped:
        rest = "CXone was told to cut off the calls in progress."
    else:
        rest = "Calls in progress go on until they end."
    return happened + _overridden(operation), f"It starts no new calls. {rest}", ""


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
    return f"{exceeded}{operation.by} confirmed that it was to be paused all the same."


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
        "It is in the state that was asked for, but not through this operation.",
        "Nothing needs to be done. The campaign's page tells who is in control.",
    )


def _rejected(operation: Operation) -> Sentences:
    before, limit = operation.calls_before, operation.calls_limit
    if before is None or limit is None:
        return operation.error, "Nothing was sent to CXone: the campaign goes on as before.", ""
    return (
        f"{against_limit(calls_were(before), before, limit)}.",
        "A pause would have put them at risk of being abandoned, so nothing was sent: it goes on as before.",
        "Wait until fewer calls are in progress and try again. If it can't wait, choose a reason that overrides "
        "the calls check.",
    )


def _conflict(operation: Operation) -> Sentences:
    stands = "Their change stands; this one was not applied, and is kept."
    if (operation.conflict or {}).get("undone"):
        stands = "What CXone has now was left as it is, and what was asked for is kept."
    return (
        operation.error or "The campaign was changed by somebody else meanwhile.",
        stands,
        "Compare both, choose which is to be, part by part, and send that.",
    )


def _failed(operation: Operation) -> Sentences:
    deed = DEED[OperationKind(operation.kind)]
    return (
        (error_of(operation) or f"The {deed} failed.") + _tried(operation),
        f"The {deed} did not happen: the campaign goes on as before.",
        f"{_again_after(operation)}; if the {deed} can't wait, do it in CXone itself.",
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
        return f"{operation.by} asks again by itself. If it keeps failing, tell an admin the words above"
    if is_refused_for_good(operation):
        return "Trying again alone won't help: tell an admin the words above"
    if operation.api_status == 409:
        return "Look at the campaign's status now, and try again if it is one that can be changed"
    return "Try again. If it fails again, tell an admin the words above"


def is_refused_for_good(operation: Operation) -> bool:
    """CXone would say no to the same request again."""
    return operation.state == State.FAILED and operation.api_status in {400, 401, 403, 404, 422}


def _unconfirmed(operation: Operation) -> Sentences:
    done = DONE[OperationKind(operation.kind)]
    what = "schedule" if operation.kind == OperationKind.SCHEDULE else "state"
    happened = (
        f"CXone accepted the {DEED[OperationKind(operation.kind)]}{_for_its_time(operation)}, "
        f"but the campaign was not seen {done} in time."
    )
    if operation.accepted_at is None:
        unseen = (
            f"CXone was sent the {DEED[OperationKind(operation.kind)]}, but the campaign was not seen {done} in time."
        )
        happened = (error_of(operation) or unseen) + _tried(operation)
    return (
        happened,
        f"Nobody knows whether it was carried out. {_DANGERS[OperationKind(operation.kind)]}",
        f"Look at the campaign's {what} now, here and in CXone itself. If it is not as asked for, try again.",
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
    if operation.superseded_by:
        superseder = f"a pause requested by {operation.superseded_by.by}"
        return (
            f"The {deed} was superseded by {superseder} before anything was sent.",
            unchanged,
            "A stop always wins. Look at the pause that came after it.",
        )
    if operation.error:
        return error_of(operation), unchanged, ""
    return f"The {deed} was cancelled before {_unsent(operation)}.", unchanged, ""


def _superseded(operation: Operation) -> Sentences:
    deed = DEED[OperationKind(operation.kind)]
    by = operation.superseded_by.by if operation.superseded_by else "somebody"
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

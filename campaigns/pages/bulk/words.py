"""A bulk in words: what it would do, how far it is, what that means, what to do next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.dialect import STOPPED, cxone_can
from campaigns.models import Bulk, OperationKind
from campaigns.operations.bulk.preview import Effect, Expected
from campaigns.operations.bulk.progress import BulkProgress
from campaigns.operations.labels import WAITS_FOR_SECOND, Tone
from campaigns.operations.phrases import campaigns_are, join_words
from campaigns.states import State, WaitingFor

_DONE = {OperationKind.PAUSE: "paused", OperationKind.RESUME: "active"}
# A pause skips what is paused already, and what doesn't dial anyway.
_NEEDLESS = {OperationKind.PAUSE: "already paused or at rest", OperationKind.RESUME: "already active"}
# What a bulk does to campaigns, after their number: for one, and for several.
_ON_MANY = {
    Effect.SENT: ("will be {deed}d.", "will be {deed}d."),
    Effect.OVER_LIMIT: (
        "has more calls in progress than its limit: it is rejected, unless the reason overrides the limit or fewer "
        "are in progress when they are counted again.",
        "have more calls in progress than their limits: they are rejected, unless the reason overrides the limit or "
        "fewer are in progress when they are counted again.",
    ),
    Effect.IN_THE_WAY: (
        "has another operation in progress: it is rejected here, and that one goes on.",
        "have other operations in progress: they are rejected here, and those go on.",
    ),
    Effect.ALREADY: (
        "is {done} already: nothing is sent if it still is.",
        "are {done} already: nothing is sent to those that still are.",
    ),
    Effect.AT_REST: (
        "is neither dialing nor paused: CXone takes no {deed} of it, and nothing is sent.",
        "are neither dialing nor paused: CXone takes no {deed} of them, and nothing is sent.",
    ),
    Effect.ON_HOLD: (
        "is on hold: it is skipped, and stays as it is until the hold is lifted.",
        "are on hold: they are skipped, and stay as they are until their holds are lifted.",
    ),
    Effect.GONE: ("is left out: CXone no longer lists it.", "are left out: CXone no longer lists them."),
}
# Only another pause stays in the way of a pause.
_PAUSE_IN_THE_WAY = (
    "has a pause in progress already, which goes on, unless the reason overrides the limit and that one’s doesn’t.",
    "have a pause in progress already, which goes on, unless the reason overrides the limit and that one’s doesn’t.",
)
_ON_ONE = {
    Effect.SENT: "{deed}d",
    Effect.OVER_LIMIT: "rejected, unless the reason overrides the limit",
    Effect.IN_THE_WAY: "in the way",
    Effect.ALREADY: "nothing: {done} already",
    Effect.AT_REST: "nothing: CXone takes no {deed} of it",
    Effect.ON_HOLD: "skipped: on hold",
    Effect.GONE: "left out: no longer in CXone",
}
# In this order, what kept campaigns from being as requested.
_MISSED = {
    State.UNCONFIRMED: "unconfirmed: their outcome is unknown",
    State.FAILED: "failed",
    State.REJECTED: "rejected",
    State.CONFLICT: "in conflict",
    State.SUPERSEDED: "superseded by another pause",
    State.CANCELLED: "cancelled",
}
_BAD = (State.UNCONFIRMED, State.FAILED)
_WHY = "Below is why, for each."
_REJECTED = "Nothing was sent to those that were rejected: they are as before."
# What the whole bulk waits for.
_WAITS = {
    WaitingFor.NOTHING: "",
    WaitingFor.RETRY: "CXone gives no usable answer. It is retried automatically, every 30 s at the latest.",
    WaitingFor.BUDGET: "All requests that CXone allows in a minute are used. It goes on with the next free ones.",
    WaitingFor.PAUSE_SLOT: "As many pauses as the policy allows at once are in progress. It goes on after those.",
    WaitingFor.OUTCOME: "Everything has been sent. The campaigns are being read back.",
    WaitingFor.TIME: "It waits for its time.",
    WaitingFor.TURN: "Another bulk goes first.",
    WaitingFor.CALLS: "It waits for fewer calls.",
    WaitingFor.TOGETHER: "It waits for its turn.",
    WaitingFor.CALLS_TO_END: "CXone lets calls end first.",
    WaitingFor.READ: "All campaigns are being read from CXone first, to see which ones need a request.",
}


@dataclass(frozen=True, slots=True)
class BulkStory:
    """`happened`, and what it means or what to do, as sentences."""

    tone: Tone
    happened: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a chip shows."""

    tone: Tone
    shape: str
    words: str


def _already(kind: OperationKind) -> str:
    """As a campaign is that needs no such change. Where CXone has no pause, nobody may ever have paused it."""
    if kind == OperationKind.PAUSE and not cxone_can().holds_pauses:
        return STOPPED
    return _DONE[kind]


def effect_on_many(kind: OperationKind, effect: Effect, number: int) -> str:
    """ "12 will be paused." """
    in_the_way = kind == OperationKind.PAUSE and effect == Effect.IN_THE_WAY
    one, several = _PAUSE_IN_THE_WAY if in_the_way else _ON_MANY[effect]
    words = one if number == 1 else several
    return f"{number:,} {words}".format(deed=kind.value, done=_already(kind))


def effect_on_one(kind: OperationKind, expected: Expected) -> str:
    words = _ON_ONE[expected.effect].format(deed=kind.value, done=_already(kind))
    other = expected.in_the_way
    if other is None:
        return words
    joint = ":" if expected.effect == Effect.IN_THE_WAY else ", in place of"
    return f"{words}{joint} the {other.get_kind_display().lower()} by {other.by}"


def campaigns_in_words(number: int) -> str:
    """ "1 campaign", "5,000 campaigns"."""
    return f"{number:,} campaign{'' if number == 1 else 's'}"


def tell_bulk(bulk: Bulk, progress: BulkProgress) -> BulkStory:
    if bulk.ended_at:
        return _ended(bulk, progress)
    if bulk.cancelled_at:
        happened = f"{bulk.cancelled_by} cancelled what had not begun. {_so_far(progress)}"
        return BulkStory(Tone.BUSY, happened, "What has begun runs to its end.")
    if bulk.pending:
        asked = f"{bulk.by} asked to {bulk.kind} {campaigns_in_words(progress.total)}. It waits for a second person."
        return BulkStory(Tone.BUSY, asked, "Nothing is sent before somebody else has approved it.")
    goes_on = "It continues by itself, even if you close this page."
    if not bulk.started_at:
        asked = f"{bulk.by} asked to {bulk.kind} {campaigns_in_words(progress.total)}, and a worker picks it up next."
        return BulkStory(Tone.BUSY, asked, goes_on)
    return BulkStory(Tone.BUSY, _so_far(progress), goes_on)


def bulk_outcome(bulk: Bulk, counts: Mapping[State, int]) -> BulkOutcome:
    """In a word or three, for a list."""
    missed = sum(counts.get(state, 0) for state in _MISSED if state != State.CANCELLED)
    if missed:
        tone = Tone.BAD if any(counts.get(state) for state in _BAD) else Tone.WARNING
        return BulkOutcome(tone, "alert", f"{missed:,} not {_DONE[OperationKind(bulk.kind)]}")
    if not bulk.ended_at:
        return _going_on(bulk)
    cancelled = counts.get(State.CANCELLED)
    if cancelled:
        return BulkOutcome(Tone.QUIET, "slash", f"{cancelled:,} cancelled")
    return BulkOutcome(Tone.GOOD, "check", "Done")


def _going_on(bulk: Bulk) -> BulkOutcome:
    if bulk.cancelled_at:
        return BulkOutcome(Tone.BUSY, "slash", "Being cancelled")
    if bulk.pending:
        return BulkOutcome(Tone.BUSY, "hourglass", WAITS_FOR_SECOND)
    if bulk.started_at:
        return BulkOutcome(Tone.BUSY, "half", "In progress")
    return BulkOutcome(Tone.BUSY, "ring", "Queued")


def wait_in_words(bulk: Bulk) -> str:
    """Why a bulk that hasn't ended is doing nothing now; "" if it is at work."""
    if bulk.ended_at:
        return ""
    return _WAITS[WaitingFor(bulk.waiting_for)]


def _so_far(progress: BulkProgress) -> str:
    done = f"{progress.ended:,} of {campaigns_are(progress.total)} done"
    under_way = progress.begun - progress.ended
    if under_way:
        return f"{done}, {under_way:,} more {'is' if under_way == 1 else 'are'} under way."
    return f"{done}."


def _ended(bulk: Bulk, progress: BulkProgress) -> BulkStory:
    kind = OperationKind(bulk.kind)
    confirmed, skipped = progress.count(State.CONFIRMED), progress.count(State.SKIPPED)
    missed = [f"{progress.count(state):,} {words}" for state, words in _MISSED.items() if progress.count(state)]
    if not missed:
        return BulkStory(Tone.GOOD, _all_done(kind, confirmed, skipped))
    total = f"{campaigns_in_words(progress.total)} {_were(progress.total)}"
    reached = f"{confirmed:,} of {total} read back as {_DONE[kind]}."
    if skipped:
        missed.insert(0, f"{skipped:,} {_NEEDLESS[kind]}")
    return BulkStory(_tone(progress), f"{reached} The others: {join_words(missed)}.", _advice(progress))


def _all_done(kind: OperationKind, confirmed: int, skipped: int) -> str:
    needless = f"{_were(skipped)} {_NEEDLESS[kind]}"
    if not confirmed:
        return f"Nothing had to be done: {campaigns_in_words(skipped)} {needless}."
    read_back = f"{campaigns_in_words(confirmed)} {_were(confirmed)} read back from CXone as {_DONE[kind]}."
    if not skipped:
        return read_back
    return f"{read_back} {skipped:,} {needless}."


def _tone(progress: BulkProgress) -> Tone:
    if progress.count(*_BAD):
        return Tone.BAD
    if progress.count(State.REJECTED, State.CONFLICT):
        return Tone.WARNING
    return Tone.QUIET


def _advice(progress: BulkProgress) -> str:
    if progress.count(State.UNCONFIRMED):
        return "Look at the unconfirmed ones now, here and in CXone: they may still be as before."
    if progress.count(State.REJECTED):
        return f"{_WHY} {_REJECTED}"
    if progress.count(State.FAILED):
        return _WHY
    return ""


def _were(number: int) -> str:
    return "was" if number == 1 else "were"

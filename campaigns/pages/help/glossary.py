"""The words that pages use, and what they mean. Other pages link to a word by its `anchor`."""

from dataclasses import dataclass

from django.utils.text import slugify

from campaigns.dialect import cxone_can


@dataclass(frozen=True, slots=True)
class Word:
    term: str
    meaning: str

    @property
    def anchor(self) -> str:
        return slugify(self.term)


STATES = (
    Word("Dialing", "The campaign is active, and its dialing window is open or it has calls in progress."),
    Word(
        "Waiting for hours",
        "The campaign is active, but its dialing window is closed. It starts to dial by itself when the window opens.",
    ),
    Word("Draining", "The campaign is paused: no new calls are dialed, and the calls in progress are ending."),
    Word("Paused", "The campaign places no calls until somebody resumes it, whatever its dialing window says."),
    Word(
        "State unknown",
        "CXone has not answered for a while. The page shows what it last reported, in grey, and says from when it is.",
    ),
)
OUTCOMES = (
    Word("Confirmed", "CXone accepted the change, and afterwards the campaign was read back as you asked for it."),
    Word(
        "Accepted, not yet seen",
        "CXone accepted the change, but the campaign does not show it yet. It is read again until it does.",
    ),
    Word(
        "Waits for a second person",
        "Somebody else has to approve it before it is sent, because the policy says so. A pause never waits.",
    ),
    Word("Lapsed", "It waited for a second person, and nobody approved it in time. Nothing was sent."),
    Word("Skipped: already so", "The campaign was already paused, or already active. Nothing was sent."),
    Word(
        "Rejected",
        "More calls were in progress than the limit allows for a pause. Nothing was sent. Wait until fewer are in "
        "progress, or use a reason that overrides the limit.",
    ),
    Word("Failed", "CXone refused the change, or could not be reached for as long as the policy keeps trying."),
    Word(
        "Unconfirmed",
        "CXone may have carried out the change, but nobody could read it back in time. Look at the campaign in CXone.",
    ),
    Word("Conflict", "Somebody changed the same hours in CXone meanwhile. You choose which of the two apply."),
    Word("Cancelled", "It was called off before anything was sent."),
    Word("Superseded by a pause", "A pause took its place. A pause always wins over a resume or a change of hours."),
    Word("Overridden", "The pause went ahead although more calls were in progress than the limit. It is on record."),
)
THINGS = (
    Word("Operation", "One pause, one resume or one change of dialing hours, with every step and its outcome."),
    Word("Bulk", "One request to pause or resume many campaigns. Each campaign gets an operation of its own."),
    Word(
        "Limit",
        "How many calls may be in progress when a campaign is paused. A person who answers just as a campaign stops "
        "may find no agent free, so a pause above the limit is rejected unless its reason overrides that.",
    ),
    Word(
        "Reason",
        "Why somebody pauses or resumes. It goes on record with your name. Some reasons, such as Emergency, override "
        "the limit.",
    ),
    Word("Dialing window", "The days and hours in which a campaign may dial, in its own time zone."),
    Word("Calling hours", "The hours in which the law allows calls. Dialing windows are checked against them."),
    Word("Holiday calendar", "Days or hours on which campaigns must not dial."),
    Word(
        "Holiday guard",
        "Pauses the campaigns of a calendar when a holiday begins, and resumes what it paused when the holiday ends. "
        "A calendar without the guard only warns.",
    ),
    Word(
        "Compliance hold",
        "A reviewer or an admin keeps a campaign from being resumed, and its hours from being changed, by "
        "anybody, until the hold is lifted or its time is over. A pause is always allowed.",
    ),
    Word("Changed in CXone", "Somebody paused, resumed or changed the campaign in CXone itself, not here."),
    Word("Came back", "A campaign dials again although it was paused here and nobody here resumed it."),
    Word(
        "Finding",
        "A fact about a campaign that somebody should act on. It stays until its cause is gone or it is dismissed.",
    ),
    Word(
        "Audit",
        "The record of everything that was done and seen. Records are chained: one that is changed or removed later "
        "shows up when they are verified.",
    ),
    Word(
        "WFM notice",
        "What the workforce-management system is sent when a campaign is paused, resumed or gets other hours.",
    ),
)
_ONLY_STOPS = Word(
    "Paused",
    "The campaign was stopped from here. CXone has no pause: a schedule, a list upload, a script or a person in CXone "
    "may start it again.",
)
_STOPPED = Word("Stopped", "The campaign doesn’t run, and nobody here has paused it. It may never have run.")
_TAKEN_BACK = Word(
    "Superseded by a resume",
    "CXone had accepted the pause and let calls end first. Somebody resumed the campaign before that was over.",
)


def glossary() -> tuple[tuple[str, tuple[Word, ...]], ...]:
    """As what CXone can do makes them."""
    states: tuple[Word, ...] = STATES
    outcomes: tuple[Word, ...] = OUTCOMES
    if not cxone_can().holds_pauses:
        states = (*(_ONLY_STOPS if word.term == _ONLY_STOPS.term else word for word in STATES), _STOPPED)
    if not cxone_can().pauses_at_once:
        outcomes = (*OUTCOMES, _TAKEN_BACK)
    return (
        ("What a campaign is doing", states),
        ("How an operation ends", outcomes),
        ("Everything else", THINGS),
    )

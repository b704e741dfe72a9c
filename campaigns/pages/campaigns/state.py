"""What a campaign does now, as a sentence. Pure."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.dialect import cxone_can, word_of_status
from campaigns.dialing import LABELS, LOOKS, DialingState, state_of
from campaigns.models import Campaign, Control
from campaigns.operations.labels import describe_control
from campaigns.operations.phrases import calls as calls_in_words
from campaigns.schedule import Opening, is_unscheduled, next_start
from campaigns.schedule.clock_face import time_of_day
from campaigns.schedule.due_times import abbreviation_of
from campaigns.states import status_word

MINUTE, HOUR = 60, 3600
# A change that is nearer than this is said as the time until then, too.
SOON_HOURS = 12


@dataclass(frozen=True, slots=True)
class StateSentence:
    """`headline` in a word or three, as a chip has it; `rest`: what goes with it."""

    headline: str
    tone: str
    shape: str
    rest: str


def describe_state(campaign: Campaign, window: Opening, now: datetime, *, limit: int) -> StateSentence:
    """`window`: when it may dial."""
    status = None if campaign.gone_at else campaign.status
    state = state_of(status, campaign.active_calls, is_open=window.known_open)
    rest = _rest(state, campaign, window, f"{calls_in_words(campaign.active_calls)} (limit {limit:,})", now)
    headline = LABELS[state]
    if state == DialingState.OTHER or is_only_stopped(campaign, state):
        headline = word_of_status(campaign.status) or "no status"
    return StateSentence(_capitalized(headline), *LOOKS[state], f"{_capitalized(rest)}.")


def state_word(campaign: Campaign, state: DialingState) -> str:
    """`state` in a word or three, where there is no room for the sentence."""
    if state == DialingState.OTHER:
        return status_word(campaign.status).capitalize() or "No status"
    if is_only_stopped(campaign, state):
        return word_of_status(campaign.status).capitalize()
    return "Waiting" if state == DialingState.WAITING else LABELS[state]


def is_only_stopped(campaign: Campaign, state: DialingState) -> bool:
    """Nobody here has paused it, and CXone, which has no pause, doesn't tell why it doesn't run: it may never have."""
    return state == DialingState.PAUSED and campaign.control != Control.PERSON and not cxone_can().holds_pauses


def _rest(state: DialingState, campaign: Campaign, window: Opening, calls: str, now: datetime) -> str:
    if state == DialingState.GONE:
        return "this is what was last known of it"
    if state == DialingState.DRAINING:
        return f"paused {describe_control(campaign)}; {calls_in_words(campaign.active_calls)} left"
    if state == DialingState.PAUSED:
        return describe_control(campaign)
    if state == DialingState.OTHER:
        return calls
    if state == DialingState.WAITING:
        return _hours(window, now)
    outside = " although its window is closed;" if window.known_open is False else ","
    hours = "without hours in CXone" if is_unscheduled(campaign.schedule) else _hours(window, now)
    return f"{calls}{outside} {hours}"


def _capitalized(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _hours(window: Opening, now: datetime) -> str:
    """ "open until 20:00 AKST, in 3 h 27 min"."""
    if window.problem:
        return f"{'open, ' if window.is_open else ''}{window.problem}"
    if window.changes_at is None:
        return "open all week" if window.is_open else "no window in the week ahead"
    at = window.changes_at
    day = "" if at.date() == now.astimezone(at.tzinfo).date() else f"{at:%a} "
    clock = f"{day}{time_of_day(at)} {abbreviation_of(at)}"
    seconds = (at - now).total_seconds()
    soon = f", in {duration(seconds)}" if seconds < SOON_HOURS * HOUR else ""
    return f"{'open until' if window.is_open else 'opens'} {clock}{soon}"


def start_again(campaign: Campaign, now: datetime) -> str:
    """When its schedule may start it again, though it is paused: "Its schedule may start it again Mon 08:00 EST.";
    "" where a pause holds, or no window is to come."""
    at = None if cxone_can().holds_pauses else next_start(campaign.schedule, now)
    return f"Its schedule may start it again {at:%a} {time_of_day(at)} {abbreviation_of(at)}." if at else ""


def start_before(campaign: Campaign, until: datetime, now: datetime) -> str:
    """The same, if that is before a pause is to end."""
    at = next_start(campaign.schedule, now)
    return start_again(campaign, now) if at is not None and at < until else ""


def duration(seconds: float) -> str:
    """ "3 h 27 min", "27 min", "less than a minute"."""
    hours, minutes = divmod(int(seconds) // MINUTE, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"

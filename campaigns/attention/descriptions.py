"""Findings in words that a supervisor understands: what was found, and what to do next. Pure.

Times are said in the campaign's zone, as the people who call from it see them on their clocks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from campaigns.dialect import how_started, word_of_status
from campaigns.holidays.dates import hours_in_words
from campaigns.models import Campaign, Finding, FindingCode, OperationKind
from campaigns.policy.holds import stops
from campaigns.schedule.clock_face import date_in_words, time_of_day
from campaigns.schedule.due_times import abbreviation_of, shown_in
from campaigns.states import ACTIVE, State, describe_at_rest, without_campaign_id

BAD, WARNING = "bad", "warning"
_ALARMING = (
    FindingCode.DIALING_ON_HOLD,
    FindingCode.CAME_BACK,
    FindingCode.CALLS_OUTSIDE_HOURS,
    FindingCode.DIALING_ON_HOLIDAY,
    FindingCode.OPERATION_UNCONFIRMED,
    FindingCode.OPERATION_FAILED,
)
_SHAPES = {
    FindingCode.OPERATION_FAILED: "cross",
    FindingCode.SCHEDULE_CONFLICT: "clash",
    FindingCode.CHANGED_IN_CXONE: "diamond",
    FindingCode.OPERATION_STUCK: "hourglass",
    FindingCode.PAUSED_TOO_LONG: "hourglass",
    FindingCode.NO_CALENDAR_NEXT_YEAR: "ring",
}
_ENDED = {
    State.FAILED: "failed",
    State.REJECTED: "was rejected",
    State.UNCONFIRMED: "was not confirmed",
    State.CANCELLED: "was cancelled",
}


@dataclass(frozen=True, slots=True)
class FindingDescription:
    """`label`: a word or three, for a list. `why` and `next`: sentences. `tone` and `shape` as chips have them."""

    label: str
    tone: str
    shape: str
    why: str
    next: str


def describe_finding(finding: Finding, campaign: Campaign | None = None) -> FindingDescription:
    """`finding` in words. `campaign`: its campaign, if the caller has read it already."""
    about = campaign if campaign is not None else finding.campaign
    code = FindingCode(finding.code)
    why, what_next = _DESCRIBERS[code](finding, about)
    return FindingDescription(
        label=label_of_finding(code, finding.details),
        tone=_tone_of(code, finding.details),
        shape=_SHAPES.get(code, "alert"),
        why=why,
        next=what_next,
    )


def label_of_finding(code: FindingCode, details: Mapping[str, Any]) -> str:
    """In a word or three: "Pause failed", "Calls outside hours"."""
    if code in {FindingCode.OPERATION_FAILED, FindingCode.OPERATION_UNCONFIRMED}:
        return f"{_kind_of(details).label} {_ENDED[State(details['state'])].removeprefix('was ')}"
    if code == FindingCode.NO_CALENDAR_NEXT_YEAR:
        return f"No holidays for {details['year']}"
    return code.label


def _tone_of(code: FindingCode, details: Mapping[str, Any]) -> str:
    # What was rejected did what the policy says: it must be seen, and nothing has broken.
    if code in _ALARMING and details.get("state") != State.REJECTED:
        return BAD
    return WARNING


def _dialing_on_hold(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    details = finding.details
    placed = _at(_moment(details["placed_at"]), campaign)
    why = (
        f"{details['by']} put it on hold {placed} (“{details['reason']}”), and CXone shows it dialing"
        f"{'' if finding.since <= _moment(details['placed_at']) else f' since {_at(finding.since, campaign)}'}."
    )
    return why, _stop_it(campaign, "Then find out who or what starts it in CXone: nobody can resume it from here.")


def _came_back(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    how = f"; {started}" if (started := how_started(ACTIVE)) else ""
    return (
        f"It was paused from here, nobody here resumed it, and CXone shows it dialing again since "
        f"{_at(finding.since, campaign)}{how}.",
        "Find out who or what resumes it in CXone. Then pause it again, or let it dial.",
    )


def _outside_hours(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    calls, details = _calls(finding, campaign), finding.details
    closed = f" since {_at(_moment(details['closed_at']), campaign)}" if details.get("closed_at") else ""
    if details.get("rule"):
        why = f"{calls} in progress, and “{details['rule']}” allows no calls there{closed}."
    elif closed:
        why = f"{calls} in progress, and its dialing window has been closed{closed}."
    else:
        why = f"{calls} in progress, and its schedule has no dialing window."
    return why, _stop_it(campaign, "Then check in CXone why it is dialing now.")


def _on_holiday(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    details = finding.details
    hours = details.get("hours")
    when = f" ({hours_in_words((hours[0], hours[1]))})" if hours else ""
    if campaign is not None and campaign.active_calls:
        goes_on = f"{_calls(finding, campaign)} in progress"
    else:
        goes_on = "its dialing window is open"
    why = f"{details['holiday']}{when} is a restricted day in its calendar {details['calendar']}, and {goes_on}."
    return why, _stop_it(campaign, "Pause with an end, and it resumes by itself.")


def _over_limit(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    limit = finding.details["limit"]
    why = f"{_calls(finding, campaign)} in progress, over its limit of {limit:,} since {_at(finding.since, campaign)}."
    if campaign is not None and campaign.is_paused:
        return why, "It is paused, and its calls aren’t ending: look at it in CXone."
    return (
        why,
        "An ordinary pause is rejected until fewer calls are in progress. To stop it sooner, pause it with a reason "
        "that overrides the limit.",
    )


def _ended_badly(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    details = finding.details
    state, kind = State(details["state"]), _kind_of(details)
    error = without_campaign_id(details.get("error", ""), finding.campaign_id or "")
    why = f"The {kind.label.lower()} requested by {details['by']} {_ENDED[state]}{f': {error}' if error else '.'}"
    if campaign is not None and campaign.is_at_rest and kind != OperationKind.SCHEDULE:
        return why, f"{describe_at_rest(campaign.status)} If that is right, dismiss this."
    if state == State.UNCONFIRMED:
        return why, "Look at the campaign in CXone: it may or may not be as requested. Then try again."
    if campaign is not None and stops(kind, campaign):
        return why, "It is on hold: ask for the hold to be lifted, then try again."
    if state == State.REJECTED:
        return why, "See what prevented it, then try again."
    return why, "See why, then try again."


def _taking_too_long(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    details, since = finding.details, _at(finding.since, campaign)
    return (
        f"The {_kind_of(details).label.lower()} requested by {details['by']} has been in progress since {since}.",
        "See what it waits for. Until it ends, check in CXone what the campaign is doing.",
    )


def _conflict(finding: Finding, _: Campaign | None) -> tuple[str, str]:
    return (
        f"The new hours requested by {finding.details['by']} clash with what others changed in CXone. "
        "Nothing was sent.",
        "Choose which hours are to apply.",
    )


def _changed(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    at, status = _at(finding.since, campaign), finding.details.get("status")
    hours = finding.details.get("schedule")
    if status:
        before, after = (_status(value) for value in status)
        also = ", its hours too," if hours else ""
        why = f"It was {before}, and has been {after} in CXone since {at}{also}; no operation from here explains it."
        if how := how_started(status[1]):
            why = f"It was {before}, and has been running since {at}{also}; {how}."
    else:
        why = f"Its dialing hours were changed in CXone at {at}; no operation from here explains it."
    return why, "Check whether this was intended. If not, put it right; if so, dismiss this."


def _paused_too_long(finding: Finding, campaign: Campaign | None) -> tuple[str, str]:
    details = finding.details
    if details.get("until"):
        why = f"Its pause was to end {_at(_moment(details['until']), campaign)}, and it is still paused."
        return why, "Resume it, or dismiss this with a note on why it stays paused."
    why = f"{details['by']} paused it {_at(finding.since, campaign)} without an end."
    return why, "Ask whether it should still be paused. Resume it, or dismiss this with a note on why it stays."


def _no_calendar(finding: Finding, _: Campaign | None) -> tuple[str, str]:
    year, number = finding.details["year"], finding.details["campaigns"]
    campaigns = "1 campaign goes" if number == 1 else f"{number:,} campaigns go"
    return (
        f"It restricts days in {year - 1} and none in {year}, and {campaigns} by it.",
        f"Add or import the holidays of {year}.",
    )


_DESCRIBERS: dict[FindingCode, Callable[[Finding, Campaign | None], tuple[str, str]]] = {
    FindingCode.DIALING_ON_HOLD: _dialing_on_hold,
    FindingCode.CAME_BACK: _came_back,
    FindingCode.CALLS_OUTSIDE_HOURS: _outside_hours,
    FindingCode.DIALING_ON_HOLIDAY: _on_holiday,
    FindingCode.OPERATION_UNCONFIRMED: _ended_badly,
    FindingCode.OPERATION_FAILED: _ended_badly,
    FindingCode.OPERATION_STUCK: _taking_too_long,
    FindingCode.CALLS_OVER_LIMIT: _over_limit,
    FindingCode.SCHEDULE_CONFLICT: _conflict,
    FindingCode.CHANGED_IN_CXONE: _changed,
    FindingCode.PAUSED_TOO_LONG: _paused_too_long,
    FindingCode.NO_CALENDAR_NEXT_YEAR: _no_calendar,
}


def _stop_it(campaign: Campaign | None, then: str) -> str:
    if campaign is not None and not campaign.may_be_paused:
        return "It no longer dials: watch its calls end, or end them in CXone."
    return f"Pause it now. {then}"


def _calls(finding: Finding, campaign: Campaign | None) -> str:
    """ "1 call is", "37 calls are": of an open finding as last counted, of an ended one as it was."""
    number = finding.details.get("calls", 0)
    if finding.ended_at is None and campaign is not None:
        number = campaign.active_calls
    return "1 call is" if number == 1 else f"{number:,} calls are"


def _kind_of(details: Mapping[str, Any]) -> OperationKind:
    return OperationKind(details["kind"])


def _status(value: str) -> str:
    return word_of_status(value) or "without a status"


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def _at(at: datetime, campaign: Campaign | None) -> str:
    """ "Fri 27 Nov 20:00 EST", with the year if it is another than now's."""
    local = shown_in(at, campaign.timezone if campaign is not None else "")
    day = date_in_words(local, this_year=timezone.now().astimezone(local.tzinfo).year)
    return f"{day} {time_of_day(local)} {abbreviation_of(local)}"

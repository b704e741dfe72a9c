"""Rows of a campaign's history in words. Pure."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from campaigns.dialect import how_started, word_of_status
from campaigns.history.entries import HistoryEntry, HistoryKind, Place
from campaigns.models import (
    CalendarAssignment,
    CalendarChange,
    CalendarDeed,
    CampaignChange,
    Drain,
    Finding,
    FindingCode,
    FindingEnd,
    Hold,
    HoldEnd,
    Operation,
    OperationKind,
    Seen,
)
from campaigns.models.drain import DrainEnd
from campaigns.operations.descriptions import describe
from campaigns.operations.labels import Tone, asker_of, is_taken_back, label_of, tone_of
from campaigns.operations.phrases import calls
from campaigns.schedule.clock_face import date_in_words
from campaigns.schedule.due_times import in_words
from campaigns.schedule.in_words import PartChange, changed_days
from campaigns.states import BAD_ENDS, OPEN, State

_DONE = {
    OperationKind.PAUSE: ("Paused", "bars"),
    OperationKind.RESUME: ("Resumed", "play"),
    OperationKind.SCHEDULE: ("Hours changed", "check"),
}
_DEED = {OperationKind.PAUSE: "Pause", OperationKind.RESUME: "Resume", OperationKind.SCHEDULE: "Change of hours"}
_ENDED = {
    State.SKIPPED: ("skipped: already so", "skip"),
    State.REJECTED: ("rejected", "stop"),
    State.CONFLICT: ("in conflict", "clash"),
    State.FAILED: ("failed", "cross"),
    State.UNCONFIRMED: ("not confirmed", "alert"),
    State.CANCELLED: ("cancelled", "slash"),
    State.SUPERSEDED: ("superseded by a pause", "skip"),
}


def of_operation(operation: Operation, place: Place, labels: dict[str, str]) -> HistoryEntry:
    """`labels`: of reason codes."""
    kind, state = OperationKind(operation.kind), State(operation.state)
    if state == State.CONFIRMED:
        what, shape = _DONE[kind]
    elif state in OPEN:
        what, shape = f"{_DEED[kind]}: {_uncapitalized(label_of(operation))}", "half"
    else:
        end, shape = _ENDED[state]
        if is_taken_back(operation):
            end = "superseded by a resume"
        what = f"{_DEED[kind]} {end}"
    return HistoryEntry(
        place=place,
        kind=HistoryKind.HOURS if kind == OperationKind.SCHEDULE else HistoryKind.DIALING,
        what=what,
        tone=tone_of(operation),
        shape=shape,
        by=asker_of(operation),
        why=labels.get(operation.reason, operation.reason),
        note=operation.note,
        detail=_detail_of(operation, state),
        changes=_changes_by(operation),
        operation=operation.pk,
        bulk=operation.bulk.pk if operation.bulk else None,
        campaigns=operation.bulk.number if operation.bulk else 0,
        records=urlencode({"operation": operation.pk}),
    )


def _detail_of(operation: Operation, state: State) -> str:
    if state in BAD_ENDS or state in {State.CANCELLED, State.SUPERSEDED}:
        return describe(operation).happened
    before, limit = operation.calls_before, operation.calls_limit
    if operation.kind != OperationKind.PAUSE or before is None or limit is None:
        return ""
    if before > limit and operation.override:
        return f"{calls(before)} in progress, over the limit of {limit:,}. That was overridden."
    return f"{calls(before)} in progress, limit {limit:,}."


def _changes_by(operation: Operation) -> tuple[PartChange, ...]:
    if operation.kind != OperationKind.SCHEDULE:
        return ()
    payload = operation.payload
    if operation.applied is not None and "replaced" in payload:
        return tuple(changed_days(payload["replaced"], operation.applied))
    return tuple(changed_days(payload.get("base"), payload.get("ours")))


def of_change(change: CampaignChange, place: Place) -> HistoryEntry:
    what, changes = _WORDS_OF[Seen(change.what)](change)
    late = change.operation
    if late:
        what = f"Took effect late: {_uncapitalized(what)}"
    elif change.what not in {Seen.APPEARED, Seen.GONE}:
        what = f"Changed in CXone: {_uncapitalized(what)}"
    return HistoryEntry(
        place=place,
        kind=HistoryKind.CXONE,
        what=what,
        tone=Tone.QUIET if change.what == Seen.APPEARED else Tone.WARNING,
        shape="diamond",
        by=late.by if late else "",
        detail=_seen(change),
        changes=changes,
        operation=late.pk if late else None,
        records=_records_of(change),
    )


def _status(change: CampaignChange) -> tuple[str, tuple[PartChange, ...]]:
    return f"{_status_word(change.before)} → {_status_word(change.after)}", ()


def _status_word(status: Any) -> str:  # noqa: ANN401
    return word_of_status(str(status or "")) or "no status"


def _schedule(change: CampaignChange) -> tuple[str, tuple[PartChange, ...]]:
    return "Dialing hours", tuple(changed_days(change.before or {}, change.after or {}))


def _name(change: CampaignChange) -> tuple[str, tuple[PartChange, ...]]:
    return "Name", (PartChange("Name", [str(change.before)], [str(change.after)]),)


def _appeared(change: CampaignChange) -> tuple[str, tuple[PartChange, ...]]:
    status = (change.after or {}).get("status")
    suffix = f", {word_of_status(str(status))}" if status else ""
    first = "Appeared in CXone" if change.happened_after else "First seen in CXone"
    return f"{first}{suffix}", ()


def _gone(_: CampaignChange) -> tuple[str, tuple[PartChange, ...]]:
    return "No longer in CXone", ()


_WORDS_OF = {
    Seen.STATUS: _status,
    Seen.SCHEDULE: _schedule,
    Seen.NAME: _name,
    Seen.APPEARED: _appeared,
    Seen.GONE: _gone,
}
_RECORDED_AS = {
    Seen.STATUS: "campaign.changed_outside",
    Seen.SCHEDULE: "campaign.changed_outside",
    Seen.APPEARED: "campaign.appeared",
    Seen.GONE: "campaign.disappeared",
}
# Seconds between two reads that need no mention: they are the usual ones.
_SOON = 120


def _seen(change: CampaignChange) -> str:
    """Who may have done it, where CXone doesn't tell, and when."""
    found = [_seen_when(change)]
    if change.what == Seen.STATUS and not change.operation_id and (how := how_started(str(change.after or ""))):
        found.insert(0, f"{_capitalized(how.removeprefix('changed in CXone: '))}.")
    return " ".join(filter(None, found))


def _seen_when(change: CampaignChange) -> str:
    """How long before it was seen it may have happened, where that is long."""
    if change.happened_after is None or change.operation_id:
        return ""
    seconds = (change.seen_at - change.happened_after).total_seconds()
    if seconds <= _SOON:
        return ""
    return f"It may have happened up to {_duration(seconds)} before: CXone was not read meanwhile."


def _records_of(change: CampaignChange) -> str:
    if change.operation_id:
        return urlencode({"operation": change.operation_id})
    is_first_read = change.what == Seen.APPEARED and change.happened_after is None
    if change.what not in _RECORDED_AS or is_first_read:
        return ""
    return urlencode({"campaign": change.campaign_id, "kind": _RECORDED_AS[Seen(change.what)]})


def of_drain(drain: Drain, place: Place) -> HistoryEntry:
    took, ended = _duration(drain.seconds or 0), drain.calls_ended or 0
    if not drain.calls_at_start:
        what = "No call was in progress"
    elif drain.end == DrainEnd.EMPTY:
        what = f"Last call ended after {took}"
    elif drain.end == DrainEnd.RESUMED:
        what = "Dialing again before the last call had ended"
    else:
        what = f"{calls(drain.calls_at_end or 0)} still in progress after {took}"
    return HistoryEntry(
        place=place,
        kind=HistoryKind.DRAINS,
        what=what,
        tone=Tone.QUIET if drain.end == DrainEnd.EMPTY else Tone.WARNING,
        shape="check" if drain.end == DrainEnd.EMPTY else "hourglass",
        detail=f"{ended:,} of {calls(drain.calls_at_start)} had ended." if drain.calls_at_start else "",
        operation=drain.pk,
        records=urlencode({"operation": drain.pk}),
    )


def of_opened(finding: Finding, place: Place) -> HistoryEntry:
    return HistoryEntry(
        place=place,
        kind=HistoryKind.FINDINGS,
        what=f"Needs you: {_uncapitalized(_title_of(finding))}",
        tone=Tone.WARNING,
        shape="alert",
    )


def of_ended(finding: Finding, place: Place) -> HistoryEntry:
    is_dismissed = finding.end == FindingEnd.DISMISSED
    cause = f"{FindingEnd(finding.end).label}." if finding.end else ""
    return HistoryEntry(
        place=place,
        kind=HistoryKind.FINDINGS,
        what=f"{'Dismissed' if is_dismissed else 'Settled'}: {_uncapitalized(_title_of(finding))}",
        shape="slash" if is_dismissed else "check",
        by=finding.ended_by,
        note=finding.note,
        detail="" if is_dismissed else cause,
    )


def _title_of(finding: Finding) -> str:
    return FindingCode(finding.code).label


def of_placed(hold: Hold, place: Place, zone: str) -> HistoryEntry:
    """`zone`: the campaign's."""
    return HistoryEntry(
        place=place,
        kind=HistoryKind.HOLDS,
        what=f"Put on hold until {in_words(hold.until, zone)}" if hold.until else "Put on hold",
        tone=Tone.WARNING,
        shape="lock",
        by=hold.placed_by,
        note=hold.reason,
        records=urlencode({"campaign": hold.campaign_id, "kind": "hold.placed"}),
    )


def of_hold_end(hold: Hold, place: Place) -> HistoryEntry:
    is_lifted = hold.end == HoldEnd.LIFTED
    return HistoryEntry(
        place=place,
        kind=HistoryKind.HOLDS,
        what="Hold lifted" if is_lifted else "Hold ended: its time was over",
        shape="lock",
        by=hold.lifted_by,
        note=hold.lifted_reason,
        records=urlencode({"campaign": hold.campaign_id, "kind": "hold.lifted" if is_lifted else "hold.ended"}),
    )


def of_assigned(assignment: CalendarAssignment, place: Place) -> HistoryEntry:
    return _holiday(place, f"Got the holiday calendar {assignment.calendar_name}", assignment.by)


def of_unassigned(assignment: CalendarAssignment, place: Place) -> HistoryEntry:
    return _holiday(place, f"No longer has the holiday calendar {assignment.calendar_name}", assignment.until_by)


def of_calendar(change: CalendarChange, place: Place) -> HistoryEntry:
    details = change.details
    detail = f"In the calendar {change.calendar_name}."
    changes: tuple[PartChange, ...] = ()
    match CalendarDeed(change.did):
        case CalendarDeed.ADDED:
            what = f"Holiday added: {_recorded_holiday(details.get('after'))}"
        case CalendarDeed.REMOVED:
            what = f"Holiday removed: {_recorded_holiday(details.get('before'))}"
        case CalendarDeed.CHANGED:
            what = "Holiday changed"
            before, after = (_recorded_holiday(details.get(side)) for side in ("before", "after"))
            changes = (PartChange("Holiday", [before], [after]),)
        case CalendarDeed.IMPORTED:
            what = f"Holidays imported: {details.get('added', 0)} added, {details.get('removed', 0)} removed"
        case CalendarDeed.GUARD_ON:
            what = "Holiday guard turned on"
        case CalendarDeed.GUARD_OFF:
            what = "Holiday guard turned off"
        case CalendarDeed.DELETED:
            what, detail = f"Holiday calendar {change.calendar_name} deleted", ""
        case _:
            what, changes = "Holiday calendar changed", _settings(details)
    return _holiday(place, what, change.by, detail=detail, changes=changes)


def _recorded_holiday(recorded: object) -> str:
    """ "Fri 25 Dec 2026 Christmas Day", of "2026-12-25 Christmas Day" on record."""
    day, _, rest = str(recorded).partition(" ")
    try:
        return f"{date_in_words(date.fromisoformat(day))} {rest}"
    except ValueError:
        return str(recorded)


def _settings(details: dict[str, Any]) -> tuple[PartChange, ...]:
    before, after = details.get("before") or {}, details.get("after") or {}
    names = {"name": "Name", "zone": "Time zone"}
    return tuple(
        PartChange(label, [str(before.get(name) or "none")], [str(after.get(name) or "none")])
        for name, label in names.items()
        if before.get(name) != after.get(name)
    )


def _holiday(place: Place, what: str, by: str, **rest: Any) -> HistoryEntry:
    return HistoryEntry(place=place, kind=HistoryKind.HOLIDAYS, what=what, shape="ring", by=by, **rest)


def _capitalized(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _uncapitalized(text: str) -> str:
    return text if text.startswith("CXone") else f"{text[:1].lower()}{text[1:]}"


def _duration(seconds: float) -> str:
    """ "45 s", "2 min 10 s", "3 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"

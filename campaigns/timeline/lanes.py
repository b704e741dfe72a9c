"""From facts to one axis: what a campaign's state, calls and hours were at each moment of a range. Pure.

Two readings of the same facts: *as it was* puts a change where it happened, as far as that is known; *as known then*
puts it where a read of CXone first showed it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.dialing import DialingState, state_of
from campaigns.schedule import DAYS, HolidayOn, HoursRule, open_between
from campaigns.timeline.paths import CallsRun, Sample, TimeSpan, runs_of

_DAY = timedelta(days=1)


# Nobody knows what a campaign did: CXone wasn't read.
UNKNOWN = "unknown"
_WORDS = {
    DialingState.DIALING: "dialing",
    DialingState.WAITING: "waiting for hours",
    DialingState.DRAINING: "paused, calls ending",
    DialingState.PAUSED: "paused",
    DialingState.GONE: "not in CXone",
}


class LaneKind(StrEnum):
    """What a stretch beside the state is about. HOLD: a compliance hold."""

    HOURS = "hours"
    HOLIDAY = "holiday"
    LAW = "law"
    HOLD = "hold"


class LaneStretch(NamedTuple):
    begins: datetime
    ends: datetime
    what: str
    words: str = ""


class LaneMark(NamedTuple):
    """An operation, or a change in CXone, at one moment. `tone` and `shape`: as chips have them."""

    at: datetime
    words: str
    tone: str
    shape: str
    operation: UUID | None = None


class HoldSpan(NamedTuple):
    """A compliance hold. `ends`: None while it is in force."""

    begins: datetime
    ends: datetime | None
    words: str


class Change(NamedTuple):
    """Of a status or a schedule. `before` and `after`: None where the campaign wasn't in CXone."""

    seen_at: datetime
    happened_at: datetime
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """Of one campaign. Changes: oldest first, all those since the range begins; before the first of them it was as
    that says, and without one as it is now. `known_since`: when anything was first kept; None: never."""

    status: str | None
    schedule: dict[str, Any]
    zone: ZoneInfo | None
    statuses: Sequence[Change] = ()
    schedules: Sequence[Change] = ()
    samples: Sequence[Sample] = ()
    gaps: Sequence[TimeSpan] = ()
    rule: HoursRule | None = None
    holidays: Sequence[HolidayOn] = ()
    marks: Sequence[LaneMark] = ()
    holds: Sequence[HoldSpan] = ()
    known_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lanes:
    """One campaign between two moments. `known_until`: where the present, or the range, ends."""

    states: list[LaneStretch]
    runs: list[CallsRun]
    sides: dict[LaneKind, list[LaneStretch]]
    marks: list[LaneMark]
    known_until: datetime
    most: int = 0

    def state_at(self, at: datetime) -> LaneStretch | None:
        """None: it is still to come."""
        place = bisect_right(self.states, at, key=lambda stretch: stretch.begins) - 1
        if place < 0 or at >= self.states[place].ends:
            return None
        return self.states[place]

    def calls_at(self, at: datetime) -> int | None:
        """None: they weren't counted."""
        return calls_in(self.runs, at)


def lanes_of(
    facts: CampaignFacts, since: datetime, until: datetime, now: datetime, *, as_known: bool = False
) -> Lanes:
    known_until = min(until, max(now, since))
    statuses = _pieces(facts.statuses, facts.status, since, known_until, as_known=as_known)
    schedules = _pieces(facts.schedules, facts.schedule, since, until, as_known=as_known)
    runs = runs_of(facts.samples, facts.gaps, since, known_until) if since < known_until else []
    hours = _hours(schedules)
    unknown = _unknown(facts, since, known_until)
    return Lanes(
        states=list(_states(statuses, hours, runs, unknown)),
        runs=runs,
        sides={
            LaneKind.HOURS: hours,
            LaneKind.HOLIDAY: list(_holidays(facts, since, until)),
            LaneKind.LAW: list(_outside_law(facts, since, until)),
            LaneKind.HOLD: list(_holds(facts, since, known_until)),
        },
        marks=[mark for mark in facts.marks if since <= mark.at < until],
        known_until=known_until,
        most=max((max(calls for _, calls in run.samples) for run in runs), default=0),
    )


def calls_in(runs: Sequence[CallsRun], at: datetime) -> int | None:
    run = next((run for run in runs if run.samples[0][0] <= at < run.until), None)
    if run is None:
        return None
    place = bisect_right(run.samples, at, key=lambda sample: sample[0]) - 1
    return run.samples[place][1]


class _Piece(NamedTuple):
    begins: datetime
    ends: datetime
    value: Any


def _pieces(
    changes: Sequence[Change], now_value: object, since: datetime, until: datetime, *, as_known: bool
) -> list[_Piece]:
    """What held when: each change ends one piece and begins the next."""
    moved = [(change.seen_at if as_known else change.happened_at, change) for change in changes]
    moved.sort(key=lambda pair: pair[0])
    value = moved[0][1].before if moved else now_value
    pieces, begins = [], since
    for at, change in moved:
        if at >= until:
            break
        if at > begins:
            pieces.append(_Piece(begins, at, value))
        begins, value = max(at, since), change.after
    if begins < until:
        pieces.append(_Piece(begins, until, value))
    return pieces


def _hours(schedules: Iterable[_Piece]) -> list[LaneStretch]:
    """When the schedule in force was open, and of which time nobody can say."""
    found: list[LaneStretch] = []
    for begins, ends, schedule in schedules:
        opened = open_between(schedule or {}, begins, ends)
        if opened is None:
            found.append(LaneStretch(begins, ends, UNKNOWN, "hours unknown"))
            continue
        for start, end in opened:
            if found and found[-1].ends == start and found[-1].what == "open":
                found[-1] = found[-1]._replace(ends=end)
            else:
                found.append(LaneStretch(start, end, "open", "open"))
    return found


def _unknown(facts: CampaignFacts, since: datetime, until: datetime) -> list[TimeSpan]:
    """When nothing was read, and all that was before anything was kept."""
    begins = facts.known_since or until
    before = [(since, min(begins, until))] if since < begins else []
    return [*before, *((max(a, since), min(b, until)) for a, b in facts.gaps if a < until and b > since)]


def _states(
    statuses: Sequence[_Piece], hours: Sequence[LaneStretch], runs: Sequence[CallsRun], unknown: Sequence[TimeSpan]
) -> Iterable[LaneStretch]:
    """One after the other, without a gap between them."""
    if not statuses:
        return
    since, until = statuses[0].begins, statuses[-1].ends
    edges = {since, until, *(piece.begins for piece in statuses)}
    for span in (*unknown, *((stretch.begins, stretch.ends) for stretch in hours)):
        edges.update(span)
    for run in runs:
        edges.update((run.samples[0][0], run.until), _zero_crossings(run))
    times = sorted(edge for edge in edges if since <= edge <= until)
    last: LaneStretch | None = None
    for begins, ends in pairwise(times):
        what, words = _state_at(begins, statuses, hours, runs, unknown)
        if last and (last.what, last.words) == (what, words):
            last = last._replace(ends=ends)
            continue
        if last:
            yield last
        last = LaneStretch(begins, ends, what, words)
    if last:
        yield last


def _zero_crossings(run: CallsRun) -> Iterable[datetime]:
    return [after[0] for before, after in pairwise(run.samples) if bool(before[1]) != bool(after[1])]


def _state_at(
    at: datetime,
    statuses: Sequence[_Piece],
    hours: Sequence[LaneStretch],
    runs: Sequence[CallsRun],
    unknown: Sequence[TimeSpan],
) -> tuple[str, str]:
    if any(begins <= at < ends for begins, ends in unknown):
        return UNKNOWN, "unknown: CXone was not read"
    status = next(piece.value for piece in statuses if piece.begins <= at < piece.ends)
    calls = calls_in(runs, at)
    is_open = _is_open(hours, at)
    state = state_of(status, calls or 0, is_open=is_open)
    if state == DialingState.OTHER:
        return state, status or "no status"
    outside = ", its window closed" if state == DialingState.DIALING and is_open is False else ""
    return state, f"{_WORDS[state]}{outside}"


def _is_open(hours: Sequence[LaneStretch], at: datetime) -> bool | None:
    window = next((stretch for stretch in hours if stretch.begins <= at < stretch.ends), None)
    if window is None:
        return False
    return None if window.what == UNKNOWN else True


def _holidays(facts: CampaignFacts, since: datetime, until: datetime) -> Iterable[LaneStretch]:
    for on in facts.holidays:
        begins, ends = _instants(on.date, on.closed, facts.zone)
        if begins < until and ends > since:
            yield LaneStretch(max(begins, since), min(ends, until), "holiday", f"{on.name} ({on.calendar})")


def _holds(facts: CampaignFacts, since: datetime, known_until: datetime) -> Iterable[LaneStretch]:
    """Until now: nobody knows how long the last one will be in force."""
    for begins, ends, words in facts.holds:
        first, last = max(begins, since), min(ends or known_until, known_until)
        if first < last:
            yield LaneStretch(first, last, "hold", words)


def _outside_law(facts: CampaignFacts, since: datetime, until: datetime) -> Iterable[LaneStretch]:
    """When the rule in force forbids calls."""
    if facts.rule is None or facts.zone is None:
        return
    day = since.astimezone(facts.zone).date()
    while day <= until.astimezone(facts.zone).date():
        for closed in _forbidden(facts.rule, day):
            begins, ends = _instants(day, closed, facts.zone)
            if begins < until and ends > since and begins < ends:
                yield LaneStretch(max(begins, since), min(ends, until), "law", f"outside “{facts.rule.name}”")
        day += _DAY


def _forbidden(rule: HoursRule, day: date) -> list[tuple[int, int]]:
    if DAYS[day.weekday()] not in rule.days:
        return [(0, 24 * 60)]
    return [(0, rule.earliest), (rule.latest, 24 * 60)]


def _instants(day: date, closed: tuple[int, int] | None, zone: ZoneInfo | None) -> TimeSpan:
    start, end = closed or (0, 24 * 60)
    midnight = datetime.combine(day, time())
    here = zone or ZoneInfo("UTC")
    first, last = (midnight + timedelta(minutes=minutes) for minutes in (start, end))
    return first.replace(tzinfo=here), last.replace(tzinfo=here)

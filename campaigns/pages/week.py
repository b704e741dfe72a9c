"""A schedule's week as it is drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from campaigns.schedule import (
    DAY_MINUTES,
    DAY_NAMES,
    Day,
    HolidayOn,
    HoursRule,
    is_unscheduled,
    unread_windows,
    week,
    why_unknown,
    window_text,
    windows_of,
    zone_of,
)
from campaigns.schedule.clock_face import date_in_words, minutes_as_time, time_of_day

# Windows that are quoted below the week; of a schedule in a form that we don't know, all of them are unreadable.
MOST_UNREAD = 5

Bar = tuple[int, int]  # minutes after midnight, and minutes long


class WeekMark(NamedTuple):
    """Something that is to happen in the coming seven days. `what`: a pause, a resume."""

    at: datetime
    what: str


class DayRow(NamedTuple):
    """`now`: the minute where the line is drawn, on today's row only. `unlawful`: when the rules forbid calls.
    `marks`: the minutes at which something is to happen. `holidays`: what calendars restrict on its next date, and
    `notes` their names."""

    name: str
    bars: list[Bar]
    hours: str
    now: int | None
    unlawful: list[Bar]
    marks: list[int]
    holidays: list[Bar]
    notes: str


@dataclass(frozen=True, slots=True)
class Week:
    """`local`: now, in the schedule's zone, if that is known. `rules`: what is drawn as unlawful, in words. `unread`:
    what CXone has and can't be read, in its words. `why_unknown`: why there are days of which nothing is known.
    `is_unscheduled`: CXone keeps no hours."""

    zone: str
    days: list[DayRow]
    local: datetime | None
    rules: str = ""
    unread: str = ""
    why_unknown: str = ""
    marks: str = ""
    is_unscheduled: bool = False

    @property
    def has_holidays(self) -> bool:
        return any(day.holidays for day in self.days)

    @property
    def weekday(self) -> str:
        return f"{self.local:%a}" if self.local else ""


def week_of(
    schedule: object,
    rules: tuple[HoursRule, ...] = (),
    *,
    now: datetime,
    marks: Sequence[WeekMark] = (),
    holidays: Iterable[HolidayOn] = (),
) -> Week:
    """Monday first, what those rules forbid, and what is to happen. `holidays`: those of the seven days from today."""
    whole = schedule if isinstance(schedule, Mapping) else {}
    zone = zone_of(whole)
    local = now.astimezone(zone) if zone else None
    drawn = week(whole)
    by_day = _by_weekday(holidays, local)
    local_marks = [WeekMark(mark.at.astimezone(zone), mark.what) for mark in marks] if zone else []
    days = [
        DayRow(
            DAY_NAMES[day.name],
            [(start, end - start) for start, end in day.segments],
            _hours(day),
            local.hour * 60 + local.minute if local and local.weekday() == number else None,
            list(_unlawful(day.name, rules)),
            [at.hour * 60 + at.minute for at, _ in local_marks if at.weekday() == number],
            [_bar_of(on) for on in by_day.get(number, [])],
            ", ".join(dict.fromkeys(on.name for on in by_day.get(number, []))),
        )
        for number, day in enumerate(drawn)
    ]
    in_words = "; ".join(
        f"{rule.name}, {minutes_as_time(rule.earliest)} to {minutes_as_time(rule.latest)}" for rule in rules
    )
    why = why_unknown(whole) if any(day.unread for day in drawn) else ""
    this_year = local.year if local else None
    told = ", ".join(f"{what} {date_in_words(at, this_year=this_year)} {time_of_day(at)}" for at, what in local_marks)
    zone_name = str(whole.get("timezone") or "")
    return Week(zone_name, days, local, in_words, _unread(whole), why, told, is_unscheduled(whole))


def _by_weekday(holidays: Iterable[HolidayOn], local: datetime | None) -> dict[int, list[HolidayOn]]:
    """By the number of the weekday, those of the seven days from today."""
    found: dict[int, list[HolidayOn]] = {}
    for on in holidays:
        if local and 0 <= (on.date - local.date()).days < len(DAY_NAMES):
            found.setdefault(on.date.weekday(), []).append(on)
    return found


def _bar_of(on: HolidayOn) -> Bar:
    start, end = on.closed or (0, DAY_MINUTES)
    return start, end - start


def _span(segment: tuple[int, int]) -> str:
    start, end = segment
    return f"{minutes_as_time(start)} to {minutes_as_time(end)}"


def _hours(day: Day) -> str:
    """What can't be read is never called closed."""
    spans = [_span(segment) for segment in day.segments]
    if day.unread:
        spans.append("else unknown" if spans else "unknown")
    return ", ".join(spans)


def _unread(schedule: Mapping[str, Any]) -> str:
    if windows_of(schedule) is None:
        return "no list of windows" if schedule else ""
    windows = [f"“{window_text(window)}”" for window in unread_windows(schedule)]
    if len(windows) > MOST_UNREAD:
        more = f" and {len(windows) - MOST_UNREAD} more"
    else:
        more = ""
    return ", ".join(windows[:MOST_UNREAD]) + more


def _unlawful(day: str, rules: tuple[HoursRule, ...]) -> Iterable[Bar]:
    """All of a day that rules there are don't name; else what any of those that name it leaves out."""
    if not rules:
        return
    that_day = [rule for rule in rules if day in rule.days]
    earliest = max((rule.earliest for rule in that_day), default=DAY_MINUTES)
    latest = max(min((rule.latest for rule in that_day), default=DAY_MINUTES), earliest)
    for start, end in ((0, earliest), (latest, DAY_MINUTES)):
        if start < end:
            yield start, end - start

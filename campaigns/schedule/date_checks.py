"""Checks of windows by date: the calling hours of each weekday, and upcoming holidays."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from campaigns.schedule.constraints import HolidayOn, HoursRule
from campaigns.schedule.findings import Code, Finding, Severity
from campaigns.schedule.names import DAYS
from campaigns.schedule.parsing import DAY_MINUTES, Segment, clock
from campaigns.schedule.structure import Window, span_text

# Holidays further ahead aren't reported.
AHEAD = timedelta(days=60)


def hours_findings(windows: Iterable[Window], rules: Sequence[HoursRule]) -> Iterator[Finding]:
    """Errors for windows outside the calling hours. A window must meet every rule that includes its day; no calls are
    allowed on a day that no rule includes. Without rules there is no limit."""
    if not rules:
        return
    by_day = {day: [rule for rule in rules if day in rule.days] for day in DAYS}
    allowed = {day: _allowed(found) for day, found in by_day.items()}
    for window in windows:
        if not by_day[window.day]:
            yield _no_rule(window, rules)
        for rule in by_day[window.day]:
            if window.start < rule.earliest or window.end > rule.latest:
                yield _outside(window, rule, allowed[window.day])


def _allowed(rules: Iterable[HoursRule]) -> Segment:
    """The minutes that all rules allow; none if the start isn't before the end."""
    return max((rule.earliest for rule in rules), default=0), min((rule.latest for rule in rules), default=0)


def _outside(window: Window, rule: HoursRule, allowed: Segment) -> Finding:
    hours = f"{clock(rule.earliest)}-{clock(rule.latest)}"
    message = f"{window} is outside the calling hours {hours} of the rule “{rule.name}”."
    return Finding(
        Code.OUTSIDE_CALLING_HOURS,
        Severity.ERROR,
        message,
        (window.row,),
        "dialingHours",
        rule.source or rule.name,
        _nearest(window, allowed),
    )


def _no_rule(window: Window, rules: Sequence[HoursRule]) -> Finding:
    names = ", ".join(f"“{rule.name}”" for rule in rules)
    message = f"{window}: no calls are allowed on {window.day}; no calling-hours rule names that day ({names})."
    source = ", ".join(rule.source or rule.name for rule in rules)
    suggestion = f"Remove {window}, or choose another day."
    return Finding(Code.OUTSIDE_CALLING_HOURS, Severity.ERROR, message, (window.row,), "day", source, suggestion)


def _nearest(window: Window, allowed: Segment) -> str:
    earliest, latest = allowed
    # CXone's format has no 24:00, so the last end that can be suggested is 23:59.
    latest = min(latest, DAY_MINUTES - 1)
    if earliest >= latest:
        return f"No calls are allowed on {window.day}: remove {window}."
    start, end = max(window.start, earliest), min(window.end, latest)
    if start >= end:
        # Wholly outside: suggest a window of the same length at the nearer edge of the allowed hours.
        length = min(window.end - window.start, latest - earliest)
        if window.start < earliest:
            start, end = (earliest, earliest + length)
        else:
            start, end = (latest - length, latest)
    return f"The nearest that is allowed: {span_text(window.day, start, end)}."


def holiday_findings(windows: Iterable[Window], holidays: Iterable[HolidayOn], today: date) -> Iterator[Finding]:
    """An error for a holiday today; a warning for each holiday in the next 60 days that windows fall on."""
    by_day: dict[str, list[Window]] = {day: [] for day in DAYS}
    for window in windows:
        by_day[window.day].append(window)
    near = {holiday for holiday in holidays if today <= holiday.date <= today + AHEAD}
    for holiday in sorted(near, key=_order):
        hit = [window for window in by_day[DAYS[holiday.date.weekday()]] if _falls_on(window, holiday)]
        if holiday.date == today and (hit or holiday.closed is None):
            yield _today(holiday, hit)
        elif hit:
            yield _ahead(holiday, hit, (holiday.date - today).days)


def _order(holiday: HolidayOn) -> tuple[date, str, str, Segment]:
    return holiday.date, holiday.name, holiday.calendar, holiday.closed or (0, DAY_MINUTES)


def _falls_on(window: Window, holiday: HolidayOn) -> bool:
    start, end = holiday.closed or (0, DAY_MINUTES)
    return window.start < end and start < window.closes


def _today(holiday: HolidayOn, hit: list[Window]) -> Finding:
    message = f"Today, {_date(holiday)}, is {_holiday(holiday)}.{_hit(hit)}"
    suggestion = "Save it once the holiday is over, or ask an admin to correct the calendar."
    rows, rule = tuple(window.row for window in hit), f"Calendar {holiday.calendar}"
    return Finding(Code.HOLIDAY_TODAY, Severity.ERROR, message, rows, "dialingHours", rule, suggestion)


def _ahead(holiday: HolidayOn, hit: list[Window], days: int) -> Finding:
    when = "tomorrow" if days == 1 else f"in {days} days"
    message = f"{_date(holiday)}, {when}, is {_holiday(holiday)}.{_hit(hit)}"
    suggestion = "Acknowledge that it would dial then, or plan a pause for that date."
    rows, rule = tuple(window.row for window in hit), f"Calendar {holiday.calendar}"
    return Finding(Code.HOLIDAY_AHEAD, Severity.WARNING, message, rows, "dialingHours", rule, suggestion)


def _date(holiday: HolidayOn) -> str:
    return f"{holiday.date:%a} {holiday.date.day} {holiday.date:%b %Y}"


def _holiday(holiday: HolidayOn) -> str:
    if holiday.closed is None:
        hours = "all day"
    else:
        hours = f"{clock(holiday.closed[0])}-{clock(holiday.closed[1])}"
    return f"{holiday.name} ({hours}; calendar {holiday.calendar})"


def _hit(windows: list[Window]) -> str:
    if not windows:
        return ""
    others = f" and {len(windows) - 1} more fall" if len(windows) > 1 else " falls"
    return f" {windows[0]}{others} on it."

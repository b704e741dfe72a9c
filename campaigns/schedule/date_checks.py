"""Checks of windows by date: the calling hours of each weekday, and upcoming holidays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.schedule.clock_face import date_in_words
from campaigns.schedule.constraints import HolidayOn, HoursRule
from campaigns.schedule.findings import Code, ScheduleFinding, Severity
from campaigns.schedule.names import DAYS
from campaigns.schedule.open_time import ALL_DAY, open_spans, overlap, span_on, without
from campaigns.schedule.parsing import DAY_MINUTES, Segment, clock
from campaigns.schedule.structure import Window, span_text

# Holidays further ahead aren't reported.
AHEAD = timedelta(days=60)


def hours_findings(windows: Iterable[Window], rules: Sequence[HoursRule]) -> Iterator[ScheduleFinding]:
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


def _outside(window: Window, rule: HoursRule, allowed: Segment) -> ScheduleFinding:
    hours = f"{clock(rule.earliest)}-{clock(rule.latest)}"
    message = f"{window} is outside the calling hours {hours} of the rule “{rule.name}”."
    return ScheduleFinding(
        Code.OUTSIDE_CALLING_HOURS,
        Severity.ERROR,
        message,
        (window.row,),
        "dialingHours",
        rule.source or rule.name,
        _nearest(window, allowed),
    )


def _no_rule(window: Window, rules: Sequence[HoursRule]) -> ScheduleFinding:
    names = ", ".join(f"“{rule.name}”" for rule in rules)
    message = f"{window}: no calls are allowed on {window.day}; no calling-hours rule names that day ({names})."
    source = ", ".join(rule.source or rule.name for rule in rules)
    suggestion = f"Remove {window}, or choose another day."
    return ScheduleFinding(
        Code.OUTSIDE_CALLING_HOURS, Severity.ERROR, message, (window.row,), "day", source, suggestion
    )


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


def holiday_findings(
    windows: Iterable[Window], holidays: Iterable[HolidayOn], before: object, now: datetime, zone: ZoneInfo
) -> Iterator[ScheduleFinding]:
    """A finding for each holiday today and in the next 60 days that windows fall on.

    `before`: the schedule that was changed. An error only if the change makes it dial on restricted time that is still
    to come today; what dialed before, or is ahead, is a warning.
    """
    by_day: dict[str, list[Window]] = {day: [] for day in DAYS}
    for window in windows:
        by_day[window.day].append(window)
    today = now.astimezone(zone).date()
    near = {holiday for holiday in holidays if today <= holiday.date <= today + AHEAD}
    for holiday in sorted(near, key=_order):
        hit = [window for window in by_day[DAYS[holiday.date.weekday()]] if _falls_on(window, holiday)]
        if holiday.date != today and hit:
            yield _ahead(holiday, hit, (holiday.date - today).days)
        elif hit:
            # On a holiday, other days must stay editable: what the change doesn't add doesn't stop it.
            adding = [window for window in hit if _adds(window, holiday, before, now, zone)]
            yield _today(holiday, adding) if adding else _today_as_before(holiday, hit)


def _adds(window: Window, holiday: HolidayOn, before: object, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the window is open at a restricted time that is still to come, when the schedule before was closed."""
    open_today = span_on(holiday.date, (window.start, window.closes), zone)
    restricted = span_on(holiday.date, holiday.closed or ALL_DAY, zone)
    # The zone before may be another one, whose date is a day behind or ahead.
    dialed = open_spans(before, holiday.date - timedelta(days=2), 5)
    added = without(overlap(open_today, restricted), dialed)
    return any(end > now for _, end in added)


def _order(holiday: HolidayOn) -> tuple[date, str, str, Segment]:
    return holiday.date, holiday.name, holiday.calendar, holiday.closed or (0, DAY_MINUTES)


def _falls_on(window: Window, holiday: HolidayOn) -> bool:
    start, end = holiday.closed or (0, DAY_MINUTES)
    return window.start < end and start < window.closes


def _today(holiday: HolidayOn, adding: list[Window]) -> ScheduleFinding:
    message = f"Today, {_date(holiday)}, is {_holiday(holiday)}.{_hit(adding)}"
    suggestion = "Leave today’s hours as they were, or save it once the holiday is over."
    return _found(Severity.ERROR, holiday, adding, message, suggestion)


def _today_as_before(holiday: HolidayOn, hit: list[Window]) -> ScheduleFinding:
    message = f"Today, {_date(holiday)}, is {_holiday(holiday)}.{_hit(hit)}"
    suggestion = "This change doesn’t add to that. If it must not dial today, pause the campaign."
    return _found(Severity.WARNING, holiday, hit, message, suggestion)


def _ahead(holiday: HolidayOn, hit: list[Window], days: int) -> ScheduleFinding:
    when = "tomorrow" if days == 1 else f"in {days} days"
    message = f"{_date(holiday)}, {when}, is {_holiday(holiday)}.{_hit(hit)}"
    suggestion = "Acknowledge that it would dial then, or plan a pause for that date."
    return replace(_found(Severity.WARNING, holiday, hit, message, suggestion), code=Code.HOLIDAY_AHEAD)


def _found(
    severity: Severity, holiday: HolidayOn, hit: list[Window], message: str, suggestion: str
) -> ScheduleFinding:
    rows, rule = tuple(window.row for window in hit), f"Calendar {holiday.calendar}"
    on = holiday.date.isoformat()
    return ScheduleFinding(Code.HOLIDAY_TODAY, severity, message, rows, "dialingHours", rule, suggestion, on)


def _date(holiday: HolidayOn) -> str:
    return date_in_words(holiday.date)


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

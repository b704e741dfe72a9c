"""Checks for a CXone whose schedules can do less: one window a day, one time zone for all, no pause conditions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from campaigns.schedule.canonical import zone_meaning
from campaigns.schedule.constraints import Constraints
from campaigns.schedule.findings import Code, ScheduleFinding, Severity, say
from campaigns.schedule.names import DAY_NAMES
from campaigns.schedule.parsing import day_of, is_day_end, minutes_of, windows_of, zone_of

# What the windows of a day are to each other doesn't matter where there may be only one.
_OF_SEVERAL = {Code.DUPLICATE_WINDOW, Code.OVERLAP, Code.TOUCHING_WINDOWS}


def narrowed(
    findings: Iterable[ScheduleFinding], schedule: object, constraints: Constraints, base: object
) -> list[ScheduleFinding]:
    """`findings` of a schedule, with what such a CXone can't do in place of what it makes pointless. Never raises."""
    found = list(findings)
    if not isinstance(schedule, Mapping):
        return found
    if not constraints.several_windows:
        midnight = list(_past_midnight(schedule))
        beyond = set().union(*(each.rows for each in midnight))
        found = [each for each in found if each.code not in _OF_SEVERAL and not _is_about_end(each, beyond)]
        found += [*midnight, *_second_windows(schedule)]
    if not constraints.chooses_zone:
        found = [each for each in found if each.field != "timezone"] + list(_zone(schedule, constraints, base))
    if not constraints.pause_conditions:
        found = [each for each in found if each.field != "pauseConditions"] + list(_conditions(schedule))
    return found


def _is_about_end(found: ScheduleFinding, rows: set[int]) -> bool:
    return found.code in {Code.BAD_TIME, Code.END_NOT_AFTER_START} and not rows.isdisjoint(found.rows)


def _past_midnight(schedule: Mapping[str, Any]) -> Iterator[ScheduleFinding]:
    for row, window in enumerate(windows_of(schedule) or ()):
        if isinstance(window, Mapping) and _ends_past_midnight(window):
            message = (
                f"CXone takes no 24:00, and no window past midnight: {say(window.get('endTime'))} can’t be its end."
            )
            suggestion = "Write an end after the start, 23:59 at the latest."
            yield ScheduleFinding(Code.PAST_MIDNIGHT, Severity.ERROR, message, (row,), "endTime", "", suggestion)


def _ends_past_midnight(window: Mapping[str, Any]) -> bool:
    start, end = minutes_of(window.get("startTime")), minutes_of(window.get("endTime"))
    return is_day_end(window.get("endTime")) or (start is not None and end is not None and end <= start)


def _second_windows(schedule: Mapping[str, Any]) -> Iterator[ScheduleFinding]:
    by_day: dict[str, list[int]] = {}
    for row, window in enumerate(windows_of(schedule) or ()):
        day = day_of(window.get("day")) if isinstance(window, Mapping) else None
        if day:
            by_day.setdefault(day, []).append(row)
    for day, rows in by_day.items():
        if len(rows) > 1:
            message = f"CXone keeps one window a day, and {DAY_NAMES[day]} has {len(rows)}."
            suggestion = "Make them one, or keep one of them."
            yield ScheduleFinding(
                Code.SECOND_WINDOW, Severity.ERROR, message, tuple(rows), "dialingHours", "", suggestion
            )


def _zone(schedule: Mapping[str, Any], constraints: Constraints, base: object) -> Iterator[ScheduleFinding]:
    known = [whole.get("timezone") for whole in (constraints.current, base) if isinstance(whole, Mapping)]
    zone = schedule.get("timezone")
    if known and zone_meaning(zone) not in map(zone_meaning, known):
        message = f"All schedules of CXone are in one time zone, {say(known[0])}; this one can’t be in {say(zone)}."
        yield _zone_finding(Code.FIXED_ZONE, message, f"Write {say(known[0])}.")
    elif zone_of(schedule) is None:
        message = f"Which time zone CXone keeps these hours in isn’t known here: it calls it {say(zone)}."
        yield _zone_finding(Code.ZONE_NOT_KNOWN, message, HOW_TO_NAME_ZONE)


HOW_TO_NAME_ZONE = "Change them in CXone; or have an admin name the zone in CXONE_TIMEZONE."


def _zone_finding(code: Code, message: str, suggestion: str) -> ScheduleFinding:
    return ScheduleFinding(code, Severity.ERROR, message, (), "timezone", "", suggestion)


def _conditions(schedule: Mapping[str, Any]) -> Iterator[ScheduleFinding]:
    if schedule.get("pauseConditions"):
        message, field = "CXone has no pause conditions.", "pauseConditions"
        yield ScheduleFinding(Code.NO_CONDITIONS, Severity.ERROR, message, (), field, "", "Leave them out.")

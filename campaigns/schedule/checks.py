"""All checks of a schedule: one function for the live check, the save and the commands."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.schedule.constraints import Constraints
from campaigns.schedule.date_checks import holiday_findings, hours_findings
from campaigns.schedule.findings import Code, ScheduleFinding, Severity
from campaigns.schedule.names import DAYS
from campaigns.schedule.narrow_checks import narrowed
from campaigns.schedule.opening import UNKNOWN_ZONE, UNREADABLE, Opening, opening
from campaigns.schedule.parsing import clock, zone_of
from campaigns.schedule.structure import Had, Window, read_structure, span_text
from campaigns.schedule.unknown_fields import losses

# More than anybody reads. A file of broken rows would make thousands: the rest is counted in one last finding.
MOST_FINDINGS = 100

_GRAVITY = (Severity.ERROR, Severity.WARNING, Severity.HINT)
_CODES = tuple(Code)


def check(
    schedule: object, constraints: Constraints, now: datetime, base: object = None
) -> tuple[ScheduleFinding, ...]:
    """Check a schedule at `now` (aware). Returns findings, the most severe first, errors by row.

    `schedule`: any value, since commands read it from files; {"timezone", "dialingHours", "pauseConditions"} if it is
    valid. `base`: the schedule that it was changed from; None if unknown. Returns at most 100 findings, and one more
    with the number of those left out. Never raises.
    """
    findings, windows = read_structure(schedule, Had.of(constraints.current, base))
    findings += losses(base, schedule)
    findings += _count_findings(schedule, constraints)
    findings += _overlap_findings(windows)
    findings = narrowed(findings, schedule, constraints, base)
    findings += hours_findings(windows, constraints.hours)
    zone = zone_of(schedule)
    if zone:
        before = base if isinstance(base, Mapping) else constraints.current
        findings += holiday_findings(windows, constraints.holidays, before, now, zone)
    # A window that can't be read yet would look like a closed one, and dialing would seem to stop.
    if isinstance(schedule, dict) and not any(finding.severity == Severity.ERROR for finding in findings):
        findings += _change_findings(schedule, constraints, now)
    return _first(sorted(findings, key=_place))


def _place(finding: ScheduleFinding) -> tuple[int, tuple[int, ...], int]:
    """The sort key: errors by row and code; warnings and hints keep their order, which is by day and date."""
    if finding.severity == Severity.ERROR:
        return 0, finding.rows[:2], _CODES.index(finding.code)
    return _GRAVITY.index(finding.severity), (), 0


def _first(findings: list[ScheduleFinding]) -> tuple[ScheduleFinding, ...]:
    if len(findings) <= MOST_FINDINGS:
        return tuple(findings)
    shown, hidden = findings[:MOST_FINDINGS], findings[MOST_FINDINGS:]
    message = f"There are {len(hidden):,} more findings."
    more = ScheduleFinding(Code.MORE_FINDINGS, hidden[0].severity, message, suggestion="Correct these first.")
    return (*shown, more)


def _count(schedule: object) -> int:
    hours = schedule.get("dialingHours") if isinstance(schedule, dict) else None
    return len(hours) if isinstance(hours, list) else 0


def _count_findings(schedule: object, constraints: Constraints) -> Iterator[ScheduleFinding]:
    """A finding if there are more windows than the policy allows."""
    # The licence tier counts the windows of a campaign, not of a day.
    count, limit = _count(schedule), constraints.max_windows
    if count <= limit:
        return
    message, rule = f"The schedule has {count} windows; the licence tier allows {limit}.", f"Policy: {limit} windows"
    raising = "If the licence allows more, an admin can raise the limit in the policy."
    # The licence evidently allows what CXone already has: such a schedule can change and shrink, but not grow.
    if count <= _count(constraints.current):
        message += " CXone has as many already."
        yield ScheduleFinding(Code.MORE_WINDOWS_THAN_POLICY, Severity.HINT, message, (), "dialingHours", rule, raising)
        return
    suggestion = f"Remove {count - limit}. {raising}"
    yield ScheduleFinding(Code.TOO_MANY_WINDOWS, Severity.ERROR, message, (), "dialingHours", rule, suggestion)


def _overlap_findings(windows: Iterable[Window]) -> Iterator[ScheduleFinding]:
    distinct: dict[tuple[int, int, int], list[Window]] = {}
    for window in windows:
        distinct.setdefault((DAYS.index(window.day), window.start, window.end), []).append(window)
    # The one that ends last so far: a long window may overlap several that follow it.
    reach: Window | None = None
    for key in sorted(distinct):
        window, *again = distinct[key]
        if again:
            yield _duplicate(window, again)
        if reach is None or reach.day != window.day:
            reach = window
            continue
        if window.start < reach.end:
            yield _overlap(reach, window)
        elif window.start == reach.end:
            yield _touch(reach, window)
        if window.end > reach.end:
            reach = window


def _duplicate(window: Window, again: list[Window]) -> ScheduleFinding:
    count = f"{len(again) + 1} times" if len(again) > 1 else "twice"
    rows = tuple(each.row for each in (window, *again))
    message = f"{window} is there {count}."
    return ScheduleFinding(
        Code.DUPLICATE_WINDOW, Severity.ERROR, message, rows, "dialingHours", "", "Keep one of them."
    )


def _overlap(first: Window, second: Window) -> ScheduleFinding:
    end = min(first.end, second.end)
    if second.end <= first.end:
        suggestion = f"Remove {second}: it lies within {first}."
    else:
        later = span_text(second.day, first.end, second.end)
        suggestion = f"Make them one: {span_text(first.day, first.start, second.end)}; or let the second be {later}."
    message = f"{first} and {second} overlap: {clock(second.start)}-{clock(end)} is in both."
    return ScheduleFinding(
        Code.OVERLAP, Severity.ERROR, message, (first.row, second.row), "dialingHours", "", suggestion
    )


def _touch(first: Window, second: Window) -> ScheduleFinding:
    message = f"{first} and {second} touch: dialing goes on without a break."
    suggestion = f"They may be one: {span_text(first.day, first.start, second.end)}."
    rows = (first.row, second.row)
    return ScheduleFinding(Code.TOUCHING_WINDOWS, Severity.HINT, message, rows, "dialingHours", "", suggestion)


def _change_findings(
    schedule: dict[str, object], constraints: Constraints, now: datetime
) -> Iterator[ScheduleFinding]:
    """A warning if saving would start or stop dialing."""
    # Only an active campaign dials.
    if constraints.status != "ACTIVE" or constraints.current is None:
        return
    before, after = opening(constraints.current, now), opening(schedule, now)
    unknown = {UNKNOWN_ZONE, UNREADABLE}
    if before.problem in unknown or after.problem in unknown or before.is_open == after.is_open:
        return
    if after.is_open:
        message = f"Dialing would start at once: these windows are open now{_until(after)}."
        suggestion = "Acknowledge it, or let the windows start later."
        yield ScheduleFinding(
            Code.STARTS_DIALING, Severity.WARNING, message, field="dialingHours", suggestion=suggestion
        )
    else:
        message = f"Dialing would stop at once: these windows are closed now{_until(after)}."
        suggestion = "Acknowledge it, or add a window that is open now. Calls in progress are not cut."
        yield ScheduleFinding(
            Code.STOPS_DIALING, Severity.WARNING, message, field="dialingHours", suggestion=suggestion
        )


def _until(found: Opening) -> str:
    change = found.changes_at
    if change is None:
        return ""
    zone = change.tzinfo.key if isinstance(change.tzinfo, ZoneInfo) else ""
    return f", until {change:%a %H:%M} ({zone})"

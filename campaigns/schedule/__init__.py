"""Dialing windows, pure: when a schedule is open, what is wrong with it, and how two changes to it are merged.

A schedule has CXone's format: {"timezone": IANA name, "dialingHours": [{"day", "startTime", "endTime"}],
"pauseConditions": […]}. Everything here is a function of plain values; the current time is passed in.
"""

from campaigns.schedule.canonical import canonical, further_of, same
from campaigns.schedule.checks import check
from campaigns.schedule.constraints import Constraints, HolidayOn, HoursRule
from campaigns.schedule.findings import Code, ScheduleFinding, Severity, digest_of_warnings
from campaigns.schedule.merge import Clash, Merge, merge, resolve
from campaigns.schedule.names import CONDITION_NAMES, DAY_NAMES, DAYS, PAUSE_CONDITIONS
from campaigns.schedule.open_time import open_between
from campaigns.schedule.opening import (
    NO_WINDOWS,
    UNKNOWN_ZONE,
    UNREADABLE,
    Day,
    Opening,
    certain_until,
    closed_since,
    next_start,
    opening,
    week,
    why_unknown,
)
from campaigns.schedule.parsing import (
    DAY_MINUTES,
    clock,
    day_of,
    find_zone,
    is_unscheduled,
    minutes_of,
    read_window,
    time_text,
    unread_windows,
    window_text,
    windows_of,
    zone_of,
)
from campaigns.schedule.unknown_fields import carry, pair
from campaigns.schedule.zones import names_of, zone_key

__all__ = [
    "CONDITION_NAMES",
    "DAYS",
    "DAY_MINUTES",
    "DAY_NAMES",
    "NO_WINDOWS",
    "PAUSE_CONDITIONS",
    "UNKNOWN_ZONE",
    "UNREADABLE",
    "Clash",
    "Code",
    "Constraints",
    "Day",
    "HolidayOn",
    "HoursRule",
    "Merge",
    "Opening",
    "ScheduleFinding",
    "Severity",
    "canonical",
    "carry",
    "certain_until",
    "check",
    "clock",
    "closed_since",
    "day_of",
    "digest_of_warnings",
    "find_zone",
    "further_of",
    "is_unscheduled",
    "merge",
    "minutes_of",
    "names_of",
    "next_start",
    "open_between",
    "opening",
    "pair",
    "read_window",
    "resolve",
    "same",
    "time_text",
    "unread_windows",
    "week",
    "why_unknown",
    "window_text",
    "windows_of",
    "zone_key",
    "zone_of",
]

"""Dialing windows, pure: when a schedule is open, what is wrong with one, and how two changes of one become one.

A schedule is the wire's: {"timezone": IANA name, "dialingHours": [{"day", "startTime", "endTime"}],
"pauseConditions": […]}. Everything here is a function of plain values with the clock passed in.
"""

from campaigns.schedule.canonical import canonical, same
from campaigns.schedule.checks import check
from campaigns.schedule.findings import Code, Finding, Severity
from campaigns.schedule.merge import Clash, Merge, merge, resolve
from campaigns.schedule.opening import NO_WINDOWS, UNKNOWN_ZONE, Day, Opening, opening, week
from campaigns.schedule.reading import DAY_MINUTES, DAYS, PAUSE_CONDITIONS, clock, find_zone, minutes_of, zone_of
from campaigns.schedule.surroundings import HolidayOn, HoursRule, Surroundings
from campaigns.schedule.zones import names_of, zone_key

__all__ = [
    "DAYS",
    "DAY_MINUTES",
    "NO_WINDOWS",
    "PAUSE_CONDITIONS",
    "UNKNOWN_ZONE",
    "Clash",
    "Code",
    "Day",
    "Finding",
    "HolidayOn",
    "HoursRule",
    "Merge",
    "Opening",
    "Severity",
    "Surroundings",
    "canonical",
    "check",
    "clock",
    "find_zone",
    "merge",
    "minutes_of",
    "names_of",
    "opening",
    "resolve",
    "same",
    "week",
    "zone_key",
    "zone_of",
]

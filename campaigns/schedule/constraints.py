"""What a schedule is checked against, as plain values: limits, calling hours, holidays, and what CXone has now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class HoursRule:
    """When calls are allowed on those days ("MON" to "SUN"): from `earliest` to `latest`, minutes after midnight."""

    name: str
    days: frozenset[str]
    earliest: int
    latest: int
    source: str


@dataclass(frozen=True, slots=True)
class HolidayOn:
    """A holiday on one date in the schedule's zone. `closed`: the restricted minutes of that day; None: all of it."""

    date: date
    name: str
    calendar: str
    closed: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Constraints:
    """`hours`: all rules in force that apply; a window must keep each that names its day, and a day that none of them
    names is closed. No rules: no limit. `current`: the schedule that CXone has; None: not known."""

    max_windows: int = 5
    hours: tuple[HoursRule, ...] = ()
    holidays: tuple[HolidayOn, ...] = ()
    current: Mapping[str, Any] | None = None
    status: str = "ACTIVE"

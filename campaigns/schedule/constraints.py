"""What a schedule is checked against, as plain values: limits, calling hours, holidays, and the current schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class HoursRule:
    """When calls are allowed on `days` ("MON" to "SUN"): from `earliest` to `latest`, in minutes after midnight."""

    name: str
    days: frozenset[str]
    earliest: int
    latest: int
    source: str


@dataclass(frozen=True, slots=True)
class HolidayOn:
    """A holiday on one date in the schedule's zone. `closed`: its restricted minutes after midnight; None: all day."""

    date: date
    name: str
    calendar: str
    closed: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Constraints:
    """`hours`: the calling-hours rules in force for the campaign. A window must meet every rule that includes its day,
    and no calls are allowed on a day that no rule includes; without rules there is no limit. `current`: the schedule
    that CXone has; None if unknown. `several_windows`, `chooses_zone`, `pause_conditions`: what schedules can do
    there."""

    # The licence tier's limit, unless an admin changes it in the policy: one window for each day of a working week.
    max_windows: int = 5
    hours: tuple[HoursRule, ...] = ()
    holidays: tuple[HolidayOn, ...] = ()
    current: Mapping[str, Any] | None = None
    status: str = "ACTIVE"
    several_windows: bool = True
    chooses_zone: bool = True
    pause_conditions: bool = True

"""Whether a wire schedule has its campaign dial at a moment: its windows, and the federal holidays of the US.

Leniently, as a server reads what it has kept for years: a window that makes no sense isn't one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from campaigns.simulator.population import DAYS, US_ZONES


@dataclass(frozen=True, slots=True)
class DialingHours:
    """`windows`: by weekday (0: Monday), from when until when, as "HH:MM". `zone` None: unknown, so it never dials."""

    zone: ZoneInfo | None
    windows: dict[int, tuple[tuple[str, str], ...]]

    @classmethod
    def read(cls, schedule: Mapping[str, Any]) -> "DialingHours":
        windows: dict[int, tuple[tuple[str, str], ...]] = {}
        for window in schedule.get("dialingHours") or ():
            try:
                weekday, start, end = DAYS.index(window["day"]), window["startTime"], window["endTime"]
            except (KeyError, TypeError, ValueError):
                continue
            windows[weekday] = (*windows.get(weekday, ()), (str(start), str(end)))
        return cls(_zone(schedule.get("timezone")), windows)

    def open_at(self, moment: float) -> bool:
        if self.zone is None:
            return False
        local = datetime.fromtimestamp(moment, self.zone)
        time = f"{local.hour:02}:{local.minute:02}"
        return any(start <= time < end for start, end in self.windows.get(local.weekday(), ()))

    def dials_at(self, moment: float) -> bool:
        """Open, and no holiday: those apply to campaigns in the zones of the US."""
        if not self.open_at(moment) or self.zone is None:
            return False
        return not is_us_holiday_at(moment, self.zone.key)


def is_us_holiday_at(moment: float, zone: str) -> bool:
    """Only in a zone of the US."""
    return zone in US_ZONES and is_us_holiday(datetime.fromtimestamp(moment, ZoneInfo(zone)).date())


def is_us_holiday(day: date) -> bool:
    return day in _us_holidays(day.year)


@cache
def _us_holidays(year: int) -> frozenset[date]:
    # Of a year with its neighbors: the first of January is observed on the last of December if it is a Saturday.
    found = holidays.country_holidays("US", years=(year, year + 1))
    return frozenset(day for day in found if day.year == year)


@cache
def _zone(name: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None

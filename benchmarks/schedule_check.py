"""The time of a schedule check in this process, compared with writing the same schedule as JSON.

.venv/bin/python -m benchmarks.schedule_check
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from campaigns.schedule import DAYS, Constraints, HolidayOn, HoursRule, check, clock

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
FEDERAL = HoursRule("Federal", frozenset(DAYS), 8 * 60, 21 * 60, "47 CFR 64.1200(c)(1)")
ROUNDS = 200


def make_schedule(count: int, timezone: str = "America/New_York") -> dict[str, Any]:
    """A wire schedule with `count` windows (at most 500) spread over the days, none of which overlap."""
    starts = [(DAYS[number % 7], 8 * 60 + number // 7 * 10) for number in range(count)]
    hours = [{"day": day, "startTime": clock(start), "endTime": clock(start + 9)} for day, start in starts]
    return {"timezone": timezone, "dialingHours": hours, "pauseConditions": ["BUSY", "NO_ANSWER"]}


def surround(holidays: int) -> Constraints:
    first = date(2026, 11, 19)
    found = (HolidayOn(first + timedelta(days=number), f"Holiday {number}", "House") for number in range(holidays))
    return Constraints(500, (FEDERAL,), tuple(found), make_schedule(5))


def measure(name: str, call: Callable[[], object], rounds: int = ROUNDS) -> None:
    # The first call also reads the names of the time zones, which are then cached.
    call()
    times = []
    for _ in range(rounds):
        begun = perf_counter()
        call()
        times.append((perf_counter() - begun) * 1000)
    print(f"{name:44} median {median(times):8.3f} ms   p95 {quantiles(times, n=20)[-1]:8.3f} ms")


def main() -> None:
    fifty, constraints = make_schedule(50), surround(40)
    wrong_zone = make_schedule(50, "America/New_Yrok")
    broken = make_schedule(50)
    broken["dialingHours"] = [{"day": "MON", "start_time": "9:5", "endTime": "25:00"}] * 10_000
    measure("json.dumps of 50 windows (the yardstick)", lambda: json.dumps(fifty))
    measure("50 windows, 40 holidays", lambda: check(fifty, constraints, NOW))
    measure("50 windows, 40 holidays, a misspelt zone", lambda: check(wrong_zone, constraints, NOW))
    measure("10,000 broken rows", lambda: check(broken, constraints, NOW), rounds=20)


if __name__ == "__main__":
    main()

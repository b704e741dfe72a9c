"""The check as a whole: whatever it is given, in one order, capped; and it agrees with the API."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.schedule import (
    DAYS,
    Code,
    Constraints,
    HolidayOn,
    HoursRule,
    Severity,
    canonical,
    check,
    merge,
    minutes_of,
    opening,
)
from campaigns.simulator.v2.schedules import schedule_errors
from tests.schedule.given import anything, make_schedule, odd_schedules, schedules, small_schedules

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
LIMITLESS = Constraints(max_windows=10_000)
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

rules = st.builds(
    HoursRule,
    st.just("Rule"),
    st.frozensets(st.sampled_from(DAYS)),
    st.integers(0, 1440),
    st.integers(0, 1440),
    st.just("§"),
)
spans = st.tuples(st.integers(0, 720), st.integers(721, 1440))
holidays = st.builds(
    HolidayOn,
    st.dates(date(2026, 11, 10), date(2027, 2, 1)),
    st.just("Holiday"),
    st.just("Calendar"),
    st.none() | spans,
)
constraints = st.builds(
    Constraints,
    st.integers(0, 10),
    st.lists(rules, max_size=2).map(tuple),
    st.lists(holidays, max_size=4).map(tuple),
    st.none() | schedules | odd_schedules,
    st.sampled_from(("ACTIVE", "PAUSED")),
)


def codes(schedule: object, constraints: Constraints = LIMITLESS) -> list[Code]:
    return [finding.code for finding in check(schedule, constraints, NOW)]


def passes(schedule: object, constraints: Constraints = LIMITLESS) -> bool:
    return not any(finding.severity == Severity.ERROR for finding in check(schedule, constraints, NOW))


# --- It agrees with the API ---


@untimed
@given(schedules | odd_schedules | anything, st.just(LIMITLESS) | constraints)
def test_what_passes_is_accepted(schedule: object, constraints: Constraints) -> None:
    if passes(schedule, constraints):
        current = constraints.current if isinstance(constraints.current, dict) else None
        assert schedule_errors(canonical(schedule), current) == []


@untimed
@given(small_schedules, small_schedules, small_schedules)
def test_merged_and_passed_is_accepted(base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    merged = merge(base, theirs, ours).schedule
    if passes(merged):
        assert schedule_errors(json.loads(json.dumps(merged))) == []


FORMAL = {
    Code.NOT_AN_OBJECT,
    Code.MISSING_KEY,
    Code.WRONG_TYPE,
    Code.UNKNOWN_ZONE,
    Code.UNKNOWN_DAY,
    Code.UNKNOWN_CONDITION,
    Code.BAD_TIME,
    Code.END_NOT_AFTER_START,
}


@untimed
@given(schedules | odd_schedules)
def test_what_is_accepted_has_form(schedule: dict[str, Any]) -> None:
    assert bool(FORMAL & set(codes(schedule))) is bool(schedule_errors(canonical(schedule)))


# --- Whatever it is given ---


@untimed
@given(odd_schedules | anything, constraints)
def test_nothing_is_too_odd(schedule: object, constraints: Constraints) -> None:
    for finding in check(schedule, constraints, NOW):
        assert json.dumps(finding.as_json(), ensure_ascii=False).encode()


@untimed
@given(schedules | odd_schedules, constraints, st.randoms())
def test_order_of_keys_is_no_matter(schedule: dict[str, Any], constraints: Constraints, random: Any) -> None:
    keys = list(schedule)
    random.shuffle(keys)
    assert check({key: schedule[key] for key in keys}, constraints, NOW) == check(schedule, constraints, NOW)


@untimed
@given(schedules | odd_schedules, constraints)
def test_gravest_comes_first(schedule: dict[str, Any], constraints: Constraints) -> None:
    gravity = [list(Severity).index(finding.severity) for finding in check(schedule, constraints, NOW)]
    assert gravity == sorted(gravity)


def nested() -> list[Any]:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    return deep


ODD = {
    "deep": nested(),
    "NaN": float("nan"),
    "long": "x" * 1_000_000,
    "huge": 10**5000,
    "object": {"": {}},
    "bytes": b"\xff",
    "other": object(),
    "surrogate": "\ud800",
    "list": [None] * 10_000,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_odd_value_is_an_error_anywhere(odd: object) -> None:
    good = make_schedule("MON 09:00-17:00")
    window = good["dialingHours"][0]
    for schedule in (
        *(good | {key: odd} for key in good),
        *(good | {"dialingHours": [window | {key: odd}]} for key in window),
        good | {"pauseConditions": [odd]},
    ):
        found = check(schedule, LIMITLESS, NOW)
        assert found[0].severity == Severity.ERROR
        assert max(len(finding.message) for finding in found) < 200


def test_ten_thousand_rows_are_capped() -> None:
    windows = [{"day": "MON", "startTime": "25:00", "endTime": "17:00"}] * 10_000
    found = check(make_schedule() | {"dialingHours": windows}, Constraints(), NOW)
    assert len(found) == 101
    assert (found[-1].severity, found[-1].message) == (Severity.ERROR, "There are 9,901 more findings.")


def test_cap_hides_no_error() -> None:
    windows = [f"MON {hour:02}:{minute:02}-{hour:02}:{minute + 1:02}" for hour in range(4) for minute in range(59)]
    found = check(make_schedule(*windows, "SUN 09:00-09:00"), LIMITLESS, NOW)
    assert found[0].code == Code.END_NOT_AFTER_START
    assert (found[-1].code, found[-1].severity) == (Code.MORE_FINDINGS, Severity.HINT)


# --- Overlaps ---


@untimed
@given(schedules)
def test_overlaps_are_all_told(schedule: dict[str, Any]) -> None:
    """Some two windows share a minute, as a comparison of each with each finds, or there is no such finding."""
    readable = [
        (window["day"], minutes_of(window["startTime"]) or 0, minutes_of(window["endTime"]) or 0)
        for window in schedule["dialingHours"]
    ]
    lasting = [window for window in readable if window[1] < window[2]]
    shared = any(a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a, b in combinations(lasting, 2))
    assert bool({Code.OVERLAP, Code.DUPLICATE_WINDOW} & set(codes(schedule))) is shared


@untimed
@given(schedules)
def test_told_rows_really_overlap(schedule: dict[str, Any]) -> None:
    hours = schedule["dialingHours"]
    for finding in check(schedule, LIMITLESS, NOW):
        if finding.code == Code.OVERLAP:
            first, second = (hours[row] for row in finding.rows)
            assert first["day"] == second["day"]
            assert max(first["startTime"], second["startTime"]) < min(first["endTime"], second["endTime"])


@untimed
@given(schedules, st.integers(0, 7 * 24 * 60))
def test_sent_form_is_as_open(schedule: dict[str, Any], minute: int) -> None:
    now = NOW + timedelta(minutes=minute)
    assert opening(canonical(schedule), now) == opening(schedule, now)


# --- The page of codes ---


def test_every_code_is_explained() -> None:
    page = (Path(project.BASE_DIR) / "docs" / "schedule-checks.md").read_text(encoding="utf-8")
    assert [code for code in Code if page.count(f"| `{code}` |") != 1] == []

"""Checks for a CXone whose schedules have one window a day, one time zone for all, and no pause conditions."""

from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.schedule import DAYS, Code, Constraints, Severity, check
from tests.schedule.given import make_schedule

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
CURRENT = make_schedule("MON 09:00-17:00")
NARROW = Constraints(max_windows=7, current=CURRENT, several_windows=False, chooses_zone=False, pause_conditions=False)


def errors(schedule: object, constraints: Constraints = NARROW, base: object = CURRENT) -> dict[Code, str]:
    found = check(schedule, constraints, NOW, base)
    return {each.code: each.message for each in found if each.severity == Severity.ERROR}


def test_one_window_on_each_day_passes() -> None:
    assert errors(make_schedule(*(f"{day} 08:00-23:59" for day in DAYS))) == {}


@pytest.mark.parametrize("second", ["MON 18:00-20:00", "MON 10:00-20:00", "MON 09:00-17:00", "MON 17:00-18:00"])
def test_second_window_of_a_day_is_refused(second: str) -> None:
    assert errors(make_schedule("MON 09:00-17:00", second)) == {
        Code.SECOND_WINDOW: "CXone keeps one window a day, and Monday has 2."
    }


def test_second_window_passes_where_cxone_takes_it() -> None:
    assert errors(make_schedule("MON 09:00-17:00", "MON 18:00-20:00"), Constraints(current=CURRENT)) == {}


@pytest.mark.parametrize("end", ["24:00", "00:00", "02:00", "22:00"])
def test_end_at_midnight_or_later_is_refused_with_the_reason(end: str) -> None:
    assert errors(make_schedule(f"MON 22:00-{end}")) == {
        Code.PAST_MIDNIGHT: f"CXone takes no 24:00, and no window past midnight: '{end}' can’t be its end."
    }


def test_another_zone_is_refused() -> None:
    found = errors(make_schedule("MON 09:00-17:00") | {"timezone": "Europe/Paris"})
    assert found == {
        Code.FIXED_ZONE: "All schedules of CXone are in one time zone, 'America/New_York'; this one can’t be in "
        "'Europe/Paris'."
    }


def test_zone_that_cxone_has_changed_meanwhile_is_no_change_of_ours() -> None:
    now = Constraints(current=CURRENT | {"timezone": "America/Denver"}, chooses_zone=False)
    assert errors(CURRENT, now) == {}


def test_nothing_can_be_saved_in_a_zone_that_isnt_known() -> None:
    odd: dict[str, Any] = CURRENT | {"timezone": "Odd Standard Time"}
    constraints = Constraints(current=odd, chooses_zone=False)
    assert list(errors(odd | {"dialingHours": []}, constraints, odd)) == [Code.NO_WINDOW, Code.ZONE_NOT_KNOWN]


def test_pause_conditions_are_refused() -> None:
    assert errors(make_schedule("MON 09:00-17:00") | {"pauseConditions": ["BUSY"]}) == {
        Code.NO_CONDITIONS: "CXone has no pause conditions."
    }


def test_pause_conditions_may_be_left_out() -> None:
    schedule = make_schedule("MON 09:00-17:00")
    del schedule["pauseConditions"]
    assert errors(schedule) == {}


@pytest.mark.parametrize("anything", [None, [], "x", {}, {"dialingHours": "x"}, {"dialingHours": [None, {"day": 3}]}])
def test_anything_is_checked(anything: object) -> None:
    assert errors(anything)

"""A campaign for which CXone keeps no hours: it dials whenever it has been started, until windows are saved."""

from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.schedule import (
    Code,
    Constraints,
    Opening,
    carry,
    check,
    is_unscheduled,
    merge,
    opening,
    same,
    week,
)
from campaigns.schedule.in_words import changed_days, lines_of
from campaigns.schedule.what_if import what_if
from tests.schedule.given import make_schedule

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)
AT_ANY_TIME: dict[str, Any] = make_schedule() | {"isScheduled": False}
HOURS = make_schedule("MON 09:00-17:00")


def test_it_is_always_open() -> None:
    assert opening(AT_ANY_TIME, NOW) == Opening(is_open=True)


def test_it_is_open_without_a_time_zone() -> None:
    assert opening({"isScheduled": False}, NOW).is_open


def test_no_windows_alone_are_closed() -> None:
    assert not opening(make_schedule(), NOW).is_open


def test_each_day_is_open_all_day() -> None:
    assert {day.segments for day in week(AT_ANY_TIME)} == {((0, 1440),)}


def test_saved_windows_make_a_schedule() -> None:
    saved = carry(AT_ANY_TIME, make_schedule("MON 09:00-17:00"))
    assert same(saved, HOURS)
    assert not is_unscheduled(saved)


def test_without_windows_it_stays_so() -> None:
    assert is_unscheduled(carry(AT_ANY_TIME, make_schedule()))


def test_windows_lose_nothing_that_is_known() -> None:
    found = check(HOURS, Constraints(current=AT_ANY_TIME), NOW, AT_ANY_TIME)
    assert Code.LOSES_FIELDS not in [each.code for each in found]


def test_it_lacks_no_window() -> None:
    assert Code.NO_WINDOW not in [each.code for each in check(AT_ANY_TIME, Constraints(current=AT_ANY_TIME), NOW)]


def test_windows_that_are_closed_now_stop_dialing() -> None:
    evening = make_schedule("MON 18:00-20:00")
    assert Code.STOPS_DIALING in [each.code for each in check(evening, Constraints(current=AT_ANY_TIME), NOW)]


def test_windows_that_both_sides_save_are_merged() -> None:
    theirs = make_schedule("TUE 09:00-17:00")
    merged = merge(AT_ANY_TIME, theirs, HOURS)
    assert not merged.clashes
    assert same(merged.schedule, make_schedule("MON 09:00-17:00", "TUE 09:00-17:00"))


def test_it_is_said_in_words() -> None:
    assert lines_of(AT_ANY_TIME, "MON") == ["whenever it has been started"]
    assert lines_of(AT_ANY_TIME, "other") == ["none"]
    assert changed_days(AT_ANY_TIME, HOURS)[0].after == ["09:00 to 17:00"]


def test_hours_lost_are_counted() -> None:
    assert what_if(AT_ANY_TIME, HOURS, NOW).lost == timedelta(hours=14 * 24 - 2 * 8)

"""Days, times, conditions and zones are read and compared by what they mean, however they are spelled."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.schedule import (
    DAYS,
    UNREADABLE,
    Code,
    Constraints,
    Opening,
    Severity,
    canonical,
    check,
    day_of,
    merge,
    minutes_of,
    opening,
    read_window,
    same,
)
from tests.schedule.given import make_schedule, make_windows, odd_schedules, small_schedules
from tests.schedule.test_checks import NOW

untimed = settings(deadline=None)
NAMES = dict(zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
ZONES = {"America/New_York": "US/Eastern", "Europe/London": "GB", "Australia/Lord_Howe": "Australia/LHI"}

TIMES = (
    lambda hour, minute: f"{hour:02}:{minute:02}",
    lambda hour, minute: f"{hour}:{minute:02}",
    lambda hour, minute: f"{hour:02}:{minute:02}:00",
    lambda hour, minute: f"{hour:02}:{minute:02}:00.000",
    lambda hour, minute: f"T{hour:02}:{minute:02}",
    lambda hour, minute: f" {hour:02}:{minute:02}\n",
    lambda hour, minute: f"{hour % 12 or 12}:{minute:02} {'PM' if hour > 11 else 'AM'}",
    lambda hour, minute: f"{hour % 12 or 12}:{minute:02}{'p.m.' if hour > 11 else 'a.m.'}",
)
DAY_SPELLINGS = (str, str.lower, NAMES.__getitem__, lambda day: NAMES[day].upper(), lambda day: f" {day} ")


@given(st.integers(0, 1439), st.sampled_from(TIMES))
def test_time_is_read_in_every_spelling(minutes: int, write: Any) -> None:
    assert minutes_of(write(*divmod(minutes, 60))) == minutes


@given(st.sampled_from(DAYS), st.sampled_from(DAY_SPELLINGS))
def test_day_is_read_in_every_spelling(day: str, write: Any) -> None:
    assert day_of(write(day)) == day


@pytest.mark.parametrize(
    "text",
    [
        *("09:00:30", "09:00:00.5", "09:00Z", "09:00+00:00", "25:00", "9", "0900", "13:00 PM", "0:30 AM", "09:60", ""),
        *("\u0660\u0669:\u0660\u0660", "09:00 " * 20, 9, 540, None, True, ["09:00"], {"hour": 9}),
    ],
)
def test_what_may_mean_something_else_is_no_time(text: object) -> None:
    assert minutes_of(text) is None


@pytest.mark.parametrize("text", ["M", "Mo", "Mondays", "1", 1, None, "MON-FRI", ""])
def test_what_may_mean_something_else_is_no_day(text: object) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize("end", ["23:59", "24:00", "24:00:00", "00:00", "12:00 AM"])
def test_midnight_is_the_end_of_the_day(end: str) -> None:
    assert read_window({"day": "MON", "startTime": "09:00", "endTime": end}) == ("MON", (540, 1440))


@pytest.mark.parametrize(
    ("start", "end"), [("00:00", "00:00"), ("09:00", "09:00"), ("22:00", "02:00"), ("24:00", "24:00")]
)
def test_window_that_may_mean_two_things_is_not_read(start: str, end: str) -> None:
    assert read_window({"day": "MON", "startTime": start, "endTime": end}) is None


# --- the same, spelled otherwise ---


def respell(schedule: dict[str, Any], draw: Any) -> dict[str, Any]:
    windows = [
        {
            "endTime": draw(st.sampled_from(TIMES))(*map(int, window["endTime"].split(":"))),
            "day": draw(st.sampled_from(DAY_SPELLINGS))(window["day"]),
            "startTime": draw(st.sampled_from(TIMES))(*map(int, window["startTime"].split(":"))),
        }
        for window in draw(st.permutations(schedule["dialingHours"]))
    ]
    zone = draw(st.sampled_from((schedule["timezone"], ZONES[schedule["timezone"]])))
    conditions = [draw(st.sampled_from((name, name.lower()))) for name in schedule["pauseConditions"]]
    return {"timezone": zone, "dialingHours": windows, "pauseConditions": conditions}


@untimed
@given(small_schedules, st.data())
def test_another_spelling_is_the_same(schedule: dict[str, Any], data: st.DataObject) -> None:
    respelled = respell(schedule, data.draw)
    assert same(schedule, respelled)
    assert canonical(respelled) | {"timezone": ""} == canonical(schedule) | {"timezone": ""}


@untimed
@given(small_schedules, st.data(), st.integers(0, 7 * 24 * 60))
def test_another_spelling_is_as_open(schedule: dict[str, Any], data: st.DataObject, minute: int) -> None:
    now = NOW + timedelta(minutes=minute)
    respelled = respell(schedule, data.draw) | {"timezone": schedule["timezone"]}
    assert opening(respelled, now) == opening(schedule, now)


@untimed
@given(small_schedules, small_schedules, small_schedules, st.data())
def test_another_spelling_merges_alike(
    base: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any], data: st.DataObject
) -> None:
    expected, found = merge(base, theirs, ours), merge(base, respell(theirs, data.draw), ours)
    assert [clash.part for clash in found.clashes] == [clash.part for clash in expected.clashes]
    assert same(found.schedule, expected.schedule)


any_schedule = small_schedules | odd_schedules


@untimed
@given(any_schedule, any_schedule, any_schedule)
def test_same_is_an_equivalence(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    assert same(a, a)
    assert same(a, b) is same(b, a)
    assert not (same(a, b) and same(b, c)) or same(a, c)


def test_other_times_are_not_the_same() -> None:
    assert not same(make_schedule("MON 09:00-17:00"), make_schedule("MON 09:00-17:01"))


# --- zones in a merge ---

BASE = make_schedule("MON 09:00-17:00", "TUE 09:00-17:00", timezone="US/Eastern")


def test_another_name_of_the_zone_is_no_change_of_hours() -> None:
    theirs = BASE | {"timezone": "America/New_York"}
    ours = BASE | {"dialingHours": make_windows("MON 09:00-16:00", "TUE 09:00-17:00")}
    found = merge(BASE, theirs, ours)
    assert found.clashes == ()
    assert found.schedule == canonical(ours | {"timezone": "America/New_York"})


def test_our_name_of_the_zone_is_taken() -> None:
    ours = BASE | {"timezone": "America/New_York", "dialingHours": make_windows("MON 09:00-16:00")}
    assert merge(BASE, BASE, ours).schedule == canonical(ours)


def test_fixed_offset_is_another_zone() -> None:
    theirs = BASE | {"timezone": "EST"}
    ours = BASE | {"dialingHours": make_windows("MON 09:00-16:00")}
    assert [clash.part for clash in merge(BASE, theirs, ours).clashes] == ["hours"]


# --- what CXone has, and can't be read ---

ODD = {"day": "TUE", "startTime": "09:00:30", "endTime": "17:00"}
HAS = make_schedule("MON 09:00-17:00", timezone="America/New_York")
HAS = HAS | {"dialingHours": [*HAS["dialingHours"], ODD], "pauseConditions": ["HAIL", {"of": 1}]}


def test_what_cxone_has_may_stay() -> None:
    ours = HAS | {"dialingHours": [*make_windows("MON 10:00-17:00"), ODD]}
    (finding,) = check(ours, Constraints(current=HAS), NOW, HAS)
    assert (finding.code, finding.severity, finding.rows) == (Code.UNREADABLE_WINDOW, Severity.WARNING, (1,))
    assert "TUE 09:00:30 to 17:00" in finding.message


def test_what_cxone_has_stays_word_for_word() -> None:
    ours = HAS | {"dialingHours": [*make_windows("MON 10:00-17:00"), ODD]}
    assert merge(HAS, HAS, ours).schedule["dialingHours"][1] == ODD


def test_midnight_that_cxone_has_is_neither_error_nor_rounded() -> None:
    late = {"day": "MON", "startTime": "18:00", "endTime": "24:00"}
    has = HAS | {"dialingHours": [late], "pauseConditions": []}
    assert check(has, Constraints(current=has), NOW, has) == ()
    assert canonical(has)["dialingHours"] == [late]


def test_new_window_needs_the_spelling_of_the_contract() -> None:
    late = HAS | {"dialingHours": [{"day": "MON", "startTime": "18:00", "endTime": "24:00"}], "pauseConditions": []}
    assert [finding.code for finding in check(late, Constraints(), NOW)] == [Code.BAD_TIME]


def test_unknown_hours_start_and_stop_nothing() -> None:
    tuesday = datetime.fromisoformat("2026-11-17T15:00:00+00:00")
    assert opening(HAS, tuesday) == Opening(problem=UNREADABLE)
    codes = {finding.code for finding in check(make_schedule("TUE 09:00-17:00"), Constraints(current=HAS), tuesday)}
    assert Code.STARTS_DIALING not in codes

"""What is no schedule in form, in words, with what to write instead."""

from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.schedule import Code, Constraints, ScheduleFinding, Severity, check
from tests.schedule.given import make_schedule, make_windows

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
GOOD = make_schedule("MON 09:00-17:00", conditions=("BUSY",))


def find(schedule: object) -> tuple[ScheduleFinding, ...]:
    return check(schedule, Constraints(), NOW)


def only(schedule: object) -> ScheduleFinding:
    (finding,) = find(schedule)
    return finding


def window(**fields: Any) -> dict[str, Any]:
    return GOOD | {"dialingHours": [{"day": "MON", "startTime": "09:00", "endTime": "17:00"} | fields]}


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name != key}


def test_good_schedule_has_no_findings() -> None:
    assert find(GOOD) == ()


def test_no_conditions_is_fine() -> None:
    assert find(GOOD | {"pauseConditions": []}) == ()


@pytest.mark.parametrize("schedule", [None, [], "MON", 7, True, b"{}"])
def test_no_object_is_told(schedule: object) -> None:
    assert only(schedule).code == Code.NOT_AN_OBJECT


# --- Keys ---


@pytest.mark.parametrize("key", ["timezone", "dialingHours", "pauseConditions"])
def test_missing_key_is_told(key: str) -> None:
    finding = only(without(GOOD, key))
    assert (finding.code, finding.field) == (Code.MISSING_KEY, key)


def test_missing_key_of_window_is_told() -> None:
    finding = only(GOOD | {"dialingHours": [*make_windows("TUE 09:00-17:00"), {"day": "MON", "startTime": "09:00"}]})
    assert (finding.code, finding.field, finding.rows) == (Code.MISSING_KEY, "endTime", (1,))


def test_unknown_key_is_told() -> None:
    finding = only(GOOD | {"lunch": "12:00"})
    assert (finding.code, finding.field) == (Code.UNKNOWN_KEY, "lunch")
    assert "timezone, dialingHours, pauseConditions" in finding.suggestion


def test_snake_case_key_is_put_right() -> None:
    hours = [{"day": "MON", "start_time": "09:00", "endTime": "17:00"}]
    finding = only(GOOD | {"dialingHours": hours})
    assert (finding.code, finding.rows, finding.field) == (Code.UNKNOWN_KEY, (0,), "start_time")
    assert finding.suggestion == "Write startTime, not start_time."


def test_snake_case_schedule_is_put_right() -> None:
    schedule = {"timezone": "America/New_York", "dialing_hours": [], "pause_conditions": []}
    assert [finding.suggestion for finding in find(schedule)] == [
        "Write dialingHours, not dialing_hours.",
        "Write pauseConditions, not pause_conditions.",
    ]


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (GOOD | {"timezone": None}, "timezone"),
        (GOOD | {"dialingHours": {"MON": []}}, "dialingHours"),
        (GOOD | {"pauseConditions": "BUSY"}, "pauseConditions"),
        (GOOD | {"pauseConditions": [1]}, "pauseConditions"),
        (GOOD | {"dialingHours": [None]}, ""),
        (window(day=1), "day"),
        (window(startTime=9), "startTime"),
        (window(endTime=None), "endTime"),
    ],
)
def test_wrong_type_is_told(schedule: dict[str, Any], field: str) -> None:
    finding = only(schedule)
    assert (finding.code, finding.field) == (Code.WRONG_TYPE, field)


# --- Zones ---


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("america/new york", "Did you mean America/New_York?"),
        ("New York", "Did you mean America/New_York?"),
        ("America/New_Yrok", "Did you mean America/New_York?"),
        ("Lord Howe", "Did you mean Australia/Lord_Howe?"),
        ("Mars/Olympus", "Choose one from the list, such as America/New_York."),
        ("../etc/passwd", "Choose one from the list, such as America/New_York."),
    ],
)
def test_unknown_zone_is_put_right(name: str, suggestion: str) -> None:
    finding = only(GOOD | {"timezone": name})
    assert (finding.code, finding.suggestion) == (Code.UNKNOWN_ZONE, suggestion)


@pytest.mark.parametrize("name", ["", " UTC", "America", "posix/UTC", "a\0b", "\ud800", "x" * 500])
def test_strange_zone_is_unknown(name: str) -> None:
    assert only(GOOD | {"timezone": name}).code == Code.UNKNOWN_ZONE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("US/Eastern", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("Australia/LHI", "Australia/Lord_Howe"),
        ("Iceland", "Atlantic/Reykjavik"),
    ],
)
def test_renamed_zone_is_hinted(old: str, new: str) -> None:
    finding = only(GOOD | {"timezone": old})
    assert (finding.code, finding.severity) == (Code.RENAMED_ZONE, Severity.HINT)
    assert new in finding.suggestion


@pytest.mark.parametrize("name", ["America/Panama", "Europe/Stockholm", "Africa/Accra", "America/New_York"])
def test_own_name_is_no_hint(name: str) -> None:
    assert find(GOOD | {"timezone": name}) == ()


# --- Days, times, conditions ---


@pytest.mark.parametrize(
    ("day", "suggestion"), [("Mondays", "Write MON."), ("tuesd", "Write TUE."), ("XXX", "Write MON, TUE, WED")]
)
def test_unknown_day_is_put_right(day: str, suggestion: str) -> None:
    finding = only(window(day=day))
    assert (finding.code, finding.rows, finding.field) == (Code.UNKNOWN_DAY, (0,), "day")
    assert finding.suggestion.startswith(suggestion)


@pytest.mark.parametrize(
    ("time", "suggestion"),
    [
        ("9:5", "Write 09:05."),
        ("9", "Write 09:00."),
        ("0930", "Write 09:30."),
        ("9.30", "Write 09:30."),
        ("9 pm", "Write 21:00."),
        ("09:30:01", "Write hours and minutes as HH:MM, from 00:00 to 23:59."),
        ("09:30Z", "Write hours and minutes as HH:MM, from 00:00 to 23:59."),
        ("12 am", "Write 00:00."),
        ("\u0660\u0669:\u0660\u0660", "Write 09:00."),
        ("24:00", "Write 00:00 of the next day."),
        ("25:00", "Write hours and minutes as HH:MM, from 00:00 to 23:59."),
        ("13 pm", "Write hours and minutes as HH:MM, from 00:00 to 23:59."),
        ("", "Write hours and minutes as HH:MM, from 00:00 to 23:59."),
        ("9" * 500, "Write hours and minutes as HH:MM, from 00:00 to 23:59."),
    ],
)
def test_bad_time_is_put_right(time: str, suggestion: str) -> None:
    finding = only(window(startTime=time))
    assert (finding.code, finding.rows, finding.field) == (Code.BAD_TIME, (0,), "startTime")
    assert finding.suggestion == suggestion


def test_end_at_24_is_put_right() -> None:
    assert only(window(endTime="24:00")).suggestion == "Write 23:59: as an end it is the end of the day."


@pytest.mark.parametrize(
    ("day", "start", "end", "suggestion"),
    [
        (
            "FRI",
            "22:00",
            "02:00",
            "Split it in two: FRI 22:00-23:59 and SAT 00:00-02:00. If start and end were swapped: FRI 02:00-22:00.",
        ),
        ("SUN", "22:00", "02:00", "Split it in two: SUN 22:00-23:59 and MON 00:00-02:00."),
        ("FRI", "22:00", "00:00", "If it lasts until midnight, write FRI 22:00-23:59"),
        ("FRI", "09:00", "09:00", "Write a later end, or remove it. The whole day is FRI 00:00-23:59."),
        ("FRI", "23:59", "02:00", "Write an earlier start."),
    ],
)
def test_end_not_after_start_is_put_right(day: str, start: str, end: str, suggestion: str) -> None:
    finding = only(window(day=day, startTime=start, endTime=end))
    assert (finding.code, finding.rows, finding.field) == (Code.END_NOT_AFTER_START, (0,), "endTime")
    assert finding.suggestion.startswith(suggestion)


def test_all_of_a_window_is_told() -> None:
    findings = find(window(day="XXX", startTime="25:00", lunch=1))
    assert {finding.code for finding in findings} == {Code.UNKNOWN_DAY, Code.BAD_TIME, Code.UNKNOWN_KEY}


@pytest.mark.parametrize(
    ("condition", "suggestion"),
    [("no answer", "Write NO_ANSWER."), ("BUSSY", "Write BUSY."), ("?", "Write NO_ANSWER,")],
)
def test_unknown_condition_is_put_right(condition: str, suggestion: str) -> None:
    finding = only(GOOD | {"pauseConditions": [condition]})
    assert (finding.code, finding.field) == (Code.UNKNOWN_CONDITION, "pauseConditions")
    assert finding.suggestion.startswith(suggestion)


def test_duplicate_condition_is_told() -> None:
    assert only(GOOD | {"pauseConditions": ["BUSY", "BUSY"]}).code == Code.DUPLICATE_CONDITION


def test_finding_as_json() -> None:
    assert only(GOOD | {"dialingHours": []}).as_json() == {
        "code": "NO_WINDOW",
        "severity": "ERROR",
        "message": "There is no window: it would never dial.",
        "rows": [],
        "field": "dialingHours",
        "rule": "",
        "suggestion": "Add one. To stop dialing altogether, pause the campaign.",
        "on": "",
    }

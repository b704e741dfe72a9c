"""Windows against each other, the licence, calling hours, holidays, and what is open now."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaigns.schedule import DAYS, Code, Constraints, HolidayOn, HoursRule, ScheduleFinding, Severity, check
from tests.schedule.given import make_schedule

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)  # a Wednesday, 10:00 in New York
TODAY = date(2026, 11, 18)
FEDERAL = HoursRule("Federal", frozenset(DAYS), 8 * 60, 21 * 60, "47 CFR 64.1200(c)(1)")
WEEKDAYS = HoursRule("Office", frozenset(DAYS[:5]), 9 * 60, 18 * 60, "House rule 4")


def find(*windows: str, now: datetime = NOW, **constraints: Any) -> tuple[ScheduleFinding, ...]:
    return check(make_schedule(*windows), Constraints(**constraints), now)


def only(*windows: str, **constraints: Any) -> ScheduleFinding:
    (finding,) = find(*windows, **constraints)
    return finding


def holiday(day: date, closed: tuple[int, int] | None = None) -> HolidayOn:
    return HolidayOn(day, "Founders' Day", "House", closed)


# --- Windows against each other ---


def test_overlap_is_told() -> None:
    finding = only("MON 11:00-15:00", "TUE 09:00-17:00", "MON 09:00-12:00")
    assert (finding.code, finding.rows) == (Code.OVERLAP, (2, 0))
    assert finding.message == "MON 09:00-12:00 and MON 11:00-15:00 overlap: 11:00-12:00 is in both."
    assert finding.suggestion == "Make them one: MON 09:00-15:00; or let the second be MON 12:00-15:00."


def test_window_within_another_is_told() -> None:
    finding = only("MON 09:00-17:00", "MON 10:00-11:00")
    assert (finding.code, finding.rows) == (Code.OVERLAP, (0, 1))
    assert finding.suggestion == "Remove MON 10:00-11:00: it lies within MON 09:00-17:00."


def test_overlap_with_an_earlier_one() -> None:
    findings = find("MON 09:00-17:00", "MON 10:00-11:00", "MON 12:00-13:00")
    assert [finding.rows for finding in findings] == [(0, 1), (0, 2)]


def test_same_hours_of_other_day_are_fine() -> None:
    assert find("MON 09:00-17:00", "TUE 09:00-17:00") == ()


def test_duplicates_are_told_once() -> None:
    finding = only("MON 09:00-17:00", "TUE 09:00-17:00", "MON 09:00-17:00", "MON 09:00-17:00")
    assert (finding.code, finding.rows) == (Code.DUPLICATE_WINDOW, (0, 2, 3))


def test_touching_is_hinted() -> None:
    finding = only("MON 09:00-12:00", "MON 12:00-17:00")
    assert (finding.code, finding.severity, finding.rows) == (Code.TOUCHING_WINDOWS, Severity.HINT, (0, 1))
    assert finding.suggestion == "They may be one: MON 09:00-17:00."


# --- The licence ---

SIX = tuple(f"{day} 09:00-17:00" for day in DAYS[:6])


def test_sixth_window_is_too_many() -> None:
    finding = only(*SIX)
    assert (finding.code, finding.severity, finding.rule) == (
        Code.TOO_MANY_WINDOWS,
        Severity.ERROR,
        "Policy: 5 windows",
    )


def test_fifth_window_is_fine() -> None:
    assert find(*SIX[:5]) == ()


def test_as_many_as_now_is_hinted() -> None:
    finding = only(*SIX, current=make_schedule(*(f"{day} 09:00-16:00" for day in DAYS[:6])))
    assert (finding.code, finding.severity) == (Code.MORE_WINDOWS_THAN_POLICY, Severity.HINT)


def test_more_than_now_is_too_many() -> None:
    finding = only(*SIX, "SUN 09:00-17:00", current=make_schedule(*SIX))
    assert finding.code == Code.TOO_MANY_WINDOWS


# --- Calling hours ---


def test_within_calling_hours() -> None:
    assert find("MON 08:00-21:00", hours=(FEDERAL,)) == ()


@pytest.mark.parametrize(
    ("window", "nearest"),
    [
        ("MON 07:00-22:00", "MON 08:00-21:00"),
        ("MON 07:59-12:00", "MON 08:00-12:00"),
        ("MON 20:00-21:01", "MON 20:00-21:00"),
        ("MON 21:00-22:30", "MON 19:30-21:00"),
        ("MON 05:00-06:00", "MON 08:00-09:00"),
    ],
)
def test_outside_calling_hours(window: str, nearest: str) -> None:
    finding = only("TUE 09:00-17:00", window, hours=(FEDERAL,))
    assert (finding.code, finding.rows, finding.rule) == (Code.OUTSIDE_CALLING_HOURS, (1,), "47 CFR 64.1200(c)(1)")
    assert finding.suggestion == f"The nearest that is allowed: {nearest}."


def test_every_rule_is_kept() -> None:
    finding = only("MON 08:30-20:00", hours=(FEDERAL, WEEKDAYS))
    assert (finding.rule, finding.suggestion) == ("House rule 4", "The nearest that is allowed: MON 09:00-18:00.")


def test_day_without_rule_is_closed() -> None:
    finding = only("SAT 10:00-12:00", hours=(WEEKDAYS,))
    assert (finding.code, finding.field, finding.rule) == (Code.OUTSIDE_CALLING_HOURS, "day", "House rule 4")


def test_rules_that_leave_nothing() -> None:
    findings = find("MON 10:00-12:00", hours=(WEEKDAYS, replace(FEDERAL, earliest=19 * 60)))
    assert findings[0].suggestion == "No calls are allowed on MON: remove MON 10:00-12:00."


def test_rule_may_last_until_midnight() -> None:
    assert find("MON 20:00-23:59", hours=(replace(FEDERAL, latest=23 * 60 + 59),)) == ()


# --- Holidays ---


def test_holiday_today_is_error() -> None:
    finding = only("WED 09:00-17:00", holidays=(holiday(TODAY),))
    assert (finding.code, finding.severity, finding.rule) == (Code.HOLIDAY_TODAY, Severity.ERROR, "Calendar House")
    assert finding.message == (
        "Today, Wed 18 Nov 2026, is Founders' Day (all day; calendar House). WED 09:00-17:00 falls on it."
    )
    assert finding.on == "2026-11-18"


def test_other_days_can_be_changed_on_a_holiday() -> None:
    assert find("MON 09:00-17:00", holidays=(holiday(TODAY),)) == ()


def changed(before: str, after: str, closed: tuple[int, int] | None = None, now: datetime = NOW) -> ScheduleFinding:
    """The finding of a change of one window on a holiday, that `now` is on."""
    constraints = Constraints(holidays=(holiday(TODAY, closed),))
    (finding,) = check(make_schedule(after), constraints, now, make_schedule(before))
    return finding


def test_hours_that_dialed_before_the_change_are_a_warning() -> None:
    finding = changed("WED 09:00-17:00", "WED 09:00-16:00")
    assert (finding.code, finding.severity) == (Code.HOLIDAY_TODAY, Severity.WARNING)
    assert finding.suggestion.startswith("This change doesn’t add to that.")


@pytest.mark.parametrize("after", ["WED 09:00-17:30", "WED 08:00-17:00", "WED 18:00-19:00"])
def test_hours_that_the_change_adds_on_a_holiday_are_an_error(after: str) -> None:
    earlier = NOW - timedelta(hours=5)
    assert changed("WED 09:00-17:00", after, now=earlier).severity == Severity.ERROR


def test_restricted_hours_that_are_over_are_none_that_a_change_adds() -> None:
    afternoon = NOW + timedelta(hours=3)
    assert changed("MON 09:00-17:00", "WED 08:00-17:00", (480, 720), afternoon).severity == Severity.WARNING


def test_only_added_windows_are_in_the_error() -> None:
    before, after = make_schedule("WED 09:00-12:00"), make_schedule("WED 09:00-12:00", "WED 13:00-17:00")
    (finding,) = check(after, Constraints(holidays=(holiday(TODAY),)), NOW, before)
    assert (finding.severity, finding.rows) == (Severity.ERROR, (1,))


def test_another_zone_can_add_hours_on_a_holiday() -> None:
    """The same hours an hour later are open when those before are closed."""
    before = make_schedule("WED 09:00-17:00")
    (finding,) = check(before | {"timezone": "America/Chicago"}, Constraints(holidays=(holiday(TODAY),)), NOW, before)
    assert finding.severity == Severity.ERROR


def test_without_a_base_what_cxone_has_is_what_dialed_before() -> None:
    current = make_schedule("WED 09:00-17:00")
    finding = only("WED 09:00-17:00", holidays=(holiday(TODAY),), current=current)
    assert finding.severity == Severity.WARNING


def test_restricted_hours_today_hit_a_window() -> None:
    finding = only("WED 09:00-17:00", holidays=(holiday(TODAY, (480, 720)),))
    assert (finding.code, finding.rows) == (Code.HOLIDAY_TODAY, (0,))


@pytest.mark.parametrize("window", ["WED 12:00-17:00", "MON 09:00-17:00"])
def test_restricted_hours_today_hit_none(window: str) -> None:
    assert find(window, holidays=(holiday(TODAY, (480, 720)),)) == ()


def test_today_is_the_zones() -> None:
    """In New York it is still the 18th."""
    late = datetime(2026, 11, 19, 4, 30, tzinfo=UTC)
    assert only("WED 09:00-23:59", now=late, holidays=(holiday(TODAY),)).code == Code.HOLIDAY_TODAY


def test_holiday_ahead_is_warned_of() -> None:
    finding = only(
        "THU 08:00-12:00", "FRI 09:00-17:00", "THU 13:00-17:00", holidays=(holiday(TODAY + timedelta(days=8)),)
    )
    assert (finding.code, finding.severity, finding.rows) == (Code.HOLIDAY_AHEAD, Severity.WARNING, (0, 2))
    assert finding.message == (
        "Thu 26 Nov 2026, in 8 days, is Founders' Day (all day; calendar House). "
        "THU 08:00-12:00 and 1 more fall on it."
    )


@pytest.mark.parametrize(("days", "count"), [(-1, 0), (1, 1), (60, 1), (61, 0)])
def test_sixty_days_are_looked_at(days: int, count: int) -> None:
    assert (
        len(
            find(
                *(f"{day} 09:00-17:00" for day in DAYS),
                max_windows=7,
                holidays=(holiday(TODAY + timedelta(days=days)),),
            )
        )
        == count
    )


def test_holidays_come_by_date() -> None:
    later, sooner = holiday(date(2026, 12, 7)), holiday(date(2026, 11, 30))
    findings = find("WED 09:00-17:00", "MON 09:00-17:00", holidays=(later, holiday(date(2026, 12, 2)), sooner))
    assert [finding.message.split(",")[0] for finding in findings] == [
        "Mon 30 Nov 2026",
        "Wed 2 Dec 2026",
        "Mon 7 Dec 2026",
    ]


def test_holiday_without_windows_is_none() -> None:
    assert find("FRI 09:00-17:00", holidays=(holiday(TODAY + timedelta(days=1)),)) == ()


def test_last_minute_is_of_the_day() -> None:
    late = (23 * 60 + 59, 24 * 60)
    assert only("THU 20:00-23:59", holidays=(holiday(TODAY + timedelta(days=1), late),)).code == Code.HOLIDAY_AHEAD


# --- Dialing starts or stops ---

OPEN, CLOSED = make_schedule("WED 09:00-17:00"), make_schedule("WED 12:00-17:00")


def test_dialing_would_start() -> None:
    finding = only("WED 09:00-17:00", current=CLOSED)
    assert (finding.code, finding.severity) == (Code.STARTS_DIALING, Severity.WARNING)
    assert "until Wed 17:00 (America/New_York)" in finding.message


def test_dialing_would_stop() -> None:
    finding = only("WED 12:00-17:00", current=OPEN)
    assert (finding.code, finding.severity) == (Code.STOPS_DIALING, Severity.WARNING)
    assert "until Wed 12:00 (America/New_York)" in finding.message


def test_zone_alone_may_stop_dialing() -> None:
    assert only("WED 09:00-17:00", current=OPEN | {"timezone": "Pacific/Honolulu"}).code == Code.STARTS_DIALING


def test_first_windows_start_dialing() -> None:
    assert only("WED 09:00-17:00", current=OPEN | {"dialingHours": []}).code == Code.STARTS_DIALING


@pytest.mark.parametrize(
    "constraints", [{"current": OPEN}, {"current": CLOSED, "status": "PAUSED"}, {"current": None}, {"current": {}}]
)
def test_nothing_starts_or_stops(constraints: dict[str, Any]) -> None:
    assert find("WED 09:00-17:00", **constraints) == ()


def test_broken_windows_stop_nothing() -> None:
    assert only("WED 9:000-17:00", current=OPEN).code == Code.BAD_TIME

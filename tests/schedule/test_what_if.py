"""The next 14 days under other hours: what is gained and lost, and why."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule import DAYS, HolidayOn, HoursRule
from campaigns.schedule.open_time import length, open_spans
from campaigns.schedule.what_if import what_if
from tests.schedule.given import make_schedule, schedules

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)  # a Monday, 10:00 in New York
HOUR = timedelta(hours=1)
FEDERAL = HoursRule("Federal", frozenset(DAYS), 8 * 60, 21 * 60, "47 CFR 64.1200(c)(1)")
THANKSGIVING = HolidayOn(date(2026, 11, 26), "Thanksgiving", "US")
moments = st.integers(0, 365 * 24).map(lambda hour: datetime(2026, 1, 1, tzinfo=UTC) + hour * HOUR)
rules = st.lists(st.just(FEDERAL), max_size=1)
holidays = st.lists(
    st.builds(
        HolidayOn,
        st.dates(date(2026, 1, 1), date(2027, 1, 10)),
        st.just("Holiday"),
        st.just("Calendar"),
        st.none() | st.just((480, 720)),
    ),
    max_size=6,
)


@given(schedules, schedules, moments, rules, holidays)
def test_gained_less_lost_is_the_difference(
    today: dict[str, Any], wanted: dict[str, Any], now: datetime, limits: list[HoursRule], closed: list[HolidayOn]
) -> None:
    found = what_if(today, wanted, now, limits, closed)
    assert found.gained - found.lost == found.after - found.before
    for day in found.days:
        assert day.gained - day.lost == day.after - day.before
        assert timedelta() <= day.after <= 25 * HOUR


@given(schedules, moments, rules, holidays)
def test_same_hours_gain_and_lose_nothing(
    schedule: dict[str, Any], now: datetime, limits: list[HoursRule], closed: list[HolidayOn]
) -> None:
    found = what_if(schedule, schedule, now, limits, closed)
    assert (found.gained, found.lost) == (timedelta(), timedelta())


@given(schedules, schedules, moments, rules, holidays)
def test_open_time_is_allowed_or_barred(
    today: dict[str, Any], wanted: dict[str, Any], now: datetime, limits: list[HoursRule], closed: list[HolidayOn]
) -> None:
    for day in what_if(today, wanted, now, limits, closed).days:
        whole = length(open_spans(wanted, day.day, 1))
        # Windows of the day before may reach into this one only where clocks are set back at midnight.
        assert day.after + day.barred_by_holidays + day.barred_by_law >= whole - HOUR


def test_holiday_takes_its_hours_and_says_so() -> None:
    schedule = make_schedule("THU 09:00-17:00")
    found = what_if(schedule, make_schedule("THU 08:00-18:00"), NOW, (FEDERAL,), (THANKSGIVING,))
    first, second = (day for day in found.days if day.day.weekday() == 3)
    assert (first.gained, first.after, first.holidays) == (2 * HOUR, 10 * HOUR, ())
    assert (second.gained, second.after, second.holidays) == (timedelta(), timedelta(), ("Thanksgiving",))
    assert second.barred_by_holidays == 10 * HOUR


def test_law_takes_its_hours() -> None:
    found = what_if(make_schedule(), make_schedule("TUE 07:00-09:00"), NOW, (FEDERAL,))
    assert (found.days[1].gained, found.days[1].barred_by_law) == (HOUR, HOUR)


def test_hour_that_clocks_repeat_is_counted() -> None:
    """New York sets its clocks back on 1 November 2026."""
    now = datetime(2026, 10, 30, 15, tzinfo=UTC)
    found = what_if(make_schedule(), make_schedule("SUN 00:00-04:00"), now)
    assert [day.gained for day in found.days if day.day.weekday() == 6] == [5 * HOUR, 4 * HOUR]


def test_other_zone_shifts_hours() -> None:
    before = make_schedule("MON 09:00-17:00")
    found = what_if(before, before | {"timezone": "America/Chicago"}, NOW)
    assert (found.days[0].gained, found.days[0].lost) == (HOUR, HOUR)


def test_unknown_zone_has_no_outlook() -> None:
    assert what_if(make_schedule(), make_schedule(timezone="Mars/Olympus"), NOW).days == ()

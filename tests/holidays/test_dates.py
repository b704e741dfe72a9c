"""Holidays as dates: once or every year, observed days, restricted hours, zones. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.holidays.agenda import in_zone
from campaigns.holidays.dates import closed_of, in_year, observed_day, occurrences
from campaigns.holidays.lookups import SOON_DAYS, agenda_of
from campaigns.models import Calendar, Holiday
from campaigns.schedule import DAY_MINUTES, HolidayOn

NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
ZONES = [
    ZoneInfo(name)
    for name in ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca")
]
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def holiday(day: str, zone: str = "", **values: object) -> Holiday:
    values = {"name": "Day", **values}
    return Holiday(calendar=Calendar(name="US", zone=zone), date=date.fromisoformat(day), **values)


def dates(a_holiday: Holiday, first: str, last: str) -> list[str]:
    return [str(on) for on, _ in occurrences(a_holiday, date.fromisoformat(first), date.fromisoformat(last))]


def on(day: str, closed: tuple[int, int] | None = None) -> HolidayOn:
    return HolidayOn(date.fromisoformat(day), "Day", "US", closed)


def falling(
    holidays: list[Holiday], zone: ZoneInfo | None, first: date, days: int = SOON_DAYS
) -> tuple[HolidayOn, ...]:
    return agenda_of(holidays[0].calendar, holidays).between(first, first + timedelta(days=days - 1), zone)


# --- Once, and every year ---


def test_once_is_on_its_date() -> None:
    assert dates(holiday("2026-12-25"), "2020-01-01", "2030-12-31") == ["2026-12-25"]


def test_once_outside_is_not() -> None:
    assert dates(holiday("2026-12-25"), "2026-12-26", "2030-12-31") == []


def test_every_year_from_its_own_on() -> None:
    yearly = holiday("2026-07-04", every_year=True)
    assert dates(yearly, "2024-01-01", "2028-12-31") == ["2026-07-04", "2027-07-04", "2028-07-04"]


def test_leap_day_is_kept_in_other_years() -> None:
    leap = holiday("2024-02-29", every_year=True)
    assert dates(leap, "2024-01-01", "2028-12-31") == [
        *("2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"),
    ]


@given(DAYS, st.integers(1990, 2090))
def test_every_year_has_the_day(day: date, year: int) -> None:
    same = in_year(day, year)
    assert same.year == year
    assert (same.month, same.day) in {(day.month, day.day), (2, 28)}


# --- Observed days ---


@pytest.mark.parametrize(
    ("day", "observed"),
    [("2026-07-04", "2026-07-03"), ("2027-07-04", "2027-07-05"), ("2028-07-04", "2028-07-04")],
)
def test_weekend_is_observed_beside_it(day: str, observed: str) -> None:
    assert observed_day(date.fromisoformat(day)) == date.fromisoformat(observed)


@given(DAYS)
def test_observed_day_is_a_weekday_near(day: date) -> None:
    assert observed_day(day).weekday() < 5
    assert abs(observed_day(day) - day) <= timedelta(days=1)


def test_own_day_stays_restricted() -> None:
    assert dates(holiday("2026-07-04", observed=True), "2026-07-01", "2026-07-31") == ["2026-07-04", "2026-07-03"]


def test_observed_day_says_so() -> None:
    found = falling([holiday("2026-07-04", name="Independence Day", observed=True)], None, date(2026, 7, 3), 1)
    assert found[0].name == "Independence Day (observed)"


def test_observed_in_the_year_before() -> None:
    new_year = holiday("2022-01-01", every_year=True, observed=True)
    assert dates(new_year, "2021-12-01", "2021-12-31") == ["2021-12-31"]


@given(DAYS, DAYS, st.integers(0, 800), st.booleans(), st.booleans())
def test_occurrences_stay_in_their_span(day: date, first: date, length: int, every_year: bool, observed: bool) -> None:
    last = first + timedelta(days=length)
    found = [on for on, _ in occurrences(holiday(str(day), every_year=every_year, observed=observed), first, last)]
    assert all(first <= on <= last for on in found)
    assert len(found) == len(set(found))


@given(DAYS, DAYS, st.integers(0, 400), st.integers(0, 400), st.booleans())
def test_two_spans_find_what_one_does(day: date, first: date, one: int, two: int, observed: bool) -> None:
    yearly = holiday(str(day), every_year=True, observed=observed)
    middle, last = first + timedelta(days=one), first + timedelta(days=one + two)
    apart = [*occurrences(yearly, first, middle), *occurrences(yearly, middle + timedelta(days=1), last)]
    assert sorted(apart) == sorted(occurrences(yearly, first, last))


# --- Hours, and zones ---


def test_no_hours_are_all_day() -> None:
    assert closed_of(holiday("2026-12-25")) is None


def test_hours_are_minutes_of_the_day() -> None:
    assert closed_of(holiday("2026-12-24", starts=time(12), ends=time(18, 30))) == (720, 1110)


def test_last_minute_means_midnight() -> None:
    assert closed_of(holiday("2026-12-24", starts=time(12), ends=time(23, 59))) == (720, DAY_MINUTES)


def test_from_midnight_to_midnight_is_all_day() -> None:
    assert closed_of(holiday("2026-12-24", starts=time(), ends=time(23, 59))) is None


def test_days_are_the_campaigns_own() -> None:
    assert falling([holiday("2026-12-25")], LOS_ANGELES, date(2026, 12, 1)) == (on("2026-12-25"),)


def test_calendars_zone_shifts_its_days() -> None:
    found = falling([holiday("2026-12-25", "America/New_York")], LOS_ANGELES, date(2026, 12, 1))
    assert found == (on("2026-12-24", (1260, 1440)), on("2026-12-25", (0, 1260)))


def test_calendars_zone_shifts_its_hours() -> None:
    noon = holiday("2026-12-25", "America/New_York", starts=time(12), ends=time(15))
    assert falling([noon], LOS_ANGELES, date(2026, 12, 1)) == (on("2026-12-25", (540, 720)),)


def test_shifted_into_the_span_counts() -> None:
    found = falling([holiday("2026-12-25", "America/New_York")], LOS_ANGELES, date(2026, 12, 24), 1)
    assert found == (on("2026-12-24", (1260, 1440)),)


def test_unknown_zone_shifts_nothing() -> None:
    assert falling([holiday("2026-12-25", "Mars/Olympus")], NEW_YORK, date(2026, 12, 1)) == (on("2026-12-25"),)


@pytest.mark.parametrize(
    ("hours", "restricted"),
    [((1230, 1290), (60, 120)), ((1200, 1290), (60, 120)), ((1140, 1290), (0, 120))],
)
def test_of_an_hour_that_comes_twice_all_is_restricted(hours: tuple[int, int], restricted: tuple[int, int]) -> None:
    """London's clocks are put back from 02:00 to 01:00 while it is 21:00 in New York."""
    new_york_evening = in_zone(date(2026, 10, 24), hours, NEW_YORK, ZoneInfo("Europe/London"))
    assert dict(new_york_evening) == {date(2026, 10, 25): restricted}


def test_same_day_in_order_of_hours() -> None:
    late = holiday("2026-12-24", starts=time(18), ends=time(20))
    early = holiday("2026-12-24", starts=time(8), ends=time(9))
    assert [found.closed for found in falling([late, early], None, date(2026, 12, 1))] == [(480, 540), (1080, 1200)]


@given(DAYS, st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(0, 1439))
def test_every_minute_of_the_day_is_restricted(day: date, there: ZoneInfo, here: ZoneInfo, minute: int) -> None:
    """Whatever the clocks do, no instant of a holiday is open in another zone."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    instant = wall.replace(tzinfo=there).astimezone(ZoneInfo("UTC"))
    if instant.astimezone(there).date() != day:  # a minute that the clocks jump over
        return
    local = instant.astimezone(here)
    closed = dict(in_zone(day, None, there, here))
    low, high = closed[local.date()] or (0, DAY_MINUTES)
    assert low <= local.hour * 60 + local.minute < high

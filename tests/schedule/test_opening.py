"""When a schedule is open: windows, their edges, and the nights when clocks change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns.schedule import DAYS, NO_WINDOWS, UNKNOWN_ZONE, UNREADABLE, Opening, opening, week
from tests.schedule.given import anything, make_schedule, schedules

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 16)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # Sundays when New York's clocks change at 02:00
MINUTE = timedelta(minutes=1)


def at(day: date, clock: str, zone: ZoneInfo = NEW_YORK, fold: int = 0) -> datetime:
    hours, minutes = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hours), int(minutes), tzinfo=zone, fold=fold)


def change_after(schedule: dict[str, Any], now: datetime) -> datetime | None:
    """In UTC, where an hour that comes twice can be told apart."""
    change = opening(schedule, now).changes_at
    return change and change.astimezone(UTC)


# --- Windows ---


def test_open_until_its_end() -> None:
    found = opening(make_schedule("MON 09:00-17:00"), at(MONDAY, "10:00"))
    assert found == Opening(True, at(MONDAY, "17:00"))


def test_start_belongs_to_window() -> None:
    assert opening(make_schedule("MON 09:00-17:00"), at(MONDAY, "09:00")).is_open


def test_end_does_not_belong() -> None:
    found = opening(make_schedule("MON 09:00-17:00"), at(MONDAY, "17:00"))
    assert found == Opening(False, at(MONDAY + timedelta(days=7), "09:00"))


def test_closed_until_next_window() -> None:
    found = opening(make_schedule("MON 09:00-12:00", "WED 09:00-17:00"), at(MONDAY, "13:00"))
    assert found == Opening(False, at(MONDAY + timedelta(days=2), "09:00"))


@pytest.mark.parametrize("second", ["MON 12:00-17:00", "MON 11:00-17:00"])
def test_touching_or_overlapping_is_one(second: str) -> None:
    found = opening(make_schedule("MON 09:00-12:00", second), at(MONDAY, "10:00"))
    assert found.changes_at == at(MONDAY, "17:00")


@pytest.mark.parametrize("end", ["23:59", "24:00"])
def test_day_end_joins_next_day(end: str) -> None:
    found = opening(make_schedule(f"MON 20:00-{end}", "TUE 00:00-02:00"), at(MONDAY, "21:00"))
    assert found == Opening(True, at(MONDAY + timedelta(days=1), "02:00"))


def test_always_open_has_no_end() -> None:
    found = opening(make_schedule(*(f"{day} 00:00-23:59" for day in DAYS)), at(MONDAY, "10:00"))
    assert found == Opening(True, None)


def test_change_is_told_in_its_zone() -> None:
    found = opening(make_schedule("MON 09:00-17:00", timezone="Asia/Kathmandu"), datetime(2026, 11, 16, 6, tzinfo=UTC))
    assert found.changes_at is not None
    assert found.changes_at.isoformat() == "2026-11-16T17:00:00+05:45"


# --- What can't be read ---


@pytest.mark.parametrize("schedule", [{}, {"timezone": None}, {"timezone": "Mars/Olympus"}, {"timezone": "../etc"}])
def test_unknown_zone_is_told(schedule: dict[str, Any]) -> None:
    assert opening(schedule, at(MONDAY, "10:00")) == Opening(problem=UNKNOWN_ZONE)


def test_no_windows_is_told() -> None:
    assert opening(make_schedule(), at(MONDAY, "10:00")) == Opening(problem=NO_WINDOWS)


@pytest.mark.parametrize("hours", [None, "09:00", {}, [None], [{"day": "MON"}], [{"day": "MON", "startTime": 9}]])
def test_hours_that_cannot_be_read_are_not_closed(hours: object) -> None:
    assert opening({"timezone": "UTC", "dialingHours": hours}, at(MONDAY, "10:00")) == Opening(problem=UNREADABLE)


def test_missing_hours_are_not_closed() -> None:
    assert opening({"timezone": "UTC"}, at(MONDAY, "10:00")) == Opening(problem=UNREADABLE)


UNREAD = ["MON 17:00-09:00", "MON 09:00-09:00", "MON 9:000-17:00", "MON 25:00-26:00", "XXX 09:00-17:00"]


@pytest.mark.parametrize("window", UNREAD)
def test_day_of_an_unreadable_window_is_unknown(window: str) -> None:
    found = opening(make_schedule(window, "TUE 09:00-17:00"), at(MONDAY, "10:00"))
    assert found == Opening(problem=UNREADABLE)


@pytest.mark.parametrize("window", UNREAD)
def test_open_by_a_readable_window_is_certain(window: str) -> None:
    found = opening(make_schedule(window, "MON 09:00-17:00"), at(MONDAY, "10:00"))
    assert found == Opening(True, problem=UNREADABLE)


def test_what_comes_before_an_unreadable_day_is_certain() -> None:
    schedule = make_schedule("MON 09:00-17:00", "TUE 09:00-12:00", "FRI 25:00-26:00")
    assert opening(schedule, at(MONDAY, "10:00")) == Opening(True, at(MONDAY, "17:00"))
    assert opening(schedule, at(MONDAY, "18:00")) == Opening(False, at(MONDAY + timedelta(days=1), "09:00"))
    assert opening(schedule, at(MONDAY + timedelta(days=1), "13:00")) == Opening(problem=UNREADABLE)


def test_night_that_is_written_as_one_window_makes_both_days_unknown() -> None:
    days = {day.name: day.unread for day in week(make_schedule("FRI 22:00-02:00", "SUN 09:00-17:00"))}
    assert [name for name, unread in days.items() if unread] == ["FRI", "SAT"]


# --- Nights when clocks change ---


def test_start_in_gap_is_first_instant_after() -> None:
    found = opening(make_schedule("SUN 02:30-05:00"), at(SPRING, "01:00"))
    assert found == Opening(False, at(SPRING, "03:00"))


def test_end_in_gap_is_the_gap() -> None:
    found = opening(make_schedule("SUN 00:00-02:30"), at(SPRING, "01:00"))
    assert found == Opening(True, at(SPRING, "03:00"))


def test_window_inside_gap_never_opens() -> None:
    found = opening(make_schedule("SUN 02:10-02:50"), at(SPRING, "01:00"))
    assert found == Opening(False, at(SPRING + timedelta(days=7), "02:10"))


def test_repeated_hour_is_open_twice() -> None:
    schedule = make_schedule("SUN 00:00-01:30")
    assert opening(schedule, at(AUTUMN, "01:45")).is_open
    assert change_after(schedule, at(AUTUMN, "01:45")) == at(AUTUMN, "01:30", fold=1).astimezone(UTC)


def test_start_in_repeated_hour_is_first() -> None:
    change = change_after(make_schedule("SUN 01:30-05:00"), at(AUTUMN, "00:10"))
    assert change == at(AUTUMN, "01:30").astimezone(UTC)


def test_end_where_hour_begins_to_repeat() -> None:
    change = change_after(make_schedule("SUN 00:00-01:00"), at(AUTUMN, "00:30"))
    assert change == at(AUTUMN, "01:00").astimezone(UTC)


def test_half_hour_gap_of_lord_howe() -> None:
    zone, night = ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4)  # 02:00 becomes 02:30
    found = opening(make_schedule("SUN 02:15-04:00", timezone=zone.key), at(night, "01:00", zone))
    assert found == Opening(False, at(night, "02:30", zone))


# A zone, its night, a window; then a time in UTC, and when dialing changes next after it.
NIGHTS = [
    ("America/New_York", "SUN 01:00-04:00", "2026-03-08T06:30", "2026-03-08T08:00"),  # an hour is left out
    ("America/New_York", "SUN 01:00-04:00", "2026-11-01T05:30", "2026-11-01T09:00"),  # an hour comes twice
    ("Europe/London", "SUN 01:30-05:00", "2026-03-29T00:30", "2026-03-29T01:00"),
    ("Europe/London", "SUN 00:30-01:30", "2026-10-25T00:00", "2026-10-25T01:30"),
    ("Australia/Lord_Howe", "SUN 01:00-03:00", "2026-04-04T14:30", "2026-04-04T16:30"),  # half an hour comes twice
    ("Australia/Lord_Howe", "SUN 01:45-02:10", "2026-10-03T15:20", "2026-10-03T15:30"),
    ("Asia/Kathmandu", "SUN 01:00-04:00", "2026-03-28T20:00", "2026-03-28T22:15"),  # clocks never change
    ("Africa/Casablanca", "SUN 01:00-04:00", "2026-02-15T00:30", "2026-02-15T04:00"),  # Ramadan begins
    ("Africa/Casablanca", "SUN 02:30-04:00", "2026-03-22T01:30", "2026-03-22T02:00"),  # and has ended
]


@pytest.mark.parametrize(("zone", "window", "now", "change"), NIGHTS)
def test_night_when_clocks_change(zone: str, window: str, now: str, change: str) -> None:
    found = change_after(make_schedule(window, timezone=zone), datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(change).replace(tzinfo=UTC)


# --- The week, drawn ---


def test_week_has_merged_minutes() -> None:
    days = week(make_schedule("MON 13:00-17:00", "MON 09:00-13:00", "SUN 20:00-23:59"))
    assert [day.name for day in days] == list(DAYS)
    assert (days[0].segments, days[6].segments) == (((540, 1020),), ((1200, 1440),))


# --- Properties ---

untimed = settings(deadline=None)

# Mostly the days on which the clocks of some of these zones change.
days = st.sampled_from([(2, 15), (3, 8), (3, 22), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1), (6, 10)])
instants = st.builds(
    lambda day, minute: datetime(2026, day[0], day[1], tzinfo=UTC) + minute * MINUTE,
    days,
    st.integers(-36 * 60, 36 * 60),
)


@untimed
@given(schedules, instants)
def test_change_really_is_one(schedule: dict[str, Any], now: datetime) -> None:
    found = opening(schedule, now)
    if found.changes_at is None:
        return
    change = found.changes_at.astimezone(UTC)
    assert change > now
    assert opening(schedule, change).is_open is not found.is_open
    assert opening(schedule, change - MINUTE).is_open is found.is_open


@untimed
@given(schedules, instants, st.floats(0, 1))
def test_nothing_changes_before(schedule: dict[str, Any], now: datetime, share: float) -> None:
    found = opening(schedule, now)
    if found.changes_at is None:
        return
    between = now + (found.changes_at - now) * share * 0.999
    assert opening(schedule, between) == found


@untimed
@given(schedules, instants)
@example(make_schedule("SUN 01:30-01:40"), at(AUTUMN, "01:35", fold=1).astimezone(UTC))
def test_clock_in_window_means_open(schedule: dict[str, Any], now: datetime) -> None:
    local = now.astimezone(ZoneInfo(schedule["timezone"]))
    minute = local.hour * 60 + local.minute
    if any(start <= minute < end for start, end in week(schedule)[local.weekday()].segments):
        assert opening(schedule, now).is_open


@untimed
@given(anything)
def test_no_schedule_is_too_odd(odd: object) -> None:
    schedule = {"timezone": odd, "dialingHours": odd}
    assert not opening(schedule, datetime(2026, 1, 1, tzinfo=UTC)).is_open

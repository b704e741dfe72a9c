"""Clock changes, instants in series of days, and days that are written as times."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from tests.holidays.ical.reading import (
    BERLIN,
    CHICAGO,
    LONDON,
    LOS_ANGELES,
    NEW_YORK,
    calendar,
    days,
    event,
    one,
    read,
    reading,
)

# --- Clock changes ---


def test_hours_of_a_duration_are_exact() -> None:
    start = "DTSTART;TZID=America/New_York:20260308T000000"
    for zone in (NEW_YORK, None):
        assert days(event(start, "DURATION:PT4H"), zone) == ["2026-03-08 00:00-05:00"]
        assert days(event(start, "DURATION:P1D"), zone) == ["2026-03-08"]
        assert days(event(start, "DURATION:PT24H"), zone) == ["2026-03-08", "2026-03-09 00:00-01:00"]
    autumn = "DTSTART;TZID=America/New_York:20261101T000000"
    assert days(event(autumn, "DURATION:PT4H"), NEW_YORK) == ["2026-11-01 00:00-03:00"]
    assert days(event(autumn, "DURATION:P1DT1H"), NEW_YORK) == ["2026-11-01", "2026-11-02 00:00-01:00"]


def test_days_from_midnight_to_midnight_are_days() -> None:
    lines = ["DTSTART;TZID=America/New_York:20260307T000000", "DTEND;TZID=America/New_York:20260308T000000"]
    assert days(event(*lines, "RRULE:FREQ=DAILY;COUNT=3"), NEW_YORK) == ["2026-03-07", "2026-03-08", "2026-03-09"]


def test_occurrence_that_begins_in_the_jump_stays_an_hour() -> None:
    lines = ["DTSTART;TZID=America/New_York:20260307T023000", "DTEND;TZID=America/New_York:20260307T033000"]
    data = event(*lines, "RRULE:FREQ=DAILY;COUNT=3")
    assert days(data, LONDON) == ["2026-03-07 07:30-08:30", "2026-03-08 07:30-08:30", "2026-03-09 06:30-07:30"]
    assert days(data, NEW_YORK) == ["2026-03-07 02:30-03:30", "2026-03-08 03:30-04:30", "2026-03-09 02:30-03:30"]
    assert [text[:10] for text in days(data, CHICAGO)] == ["2026-03-07", "2026-03-08", "2026-03-09"]


def test_occurrence_in_the_hour_that_comes_twice_stays_an_hour() -> None:
    lines = ["DTSTART;TZID=America/New_York:20261031T013000", "DTEND;TZID=America/New_York:20261031T023000"]
    data = event(*lines, "RRULE:FREQ=DAILY;COUNT=3")
    assert days(data, LONDON) == ["2026-10-31 05:30-06:30", "2026-11-01 05:30-06:30", "2026-11-02 06:30-07:30"]
    assert days(data, NEW_YORK) == ["2026-10-31 01:30-02:30", "2026-11-01 01:00-02:00", "2026-11-02 01:30-02:30"]


def test_hour_that_comes_twice_is_restricted_whole() -> None:
    """From half past one, the second time, to half past two: clocks can't say which of the two hours is meant."""
    data = event("DTSTART:20261101T063000Z", "DTEND:20261101T073000Z")
    assert days(data, NEW_YORK) == ["2026-11-01 01:30-02:30"]
    assert days(event("DTSTART:20261101T051500Z", "DTEND:20261101T061500Z"), NEW_YORK) == ["2026-11-01 01:00-02:00"]


def test_day_without_midnight() -> None:
    """In Beirut the clocks jump from midnight to one o'clock on 29 March 2026."""
    data = event("DTSTART:20260328T220000Z", "DTEND:20260329T020000Z")
    assert days(data, ZoneInfo("Asia/Beirut"))[-1] == "2026-03-29 01:00-05:00"


# --- Instants in series of days ---


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        ("EXDATE:20270131T230000Z", BERLIN),
        ("EXDATE:20270201T050000Z", NEW_YORK),
        ("EXDATE:20270201T000000Z", None),
        ("EXDATE:20270131T230000Z", None),
        ("EXDATE:20270201T050000Z", None),
        ("EXDATE;TZID=Asia/Tokyo:20270201T000000", None),
        ("EXDATE:20270201T120000", None),
        ("EXDATE;VALUE=DATE:20270201T230000Z", BERLIN),
    ],
)
def test_instant_excludes_the_day_that_it_is_there(line: str, zone: ZoneInfo | None) -> None:
    data = event("DTSTART;VALUE=DATE:20270104", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=4", line)
    assert days(data, zone) == ["2027-01-04", "2027-03-01", "2027-04-05"]


def test_the_files_zone_tells_the_day() -> None:
    series = one("DTSTART;VALUE=DATE:20270104", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=4", "EXDATE:20270131T230000Z")
    data = calendar("X-WR-TIMEZONE:Europe/Berlin", *series)
    for zone in (None, NEW_YORK):
        assert days(data, zone) == ["2027-01-04", "2027-03-01", "2027-04-05"]


def test_guessed_day_is_told() -> None:
    data = event("SUMMARY:Stocktaking", "DTSTART:20270104", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20270105T230000Z")
    assert days(data) == ["2027-01-04", "2027-01-05", "2027-01-07"]
    assert "Tue 5 Jan 2027 23:00 UTC in it was taken for Wed 6 Jan 2027" in reading(data).notes[0]
    assert reading(data, NEW_YORK).notes == ()


def test_until_in_utc_ends_on_the_day_that_it_is_there() -> None:
    rule = "RRULE:FREQ=DAILY;UNTIL=20270105T230000Z"
    assert days(event("DTSTART:20270104", rule), BERLIN) == ["2027-01-04", "2027-01-05", "2027-01-06"]
    assert days(event("DTSTART:20270104", rule), NEW_YORK) == ["2027-01-04", "2027-01-05"]


def test_occurrence_in_utc_is_the_day_that_it_is_there() -> None:
    series = one("UID:s", "DTSTART:20270104", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3")
    moved = one("UID:s", "RECURRENCE-ID:20270131T230000Z", "DTSTART:20270203")
    assert days(calendar(*series, *moved), BERLIN) == ["2027-01-04", "2027-02-03", "2027-03-01"]


def test_exception_as_a_day_in_a_series_in_utc() -> None:
    lines = ["DTSTART:20270104T230000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20270105"]
    assert days(event(*lines), BERLIN) == ["2027-01-06 00:00-01:00", "2027-01-07 00:00-01:00"]


# --- Outlook's days ---

FLAG = "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"


@pytest.mark.parametrize("zone", [None, NEW_YORK, LOS_ANGELES, BERLIN])
@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20270906T040000Z", "DTEND:20270907T040000Z"],
        ["DTSTART:20270905T220000Z", "DTEND:20270906T220000Z"],
        ["DTSTART;TZID=Eastern Standard Time:20270906T000000", "DTEND;TZID=Eastern Standard Time:20270907T000000"],
        ["DTSTART:20270906T000000", "DTEND:20270907T000000"],
        ["DTSTART:20270906T000000Z", "DTEND:20270907T000000Z"],
        ["DTSTART:20270906T000000", "DURATION:PT24H"],
        ["DTSTART;VALUE=DATE:20270906", "DTEND;VALUE=DATE:20270907"],
        ["DTSTART;TZID=Eastern Standard Time:20270906T000000", "DTEND;TZID=Eastern Standard Time:20270906T235959"],
        ["DTSTART;TZID=Eastern Standard Time:20270906T000000"],
        ["DTSTART;TZID=Nowhere:20270906T000000", "DTEND;TZID=Nowhere:20270907T000000"],
    ],
)
def test_flagged_event_is_whole_days(lines: list[str], zone: ZoneInfo | None) -> None:
    assert days(event(*lines, FLAG), zone) == ["2027-09-06"]


@pytest.mark.parametrize(
    ("start", "zone", "day"),
    [
        ("20270906T220000Z", None, "2027-09-07"),
        ("20270906T220000Z", BERLIN, "2027-09-07"),
        ("20270906T110000Z", None, "2027-09-07"),
        ("20270906T100000Z", None, "2027-09-06"),
        ("20270906T070000Z", LOS_ANGELES, "2027-09-06"),
        ("20270905T150000Z", ZoneInfo("Asia/Tokyo"), "2027-09-06"),
    ],
)
def test_flagged_day_in_utc_is_that_of_its_midnight(start: str, zone: ZoneInfo | None, day: str) -> None:
    assert days(event(f"DTSTART:{start}", "DURATION:P1D", FLAG), zone) == [day]


def test_flagged_days_over_a_clock_change() -> None:
    assert days(event("DTSTART:20271106T040000Z", "DTEND:20271108T050000Z", FLAG), NEW_YORK) == [
        *("2027-11-06", "2027-11-07"),
    ]


def test_flagged_series_is_one_of_days() -> None:
    lines = ["DTSTART:20270906T040000Z", "DTEND:20270907T040000Z", "RRULE:FREQ=WEEKLY;COUNT=3", FLAG]
    assert days(event(*lines, "EXDATE:20270913T040000Z"), NEW_YORK) == ["2027-09-06", "2027-09-20"]


@pytest.mark.parametrize("flag", ["X-MICROSOFT-CDO-ALLDAYEVENT:FALSE", "X-MICROSOFT-CDO-ALLDAYEVENT:"])
def test_flag_that_says_no_says_nothing(flag: str) -> None:
    assert read(event("DTSTART:20270906T120000", "DURATION:PT1H", flag))[0].starts == time(12)


@pytest.mark.parametrize("value", ["20270611T120000+0200", "20270611T230000Z", "2027-06-11T00:00:00", "20270611T"])
def test_declared_date_is_one_whatever_follows(value: str) -> None:
    assert days(event(f"DTSTART;VALUE=DATE:{value}"), NEW_YORK) == ["2027-06-11"]


@pytest.mark.parametrize("head", ["DTSTART", "DTSTART;TZID=(UTC-05:00) Eastern Time (US & Canada)"])
def test_time_may_be_written_with_colons(head: str) -> None:
    found = days(event(f"{head}:2027-06-08T13:00:00", "DURATION:PT1H"), NEW_YORK)
    assert found == ["2027-06-08 13:00-14:00"]

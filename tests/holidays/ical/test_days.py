"""Calendar files: which days and hours they restrict."""

from datetime import date, time

import pytest

from campaigns.holidays import ical
from campaigns.holidays.dates import HolidayEntry
from tests.holidays.ical.reading import (
    LOS_ANGELES,
    NEW_YORK,
    calendar,
    dates,
    event,
    hours,
    left_out,
    one,
    read,
    reading,
)

# --- Days ---


def test_date_is_a_whole_day() -> None:
    assert read(event("UID:a1", "SUMMARY:Labor Day", "DTSTART;VALUE=DATE:20260907")) == [
        HolidayEntry(date(2026, 9, 7), "Labor Day", uid="a1")
    ]


def test_end_is_the_day_after() -> None:
    assert dates("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227") == [
        *("2026-12-24", "2026-12-25", "2026-12-26"),
    ]


def test_end_on_the_same_day_is_a_day() -> None:
    assert dates("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261224") == ["2026-12-24"]


def test_duration_counts_days() -> None:
    assert dates("DTSTART;VALUE=DATE:20261224", "DURATION:P2D") == ["2026-12-24", "2026-12-25"]


def test_only_days_in_the_horizon() -> None:
    assert dates("DTSTART;VALUE=DATE:20251230", "DTEND;VALUE=DATE:20260103") == ["2026-01-01", "2026-01-02"]


def test_lines_are_unfolded() -> None:
    assert read(event("SUMMARY:Martin Luther", "  King", " \tDay", "DTSTART:20260119"))[0].name == (
        "Martin Luther King Day"
    )


def test_names_are_unescaped_and_on_one_line() -> None:
    assert read(event("SUMMARY:Fête\\, día\\n祝日", "DTSTART:20260119"))[0].name == "Fête, día 祝日"


def test_long_name_is_cut() -> None:
    name = read(event(f"SUMMARY:{'x' * 5000}", "DTSTART:20260119"))[0].name
    assert (len(name), name[-1]) == (180, "…")


def test_nameless_event_is_a_holiday() -> None:
    assert read(event("DTSTART:20260119"))[0].name == "Holiday"


def test_byte_order_mark_does_no_harm() -> None:
    assert read(b"\xef\xbb\xbf" + event("DTSTART:20260119"))


def test_other_components_are_passed_over() -> None:
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT15M", "DTSTART:20260101", "END:VALARM")
    todo = ("BEGIN:VTODO", "DTSTART:20260202", "END:VTODO")
    found = read(calendar("BEGIN:VEVENT", "DTSTART:20260119", *alarm, "END:VEVENT", *todo))
    assert [entry.date for entry in found] == [date(2026, 1, 19)]


# --- Hours ---


def test_hours_of_a_day() -> None:
    assert hours("DTSTART:20261224T120000", "DTEND:20261224T180000") == ["2026-12-24 12:00-18:00"]


def test_event_past_midnight_is_two_days() -> None:
    assert hours("DTSTART:20261224T220000", "DURATION:PT4H") == ["2026-12-24 22:00-23:59", "2026-12-25 00:00-02:00"]


def test_days_between_are_whole() -> None:
    assert hours("DTSTART:20261224T180000", "DTEND:20261226T080000") == [
        *("2026-12-24 18:00-23:59", "2026-12-25", "2026-12-26 00:00-08:00"),
    ]


def test_from_midnight_to_midnight_is_a_day() -> None:
    assert hours("DTSTART:20261225T000000", "DTEND:20261226T000000") == ["2026-12-25"]


def test_begun_minute_counts_whole() -> None:
    assert hours("DTSTART:20261224T120030", "DTEND:20261224T175930") == ["2026-12-24 12:00-18:00"]


def test_utc_is_put_into_the_calendars_zone() -> None:
    assert hours("DTSTART:20260703T230000Z", "DURATION:PT6H", zone=NEW_YORK) == [
        *("2026-07-03 19:00-23:59", "2026-07-04 00:00-01:00"),
    ]


def test_another_zone_is_put_into_the_calendars() -> None:
    zoned = "DTSTART;TZID=America/Los_Angeles:20260703T090000"
    assert hours(zoned, "DURATION:PT2H", zone=NEW_YORK) == ["2026-07-03 12:00-14:00"]


def test_without_a_zone_hours_stand_as_written() -> None:
    zoned = "DTSTART;TZID=America/Los_Angeles:20260703T090000"
    assert hours(zoned, "DURATION:PT2H") == ["2026-07-03 09:00-11:00"]


def test_utc_is_put_into_the_files_zone() -> None:
    data = event("DTSTART:20260703T230000Z", "DURATION:PT1H").replace(
        b"VERSION:2.0", b"X-WR-TIMEZONE:America/New_York"
    )
    assert read(data)[0].starts == time(19)


def test_utc_without_any_zone_is_told() -> None:
    assert "Some times are in UTC" in reading(event("DTSTART:20260703T230000Z", "DURATION:PT1H")).notes[0]


@pytest.mark.parametrize("name", ["Eastern Standard Time", "/example.org/20260101/America/New_York", "Ours"])
def test_zone_by_its_other_names(name: str) -> None:
    zone = ("BEGIN:VTIMEZONE", "TZID:Ours", "X-LIC-LOCATION:America/New_York", "END:VTIMEZONE")
    start = f"DTSTART;TZID={name}:20260703T090000"
    data = calendar(*zone, *one(start, "DURATION:PT1H"))
    assert read(data, LOS_ANGELES)[0].starts == time(6)


def test_same_name_twice_a_day_tells_its_hours() -> None:
    lines = [
        ("BEGIN:VEVENT", "SUMMARY:Closed", f"DTSTART:20261224T{hour}0000", "DURATION:PT1H", "END:VEVENT")
        for hour in ("09", "15")
    ]
    names = [entry.name for entry in read(calendar(*lines[0], *lines[1]))]
    assert names == ["Closed", "Closed (15:00 to 16:00)"]


# --- What recurs ---


def test_every_year_within_the_horizon() -> None:
    assert dates("DTSTART;VALUE=DATE:20100704", "RRULE:FREQ=YEARLY") == ["2026-07-04", "2027-07-04", "2028-07-04"]


def test_fourth_thursday_of_november() -> None:
    assert dates("DTSTART;VALUE=DATE:20201126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH") == [
        *("2026-11-26", "2027-11-25", "2028-11-23"),
    ]


def test_count_begins_with_the_event() -> None:
    assert dates("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=WEEKLY;COUNT=3") == [
        *("2026-01-01", "2026-01-08", "2026-01-15"),
    ]


def test_count_spent_before_the_horizon() -> None:
    assert dates("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY;COUNT=3") == []


@pytest.mark.parametrize("until", ["20270704", "20270704T235959Z"])
def test_until_ends_it(until: str) -> None:
    assert dates("DTSTART;VALUE=DATE:20260704", f"RRULE:FREQ=YEARLY;UNTIL={until}") == ["2026-07-04", "2027-07-04"]


@pytest.mark.parametrize("until", ["99991231", "99991231T235959Z", "9999-12-31"])
def test_last_year_of_all_is_no_end(until: str) -> None:
    assert dates("DTSTART;VALUE=DATE:20270704", f"RRULE:FREQ=YEARLY;UNTIL={until}") == ["2027-07-04", "2028-07-04"]


def test_until_is_read_in_the_events_zone() -> None:
    start = "DTSTART;TZID=America/New_York:20260101T200000"  # 01:00 UTC of the next day
    assert len(hours(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260103T010000Z")) == 2


def test_beginning_counts_off_its_rule() -> None:
    assert dates("DTSTART;VALUE=DATE:20280701", "RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4") == [
        *("2028-07-01", "2028-07-04"),
    ]


def test_leap_days_come_as_the_rule_says() -> None:
    assert dates("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY") == ["2028-02-29"]


def test_rdate_adds_and_exdate_takes() -> None:
    rule = ("RRULE:FREQ=YEARLY", "RDATE;VALUE=DATE:20260801,20260802", "EXDATE;VALUE=DATE:20270704")
    assert dates("DTSTART;VALUE=DATE:20260704", *rule) == ["2026-07-04", "2026-08-01", "2026-08-02", "2028-07-04"]


def test_exdate_in_utc_takes_a_local_time() -> None:
    start = "DTSTART;TZID=America/New_York:20260701T090000"
    assert hours(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260702T130000Z") == [
        "2026-07-01 09:00-10:00"
    ]


def test_exdate_as_a_date_takes_the_day() -> None:
    start = "DTSTART:20260701T090000"
    assert len(hours(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=DATE:20260702")) == 1


def test_moved_occurrence_stands_for_its_own() -> None:
    series = ("UID:s", "DTSTART;VALUE=DATE:20260704", "RRULE:FREQ=YEARLY")
    moved = ("UID:s", "RECURRENCE-ID;VALUE=DATE:20270704", "DTSTART;VALUE=DATE:20270706")
    found = read(calendar("BEGIN:VEVENT", *series, "END:VEVENT", "BEGIN:VEVENT", *moved, "END:VEVENT"))
    assert [str(entry.date) for entry in found] == ["2026-07-04", "2027-07-06", "2028-07-04"]


def test_cancelled_is_left_out_and_told() -> None:
    data = event("SUMMARY:Party", "DTSTART:20260704", "STATUS:CANCELLED")
    assert (read(data), left_out(data)) == ([], ["Line 3: “Party” is left out. It was cancelled."])


def test_no_time_at_all_is_left_out() -> None:
    found = reading(event("SUMMARY:Bell", "DTSTART:20260704T090000"))
    assert found.left_out == (ical.LeftOut(3, "Bell", "It lasts no time.", matters=True),)


def test_clock_time_is_kept_over_daylight_saving() -> None:
    start = "DTSTART;TZID=America/New_York:20261031T090000"  # clocks go back on 1 November
    found = hours(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", zone=NEW_YORK)
    assert found == ["2026-10-31 09:00-10:00", "2026-11-01 09:00-10:00"]

"""Calendar files: what they restrict, and by line what is wrong with them."""

from contextlib import suppress
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import ics
from campaigns.holidays import Entry

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def calendar(*lines: str) -> bytes:
    """Each event begins on line 3 of the file, its own lines on line 4."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


def event(*lines: str) -> bytes:
    return calendar("BEGIN:VEVENT", *lines, "END:VEVENT")


def read(data: bytes, zone: ZoneInfo | None = None) -> list[Entry]:
    return list(ics.read(data, zone=zone, first=FIRST, last=LAST).entries)


def dates(*lines: str) -> list[str]:
    return [str(entry.date) for entry in read(event(*lines))]


def hours(*lines: str, zone: ZoneInfo | None = None) -> list[str]:
    """Each day with its restricted hours."""
    return [
        f"{entry.date} {entry.starts:%H:%M}-{entry.ends:%H:%M}" if entry.starts and entry.ends else str(entry.date)
        for entry in read(event(*lines), zone)
    ]


def problems(data: bytes) -> list[str]:
    with pytest.raises(ics.Unreadable) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


# --- Days ---


def test_date_is_a_whole_day() -> None:
    assert read(event("UID:a1", "SUMMARY:Labor Day", "DTSTART;VALUE=DATE:20260907")) == [
        Entry(date(2026, 9, 7), "Labor Day", uid="a1")
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
    reading = ics.read(event("DTSTART:20260703T230000Z", "DURATION:PT1H"), zone=None, first=FIRST, last=LAST)
    assert "Some times are in UTC" in reading.notes[0]


@pytest.mark.parametrize("name", ["Eastern Standard Time", "/example.org/20260101/America/New_York", "Ours"])
def test_zone_by_its_other_names(name: str) -> None:
    zone = ("BEGIN:VTIMEZONE", "TZID:Ours", "X-LIC-LOCATION:America/New_York", "END:VTIMEZONE")
    start = f"DTSTART;TZID={name}:20260703T090000"
    data = calendar(*zone, "BEGIN:VEVENT", start, "DURATION:PT1H", "END:VEVENT")
    assert read(data, ZoneInfo("America/Los_Angeles"))[0].starts == time(6)


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
    reading = ics.read(data, zone=None, first=FIRST, last=LAST)
    assert (reading.entries, reading.notes) == ((), ())
    assert [str(left) for left in reading.left_out] == ["Line 3: “Party” is left out. It was cancelled."]


def test_no_time_at_all_is_left_out() -> None:
    reading = ics.read(event("SUMMARY:Bell", "DTSTART:20260704T090000"), zone=None, first=FIRST, last=LAST)
    assert reading.left_out == (ics.LeftOut(3, "Bell", "It lasts no time.", matters=True),)


def test_clock_time_is_kept_over_daylight_saving() -> None:
    start = "DTSTART;TZID=America/New_York:20261031T090000"  # clocks go back on 1 November
    found = hours(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", zone=NEW_YORK)
    assert found == ["2026-10-31 09:00-10:00", "2026-11-01 09:00-10:00"]


# --- What is wrong, and where ---


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "the file is empty"),
        (b"<html>\n<p>Sign in</p>", 1, "begins with BEGIN:VCALENDAR"),
        (b"PK\x03\x04\x00\x00", 1, "no text in UTF-8"),
        (b"BEGIN:VCALENDAR\nSUMMARY:F\xeate\nEND:VCALENDAR", 2, "no text in UTF-8"),
        (calendar("BEGIN:VEVENT", "DTSTART:20260704"), 5, "END:VCALENDAR, while the VEVENT of line 3 is still open"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260704\n", 2, "never ends"),
        (calendar("END:VEVENT"), 3, "while the VCALENDAR of line 1 is still open"),
        (event("DTSTART:20260704", "and so on"), 5, "“and so on” is no property"),
        (event("SUMMARY:Nothing"), 3, "no beginning (DTSTART)"),
        (event("DTSTART:20261341"), 4, "DTSTART is “20261341”"),
        (event("DTSTART:"), 4, "DTSTART is “”"),
        (event("DTSTART:٢٠٢٦٠٧٠٤"), 4, "neither a date like"),
        (event("DTSTART:20260704", "DTEND:20260701"), 5, "ends before it starts"),
        (event("DTSTART:20260704T120000", "DTEND:20260704T110000"), 5, "ends before it starts"),
        (event("DTSTART:20260704", "DURATION:-P1D"), 5, "ends before it starts"),
        (event("DTSTART:20260704", "DTEND:20260704T110000"), 5, "one of DTSTART and DTEND is a date"),
        (event("DTSTART:20260704", "DTEND:20290704"), 5, "longer than a year"),
        (event("DTSTART:20260704", "DURATION:soon"), 5, "DURATION is “soon”"),
        (event("DTSTART;TZID=Mars/Olympus:20260704T090000"), 4, "no time zone “Mars/Olympus”"),
        (event("DTSTART:20260704", "DTSTART:20260705"), 5, "DTSTART twice"),
        (event("DTSTART:20260704", "RRULE:FREQ=SOMETIMES"), 5, "no rule of recurrence"),
        (event("DTSTART:20260704", "RRULE:COUNT=3"), 5, "no rule of recurrence"),
        (event("DTSTART:20260704", "RRULE:FREQ=DAILY;INTERVAL=0"), 5, "no rule of recurrence"),
        (event("DTSTART:20260704", "RRULE:FREQ=SECONDLY"), 5, "more than once a day"),
        (event("DTSTART:20260704", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"), 5, "more than once a day"),
        (event("DTSTART:20260704", "RRULE:FREQ=YEARLY;BYSETPOS=0"), 5, "no rule of recurrence"),
        (event("DTSTART:20260704", "RRULE:FREQ=YEARLY;BYMONTH=13"), 5, "no rule of recurrence"),
        (event("DTSTART:20260704", "RRULE:FREQ=WEEKLY;BYDAY=2MO"), 5, "no rule of recurrence"),
        (event("DTSTART:20260704", "RRULE:FREQ=YEARLY;BYWEEKNO=7"), 5, "rules that are not read here"),
        (event("DTSTART:20260704", "EXRULE:FREQ=YEARLY"), 5, "EXRULE is not read"),
        (event("DTSTART:19010101", *["RRULE:FREQ=DAILY"] * 30), 3, "too long"),
        (event("DTSTART:20260704", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260704"), 5, "all later occurrences"),
        (event("DTSTART:20260101", "RRULE:FREQ=DAILY"), 3, "more than 900 holidays"),
    ],
)
def test_problem_is_told_by_line(data: bytes, line: int, words: str) -> None:
    (problem,) = problems(data)
    assert problem.startswith(f"Line {line}: ")
    assert words in problem


def test_every_broken_event_is_told() -> None:
    broken = ("BEGIN:VEVENT", "DTSTART:tomorrow", "END:VEVENT")
    assert [problem[:7] for problem in problems(calendar(*broken, *broken))] == ["Line 4:", "Line 7:"]


def test_ten_problems_are_enough() -> None:
    assert len(problems(calendar(*["BEGIN:VEVENT", "DTSTART:tomorrow", "END:VEVENT"] * 50))) == 10


def test_folded_line_is_told_where_it_begins() -> None:
    assert problems(event("SUMMARY:One", "  more", "DTSTART:x"))[0].startswith("Line 6:")


def test_too_many_events_are_refused() -> None:
    assert (
        "more than 2,000 events" in problems(calendar(*["BEGIN:VEVENT", "DTSTART:20260101", "END:VEVENT"] * 2001))[0]
    )


def test_too_large_a_file_is_refused() -> None:
    assert "larger than 2 MB" in problems(b"X" * (ics.MOST_BYTES + 1))[0]


def test_path_in_a_file_opens_nothing() -> None:
    assert "begins with BEGIN:VCALENDAR" in problems(b"/etc/passwd")[0]


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_nonsense_is_refused_in_words(data: bytes) -> None:
    assert problems(data)


PROPERTIES = st.sampled_from(["DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SUMMARY"])
VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40) | st.sampled_from(
    [
        *("20260704", "20260704T120000", "20260704T120000Z", "P1D", "PT5H", "-P1W", "99991231", "00010101T000000"),
        *("FREQ=YEARLY", "FREQ=MONTHLY;BYDAY=-1MO", "FREQ=DAILY;COUNT=9", "FREQ=YEARLY;UNTIL=20270101;BYMONTH=2"),
        *("FREQ=YEARLY;BYDAY=60MO", "FREQ=WEEKLY;BYWEEKNO=99", "FREQ=YEARLY;INTERVAL=99999999999999999999"),
    ]
)


@given(st.lists(st.tuples(PROPERTIES, VALUES), max_size=6))
def test_any_event_is_read_or_refused(lines: list[tuple[str, str]]) -> None:
    data = event("DTSTART:20260701", *(f"{name}:{value}" for name, value in lines))
    with suppress(ics.Unreadable):
        assert all(FIRST <= entry.date <= LAST for entry in read(data))

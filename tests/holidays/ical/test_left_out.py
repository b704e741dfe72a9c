"""What can't be taken: one event is left out, by its line, with its name and the reason; a file only where there is
nothing in it to read."""

from datetime import date

import pytest

from campaigns.holidays import ical
from tests.holidays.ical.reading import NEW_YORK, calendar, days, event, left_out, one, problems, read, reading

WEEKLY = [one(f"SUMMARY:{n}", "DTSTART:20260101", "RRULE:FREQ=WEEKLY") for n in range(8)]
GOOD = one("SUMMARY:Midsummer", "DTSTART;VALUE=DATE:20270624")


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (["SUMMARY:Nothing"], 3, "It has no beginning (DTSTART)."),
        (["DTSTART:"], 3, "It has no beginning (DTSTART)."),
        (["DTSTART:20261341"], 4, "DTSTART is “20261341”, which is neither a date like"),
        (["DTSTART:00000000"], 4, "neither a date like"),
        (["DTSTART:٢٠٢٦٠٧٠٤"], 4, "neither a date like"),
        (["DTSTART:20260704", "DTEND:20260701"], 5, "It ends before it starts."),
        (["DTSTART:20260704T120000", "DTEND:20260704T110000"], 5, "It ends before it starts."),
        (["DTSTART:20260704T120000Z", "DTEND:20260704T110000Z"], 5, "It ends before it starts."),
        (["DTSTART:20260704", "DURATION:-P1D"], 5, "It ends before it starts."),
        (["DTSTART:20260704", "DTEND:20290704"], 3, "It lasts longer than a year."),
        (["DTSTART:20260704", "DURATION:soon"], 5, "DURATION is “soon”"),
        (["DTSTART:20260704", "DURATION:P"], 5, "DURATION is “P”"),
        (["DTSTART;TZID=Mars/Olympus:20260704T090000"], 4, "There is no time zone “Mars/Olympus”"),
        (["DTSTART:20260704", "DTSTART:20260705"], 5, "It has DTSTART twice."),
        (["DTSTART:20260704", "RRULE:FREQ=SOMETIMES"], 5, "which isn’t a rule of recurrence."),
        (["DTSTART:20260704", "RRULE:COUNT=3"], 5, "which isn’t a rule of recurrence."),
        (["DTSTART:20260704", "RRULE:FREQ=DAILY;INTERVAL=0"], 5, "which isn’t a rule of recurrence."),
        (["DTSTART:20260704", "RRULE:FREQ=SECONDLY"], 5, "more than once a day"),
        (["DTSTART:20260704T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"], 6, "more than once a day"),
        (["DTSTART:20260704", "RRULE:FREQ=YEARLY;BYSETPOS=0"], 5, "which isn’t a rule of recurrence."),
        (["DTSTART:20260704", "RRULE:FREQ=YEARLY;BYMONTH=13"], 5, "which isn’t a rule of recurrence."),
        (["DTSTART:20260704", "RRULE:FREQ=WEEKLY;BYDAY=2MO"], 5, "which isn’t a rule of recurrence."),
        (["DTSTART:20260704", "RRULE:FREQ=YEARLY;BYEASTER=0"], 5, "BYEASTER, which is not read here"),
        (["DTSTART:20260704", "RRULE:FREQ=YEARLY;RSCALE=HEBREW"], 5, "by another calendar"),
        (["DTSTART:20260704", "RRULE:FREQ=DAILY"], 3, "It alone would be more than 900 holidays."),
        (["DTSTART:18991231", "RRULE:FREQ=DAILY;COUNT=900000"], 5, "a COUNT that begins before 1900"),
        (["DTSTART:19000101", *["RRULE:FREQ=DAILY;COUNT=50000"] * 2], 3, "recurs for too long"),
        (["DTSTART:20260704", "RECURRENCE-ID;RANGE=THISANDPRIOR:20260704"], 5, "all earlier recurrences"),
    ],
)
def test_broken_event_is_left_out_by_its_line(lines: list[str], line: int, reason: str) -> None:
    data = calendar(*one(*lines), *GOOD)
    (left,) = reading(data).left_out
    assert (left.line, left.matters) == (line, True)
    assert reason in left.reason
    assert days(data) == ["2027-06-24"]


def test_it_is_named() -> None:
    assert left_out(event("SUMMARY:Party", "DTSTART:tomorrow"))[0].startswith(
        "Line 5: “Party” is left out. DTSTART is"
    )


def test_nameless_one_is_called_a_holiday() -> None:
    assert "“Holiday”" in left_out(event("DTSTART:tomorrow"))[0]


def test_every_broken_event_is_listed() -> None:
    found = left_out(calendar(*one("DTSTART:tomorrow") * 50))
    assert [found[0][:7], found[1][:7], len(found)] == ["Line 4:", "Line 7:", 50]


def test_folded_line_is_told_where_it_begins() -> None:
    assert left_out(event("SUMMARY:One", "  more", "DTSTART:x"))[0].startswith("Line 6:")


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20140929", "DTEND:2014930"],
        ["DTSTART:99991231"],
        ["DTSTART:20250101", "DTEND:20240101"],
        ["DTSTART:20140929", "RRULE:FREQ=YEARLY;UNTIL=20200101;BYMONTH=13"],
        ["DTSTART;TZID=Mars/Olympus:20400101T090000", "DURATION:PT1H"],
        ["DTSTART;TZID=Mars/Olympus:20140101T090000", "DURATION:PT1H"],
    ],
)
def test_what_lies_outside_the_years_does_not_matter(lines: list[str]) -> None:
    (left,) = reading(event(*lines)).left_out
    assert not left.matters


@pytest.mark.parametrize(
    "lines", [["DTSTART:20140929", "RRULE:FREQ=YEARLY;BYMONTH=13"], ["DTSTART:20140929", "RDATE:x", "DTEND:y"]]
)
def test_what_recurs_may_still_matter(lines: list[str]) -> None:
    (left,) = reading(event(*lines)).left_out
    assert left.matters


@pytest.mark.parametrize("length", ["P800D", "P99999D"])
def test_what_began_before_the_years_and_lasts_into_them_matters(length: str) -> None:
    (left,) = reading(event("DTSTART:20250601", f"DURATION:{length}")).left_out
    assert left.matters


def test_what_is_fine_and_past_is_not_listed() -> None:
    assert reading(event("DTSTART:20140929")) == ical.CalendarFile(())


@pytest.mark.parametrize("value", ["2014930", "soon", "20140930T250000"])
def test_one_broken_exception_takes_no_series_along(value: str) -> None:
    found = reading(event("DTSTART:20100704", "RRULE:FREQ=YEARLY", f"EXDATE:{value},20270704"))
    assert [entry.date.year for entry in found.entries] == [2026, 2028]
    assert found.notes[0].startswith(f"Line 6: EXDATE is “{value}”")
    assert found.notes[0].endswith("It was skipped, and the rest of the event read.")


def test_exception_of_an_unknown_zone_takes_no_series_along() -> None:
    lines = ["DTSTART:20260704T090000", "DURATION:PT1H", "RRULE:FREQ=YEARLY", "EXDATE;TZID=Nowhere:20270704T090000"]
    found = reading(event(*lines))
    assert (len(found.entries), "There is no time zone “Nowhere”" in found.notes[0]) == (3, True)


def test_many_broken_exceptions_are_few_notes() -> None:
    values = ",".join(f"x{number}" for number in range(500))
    assert len(reading(event("DTSTART:20260704", f"EXDATE:{values}")).notes) == 21


def test_what_is_withdrawn_is_known_by_its_identifier() -> None:
    found = reading(event("UID:a", "DTSTART:20260704", "STATUS:CANCELLED"))
    assert found.withdrawn == (ical.Withdrawn(3, "a"),)


def test_withdrawn_day_in_utc_is_the_day_that_it_is_there() -> None:
    series = one("UID:s", "DTSTART:20270104", "RRULE:FREQ=DAILY;COUNT=3")
    gone = one("UID:s", "RECURRENCE-ID:20270104T230000Z", "STATUS:CANCELLED")
    found = reading(calendar("X-WR-TIMEZONE:Europe/Berlin", *series, *gone))
    assert [withdrawn.on for withdrawn in found.withdrawn] == [date(2027, 1, 5)]


@pytest.mark.parametrize(
    "lines",
    [
        ["RECURRENCE-ID:20260704", "DTSTART:99981231", "DURATION:P366D"],
        ["RECURRENCE-ID:20260704", "DTSTART:99981231T230000Z", "DURATION:P366D"],
        ["RECURRENCE-ID;RANGE=THISANDFUTURE:00020101", "DTSTART:99980101"],
    ],
)
def test_what_reaches_beyond_all_years_is_left_out(lines: list[str]) -> None:
    series = one("UID:s", "DTSTART:20260704", "RRULE:FREQ=YEARLY")
    assert "beyond the year 9999" in left_out(calendar(*series, *one("UID:s", *lines)), NEW_YORK)[0]


def test_event_without_its_end_is_left_out() -> None:
    data = calendar("BEGIN:VEVENT", "SUMMARY:Open", "DTSTART:20260704", *GOOD)
    assert (days(data), left_out(data)) == (["2027-06-24"], ["Line 3: “Open” is left out. Its END:VEVENT is missing."])


def test_alarm_without_its_end_does_not_matter() -> None:
    data = calendar(*one("DTSTART:20260704", "BEGIN:VALARM", "TRIGGER:-PT15M"), *GOOD)
    assert (days(data), left_out(data)) == (["2026-07-04", "2027-06-24"], [])


def test_line_that_says_nothing_is_noted() -> None:
    found = reading(event("DTSTART:20260704", "and so on", "DESCRIPTION:x", "END:NOTHING"))
    assert [str(entry.date) for entry in found.entries] == ["2026-07-04"]
    assert found.notes[0].startswith("Line 5 and 1 more is no property of the form NAME:VALUE")


@pytest.mark.parametrize("start", ["00010101", "99991231", "99991231T235959Z"])
def test_first_and_last_year_are_told_as_such(start: str) -> None:
    (left,) = reading(event(f"DTSTART:{start}")).left_out
    assert str(left).endswith(f"DTSTART is “{start}”, in a year that is not read here.")
    assert not left.matters


def test_tasks_are_noted() -> None:
    todo = ["BEGIN:VTODO", "DTSTART:20260202", "END:VTODO"]
    assert reading(calendar(*todo, *todo, *GOOD)).notes == ("Only events are read: 2 tasks (VTODO) were not.",)
    assert reading(calendar(*todo, *GOOD)).notes == ("Only events are read: 1 task (VTODO) was not.",)


def test_file_without_events_says_so() -> None:
    assert reading(calendar()).notes == ("The file has no events.",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Line 1: the file is empty"),
        (b" \r\n\r\n", "Line 1: the file is empty"),
        (b"<html>\n<p>Sign in</p>", "begins with BEGIN:VCALENDAR"),
        (b"/etc/passwd", "begins with BEGIN:VCALENDAR"),
        (b"BEGIN:VEVENT\nDTSTART:20260704\nEND:VEVENT", "begins with BEGIN:VCALENDAR"),
        (b"PK\x03\x04\x00\x00", "This is a zip archive, not a calendar file. Unpack it"),
        (b"\x1f\x8b\x08\x00", "a compressed file (gzip)"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260704\n", "Line 2: the VEVENT that begins here never ends"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260704\nEND:VEVENT\n", "Line 1: the VCALENDAR that begins here"),
        (b"X" * (ical.MOST_BYTES + 1), "larger than 2 MB"),
        (calendar("X:" * 1, *["X:"] * 100_001), "more than 100,000 lines"),
        (calendar(*one("DTSTART:20260101") * 2001), "more than 2,000 events"),
        (calendar(*[line for weekly in WEEKLY for line in weekly]), "more than 900 holidays"),
    ],
)
def test_file_with_nothing_to_read_is_refused(data: bytes, words: str) -> None:
    (problem,) = problems(data)
    assert words in problem


def test_two_calendars_of_which_one_is_broken() -> None:
    data = event("SUMMARY:Broken", "DTSTART:x") + calendar(*GOOD)
    assert (days(data), len(left_out(data))) == (["2027-06-24"], 1)
    assert read(data)[0].name == "Midsummer"

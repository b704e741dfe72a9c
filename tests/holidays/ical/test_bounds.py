"""No file, whatever is in it, takes long: everything that its author can make grow has a bound."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from time import process_time

import pytest

from campaigns.holidays import ical
from tests.holidays.ical.reading import NEW_YORK, calendar, days, defined, event, left_out, one, problems, reading

# Of the processor. Without its bounds such a file takes minutes; a busy machine triples what it takes with them.
MOST_SECONDS = 3.0
LONG = 500_000


def series(number: int, *lines: str) -> bytes:
    events = [one(f"UID:{count}", f"SUMMARY:{count}", *lines) for count in range(number)]
    return calendar(*[line for given in events for line in given])


def repeated(values: Iterable[str], most: int = LONG) -> str:
    given = list(values)
    return ",".join(given * (most // len(given)))


def many_zones() -> bytes:
    zones = [defined(f"Zone {number}") for number in range(700)]
    events = [one(f"DTSTART;TZID=Zone {number}:20260101T100000", "DURATION:PT1H") for number in range(700)]
    return calendar(*[line for given in zones + events for line in given])


def many_overrides() -> bytes:
    """Of one series, each for all that comes after it."""
    times = [f"2026{n % 12 + 1:02}{n % 28 + 1:02}T{n % 24:02}0000Z" for n in range(1999)]
    given = [one("UID:a", f"RECURRENCE-ID;RANGE=THISANDFUTURE:{at}", "DTSTART:20260601") for at in times]
    rule = one("UID:a", "DTSTART:20260101", "RRULE:FREQ=DAILY;COUNT=500")
    return calendar(*rule, *[line for lines in given for line in lines])


COSTLY: dict[str, Callable[[], bytes]] = {
    "long list of weekdays": lambda: event("DTSTART:10000101", f"RRULE:FREQ=DAILY;BYDAY={repeated(['MO'])}"),
    "long list of positions": lambda: event(
        "DTSTART:10000101", f"RRULE:FREQ=YEARLY;BYMONTHDAY=1;BYSETPOS={repeated(['1', ' 1', '01', '-1'])}"
    ),
    "long list of days": lambda: event(
        "DTSTART:20260101", f"RRULE:FREQ=YEARLY;BYYEARDAY={repeated(str(day) for day in range(1, 367))}"
    ),
    "rules that are never met": lambda: series(2000, "DTSTART:20200704", "RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2"),
    "long counts": lambda: series(50, "DTSTART:19000101", "RRULE:FREQ=DAILY;COUNT=40000"),
    "long counts of weeks": lambda: series(50, "DTSTART:19000101", "RRULE:FREQ=YEARLY;COUNT=40000;BYWEEKNO=1,53"),
    "many excluded days": lambda: event("DTSTART:20260704", f"EXDATE:{repeated(['20260704'], 220_000)}"),
    "events that last for years": lambda: series(2000, "DTSTART:20260101T100000Z", "DURATION:P365D"),
    "series that overlap": lambda: series(
        2000, "DTSTART;TZID=Asia/Tokyo:20260101T100000", "RRULE:FREQ=DAILY;COUNT=800"
    ),
    "many zones": many_zones,
    "many overrides": many_overrides,
    "many lines": lambda: b"BEGIN:VCALENDAR\n" + b"A:\n" * 99_000 + b"END:VCALENDAR",
    "nothing but line ends": lambda: b"BEGIN:VCALENDAR" + b"\r" * LONG * 4,
    "deep nesting": lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 49_000 + b"END:Y\n" * 49_000 + b"END:VCALENDAR",
    "many folds": lambda: b"BEGIN:VCALENDAR\nSUMMARY:" + b"\n x" * 99_000 + b"\nEND:VCALENDAR",
    "many parameters": lambda: event("SUMMARY" + ";A=b" * LONG + ":x", "DTSTART:20260101"),
    "many quotes": lambda: event("SUMMARY;A=" + '"a"' * LONG + ":x", "DTSTART:20260101"),
    "half an HTML tag": lambda: series(400, "DTSTART:20260101", "SUMMARY:" + "<b <b &" * 600),
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_file_ends_soon(name: str) -> None:
    data = COSTLY[name]()
    assert len(data) <= ical.MOST_BYTES
    began = process_time()
    with suppress(ical.Unreadable):
        reading(data, NEW_YORK)
    assert process_time() - began < MOST_SECONDS


def test_file_that_takes_too_long_is_refused() -> None:
    (problem,) = problems(series(50, "DTSTART:19000101", "RRULE:FREQ=DAILY;COUNT=40000"))
    assert "from here on this file takes too long to work out" in problem


def test_event_that_takes_too_long_is_left_out() -> None:
    costly = one("SUMMARY:Costly", "DTSTART:19000101", *["RRULE:FREQ=DAILY;COUNT=50000"] * 2)
    data = calendar(*costly, *one("DTSTART:20260101"))
    assert days(data) == ["2026-01-01"]
    assert left_out(data) == [
        "Line 3: “Costly” is left out. It recurs for too long, or too often, to be worked out.",
    ]


def test_long_list_of_dates_is_left_out() -> None:
    (left,) = left_out(event("DTSTART:20260704", f"EXDATE:{repeated(['20260704'], 20_000)}"))
    assert "too often, to be worked out" in left


def test_rule_from_the_year_1000_costs_as_one_of_today() -> None:
    assert days(event("DTSTART:10000704", "RRULE:FREQ=YEARLY")) == ["2026-07-04", "2027-07-04", "2028-07-04"]


def test_many_series_of_ordinary_holidays_are_read() -> None:
    assert len(days(series(299, "DTSTART:20000704", "RRULE:FREQ=YEARLY;BYMONTH=7;BYDAY=1MO"))) == 897


def test_too_large_a_file_is_refused() -> None:
    assert "larger than 2 MB" in problems(b"X" * (ical.MOST_BYTES + 1))[0]


def test_too_many_lines_are_refused() -> None:
    assert "more than 100,000 lines" in problems(calendar(*["X:"] * 100_001))[0]


def test_too_many_events_are_refused() -> None:
    assert "more than 2,000 events" in problems(calendar(*one("DTSTART:20260101") * 2001))[0]


def test_too_many_holidays_are_refused() -> None:
    assert "more than 900 holidays" in problems(series(8, "DTSTART:20260101", "RRULE:FREQ=WEEKLY"))[0]


def test_too_many_days_of_one_event_are_left_out() -> None:
    assert "It alone would be more than 900 holidays." in left_out(event("DTSTART:20260101", "RRULE:FREQ=DAILY"))[0]

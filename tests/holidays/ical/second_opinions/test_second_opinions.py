"""The same files as other readers have them: ical.js 2.2.1, icalendar 7.3.0 with python-dateutil 2.9.0. And where
these are not right, so that docs/holidays.md can say so: a release that changes it fails here."""

from datetime import date, datetime, time, timedelta
from typing import Any

import icalendar
import pytest
from dateutil.rrule import rruleset, rrulestr

from tests.holidays.ical.reading import FIRST, LAST, calendar, days, defined, event, hours, one
from tests.holidays.ical.second_opinions import node, samples

DAY = timedelta(days=1)
GOOD = samples.BY_HAND | samples.drawn()
DAILY = ["UID:a", "DTSTART;VALUE=DATE:20270104", "RRULE:FREQ=DAILY;COUNT=2"]


def zoned(name: str, start: str, *lines: str) -> bytes:
    return calendar(*defined(name), *one("UID:a", f"DTSTART;TZID={name}:{start}", *lines))


def dated(start: str, *lines: str) -> bytes:
    return event("UID:a", f"DTSTART;VALUE=DATE:{start}", *lines)


# By name: the file, what is right, what ical.js has, and what icalendar has of its first event where that is wrong.
WRONG: dict[str, tuple[bytes, list[str], str, str]] = {
    "29 February of other years": (
        dated("20240229", "RRULE:FREQ=YEARLY"),
        ["2028-02-29"],
        "2026-03-01 2027-03-01 2028-02-29",
        "",
    ),
    "yearly by day of the month": (
        dated("20260214", "RRULE:FREQ=YEARLY;BYMONTHDAY=14;COUNT=2"),
        ["2026-02-14", "2026-03-14"],
        "2026-02-14 2027-02-14",
        "",
    ),
    "first week by position": (
        dated("20260107", "RRULE:FREQ=WEEKLY;WKST=TU;BYDAY=MO,TU;BYSETPOS=1;COUNT=3"),
        ["2026-01-07", "2026-01-13", "2026-01-20"],
        "2026-01-12 2026-01-13 2026-01-19",
        "",
    ),
    "exact hours over a clock change": (
        zoned("America/New_York", "20260308T000000", "DURATION:PT4H"),
        ["2026-03-08 00:00-05:00"],
        "2026-03-08T00:00:00/2026-03-08T04:00:00",
        "2026-03-08T00:00:00-05:00/2026-03-08T04:00:00-04:00",
    ),
    "a definition under a known name": (
        zoned("EST", "20260703T090000", "DURATION:PT3H"),
        ["2026-07-03 09:00-12:00"],
        "",
        "2026-07-03T09:00:00-05:00/2026-07-03T12:00:00-05:00",
    ),
    "a day with a time": (
        event("DTSTART;VALUE=DATE:20271227T000000Z", "DTEND;VALUE=DATE:20271228T000000Z"),
        ["2027-12-27"],
        "",
        "2027-12-27T00:00:00+00:00/2027-12-28T00:00:00+00:00",
    ),
    "an exception in UTC of a day": (
        calendar("X-WR-TIMEZONE:Europe/Berlin", *one(*DAILY, "EXDATE:20270104T230000Z")),
        ["2027-01-04"],
        "2027-01-04 2027-01-05",
        "",
    ),
    "a withdrawn file": (
        calendar("METHOD:CANCEL", *one("UID:a", "DTSTART;VALUE=DATE:20270503")),
        [],
        "2027-05-03",
        "",
    ),
    "an unquoted name with a colon": (
        event("DTSTART;TZID=(UTC-05:00) Eastern Time (US & Canada):20261224T130000", "DURATION:PT1H"),
        ["2026-12-24 13:00-14:00"],
        "refused",
        "refused",
    ),
    "a period": (
        event("UID:a", "DTSTART:20260701T090000", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20260801T100000/PT2H"),
        ["2026-07-01 09:00-10:00", "2026-08-01 10:00-12:00"],
        "refused",
        "",
    ),
    "excluded days and times in one list": (
        dated("20260701", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260702,20260703T000000"),
        ["2026-07-01", "2026-07-04"],
        "refused",
        "",
    ),
    "a day without VALUE=DATE": (event("UID:a", "DTSTART:20261003"), ["2026-10-03"], "refused", ""),
    "an empty end": (dated("20260701", "DTEND:"), ["2026-07-01"], "refused", "refused"),
    "an empty rule": (dated("20260701", "RRULE:"), ["2026-07-01"], "refused", ""),
    "days until a time": (
        dated("20271231", "DTEND:20271231T050001Z"),
        ["2027-12-31"],
        "2027-12-31/2027-12-31T05:00:01Z",
        "refused",
    ),
    "a week without a day": (
        dated("20260513", "RRULE:FREQ=YEARLY;BYWEEKNO=20;COUNT=2"),
        ["2026-05-13", "2027-05-19"],
        "none",
        "",
    ),
    "a first day off its rule": (
        dated("20280701", "RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4"),
        ["2028-07-01", "2028-07-04"],
        "2028-07-04",
        "",
    ),
    "days with and without a number": (
        dated("20260105", "RRULE:FREQ=MONTHLY;BYDAY=MO,1FR;COUNT=6"),
        ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02", "2026-02-06"],
        "2026-01-05 2026-01-12 2026-01-19 2026-01-26 2026-02-02 2026-02-06",
        "",
    ),
    "versions out of order": (
        calendar(*samples.SERIES, *samples.moved("20270203", "SEQUENCE:2"), *samples.moved("20270202", "SEQUENCE:1")),
        ["2027-01-04", "2027-02-03", "2027-03-01"],
        "2027-01-04 2027-02-02 2027-03-01",
        "",
    ),
}


@pytest.fixture(scope="module")
def ical_js() -> dict[str, list[list[str]] | dict[str, str]]:
    return node.answers(GOOD | {name: wrong[0] for name, wrong in WRONG.items()})


def test_ical_js_reads_the_same(ical_js: dict[str, list[list[str]] | dict[str, str]]) -> None:
    differing = {name for name, data in GOOD.items() if _days_of(ical_js[name]) != days(data)}
    assert differing == set()


@pytest.mark.parametrize("name", [name for name in GOOD if name != "a vendor's part"])
def test_icalendar_and_dateutil_read_the_same(name: str) -> None:
    assert sorted(_by_icalendar(GOOD[name])) == days(GOOD[name])


@pytest.mark.parametrize("name", WRONG)
def test_where_others_are_wrong(name: str, ical_js: dict[str, list[list[str]] | dict[str, str]]) -> None:
    data, right, js, python = WRONG[name]
    assert days(data) == right
    if js:
        assert _in_short(ical_js[name]) == js
    if python:
        assert _first_by_icalendar(data) == python


def _in_short(answer: list[list[str]] | dict[str, str]) -> str:
    if isinstance(answer, dict):
        return "refused"
    shown = [start if "T" not in end else f"{start}/{end}" for start, end in answer]
    return " ".join(shown) or "none"


def _days_of(answer: list[list[str]] | dict[str, str]) -> list[str]:
    assert isinstance(answer, list)
    found = [day for start, end in answer for day in _split(_read(start), _read(end), is_date="T" not in start)]
    return sorted(found)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def _split(start: datetime, end: datetime, *, is_date: bool) -> list[str]:
    """A stretch as its days."""
    found = []
    while start < end:
        midnight = datetime.combine(start.date() + DAY, time())
        if FIRST <= start.date() <= LAST:
            until = "23:59" if end >= midnight else f"{end:%H:%M}"
            is_whole = is_date or (start.time() == time() and end >= midnight)
            found.append(f"{start:%Y-%m-%d}" if is_whole else f"{start:%Y-%m-%d} {start:%H:%M}-{until}")
        start = midnight
    return found


def _first_by_icalendar(data: bytes) -> str:
    event = icalendar.Calendar.from_ical(data).events[0]
    try:
        return f"{event.start.isoformat()}/{event.end.isoformat()}"
    except (icalendar.InvalidCalendar, icalendar.BrokenCalendarProperty):
        return "refused"


def _by_icalendar(data: bytes) -> list[str]:
    """icalendar's values, dateutil's rules; what replaces what is put together here."""
    events: list[Any] = list(icalendar.Calendar.from_ical(data).events)
    overrides = {_plain(given["RECURRENCE-ID"].dt): given for given in events if "RECURRENCE-ID" in given}
    found: list[str] = []
    for master in events:
        if "RECURRENCE-ID" in master or master.get("STATUS") == "CANCELLED":
            continue
        length, is_date = _plain(master.end) - _plain(master.start), not isinstance(master.start, datetime)
        shift = timedelta()
        for at in _starts(master):
            changed = overrides.get(at)
            if changed is not None and changed.get("STATUS") == "CANCELLED":
                continue
            begin = _plain(changed.start) if changed is not None else at + shift
            if changed is not None and changed["RECURRENCE-ID"].params.get("RANGE"):
                shift = begin - at
            found += _split(begin, begin + length, is_date=is_date)
    return found


def _starts(master: Any) -> list[datetime]:
    start = _plain(master.start)
    series = rruleset()
    series.rdate(start)
    if "RRULE" in master:
        # dateutil wants an end in UTC for a start with a zone; both are as the clocks show it here.
        series.rrule(rrulestr(master["RRULE"].to_ical().decode(), dtstart=start))
    excluded = master.get("EXDATE")
    for value in excluded.dts if excluded else []:
        series.exdate(_plain(value.dt))
    last = datetime.combine(LAST, time.max)
    return [at for at in series.between(start, last, inc=True) if at >= datetime.combine(FIRST - 9 * DAY, time())]


def _plain(value: date) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())


def test_dateutil_counts_positions_from_the_first_day_on() -> None:
    """RFC 5545, 3.3.10: a set of recurrence instances starts at the beginning of the interval, here on 6 January."""
    rule = rrulestr("FREQ=WEEKLY;WKST=TU;BYDAY=MO,TU;BYSETPOS=1;COUNT=3", dtstart=datetime(2026, 1, 7))  # noqa: DTZ001
    assert [f"{at:%m-%d}" for at in rule] == ["01-12", "01-13", "01-20"]


def test_dateutil_takes_days_with_and_without_a_number_for_two_conditions() -> None:
    """RFC 5545, 3.3.10: BYDAY is one list, of which each day counts."""
    rule = "FREQ=MONTHLY;BYDAY=MO,1FR;UNTIL=20260112"
    assert list(rrulestr(rule, dtstart=datetime(2026, 1, 1))) == []  # noqa: DTZ001
    assert hours("DTSTART;VALUE=DATE:20260102", f"RRULE:{rule}") == ["2026-01-02", "2026-01-05", "2026-01-12"]


def test_dateutil_refuses_a_vendors_part() -> None:
    with pytest.raises(ValueError, match="unknown parameter"):
        rrulestr("FREQ=YEARLY;X-EVOLUTION-ENDDATE=20280704")


def test_dateutil_has_week_53_in_years_of_52() -> None:
    """ISO 8601: 1 January 2022 is in week 52 of 2021."""
    rule = rrulestr("FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA", dtstart=datetime(2021, 1, 2))  # noqa: DTZ001
    assert rule[1].date() == date(2022, 1, 1)
    assert date(2022, 1, 1).isocalendar().week == 52


def test_dateutil_takes_all_days_of_a_week_without_one() -> None:
    rule = rrulestr("FREQ=YEARLY;BYWEEKNO=20;COUNT=3", dtstart=datetime(2026, 5, 13))  # noqa: DTZ001
    assert [at.day for at in rule] == [13, 14, 15]

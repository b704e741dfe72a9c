"""2,000 files that nobody wrote: mostly valid ones, with the faults that real programs make. Each is read or refused
in words, and soon."""

from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.holidays import ical
from tests.holidays.ical.reading import FIRST, LAST, NEW_YORK, defined, problems

pytestmark = pytest.mark.slow

MOST_SECONDS = 1.0

DATES = [
    *("20260704", "20270101", "20271231", "20280229", "20251230", "19700101", "20140929", "16010101", "10000101"),
    *("20260308T023000", "20261101T013000", "20260704T000000", "20261224T130000", "20270704T235959"),
    *("20260704T040000Z", "20261224T180000Z", "20270131T230000Z", "20260101T000000Z", "20261241", "2014930", "soon"),
    *(
        "20131210Z",
        "2026-07-04",
        "20260704T0900",
        "99991231",
        "99981231T235959Z",
        "00010101T000000",
        "00020101",
        "20260704T240000",
        "",
    ),
]
PARAMETERS = [
    *("", "", "", "", ";VALUE=DATE", ";VALUE=DATE-TIME", ";VALUE=PERIOD", ";value=date", ";X-A=b"),
    *(";TZID=America/New_York", ";TZID=Eastern Standard Time", ";TZID=Ours", ';TZID="Ours"', ";TZID=EST", ";TZID=UTC"),
    *(";TZID=(UTC-05:00) Eastern Time (US & Canada)", ";TZID=Nowhere", ";TZID=", ";RANGE=THISANDFUTURE"),
]
RULE_PARTS = [
    *("INTERVAL=2", "COUNT=3", "COUNT=900", "UNTIL=20270704", "UNTIL=20270704T040000Z", "WKST=SU", "BYMONTH=7,11"),
    *("BYDAY=MO", "BYDAY=-1MO,4TH", "BYMONTHDAY=14,-1", "BYYEARDAY=1,-1", "BYWEEKNO=20", "BYSETPOS=1,-1"),
    *("X-EVOLUTION-ENDDATE=20280704T000000Z", "BYHOUR=9", "BYDAY=", "", "INTERVAL=0", "FREQ=YEARLY", "RSCALE=HEBREW"),
]
FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "YEARLY", "YEARLY", "HOURLY", "yearly", ""]
LENGTHS = ["P1D", "PT4H", "P1W", "PT90M", "P1DT12H", "-P1D", "PT", "soon", "", "P366D", "P400D", "PT999999H"]
NAMES = ["New Year", "", "Fête", "<b>Day</b> &amp; more", "a\\, b\\n", "x" * 300, "\u200b", '"', "P=C3=A2ques="]
OTHERS = [
    *("SEQUENCE:1", "SEQUENCE:2", "SEQUENCE:x", "DTSTAMP:20261101T000000Z", "STATUS:CANCELLED", "STATUS:TENTATIVE"),
    *("DESCRIPTION:Public holiday", "DESCRIPTION:Observance\\nmore", "CATEGORIES:Holiday,Observance", "and so on"),
    *("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "TRANSP:TRANSPARENT", "BEGIN:VALARM", "END:VALARM", " folded", "UID:a"),
    *("DTSTART:20260704", "RDATE:", "SUMMARY;LANGUAGE=fr:Jour", "END:VEVENT", "BEGIN:VEVENT", 'X-A;B=";:c'),
]
HEADS = [
    *("VERSION:2.0", "METHOD:CANCEL", "METHOD:PUBLISH", "METHOD:REPLY", "X-WR-TIMEZONE:UTC", "X-WR-TIMEZONE:Ours"),
    *(
        "X-WR-TIMEZONE:Eastern Standard Time",
        "X-WR-TIMEZONE:Nowhere",
        "X-WR-CALNAME:Holidays",
        "BEGIN:VTODO",
        "END:VTODO",
    ),
]
ZONES = [
    [],
    defined("Ours"),
    defined("EST"),
    [line.replace("RRULE", "X-RRULE") for line in defined("Ours")],
    [line.replace("TZOFFSETTO:-0500", "TZOFFSETTO:?") for line in defined("Ours")],
    ["BEGIN:VTIMEZONE", "TZID:Ours", "X-LIC-LOCATION:America/New_York", "END:VTIMEZONE"],
]

DATED = st.tuples(
    st.sampled_from(["DTSTART", "DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID"]),
    st.sampled_from(PARAMETERS),
    st.lists(st.sampled_from(DATES), min_size=1, max_size=2),
).map(lambda drawn: f"{drawn[0]}{drawn[1]}:{','.join(drawn[2])}")
RULES = st.tuples(
    st.sampled_from(["RRULE", "RRULE", "RRULE:RRULE", "EXRULE", "rrule"]),
    st.sampled_from(FREQUENCIES),
    st.lists(st.sampled_from(RULE_PARTS), max_size=4),
).map(lambda drawn: f"{drawn[0]}:FREQ={';'.join([drawn[1], *drawn[2]])}")
LINES = st.one_of(
    DATED,
    DATED,
    RULES,
    st.sampled_from(LENGTHS).map("DURATION:{}".format),
    st.sampled_from(NAMES).map("SUMMARY:{}".format),
    st.sampled_from(OTHERS),
)
EVENTS = st.tuples(st.sampled_from(DATES[:16]), st.sampled_from(["a", "b", ""]), st.lists(LINES, max_size=5)).map(
    lambda drawn: ["BEGIN:VEVENT", f"UID:{drawn[1]}", f"DTSTART:{drawn[0]}", *drawn[2], "END:VEVENT"]
)
CHANGES: list[Callable[[bytes, int], bytes]] = [
    lambda data, _: data,
    lambda data, _: data,
    lambda data, _: data,
    lambda data, _: data.replace(b"\r\n", b"\r"),
    lambda data, _: data.replace(b"\r\n", b"\r\r\n"),
    lambda data, _: data.replace(b"\r\n", b"  \n"),
    lambda data, _: data.decode().encode("latin-1", "replace"),
    lambda data, _: data.decode().encode("utf-16"),
    lambda data, _: data.lower(),
    lambda data, at: data[: at % len(data)],
    lambda data, at: data[: at % len(data)] + b"\r\n " + data[at % len(data) :],
    lambda data, at: data[: at % len(data)] + b"\xff\0" + data[at % len(data) :],
    lambda data, at: data[: at % len(data)] + data[(at + 7) % len(data) :],
    lambda data, _: data + data,
]


def _joined(drawn: tuple[list[str], list[str], list[list[str]], Callable[[bytes, int], bytes], int]) -> bytes:
    head, zone, events, change, at = drawn
    lines = ["BEGIN:VCALENDAR", *head, *zone, *(line for event in events for line in event), "END:VCALENDAR", ""]
    return change("\r\n".join(lines).encode(), at)


FILES = st.tuples(
    st.lists(st.sampled_from(HEADS), max_size=2),
    st.sampled_from(ZONES),
    st.lists(EVENTS, min_size=1, max_size=4),
    st.sampled_from(CHANGES),
    st.integers(0, 5000),
).map(_joined)


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES, st.sampled_from([None, NEW_YORK]))
def test_any_file_is_read_or_refused_soon(data: bytes, zone: None) -> None:
    began = process_time()
    try:
        found = ical.read_calendar_file(data, zone=zone, first=FIRST, last=LAST)
    except ical.Unreadable:
        return
    finally:
        assert process_time() - began < MOST_SECONDS
    assert all(FIRST <= entry.date <= LAST and entry.name and entry.line for entry in found.entries)
    assert len({(entry.date, entry.name) for entry in found.entries}) == len(found.entries)
    assert all(left.line and left.name and left.reason.endswith((".", "”")) for left in found.left_out)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_nonsense_is_refused_in_words(data: bytes) -> None:
    assert problems(data)

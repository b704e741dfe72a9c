"""Bytes, lines and names as programs write them (RFC 5545, 3.1 and 3.3.11, and what is found beside it)."""

import pytest

from campaigns.holidays import ical
from tests.holidays.ical.reading import FIRST, LAST, calendar, dates, days, event, hours, one, read, reading

LINES = [
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "SUMMARY:Lundi de Pâques",
    "DTSTART:20270101",
    "END:VEVENT",
    "END:VCALENDAR",
]


def named(data: bytes) -> list[tuple[str, str]]:
    return [(str(entry.date), entry.name) for entry in read(data)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n", " \r\n", "\t\n", "\n\n", "\r\n\r\n", "\n \n"])
def test_lines_end_in_any_way(end: str) -> None:
    assert named(end.join([*LINES, ""]).encode()) == [("2027-01-01", "Lundi de Pâques")]


@pytest.mark.parametrize("fold", [b"\r\n ", b"\n ", b"\r\n\t", b"\r ", b"\r\r\n "])
@pytest.mark.parametrize("at", range(1, 4))
def test_line_may_be_folded_within_a_character(fold: bytes, at: int) -> None:
    """As a program does that counts octets: a fold may lie anywhere."""
    content = "€".encode()
    data = "\r\n".join([*LINES, ""]).encode().replace("â".encode(), content[:at] + fold + content[at:])
    assert named(data) == [("2027-01-01", "Lundi de P€ques")]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_in_any_coding(coding: str) -> None:
    assert named("\r\n".join([*LINES, ""]).encode(coding)) == [("2027-01-01", "Lundi de Pâques")]


def test_marks_of_joined_files_do_no_harm() -> None:
    data = "\r\n".join([*LINES, ""]).encode("utf-8-sig")
    assert named(data + data.replace(b"20270101", b"20270102")) == [
        ("2027-01-01", "Lundi de Pâques"),
        ("2027-01-02", "Lundi de Pâques"),
    ]


@pytest.mark.parametrize("coding", ["latin-1", "cp1252"])
def test_western_european_text_is_read_and_told(coding: str) -> None:
    found = reading("\r\n".join([*LINES, ""]).encode(coding))
    assert found.entries[0].name == "Lundi de Pâques"
    assert "The text isn’t UTF-8 (first on line 3)" in found.notes[0]


def test_one_line_that_is_not_utf_8_leaves_the_others_alone() -> None:
    data = calendar(*one("SUMMARY:Fête", "DTSTART:20270101")) + calendar(*one("SUMMARY:日", "DTSTART:20270102"))
    assert [name for _, name in named(data.replace("ê".encode(), b"\xea"))] == ["Fête", "日"]


@pytest.mark.parametrize("before", ["", "\n\n", "X-Header: 1\nContent-Type: text/calendar\n\n"])
def test_what_stands_around_a_calendar_does_no_harm(before: str) -> None:
    data = before.encode() + "\n".join(LINES).encode() + b"\n\x1a\n"
    assert named(data) == [("2027-01-01", "Lundi de Pâques")]


def test_small_letters_mean_the_same() -> None:
    lines = ["begin:vcalendar", "begin:vevent", "summary:Day", "dtstart;value=date:20260704", "rrule:freq=yearly"]
    data = "\n".join([*lines, "end:vevent", "end:vcalendar"]).encode()
    assert days(data) == ["2026-07-04", "2027-07-04", "2028-07-04"]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["SUMMARY:Fête\\, día\\n祝日\\; a\\\\b"], "Fête, día 祝日; a\\b"),
        (["SUMMARY;LANGUAGE=de:Neujahr", "SUMMARY;LANGUAGE=fr:Nouvel An"], "Neujahr"),
        (["SUMMARY:", "SUMMARY;LANGUAGE=fr:Nouvel An"], "Nouvel An"),
        (["SUMMARY;LANGUAGE=en-us:New Year: the day"], "New Year: the day"),
        (['SUMMARY;ALTREP="http://example.org/a;b":Day'], "Day"),
        (["SUMMARY;X-A=a;X-B:Day"], "Day"),
        (["SUMMARY:<b>New Year</b> &amp; <br/>more&#39;s"], "New Year & more's"),
        (["SUMMARY:Fair <1> & AT&T"], "Fair <1> & AT&T"),
        (["SUMMARY;ENCODING=QUOTED-PRINTABLE:P=C3=A2ques =3D"], "Pâques ="),
        (["SUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Weihnachten =", "und Neujahr"], "Weihnachten und Neujahr"),
        (["SUMMARY;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:F=EAte"], "Fête"),
        (["SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=none:F=EAte"], "Fête"),
        (["SUMMARY:\tTwo\u00a0 blanks\u200b\x07 "], "Two blanks"),
        (
            ["SUMMARY:\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"],
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        (["SUMMARY:\u200d"], "Holiday"),
        (["SUMMARY:Rev\u202eersed\u00ad"], "Reversed"),
        (["X-SUMMARY:Other", "SUMMARY:Day", "X-ALT-DESC;FMTTYPE=text/html:<p>x</p>"], "Day"),
    ],
)
def test_names(lines: list[str], name: str) -> None:
    assert read(event(*lines, "DTSTART:20260119"))[0].name == name


# --- Values as programs write them ---


@pytest.mark.parametrize(
    "line",
    [
        *("DTSTART:20261224", "DTSTART;VALUE=DATE:20261224", "DTSTART;value=date:20261224 ", "DTSTART:2026-12-24"),
        *("DTSTART;VALUE=DATE:20261224T000000Z", "DTSTART;VALUE=DATE:20261224T235959", "DTSTART:20261224Z"),
        *(
            'DTSTART;VALUE="DATE":20261224',
            "DTSTART;VALUE=DATE;TZID=Nowhere:20261224",
            "DTSTART;VALUE=DATE-TIME:20261224",
        ),
        "DTSTART;VALUE=DATE;X-FOO=bar:20261224",
    ],
)
@pytest.mark.parametrize("end", [[], ["DTEND:"], ["DTEND;VALUE=DATE:20261225"], ["DURATION:P1D"], ["DURATION:"]])
def test_a_day_in_any_spelling(line: str, end: list[str]) -> None:
    assert hours(line, *end) == ["2026-12-24"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20261224T120000", "DTEND:20261224T180000", "DURATION:PT1H"], ["2026-12-24 12:00-18:00"]),
        (["DTSTART:20261224T120000", "DTEND:", "DURATION:PT1H"], ["2026-12-24 12:00-13:00"]),
        (["DTSTART:20261224T1200", "DTEND:20261224T1800"], ["2026-12-24 12:00-18:00"]),
        (["DTSTART:20261224t120000", "DURATION:pt1h30m"], ["2026-12-24 12:00-13:30"]),
        (["DTSTART:20261224T120000", "DTEND:20261224T240000"], ["2026-12-24 12:00-23:59"]),
        (["DTSTART:20261224T120000", "DTEND:20261224T235960"], ["2026-12-24 12:00-23:59"]),
        (["DTSTART:20261224T120000", "DTEND;VALUE=DATE:20261225"], ["2026-12-24 12:00-23:59"]),
        (["DTSTART:20261224T120000", "DTEND;VALUE=DATE:20261224"], ["2026-12-24 12:00-23:59"]),
        (["DTSTART:20261224", "DTEND:20261226T050001Z"], ["2026-12-24", "2026-12-25"]),
        (["DTSTART:20261224", "DTEND:20261224T050001Z"], ["2026-12-24"]),
        (["DTSTART:20261224", "DTEND:20261225T235959"], ["2026-12-24", "2026-12-25"]),
        (["DTSTART:20261224", "DURATION:PT36H"], ["2026-12-24", "2026-12-25"]),
        (["DTSTART:20261224", "DURATION:P1W", "DTEND:20261225"], ["2026-12-24"]),
        (["DTSTART;VALUE=DATE:20261224T000000Z", "DTEND;VALUE=DATE:20261226T000000Z"], ["2026-12-24", "2026-12-25"]),
        (["DTSTART:20261224", "DTSTART:20261224"], ["2026-12-24"]),
    ],
)
def test_ends(lines: list[str], expected: list[str]) -> None:
    assert hours(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RDATE:20261225", "RDATE;VALUE=DATE:20261226,20261227"], [25, 26, 27]),
        (["RDATE:20131210Z,20261225Z"], [25]),
        (["RDATE;VALUE=PERIOD:20261225T000000Z/PT4H"], [25]),
        (["RDATE:", "EXDATE:", "RRULE:", "DURATION:"], []),
        (["RDATE:20261225;20261226,,20261227"], [25, 26, 27]),
        (["RRULE:RRULE:FREQ=DAILY;COUNT=2"], [25]),
        (["RRULE:FREQ=DAILY;COUNT=5", "EXRULE:FREQ=DAILY;INTERVAL=2"], [25, 27]),
        (["RRULE:FREQ=DAILY;COUNT=5;UNTIL=20261226"], [25, 26]),
        (["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261231"], [25]),
        (["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20261225,20261226T000000,20261227T000000Z"], []),
        (["RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;INTERVAL=3;COUNT=2"], [25, 27]),
    ],
)
def test_what_recurs(lines: list[str], expected: list[int]) -> None:
    found = [int(day[-2:]) for day in dates("DTSTART:20261224", *lines)]
    first = [] if "EXRULE:FREQ=DAILY;INTERVAL=2" in lines else [24]
    assert found == first + expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RDATE;VALUE=PERIOD:20261225T100000/PT2H"], ["2026-12-25 10:00-12:00"]),
        (["RDATE;VALUE=PERIOD:20261225T100000/20261225T110000"], ["2026-12-25 10:00-11:00"]),
        (["RDATE;VALUE=DATE:20261225"], ["2026-12-25 09:00-13:00"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261226"], ["2026-12-25 09:00-13:00"]),
        (["RRULE:FREQ=DAILY;COUNT=2;BYHOUR=9;BYMINUTE=0"], ["2026-12-25 09:00-13:00"]),
    ],
)
def test_what_recurs_by_the_hour(lines: list[str], expected: list[str]) -> None:
    assert hours("DTSTART:20261224T090000", "DURATION:PT4H", *lines) == ["2026-12-24 09:00-13:00", *expected]


def test_line_of_an_entry_is_that_of_its_event() -> None:
    (entry,) = ical.read_calendar_file(event("DTSTART:20260704"), zone=None, first=FIRST, last=LAST).entries
    assert entry.line == 3

"""Files in the manner of programs that people export from, by hand: the lines that these programs write around an
event, with what is odd in them. docs/holidays.md lists them."""

import pytest

from tests.holidays.ical.reading import NEW_YORK, days, defined, left_out, read, reading


def file(*lines: str, end: str = "\r\n") -> bytes:
    return end.join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]).encode()


def test_outlook() -> None:
    """Desktop Outlook: a zone of its own making, all-day events as times of it, a language on each name, HTML beside
    the description."""
    data = file(
        *("PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN", "VERSION:2.0", "METHOD:PUBLISH"),
        *("X-CALSTART:20261126T050000Z", "X-WR-RELCALID:{0000002E-1234}", "X-WR-CALNAME:Closing days"),
        *defined("Eastern Standard Time"),
        *(
            "BEGIN:VEVENT",
            "CATEGORIES:Holiday",
            "CLASS:PUBLIC",
            "DESCRIPTION: \\n",
            "UID:040000008200E00074C5B7101A82E008",
        ),
        *(
            'DTEND;TZID="Eastern Standard Time":20261127T000000',
            'DTSTART;TZID="Eastern Standard Time":20261126T000000',
        ),
        *("SEQUENCE:0", "SUMMARY;LANGUAGE=en-us:Thanksgiving Day", "TRANSP:TRANSPARENT", "PRIORITY:5"),
        *("X-ALT-DESC;FMTTYPE=text/html:<html><body>: x</body></html>", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"),
        *("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "BEGIN:VALARM", "TRIGGER:-PT1080M", "END:VALARM", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:040000008200E00074C5B7101A82E009", "SUMMARY;LANGUAGE=en-us:Half day", "SEQUENCE:1"),
        *(
            'DTSTART;TZID="Eastern Standard Time":20261224T130000',
            'DTEND;TZID="Eastern Standard Time":20261224T180000',
        ),
        "END:VEVENT",
    )
    assert days(data) == days(data, NEW_YORK) == ["2026-11-26", "2026-12-24 13:00-18:00"]
    assert read(data)[0].nature == "Holiday"


def test_outlook_holiday_file() -> None:
    """What Outlook adds as holidays: days in UTC with the flag."""
    data = file(
        *(
            "PRODID:-//Microsoft Corporation//Outlook 11.0 MIMEDIR//EN",
            "VERSION:2.0",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
        ),
        *("DTSTART:20270906T040000Z", "DTEND:20270907T040000Z", "LOCATION:United States", "TRANSP:TRANSPARENT"),
        *("SEQUENCE:0", "UID:040000008200E00074C5B7101A82E00800000000", "CATEGORIES:Holiday", "SUMMARY:Labor Day"),
        *("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "END:VEVENT"),
    )
    assert days(data) == days(data, NEW_YORK) == ["2027-09-06"]


def test_exchange() -> None:
    """Exchange: “Customized Time Zone”, rules from 1601 on, a moved occurrence in another spelling of its time."""
    data = file(
        *("METHOD:REQUEST", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", *defined("Customized Time Zone")),
        *(
            "BEGIN:VEVENT",
            "UID:e",
            "SUMMARY;LANGUAGE=en-US:Stocktaking",
            "RRULE:FREQ=WEEKLY;COUNT=3;INTERVAL=1;BYDAY=MO",
        ),
        *("DTSTART;TZID=Customized Time Zone:20270104T090000", "DTEND;TZID=Customized Time Zone:20270104T110000"),
        *("SEQUENCE:0", "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:e", "SUMMARY:Stocktaking", "RECURRENCE-ID:20270111T140000Z", "SEQUENCE:0"),
        *("DTSTART;TZID=Customized Time Zone:20270112T090000", "DTEND;TZID=Customized Time Zone:20270112T110000"),
        "END:VEVENT",
    )
    assert days(data, NEW_YORK) == [f"2027-01-{day} 09:00-11:00" for day in ("04", "12", "18")]


@pytest.mark.parametrize(
    ("public", "observance"),
    [
        ("Public holiday", "Observance\\nTo hide observances\\, go to Google Calendar Settings > Holidays in Canada"),
        (
            "Feriado",
            "Data comemorativa\\nPara ocultar as datas comemorativas\\, acesse Configurações do Google Agenda",
        ),
        ("Día festivo", "Celebración\\nPara ocultar las celebraciones\\, ve a Configuración en Google Calendar"),
        ("祝日", "祭日\\n祭日を非表示にするには、Google カレンダーの設定へ"),
    ],
)
def test_google_holidays(public: str, observance: str) -> None:
    """Google's holiday feeds: UTC as the file's zone, days, and on each whether it is a holiday, in the reader's
    language; observances with a second line on how to hide them."""
    data = file(
        *("PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
        *("X-WR-CALNAME:Holidays", "X-WR-TIMEZONE:UTC", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20270525"),
        *("DTEND;VALUE=DATE:20270526", "DTSTAMP:20261101T000000Z", "UID:20270525_a@google.com", "CLASS:PUBLIC"),
        *(
            f"DESCRIPTION:{public}",
            "SEQUENCE:0",
            "STATUS:CONFIRMED",
            "SUMMARY:One",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ),
        *("BEGIN:VEVENT", "DTSTART;VALUE=DATE:20270509", "DTEND;VALUE=DATE:20270510", "DTSTAMP:20261101T000000Z"),
        *("UID:20270509_b@google.com", f"DESCRIPTION:{observance}", "SUMMARY:Other", "END:VEVENT"),
    )
    assert [(entry.name, entry.suggested) for entry in read(data)] == [("Other", False), ("One", True)]
    assert reading(data).notes == ()


def test_google_calendar() -> None:
    """A calendar of one's own: times in UTC beside the zone of the file, an ended series, a cancelled occurrence."""
    data = file(
        *("PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "X-WR-TIMEZONE:America/New_York"),
        *("BEGIN:VTIMEZONE", "TZID:America/New_York", "X-LIC-LOCATION:America/New_York", *defined("x")[2:]),
        *(
            "BEGIN:VEVENT",
            "DTSTART:20261224T180000Z",
            "DTEND:20261224T230000Z",
            "UID:a@google.com",
            "SUMMARY:Half day",
        ),
        *("END:VEVENT", "BEGIN:VEVENT", "DTSTART;TZID=America/New_York:20270104T090000", "UID:b@google.com"),
        *("DTEND;TZID=America/New_York:20270104T100000", "RRULE:FREQ=WEEKLY;WKST=SU;UNTIL=20270119T045959Z;BYDAY=MO"),
        *("EXDATE;TZID=America/New_York:20270111T090000", "SUMMARY:Review", "SEQUENCE:3", "END:VEVENT"),
    )
    assert days(data) == ["2026-12-24 13:00-18:00", "2027-01-04 09:00-10:00", "2027-01-18 09:00-10:00"]


def test_apple() -> None:
    """Apple's Calendar: zones with the changes of many years, a travel time, an alarm without an end of its own."""
    data = file(
        *("METHOD:PUBLISH", "VERSION:2.0", "PRODID:-//Apple Inc.//macOS 15.1//EN", "X-APPLE-CALENDAR-COLOR:#FF2968"),
        *("X-WR-TIMEZONE:America/New_York", "CALSCALE:GREGORIAN", "BEGIN:VTIMEZONE", "TZID:America/New_York"),
        *("BEGIN:DAYLIGHT", "TZOFFSETFROM:-0500", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "DTSTART:20070311T020000"),
        *("TZNAME:EDT", "TZOFFSETTO:-0400", "END:DAYLIGHT", "BEGIN:STANDARD", "TZOFFSETFROM:-0400"),
        *("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "DTSTART:20071104T020000", "TZNAME:EST", "TZOFFSETTO:-0500"),
        *("END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT", "TRANSP:OPAQUE", "DTEND;VALUE=DATE:20270102", "UID:1B2C"),
        *("X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC", "SUMMARY:New Year", "DTSTART;VALUE=DATE:20270101"),
        *("RRULE:FREQ=YEARLY;COUNT=2", "END:VEVENT"),
    )
    assert (days(data, NEW_YORK), reading(data).notes) == (["2027-01-01", "2028-01-01"], ())


def test_thunderbird() -> None:
    """The US holidays that Thunderbird offered: a date until a time in UTC, yearly rules, categories."""
    data = file(
        *("PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0", "BEGIN:VEVENT"),
        *("DTSTART;VALUE=DATE:20071231", "DTEND:20071231T050001Z", "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=12"),
        *("CATEGORIES:Holidays", "SUMMARY:Eve of the year", "UID:eve", "X-MOZ-GENERATION:1", "END:VEVENT"),
        *("BEGIN:VEVENT", "DTSTART;VALUE=DATE:20071122", "DURATION:P1D", "UID:thanks", "SUMMARY:Thanksgiving"),
        *("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=4TH;BYMONTH=11", "CATEGORIES:Holidays", "END:VEVENT"),
    )
    found = [(str(entry.date), entry.name) for entry in read(data) if entry.date.year == 2026]
    assert found == [("2026-11-26", "Thanksgiving"), ("2026-12-31", "Eve of the year")]


def test_evolution() -> None:
    """Evolution: a prefix before the zone's name, its own part in a rule."""
    zone = "/freeassociation.sourceforge.net/Tzfile/America/New_York"
    data = file(
        *("PRODID:-//Ximian//NONSGML Evolution Calendar//EN", "VERSION:2.0", "BEGIN:VTIMEZONE", f"TZID:{zone}"),
        *("X-LIC-LOCATION:America/New_York", *defined("x")[2:], "BEGIN:VEVENT", "UID:a"),
        *(
            f"DTSTART;TZID={zone}:20261224T130000",
            f"DTEND;TZID={zone}:20261224T180000",
            "SUMMARY:Half day",
            "CLASS:PUBLIC",
        ),
        *("RRULE:FREQ=YEARLY;UNTIL=20271224T180000Z;X-EVOLUTION-ENDDATE=20271224T180000Z", "END:VEVENT"),
    )
    assert days(data, NEW_YORK) == ["2026-12-24 13:00-18:00", "2027-12-24 13:00-18:00"]


def test_vobject() -> None:
    """vobject 0.9.9 calls New York EST, and defines it with its summer time."""
    data = file("VERSION:2.0", "PRODID:-//PYVOBJECT//NONSGML Version 0.9.9//EN", *defined("EST"), *HALF_DAY)
    assert days(data, NEW_YORK) == ["2026-07-03 09:00-12:00"]


HALF_DAY = [
    *("BEGIN:VEVENT", "UID:20261128T044617Z - 43702@host", "DTSTART;TZID=EST:20260703T090000"),
    *("DTEND;TZID=EST:20260703T120000", "DTSTAMP:20261128T044617Z", "SUMMARY:Early closing", "END:VEVENT"),
]


def test_calendarlabs() -> None:
    """CalendarLabs: dates without VALUE=DATE that end when they begin, an empty rule, Greenwich as the file's zone."""
    data = file(
        *("VERSION:2.0", "PRODID:-//Calendar Labs//Calendar 1.0//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
        *(
            "X-WR-CALNAME:US Holidays",
            "X-WR-TIMEZONE:Etc/GMT",
            "BEGIN:VEVENT",
            "SUMMARY:Unity Day",
            "DTSTART:20271003",
        ),
        *("DTEND:20271003", "DESCRIPTION:Visit https://calendarlabs.com/ to know more."),
        *("UID:5f2b@calendarlabs.com", "RRULE:", "DTSTAMP:20261101T000000Z", "STATUS:CONFIRMED"),
        *("SEQUENCE:0", "END:VEVENT"),
        end="\n",
    )
    assert (days(data), reading(data).notes) == (["2027-10-03"], ())


def test_office_holidays() -> None:
    """Office Holidays: a language on each name, what is no holiday marked so."""
    data = file(
        *("VERSION:2.0", "PRODID:-//Office Holidays Ltd.//EN", "X-WR-CALNAME:USA Holidays", "METHOD:PUBLISH"),
        *("REFRESH-INTERVAL;VALUE=DURATION:PT48H", "X-PUBLISHED-TTL:PT48H", "X-MS-OLK-FORCEINSPECTOROPEN:TRUE"),
        *("BEGIN:VEVENT", "CLASS:PUBLIC", "UID:2026-11-26US@www.officeholidays.com", "CREATED:20261101T000000Z"),
        *(
            "DESCRIPTION: A federal holiday in the US\\n\\nInformation provided by www.officeholidays.com",
            "LOCATION:USA",
        ),
        *("DTSTART;VALUE=DATE:20261126", "DTEND;VALUE=DATE:20261127", "PRIORITY:5", "SEQUENCE:0"),
        *("SUMMARY;LANGUAGE=en-us:USA: Thanksgiving Day", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:2027-05-09US@www.officeholidays.com", "DTSTART;VALUE=DATE:20270509"),
        *(
            "SUMMARY;LANGUAGE=en-us:USA: Mother's Day (Not a Public Holiday)",
            "END:VEVENT",
        ),
    )
    assert [(entry.name[:12], entry.suggested) for entry in read(data)] == [
        ("USA: Thanksg", True),
        ("USA: Mother'", False),
    ]


def test_website_that_writes_days_in_utc() -> None:
    """Scripts that print midnight in UTC for a day: taken as the times that they are, and said of each."""
    data = file("VERSION:2.0", "BEGIN:VEVENT", "DTSTART:20260704T000000Z", "DTEND:20260705T000000Z", "END:VEVENT")
    assert days(data, NEW_YORK) == ["2026-07-03 20:00-23:59", "2026-07-04 00:00-20:00"]
    assert all(
        "Its times are midnight in UTC, which isn’t midnight here" in entry.remark for entry in read(data, NEW_YORK)
    )
    assert (days(data), read(data)[0].remark) == (["2026-07-04"], "")


def test_telephone() -> None:
    """Telephones of old (vCalendar 1.0): quoted-printable names over two lines."""
    data = file(
        *(
            "VERSION:1.0",
            "TZ:-05",
            "BEGIN:VEVENT",
            "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Weihnachts=",
            "tag",
        ),
        *("DTSTART:20261225T000000", "DTEND:20261226T000000", "END:VEVENT"),
    )
    assert [(str(entry.date), entry.name) for entry in read(data)] == [("2026-12-25", "Weihnachtstag")]


def test_zimbra_and_nextcloud() -> None:
    """A definition of which only the part that holds is given; dates as a list of single days."""
    data = file(
        *("VERSION:2.0", "PRODID:-//IDN nextcloud.com//Calendar app 5.0//EN", "BEGIN:VTIMEZONE", "TZID:Europe/Berlin"),
        *("BEGIN:STANDARD", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "DTSTART:19701025T030000", "TZNAME:CET"),
        *("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100"),
        *("TZOFFSETTO:+0200", "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZNAME:CEST"),
        *("END:DAYLIGHT", "END:VTIMEZONE", "BEGIN:VEVENT", "UID:a", "DTSTART;TZID=Europe/Berlin:20261224T120000"),
        *("DTEND;TZID=Europe/Berlin:20261224T160000", "RDATE;TZID=Europe/Berlin:20261231T120000", "END:VEVENT"),
    )
    assert days(data) == ["2026-12-24 12:00-16:00", "2026-12-31 12:00-16:00"]
    assert (reading(data).notes, left_out(data)) == ((), [])

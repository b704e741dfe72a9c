"""Time zones in calendar files: the file's own definition counts (RFC 5545, 3.2.19), then the name in any spelling."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from tests.holidays.files.reading import (
    BERLIN,
    CHICAGO,
    LONDON,
    LOS_ANGELES,
    NEW_YORK,
    calendar,
    days,
    defined,
    event,
    left_out,
    one,
    read,
    reading,
)


def zoned(name: str, *, day: str = "20260703", definition: list[str] | None = None) -> bytes:
    """From 9:00 to 10:00 there."""
    return calendar(*(definition or []), *one(f"DTSTART;TZID={name}:{day}T090000", "DURATION:PT1H"))


# --- The file's own definition ---


@pytest.mark.parametrize(
    "name", ["Customized Time Zone", "Mitteleuropäische Zeit", "tzone://Microsoft/Custom", "Zone 1"]
)
def test_definition_explains_any_name(name: str) -> None:
    data = zoned(f'"{name}"', definition=defined(name))
    assert days(data, LOS_ANGELES) == ["2026-07-03 06:00-07:00"]
    assert days(data) == ["2026-07-03 09:00-10:00"]
    assert reading(data).notes == ()


@pytest.mark.parametrize(
    "name", ["CUSTOMIZED TIME ZONE", "customized_time_zone", '"Customized Time Zone"', "/Customized Time Zone"]
)
def test_name_of_a_definition_in_another_spelling(name: str) -> None:
    data = zoned(name, definition=defined("Customized Time Zone"))
    assert days(data, LOS_ANGELES) == ["2026-07-03 06:00-07:00"]


def test_definition_counts_over_the_name() -> None:
    """EST is an hour behind New York in summer, but not where the file says otherwise."""
    data = zoned("EST", definition=defined("EST"))
    assert days(data, NEW_YORK) == ["2026-07-03 09:00-10:00"]
    assert "“EST” has other offsets in the file than the time zone of that name" in reading(data).notes[0]


def test_definition_of_greenwich_with_summer_time() -> None:
    data = zoned("GMT", definition=defined("GMT", standard="+0000", summer="+0100"))
    assert days(data, LONDON) == ["2026-07-03 09:00-10:00"]
    assert "“GMT” has other offsets" in reading(data).notes[0]


def test_definition_that_agrees_is_the_region() -> None:
    data = zoned("America/New_York", definition=defined("America/New_York"))
    assert (days(data, LOS_ANGELES), reading(data).notes) == (["2026-07-03 06:00-07:00"], ())


def test_definition_may_follow_its_use() -> None:
    data = calendar(*one("DTSTART;TZID=Ours:20260703T090000", "DURATION:PT1H"), *defined("Ours"))
    assert days(data, LOS_ANGELES) == ["2026-07-03 06:00-07:00"]


def test_each_calendar_of_a_file_has_its_own() -> None:
    east = zoned("Ours", definition=defined("Ours"))
    west = zoned("Ours", day="20260704", definition=defined("Ours", standard="-0800", summer="-0700"))
    assert days(east + west, NEW_YORK) == ["2026-07-03 09:00-10:00", "2026-07-04 12:00-13:00"]


def test_definition_of_another_calendar_helps() -> None:
    assert days(calendar(*defined("Ours")) + zoned("Ours"), LOS_ANGELES) == ["2026-07-03 06:00-07:00"]


def test_definition_by_dates() -> None:
    """As Apple and Evolution may write it: no rule, but every change."""
    zone = [
        *("BEGIN:VTIMEZONE", "TZID:Ours"),
        *("BEGIN:DAYLIGHT", "DTSTART:20260308T020000", "RDATE:20270314T020000,20280312T020000"),
        *("TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "END:DAYLIGHT"),
        *("BEGIN:STANDARD", "DTSTART:20251102T020000", "RDATE:20261101T020000", "RDATE:20271107T020000"),
        *("TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "END:STANDARD", "END:VTIMEZONE"),
    ]
    assert days(zoned("Ours", definition=zone), NEW_YORK) == ["2026-07-03 09:00-10:00"]
    assert days(zoned("Ours", day="20261203", definition=zone), NEW_YORK) == ["2026-12-03 09:00-10:00"]
    assert days(zoned("Ours", day="20270703", definition=zone), NEW_YORK) == ["2027-07-03 09:00-10:00"]


def test_definition_whose_rules_changed_over_the_years() -> None:
    zone = [
        *("BEGIN:VTIMEZONE", "TZID:Ours"),
        *("BEGIN:DAYLIGHT", "DTSTART:19870405T020000"),
        "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z",
        *("TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "END:DAYLIGHT"),
        *(
            "BEGIN:STANDARD",
            "DTSTART:19671029T020000",
            "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z",
        ),
        *("TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "END:STANDARD"),
        *("BEGIN:DAYLIGHT", "DTSTART:20070311T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
        *("TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "END:DAYLIGHT"),
        *("BEGIN:STANDARD", "DTSTART:20071104T020000", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
        *("TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "END:STANDARD", "END:VTIMEZONE"),
    ]
    for day in ("20260310", "20260405", "20261030", "20261102"):
        assert [text[-11:] for text in days(zoned("Ours", day=day, definition=zone), NEW_YORK)] == ["09:00-10:00"]


def test_definition_that_ends_before_the_years_leaves_them_to_the_region() -> None:
    """A program that wrote out the changes until 2014 and no rule says nothing of today."""
    zone = [
        *("BEGIN:VTIMEZONE", "TZID:America/New_York"),
        *("BEGIN:DAYLIGHT", "DTSTART:20140309T020000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "END:DAYLIGHT"),
        *("BEGIN:STANDARD", "DTSTART:20141102T020000", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "END:STANDARD"),
        "END:VTIMEZONE",
    ]
    assert days(zoned("America/New_York", definition=zone), NEW_YORK) == ["2026-07-03 09:00-10:00"]


def test_offset_that_never_changes() -> None:
    zone = [
        *("BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
        *("TZOFFSETFROM:+0530", "TZOFFSETTO:+0530", "END:STANDARD", "END:VTIMEZONE"),
    ]
    assert days(zoned("Ours", definition=zone), LONDON) == ["2026-07-03 04:30-05:30"]


@pytest.mark.parametrize("start", ["00010101T000000", "16010101T020000", "18831118T120000", "19700101T020000"])
def test_definition_from_any_year(start: str) -> None:
    zone = [line.replace("16010101T020000", start) for line in defined("Ours")]
    assert days(zoned("Ours", definition=zone), NEW_YORK) == ["2026-07-03 09:00-10:00"]


@pytest.mark.parametrize("line", ["TZOFFSETTO:soon", "TZOFFSETTO:+9900", "DTSTART:x", "RRULE:FREQ=NEVER"])
def test_broken_definition_of_a_known_name_leaves_the_name(line: str) -> None:
    name = line.partition(":")[0]
    zone = [line if given.startswith(name) else given for given in defined("America/New_York")]
    data = zoned("America/New_York", definition=zone)
    assert days(data, LOS_ANGELES) == ["2026-07-03 06:00-07:00"]
    assert "is defined by the file in a way that can't be read, so its name counted." in reading(data).notes[0]


def test_broken_definition_of_another_name_leaves_its_events_out() -> None:
    zone = [given.replace("TZOFFSETTO:-0500", "TZOFFSETTO:?") for given in defined("Ours")]
    data = calendar(*zone, *one("DTSTART;TZID=Ours:20260703T090000", "DURATION:PT1H"), *one("DTSTART:20260704"))
    assert (days(data), len(left_out(data))) == (["2026-07-04"], 1)


def test_definition_without_rules_names_another() -> None:
    zone = ["BEGIN:VTIMEZONE", "TZID:Ours", "X-LIC-LOCATION:America/New_York", "END:VTIMEZONE"]
    assert days(zoned("Ours", definition=zone), LOS_ANGELES) == ["2026-07-03 06:00-07:00"]


def test_hour_that_comes_twice_is_the_first_of_them() -> None:
    """RFC 5545, 3.3.5; in the zone that a file defines as in one that is known."""
    for name, zone in (("Ours", defined("Ours")), ("America/New_York", [])):
        data = calendar(*zone, *one(f"DTSTART;TZID={name}:20261101T013000", "DURATION:PT1H"))
        assert days(data, LONDON) == ["2026-11-01 05:30-06:30"]


def test_time_that_is_jumped_over_is_told_by_the_clocks_before() -> None:
    for name, zone in (("Ours", defined("Ours")), ("America/New_York", [])):
        data = calendar(*zone, *one(f"DTSTART;TZID={name}:20260308T023000", "DURATION:PT1H"))
        assert days(data, LONDON) == ["2026-03-08 07:30-08:30"]


# --- Names ---


@pytest.mark.parametrize(
    "name",
    [
        *("America/New_York", "america/new_york", "America/New York", '"America/New_York"', "/America/New_York"),
        *("US/Eastern", "Eastern Standard Time", "eastern standard time", "EASTERN_STANDARD_TIME", "EST5EDT"),
        *("/example.org/20260101/America/New_York", "/freeassociation.sourceforge.net/Tzfile/America/New_York"),
        *("(UTC-05:00) Eastern Time (US & Canada)", '"(UTC-05:00) Eastern Time (US & Canada)"', "EDT"),
    ],
)
def test_new_york_by_its_names(name: str) -> None:
    assert days(zoned(name), LOS_ANGELES) == ["2026-07-03 06:00-07:00"]


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Alberta Standard Time", "America/Edmonton"),
        ("British Columbia Standard Time", "America/Vancouver"),
        ("Manitoba Standard Time", "America/Winnipeg"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("GMT Standard Time", "Europe/London"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "Europe/Amsterdam"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/mozilla.org/20050126_1/America/Indiana/Indianapolis", "America/Indiana/Indianapolis"),
        ("UTC+5", "Etc/GMT-5"),
        ("GMT-0500", "Etc/GMT+5"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("PDT", "America/Los_Angeles"),
    ],
)
def test_zone_by_name(name: str, zone: str) -> None:
    assert days(zoned(name, day="20261201"), ZoneInfo(zone)) == ["2026-12-01 09:00-10:00"]


@pytest.mark.parametrize("name", ["PDT", "CST", "EST", "MST"])
def test_short_name_is_told_how_it_was_taken(name: str) -> None:
    assert f"“{name}” was taken as" in reading(zoned(name)).notes[0]


@pytest.mark.parametrize("name", ["Mars/Olympus", "Romance", "Europe", "UTC+99", "../etc/passwd", "XYZ"])
def test_unknown_name_leaves_the_event_out(name: str) -> None:
    data = calendar(*one(f"DTSTART;TZID={name}:20260703T090000", "DURATION:PT1H"), *one("DTSTART:20260704"))
    assert (days(data), "There is no time zone" in left_out(data)[0]) == (["2026-07-04"], True)


def test_date_needs_no_zone() -> None:
    lines = ["DTSTART;VALUE=DATE;TZID=Nowhere:20270104", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3"]
    excluded = 'EXDATE;VALUE=DATE;TZID="(UTC+01:00) Amsterdam, Berlin, Bern":20270201'
    assert days(event(*lines, excluded)) == ["2027-01-04", "2027-03-01"]


@pytest.mark.parametrize("name", ["UTC", "Etc/UTC", "GMT", "Z", "Coordinated Universal Time", "tzone://Microsoft/Utc"])
def test_utc_by_any_name_is_utc(name: str) -> None:
    data = zoned(name)
    assert days(data, NEW_YORK) == ["2026-07-03 05:00-06:00"]
    assert "Some times are in UTC" in reading(data).notes[0]


# --- The zone of the whole file ---


def in_utc(*head: str) -> bytes:
    return calendar(*head, *one("DTSTART:20261224T180000Z", "DTEND:20261224T230000Z"))


@pytest.mark.parametrize(
    "name",
    ["America/New_York", "Eastern Standard Time", "america/new_york", "US/Eastern", "/example.org/America/New_York"],
)
def test_zone_of_the_file_by_its_names(name: str) -> None:
    data = in_utc(f"X-WR-TIMEZONE:{name}")
    assert (days(data), reading(data).notes) == (["2026-12-24 13:00-18:00"], ())


def test_zone_of_the_file_by_its_own_definition() -> None:
    assert days(in_utc("X-WR-TIMEZONE:Ours", *defined("Ours"))) == ["2026-12-24 13:00-18:00"]


@pytest.mark.parametrize("head", [[], ["X-WR-TIMEZONE:UTC"], ["X-WR-TIMEZONE:Etc/GMT"], ["X-WR-TIMEZONE:"]])
def test_utc_as_the_files_zone_says_no_more_than_nothing(head: list[str]) -> None:
    data = in_utc(*head)
    assert days(data) == ["2026-12-24 18:00-23:00"]
    assert "Some times are in UTC" in reading(data).notes[0]


def test_unknown_zone_of_the_file_is_told() -> None:
    notes = reading(in_utc("X-WR-TIMEZONE:Olympus")).notes
    assert any("X-WR-TIMEZONE says nothing here. There is no time zone “Olympus”" in note for note in notes)


def test_each_calendar_of_a_file_has_its_own_zone() -> None:
    assert days(in_utc("X-WR-TIMEZONE:UTC") + in_utc("X-WR-TIMEZONE:Europe/Berlin"))[0:2] == [
        *("2026-12-24 18:00-23:00", "2026-12-24 19:00-23:59"),
    ]


def test_the_calendars_own_zone_counts_over_the_files() -> None:
    assert days(in_utc("X-WR-TIMEZONE:Europe/Berlin"), NEW_YORK) == ["2026-12-24 13:00-18:00"]


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
    assert "2027-01-05 23:00 UTC in it was taken for 2027-01-06" in reading(data).notes[0]
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

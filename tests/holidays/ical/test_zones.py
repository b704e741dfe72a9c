"""Time zones in calendar files: the file's own definition counts (RFC 5545, 3.2.19), then the name in any spelling."""

from zoneinfo import ZoneInfo

import pytest

from tests.holidays.ical.reading import (
    LONDON,
    LOS_ANGELES,
    NEW_YORK,
    calendar,
    days,
    defined,
    event,
    left_out,
    one,
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
    assert "is defined by the file in a way that can’t be read, so its name counted." in reading(data).notes[0]


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
        *("Eastern Time (US & Canada)", '"Eastern Time (US & Canada)"'),
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
        ('"(UTC) Dublin, Edinburgh, Lisbon, London"', "Europe/Dublin"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/mozilla.org/20050126_1/America/Indiana/Indianapolis", "America/Indiana/Indianapolis"),
        ("UTC+5", "Etc/GMT-5"),
        ("GMT-0500", "Etc/GMT+5"),
        ("-0500", "Etc/GMT+5"),
        ("-05:00", "Etc/GMT+5"),
        ("+02:00", "Etc/GMT-2"),
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


@pytest.mark.parametrize("line", ["EXDATE;TZID=Mars:20270104T000000", "EXDATE;TZID=Mars;VALUE=DATE:20270104"])
def test_time_in_a_series_of_days_needs_no_zone(line: str) -> None:
    found = reading(event("DTSTART;VALUE=DATE:20270103", "RRULE:FREQ=DAILY;COUNT=3", line))
    assert ([str(entry.date) for entry in found.entries], list(found.notes)) == (["2027-01-03", "2027-01-05"], [])


def test_end_of_a_day_needs_no_zone() -> None:
    assert days(event("DTSTART;VALUE=DATE:20270519", "DTEND;TZID=Mars:20270520T050000")) == ["2027-05-19"]


@pytest.mark.parametrize(
    "name",
    [
        *("UTC", "Etc/UTC", "GMT", "Z", "tzone://Microsoft/Utc"),
        *("Coordinated Universal Time", '"(UTC) Coordinated Universal Time"'),
    ],
)
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

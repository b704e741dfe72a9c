"""Small calendar files, and what is read of them."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from campaigns.holidays import ical
from campaigns.holidays.dates import HolidayEntry

NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
BERLIN, CHICAGO, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Chicago"), ZoneInfo("Europe/London")
FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def calendar(*lines: str) -> bytes:
    """Each event begins on line 3 of the file, its own lines on line 4."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


def one(*lines: str) -> list[str]:
    return ["BEGIN:VEVENT", *lines, "END:VEVENT"]


def event(*lines: str) -> bytes:
    return calendar(*one(*lines))


def reading(data: bytes, zone: ZoneInfo | None = None) -> ical.CalendarFile:
    return ical.read_calendar_file(data, zone=zone, first=FIRST, last=LAST)


def read(data: bytes, zone: ZoneInfo | None = None) -> list[HolidayEntry]:
    return list(reading(data, zone).entries)


def days(data: bytes, zone: ZoneInfo | None = None) -> list[str]:
    """Each with its hours, where it has some."""
    return [_shown(entry) for entry in read(data, zone)]


def _shown(entry: HolidayEntry) -> str:
    if entry.starts is None or entry.ends is None:
        return str(entry.date)
    return f"{entry.date} {entry.starts:%H:%M}-{entry.ends:%H:%M}"


def dates(*lines: str) -> list[str]:
    return [str(entry.date) for entry in read(event(*lines))]


def hours(*lines: str, zone: ZoneInfo | None = None) -> list[str]:
    return days(event(*lines), zone)


def left_out(data: bytes, zone: ZoneInfo | None = None) -> list[str]:
    return [str(left) for left in reading(data, zone).left_out]


def problems(data: bytes) -> list[str]:
    with pytest.raises(ical.Unreadable) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


def defined(name: str, *extra: str, standard: str = "-0500", summer: str = "-0400") -> list[str]:
    """A time zone as Outlook defines it: of two parts, from 1601 on, with the rules of the United States."""
    return [
        *("BEGIN:VTIMEZONE", f"TZID:{name}", *extra),
        *("BEGIN:STANDARD", "DTSTART:16010101T020000", f"TZOFFSETFROM:{summer}", f"TZOFFSETTO:{standard}"),
        *("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11", "END:STANDARD"),
        *("BEGIN:DAYLIGHT", "DTSTART:16010101T020000", f"TZOFFSETFROM:{standard}", f"TZOFFSETTO:{summer}"),
        *("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3", "END:DAYLIGHT"),
        "END:VTIMEZONE",
    ]

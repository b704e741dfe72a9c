"""Dates, times, durations and periods (RFC 5545, 3.3.4 to 3.3.6, 3.3.9). Times are local to their zone."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from campaigns.holidays.ical.problems import Broken, Work, printable
from campaigns.holidays.ical.properties import Property

DAY = timedelta(days=1)
NO_TIME = timedelta()
# Python's dates end with the year 9999, and days are added to a moment.
LATEST = 9998
# Steps of work for reading one value of a list, as measured.
VALUE_WORK = 5

_MOMENT = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?:T([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?)?(Z?)", re.ASCII | re.IGNORECASE
)
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)
_LISTED = re.compile(r"[,;]")
# Local midnight is between 00:00 and 11:00 UTC west of Greenwich (Midway), and between 10:00 and 24:00 UTC east of it
# (Kiribati). At 11:00 UTC many more people have midnight at UTC+13 (New Zealand in summer) than at UTC-11.
_EASTERN_MIDNIGHT = time(11)
FindZone = Callable[[str, int], tzinfo | None]
Skip = Callable[[Broken], None]


class Moment(NamedTuple):
    """A date or a time. `at`: naive, in `zone`; of a date its midnight. Without a zone, a time is in the reader's."""

    at: datetime
    is_date: bool = False
    zone: tzinfo | None = None

    @property
    def is_in_utc(self) -> bool:
        return not self.is_date and self.zone is UTC

    @property
    def instant(self) -> datetime | None:
        """As a naive datetime in UTC; None if that depends on the reader's zone."""
        if self.is_date or self.zone is None:
            return None
        return self.at.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)

    def seen_in(self, zone: tzinfo | None) -> datetime:
        if self.is_date or self.zone is None or zone is None or zone is self.zone:
            return self.at
        return self.at.replace(tzinfo=self.zone).astimezone(zone).replace(tzinfo=None)


class Length(NamedTuple):
    """A duration: calendar days, whatever their length, and then exact time (RFC 5545, 3.3.6)."""

    days: int = 0
    exact: timedelta = NO_TIME

    @property
    def rough(self) -> timedelta:
        return self.days * DAY + self.exact

    def __bool__(self) -> bool:
        return bool(self.days or self.exact)

    def after(self, start: Moment) -> datetime:
        """The end, as a naive datetime in the start's zone."""
        end = start.at + self.days * DAY
        if start.zone is None or not self.exact:
            return end + self.exact
        instant = end.replace(tzinfo=start.zone).astimezone(UTC) + self.exact
        return instant.astimezone(start.zone).replace(tzinfo=None)


class RecurrencePeriod(NamedTuple):
    """A recurrence. `length`: its own, if it has one."""

    start: Moment
    length: Length | None = None


def read_moment(text: str, given: Property, find_zone: FindZone) -> Moment:
    """The date or time in `text`, a value of the property `given`. Raises Broken if it is neither."""
    # A declared type counts more than the format of the value (RFC 5545, 3.2.20): with VALUE=DATE only the date is
    # read.
    is_date = given.params.get("VALUE", "").upper() == "DATE"
    written = text.strip().upper()
    found = _MOMENT.fullmatch(written.partition("T")[0] if is_date else written)
    moment = _moment(found) if found else None
    if found is None or moment is None:
        sentence = f"{given.name} is “{printable(text, 40)}”, which is neither a date like 20260704 nor a time like "
        raise Broken(given.line, sentence + "20260704T090000.")
    if not 1 < moment.year <= LATEST:
        raise Broken(given.line, f"{given.name} is “{printable(text, 40)}”, in a year that is not read here.")
    if found[5] is None:
        return Moment(moment, is_date=True)
    if found[8]:
        return Moment(moment, zone=UTC)
    name = given.params.get("TZID", "")
    return Moment(moment, zone=find_zone(name, given.line) if name else None)


def _moment(found: re.Match[str]) -> datetime | None:
    """The value as a naive datetime; None for a date or a time that doesn't exist."""
    hour, minute, second = (int(found[number] or 0) for number in (5, 6, 7))
    # A leap second (RFC 5545, 3.3.12), which Python doesn't have.
    if second == 60:
        second = 59
    try:
        midnight = datetime(int(found[1]), int(found[3]), int(found[4]))  # noqa: DTZ001  # its zone is in TZID
        # ISO 8601 allows 24:00 for the end of a day; RFC 5545 doesn't.
        if (hour, minute, second) == (24, 0, 0):
            return midnight + DAY
        return midnight.replace(hour=hour, minute=minute, second=second)
    except (ValueError, OverflowError):
        return None


def read_periods(
    given: Iterable[Property], find_zone: FindZone, work: Work, skip: Skip | None = None
) -> list[RecurrencePeriod]:
    """The values of properties that are lists, such as RDATE. Values that can't be read are passed to `skip`; without
    it, the first of them raises Broken."""
    # Each value is read by its own format, since programs mix dates, times and periods in one list.
    found = []
    for one in given:
        for text in _LISTED.split(one.value):
            work.spend(VALUE_WORK)
            try:
                if text.strip():
                    found.append(_period(text, one, find_zone))
            except Broken as broken:
                if skip is None:
                    raise
                skip(broken)
    return found


def _period(text: str, given: Property, find_zone: FindZone) -> RecurrencePeriod:
    begins, _, ends = text.partition("/")
    start = read_moment(begins, given, find_zone)
    if not ends or start.is_date:
        return RecurrencePeriod(start)
    if ends.strip()[:1] in "+-Pp":
        return RecurrencePeriod(start, read_duration(ends, given))
    end = read_moment(ends, given, find_zone)
    return RecurrencePeriod(start, length_between(start, end, given.line))


def read_duration(text: str, given: Property) -> Length:
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()[1:]):
        sentence = f"{given.name} is “{printable(text, 40)}”, which isn’t a length like P1D or PT4H."
        raise Broken(given.line, sentence)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = Length(7 * weeks + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
    if found[1] == "-" and length:
        raise Broken(given.line, "It ends before it starts.")
    return length


def length_between(start: Moment, end: Moment, line: int) -> Length:
    """The length between two times. Raises Broken if the end is before the start."""
    # A series keeps the exact length of its first event (RFC 5545, 3.8.5.3), except from midnight to midnight: these
    # are days, which changes of clocks don't shorten.
    if end.zone is None or start.zone is None:
        passed = end.seen_in(start.zone) - start.at
    else:
        passed = end.instant - start.instant  # type: ignore[operator]  # both have a zone
    if passed < NO_TIME:
        raise Broken(line, "It ends before it starts.")
    between = end.seen_in(start.zone) - start.at
    if start.at.time() == time() and between > NO_TIME and not between % DAY:
        return Length(between // DAY)
    return Length(exact=passed)


def midnight_date(moment: Moment, zones: Iterable[tzinfo | None], *, is_midnight: bool = False) -> tuple[date, bool]:
    """The date that a moment means in a series of days, and whether that is certain.

    `zones`: those in which a time in UTC may be midnight. `is_midnight`: it must be midnight somewhere.
    """
    # By its own zone; for UTC by the first of `zones` in which it is midnight, by UTC if it is midnight there,
    # otherwise by the first zone. Without any, or if it must be midnight somewhere, by the most likely zone.
    if moment.is_date or moment.zone is not UTC:
        return moment.at.date(), True
    seen = [moment.seen_in(zone) for zone in zones if zone is not None and zone is not UTC]
    for at in (*seen, moment.at):
        if (at.hour, at.minute) == (0, 0):
            return at.date(), True
    if seen and not is_midnight:
        return seen[0].date(), True
    at = moment.at
    if at.minute % 15 or at.second:
        return at.date(), False
    return (at + DAY if at.time() >= _EASTERN_MIDNIGHT else at).date(), False

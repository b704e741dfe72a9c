"""Values that say when, and how long (RFC 5545, 3.3.4 to 3.3.6, 3.3.9). Times are as the clocks of their zone show."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from campaigns.holidays.ical.problems import Broken, Work, printable
from campaigns.holidays.ical.properties import Property

DAY = timedelta(days=1)
NO_TIME = timedelta()
# Python ends with the year 9999, and days after a moment are counted.
LATEST = 9998
# Steps of work that reading one value of a list takes, as measured.
VALUE_WORK = 5

_MOMENT = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?:T([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?)?(Z?)", re.ASCII | re.IGNORECASE
)
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)
_LISTED = re.compile(r"[,;]")
# Local midnight is from 00:00 to 11:00 in UTC west of Greenwich (Midway), from 10:00 to 24:00 east of it (Kiribati).
# Between the two there are many more people at +13 (New Zealand in summer) than at -11.
_EASTERN_MIDNIGHT = time(11)
FindZone = Callable[[str, int], tzinfo | None]
Skip = Callable[[Broken], None]


class Moment(NamedTuple):
    """`at` without its zone; a date is its midnight. No zone: whichever one the reader is in."""

    at: datetime
    is_date: bool = False
    zone: tzinfo | None = None

    @property
    def is_in_utc(self) -> bool:
        return not self.is_date and self.zone is UTC

    @property
    def instant(self) -> datetime | None:
        """In UTC, without saying so; None where it depends on the reader."""
        if self.is_date or self.zone is None:
            return None
        return self.at.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)

    def seen_in(self, zone: tzinfo | None) -> datetime:
        if self.is_date or self.zone is None or zone is None or zone is self.zone:
            return self.at
        return self.at.replace(tzinfo=self.zone).astimezone(zone).replace(tzinfo=None)


class Length(NamedTuple):
    """Days are those of a calendar, whatever the clocks do on them; `exact` is time that passes (RFC 5545, 3.3.6)."""

    days: int = 0
    exact: timedelta = NO_TIME

    @property
    def rough(self) -> timedelta:
        return self.days * DAY + self.exact

    def __bool__(self) -> bool:
        return bool(self.days or self.exact)

    def after(self, start: Moment) -> datetime:
        """When it ends by the clocks of the start's zone, in which the start is."""
        end = start.at + self.days * DAY
        if start.zone is None or not self.exact:
            return end + self.exact
        instant = end.replace(tzinfo=start.zone).astimezone(UTC) + self.exact
        return instant.astimezone(start.zone).replace(tzinfo=None)


class RecurrencePeriod(NamedTuple):
    """A recurrence that may have a length of its own."""

    start: Moment
    length: Length | None = None


def read_moment(text: str, given: Property, find_zone: FindZone) -> Moment:
    """A declared type counts over the look of the value: with VALUE=DATE the date alone. A date needs no zone."""
    is_date = given.params.get("VALUE", "").upper() == "DATE"
    written = text.strip().upper()
    found = _MOMENT.fullmatch(written.partition("T")[0] if is_date else written)
    moment = _moment(found) if found else None
    if found is None or moment is None or not 1 < moment.year <= LATEST:
        sentence = f"{given.name} is “{printable(text, 40)}”, which is neither a date like 20260704 nor a time like "
        raise Broken(given.line, sentence + "20260704T090000.")
    if found[5] is None:
        return Moment(moment, is_date=True)
    if found[8]:
        return Moment(moment, zone=UTC)
    name = given.params.get("TZID", "")
    return Moment(moment, zone=find_zone(name, given.line) if name else None)


def _moment(found: re.Match[str]) -> datetime | None:
    """None for a date or a time that there isn't."""
    hour, minute, second = (int(found[number] or 0) for number in (5, 6, 7))
    # A leap second (RFC 5545, 3.3.12), which Python doesn't know.
    if second == 60:
        second = 59
    try:
        midnight = datetime(int(found[1]), int(found[3]), int(found[4]))  # noqa: DTZ001  # its zone is in TZID
        # 24:00 is ISO 8601's, not the RFC's, for the end of a day.
        if (hour, minute, second) == (24, 0, 0):
            return midnight + DAY
        return midnight.replace(hour=hour, minute=minute, second=second)
    except (ValueError, OverflowError):
        return None


def read_periods(
    given: Iterable[Property], find_zone: FindZone, work: Work, skip: Skip | None = None
) -> list[RecurrencePeriod]:
    """Each value of lists by its own look, since programs mix them; a period has its own end or length. Those that
    can't be read go to `skip`; without it, the first of them is Broken."""
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
        sentence = f"{given.name} is “{printable(text, 40)}”, which is no length like P1D or PT4H."
        raise Broken(given.line, sentence)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = Length(7 * weeks + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
    if found[1] == "-" and length:
        raise Broken(given.line, "It ends before it starts.")
    return length


def length_between(start: Moment, end: Moment, line: int) -> Length:
    """Of two times. From midnight to midnight of one zone they are days, which clock changes don't shorten; else the
    time that passes, for each recurrence the same (RFC 5545, 3.8.5.3)."""
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
    """The date that a time stands for where dates are meant, and whether that is sure: by its own zone; for UTC by the
    first of these zones in which it is midnight, by UTC if it is midnight there, or else by the first zone. Without
    any, or where it must be midnight somewhere, by a plausible one."""
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

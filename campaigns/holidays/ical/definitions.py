"""Time zones as files define them (VTIMEZONE; RFC 5545, 3.6.5), in the years that are read."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from campaigns.holidays.ical.lines import Component
from campaigns.holidays.ical.moments import DAY, NO_TIME, read_moment, read_periods
from campaigns.holidays.ical.problems import Broken, Work, printable
from campaigns.holidays.ical.properties import properties, property_text
from campaigns.holidays.ical.rules import First, read_rule

# A definition with a larger offset is rejected as a mistake: offsets in use range from UTC-12 to UTC+14.
LARGEST_OFFSET = timedelta(hours=18)
# The parts of a definition that say when clocks change.
OBSERVANCES = ("STANDARD", "DAYLIGHT")
# A definition is compared with a known zone in each of the last 500 weeks and at the last 500 changes of clocks. That
# covers the years that are read, and bounds the work for a definition of centuries.
_COMPARED_EVERY = timedelta(days=7)
_MOST_COMPARED = 500


class Onset(NamedTuple):
    """A change of clocks: from `at` (naive, in UTC) on they are `offset` ahead of UTC; until then, `before`."""

    at: datetime
    offset: timedelta
    before: timedelta


class DefinedZone(tzinfo):
    """A zone with the given changes of clocks. `lasts`: whether the definition covers the years that are read.

    A time that occurs twice is the first of them; one that is skipped is read by the clocks before the change (RFC
    5545, 3.3.5).
    """

    def __init__(self, name: str, onsets: list[Onset], *, lasts: bool) -> None:
        self._name = name
        self._onsets = onsets
        self._instants = [onset.at for onset in onsets]
        self._first = [onset.at + max(onset.before, onset.offset) for onset in onsets]
        self._second = [onset.at + min(onset.before, onset.offset) for onset in onsets]
        self.lasts = lasts

    def utcoffset(self, at: datetime | None) -> timedelta:
        if at is None:
            return NO_TIME
        walls = self._second if at.fold else self._first
        return self._offset(bisect_right(walls, at.replace(tzinfo=None, fold=0)))

    def fromutc(self, at: datetime) -> datetime:
        instant = at.replace(tzinfo=None)
        number = bisect_right(self._instants, instant)
        local = instant + self._offset(number)
        comes_again = number > 0 and local < self._first[number - 1] and local >= self._second[number - 1]
        is_back = number > 0 and self._onsets[number - 1].offset < self._onsets[number - 1].before
        return local.replace(tzinfo=self, fold=int(comes_again and is_back))

    def dst(self, _at: datetime | None) -> timedelta:
        return NO_TIME

    def tzname(self, _at: datetime | None) -> str:
        return self._name

    def agrees_with(self, other: tzinfo, first: date, last: date) -> bool:
        """Whether both zones have the same offsets from `first` to `last`, or until the definition ends."""
        at, end = (datetime.combine(day, time()) for day in (first, last))
        if not self.lasts:
            at, end = self._instants[0], self._instants[-1] - DAY
        at = max(at, end - _COMPARED_EVERY * _MOST_COMPARED)
        moments = [at + _COMPARED_EVERY * number for number in range((end - at) // _COMPARED_EVERY + 1)]
        for onset in self._onsets[-_MOST_COMPARED:]:
            if at <= onset.at <= end:
                moments += [onset.at - timedelta(seconds=1), onset.at]
        return all(
            self._offset(bisect_right(self._instants, moment))
            == moment.replace(tzinfo=UTC).astimezone(other).utcoffset()
            for moment in moments
        )

    def _offset(self, number: int) -> timedelta:
        if number:
            return self._onsets[number - 1].offset
        return self._onsets[0].before


def read_definition(component: Component, first: date, last: date, work: Work) -> DefinedZone | None:
    """The zone that a VTIMEZONE defines from `first` to `last`; None if it only has a name. Raises Broken if it can't
    be read."""
    work.begin(component.line)
    observances = [part for part in component.parts if part.name in OBSERVANCES]
    onsets: list[Onset] = []
    lasts = len(observances) == 1
    for part in observances:
        offset, before = _offset(part, "TZOFFSETTO"), _offset(part, "TZOFFSETFROM")
        days = list(_onsets(part, first, last, work))
        lasts = lasts or any(at.year >= first.year for at in days)
        onsets += [Onset(at - before, offset, before) for at in days]
    if not onsets:
        return None
    return DefinedZone(printable(property_text(component, "TZID")), sorted(onsets), lasts=lasts)


def _onsets(part: Component, first: date, last: date, work: Work) -> Iterator[datetime]:
    """When an observance begins, as the clocks before it show."""
    given = properties(part, "DTSTART")
    if not given:
        raise Broken(part.line, "This time zone’s definition has a part without DTSTART.")
    # Some programs begin in the year 1, the first of Python's dates, from which no offset can be subtracted. Exchange
    # begins in 1601.
    if given[0].value.startswith("0001"):
        text = given[0].value.replace("0001", "1601", 1)
    else:
        text = given[0].value
    start = read_moment(text, given[0], _no_zone).at
    yield start
    for period in read_periods(properties(part, "RDATE"), _no_zone, work):
        yield period.start.at
    for one in properties(part, "RRULE"):
        rule = read_rule(one, First(start, is_date=False))
        # From two years before, since the last change before the years that are read is still in effect in them.
        until = rule.until.at.date() if rule.until else None
        begin = min(first.year - 2, until.year - 2) if until else first.year - 2
        if until:
            end = min(date(last.year + 1, 12, 31), until)
        else:
            end = date(last.year + 1, 12, 31)
        for day in rule.days(start.date(), date(max(begin, start.year), 1, 1), end, work):
            yield datetime.combine(day, start.time())


def _no_zone(_name: str, _line: int) -> tzinfo:
    return UTC


def _offset(part: Component, name: str) -> timedelta:
    """The offset in a property: +hhmm or -hhmmss, with or without colons."""
    text = property_text(part, name).replace(":", "")
    sign, digits = text[:1], text[1:]
    if sign not in {"+", "-"}:
        sign, digits = "+", text
    if not (digits.isascii() and digits.isdigit() and len(digits) in {4, 6}):
        raise Broken(part.line, f"This time zone’s definition has “{printable(text, 20)}” for {name}.")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:] or 0))
    if length > LARGEST_OFFSET:
        raise Broken(part.line, f"This time zone’s definition has “{printable(text, 20)}” for {name}.")
    return -length if sign == "-" else length

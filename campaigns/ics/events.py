"""One event of a calendar file: when it is, how long, and how it recurs. Times are as the clocks of its zone show."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import NamedTuple

from icalendar.prop import vDDDTypes, vDuration
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from campaigns.ics.lines import Component, Problem, Property, Unreadable, property_of
from campaigns.ics.recurrence import Rule, read_rule
from campaigns.schedule import find_zone

LONGEST = timedelta(days=366)
EARLIEST = 1000
_DAY = timedelta(days=1)
_SINGLE = ("DTSTART", "DTEND", "DURATION", "SUMMARY", "UID", "RECURRENCE-ID", "STATUS")
_MANY = ("RRULE", "RDATE", "EXDATE", "EXRULE")


class Moment(NamedTuple):
    """`at` without its zone; a date is its midnight. No zone: whichever one the reader is in."""

    at: datetime
    is_date: bool = False
    zone: tzinfo | None = None

    def seen_in(self, zone: tzinfo | None) -> datetime:
        if self.is_date or self.zone is None or zone is None:
            return self.at
        return self.at.replace(tzinfo=self.zone).astimezone(zone).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Event:
    line: int
    uid: str
    name: str
    start: Moment
    length: timedelta
    rules: tuple[Rule, ...] = ()
    also: tuple[Moment, ...] = ()
    excluded: tuple[Moment, ...] = ()
    replaces: Moment | None = None
    cancelled: bool = False

    def work(self, last: date) -> int:
        """How many days are looked at for its occurrences until `last`."""
        return sum(rule.work(self.start.at.date(), last) for rule in self.rules)

    @property
    def restricts(self) -> bool:
        return bool(self.length) and not self.cancelled

    def starts(self, last: date, excluded: Iterable[Moment] = ()) -> list[datetime]:
        """When it begins, again and again, until `last`."""
        found = {self.start.at, *(moment.seen_in(self.start.zone) for moment in self.also)}
        for rule in self.rules:
            found.update(islice(self._recurrences(rule, last), rule.most))
        left = [*self.excluded, *excluded]
        days = {moment.at.date() for moment in left if moment.is_date}
        moments = {moment.seen_in(self.start.zone) for moment in left if not moment.is_date}
        return sorted(at for at in found if at.date() <= last and at not in moments and at.date() not in days)

    def _recurrences(self, rule: Rule, last: date) -> Iterator[datetime]:
        start, end = self.start, datetime.combine(last, time.max)
        if rule.until:
            end = min(end, _until(rule.until).seen_in(start.zone))
        for day in rule.days(start.at.date(), end.date()):
            at = datetime.combine(day, start.at.time())
            if at <= end or at == start.at:
                yield at


def read_event(component: Component, zones: Mapping[str, str]) -> Event:
    """`zones`: what else the file calls the zones that it defines. Unreadable, with the line, for what makes none."""
    found = _properties(component)
    if not found["DTSTART"]:
        raise Unreadable(Problem(component.line, "this event has no beginning (DTSTART)."))
    if found["EXRULE"]:
        raise Unreadable(Problem(found["EXRULE"][0].line, "EXRULE is not read here. Use EXDATE instead."))
    start = _one(found["DTSTART"][0], zones)
    return Event(
        line=component.line,
        uid=_text(found["UID"]),
        name=_text(found["SUMMARY"]),
        start=start,
        length=_length(found, start, zones),
        rules=tuple(read_rule(given, start.at.date()) for given in found["RRULE"]),
        also=tuple(moment for given in found["RDATE"] for moment in _moments(given, zones)),
        excluded=tuple(moment for given in found["EXDATE"] for moment in _moments(given, zones)),
        replaces=_replaces(found["RECURRENCE-ID"], zones),
        cancelled=_text(found["STATUS"]).upper() == "CANCELLED",
    )


def _properties(component: Component) -> dict[str, list[Property]]:
    found: dict[str, list[Property]] = {name: [] for name in (*_SINGLE, *_MANY)}
    for line in component.lines:
        name = line.text.partition(":")[0].partition(";")[0].strip().upper()
        if name in found:
            found[name].append(property_of(line))
    for name in _SINGLE:
        if len(found[name]) > 1:
            raise Unreadable(Problem(found[name][1].line, f"the event has {name} twice."))
    return found


def _text(given: list[Property]) -> str:
    return given[0].value if given else ""


def _one(given: Property, zones: Mapping[str, str]) -> Moment:
    return _moment(given.value, given, _zone(given, zones))


def _moments(given: Property, zones: Mapping[str, str]) -> list[Moment]:
    zone = _zone(given, zones)
    return [_moment(text, given, zone) for text in given.value.split(",") if text]


def _moment(text: str, given: Property, zone: tzinfo | None) -> Moment:
    try:
        value = _value(text)
    except ValueError:
        value = None
    if not isinstance(value, date) or not EARLIEST <= value.year < 9999:
        sentence = (
            f"{given.name} is “{text[:40]}”, which is neither a date like 20260704 nor a time like 20260704T090000."
        )
        raise Unreadable(Problem(given.line, sentence))
    if not isinstance(value, datetime):
        return Moment(datetime.combine(value, time()), is_date=True)
    return Moment(value.replace(tzinfo=None), zone=UTC if value.tzinfo else zone)


def _value(text: str) -> object:
    plain = text.isascii() and len(text) in {8, 15, 16}
    return vDDDTypes.from_ical(text) if plain else None  # type: ignore[no-untyped-call]


def _zone(given: Property, zones: Mapping[str, str]) -> tzinfo | None:
    """By its IANA name, with or without a prefix, its name on Windows, or the one that the file's VTIMEZONE gives."""
    name = given.params.get("TZID", "").strip("/")
    if not name:
        return None
    tail = name.split("/")
    for candidate in (name, zones.get(name), WINDOWS_TO_OLSON.get(name), "/".join(tail[-2:]), "/".join(tail[-3:])):
        if candidate and (zone := find_zone(candidate)):
            return zone
    sentence = f"there is no time zone “{name[:60]}”. Give TZID an IANA name, like America/New_York."
    raise Unreadable(Problem(given.line, sentence))


def _length(found: Mapping[str, list[Property]], start: Moment, zones: Mapping[str, str]) -> timedelta:
    """Without an end, a date lasts a day and a time no time at all."""
    ends = found["DTEND"] or found["DURATION"]
    if not ends:
        return _DAY if start.is_date else timedelta()
    given = ends[0]
    if given.name == "DURATION":
        length = _duration(given)
    else:
        end = _one(given, zones)
        if end.is_date != start.is_date:
            raise Unreadable(Problem(given.line, "one of DTSTART and DTEND is a date, the other a time."))
        length = end.seen_in(start.zone) - start.at
    if length < timedelta():
        raise Unreadable(Problem(given.line, "the event ends before it starts."))
    if length > LONGEST:
        raise Unreadable(Problem(given.line, "the event lasts longer than a year."))
    return max(length, _DAY) if start.is_date else length


def _duration(given: Property) -> timedelta:
    try:
        length = vDuration.from_ical(given.value) if given.value.isascii() else None  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        length = None
    if not isinstance(length, timedelta):
        raise Unreadable(
            Problem(given.line, f"DURATION is “{given.value[:40]}”, which is no length like P1D or PT4H.")
        )
    return length


def _replaces(given: list[Property], zones: Mapping[str, str]) -> Moment | None:
    if not given:
        return None
    if "RANGE" in given[0].params:
        sentence = "this changes all later occurrences (RANGE), which is not read here. Split the event in two."
        raise Unreadable(Problem(given[0].line, sentence))
    return _one(given[0], zones)


def _until(until: date) -> Moment:
    if not isinstance(until, datetime):  # the whole of that day
        return Moment(datetime.combine(until, time.max))
    return Moment(until.replace(tzinfo=None), zone=UTC if until.tzinfo else None)

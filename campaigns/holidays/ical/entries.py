"""The holidays of a calendar file, one for each day that an event restricts, and a list of what is left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo
from hashlib import sha256
from itertools import chain
from zoneinfo import ZoneInfo

from campaigns.holidays.dates import MOST_HOLIDAYS, NAME_LENGTH, HolidayEntry
from campaigns.holidays.ical.events import Clocks, Event, may_fall_in, name_of, read_event
from campaigns.holidays.ical.hours import Restriction, restrictions
from campaigns.holidays.ical.lines import Component, read_source
from campaigns.holidays.ical.moments import FindZone
from campaigns.holidays.ical.notes import about_source, about_utc, withdrawn
from campaigns.holidays.ical.occurrences import Occurrence, Override, occurrences_of, single
from campaigns.holidays.ical.problems import Broken, Problem, Unreadable, Work
from campaigns.holidays.ical.properties import property_text
from campaigns.holidays.ical.statements import EventSeries, Statement, in_force, read_statement
from campaigns.holidays.ical.zones import Zones, definitions_of

# In one file; one with more is rejected.
MOST_EVENTS = 2_000
# In characters, as the database column has it. A longer UID is replaced by its SHA-256.
UID_LENGTH = 255
# Steps of work for one restricted day, as measured.
DAY_WORK = 10


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that makes no holiday. `reason`: a sentence. `matters`: whether a holiday may be missing."""

    line: int
    name: str
    reason: str
    matters: bool
    uid: str = ""

    def __str__(self) -> str:
        return f"Line {self.line:,}: “{self.name}” is left out. {self.reason}"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An event that the file cancels. `on`: the day of the cancelled recurrence; None: the whole event."""

    line: int
    uid: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """`notes`: sentences about the whole file, on how it was read in doubtful cases."""

    entries: tuple[HolidayEntry, ...]
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()


def read_calendar_file(data: bytes, *, zone: ZoneInfo | None, first: date, last: date) -> CalendarFile:
    """Read what a calendar file restricts from `first` to `last`.

    Hours are in `zone`; without one, as written in the file. Raises Unreadable only if there is nothing to read, or
    more than the bounds allow.
    """
    source = read_source(data)
    reader = _Reader(zone, first, last)
    reader.read(source.calendars)
    notes = [*about_source(source), *reader.notes]
    entries = sorted(reader.entries.values(), key=lambda entry: (entry.date, entry.name))
    left_out = sorted(reader.left_out, key=lambda left: left.line)
    return CalendarFile(tuple(entries), tuple(notes), tuple(left_out), tuple(reader.withdrawn))


class _Reader:
    """Reads one file. An event that is Broken is left out, and the rest is read."""

    def __init__(self, zone: ZoneInfo | None, first: date, last: date) -> None:
        self.entries: dict[tuple[date, str], HolidayEntry] = {}
        self.left_out: list[LeftOut] = []
        self.withdrawn: list[Withdrawn] = []
        self._notes: dict[str, None] = {}
        self._zone = zone
        self._first, self._last = first, last
        self._work = Work()
        self._clocks: dict[FindZone, Clocks] = {}

    @property
    def notes(self) -> list[str]:
        return list(self._notes)

    def read(self, calendars: list[Component]) -> None:
        _check_number(calendars)
        zones = Zones(calendars, self._first, self._last, self._work)
        statements = chain.from_iterable(self._statements(calendar, zones) for calendar in calendars)
        series, left = in_force(statements)
        for statement, reason in left:
            self._leave_out(statement.component, reason, matters=False)
        for one in series:
            self._read_series(one)
        self._notes |= zones.notes
        self._notes |= dict.fromkeys(withdrawn(calendars))

    def _statements(self, calendar: Component, zones: Zones) -> Iterator[Statement]:
        definitions = definitions_of(calendar)

        def find_zone(name: str, line: int) -> tzinfo:
            return zones.find(definitions, name, line)

        self._clocks[find_zone] = Clocks(self._zone, self._zone_of_file(calendar, find_zone), self._notes)
        method = property_text(calendar, "METHOD").upper()
        for component in calendar.parts:
            if component.name != "VEVENT":
                continue
            try:
                yield read_statement(component, method, find_zone)
            except Broken as broken:
                self._leave_out(component, broken.sentence, broken.line)

    def _zone_of_file(self, calendar: Component, find_zone: FindZone) -> tzinfo | None:
        name = property_text(calendar, "X-WR-TIMEZONE")
        if not name:
            return None
        try:
            found = find_zone(name, calendar.line)
            # UTC says no more than the Z of the file's times.
            return None if found is UTC else found
        except Broken as broken:
            self._notes[f"X-WR-TIMEZONE says nothing here. {broken.sentence}"] = None
            return None

    def _read_series(self, series: EventSeries) -> None:
        """Add the entries of a series; one broken part of it doesn't affect the others."""
        masters = [(one, event) for one in series.masters if (event := self._event(one, is_single=False))]
        self._note_withdrawn(series, [event for _, event in masters])
        overrides = [(one, self._event(one, is_single=True)) for one in series.overrides]
        given = [
            Override(one.replaces, one.is_from_then_on, event) for one, event in overrides if one.replaces is not None
        ]
        if len({event.start for _, event in masters}) > 1:
            masters = [(one, _of_several(event)) for one, event in masters]
        for one, event in masters:
            found = occurrences_of(event, given, self._first, self._last, self._work)
            self._add(one, event, found)
        for one, event in overrides:
            if event and not (one.is_from_then_on and masters):
                self._add(one, event, iter([single(event)]))

    def _note_withdrawn(self, series: EventSeries, masters: list[Event]) -> None:
        for one in series.withdrawn:
            self.withdrawn.append(Withdrawn(one.component.line, _uid(one.uid)))
        for one in series.overrides:
            if one.cancels and one.replaces is not None:
                is_of_days = bool(masters) and masters[0].start.is_date
                if is_of_days:
                    seen = masters[0].own(one.replaces)
                else:
                    seen = one.replaces.seen_in(self._zone)
                self.withdrawn.append(Withdrawn(one.component.line, _uid(one.uid), seen.date()))

    def _event(self, statement: Statement, *, is_single: bool) -> Event | None:
        component = statement.component
        if statement.cancels:
            self._leave_out(component, statement.cancels, matters=False)
            return None
        clocks = self._clocks[statement.find_zone]
        self._work.begin(component.line)
        try:
            event = read_event(component, statement.find_zone, clocks, self._work, is_single=is_single)
        except Broken as broken:
            self._leave_out(component, broken.sentence, broken.line)
            return None
        if not event.length and not any(period.length for period in event.also):
            self._leave_out(component, "It lasts no time.")
            return None
        return event

    def _add(self, statement: Statement, event: Event, found: Iterator[Occurrence]) -> None:
        """Add all days that an event restricts, or none of them."""
        component = statement.component
        self._work.begin(component.line)
        try:
            days = list(self._days(event, found))
        except Broken as broken:
            self._leave_out(component, broken.sentence, broken.line)
            return
        except OverflowError:
            # Moved, or lasting, beyond the last year of Python's dates.
            self._leave_out(component, "It reaches beyond the year 9999.")
            return
        if len({on for _, (on, _, _) in days}) > MOST_HOLIDAYS:
            self._leave_out(component, f"It alone would be more than {MOST_HOLIDAYS} holidays.")
            return
        if days and event.start.is_in_utc and not (self._zone or self._clocks[statement.find_zone].file):
            self._notes[about_utc()] = None
        for occurrence, restriction in days:
            self._add_entry(occurrence, restriction)

    def _days(self, event: Event, found: Iterable[Occurrence]) -> Iterator[tuple[Occurrence, Restriction]]:
        for occurrence in found:
            start = occurrence.start
            file_zone = occurrence.event.zones[0]
            clocks = self._zone or (file_zone if start.is_in_utc else start.zone)
            self._work.spend(DAY_WORK)
            for restriction in restrictions(occurrence, clocks, self._first, self._last):
                self._work.spend(DAY_WORK)
                yield occurrence, restriction

    def _add_entry(self, occurrence: Occurrence, restriction: Restriction) -> None:
        """Add an entry, unless the same one exists."""
        on, starts, ends = restriction
        event = occurrence.event
        entry = HolidayEntry(
            date=on,
            name=_name(event.name),
            starts=starts,
            ends=ends,
            uid=_uid(event.uid),
            line=event.line,
            nature=event.nature,
            remark=occurrence.remark,
            suggested=occurrence.is_suggested,
        )
        known = self.entries.get((on, entry.name))
        # A calendar has each name once a day. If two events of the same name have different hours, the second name
        # includes them.
        if known and (known.starts, known.ends) != (starts, ends):
            hours = f"{starts:%H:%M} to {ends:%H:%M}" if starts and ends else "all day"
            entry = replace(entry, name=f"{entry.name} ({hours})")
            known = self.entries.get((on, entry.name))
        if known is None or (entry.suggested and not known.suggested):
            self.entries[on, entry.name] = entry
        if len(self.entries) > MOST_HOLIDAYS:
            sentence = f"with this event there are more than {MOST_HOLIDAYS} holidays. "
            raise Unreadable(Problem(event.line, sentence + "Export fewer years, or fewer events."))

    def _leave_out(self, component: Component, reason: str, line: int = 0, *, matters: bool | None = None) -> None:
        """List an event as left out."""
        # One that is over before the years that are read, or begins after them, can't matter.
        if matters is None:
            matters = may_fall_in(component, self._first, self._last)
        name, uid = _name(name_of(component)), _uid(property_text(component, "UID"))
        self.left_out.append(LeftOut(line or component.line, name, reason, matters, uid))


def _check_number(calendars: Iterable[Component]) -> None:
    parts = chain.from_iterable(calendar.parts for calendar in calendars)
    events = [part for part in parts if part.name == "VEVENT"]
    if len(events) > MOST_EVENTS:
        sentence = f"from here on there are more than {MOST_EVENTS:,} events. Export fewer years, or fewer calendars."
        raise Unreadable(Problem(events[MOST_EVENTS].line, sentence))


def _of_several(event: Event) -> Event:
    remark = "The file has several events under one identifier (UID), none of them newer: all were taken."
    return replace(event, remark=event.remark or remark)


def _name(name: str) -> str:
    """The name of an entry, cut if it is too long."""
    # With room for the hours that may be added to it.
    most = NAME_LENGTH - 20
    if len(name) > most:
        return name[: most - 1].rstrip() + "…"
    return name or "Holiday"


def _uid(uid: str) -> str:
    if len(uid) <= UID_LENGTH and uid.isprintable():
        return uid
    return sha256(uid.encode()).hexdigest()

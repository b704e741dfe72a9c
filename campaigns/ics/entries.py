"""From the events of a calendar file to holidays: one for each day that an event restricts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from zoneinfo import ZoneInfo

from campaigns.holidays import DAY_END, MOST_HOLIDAYS, NAME_LENGTH, Entry
from campaigns.ics.events import Event, Moment, read_event
from campaigns.ics.lines import (
    MOST_BYTES,
    MOST_PROBLEMS,
    TOO_LARGE,
    Component,
    Problem,
    Unreadable,
    components,
    decode,
    property_of,
    unfold,
)
from campaigns.schedule import find_zone

MOST_EVENTS = 2_000
MOST_WORK = 1_000_000  # days that rules of recurrence are held against
MOST_DAYS = 20_000  # looked at, however few holidays come of them
UID_LENGTH = 255
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_UTC_STAYS = (
    "Some times are in UTC, and neither this calendar nor the file names a time zone: they are taken as they stand, "
    "for each campaign's own clocks. Give the calendar a zone if that is not meant."
)
Restriction = tuple[date, time | None, time | None]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that makes no holiday. `reason`: a sentence. `matters`: a holiday may be missing for it."""

    line: int
    name: str
    reason: str
    matters: bool

    def __str__(self) -> str:
        return f"Line {self.line:,}: “{self.name}” is left out. {self.reason}"


@dataclass(frozen=True, slots=True)
class Reading:
    """`notes`: sentences about the whole file, where it was taken in a way that a person should know of."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def read(data: bytes, *, zone: ZoneInfo | None, first: date, last: date) -> Reading:
    """What a calendar file restricts from `first` to `last`; hours by the clocks of `zone` or, without one, as they
    stand in the file. Unreadable, with the lines and what is wrong there, for a file that can't be taken whole."""
    if len(data) > MOST_BYTES:
        raise Unreadable(Problem(0, TOO_LARGE))
    parts = components(unfold(decode(data)))
    events = _events(parts, last)
    wanted = [event for event in events if event.restricts]
    left_out = tuple(_left_out(event) for event in events if not event.restricts)
    notes: list[str] = []
    file_zone = _zone_of_file(parts[0])
    if zone is None and file_zone is None and any(event.start.zone is UTC for event in wanted):
        notes.append(_UTC_STAYS)
    entries: dict[tuple[date, str], Entry] = {}
    replaced, days = _replaced(events), 0
    for event in wanted:
        clocks = zone or _own_zone(event, file_zone)
        for restriction in _restrictions(event, replaced.get(event.uid, []), clocks, first, last):
            days += 1
            _add(entries, event, restriction)
            if len(entries) > MOST_HOLIDAYS or days > MOST_DAYS:
                raise Unreadable(_too_many(event))
    return Reading(tuple(sorted(entries.values(), key=lambda entry: (entry.date, entry.name))), tuple(notes), left_out)


def _events(parts: list[Component], last: date) -> list[Event]:
    """All of them, or all that is wrong with them."""
    given = [part for part in parts if part.name == "VEVENT"]
    if len(given) > MOST_EVENTS:
        sentence = f"from here on there are more than {MOST_EVENTS:,} events. Export fewer years, or fewer calendars."
        raise Unreadable(Problem(given[MOST_EVENTS].line, sentence))
    zones, work = _zones(parts), 0
    events: list[Event] = []
    problems: list[Problem] = []
    for part in given:
        try:
            events.append(read_event(part, zones))
            work += events[-1].work(last)
            if work > MOST_WORK:
                raise Unreadable(Problem(part.line, "this event recurs for too long. Let it begin later."))
        except Unreadable as unreadable:
            problems.extend(unreadable.problems)
            if len(problems) >= MOST_PROBLEMS or work > MOST_WORK:
                break
    if problems:
        raise Unreadable(*problems)
    return events


def _zones(parts: list[Component]) -> dict[str, str]:
    """What the file's own names of zones are elsewhere."""
    given = [_texts(part, "TZID", "X-LIC-LOCATION") for part in parts if part.name == "VTIMEZONE"]
    return {names["TZID"].strip("/"): names["X-LIC-LOCATION"] for names in given if len(names) == 2}


def _zone_of_file(calendar: Component) -> ZoneInfo | None:
    return find_zone(_texts(calendar, "X-WR-TIMEZONE").get("X-WR-TIMEZONE", ""))


def _texts(part: Component, *names: str) -> dict[str, str]:
    given = (line for line in part.lines if line.text.upper().startswith(names))
    return {found.name: found.value.strip() for line in given if (found := property_of(line)).name in names}


def _left_out(event: Event) -> LeftOut:
    if event.cancelled:
        return LeftOut(event.line, _name(event), "It was cancelled.", matters=False)
    return LeftOut(event.line, _name(event), "It lasts no time.", matters=True)


def _replaced(events: Iterable[Event]) -> dict[str, list[Moment]]:
    """By UID, the occurrences of a recurring event that other events stand for."""
    found: dict[str, list[Moment]] = {}
    for event in events:
        if event.uid and event.replaces:
            found.setdefault(event.uid, []).append(event.replaces)
    return found


def _own_zone(event: Event, file_zone: ZoneInfo | None) -> tzinfo | None:
    return file_zone if event.start.zone is UTC else event.start.zone


def _restrictions(
    event: Event, replaced: list[Moment], zone: tzinfo | None, first: date, last: date
) -> Iterator[Restriction]:
    """Date by date what the event takes up from `first` to `last`; a minute that has begun counts whole."""
    earliest, latest = datetime.combine(first, time()), datetime.combine(last + _DAY, time())
    for at in event.starts(last + _DAY, [] if event.replaces else replaced):
        edges = (Moment(edge, event.start.is_date, event.start.zone) for edge in (at, at + event.length))
        start, end = (edge.seen_in(zone) for edge in edges)
        start = max(start.replace(second=0), earliest)
        end = min((end + _MINUTE - timedelta.resolution).replace(second=0, microsecond=0), latest)
        while start < end:
            midnight = datetime.combine(start.date() + _DAY, time())
            yield _day(start, min(end, midnight))
            start = midnight


def _day(start: datetime, end: datetime) -> Restriction:
    ends = DAY_END if end.date() != start.date() or end.time() >= DAY_END else end.time()
    if start.time() == time() and ends == DAY_END:
        return start.date(), None, None
    return start.date(), start.time(), ends


def _too_many(event: Event) -> Problem:
    return Problem(event.line, f"with this event there are more than {MOST_HOLIDAYS} holidays. Export fewer events.")


def _add(entries: dict[tuple[date, str], Entry], event: Event, restriction: Restriction) -> None:
    """A day has each name once: of two that differ in their hours, the second is named with them."""
    on, starts, ends = restriction
    entry = Entry(on, _name(event), starts, ends, _uid(event), line=event.line)
    known = entries.get((on, entry.name))
    if known and (known.starts, known.ends) != (starts, ends):
        hours = f"{starts:%H:%M} to {ends:%H:%M}" if starts and ends else "all day"
        entry = replace(entry, name=f"{entry.name} ({hours})")
    entries.setdefault((on, entry.name), entry)
    if len(entries) > MOST_HOLIDAYS:
        sentence = (
            f"with this event there are more than {MOST_HOLIDAYS} holidays. Export fewer years, or fewer events."
        )
        raise Unreadable(Problem(event.line, sentence))


def _name(event: Event) -> str:
    """On one line, printable, with room for its hours behind it."""
    name = " ".join("".join(c if c.isprintable() else " " for c in event.name).split()) or "Holiday"
    most = NAME_LENGTH - 20
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _uid(event: Event) -> str:
    if len(event.uid) <= UID_LENGTH and event.uid.isprintable():
        return event.uid
    return sha256(event.uid.encode()).hexdigest()

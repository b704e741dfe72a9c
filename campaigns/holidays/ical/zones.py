"""Names of time zones in calendar files. A TZID refers to the file's own definition (RFC 5545, 3.2.19); only without
one does the name count: IANA's or Windows's, in any spelling.

schedule/zone_meaning.py also reads names, but only to suggest one to a person, so it tolerates misspellings. Here the
name takes effect: whatever isn't certain is rejected, and a fixed offset is as good as a region.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, timedelta, timezone, tzinfo
from functools import cache
from itertools import chain

from tzlocal.windows_tz import win_tz

from campaigns.holidays.ical.definitions import OBSERVANCES, DefinedZone, read_definition
from campaigns.holidays.ical.lines import Component
from campaigns.holidays.ical.problems import Broken, Work, printable
from campaigns.holidays.ical.properties import property_text
from campaigns.schedule import find_zone
from campaigns.schedule.zones import known_zones, offsets_of

# Steps of work for comparing a definition with a region, as measured.
DEFINITION_WORK = 1_500
_UTC = {
    *("utc", "uct", "z", "zulu", "universal", "gmt", "gmt0", "gmt+0", "gmt-0", "greenwich"),
    *("coordinated universal time", "(utc) coordinated universal time", "tzone://microsoft/utc"),
}
_OFFSET = re.compile(r"\(?(?:utc|gmt)? ?([+-])([0-9]{1,2})(?::?([0-9]{2}))?\)?", re.ASCII)
_DISPLAYED = re.compile(r"\((?:utc|gmt)(?:([+-])([0-9]{1,2}):?([0-9]{2}))?\) *(.+)", re.ASCII)
# Abbreviations in North America and Europe. IANA has no zones of these names, so each use is noted.
_ABBREVIATED = {
    **{"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "mdt": "America/Denver"},
    **{"cst": "America/Chicago", "cdt": "America/Chicago", "edt": "America/New_York"},
    **{"akst": "America/Anchorage", "akdt": "America/Anchorage", "adt": "America/Halifax"},
    **{"bst": "Europe/London", "cest": "Europe/Berlin", "eest": "Europe/Helsinki", "west": "Europe/Lisbon"},
}
# IANA has no summer time for these, though people in regions with summer time write them too: each use is noted.
_FIXED = {"est": "UTC-5", "mst": "UTC-7", "hst": "UTC-10"}


class Zones:
    """The time zones of one file, which may contain several calendars with their own definitions. `notes`: sentences
    about names in doubt."""

    def __init__(self, calendars: Iterable[Component], first: date, last: date, work: Work) -> None:
        self.notes: dict[str, None] = {}
        self._years = (date(first.year - 1, 1, 1), date(last.year + 1, 12, 31))
        self._work = work
        self._all: dict[str, Component] = {}
        for calendar in calendars:
            self._all = definitions_of(calendar) | self._all
        self._known: dict[object, tzinfo | Broken] = {}

    def find(self, own: Mapping[str, Component], name: str, line: int) -> tzinfo:
        """The zone of that name: by a definition in its own calendar, by one elsewhere in the file, or by the name.
        Raises Broken if there is none."""
        definition = own.get(_plain(name)) or self._all.get(_plain(name))
        key = (_plain(name), _content(definition) if definition else ())
        if key not in self._known:
            try:
                self._known[key] = self._look_up(name, definition, line)
            except Broken as broken:
                self._known[key] = broken
        found = self._known[key]
        if isinstance(found, Broken):
            raise Broken(line, found.sentence)
        return found

    def _look_up(self, name: str, definition: Component | None, line: int) -> tzinfo:
        defined = self._read(name, definition) if definition else None
        if definition and defined:
            return self._of_definition(name, defined)
        elsewhere = property_text(definition, "X-LIC-LOCATION") if definition else ""
        named = self._by_name(elsewhere or name)
        if named is None:
            sentence = f"There is no time zone “{printable(name)}”, and the file doesn’t define one of that name."
            raise Broken(line, f"{sentence} Give TZID an IANA name, like America/New_York.")
        return named

    def _read(self, name: str, definition: Component) -> DefinedZone | None:
        self._work.begin(definition.line)
        self._work.spend(DEFINITION_WORK)
        try:
            return read_definition(definition, *self._years, self._work)
        except Broken as broken:
            if _zone_of(name) is None:
                raise
            self._note(name, "is defined by the file in a way that can’t be read, so its name counted.", broken)
            return None

    def _of_definition(self, name: str, defined: DefinedZone) -> tzinfo:
        """The known zone of that name, if it has the same offsets as the definition; otherwise the definition."""
        named = _zone_of(name)
        if named is None:
            return defined
        if defined.agrees_with(named, *self._years):
            return named
        self._note(name, "has other offsets in the file than the time zone of that name. The file’s were used.")
        return defined

    def _by_name(self, name: str) -> tzinfo | None:
        key = _plain(name)
        if key in _ABBREVIATED:
            self._note(name, f"was taken as {_ABBREVIATED[key]}, since the file doesn’t define it.")
            return find_zone(_ABBREVIATED[key])
        if key in _FIXED:
            self._note(name, f"was taken as {_FIXED[key]} in summer, too, since the file doesn’t define it.")
        return _zone_of(name)

    def _note(self, name: str, sentence: str, broken: Broken | None = None) -> None:
        where = f" (line {broken.line:,})" if broken else ""
        self.notes[f"The time zone “{printable(name)}”{where} {sentence}"] = None


def definitions_of(calendar: Component) -> dict[str, Component]:
    found: dict[str, Component] = {}
    for part in calendar.parts:
        if part.name == "VTIMEZONE":
            found.setdefault(_plain(property_text(part, "TZID")), part)
    return found


def _content(component: Component) -> tuple[object, ...]:
    """A key that is equal for definitions with the same contents: files repeat them."""
    lines = chain.from_iterable(component.lines.values())
    texts = (line.text for line in lines)
    return (*texts, *(_content(part) for part in component.parts if part.name in OBSERVANCES))


def _plain(name: str) -> str:
    """The name in lower case, without surrounding quotes and slashes, with blanks for underscores."""
    return " ".join(name.strip("/\"' ").replace("_", " ").casefold().split())


def _zone_of(name: str) -> tzinfo | None:
    """The zone of that name, with or without a prefix like /example.org/2026/; None if it is unknown."""
    key = _plain(name)
    parts = key.split("/")[-3:]
    for candidate in (key, "/".join(parts), "/".join(parts[-2:])):
        plain = candidate.removeprefix("etc/")
        if plain in _UTC:
            return UTC
        region = _names().get(candidate)
        if region and (zone := find_zone(region)):
            return zone
    return _of_offset(key) or _of_display(key) or _american(key)


@cache
def _names() -> dict[str, str]:
    """Windows's and IANA's names → IANA's. A name that both have is IANA's."""
    windows = {_plain(name): region for name, region in win_tz.items()}
    return windows | {_plain(name): name for name in known_zones()}


def _of_offset(key: str) -> tzinfo | None:
    """The zone of an offset such as UTC+2 or GMT-0500, as people write it: positive is east."""
    found = _OFFSET.fullmatch(key)
    if not found:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if offset >= timedelta(hours=15):
        return None
    return timezone(-offset if found[1] == "-" else offset)


def _of_display(key: str) -> tzinfo | None:
    """The zone of a name as Windows shows it: “(UTC+01:00) Amsterdam, Berlin, Bern”, “(UTC-05:00) Eastern Time (US &
    Canada)”. It is that of the first city with the same offset."""
    found = _DISPLAYED.fullmatch(key)
    if not found:
        return None
    minutes = int(found[2] or 0) * 60 + int(found[3] or 0)
    if found[1] == "-":
        minutes = -minutes
    american = found[4].removesuffix(" time (us & canada)")
    names = [f"{american} standard time", *(city.strip() for city in found[4].split(","))]
    for name in names:
        region = _names().get(name) or _cities().get(name)
        if region and minutes in offsets_of(region):
            return find_zone(region)
    return None


def _american(key: str) -> tzinfo | None:
    """The zone of a name such as “Eastern Time (US & Canada)”: Rails uses Windows's names without the offset."""
    region = _names().get(key.replace(" time (us & canada)", " standard time"))
    return find_zone(region) if region else None


@cache
def _cities() -> dict[str, str]:
    return {_plain(name).rpartition("/")[2]: name for name in sorted(known_zones())}

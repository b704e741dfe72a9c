"""Names of time zones: which are known, which name the same zone, and which mean one offset all year.

The data is that of the pinned `tzdata` package; `ZONE_DATA` is its release.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import tzdata

# Such as "2026f".
ZONE_DATA: str = tzdata.IANA_VERSION

known_zones = cache(available_timezones)

# The database links these old names to zones of other countries with the same time; here they keep their own country.
_NEARER = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Antarctica/South_Pole": "Antarctica/McMurdo",
    "Iceland": "Atlantic/Reykjavik",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}
# Separate zones in some releases of the database and links in others. Since 1967 they have had these regions' time.
_AMERICAN = {
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
}
# The database links them to America/Panama, America/Phoenix and Pacific/Honolulu, without summer time. That isn't
# where most people who write EST or MST are, so here each is a zone of its own.
_ABBREVIATIONS = frozenset({"EST", "MST", "HST"})
# IANA's name for the zone of a machine on which nobody has set one.
_UNSET = "Factory"


class Offsets(NamedTuple):
    """The lowest and the highest offset of a year, in minutes east of UTC; equal where clocks never change."""

    standard: int
    summer: int


def current_name(name: str) -> str | None:
    """The current name of the zone, if `name` is an old one; otherwise None."""
    return _renamed().get(name)


def zone_key(name: str) -> str:
    """The same key for all names of a zone: its current name. "UTC" for all names of UTC and GMT; an unknown name is
    its own key."""
    if name in _utc_names():
        return "UTC"
    return _renamed().get(name, name)


def names_of(name: str) -> frozenset[str]:
    """All names of the zone with that name, including `name`."""
    return _names_by_key().get(zone_key(name), frozenset()) | {name}


def is_fixed(name: str) -> bool:
    """Whether it is a known name of an offset, such as EST or Etc/GMT+5, not of a place whose clocks may change."""
    fixed = name in _utc_names() or name in _ABBREVIATIONS or name == _UNSET or name.startswith("Etc/")
    return fixed and name in known_zones()


@cache
def offsets_of(name: str) -> Offsets:
    """The offsets of a known zone in the year after the release of the zone data."""
    # By then the newest rules of that release are in force.
    zone, first = ZoneInfo(name), datetime(int(ZONE_DATA[:4]) + 1, 1, 1, tzinfo=UTC)
    days = (first + timedelta(days=day) for day in range(0, 365, 7))
    found = {_minutes_east(zone, day) for day in days}
    return Offsets(min(found), max(found))


def offset_name(minutes: int) -> str:
    """-300 → "UTC-5", 330 → "UTC+5:30"."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def fixed_zone(minutes: int) -> str | None:
    """The known name of an offset in minutes east of UTC, for whole hours only: -300 → "Etc/GMT+5"."""
    if minutes == 0:
        return "UTC"
    # These names have POSIX's sign: positive is west of Greenwich.
    hours, rest = divmod(abs(minutes), 60)
    name = f"Etc/GMT{'+' if minutes < 0 else '-'}{hours}"
    if rest == 0 and name in known_zones():
        return name
    return None


def _minutes_east(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) // 60


@cache
def _names_by_key() -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for name in known_zones():
        names.setdefault(zone_key(name), set()).add(name)
    return {key: frozenset(found) for key, found in names.items()}


@cache
def _renamed() -> dict[str, str]:
    """Old name → current name: the links of the database, except from a country's own zone, and to an offset."""
    # zone.tab lists the zones of each country by its third column. The database links some of them to zones of other
    # countries with the same time; they are no old names.
    own = {line.split("\t")[2] for line in _lines("zone.tab") if not line.startswith("#")}
    links = {
        old: _NEARER.get(old, new)
        for old, new in _links().items()
        if old not in own and old not in _ABBREVIATIONS and not new.startswith("Etc/")
    }
    return {old: new for old, new in (links | _AMERICAN).items() if old in known_zones()}


@cache
def _utc_names() -> frozenset[str]:
    targets = {"Etc/UTC", "Etc/GMT"}
    return frozenset({old for old, new in _links().items() if new in targets} | targets)


@cache
def _links() -> dict[str, str]:
    """Name → the zone that the database links it to."""
    # A link in tzdata.zi is a line "L target name".
    lines = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {old: new for _, new, old in lines}


def _lines(name: str) -> list[str]:
    return files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8").splitlines()

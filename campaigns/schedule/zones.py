"""Names of time zones: which are known, which of them name one and the same zone, and which keep one offset all year.

All of it comes from the pinned `tzdata` package, whose release `ZONE_DATA` names.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import tzdata

ZONE_DATA: str = tzdata.IANA_VERSION  # such as "2026f"

known_zones = cache(available_timezones)

# Where the database links an old name to another country's zone that keeps the same time.
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
# Zones of their own in some releases of the database and links in others; since 1967 their clocks are these regions'.
_AMERICAN = {
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
}
# The database links them to regions without summer time, which is not where people who write them are.
_ABBREVIATIONS = frozenset({"EST", "MST", "HST"})
_UNSET = "Factory"  # what a machine has before anybody sets its zone


class Offsets(NamedTuple):
    """Minutes east of UTC: the lowest and the highest of a year, which are the same where clocks never change."""

    standard: int
    summer: int


def current_name(name: str) -> str | None:
    """The name that a zone has now, where `name` is an old one of it; None where it isn't."""
    return _renamed().get(name)


def zone_key(name: str) -> str:
    """One name for each zone, whichever of its names is given: the current one. UTC and GMT by any name are "UTC".
    A name that isn't known is its own key."""
    if name in _utc_names():
        return "UTC"
    return _renamed().get(name, name)


def names_of(name: str) -> frozenset[str]:
    """All names of the zone that `name` is a name of, with `name` itself."""
    return _names_by_key().get(zone_key(name), frozenset()) | {name}


def is_fixed(name: str) -> bool:
    """A known name of an offset, such as EST or Etc/GMT+5, rather than of a place whose clocks may change."""
    fixed = name in _utc_names() or name in _ABBREVIATIONS or name == _UNSET or name.startswith("Etc/")
    return fixed and name in known_zones()


@cache
def offsets_of(name: str) -> Offsets:
    """Of a known zone, in the year after the release of the zone data: its newest rules are in force by then."""
    zone, first = ZoneInfo(name), datetime(int(ZONE_DATA[:4]) + 1, 1, 1, tzinfo=UTC)
    days = (first + timedelta(days=day) for day in range(0, 365, 7))
    found = {_minutes_east(zone, day) for day in days}
    return Offsets(min(found), max(found))


def offset_name(minutes: int) -> str:
    """-300 → "UTC-5", 330 → "UTC+5:30"."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def fixed_zone(minutes: int) -> str | None:
    """The known name of an offset, which for whole hours has the sign of POSIX: -300 → "Etc/GMT+5"."""
    if minutes == 0:
        return "UTC"
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
    """Old name → new name: the links of the database, but for those that are some country's own zone, and those to
    an offset."""
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
    lines = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {old: new for _, new, old in lines}


def _lines(name: str) -> list[str]:
    return files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8").splitlines()

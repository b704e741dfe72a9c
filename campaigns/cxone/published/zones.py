"""The time zone of a tenant's schedules: CXone's name for it, most often Windows's, as one of IANA's.

The table of Windows's names is Unicode's (CLDR, windowsZones, territory 001), as tzlocal has it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from tzlocal.windows_tz import win_tz

from campaigns.cxone.errors import clean_words

known_zones = cache(available_timezones)
# IANA knows them, but the first three have no summer time there, which most people who write them have; the others are
# what a machine has on which nobody has set a zone.
UNCLEAR = {"est", "mst", "hst", "localtime", "factory"}
# Characters of a name that is shown.
LONGEST_ZONE = 100


@dataclass(frozen=True, slots=True)
class ZoneName:
    """Windows's own (`standard`), and the one that people read (`display`)."""

    standard: str
    display: str


def zone_named(written: str, listed: Callable[[], Iterable[ZoneName]]) -> str | None:
    """The IANA zone that CXone means by `written`; None: nobody knows. `listed`: asks CXone for its names of zones."""
    plain = written.strip()
    if found := _directly(plain):
        return found
    if not plain:
        return None
    for name in listed():
        if _plain(plain) in {_plain(name.standard), _plain(name.display)}:
            return _directly(name.standard)
    return None


def _directly(name: str) -> str | None:
    plain = _plain(name)
    return None if plain in UNCLEAR else _by_plain_name().get(plain)


def _plain(name: str) -> str:
    """Case, and whether blanks or underscores are in it, make no other zone."""
    return " ".join(name.replace("_", " ").casefold().split())


@cache
def _by_plain_name() -> dict[str, str]:
    """Of IANA and of Windows."""
    return {_plain(name): region for name, region in (*win_tz.items(), *((name, name) for name in known_zones()))}


def unmatched(written: str) -> str:
    """Why windows can't be edited, for people."""
    if not written:
        return (
            "CXone doesn’t say in which time zone its schedules are. An admin can set CXONE_TIMEZONE, such as "
            "America/New_York."
        )
    why = "and no zone is known by that name"
    if _plain(written) in UNCLEAR:
        why = "which doesn’t say whether its clocks change"
    return (
        f"CXone calls the time zone of its schedules “{clean_words(written)[:LONGEST_ZONE]}”, {why}. An admin "
        "can set CXONE_TIMEZONE, such as America/New_York."
    )

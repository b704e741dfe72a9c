"""Names of time zones: which are known, which are old, and which was meant."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from campaigns.schedule.findings import Code, Finding, Severity, say

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


def zone_findings(name: object) -> Iterator[Finding]:
    """What is wrong with a schedule's zone. An old name is as good as the new one, and hinted."""
    field = "timezone"
    if not isinstance(name, str):
        message = f"The time zone is {say(name)}, not a name."
        yield Finding(Code.WRONG_TYPE, Severity.ERROR, message, field=field, suggestion="Choose one from the list.")
    elif name not in known_zones():
        message = f"There is no time zone {say(name)}."
        rule = "IANA time zone database"
        yield Finding(Code.UNKNOWN_ZONE, Severity.ERROR, message, (), field, rule, _suggest(name))
    elif new := current_name(name):
        message = f"{name} is an old name; the time zone database knows it as {new}."
        suggestion = f"Write {new}: the hours stay the same."
        yield Finding(Code.RENAMED_ZONE, Severity.HINT, message, (), field, "IANA time zone database", suggestion)


def current_name(name: str) -> str | None:
    """The name that a zone has now, where `name` is an old one of it; None where it isn't."""
    return _renamed().get(name)


def _suggest(name: str) -> str:
    zone = nearest(name)
    return f"Did you mean {zone}?" if zone else "Choose one from the list, such as America/New_York."


def nearest(name: str) -> str | None:
    """The known zone that was probably meant: written otherwise, named by its city, or misspelt."""
    wanted = _plain(name[:64])
    by_name, by_city = _index()
    if found := by_name.get(wanted) or by_city.get(wanted):
        return found
    close = get_close_matches(wanted, by_name, n=1, cutoff=0.75) or get_close_matches(
        wanted, by_city, n=1, cutoff=0.75
    )
    return (by_name | by_city)[close[0]] if close else None


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip()).casefold()


@cache
def _index() -> tuple[dict[str, str], dict[str, str]]:
    names = sorted(known_zones() - _renamed().keys())
    return {_plain(name): name for name in names}, {_plain(name.rpartition("/")[2]): name for name in names}


@cache
def _renamed() -> dict[str, str]:
    """Old name → new name: the links of the database, but for those that are some country's own zone."""
    links = [line.split() for line in _lines("tzdata.zi") if line.startswith("L ")]
    own = {line.split("\t")[2] for line in _lines("zone.tab") if not line.startswith("#")}
    return {
        old: _NEARER.get(old, new)
        for _, new, old in links
        if old not in own and not new.startswith("Etc/") and old in known_zones()
    }


def _lines(name: str) -> list[str]:
    return files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8").splitlines()

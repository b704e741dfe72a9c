"""Suggestions for a text that isn't the name of a time zone: what was probably meant. Rather none than a wrong one.

A sign and a number are an offset as people write it: UTC-5, GMT-0500 and -05:00 are five hours behind UTC. Only in
"Etc/GMT…" does the sign have POSIX's meaning, which is the opposite. Everything else is words that must all be known;
only one typing error is tolerated, in the city of an "Area/City" with a known area.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from tzlocal.windows_tz import win_tz

from campaigns.schedule.zones import current_name, fixed_zone, is_fixed, known_zones, offsets_of, zone_key

# In characters; nothing is suggested for a longer text. The longest name that Windows shows has 62.
LONGEST = 80
# In minutes. Offsets in use range from UTC-12 to UTC+14.
_LOWEST, _HIGHEST = -12 * 60, 14 * 60

# The regions that are suggested for an offset: those where most of the people with that offset live.
_REGIONS = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage"),
    *("Pacific/Honolulu", "America/Halifax", "America/St_Johns", "America/Sao_Paulo", "America/Noronha"),
    *("Atlantic/Azores", "Europe/London", "Europe/Berlin", "Europe/Athens", "Europe/Istanbul", "Asia/Tehran"),
    *("Asia/Dubai", "Asia/Kabul", "Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon"),
    *("Asia/Bangkok", "Asia/Shanghai", "Australia/Eucla", "Asia/Tokyo", "Australia/Adelaide", "Australia/Sydney"),
    *("Australia/Lord_Howe", "Pacific/Guadalcanal", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Tongatapu"),
    *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Marquesas"),
)
# What precedes "Time" or "Standard Time", and abbreviations that mean the same place to everybody.
_NAMES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "arizona": "America/Phoenix",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "alaskan": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "hawaiian": "Pacific/Honolulu",
    "hawaii aleutian": "Pacific/Honolulu",
    "atlantic": "America/Halifax",
    "newfoundland": "America/St_Johns",
    "chamorro": "Pacific/Guam",
    "british": "Europe/London",
    "central european": "Europe/Berlin",
    "eastern european": "Europe/Athens",
    "western european": "Europe/Lisbon",
    "japan": "Asia/Tokyo",
    **dict.fromkeys(("coordinated universal", "greenwich mean"), "UTC"),
    **dict.fromkeys(("et", "edt", "est", "est/edt", "nyc"), "America/New_York"),
    **dict.fromkeys(("ct", "cdt", "cst", "cst/cdt"), "America/Chicago"),
    **dict.fromkeys(("mt", "mdt", "mst", "mst/mdt"), "America/Denver"),
    **dict.fromkeys(("pt", "pdt", "pst", "pst/pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("akt", "akdt", "akst"), "America/Anchorage"),
    **dict.fromkeys(("ht", "hst", "hast"), "Pacific/Honolulu"),
    **dict.fromkeys(("cest", "mez", "mesz"), "Europe/Berlin"),
    "eest": "Europe/Athens",
    "jst": "Asia/Tokyo",
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
}
_AREAS = {"us": "america", "usa": "america", "canada": "america"}

_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-" * 8)
_OFFSET = r"(?:utc|gmt|z)?\s*(?P<sign>[+-])\s*(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-5][0-9])|\.(?P<part>5|75))?"
_ONLY_OFFSET = re.compile(_OFFSET)
_OFFSET_AND_WORDS = re.compile(rf"\(?{_OFFSET}\)?[\s,:]+(?P<words>\(?[^\W\d].*)")
_WORDS_AND_OFFSET = re.compile(rf"(?P<words>[^\W\d].*?)\s+\(?(?=utc|gmt|[+-]){_OFFSET}\)?")
_POSIX = re.compile(r"etc/gmt\s*([+-])\s*([0-9]{1,2})")
_COUNTRY = re.compile(r"\((?:us|usa|us (?:&|and) canada|canada)\)$|^(?:us|usa|american) | (?:us|usa)$")
_SUFFIX = re.compile(r" (?:(?:standard|daylight|daylight savings?|summer) )?time(?: ?zone)?$| (?:standard|daylight)$")


@dataclass(frozen=True, slots=True)
class Meant:
    """What a text means; empty if that is unknown.

    `offset`: the offset in the text, in minutes east of UTC; each of `regions` has it in standard or in summer time.
    `fixed`: the name of the zone that has it all year.
    """

    regions: tuple[str, ...] = ()
    fixed: str | None = None
    offset: int | None = None


def meant_by(text: str) -> Meant:
    """What `text`, written by a person or another program, probably means."""
    if len(text) > LONGEST:
        return Meant()
    plain = _plain(text)
    if found := _POSIX.fullmatch(plain):
        return _posix(found[1], int(found[2]))
    if found := _ONLY_OFFSET.fullmatch(plain):
        return by_offset(_minutes(found))
    if found := _OFFSET_AND_WORDS.fullmatch(plain) or _WORDS_AND_OFFSET.fullmatch(plain):
        return _both(_minutes(found), found["words"])
    return _only(_by_words(plain))


def by_offset(minutes: int) -> Meant:
    """The regions of an offset in minutes east of UTC, first one that has it in standard time; none if no zone has
    such an offset."""
    if not _LOWEST <= minutes <= _HIGHEST:
        return Meant()
    offsets = [(region, offsets_of(region)) for region in _REGIONS]
    standard = [region for region, found in offsets if found.standard == minutes]
    # Nobody who writes UTC+0 means the Azores in summer.
    summer = [region for region, found in offsets if minutes and found.summer == minutes and region not in standard]
    return Meant((*standard[:1], *summer[:1]), fixed_zone(minutes), minutes)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).translate(_DASHES).casefold()
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\s_]+", " ", kept).strip()


def _minutes(found: re.Match[str]) -> int:
    sign, hours, minutes, part = found.group("sign", "hours", "minutes", "part")
    parts = {"5": 30, "75": 45}
    east = int(hours) * 60 + (int(minutes) if minutes else parts.get(part, 0))
    return -east if sign == "-" else east


def _posix(sign: str, hours: int) -> Meant:
    east = hours * 60 if sign == "-" else -hours * 60
    return by_offset(east) if fixed_zone(east) else Meant()


def _both(minutes: int, words: str) -> Meant:
    """The words if they agree with the offset, otherwise the offset."""
    whole = words.strip("() ")
    for part in (words, whole, *whole.split(",")):
        region = _by_words(part.strip())
        if region and minutes in offsets_of(region):
            return _only(region)
    return by_offset(minutes)


def _only(region: str | None) -> Meant:
    return Meant((region,)) if region else Meant()


def _by_words(plain: str) -> str | None:
    known = _known().get(_joined(plain))
    return known or _windows().get(plain) or _by_name(plain) or _cities().get(_joined(plain)) or _by_place(plain)


def _by_name(plain: str) -> str | None:
    """Eastern, US Eastern, Eastern Time, Eastern Standard Time, Eastern Time (US & Canada), ET."""
    standard = re.sub(r"\bdaylight (?:savings? )?time$", "standard time", plain)
    short = _SUFFIX.sub("", _COUNTRY.sub("", plain.replace(".", "")).strip())
    name = _COUNTRY.sub("", short).strip().replace("-", " ")
    return _NAMES.get(name) or _windows().get(standard) or _cities().get(_joined(short))


def _by_place(plain: str) -> str | None:
    """A place within an area: "US/Chicago" is in America; "America/New_Yrok" is one typing error from one name."""
    area, _, place = _joined(plain).rpartition("/")
    area = _AREAS.get(area, area)
    if not area or not place:
        return None
    if exact := _known().get(f"{area}/{place}"):
        return exact
    near = {zone for name, zone in _known().items() if _is_one_slip(f"{area}/", place, name)}
    return near.pop() if len(near) == 1 else None


def _is_one_slip(area: str, place: str, name: str) -> bool:
    """Whether two names of an area differ by one letter (added, missing or replaced) or by two that are swapped."""
    # Another digit means another offset, and is never a typing error.
    if not name.startswith(area) or len(place) < 5 or re.search(r"[0-9+]", place + name):
        return False
    other = name.removeprefix(area)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(place, other, strict=False)))
    ours, theirs = place[same:], other[same:]
    while ours and theirs and ours[-1] == theirs[-1]:
        ours, theirs = ours[:-1], theirs[:-1]
    swapped = len(ours) == 2 and ours == theirs[::-1]
    return swapped or max(len(ours), len(theirs)) <= 1


def _joined(plain: str) -> str:
    """With underscores for blanks and hyphens, except for the minus sign of a number."""
    return re.sub(r"[ -](?![0-9])", "_", plain)


@cache
def _known() -> dict[str, str]:
    """Each known name in lower case → the current name of its zone."""
    # Of the names of offsets only those of UTC, without a number: a sign is never matched by similar spelling.
    names = [name for name in known_zones() if not is_fixed(name) or zone_key(name) == "UTC"]
    return {_joined(_plain(name)): zone_key(name) for name in names if not re.search(r"[+-]?0$", name)}


@cache
def _windows() -> dict[str, str]:
    """Windows's names in lower case → IANA names, by Unicode's CLDR."""
    # Names such as "UTC-11" are read as offsets instead.
    named = {_plain(name): current_name(zone) or zone for name, zone in win_tz.items()}
    return {name: zone for name, zone in named.items() if zone in known_zones() and not is_fixed(zone)}


@cache
def _cities() -> dict[str, str]:
    """City → zone, for cities that only one zone is named after."""
    # Regions within a country (America/Indiana/…) aren't cities, and neither are bases in Antarctica: somebody who
    # writes such a name means the city of that name.
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    places = [name for name in known_zones() if name.startswith(areas) and name.count("/") == 1]
    own = [name for name in places if current_name(name) is None]
    old = [name for name in places if current_name(name) and not name.startswith("Australia/")]
    zones: dict[str, set[str]] = {}
    for name in (*own, *old):
        zones.setdefault(_joined(_plain(name.partition("/")[2])), set()).add(zone_key(name))
    # Samoa is left out: there are two, a day apart.
    return {city: found.copy().pop() for city, found in zones.items() if len(found) == 1 and city != "samoa"}

"""Public holidays of countries and their states, from the `holidays` library, in English if it has English names.

The library knows each place's own rule for observed days, and lists them as separate days. So none of its holidays is
marked as observed here; and since many move, none is marked as recurring every year.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import chain, product
from types import ModuleType
from unicodedata import normalize

from campaigns.holidays.dates import MOST_HOLIDAYS, NAME_LENGTH, HolidayEntry
from campaigns.schedule.clock_face import date_in_words

FIRST_YEAR, LAST_YEAR = 1950, 2100
# In one import: years beyond this are refused.
MOST_YEARS = 10
# A note stays short enough to be read: it names this many days, and for each this many parts of a country.
MOST_NAMED = 8
MOST_PARTS = 4
# How far from its own date a holiday may be observed across the turn of the year: `holidays` 0.109 has at most four
# days.
TURN = timedelta(days=7)

# The library names countries as Python names classes: "UnitedStates" is two words, "IsleOfMan" has a small one.
_BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SMALL_WORDS = re.compile(r" (?:And|Da|Of|The)\b")
# What such a name can't say, by code.
_NAMES = {
    "AX": "Åland Islands",
    "BL": "Saint Barthélemy",
    "BQ": "Bonaire, Sint Eustatius and Saba",
    "CD": "Democratic Republic of the Congo",
    "CW": "Curaçao",
    "GW": "Guinea-Bissau",
    "HM": "Heard Island and McDonald Islands",
    "RE": "Réunion",
    "SH": "Saint Helena, Ascension and Tristan da Cunha",
    "ST": "São Tomé and Príncipe",
    "SY": "Syria",
    "TL": "Timor-Leste",
}


class UnknownRegion(Exception):
    """The library has no such country, subdivision or year; the message says which, and what there is instead."""


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """A country, or a part of one. `code`: ISO 3166, "US" for a country and "FL" for a part of it."""

    name: str
    code: str


def _library() -> ModuleType:
    """Imported when somebody first asks it: most processes never do, and it takes 3 MB."""
    import holidays

    return holidays


@cache
def countries() -> tuple[Region, ...]:
    """All countries that the library knows, by name."""
    from holidays.registry import COUNTRIES

    library = _library()
    known = library.list_supported_countries(include_aliases=False)
    named = (Region(_name_of(code, class_name), code) for class_name, code, *_ in COUNTRIES.values())
    return tuple(sorted((region for region in named if region.code in known), key=_place_of))


def _name_of(code: str, class_name: str) -> str:
    words = _BETWEEN_WORDS.sub(" ", class_name)
    return _NAMES.get(code) or _SMALL_WORDS.sub(lambda found: found[0].lower(), words)


def _place_of(region: Region) -> str:
    """By which it is sorted: Åland is beside Albania."""
    return normalize("NFKD", region.name).encode("ascii", "ignore").decode()


def place_in_words(country: str, subdivision: str) -> str:
    """ "Florida, United States", of the codes of a place that the library has."""
    named = {region.code: region.name for region in countries()}
    parts = {region.code: region.name for region in subdivisions(country)}
    return ", ".join(filter(None, (parts.get(subdivision, subdivision), named.get(country, country))))


@cache
def subdivisions(country: str) -> tuple[Region, ...]:
    """The states, provinces or other parts of the country with that code, by name. Raises UnknownRegion."""
    _check_country(country)
    found = _library().country_holidays(country)
    names = {code: name for name, code in found.subdivisions_aliases.items()}
    return tuple(sorted(Region(names.get(code, code), code) for code in found.subdivisions))


def find_holidays(country: str, subdivision: str, years: Collection[int]) -> tuple[HolidayEntry, ...]:
    """The public holidays of a place in those years, by date. Raises UnknownRegion if the library has no such place or
    years, or for too many holidays at once."""
    _check_country(country)
    _check_subdivision(country, subdivision)
    _check_years(years)
    named = _named(country, subdivision, years)
    kept_for = _kept_elsewhere(country, subdivision, years)
    entries = [_entry(on, name, kept_for.get((on, name))) for on, name in named]
    if len(entries) > MOST_HOLIDAYS:
        raise UnknownRegion(
            f"These are {len(entries)} holidays, more than {MOST_HOLIDAYS} at once. Choose fewer years."
        )
    return tuple(entries)


def notes(country: str, subdivision: str, years: Collection[int]) -> tuple[str, ...]:
    """Sentences about days that are missing from such an import, since they belong to a part of the country or to
    another year."""
    found = [*_missing_of_other_years(country, subdivision, years)]
    if not subdivision and (of_parts := _missing_of_parts(country, years)):
        found.insert(0, of_parts)
    return tuple(found)


def _named(country: str, subdivision: str, years: Collection[int]) -> list[tuple[date, str]]:
    found = _library().country_holidays(
        country, subdiv=subdivision or None, years=sorted(years), language=_language(country), expand=False
    )
    named: list[tuple[date, str]] = []
    for on in sorted(found):
        named += [(on, name) for name in sorted(set(found.get_list(on)))]
    return named


def _missing_of_parts(country: str, years: Collection[int]) -> str:
    """A sentence about holidays of some parts of the country that aren't in the list of the whole country; "" if there
    are none."""
    parts = subdivisions(country)
    whole = {on for on, _ in _named(country, "", years)}
    kept_in: dict[date, dict[str, str]] = {}
    for part in parts:
        for on, name in _named(country, part.code, years):
            if on not in whole:
                kept_in.setdefault(on, {}).setdefault(part.name, name)
    if not kept_in:
        return ""
    often = sorted(kept_in, key=lambda on: (-len(kept_in[on]), on))
    named = sorted(often[:MOST_NAMED])
    days = "; ".join(_day_in_parts(on, kept_in[on], len(parts)) for on in named)
    more = f"; and {len(often) - MOST_NAMED:,} more" if len(often) > MOST_NAMED else ""
    return (
        f"This is the list of the whole country. {len(often):,} more day{'s are' if len(often) > 1 else ' is'} kept "
        f"in parts of it only, and missing here: {days}{more}. Choose the part that the campaigns call."
    )


def _day_in_parts(on: date, names: dict[str, str], parts: int) -> str:
    """ "Mon 29 Mar 2027 Easter Monday (England, Wales)"."""
    if len(names) <= MOST_PARTS:
        where = ", ".join(names)
    else:
        where = f"{len(names):,} of {parts:,} parts"
    return f"{date_in_words(on)} {next(iter(names.values()))} ({where})"


def _missing_of_other_years(country: str, subdivision: str, years: Collection[int]) -> Iterator[str]:
    """Sentences about days in other years on which a holiday of the requested years is observed."""
    asked = set(years)
    for (on, name), own in _kept_elsewhere(country, subdivision, _with_neighbours(years)).items():
        if on.year not in asked and own.year in asked:
            yield (
                f"{date_in_words(own)} is kept on {date_in_words(on)}, too ({name}). That day belongs to {on.year}, "
                f"which isn’t chosen: choose {on.year} as well, or add that day."
            )


def _kept_elsewhere(country: str, subdivision: str, years: Collection[int]) -> dict[tuple[date, str], date]:
    """Days on which a holiday of the neighbouring year is observed, each with that holiday's own date."""
    # The library names them after the holiday, with a mark: "New Year's Day (observed)" for 31 December.
    named = _named(country, subdivision, _with_neighbours(years))
    own: dict[str, list[date]] = {}
    for on, name in named:
        own.setdefault(name, []).append(on)
    found: dict[tuple[date, str], date] = {}
    for on, name in named:
        if on.year in set(years) and min(on - date(on.year, 1, 1), date(on.year, 12, 31) - on) <= TURN:
            days = chain.from_iterable(own[other] for other in own if other != name and other in name)
            across = [day for day in days if day.year != on.year and abs(day - on) <= TURN]
            if across:
                found[on, name] = across[0]
    return found


def _with_neighbours(years: Collection[int]) -> list[int]:
    return sorted({year + step for year, step in product(years, (-1, 0, 1))})


def _check_country(country: str) -> None:
    if country not in {region.code for region in countries()}:
        raise UnknownRegion(
            f"No country has the code {country[:20]!r} here. It is the two letters of ISO 3166, like US, GB or DE."
        )


def _check_subdivision(country: str, subdivision: str) -> None:
    known = {region.code for region in subdivisions(country)}
    if subdivision and subdivision not in known:
        if known:
            listed = f"There are: {', '.join(sorted(known))}."
        else:
            listed = "Leave it out: it has none."
        raise UnknownRegion(f"{country} has no state or part with the code {subdivision[:20]!r}. {listed}")


def _check_years(years: Iterable[int]) -> None:
    wanted = sorted(set(years))
    if not wanted or wanted[0] < FIRST_YEAR or wanted[-1] > LAST_YEAR:
        raise UnknownRegion(f"Choose years from {FIRST_YEAR} to {LAST_YEAR}.")
    if len(wanted) > MOST_YEARS:
        raise UnknownRegion(f"These are {len(wanted)} years. Choose at most {MOST_YEARS} at once.")


def _language(country: str) -> str | None:
    """The library's code for US English or another English; None if it only has the country's own languages."""
    known = _library().country_holidays(country).supported_languages
    return next((language for language in ("en_US", *known) if language in known and language.startswith("en")), None)


def _entry(on: date, name: str, kept_for: date | None) -> HolidayEntry:
    short = name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"
    if kept_for:
        remark = f"It is kept for {date_in_words(kept_for)}, which belongs to {kept_for.year}."
    else:
        remark = ""
    return HolidayEntry(on, short, remark=remark)

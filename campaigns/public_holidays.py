"""Public holidays of countries and their states, by the `holidays` library, in English where it has the words.

The library knows each country's and state's own rule for observed days and lists them as days of their own; so none
of its holidays is marked as observed here, and each is taken for its year alone: many move.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays as library
from holidays.registry import COUNTRIES

from campaigns.holidays import MOST_HOLIDAYS, NAME_LENGTH, Entry

FIRST_YEAR, LAST_YEAR = 1950, 2100
MOST_YEARS = 10


class Unknown(Exception):
    """There is no such country, state or year; the sentence says which, and what there is."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """`code`: ISO 3166, as in US, and as in FL for a part of it."""

    name: str
    code: str


@cache
def countries() -> tuple[Place, ...]:
    """All that the library knows, by their names."""
    known = library.list_supported_countries(include_aliases=False)
    named = (Place(_words(names[0]), names[1]) for names in COUNTRIES.values())
    return tuple(sorted(place for place in named if place.code in known))


@cache
def subdivisions(country: str) -> tuple[Place, ...]:
    """Of a country of that code: its states, provinces or the like, by their names."""
    _check_country(country)
    found = library.country_holidays(country)
    names = {code: name for name, code in found.subdivisions_aliases.items()}
    return tuple(sorted(Place(names.get(code, code), code) for code in found.subdivisions))


def find(country: str, subdivision: str, years: Collection[int]) -> tuple[Entry, ...]:
    """Its public holidays in those years, by date. Unknown, with a sentence, for what the library doesn't know."""
    _check_country(country)
    _check_subdivision(country, subdivision)
    _check_years(years)
    found = library.country_holidays(
        country, subdiv=subdivision or None, years=sorted(years), language=_language(country), expand=False
    )
    entries = [_entry(on, name) for on in sorted(found) for name in sorted(set(found.get_list(on)))]
    if len(entries) > MOST_HOLIDAYS:
        raise Unknown(f"These are {len(entries)} holidays, more than {MOST_HOLIDAYS} at once. Choose fewer years.")
    return tuple(entries)


def _check_country(country: str) -> None:
    if country not in {place.code for place in countries()}:
        raise Unknown(
            f"No country has the code {country[:20]!r} here. It is the two letters of ISO 3166, like US, GB or DE."
        )


def _check_subdivision(country: str, subdivision: str) -> None:
    known = {place.code for place in subdivisions(country)}
    if subdivision and subdivision not in known:
        listed = f"There are: {', '.join(sorted(known))}." if known else "Leave it out: it has none."
        raise Unknown(f"{country} has no state or part with the code {subdivision[:20]!r}. {listed}")


def _check_years(years: Iterable[int]) -> None:
    wanted = sorted(set(years))
    if not wanted or wanted[0] < FIRST_YEAR or wanted[-1] > LAST_YEAR:
        raise Unknown(f"Choose years from {FIRST_YEAR} to {LAST_YEAR}.")
    if len(wanted) > MOST_YEARS:
        raise Unknown(f"These are {len(wanted)} years. Choose at most {MOST_YEARS} at once.")


def _language(country: str) -> str | None:
    """English as it is written in the US, or elsewhere; None: in the country's own words."""
    known = library.country_holidays(country).supported_languages
    return next((language for language in ("en_US", *known) if language in known and language.startswith("en")), None)


def _entry(on: date, name: str) -> Entry:
    return Entry(on, name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…")


def _words(name: str) -> str:
    """ "UnitedStates" → "United States"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)

"""Public holidays by country and state, as the library knows them."""

from datetime import date

import pytest

from campaigns import public_holidays
from campaigns.public_holidays import Unknown


def named(country: str, subdivision: str = "", *years: int) -> dict[str, str]:
    return {str(entry.date): entry.name for entry in public_holidays.find(country, subdivision, years or (2026,))}


def test_national_holidays_of_a_year() -> None:
    assert named("US")["2026-11-26"] == "Thanksgiving Day"


def test_state_has_its_own() -> None:
    assert named("US", "FL")["2026-11-27"] == "Friday After Thanksgiving"
    assert "2026-11-27" not in named("US")


def test_observed_day_is_a_day_of_its_own() -> None:
    found = named("US")
    assert (found["2026-07-04"], found["2026-07-03"]) == ("Independence Day", "Independence Day (observed)")


def test_names_are_english() -> None:
    assert named("DE")["2026-10-03"] == "German Unity Day"


def test_each_year_is_taken() -> None:
    assert {day[:4] for day in named("GB", "SCT", 2026, 2028)} == {"2026", "2028"}


def test_whole_days_without_an_id() -> None:
    entry = public_holidays.find("US", "", [2026])[0]
    assert (entry.date, entry.starts, entry.ends, entry.uid) == (date(2026, 1, 1), None, None, "")


def test_countries_are_named() -> None:
    assert public_holidays.Place("United States", "US") in public_holidays.countries()
    assert public_holidays.Place("Florida", "FL") in public_holidays.subdivisions("US")


@pytest.mark.parametrize(
    ("country", "subdivision", "years", "words"),
    [
        ("XX", "", [2026], "No country has the code 'XX'"),
        ("us", "", [2026], "No country has the code 'us'"),
        ("", "", [2026], "No country"),
        ("US", "ZZ", [2026], "US has no state or part with the code 'ZZ'"),
        ("MC", "X", [2026], "Leave it out"),
        ("US", "", [], "Choose years from 1950 to 2100"),
        ("US", "", [1492], "Choose years from 1950 to 2100"),
        ("US", "", range(2000, 2050), "at most 10 at once"),
    ],
)
def test_unknown_is_told(country: str, subdivision: str, years: list[int], words: str) -> None:
    with pytest.raises(Unknown, match=words):
        public_holidays.find(country, subdivision, years)

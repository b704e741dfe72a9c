"""Public holidays by country and state, as the library knows them."""

import re
from datetime import date

import pytest

from campaigns.holidays import public
from campaigns.holidays.public import UnknownRegion


def named(country: str, subdivision: str = "", *years: int) -> dict[str, str]:
    return {str(entry.date): entry.name for entry in public.find_holidays(country, subdivision, years or (2026,))}


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
    entry = public.find_holidays("US", "", [2026])[0]
    assert (entry.date, entry.starts, entry.ends, entry.uid) == (date(2026, 1, 1), None, None, "")


def test_countries_are_named() -> None:
    assert public.Region("United States", "US") in public.countries()
    assert public.Region("Florida", "FL") in public.subdivisions("US")


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
    with pytest.raises(UnknownRegion, match=words):
        public.find_holidays(country, subdivision, years)


def test_countries_have_names_as_people_write_them() -> None:
    names = [country.name for country in public.countries()]
    assert {"Curaçao", "Democratic Republic of the Congo", "Isle of Man", "Trinidad and Tobago"} <= set(names)
    assert not [name for name in names if re.search(r"[a-z](?<!Mc)[A-Z]|[A-Z]{2}|[a-z] (?:And|Of|The) ", name)]
    assert names.index("Åland Islands") < names.index("Albania")


def test_place_is_said_with_its_country() -> None:
    assert public.place_in_words("US", "FL") == "Florida, United States"
    assert public.place_in_words("US", "") == "United States"


# --- What belongs elsewhere ---


def test_country_without_a_part_says_what_its_parts_keep() -> None:
    (note,) = public.notes("GB", "", [2027])
    assert "8 more days are kept in parts of it only, and missing here" in note
    assert "Mon 29 Mar 2027 Easter Monday (England, Northern Ireland, Wales)" in note
    assert "Mon 30 Aug 2027 Late Summer Bank Holiday (England, Northern Ireland, Wales)" in note
    assert note.endswith("Choose the part that the campaigns call.")


def test_part_says_nothing_of_others() -> None:
    assert public.notes("GB", "ENG", [2027]) == ()


def test_country_without_parts_says_nothing() -> None:
    assert public.notes("AQ", "", [2027]) == ()


def test_many_days_of_parts_are_counted_and_the_most_kept_named() -> None:
    note = public.notes("US", "", [2027])[0]
    assert "Fri 26 Nov 2027 Day After Thanksgiving (17 of 57 parts)" in note
    assert re.search(r"and [0-9]+ more\.", note)
    assert len(note) < 1000


@pytest.mark.parametrize(
    ("country", "part", "year", "kept_on"),
    [
        ("US", "", 2028, "Sat 1 Jan 2028 is kept on Fri 31 Dec 2027, too (New Year's Day (observed))."),
        ("US", "FL", 2033, "Sat 1 Jan 2033 is kept on Fri 31 Dec 2032, too"),
        ("EC", "", 2028, "Sat 1 Jan 2028 is kept on Fri 31 Dec 2027, too"),
        ("TW", "", 2028, "Sat 1 Jan 2028 is kept on Fri 31 Dec 2027, too"),
        ("AZ", "", 2028, "Sun 31 Dec 2028 is kept on Wed 3 Jan 2029, too"),
        ("TH", "", 2028, "Sun 31 Dec 2028 is kept on Tue 2 Jan 2029, too"),
    ],
)
def test_day_kept_in_a_year_that_is_not_chosen(country: str, part: str, year: int, kept_on: str) -> None:
    note = public.notes(country, part, [year])[-1]
    assert kept_on in note
    on = kept_on.split(" is kept on ")[1].split(",", maxsplit=1)[0]
    assert f"choose {on[-4:]} as well" in note


def test_nothing_is_missing_when_both_years_are_chosen() -> None:
    assert not any("is kept on" in note for note in public.notes("US", "", [2027, 2028]))


def test_day_of_the_next_years_holiday_is_in_its_own_year_and_says_so() -> None:
    (entry,) = [entry for entry in public.find_holidays("US", "FL", [2027]) if entry.date == date(2027, 12, 31)]
    assert entry.name == "New Year's Day (observed)"
    assert entry.remark == "It is kept for Sat 1 Jan 2028, which belongs to 2028."


def test_a_year_alone_has_the_same_days_as_among_others() -> None:
    """Of every fourth country: what is kept in a year is in that year's list, whichever years are chosen with it."""
    for place in public.countries()[::4]:
        alone = [(e.date, e.name) for e in public.find_holidays(place.code, "", [2027])]
        among = [(e.date, e.name) for e in public.find_holidays(place.code, "", [2026, 2027, 2028])]
        assert alone == [found for found in among if found[0].year == 2027], place


def test_notes_are_short_everywhere() -> None:
    for place in public.countries()[::3]:
        for note in public.notes(place.code, "", [2027, 2028]):
            assert note.endswith((".", "that day."))
            assert len(note) < 1500

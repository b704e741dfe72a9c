"""What a typed local time can mean, in every zone; and its instant when a zone's rules change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule.due_times import (
    HORIZON,
    Meanings,
    abbreviation_of,
    as_iso,
    due_instant,
    in_words,
    instant_of,
    meanings_in,
    problem_of,
)
from campaigns.schedule.zones import known_zones

NEW_YORK = ZoneInfo("America/New_York")
local_time = datetime.fromisoformat
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
STEP = timedelta(hours=6)
zones = st.sampled_from(sorted(known_zones())).map(ZoneInfo)
locals_ = st.datetimes(local_time("1970-01-02T00:00"), local_time("2040-01-01T00:00")).map(
    lambda each: each.replace(microsecond=0)
)


@st.composite
def beside_a_change(draw: st.DrawFn) -> tuple[datetime, ZoneInfo]:
    """A local time within hours of a change of the clocks, where it may occur twice or never."""
    zone = draw(zones)
    day = draw(st.datetimes(local_time("1971-01-01T00:00"), local_time("2037-01-01T00:00")))
    changes = [hour for hour in _hours_of_year(day) if _offset(hour, zone) != _offset(hour + STEP, zone)]
    change = draw(st.sampled_from(changes)) if changes else day.replace(tzinfo=UTC)
    minutes = draw(st.integers(-120, 480))
    return change.astimezone(zone).replace(tzinfo=None, microsecond=0) + timedelta(minutes=minutes), zone


def _hours_of_year(day: datetime) -> list[datetime]:
    return [datetime(day.year, 1, 1, tzinfo=UTC) + number * STEP for number in range(365 * 4)]


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def instants(meanings: Meanings) -> list[datetime]:
    return [due.at for due in meanings.instants]


@given(locals_, zones)
def test_one_or_two_in_order(local: datetime, zone: ZoneInfo) -> None:
    found = instants(meanings_in(local, zone))
    assert len(found) in {1, 2}
    assert found == sorted(set(found))


@given(beside_a_change())
def test_clocks_show_what_was_typed(given: tuple[datetime, ZoneInfo]) -> None:
    local, zone = given
    meanings = meanings_in(local, zone)
    assert {wall(at, zone) == local for at in instants(meanings)} == {not meanings.is_skipped}


@given(beside_a_change())
def test_skipped_time_lies_between_both(given: tuple[datetime, ZoneInfo]) -> None:
    local, zone = given
    meanings = meanings_in(local, zone)
    if meanings.is_skipped:
        early, late = (wall(at, zone) for at in instants(meanings))
        assert early < local < late


@given(beside_a_change())
def test_kept_time_leads_back_to_its_instant(given: tuple[datetime, ZoneInfo]) -> None:
    local, zone = given
    for due in meanings_in(local, zone).instants:
        assert instant_of(due.local, due.fold, due.zone) == due.at


@given(beside_a_change())
def test_iso_tells_twins_apart(given: tuple[datetime, ZoneInfo]) -> None:
    local, zone = given
    for due in meanings_in(local, zone).instants:
        assert datetime.fromisoformat(as_iso(due)) == due.at


def test_hour_that_occurs_twice() -> None:
    meanings = meanings_in(local_time("2026-11-01T01:30"), NEW_YORK)
    assert [as_iso(due) for due in meanings.instants] == ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"]
    assert [due.fold for due in meanings.instants] == [0, 1]


def test_hour_that_is_skipped() -> None:
    meanings = meanings_in(local_time("2026-03-08T02:30"), NEW_YORK)
    assert meanings.is_skipped
    assert [due.local for due in meanings.instants] == ["2026-03-08T01:30:00", "2026-03-08T03:30:00"]


def test_day_that_was_skipped() -> None:
    """Samoa went from the evening of 29 December 2011 to 31 December."""
    meanings = meanings_in(local_time("2011-12-30T12:00"), ZoneInfo("Pacific/Apia"))
    assert [due.local for due in meanings.instants] == ["2011-12-29T12:00:00", "2011-12-31T12:00:00"]


def test_unknown_zone_has_no_instant() -> None:
    assert instant_of("2026-11-01T01:30:00", 0, "Mars/Olympus") is None


@pytest.mark.parametrize(
    ("at", "until", "words"),
    [
        (timedelta(), None, "has passed"),
        (timedelta(minutes=5), timedelta(minutes=5), "after it begins"),
        (None, timedelta(), "has passed"),
        (HORIZON + timedelta(seconds=1), None, "400 days"),
        (timedelta(hours=1), HORIZON + timedelta(hours=1), "400 days"),
    ],
)
def test_impossible_times_are_sentences(at: timedelta | None, until: timedelta | None, words: str) -> None:
    begin, end = (None if ahead is None else NOW + ahead for ahead in (at, until))
    assert words in problem_of(begin, end, NOW)


@pytest.mark.parametrize(("at", "until"), [(timedelta(seconds=1), None), (None, HORIZON), (HORIZON, None)])
def test_possible_times_have_no_problem(at: timedelta | None, until: timedelta | None) -> None:
    begin, end = (None if ahead is None else NOW + ahead for ahead in (at, until))
    assert problem_of(begin, end, NOW) == ""


def test_words_have_the_zones_short_name() -> None:
    assert in_words(NOW, "America/New_York") == "Sat 28 Nov 2026 07:00 EST"
    assert in_words(NOW, "Asia/Kathmandu") == "Sat 28 Nov 2026 17:45 UTC+5:45"
    assert in_words(NOW, "Mars/Olympus") == "Sat 28 Nov 2026 12:00 UTC"


def test_entered_instant_has_no_zone() -> None:
    due = due_instant(datetime.fromisoformat("2026-11-28T07:00:00-05:00"))
    assert (due.at, due.local, due.zone) == (NOW, "", "")


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Los_Angeles", "PST"),
        ("Asia/Manila", "UTC+8"),
        ("America/Chicago", "CST"),
        ("Asia/Shanghai", "UTC+8"),
        ("America/Havana", "UTC-5"),
        ("Asia/Kolkata", "IST"),
        ("Asia/Kathmandu", "UTC+5:45"),
    ],
)
def test_short_name_never_means_another_zone(zone: str, name: str) -> None:
    assert abbreviation_of(datetime(2025, 1, 15, 12, tzinfo=ZoneInfo(zone))) == name

"""Ranges of time in words and as typed, in the zone that they are meant in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.pages.ranges import parse_moment, read_range, say_range, write_moment

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)  # Fri 10:30 in New York
KEYS = ("hour", "shift", "today", "yesterday", "custom")


def span(**address: str) -> tuple[str, str]:
    found = read_range(address, keys=KEYS, zone=ZONE, now=NOW)
    assert found.since is not None
    assert found.until is not None
    return f"{found.since:%d %H:%M}", f"{found.until:%d %H:%M}"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("hour", ("27 14:30", "27 15:30")),
        ("shift", ("27 07:30", "27 15:30")),
        ("today", ("27 05:00", "28 05:00")),
        ("yesterday", ("26 05:00", "27 05:00")),
        ("never heard of", ("27 14:30", "27 15:30")),
    ],
)
def test_in_words(key: str, expected: tuple[str, str]) -> None:
    assert span(range=key) == expected


def test_day_on_which_clocks_change_has_25_hours() -> None:
    after = datetime(2026, 11, 2, 15, tzinfo=UTC)
    found = read_range({"range": "yesterday"}, keys=KEYS, zone=ZONE, now=after)
    assert found.since is not None
    assert found.until is not None
    assert found.until - found.since == timedelta(hours=25)


def test_typed_in_the_zone() -> None:
    assert span(**{"from": "2026-11-26 21:00", "to": "2026-11-26 11pm"}) == ("27 02:00", "27 04:00")


def test_date_alone_is_all_of_it() -> None:
    assert span(**{"from": "2026-11-26", "to": "2026-11-26"}) == ("26 05:00", "27 05:00")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"from": "26.11.2026", "to": "2026-11-27"}, "from"),
        ({"from": "2026-11-26", "to": "2026-02-30"}, "to"),
        ({"from": "2026-11-26 10:00", "to": "2026-11-26 09:00"}, "to"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(typed: dict[str, str], field: str) -> None:
    found = read_range(typed, keys=KEYS, zone=ZONE, now=NOW)
    assert [name for name, _ in found.problems] == [field]
    assert found.typed == (typed["from"], typed["to"])


def test_too_long_to_draw() -> None:
    typed = {"from": "2026-11-01", "to": "2026-11-26"}
    found = read_range(typed, keys=KEYS, zone=ZONE, now=NOW, longest=timedelta(hours=48))
    assert "at most 48 hours" in found.problems[0][1]


@pytest.mark.parametrize(
    "text", ["", "x", "2026-13-01", "1200-01-01", "2026-11-26 25:00", "2026-11-26 25", "2026-11-26 10:00+99:00"]
)
def test_no_moment(text: str) -> None:
    assert parse_moment(text, ZONE) is None


def test_said() -> None:
    found = read_range({"range": "yesterday"}, keys=KEYS, zone=ZONE, now=NOW)
    assert say_range(found) == "Thu 26 Nov 2026 00:00 to 24:00 EST"


@pytest.mark.parametrize("hour", [5, 6, 7])
def test_time_that_occurs_twice_is_read_as_it_was_written(hour: int) -> None:
    """Summer time ends in New York on 1 November 2026 at 06:00 UTC."""
    at = datetime(2026, 11, 1, hour, 30, tzinfo=UTC)
    assert parse_moment(write_moment(at, ZONE), ZONE) == at


def test_only_a_time_that_occurs_twice_is_written_with_its_offset() -> None:
    assert write_moment(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), ZONE) == "2026-11-01 01:30-05:00"
    assert write_moment(datetime(2026, 11, 1, 7, 30, tzinfo=UTC), ZONE) == "2026-11-01 02:30"

"""Which zone is proposed for a text that names none, what a fixed offset lacks, and which names are one zone."""

import weakref
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tzlocal.windows_tz import win_tz

from campaigns.schedule import Code, ScheduleFinding, Severity, find_zone
from campaigns.schedule.zone_findings import zone_findings
from campaigns.schedule.zone_meaning import meant_by
from campaigns.schedule.zones import ZONE_DATA, known_zones, names_of, zone_key


def only(name: str) -> ScheduleFinding:
    (finding,) = zone_findings(name)
    return finding


def minutes_east(name: str) -> set[int]:
    """In the year after the zone data's release."""
    first = datetime(int(ZONE_DATA[:4]) + 1, 1, 15, 12, tzinfo=UTC)
    found = (ZoneInfo(name).utcoffset(first + timedelta(days=30 * month)) for month in range(12))
    return {int(offset.total_seconds()) // 60 for offset in found if offset is not None}


# --- offsets ---


def write_offset(sign: str, hours: int, minutes: int, prefix: str, shape: str) -> str:
    shapes = {"plain": f"{hours}", "padded": f"{hours:02}", "colon": f"{hours:02}:{minutes:02}"}
    number = (shapes | {"basic": f"{hours:02}{minutes:02}", "short": f"{hours}:{minutes:02}"})[shape]
    return f"{prefix}{sign}{number}"


offsets = st.tuples(
    st.sampled_from(("+", "-", "\u2212", " + ", " - ")),
    st.integers(0, 14),
    st.sampled_from((0, 30, 45)),
    st.sampled_from(("GMT", "UTC", "gmt", "utc ", "")),
    st.sampled_from(("plain", "padded", "colon", "basic", "short")),
)


@given(offsets)
def test_proposals_have_the_offset_that_was_written(written: tuple[str, int, int, str, str]) -> None:
    sign, hours, minutes, _, shape = written
    size = hours * 60 + (minutes if shape not in {"plain", "padded"} else 0)
    meant = meant_by(write_offset(*written))
    offset = size if sign.strip() == "+" else -size
    if not -12 * 60 <= offset <= 14 * 60:
        assert (meant.regions, meant.fixed) == ((), None)
        return
    assert meant.offset == offset
    assert meant.fixed is None or minutes_east(meant.fixed) == {offset}
    assert all(offset in minutes_east(region) for region in meant.regions)
    assert (meant.fixed is not None) == (offset % 60 == 0)


@given(
    st.text(max_size=30)
    | st.sampled_from(("GMT", "Etc/GMT", "UTC", "EST")).flatmap(
        lambda start: st.text("+-0123456789: ", max_size=8).map(lambda end: start + end)
    )
)
def test_proposal_is_known_whatever_is_written(text: str) -> None:
    meant = meant_by(text)
    assert {*meant.regions, meant.fixed or "UTC"} <= known_zones()


@pytest.mark.parametrize("name", ["GMT-5", "UTC-5", "UTC-05:00", "GMT-0500", "-05:00", "-5", "UTC\u22125", "gmt - 5"])
def test_sign_is_read_as_people_mean_it(name: str) -> None:
    suggestion = only(name).suggestion
    assert "America/New_York" in suggestion
    assert "Etc/GMT+5" in suggestion
    assert "Etc/GMT-5" not in suggestion


@pytest.mark.parametrize(
    ("name", "region"),
    [("GMT+1", "Europe/Berlin"), ("UTC+5:30", "Asia/Kolkata"), ("UTC+5.5", "Asia/Kolkata"), ("GMT-330", "St_Johns")],
)
def test_region_of_an_offset_is_proposed(name: str, region: str) -> None:
    assert region in only(name).suggestion


@pytest.mark.parametrize(("name", "fixed"), [("etc/gmt+5", "Etc/GMT+5"), ("Etc/GMT-05", "Etc/GMT-5")])
def test_etc_keeps_its_own_sign(name: str, fixed: str) -> None:
    assert meant_by(name).fixed == fixed


@pytest.mark.parametrize("name", ["5", "0500", "UTC5", "UTC 5", "EST5", "Etc/UTC-5", "GMT+25", "UTC-13", "GMT--5"])
def test_unclear_number_has_no_proposal(name: str) -> None:
    assert only(name).suggestion == "Choose one from the list, such as America/New_York."


# --- words ---


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Eastern", "America/New_York"),
        ("Eastern Time", "America/New_York"),
        ("U.S. Eastern Time", "America/New_York"),
        ("ET", "America/New_York"),
        ("EDT", "America/New_York"),
        ("EST/EDT", "America/New_York"),
        ("Central Time (US & Canada)", "America/Chicago"),
        ("CST", "America/Chicago"),
        ("mountain daylight time", "America/Denver"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("PDT", "America/Los_Angeles"),
        ("Alaska Time", "America/Anchorage"),
        ("Hawaii-Aleutian Standard Time", "Pacific/Honolulu"),
        ("Central European Time", "Europe/Berlin"),
        ("W. Europe Daylight Time", "Europe/Berlin"),
        ("GMT Standard Time", "Europe/London"),
        ("Alberta Standard Time", "America/Edmonton"),
        ("India Standard Time", "Asia/Kolkata"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(UTC-05:00) Bogota, Lima, Quito", "America/Bogota"),
        ("EST (GMT-5)", "America/New_York"),
        ("us/eastern", "America/New_York"),
        ("US/Chicago", "America/Chicago"),
        ("Sao Paulo", "America/Sao_Paulo"),
        ("Port au Prince", "America/Port-au-Prince"),
        ("Kiev", "Europe/Kyiv"),
        ("America/New_Yrok", "America/New_York"),
        ("zulu", "UTC"),
    ],
)
def test_words_lead_to_their_zone(name: str, zone: str) -> None:
    assert only(name).suggestion == f"Did you mean {zone}?"


@pytest.mark.parametrize("name", sorted(win_tz))
def test_names_of_windows_lead_to_their_zone(name: str) -> None:
    meant, zone = meant_by(name), zone_key(win_tz[name])
    proposed = {zone_key(each) for each in (*meant.regions, meant.fixed) if each}
    # An offset's name leads to that offset; one that names an offset by words, to nothing.
    assert zone in proposed or (zone.startswith("Etc/") and not proposed)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Easten",
            "Eastr",
            "Boston",
            "Monterey",
            "San Juan",
            "Petersburg",
            "Victoria",
            "Samoa",
            "West",
            "America/London",
        ),
        *("IST", "BST", "AST", "Mars/Olympus", "../etc/passwd", "", "x" * 500),
    ],
)
def test_no_proposal_rather_than_a_wrong_one(name: str) -> None:
    assert only(name).suggestion == "Choose one from the list, such as America/New_York."


def test_words_against_their_offset_lose() -> None:
    assert meant_by("CST (UTC+8)").regions == ("Asia/Shanghai",)


def test_zones_are_kept() -> None:
    """ZoneInfo itself keeps eight, which a tenant across North America already exceeds."""
    zone = find_zone("Asia/Tokyo")
    assert zone
    kept = weakref.ref(zone)
    del zone
    for name in sorted(known_zones())[:20]:
        find_zone(name)
    assert kept() is find_zone("Asia/Tokyo")
    assert kept()


# --- fixed offsets ---


@pytest.mark.parametrize(
    ("name", "offset", "region"),
    [
        ("EST", "UTC-5", "America/New_York"),
        ("MST", "UTC-7", "America/Denver"),
        ("HST", "UTC-10", "Pacific/Honolulu"),
        ("UTC", "UTC+0", "Europe/London"),
        ("Etc/GMT", "UTC+0", "Europe/London"),
        ("Etc/GMT+5", "UTC-5", "America/New_York"),
        ("Etc/GMT-5", "UTC+5", "Asia/Karachi"),
    ],
)
def test_fixed_offset_is_named_as_such(name: str, offset: str, region: str) -> None:
    finding = only(name)
    assert (finding.code, finding.severity) == (Code.FIXED_OFFSET, Severity.HINT)
    assert finding.message.startswith(f"{name} has no summer time: it is {offset} all year")
    assert region in finding.suggestion


def test_fixed_offset_says_whose_sign_is_reversed() -> None:
    finding = only("Etc/GMT-5")
    assert "the sign in this name is the other way round" in finding.message
    assert "If UTC-5 is meant, choose America/New_York" in finding.suggestion


def test_every_name_of_an_offset_is_one() -> None:
    fixed = {name for name in known_zones() if only_code(name) == Code.FIXED_OFFSET}
    assert {name for name in known_zones() if name.startswith("Etc/")} <= fixed
    assert all(len(minutes_east(name)) == 1 for name in fixed)
    assert not fixed & {"America/Phoenix", "America/Panama", "Africa/Abidjan", "EST5EDT", "CET"}


def only_code(name: str) -> Code | None:
    return next((finding.code for finding in zone_findings(name)), None)


# --- one zone, several names ---


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("US/Eastern", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Etc/UTC", "GMT"),
        ("EST5EDT", "US/Eastern"),
    ],
)
def test_names_of_one_zone_are_one(name: str, other: str) -> None:
    assert zone_key(name) == zone_key(other)
    assert names_of(name) == names_of(other) >= {name, other}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("EST", "America/Panama"),
        ("EST", "America/New_York"),
        ("Etc/GMT+5", "Etc/GMT-5"),
        ("Europe/Oslo", "Europe/Berlin"),
    ],
)
def test_zones_of_their_own_are_told_apart(name: str, other: str) -> None:
    assert zone_key(name) != zone_key(other)


@given(st.sampled_from(sorted(known_zones())))
def test_names_of_one_zone_show_one_clock(name: str) -> None:
    moments = [datetime(2027, month, 20, 12, tzinfo=UTC) for month in range(1, 13)]
    clocks = [[moment.astimezone(ZoneInfo(each)).isoformat() for moment in moments] for each in (name, zone_key(name))]
    assert clocks[0] == clocks[1]


def test_unknown_name_is_itself() -> None:
    assert zone_key("Mars/Olympus") == "Mars/Olympus"
    assert names_of("Mars/Olympus") == {"Mars/Olympus"}

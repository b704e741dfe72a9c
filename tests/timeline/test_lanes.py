"""What a campaign did at each moment of a range, from the changes, counts and gaps that are known."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule import HolidayOn, HoursRule
from campaigns.timeline.lanes import CampaignFacts, Change, LaneKind, Lanes, lanes_of
from tests.factories import SCHEDULE

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = datetime(2026, 11, 2, 5, tzinfo=UTC)  # Monday 00:00 in New York
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOON = NIGHT + 12 * HOUR
LONG_AGO = NIGHT - timedelta(days=30)


def facts(**values: Any) -> CampaignFacts:
    plain: dict[str, Any] = {"status": "ACTIVE", "schedule": SCHEDULE, "zone": NEW_YORK, "known_since": LONG_AGO}
    return CampaignFacts(**plain | values)


def day(**values: Any) -> Lanes:
    """Of Monday, looked at on Tuesday."""
    return lanes_of(facts(**values), NIGHT, NIGHT + 24 * HOUR, NIGHT + 30 * HOUR)


def hours_of(lanes: Lanes) -> list[tuple[str, float, float]]:
    """Each state with the local hours between which it held."""
    return [(str(what), (begins - NIGHT) / HOUR, (ends - NIGHT) / HOUR) for begins, ends, what, _ in lanes.states]


def every_minute(calls: int, first: datetime = NIGHT, count: int = 24 * 60) -> list[tuple[datetime, int]]:
    return [(first + number * MINUTE, calls) for number in range(count)]


def paused(at: datetime, seen: datetime | None = None) -> Change:
    return Change(seen or at, at, "ACTIVE", "PAUSED")


def test_waits_until_its_window_opens() -> None:
    assert hours_of(day(samples=every_minute(0))) == [("waiting", 0, 9), ("dialing", 9, 17), ("waiting", 17, 24)]


def test_calls_outside_its_window_are_dialing() -> None:
    lanes = day(samples=[(NIGHT, 0), (NIGHT + 20 * HOUR, 3), (NIGHT + 21 * HOUR, 0)])
    assert hours_of(lanes)[-3:] == [("waiting", 17, 20), ("dialing", 20, 21), ("waiting", 21, 24)]
    assert "dialing, its window closed" in {words for *_, words in lanes.states}


def test_pause_drains_and_rests() -> None:
    samples = [(NIGHT, 5), (NOON + 10 * MINUTE, 2), (NOON + 30 * MINUTE, 0)]
    assert hours_of(day(status="PAUSED", statuses=[paused(NOON)], samples=samples))[-3:] == [
        ("dialing", 9, 12),
        ("draining", 12, 12.5),
        ("paused", 12.5, 24),
    ]


def test_before_the_first_change_it_was_as_that_says() -> None:
    change = Change(NIGHT + 26 * HOUR, NIGHT + 26 * HOUR, "PAUSED", "ACTIVE")
    assert hours_of(day(statuses=[change], samples=every_minute(0))) == [("paused", 0, 24)]


def test_what_was_not_read_is_unknown_and_never_calm() -> None:
    samples = [*every_minute(4, count=12 * 60), *every_minute(4, NOON + HOUR, 60)]
    lanes = day(gaps=[(NOON, NOON + HOUR)], samples=samples)
    assert ("unknown", 12, 13) in hours_of(lanes)
    assert lanes.calls_at(NOON + 30 * MINUTE) is None
    assert lanes.calls_at(NOON + 90 * MINUTE) == 4


def test_before_anything_was_kept_all_is_unknown() -> None:
    assert hours_of(day(known_since=NOON, samples=every_minute(0, NOON)))[0] == ("unknown", 0, 12)
    assert hours_of(day(known_since=None)) == [("unknown", 0, 24)]


def test_what_is_still_to_come_has_no_state() -> None:
    lanes = lanes_of(facts(samples=every_minute(0)), NIGHT, NIGHT + 24 * HOUR, NOON)
    assert hours_of(lanes)[-1] == ("dialing", 9, 12)
    assert lanes.state_at(NOON + HOUR) is None
    assert [(s.begins, s.ends) for s in lanes.sides[LaneKind.HOURS]] == [(NIGHT + 9 * HOUR, NIGHT + 17 * HOUR)]


def test_not_in_cxone_yet() -> None:
    change = Change(NOON, NOON, None, "PAUSED")
    assert hours_of(day(statuses=[change])) == [("gone", 0, 12), ("paused", 12, 24)]


def test_hours_are_those_in_force_then() -> None:
    shorter = SCHEDULE | {"dialingHours": [{"day": "MON", "startTime": "09:00", "endTime": "10:00"}]}
    change = Change(NOON, NOON, shorter, SCHEDULE)
    lanes = day(schedules=[change], samples=every_minute(0))
    assert hours_of(lanes) == [
        ("waiting", 0, 9),
        ("dialing", 9, 10),
        ("waiting", 10, 12),
        ("dialing", 12, 17),
        ("waiting", 17, 24),
    ]


def test_hours_that_cannot_be_read_are_unknown_and_not_closed() -> None:
    lanes = day(schedule={}, samples=every_minute(0))
    assert [stretch.what for stretch in lanes.sides[LaneKind.HOURS]] == ["unknown"]
    assert hours_of(lanes) == [("dialing", 0, 24)]


def test_as_known_then_a_change_stands_where_it_was_seen() -> None:
    changed = facts(status="PAUSED", statuses=[paused(NOON, NOON + HOUR)])
    end = NIGHT + 24 * HOUR
    as_it_was = lanes_of(changed, NIGHT, end, end)
    as_known = lanes_of(changed, NIGHT, end, end, as_known=True)
    assert [hours_of(lanes)[-1] for lanes in (as_it_was, as_known)] == [("paused", 12, 24), ("paused", 13, 24)]


def test_holidays_and_the_law_are_beside_it() -> None:
    rule = HoursRule("Federal", frozenset({"MON", "TUE"}), 8 * 60, 21 * 60, "law")
    lanes = day(rule=rule, holidays=[HolidayOn(NIGHT.date(), "Day of Rest", "US", (12 * 60, 18 * 60))])
    law, (holiday,) = lanes.sides[LaneKind.LAW], lanes.sides[LaneKind.HOLIDAY]
    assert [((each.begins - NIGHT) / HOUR, (each.ends - NIGHT) / HOUR) for each in law] == [(0, 8), (21, 24)]
    assert (holiday.begins, holiday.ends, holiday.words) == (NOON, NOON + 6 * HOUR, "Day of Rest (US)")


def test_day_that_the_rule_leaves_out_is_forbidden() -> None:
    lanes = day(rule=HoursRule("Weekdays", frozenset({"TUE"}), 0, 24 * 60, "law"))
    assert [(s.ends - s.begins) / HOUR for s in lanes.sides[LaneKind.LAW]] == [24]


moments = st.integers(0, 24 * 60).map(lambda minutes: NIGHT + minutes * MINUTE)


@given(
    st.lists(st.tuples(moments, st.sampled_from(["ACTIVE", "PAUSED", "DRAFT", None])), max_size=6),
    st.lists(st.tuples(moments, moments), max_size=4),
    st.lists(st.tuples(moments, st.integers(0, 9)), max_size=30),
    moments,
)
def test_states_follow_each_other_without_gap_or_overlap(
    changes: list[tuple[datetime, str | None]],
    gaps: list[tuple[datetime, datetime]],
    samples: list[tuple[datetime, int]],
    now: datetime,
) -> None:
    changes.sort(key=lambda change: change[0])
    statuses = [Change(at, at, "ACTIVE", status) for at, status in changes]
    known = facts(statuses=statuses, gaps=[(min(gap), max(gap)) for gap in gaps], samples=samples)
    lanes = lanes_of(known, NIGHT, NIGHT + 24 * HOUR, now)
    edges = [(stretch.begins, stretch.ends) for stretch in lanes.states]
    if now <= NIGHT:
        assert edges == []
        return
    assert edges[0][0] == NIGHT
    assert edges[-1][1] == now
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    assert all(begins < ends for begins, ends in edges)


@pytest.mark.parametrize(("begins", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_days_on_which_clocks_change(begins: str, hours: int) -> None:
    start = datetime.fromisoformat(begins).replace(tzinfo=NEW_YORK).astimezone(UTC)
    all_week = [{"day": d, "startTime": "00:00", "endTime": "24:00"} for d in ("SUN",)]
    lanes = lanes_of(
        facts(schedule=SCHEDULE | {"dialingHours": all_week}), start, start + hours * HOUR, start + 48 * HOUR
    )
    assert [(s.ends - s.begins) / HOUR for s in lanes.sides[LaneKind.HOURS]] == [hours]

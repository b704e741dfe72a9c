"""Lanes are ranges of slots, whatever the rate."""

import math

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from campaigns.cxone.budget import Lane, lane_range

# As CXONE_RATE_PER_MINUTE may be.
RATES = integers(10, 10_000)


@pytest.mark.parametrize(
    ("lane", "slots"),
    [
        (Lane.BACKGROUND, range(1, 101)),
        (Lane.LONG_READ, range(1, 81)),
        (Lane.EVENTS, range(101, 141)),
        (Lane.BULK, range(36, 191)),
        (Lane.CLICK, range(1, 201)),
    ],
)
def test_lanes_of_two_hundred(lane: Lane, slots: range) -> None:
    assert lane_range(lane, 200) == slots


@pytest.mark.parametrize("rate", [10, 11, 37, 199, 600, 10_000])
def test_lanes_scale_with_rate(rate: int) -> None:
    background, bulk, click = (lane_range(lane, rate) for lane in (Lane.BACKGROUND, Lane.BULK, Lane.CLICK))
    assert click == range(1, rate + 1)
    assert background.start == 1 < bulk.start <= background.stop  # reads keep slots that no bulk takes
    assert background.stop < bulk.stop < click.stop  # and a click some that neither takes


@given(rate=RATES)
def test_events_take_a_fifth_at_most(rate: int) -> None:
    assert 0 < len(lane_range(Lane.EVENTS, rate)) <= math.ceil(rate / 5)


@given(rate=RATES)
def test_events_take_nothing_from_reads(rate: int) -> None:
    assert set(lane_range(Lane.EVENTS, rate)).isdisjoint(lane_range(Lane.BACKGROUND, rate))


@given(rate=RATES)
def test_long_reads_leave_some_to_other_background_reads(rate: int) -> None:
    long_read, background = lane_range(Lane.LONG_READ, rate), lane_range(Lane.BACKGROUND, rate)
    assert long_read.start == background.start
    assert long_read.stop < background.stop


@given(rate=RATES)
def test_events_leave_a_bulk_and_clicks_most(rate: int) -> None:
    events = len(lane_range(Lane.EVENTS, rate))
    assert 2 * events < len(lane_range(Lane.BULK, rate)) < len(lane_range(Lane.CLICK, rate))


def test_tiny_rate_leaves_none_empty() -> None:
    assert all(lane_range(lane, 1) for lane in Lane)

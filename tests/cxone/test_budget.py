"""Lanes are ranges of slots, whatever the rate."""

import pytest

from campaigns.cxone.budget import Lane, lane_range


@pytest.mark.parametrize(
    ("lane", "slots"),
    [(Lane.BACKGROUND, range(1, 101)), (Lane.BULK, range(36, 191)), (Lane.CLICK, range(1, 201))],
)
def test_lanes_of_two_hundred(lane: Lane, slots: range) -> None:
    assert lane_range(lane, 200) == slots


@pytest.mark.parametrize("rate", [10, 11, 37, 199, 600, 10_000])
def test_lanes_scale_with_rate(rate: int) -> None:
    background, bulk, click = (lane_range(lane, rate) for lane in (Lane.BACKGROUND, Lane.BULK, Lane.CLICK))
    assert click == range(1, rate + 1)
    assert background.start == 1 < bulk.start <= background.stop  # reads keep slots that no bulk takes
    assert background.stop < bulk.stop < click.stop  # and a click some that neither takes


def test_tiny_rate_leaves_none_empty() -> None:
    assert all(lane_range(lane, 1) for lane in Lane)

"""Calls begin and end by themselves, and drain when nobody dials."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from campaigns.simulator.traffic import Traffic, steady


def busy(calls: int = 80, call_seconds: float = 8.0) -> Traffic:
    return Traffic(lines=100, busy_share=0.75, call_seconds=call_seconds, calls=calls, at=0.0)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=20), st.integers())
def test_calls_stay_within_lines(steps: list[tuple[float, bool]], seed: int) -> None:
    traffic, rng, now = busy(), Random(seed), 0.0
    for elapsed, dialing in steps:
        now += elapsed
        traffic.advance(now, dialing, rng)
        assert 0 <= traffic.calls <= traffic.lines


def test_dialing_holds_its_level() -> None:
    traffic, rng = busy(), Random(1)
    seen = []
    for now in range(1, 200):
        traffic.advance(now, True, rng)
        seen.append(traffic.calls)
    assert 70 < sum(seen) / len(seen) < 80
    assert len(set(seen)) > 5


def test_calls_only_drain_while_paused() -> None:
    traffic, rng = busy(), Random(1)
    seen = [80]
    for now in range(1, 120):
        traffic.advance(now, False, rng)
        seen.append(traffic.calls)
    assert seen == sorted(seen, reverse=True)
    assert 20 < seen.index(0) < 80


def test_drain_halves_as_calls_end() -> None:
    traffic = busy(calls=100)
    traffic.advance(8.0, False, Random(1))
    assert 25 < traffic.calls < 50  # e⁻¹ of 100 is 37


def test_empty_campaign_dials_up_again() -> None:
    traffic = busy(calls=0)
    traffic.advance(60.0, True, Random(1))
    assert traffic.calls > 60


def test_past_time_changes_nothing() -> None:
    traffic = busy()
    traffic.advance(-5.0, False, Random(1))
    assert (traffic.calls, traffic.at) == (80, 0.0)


def test_steady_traffic_never_moves() -> None:
    traffic, rng = steady(57, 0.0), Random(1)
    counts = set()
    for now in range(100):
        traffic.advance(now, True, rng)
        counts.add(traffic.calls)
    assert counts == {57}

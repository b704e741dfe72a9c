"""Percentiles from buckets, against the sorted list of the values themselves."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.statistics.histogram import ERROR, Histogram

ROUNDING = 1e-9
# Durations as they come: whole milliseconds, and tenths of seconds as floats.
DURATIONS = st.one_of(
    st.integers(0, 10_000),
    st.integers(0, 2**53 - 1),
    st.floats(0, 1e9).filter(lambda value: value == 0 or value > 1e-6),
)
VALUES = st.lists(DURATIONS, min_size=1, max_size=200)
QS = st.sampled_from([0.01, 0.07, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0])


def of(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(VALUES, QS)
def test_percentile_within_stated_error(values: list[float], q: float) -> None:
    rank = math.ceil(round(q * len(values), 6))
    true = sorted(values)[rank - 1]
    told = of(values).percentile(q)
    assert told is not None
    assert abs(told - true) <= (ERROR + ROUNDING) * true


@given(VALUES, VALUES)
def test_merging_equals_adding(some: list[float], others: list[float]) -> None:
    merged = of(some)
    merged.merge(of(others))
    assert merged == of(some + others)


@given(VALUES, VALUES)
def test_stored_merges_the_same(some: list[float], others: list[float]) -> None:
    merged = of(some)
    merged.merge_stored(json.loads(json.dumps(of(others).stored())))
    assert merged == of(some + others)


@given(VALUES)
def test_several_percentiles_at_once(values: list[float]) -> None:
    histogram = of(values)
    assert histogram.percentiles(0.5, 0.99) == [histogram.percentile(0.5), histogram.percentile(0.99)]


def test_rank_of_exact_shares() -> None:
    values = [10.0**exponent for exponent in range(10)] * 10
    assert of(values).percentile(0.07) == of([1]).percentile(1)  # the 7th of a hundred, ten of which are 1


def test_zero_stays_zero() -> None:
    histogram = of([0, 0, 100])
    assert (histogram.percentile(0.5), histogram.count) == (0.0, 3)


def test_nothing_has_no_percentile() -> None:
    assert Histogram().percentile(0.5) is None


@pytest.mark.parametrize("value", [-1, math.inf, math.nan])
def test_no_duration_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no duration"):
        Histogram().add(value)

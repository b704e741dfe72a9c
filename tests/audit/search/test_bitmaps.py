"""Sets of places: what is put in comes out, however it is stored."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.search import bitmaps

PLACES = st.sets(st.integers(0, bitmaps.SIZE - 1), max_size=50).map(sorted)
FULL = list(range(bitmaps.SIZE))


def places_in(stored: bytes) -> list[int]:
    return list(bitmaps.numbers_in(bitmaps.union([stored]), downwards=False))


@given(st.lists(PLACES, max_size=4))
def test_union_holds_them_all(sets: list[list[int]]) -> None:
    union = bitmaps.union(bitmaps.extend(b"", places) for places in sets)
    assert list(bitmaps.numbers_in(union, downwards=False)) == sorted({place for places in sets for place in places})


@given(PLACES, PLACES)
def test_sets_grow(first: list[int], then: list[int]) -> None:
    assert places_in(bitmaps.extend(bitmaps.extend(b"", first), then)) == sorted({*first, *then})


@pytest.mark.parametrize("count", [0, 1, 2046, 2047, 2048, 2049, bitmaps.SIZE])
def test_few_and_many_read_alike(count: int) -> None:
    stored = bitmaps.extend(b"", FULL[:count])
    assert places_in(stored) == FULL[:count]
    assert len(stored) <= bitmaps.BYTES


@pytest.mark.parametrize("edge", [1, 2047, 2048])
def test_growth_past_the_edge_keeps_all(edge: int) -> None:
    stored = b""
    for begin, end in pairwise([0, edge, edge + 1, 5000]):
        stored = bitmaps.extend(stored, FULL[begin:end])
    assert places_in(stored) == FULL[:5000]


@given(PLACES)
def test_walks_go_both_ways(places: list[int]) -> None:
    bits = bitmaps.union([bitmaps.extend(b"", places)])
    assert list(bitmaps.numbers_in(bits, downwards=True)) == places[::-1]


@given(st.integers(0, 100), st.integers(0, 100))
def test_between_is_inclusive(first: int, last: int) -> None:
    assert list(bitmaps.numbers_in(bitmaps.between(first, last), downwards=False)) == list(range(first, last + 1))

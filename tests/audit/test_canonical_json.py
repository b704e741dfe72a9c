"""Our quick canonical JSON, held against the library for RFC 8785."""

from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from audit import canonical_json

# Where the two could differ: what is escaped, sorted or spelt in a way of its own.
TRICKY = st.sampled_from(
    ["\x00", "\x1f", "\x7f", "\x80", "\u2028", "\ufeff", "\ud800", "\ue000", "😀", '"', "\\", "/"]
)
TEXT = st.text(st.characters(exclude_categories=()) | TRICKY)
NUMBERS = st.integers(-(2**60), 2**60) | st.floats() | st.floats(-1e-3, 1e-3) | st.floats(1e14, 1e22)
JSONLIKE = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=10,
)


def written(value: object) -> bytes | None:
    try:
        return canonical_json.text(value).encode()
    except ValueError:
        return None


def expected(value: Any) -> bytes | None:
    try:
        return rfc8785.dumps(value)
    except ValueError:
        return None


@given(JSONLIKE)
@example({"\ue000": 1, "😀": 2})
@example([1e-7, 1e-4, 1e15, 1e16, 1e21, 1.0, -0.0, 0.1 + 0.2, 2**53 - 1, 2**53])
def test_same_bytes_as_the_library(value: object) -> None:
    assert written(value) == expected(value)


@given(TEXT)
def test_text_is_quoted_the_same(text: str) -> None:
    assert written(text) == expected(text)


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2))
def test_keys_are_sorted_the_same(value: dict[str, int]) -> None:
    assert written(value) == expected(value)


@pytest.mark.parametrize("value", [b"bytes", {1: "a"}, {"a"}, float("nan"), float("inf"), 2**53, object()])
def test_what_isnt_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json.text(value)

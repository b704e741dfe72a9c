"""The quick reading of a record's line agrees with the slow one, whatever the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import chain
from audit.evidence import lines
from tests.audit.evidence.files import body

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WHOLE = st.none() | st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    WHOLE | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def slowly(line: bytes) -> tuple[int, str] | None:
    try:
        return lines._read_slowly(line)
    except ValueError:
        return None


def quickly(line: bytes) -> tuple[int, str] | None:
    try:
        return lines.read_record(line)
    except ValueError:
        return None


@given(number=st.integers(1, 2**53 - 1), error=TEXT, latency_ms=WHOLE, details=st.dictionaries(TEXT, JSON, max_size=4))
def test_every_record_is_read(number: int, error: str, latency_ms: int | None, details: dict[str, object]) -> None:
    line = body(number, "a" * 64, error=error, latency_ms=latency_ms, details=chain.plain_json(details))
    assert lines.read_record(line) == lines._read_slowly(line) == (number, "a" * 64)


@given(place=st.integers(0, 2000), more=st.binary(max_size=3), less=st.integers(0, 3))
def test_changed_lines_are_judged_alike(place: int, more: bytes, less: int) -> None:
    line = body(7, "a" * 64)
    place %= len(line)
    changed = line[:place] + more + line[place + less :]
    assert quickly(changed) == slowly(changed)


@pytest.mark.parametrize(
    "spelling",
    [
        '"\\u0041"',
        '"\\/"',
        '"\\u001F"',
        '"\\u0009"',
        "1.0",
        "1e3",
        "-0",
        "01",
        "1E400",
        "[1, 2]",
        '{"b":1,"a":2}',
        "9007199254740993",
    ],
)
def test_other_spellings_are_refused(spelling: str) -> None:
    line = body(7, "a" * 64, details={"value": "here"}).replace(b'"here"', spelling.encode())
    assert quickly(line) is slowly(line) is None


@pytest.mark.parametrize("spelling", ["1.0", "1e3", "-0", "01", "1E400", "NaN", "9007199254740993"])
def test_other_numbers_are_refused(spelling: str) -> None:
    line = body(7, "a" * 64, details={"value": "here"}).replace(b'"here"', spelling.encode())
    assert quickly(line) is slowly(line) is None


@pytest.mark.parametrize("spelling", ['"\\u001f"', '"\\t"', "1e+30", "1e-7", "0.25", '"/"', '"\u2028"', '"😀"'])
def test_canonical_spellings_are_read(spelling: str) -> None:
    line = body(7, "a" * 64, details={"value": "here"}).replace(b'"here"', spelling.encode())
    assert quickly(line) == slowly(line) == (7, "a" * 64)

"""Cells that no spreadsheet takes for a formula, and that can be undone."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import csv_safe

HOSTILE = "=+-@＝＋－＠﹦−'\"“; \t\r\n\x00\x0b\xa0\u200b\u202e\ufeff,|a1"  # noqa: RUF001
TEXTS = st.text(HOSTILE, max_size=12) | st.text(max_size=30)
QUOTES = '"“”‘’«»`'  # noqa: RUF001
MARKS = "\u200b\u200e\u202e\u2060\ufeff\xad"


def begins_a_formula(cell: str) -> bool:
    """What a generous spreadsheet might take for one. An apostrophe that is seen first marks a text."""
    unseen = "".join(char for char in cell if unicodedata.category(char) in {"Cc", "Zs", "Zl", "Zp"} or char in MARKS)
    return unicodedata.normalize("NFKC", cell.lstrip(QUOTES + unseen))[:1] in {"=", "+", "-", "@", "\u2212"}


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\tplain",
        "  =1",
        "\"'=1",
        "“=1",
        "\ufeff=1",
        "\u202e=1",
        "＝1",  # noqa: RUF001
        "−1",  # noqa: RUF001
        "-2+3+cmd|' /C calc'!A0",
        "'quoted",
    ],
)
def test_dangerous_start_gets_an_apostrophe(text: str) -> None:
    assert csv_safe.defuse(text).startswith("'")


@pytest.mark.parametrize(
    "text", ["", "Spring", "c-1", "a=b", "3-4", "2026-11-22T10:00:00.000000Z", '{"a":-1,"b":"=1"}', "Zoë", "a; b\nc"]
)
def test_harmless_text_stays(text: str) -> None:
    assert csv_safe.defuse(text) == text


@pytest.mark.parametrize(("text", "cell"), [("a;=1", "a;'=1"), ("a\n\t-1", "a\n\t'-1"), ('a; "@x', "a;' \"@x")])
def test_danger_inside_gets_an_apostrophe(text: str, cell: str) -> None:
    assert csv_safe.defuse(text) == cell


@given(TEXTS)
def test_original_is_recovered(text: str) -> None:
    assert csv_safe.restore(csv_safe.defuse(text)) == text


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_no_cell_begins_a_formula(texts: list[str]) -> None:
    (cells,) = csv.reader(io.StringIO(csv_safe.render_csv([texts]), newline=""))
    assert not [cell for cell in cells if begins_a_formula(cell)]


@pytest.mark.parametrize("separator", [";", "\t"])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_no_piece_begins_a_formula(separator: str, texts: list[str]) -> None:
    """Opened with another separator than the comma, texts are cut inside."""
    lines = io.StringIO(csv_safe.render_csv([texts]), newline=None)
    pieces = [piece for line in lines for piece in line.rstrip("\n").split(separator)]
    assert not [piece for piece in pieces if begins_a_formula(piece)]


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=4))
def test_readers_get_every_cell_back(rows: list[list[str]]) -> None:
    read = csv.reader(io.StringIO(csv_safe.render_csv(rows), newline=""), strict=True)
    assert [[csv_safe.restore(cell) for cell in row] for row in read] == rows


CELLS = st.none() | st.integers() | TEXTS | st.sampled_from(["pause", "c-1", "", "x" * 20_000, "😀" * 20_000])


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_table_has_the_same_lines(rows: list[tuple[csv_safe.Cell, csv_safe.Cell]]) -> None:
    assert csv_safe.render_table(rows).decode() == csv_safe.render_csv(rows)


def test_numbers_stay_numbers() -> None:
    assert csv_safe.render_csv([[-5, 2.5, None, "-5"]]) == "-5,2.5,,'-5\r\n"


def test_quotes_are_doubled() -> None:
    assert csv_safe.render_csv([['say "x", then', "a\nb"]]) == '"say ""x"", then","a\nb"\r\n'

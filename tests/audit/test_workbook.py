"""The export as a workbook: every cell is what its record has, in whatever a spreadsheet would guess."""

import csv
import io
import os
import re
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from audit import cell_limit, chain, exports, ledger, queries, workbook
from audit.kinds import RecordKind
from audit.models import Record
from audit.workbook import Cell
from tests.audit.ledgers import append

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NAMES = ["number", "text"]
GUESSED = [
    "1E5",
    "00123",
    "2026-11-28",
    "12.03.2026",
    "1,5",
    "TRUE",
    "=1+1",
    "-7",
    "@SUM(A1)",
    "+49 30 1",
    "  padded ",
]
LONG = "day, " * 12_000


def pack(*rows: Sequence[object], names: Sequence[str] = NAMES) -> bytes:
    return b"".join(workbook.render_workbook(names, [rows]))  # type: ignore[list-item]  # numbers and texts


def sheets(file: bytes) -> list[list[list[Cell]]]:
    """What each sheet's cells hold, read by the standard and not by the library that wrote them."""
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        assert package.testzip() is None
        paths = sorted(name for name in package.namelist() if name.startswith("xl/worksheets/"))
        trees = [ET.fromstring(package.read(path)) for path in paths]  # noqa: S314 (written by us)
    return [[read_row(row) for row in tree.iter(f"{MAIN}row")] for tree in trees]


def read_row(row: ET.Element) -> list[Cell]:
    found: dict[int, Cell] = {}
    for cell in row:
        letters = re.match("[A-Z]+", cell.attrib["r"])
        assert letters
        found[ord(letters.group()) - ord("A")] = read_cell(cell)
    return [found.get(index) for index in range(max(found) + 1)] if found else []


def read_cell(cell: ET.Element) -> Cell:
    if cell.attrib.get("t") == "inlineStr":
        text = cell.findtext(f"{MAIN}is/{MAIN}t") or ""
        return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found.group(1), 16)), text)
    return int(cell.findtext(f"{MAIN}v") or "")


def test_text_stays_text() -> None:
    ((_, *rows),) = sheets(pack(*([number, text] for number, text in enumerate(GUESSED))))
    assert [row[1] for row in rows] == GUESSED


@given(st.text(max_size=20))
@example("\r\n\t\x00\x1f\ufffe")
@example("_x000D_ and _x005F_x0041_")
@example("<&>\"'")
def test_any_text_comes_back(text: str) -> None:
    ((_, row),) = sheets(pack([1, text]))
    assert row == ([1, text] if text else [1])


def test_numbers_are_numbers_and_long_ones_keep_their_digits() -> None:
    ((_, *rows),) = sheets(pack([1, 213], [2, -5], [3, 10**17 + 1], [4, None]))
    assert rows == [[1, 213], [2, -5], [3, str(10**17 + 1)], [4]]


def test_text_that_no_cell_holds_is_cut_with_a_pointer() -> None:
    ((_, row),) = sheets(pack([1, LONG]))
    assert isinstance(row[1], str)
    assert len(row[1]) <= cell_limit.LONGEST
    assert row[1].startswith("day, day, ")
    assert row[1].endswith("[cut here, 60,000 characters in all: the export as JSON lines has them]")


@given(st.integers(0, 33_000), st.integers(0, 17_000), st.integers(0, 33_000))
@example(32_767, 0, 0)
@example(32_768, 0, 0)
@example(1, 16_383, 0)
def test_length_is_counted_as_excel_does(before: int, pairs: int, behind: int) -> None:
    text = "a" * before + "\U0001f600" * pairs + "b" * behind
    units = before + 2 * pairs + behind
    fitted = cell_limit.fit(text)
    assert (fitted == text) == (units <= cell_limit.LONGEST)
    assert len(fitted.encode("utf-16-le")) // 2 <= cell_limit.LONGEST


def test_next_sheet_begins_where_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    file = pack(*([number, "x"] for number in range(5)))
    assert sheets(file) == [
        [["number", "text"], [0, "x"], [1, "x"]],
        [["number", "text"], [2, "x"], [3, "x"]],
        [["number", "text"], [4, "x"]],
    ]
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        assert re.findall(r'<sheet name="([^"]+)"', package.read("xl/workbook.xml").decode()) == [
            "Records 1",
            "Records 2",
            "Records 3",
        ]


def test_sheet_is_full_by_its_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LARGEST_SHEET", 5_000)
    assert len(sheets(pack(*([number, "x" * 2_000] for number in range(6))))) > 1


def test_memory_does_not_grow_with_the_rows() -> None:
    def rows(number: int) -> Iterator[list[list[Cell]]]:
        for _ in range(number):
            yield [[1, "x" * 500]] * 100

    peaks = []
    for number in (20, 200):
        tracemalloc.start()
        for _ in workbook.render_workbook(NAMES, rows(number)):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 300_000


def test_first_bytes_come_before_the_last_rows() -> None:
    asked: list[int] = []

    def blocks() -> Iterator[list[list[Cell]]]:
        for number in range(3):
            asked.append(number)
            yield [[number, "x"]]

    stream = workbook.render_workbook(NAMES, blocks())
    assert next(stream)
    assert asked == [0]
    stream.close()  # type: ignore[attr-defined]  # whoever downloads it gives up


@pytest.mark.django_db
@pytest.mark.data_layer
def test_export_has_the_records() -> None:
    append()
    with transaction.atomic():
        ledger.append(RecordKind.CAMPAIGN_APPEARED, by="", campaign_id="00123", campaign_name="1E5")
    export = exports.export(queries.select(), exports.Format.XLSX, by="rosa", filters={})
    ((header, first, second),) = sheets(b"".join(export.blocks))
    assert header == [*chain.FIELDS]
    assert first[: len(chain.FIELDS)][0] == 1
    named = dict(zip(header, second, strict=False))
    assert (named["campaign_id"], named["campaign_name"]) == ("00123", "1E5")
    assert Record.objects.get(kind=RecordKind.EXPORT_MADE).sentence == (
        "rosa exported 2 audit records as an Excel workbook."
    )


@pytest.fixture
def soffice() -> str:
    found = shutil.which("soffice")
    if found is None:
        reason = "No LibreOffice was found. Install it: apt-get install libreoffice-calc-nogui."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.mark.parametrize("locale", ["en_US.UTF-8", "de_DE.UTF-8"])
def test_libreoffice_shows_what_was_written(soffice: str, tmp_path: Path, locale: str) -> None:
    texts = [*GUESSED, "a\nb\tc", "_x000D_", 'say "x"; y', "😀", "\x01"]
    (tmp_path / "export.xlsx").write_bytes(pack(*([number, text] for number, text in enumerate(texts))))
    subprocess.run(
        [
            soffice,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            # Comma, quotes, UTF-8, from the first line, all texts quoted, cells as they are and not as they are shown.
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "export.xlsx"),
        ],
        env={**os.environ, "LC_ALL": locale},
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (tmp_path / "export.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [NAMES, *([str(number), text] for number, text in enumerate(texts))]

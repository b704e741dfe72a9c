"""Workbooks (.xlsx), streamed in constant memory, in which every text stays exactly as it is.

A spreadsheet that opens a CSV guesses: `1E5` and `00123` become numbers, some texts become dates, and whether commas
separate columns depends on the reader's country. In a workbook each cell has a type.

XlsxWriter writes everything around the rows. The rows are written here, since XlsxWriter outputs nothing before it has
the last one. Source: Office Open XML (ECMA-376, part 1, 18.3 and 22.9.2.19), within Excel's limits.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from audit.cell_limit import MOST_ROWS, fit

Cell = str | int | float | None

# Bytes of an uncompressed sheet. Beyond two gigabytes it would need zip64 in a form that not every Excel reads.
LARGEST_SHEET = 2**30
# Excel keeps 15 digits of a number. Longer ones are written as text.
LARGEST_NUMBER = 10**15
SHEET_PATH = "xl/worksheets/sheet{}.xml"

# Characters that XML can't contain, and the carriage return, which XML reads as a line feed. A workbook writes them as
# _xHHHH_ (22.9.2.19), so the first underscore of a text that looks like that is escaped too.
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class _Sink(io.RawIOBase):
    """A buffer of the bytes written since the last `take`. It can't seek, so zipfile writes sizes after each file."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        return taken


class _Sheet:
    """One sheet in the package, which begins with a row of names."""

    def __init__(self, package: zipfile.ZipFile, number: int, names: Sequence[str]) -> None:
        # Not for every process: few export anything, and it takes 2 MB.
        from xlsxwriter.utility import xl_col_to_name

        self.number = number
        self._columns = [xl_col_to_name(index) for index in range(len(names))]
        head, self._foot = _surroundings(names)
        self._file = package.open(SHEET_PATH.format(number), "w")
        self._file.write(head)
        self._rows, self._size = 1, len(head)

    @property
    def is_full(self) -> bool:
        return self._rows >= MOST_ROWS or self._size >= LARGEST_SHEET

    def add(self, row: Sequence[Cell]) -> None:
        self._rows += 1
        cells = [
            _write_cell(f"{column}{self._rows}", cell)
            for column, cell in zip(self._columns, row, strict=True)
            if cell is not None and cell != ""
        ]
        data = f'<row r="{self._rows}">{"".join(cells)}</row>'.encode()
        self._size += self._file.write(data)

    def close(self) -> None:
        if not self._file.closed:
            self._file.write(self._foot)
            self._file.close()


def render_workbook(names: Sequence[str], blocks: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[bytes]:
    """The bytes of a workbook with these rows, below a row of `names` on each sheet.

    Numbers become numbers, None an empty cell, everything else text. When a sheet is full, another one begins.
    """
    sink = _Sink()
    # The fastest compression: even so it takes a third of the time, and it halves the file.
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        sheet = _Sheet(package, 1, names)
        try:
            for block in blocks:
                for row in block:
                    if sheet.is_full:
                        sheet.close()
                        sheet = _Sheet(package, sheet.number + 1, names)
                    sheet.add(row)
                yield sink.take()
        finally:
            # zipfile can't close a package with an open file in it, even if the download was abandoned.
            sheet.close()
        for name, data in _parts(names, sheets=sheet.number).items():
            if not name.startswith("xl/worksheets/"):
                package.writestr(name, data)
    yield sink.take()


def _write_cell(reference: str, cell: Cell) -> str:
    if isinstance(cell, int | float) and abs(cell) < LARGEST_NUMBER:
        return f'<c r="{reference}"><v>{cell}</v></c>'
    text = escape(_SPECIAL.sub(_escape, fit(str(cell))), quote=False)
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _escape(found: re.Match[str]) -> str:
    return f"_x{ord(found.group()):04X}_"


def _surroundings(names: Sequence[str]) -> tuple[bytes, bytes]:
    """The bytes of a sheet before its second row and after its last one."""
    sheet = _parts(names, sheets=1)[SHEET_PATH.format(1)]
    # The optional <dimension> states the range of cells, which isn't known yet.
    sheet = re.sub(rb"<dimension [^>]*/>", b"", sheet)
    head, end, foot = sheet.partition(b"</sheetData>")
    return head, end + foot


def _parts(names: Sequence[str], *, sheets: int) -> dict[str, bytes]:
    """The files by name of a workbook with this many sheets, each of which has only a row of names."""
    import xlsxwriter

    package = io.BytesIO()
    # In constant memory mode, texts are in the sheets themselves instead of a table that all sheets share.
    with xlsxwriter.Workbook(package, {"constant_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True})
        for number in range(1, sheets + 1):
            sheet = workbook.add_worksheet(f"Records {number}" if sheets > 1 else "Records")
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(names) - 1, 20)
            sheet.write_row(0, 0, names, bold)
    with zipfile.ZipFile(package) as read:
        return {name: read.read(name) for name in read.namelist()}

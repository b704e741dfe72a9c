"""Speed and memory of exports of the whole ledger, compared with the plain way in Django.

    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.exports        # the ledger that benchmarks.million has filled
    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.exports

Each way runs in its own process, since a peak of memory is that of a whole process; the output is discarded. The
yardstick is `json.dumps` over `values().iterator()`, and `csv.writer` over `values_list().iterator()`: its CSV isn't
safe to open in a spreadsheet, and its cursor stays open until the end. For a workbook it is XlsxWriter in constant
memory mode. CPU is the time of this process, whatever else the machine does, without PostgreSQL's.
"""

import csv
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable

from benchmarks import process

# Rows of a sheet in Excel.
MOST_ROWS = 1_048_576


def _export(form: str) -> Iterable[bytes]:
    from audit import exports, queries

    return exports.export(queries.select(), exports.Format(form), by="benchmark", filters={}).blocks


def _plain_jsonl() -> Iterable[bytes]:
    from audit import chain
    from audit.models import Record

    for values in Record.objects.order_by("number").values(*chain.FIELDS).iterator():
        yield f"{json.dumps(values, default=str)}\n".encode()


def _plain_csv() -> Iterable[bytes]:
    from audit import chain
    from audit.models import Record

    lines: list[str] = []
    writer = csv.writer(_Lines(lines))
    for values in Record.objects.order_by("number").values_list(*chain.FIELDS).iterator():
        writer.writerow(values)
        yield lines.pop().encode()


def _plain_xlsx() -> Iterable[bytes]:
    import xlsxwriter

    from audit import chain
    from audit.models import Record

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        # To a file, since XlsxWriter outputs nothing before the last row is written.
        with xlsxwriter.Workbook(file.name, {"constant_memory": True, "strings_to_formulas": False}) as workbook:
            sheet = workbook.add_worksheet()
            rows = Record.objects.order_by("number").values_list(*chain.FIELDS)[:MOST_ROWS].iterator()
            for number, values in enumerate(rows):
                sheet.write_row(number, 0, [value if isinstance(value, int) else str(value) for value in values])
        yield from iter(lambda: file.read(2**16), b"")


class _Lines:
    """A file object that collects lines in a list."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _nothing() -> Iterable[bytes]:
    return []


WAYS: dict[str, Callable[[], Iterable[bytes]]] = {
    "JSON lines": lambda: _export("jsonl"),
    "  yardstick": _plain_jsonl,
    "CSV": lambda: _export("csv"),
    "  yardstick, not safe": _plain_csv,
    "Workbook": lambda: _export("xlsx"),
    "  yardstick, XlsxWriter": _plain_xlsx,
    "nothing (Django itself)": _nothing,
}


def main() -> None:
    if len(sys.argv) > 1:
        _measure(sys.argv[1])
        return
    print(f"{'':26}{'seconds':>9}{'CPU':>9}{'records/s':>12}{'MB':>8}{'peak RSS':>11}{'first byte':>13}")
    for way in WAYS:
        if process.run_apart("benchmarks.exports", way):
            sys.exit(1)


def _measure(way: str) -> None:
    process.begin()
    from audit.models import Record

    records = Record.objects.count()
    begun = time.perf_counter()
    (first, size), seconds, cpu = process.timed(lambda: _drain(WAYS[way]()))
    rate = f"{records / seconds:,.0f}" if size else ""
    figures = f"{seconds:>7.1f} s{cpu:>7.1f} s{rate:>12}{size / 1e6:>8,.0f}{process.peak_memory():>8,.0f} MB"
    print(f"{way:26}{figures}{(first - begun) * 1000 if size else 0:>10,.0f} ms")


def _drain(blocks: Iterable[bytes]) -> tuple[float, int]:
    """The time of the first byte (by perf_counter), and the number of bytes."""
    first, size = 0.0, 0
    for block in blocks:
        first = first or time.perf_counter()
        size += len(block)
    return first, size


if __name__ == "__main__":
    main()

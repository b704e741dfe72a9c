"""Speed and memory of exports of the whole ledger, compared with the plain way in Django.

    .venv/bin/python -m benchmarks.exports                            # a million records on SQLite, then on PostgreSQL
    .venv/bin/python -m benchmarks.exports --records 100000
    .venv/bin/python -m benchmarks.exports --quick                    # 20,000 on SQLite
    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.exports --here # what benchmarks.million has filled

Each way runs in its own process, since a peak of memory is that of a whole process; the output is discarded. They take
turns, `ROUNDS` times. The yardstick is `json.dumps` over `values().iterator()`, for CSV as well: `csv.writer` over
`values_list().iterator()`, which is printed too, isn't safe to open in a spreadsheet, and its cursor stays open until
the end. For a workbook it is XlsxWriter in constant memory mode. CPU is that of the process and of PostgreSQL's
backend. The ledger has a checkpoint, as it has in operation since at most five minutes before.
"""

import argparse
import csv
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks import process
from benchmarks.figures import Figure, report

RECORDS = 1_000_000
QUICK = 20_000
ROUNDS = 3
# Rows of a sheet in Excel.
MOST_ROWS = 1_048_576
# Of the yardstick's CPU, and seconds.
MOST_JSONL, MOST_CSV, MOST_FIRST = 0.3, 0.45, 0.2


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


WAYS: dict[str, Callable[[], Iterable[bytes]]] = {
    "JSON lines": lambda: _export("jsonl"),
    "yardstick": _plain_jsonl,
    "CSV": lambda: _export("csv"),
    "plain CSV": _plain_csv,
    "workbook": lambda: _export("xlsx"),
    "XlsxWriter": _plain_xlsx,
}
# Those that take seconds of CPU for each 10,000 records, and have no target.
SLOW = {"workbook", "XlsxWriter"}

Measured = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure exports of the whole ledger.")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--way", choices=WAYS)
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(_measure(arguments.way)))
        return 0
    if arguments.here:
        return _measure_here(quick=arguments.quick)
    if arguments.quick:
        return process.run_on_sqlite("benchmarks.fill_and", "exports", str(QUICK), "--here", "--quick")
    return process.run_on_both("benchmarks.fill_and", "exports", str(arguments.records), "--here")


def _measure_here(*, quick: bool) -> int:
    ways = [way for way in WAYS if way not in SLOW or not quick]
    rounds = [{way: _apart(way) for way in ways} for _ in range(1 if quick else ROUNDS)]
    found: dict[str, Measured] = {}
    print(f"\n{'':14}{'CPU':>9}{'records/s':>12}{'MB':>8}{'peak RSS':>11}{'first byte':>13}")
    for way in ways:
        measured = [each[way] for each in rounds]
        found[way] = {key: statistics.median(each[key] for each in measured) for key in measured[0] if key != "where"}
        one = found[way]
        rate = one["records"] / one["seconds"]
        print(f"{way:14}{one['cpu']:>7.1f} s{rate:>12,.0f}{one['bytes'] / 1e6:>8,.0f}{one['peak']:>8,.0f} MB", end="")
        print(f"{one['first'] * 1000:>10,.0f} ms", flush=True)
    where = str(rounds[0][ways[0]]["where"])
    records, yardstick = int(found["JSON lines"]["records"]), found["yardstick"]["cpu"]
    over = f"over values().iterator(), {records:,}"
    return report(
        [
            Figure(f"JSON lines {over}", found["JSON lines"]["cpu"] / yardstick, "x", where, target=MOST_JSONL),
            Figure(f"CSV {over}", found["CSV"]["cpu"] / yardstick, "x", where, target=MOST_CSV),
            Figure(f"first byte, {records:,}", found["JSON lines"]["first"], "s", where, target=MOST_FIRST),
        ]
    )


def _apart(way: str) -> Measured:
    measured: Measured = json.loads(process.read_apart("benchmarks.exports", "--way", way))
    return measured


def _measure(way: str) -> Measured:
    process.begin()
    from django.db import connection

    from audit.models import Record

    records = Record.objects.count()
    before, begun = process.database_seconds(), time.perf_counter()
    (first, size), seconds, cpu = process.timed(lambda: _drain(WAYS[way]()))
    return {
        "where": "SQLite" if connection.vendor == "sqlite" else "PostgreSQL",
        "records": records,
        "seconds": seconds,
        "cpu": cpu + process.database_seconds() - before,
        "bytes": size,
        "peak": process.peak_memory(),
        "first": first - begun,
    }


def _drain(blocks: Iterable[bytes]) -> tuple[float, int]:
    """The time of the first byte (by perf_counter), and the number of bytes."""
    first, size = 0.0, 0
    for block in blocks:
        first = first or time.perf_counter()
        size += len(block)
    return first, size


if __name__ == "__main__":
    sys.exit(main())

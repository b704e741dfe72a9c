"""How fast everything is exported, and in how much memory, beside Django's own plain way.

    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.exports        # the ledger that benchmarks.million has filled
    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.exports

Each way runs in a process of its own, since what a process has once taken it keeps; what it writes is thrown away.
The yardstick is `json.dumps` over `values().iterator()`, and `csv.writer` over `values_list().iterator()`: its CSV
isn't safe to open in a spreadsheet, and its cursor stays open until the end. CPU is what the export costs by itself,
whatever else the machine does; on PostgreSQL the database's own share is not in it.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


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


class _Lines:
    """A file that keeps lines in a list."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _nothing() -> Iterable[bytes]:
    return []


WAYS: dict[str, Callable[[], Iterable[bytes]]] = {
    "JSON lines": lambda: _export("jsonl"),
    "  yardstick": _plain_jsonl,
    "CSV": lambda: _export("csv"),
    "  yardstick, not safe": _plain_csv,
    "nothing (Django itself)": _nothing,
}


def main() -> None:
    if len(sys.argv) > 1:
        _measure(sys.argv[1])
        return
    print(f"{'':26}{'seconds':>9}{'CPU':>9}{'records/s':>12}{'MB':>8}{'peak RSS':>11}{'first byte':>13}")
    for way in WAYS:
        subprocess.run([sys.executable, "-m", "benchmarks.exports", way], check=True)


def _measure(way: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")
    import django

    django.setup()
    from audit.models import Record

    records = Record.objects.count()
    begun, worked = time.perf_counter(), time.process_time()
    first, size = 0.0, 0
    for block in WAYS[way]():
        first = first or time.perf_counter() - begun
        size += len(block)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = f"{records / seconds:,.0f}" if size else ""
    print(
        f"{way:26}{seconds:>7.1f} s{cpu:>7.1f} s{rate:>12}{size / 1e6:>8,.0f}{peak:>8,.0f} MB{first * 1000:>10,.0f} ms"
    )


if __name__ == "__main__":
    main()

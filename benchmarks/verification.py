"""The CPU of a complete verification, over a bare SHA-256 of the same stored bytes.

    .venv/bin/python -m benchmarks.verification           # a million records on SQLite, then on PostgreSQL
    .venv/bin/python -m benchmarks.verification --records 100000
    .venv/bin/python -m benchmarks.verification --quick   # 20,000 on SQLite
    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.verification --here # what benchmarks.million has filled

The yardstick reads the bodies from the same database in this process and hashes them. Both take turns. CPU is that of
all processes together, those of PostgreSQL's sessions included.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median

from benchmarks import process
from benchmarks.figures import Figure, report

RECORDS = 1_000_000
QUICK = 20_000
MOST = 3.0
ROUNDS = 3
AT_ONCE = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure a complete verification.")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.here:
        return _measure_here()
    if arguments.quick:
        return process.run_on_sqlite("benchmarks.fill_and", "verification", str(QUICK), "--here")
    return process.run_on_both("benchmarks.fill_and", "verification", str(arguments.records), "--here")


def _measure_here() -> int:
    process.begin()
    from django.db import connection

    ways: dict[str, Callable[[], int]] = {"verification": _verify, "bare SHA-256": _hash}
    times: dict[str, list[float]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, walk in ways.items():
            begun, before = time.perf_counter(), _processor()
            records = walk()
            times[name].append(time.perf_counter() - begun)
            worked[name].append(_processor() - before)
    print(f"\n{records:,} records on {connection.vendor}, {os.cpu_count()} cores; {ROUNDS} rounds")
    for name, found in times.items():
        print(f"{name:14}{median(found):>8.2f} s{median(worked[name]):>10.2f} s of CPU", end="")
        print(f"{records / median(found):>12,.0f} records/s")
    where = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    verification, bare = (median(found) for found in worked.values())
    return report(
        [Figure(f"verification over bare SHA-256, {records:,}", verification / bare, "x", where, target=MOST)]
    )


def _processor() -> float:
    """CPU seconds of this process, of its child processes that have ended, and of PostgreSQL.

    Sessions of processes that have ended count only there, so that of the whole server is taken, which has nothing
    else to do.
    """
    from django.db import connection

    # The fifth value is elapsed time.
    own = sum(os.times()[:4])
    if connection.vendor != "postgresql":
        return own
    return own + _server_seconds()


def _server_seconds() -> float:
    """Of PostgreSQL's main process with all sessions that have ended, and of those that are there."""
    from django.db import connection

    connection.ensure_connection()
    session = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    main = Path(f"/proc/{session[1]}/stat").read_text().rpartition(")")[2].split()
    # utime and stime of this session; cutime and cstime of the main process.
    ticks = int(session[11]) + int(session[12]) + int(main[13]) + int(main[14])
    return ticks / os.sysconf("SC_CLK_TCK")


def _verify() -> int:
    from audit.integrity.chain_walk import verify_chain

    verdict = verify_chain()
    if verdict.first_break:
        sys.exit(f"The ledger doesn't hold: at record {verdict.first_break.number}, {verdict.first_break.fault}.")
    return verdict.records


def _hash() -> int:
    from django.db import connection

    hashed = 0
    with connection.cursor() as cursor:
        while True:
            bounds = [hashed, hashed + AT_ONCE]
            cursor.execute("SELECT body FROM audit_record WHERE number > %s AND number <= %s ORDER BY number", bounds)
            bodies = cursor.fetchall()
            for (body,) in bodies:
                sha256(body).hexdigest()
            hashed += len(bodies)
            if len(bodies) < AT_ONCE:
                return hashed


if __name__ == "__main__":
    sys.exit(main())

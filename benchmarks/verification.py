"""The time of a complete verification, compared with a bare SHA-256 over the same stored bytes.

    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.verification
    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.verification

It uses the ledger that benchmarks/million.py has created. The yardstick reads the bodies from the same database in
this process and hashes them. Both take turns. Processor time is that of all processes together, which on a busy
machine is more reliable than the clock. The exit status is 1 if a million records take longer than ten seconds on
SQLite.
"""

import os
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from statistics import median

from benchmarks import process

# Seconds for a million records, on SQLite.
TARGET = 10.0
ROUNDS = 3
AT_ONCE = 10_000


def main() -> int:
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
    cores = os.cpu_count() or 1
    print(f"{records:,} records on {connection.vendor}, {cores} cores; {ROUNDS} rounds")
    print(f"{'':14}{'median':>10}{'best':>10}{'processor':>12}")
    for name, found in times.items():
        figures = f"{median(found):>8.2f} s{min(found):>8.2f} s{median(worked[name]):>10.2f} s"
        print(f"{name:14}{figures}{records / median(found):>12,.0f} records/s")
    verification, bare = (median(found) for found in times.values())
    print(f"ratio of the medians: {verification / bare:.1f}")
    if connection.vendor != "sqlite":
        return 0
    missed = verification > TARGET * records / 1_000_000
    print(f"target: {TARGET:.0f} s for a million records: {'MISSED' if missed else 'met'}")
    return int(missed)


def _processor() -> float:
    """CPU seconds of this process and of its child processes that have ended."""
    # The fifth value is elapsed time.
    return sum(os.times()[:4])


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

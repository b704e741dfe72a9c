"""All figures that have a target, in one table.

    make bench                  # an hour or so, on SQLite and on PostgreSQL with Redis
    make bench BASE=43e0a93     # each beside the same figure of that version, which is built first
    make bench-quick            # a minute or so, without an earlier version: whether anything has gone far astray

The exit status is 1 if a benchmark failed, and 0 if it only missed its target: the table says which did.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import earlier, figures, process

# In the order of the table.
MODULES = (
    "click_to_put",
    "many_pauses",
    "full_read",
    "click_while_reading",
    "list_refresh",
    "people",
    "audit_pages",
    "exports",
    "verification",
    "memory",
    "scale_out",
)
# A read at 60 requests a minute takes minutes, however small the rest is; so do two installations.
NOT_QUICK = ("click_while_reading", "scale_out")


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure all that has a target.")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    arguments = parser.parse_args()
    modules = arguments.modules or [each for each in MODULES if not (arguments.quick and each in NOT_QUICK)]
    failed = []
    with tempfile.TemporaryDirectory() as directory:
        collected = Path(directory, "figures")
        collected.touch()
        environment = {**os.environ, "FIGURES": str(collected), "BASE": str(earlier.checkout() or "")}
        for module in modules:
            begun = time.monotonic()
            print(f"\n--- {module} ---", flush=True)
            options = ("--quick",) if arguments.quick else ()
            status = process.run_apart(f"benchmarks.{module}", *options, environment=environment)
            if status not in {0, figures.MISSED}:
                failed.append(module)
            print(f"({time.monotonic() - begun:.0f} s)")
        print(f"\n{figures.as_table(figures.read_collected(collected))}")
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())

"""Fill a new ledger, write its checkpoint, and run a benchmark on it: `fill_and exports 100000 --here`.

The benchmarks of large ledgers run this in a new database. It is none by itself.
"""

import sys

from benchmarks import large_ledger, million, process


def main() -> int:
    module, records, *arguments = sys.argv[1:]
    process.begin()
    from django.core.management import call_command
    from django.db import connection

    from audit.integrity import checkpoints

    call_command("migrate", verbosity=0)
    fill = large_ledger.fill if connection.vendor == "postgresql" else million.fill
    fill(int(records))
    checkpoints.write()
    connection.close()
    return process.run_apart(f"benchmarks.{module}", *arguments)


if __name__ == "__main__":
    sys.exit(main())

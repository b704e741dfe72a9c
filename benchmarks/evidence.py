"""The cost of creating an evidence file of the whole ledger and of checking it, compared with a bare SHA-256.

    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.million
    VAR_DIR=/tmp/ledger .venv/bin/python -m benchmarks.evidence /tmp/evidence.zip   # or with DATABASE_URL

The yardstick hashes the same bytes once: read from the database for creating, and from the file for checking. On a
busy machine, CPU time is more reliable than the clock. Memory is the peak of the process.
"""

import argparse
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmarks import process

if TYPE_CHECKING:
    from audit.evidence.stored import Row

Result = TypeVar("Result")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make and check an evidence file of the whole ledger.")
    parser.add_argument("file", type=Path, help="where to write it; it must not exist yet")
    file: Path = parser.parse_args().file
    process.begin()
    from audit import queries
    from audit.evidence import checking, ranges, saving, stored, writing

    numbers = ranges.check_range(None)
    print(f"{numbers.last:,} records, peak memory {process.peak_memory():.0f} MiB before anything is done")
    # Creating the file only measures it; its bytes are read a second time when they are saved.
    evidence = _timed("first reading: measure, check, sign", lambda: writing.make_file(None, by="benchmark"))
    _timed("second reading: hand out, to a disk", lambda: saving.save_file(evidence, file))
    _timed("yardstick: the same rows read and hashed once", lambda: _hash_rows(stored.read_chunks(numbers)))
    print(f"peak memory {process.peak_memory():.0f} MiB, chunks of {queries.CHUNK}")
    verdict = _timed("check the file", lambda: checking.check_file(file))
    _timed("yardstick: the file hashed once", lambda: _hash_file(file))
    print(f"peak memory {process.peak_memory():.0f} MiB; {file.stat().st_size / 2**20:.0f} MiB, ok: {verdict.ok}")


def _timed(what: str, do: Callable[[], Result]) -> Result:
    result, seconds, processor = process.timed(do)
    print(f"{seconds:8.2f} s, {processor:6.2f} s of a processor: {what}")
    return result


def _hash_rows(chunks: "Iterable[list[Row]]") -> None:
    whole = hashlib.sha256()
    for rows in chunks:
        for _, _, _, body in rows:
            whole.update(body)


def _hash_file(file: Path) -> None:
    with file.open("rb") as opened:
        hashlib.file_digest(opened, "sha256")


if __name__ == "__main__":
    main()

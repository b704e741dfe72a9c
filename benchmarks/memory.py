"""What the product costs once `up` has started it: memory of all its processes, and the CPU of its starts.

    .venv/bin/python -m benchmarks.memory               # SQLite in one process, and PostgreSQL with Redis if
                                                        # TEST_DATABASE_URL and TEST_REDIS_URL are set
    BASE=43e0a93 .venv/bin/python -m benchmarks.memory

Each version has a database of its own, and they take turns. A cold start is one in an empty folder, on SQLite until
the first page is there. Each later one is measured until the product has read CXone: CPU is that of all its processes,
with those that ended. Memory is the sum of their proportional set sizes (PSS), in which a page that several share
counts once, a few seconds later. The simulated CXone has 1,000 campaigns and isn't counted.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks import earlier
from benchmarks.figures import Figure, report
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import Group, wait_until
from tests.processes.product import environment_in, free_port

ROUNDS = 3
COLD_PATIENCE = 300
# After the read: what is done once after a start is done by then.
SETTLED_SECONDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


class Shape(NamedTuple):
    """How the product runs. `most_mb`: PSS of all its processes."""

    where: str
    most_mb: float


ONE_PROCESS = Shape("SQLite", 90)
WITH_REDIS = Shape("PostgreSQL", 400)
# Of the earlier version's CPU.
MOST_OF_START = 0.6


class Start(NamedTuple):
    memory_mb: float
    processor_seconds: float


class Version:
    """A version of the product, with all that it keeps."""

    def __init__(self, tree: Path, settings: dict[str, str], resources: ExitStack) -> None:
        self._tree = tree
        self._directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        self._environment = environment_in(self._directory, tree) | settings

    def start_cold(self) -> float:
        """Start it in an empty folder, and kill it. CPU seconds until the first page is there."""
        with tempfile.TemporaryDirectory() as directory:
            port = free_port()
            group = self._run_up(port, self._environment | {"VAR_DIR": str(Path(directory) / "var")})
            try:
                wait_until(lambda: _answers(port), lambda: f"there is no page:\n{group.log[-3000:]}", COLD_PATIENCE)
                return sum(_processor_seconds(pid) for pid in group.members())
            finally:
                group.kill()

    def start(self) -> Start:
        """Start it, measure it, and kill it."""
        begun, port = time.monotonic(), free_port()
        group = self._run_up(port, self._environment)
        try:
            wait_until(lambda: _has_read(port, group, begun), lambda: f"the product isn't ready:\n{group.log[-3000:]}")
            processor = sum(_processor_seconds(pid) for pid in group.members())
            time.sleep(SETTLED_SECONDS)
            if "-v" in sys.argv:
                _print_members(group)
            return Start(sum(_memory_mb(pid) for pid in group.members()), processor)
        finally:
            group.kill()

    def _run_up(self, port: int, environment: dict[str, str]) -> Group:
        log = self._directory / "up.log"
        log.unlink(missing_ok=True)
        up = [earlier.python_of(self._tree), "manage.py", "up", "--port", str(port)]
        return Group(["env", "-C", str(self._tree), *up], environment, log)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/accounts/login/", timeout=30, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _has_read(port: int, group: Group, begun: float) -> bool:
    """Whether CXone was read since the start began."""
    assert group.runs, f"up has ended:\n{group.log[-3000:]}"
    try:
        told = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, trust_env=False).json()
    except (httpx.TransportError, ValueError):
        return False
    age = told.get("last_good_read_seconds")
    return age is not None and age < time.monotonic() - begun


def _processor_seconds(pid: int) -> float:
    """With its children that have ended."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, numbers[11:15])) / TICKS


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _print_members(group: Group) -> None:
    for pid in group.members():
        words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        print(f"{_memory_mb(pid):7.1f} MB {_processor_seconds(pid):6.2f} s {words[-90:]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one start, in one process")
    parser.add_argument("-v", action="store_true", help="print each process")
    options = parser.parse_args()
    return report(list(_measure_all(1 if options.quick else ROUNDS, on_both=not options.quick)))


def _measure_all(rounds: int, *, on_both: bool) -> Iterator[Figure]:
    trees = [Path(__file__).parents[1], *filter(None, [earlier.checkout()])]
    with ExitStack() as resources:
        yield from _measure(ONE_PROCESS, trees, [{} for _ in trees], rounds)
        if on_both and os.environ.get("TEST_DATABASE_URL"):
            places = [
                {
                    "DATABASE_URL": resources.enter_context(servers.database()),
                    "REDIS_URL": resources.enter_context(servers.empty_redis()),
                }
                for _ in trees
            ]
            yield from _measure(WITH_REDIS, trees, places, rounds)


def _measure(shape: Shape, trees: list[Path], settings: list[dict[str, str]], rounds: int) -> Iterator[Figure]:
    with ExitStack() as resources:
        directory = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        cxone = resources.enter_context(closing(SimulatedCXone(directory, "--rate", "0")))
        cxone.start()
        versions = [Version(tree, own | cxone.settings, resources) for tree, own in zip(trees, settings, strict=True)]
        for version in versions:
            version.start()
        if shape is ONE_PROCESS:
            yield _cold(versions, rounds)
        starts = [[version.start() for version in versions] for _ in range(rounds)]
    memory = [statistics.median(each[side].memory_mb for each in starts) for side in range(len(trees))]
    processor = [statistics.median(each[side].processor_seconds for each in starts) for side in range(len(trees))]
    base_memory, base_processor = (memory[1], processor[1]) if len(trees) > 1 else (None, None)
    yield Figure("memory of all processes (PSS)", memory[0], "MB", shape.where, shape.most_mb, base_memory)
    most = MOST_OF_START * base_processor if base_processor else None
    yield Figure("second start, CPU", processor[0], "s", shape.where, most, base_processor)


def _cold(versions: list[Version], rounds: int) -> Figure:
    starts = [[version.start_cold() for version in versions] for _ in range(rounds)]
    processor, *base = [statistics.median(each) for each in zip(*starts, strict=True)]
    most = MOST_OF_START * base[0] if base else None
    return Figure("cold start until the first page, CPU", processor, "s", "SQLite", most, base[0] if base else None)


if __name__ == "__main__":
    sys.exit(main())

"""Processes of a benchmark: Django begun in one, one for each database, and what one has cost."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

ROOT = Path(__file__).parents[1]
T = TypeVar("T")


class Timed(NamedTuple, Generic[T]):
    """What work gave back; seconds by the clock, and of a processor in this process alone."""

    found: T
    seconds: float
    processor: float


def begin(settings: str = "cxadmin.settings") -> None:
    """Make Django ready, with these settings unless DJANGO_SETTINGS_MODULE names others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    from cxadmin import entry_point

    entry_point.prepare()


def run_apart(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> int:
    """Run a module in a process of its own: settings are read once a process. Its exit status."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment, check=False, cwd=ROOT).returncode


def run_on_both(module: str, *arguments: str) -> int:
    """Run a module on a new SQLite database, then on a new one of PostgreSQL (at TEST_DATABASE_URL), both of which are
    dropped. The higher exit status.
    """
    from tests.processes import servers  # with half of what the tests want, which would count as memory
    from tests.processes.product import environment_in

    with tempfile.TemporaryDirectory() as directory, servers.database() as postgresql:
        environment = environment_in(Path(directory))
        databases = ({"DATABASE_URL": address} for address in ("", postgresql))
        return max([run_apart(module, *arguments, environment=environment | each) for each in databases])


def timed(work: Callable[[], T]) -> Timed[T]:
    """Do it, and say how long it took."""
    begun, worked = time.perf_counter(), time.process_time()
    found = work()
    return Timed(found, time.perf_counter() - begun, time.process_time() - worked)


def peak_memory() -> float:
    """The most that this process has ever had in memory, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

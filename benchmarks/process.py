"""Processes of a benchmark: setting up Django, running one for each database, and measuring cost."""

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
    """The result of work; seconds by the clock, and CPU seconds of this process alone."""

    found: T
    seconds: float
    processor: float


def begin(settings: str = "cxadmin.settings") -> None:
    """Set up Django, with these settings unless DJANGO_SETTINGS_MODULE names others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    from cxadmin import entry_point

    entry_point.prepare()


def run_apart(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> int:
    """Run a module in a new process, since settings are read once per process. Returns its exit status."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment, check=False, cwd=ROOT).returncode


def run_on_both(module: str, *arguments: str) -> int:
    """Run a module on a new SQLite database, then on a new PostgreSQL one (at TEST_DATABASE_URL). Both are dropped.

    Returns the higher exit status.
    """
    # Imported here, since it imports half of what the tests need, which would count as the benchmark's memory.
    from tests.processes import servers
    from tests.processes.product import environment_in

    with tempfile.TemporaryDirectory() as directory, servers.database() as postgresql:
        environment = environment_in(Path(directory))
        databases = ({"DATABASE_URL": address} for address in ("", postgresql))
        return max([run_apart(module, *arguments, environment=environment | each) for each in databases])


def timed(work: Callable[[], T]) -> Timed[T]:
    """Do the work and measure it."""
    begun, worked = time.perf_counter(), time.process_time()
    found = work()
    return Timed(found, time.perf_counter() - begun, time.process_time() - worked)


def peak_memory() -> float:
    """The peak memory of this process, in MiB."""
    # On Linux, ru_maxrss is in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

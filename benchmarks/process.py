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


def read_apart(module: str, *arguments: str) -> str:
    """Run a module in a new process. Returns what it printed."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout


def run_on_both(module: str, *arguments: str) -> int:
    """Run a module on a new SQLite database, then on a new PostgreSQL one (at TEST_DATABASE_URL). Both are dropped.

    Returns the higher exit status.
    """
    # Imported here, since it imports half of what the tests need, which would count as the benchmark's memory.
    from tests.processes import servers

    on_sqlite = run_on_sqlite(module, *arguments)
    # A folder of its own: the checkpoints in the first are of another ledger.
    with tempfile.TemporaryDirectory() as directory, servers.database() as postgresql:
        environment = _environment_in(Path(directory)) | {"DATABASE_URL": postgresql}
        return max(on_sqlite, run_apart(module, *arguments, environment=environment))


def run_on_sqlite(module: str, *arguments: str) -> int:
    """Run a module on a new SQLite database. Returns its exit status."""
    with tempfile.TemporaryDirectory() as directory:
        return run_apart(module, *arguments, environment=_environment_in(Path(directory)))


def _environment_in(directory: Path) -> dict[str, str]:
    from tests.processes.product import environment_in

    collected = {name: os.environ[name] for name in ("BASE", "FIGURES") if name in os.environ}
    return environment_in(directory) | collected


def database_seconds() -> float:
    """The CPU of PostgreSQL's backend for this process, in ticks of 10 ms: only sums and means say something."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    numbers = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], T]) -> Timed[T]:
    """Do the work and measure it."""
    begun, worked = time.perf_counter(), time.process_time()
    found = work()
    return Timed(found, time.perf_counter() - begun, time.process_time() - worked)


def peak_memory() -> float:
    """The peak memory of this process, in MiB."""
    # On Linux, ru_maxrss is in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

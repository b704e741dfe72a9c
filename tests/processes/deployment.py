"""The product as in production, on one machine: each process can be killed, stopped and started by its name."""

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from cxadmin.starting import worker_command
from tests.processes.group import Group, wait_until
from tests.processes.product import MANAGE, environment_in, free_port
from tests.processes.shell import Shell

# Two that take operations: when one is gone, the other goes on.
WORKERS = ("worker 1", "worker 2")
DISPATCHERS = ("dispatcher 1", "dispatcher 2")
PARTS = ("web", *WORKERS, "background", *DISPATCHERS)
# Of each worker: more calls at once than by default.
THREADS = 10


class Deployment:
    """Web, workers and dispatchers, each process in a group of its own.

    rate: requests that it may send in a minute. accepted: operations that its pages have accepted. told: promises that
    were found broken.
    """

    def __init__(self, directory: Path, settings: Mapping[str, str], rate: int = 200) -> None:
        self.rate = rate
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = environment_in(directory) | dict(settings) | {"CXONE_RATE_PER_MINUTE": str(rate)}
        self.accepted: list[str] = []
        self.told: list[str] = []
        self.shell = Shell(self.environment)
        self._directory = directory
        self._groups: dict[str, Group] = {}

    def prepare(self) -> None:
        """Tables, static files, and two people who may pause and resume."""
        self.shell.start()
        self.shell.call("prepare")

    def start_soon(self, *names: str, **environment: str) -> None:
        """Those that aren't running; all without names."""
        for name in names or PARTS:
            if name not in self._groups or not self._groups[name].runs:
                log = self._directory / f"{name}.log"
                self._groups[name] = Group(self._command(name), {**self.environment, **environment}, log)

    def start(self, *names: str, **environment: str) -> None:
        """The same; return when the pages answer and CXone has been read."""
        self.start_soon(*names, **environment)
        if "web" in (names or PARTS):
            wait_until(self._has_read, lambda: f"the product isn't ready:\n{self.log('web')}")

    def kill(self, *names: str) -> None:
        """`kill -9`, all without names. Nobody starts them again."""
        running = [self._groups[name] for name in names or PARTS if name in self._groups]
        for group in running:
            group.send(signal.SIGKILL)
        for group in running:
            group.wait_for_end()

    def stop(self, *names: str) -> None:
        for name in names:
            self._groups[name].send(signal.SIGSTOP)

    def resume(self, *names: str) -> None:
        for name in names or PARTS:
            self._groups[name].send(signal.SIGCONT)

    def close(self) -> None:
        try:
            self.kill()
        finally:
            self.shell.close()

    def count_logged(self, names: Sequence[str], words: str) -> int:
        return sum(self._groups[name].log.count(words) for name in names)

    def log(self, name: str) -> str:
        return self._groups[name].log[-3000:]

    def _command(self, name: str) -> list[str]:
        if name == "web":
            web = ["-m", "gunicorn", "cxadmin.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
            return [sys.executable, *web, "--log-level", "warning"]
        if name in DISPATCHERS:
            return [*MANAGE, "run_dispatcher"]
        queue = "interactive" if name in WORKERS else "background"
        # The later one of two names of a worker wins.
        return [*worker_command(queue, THREADS), "-n", f"{name.replace(' ', '-')}@%h"]

    def _has_read(self) -> bool:
        try:
            told = httpx.get(f"{self.address}/readyz", timeout=5, trust_env=False).json()
        except (httpx.TransportError, ValueError):
            return False
        return told.get("last_good_read_seconds") is not None

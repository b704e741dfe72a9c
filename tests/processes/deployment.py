"""The product as in production, on one machine: each process can be killed, stopped and started by its name."""

import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from cxadmin.parts import worker_command
from tests.processes.group import ROOT, Group, wait_until
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
    were found broken. tree: where its version's files are.
    """

    def __init__(self, directory: Path, settings: Mapping[str, str], rate: int = 200, tree: Path = ROOT) -> None:
        self.rate = rate
        self.tree = tree
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = environment_in(directory) | dict(settings) | {"CXONE_RATE_PER_MINUTE": str(rate)}
        self.accepted: list[str] = []
        self.told: list[str] = []
        self.shell = Shell(self.environment)
        self._directory = directory
        self._groups: dict[str, Group] = {}
        self._socket: socket.socket | None = None

    def prepare(self) -> None:
        """Tables, static files, and two people who may pause and resume."""
        self.shell.start()
        self.shell.call("prepare")

    def start_soon(self, *names: str, **environment: str) -> None:
        """Those that aren't running; all without names."""
        for name in names or PARTS:
            if name not in self._groups or not self._groups[name].runs:
                log = self._directory / f"{name}.log"
                settings = {**self.environment, **environment}
                files = [self._socket.fileno()] if self._socket else []
                self._groups[name] = Group(self._command(name), settings, log, tree=self.tree, files=files)

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

    def terminate(self, *names: str) -> None:
        """SIGTERM to each, as whoever supervises it sends it; return when all have ended by themselves."""
        for name in names:
            self._groups[name].process.terminate()
        for name in names:
            self._groups[name].wait_for_end()

    def restart(self, name: str) -> None:
        self.terminate(name)
        self.start_soon(name)

    def hold_socket(self) -> None:
        """From now on somebody else listens for the pages, as systemd does: who comes while they restart, waits."""
        self.kill("web")
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=2048)
        self.start("web")

    def signal_web(self, number: signal.Signals) -> None:
        """To gunicorn's first process alone."""
        self._groups["web"].process.send_signal(number)

    def masters(self) -> list[int]:
        """Gunicorn's processes that have children: two of them while one takes over from the other."""
        members = self._groups["web"].members()
        return [pid for pid in members if Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").strip()]

    def stop(self, *names: str) -> None:
        for name in names:
            self._groups[name].send(signal.SIGSTOP)

    def resume(self, *names: str) -> None:
        for name in names or PARTS:
            self._groups[name].send(signal.SIGCONT)

    def process_ids(self) -> list[int]:
        return [pid for group in self._groups.values() for pid in group.members()]

    def manage(self, *arguments: str, **environment: str) -> str:
        """All that a command prints, in another shell, however it ends."""
        told = subprocess.run(
            [*MANAGE, *arguments],
            env={**self.environment, **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return told.stdout + told.stderr

    def close(self) -> None:
        try:
            self.kill()
        finally:
            self.shell.close()
            if self._socket:
                self._socket.close()

    def count_logged(self, names: Sequence[str], words: str) -> int:
        return sum(self._groups[name].log.count(words) for name in names)

    def log(self, name: str) -> str:
        return self._groups[name].log[-3000:]

    def _command(self, name: str) -> list[str]:
        if name == "web":
            listens = f"fd://{self._socket.fileno()}" if self._socket else f"127.0.0.1:{self.port}"
            # As a program: run by `python -m` it couldn't start itself again.
            gunicorn = str(Path(sys.executable).with_name("gunicorn"))
            return [gunicorn, "cxadmin.wsgi", "--bind", listens, "--workers", "2", "--log-level", "warning"]
        if name in DISPATCHERS:
            return [sys.executable, str(self.tree / "manage.py"), "run_dispatcher"]
        queue = "interactive" if name in WORKERS else "background"
        # The later one of two names of a worker wins.
        return [*worker_command(queue, THREADS), "-n", f"{name.replace(' ', '-')}@%h"]

    def _has_read(self) -> bool:
        try:
            told = httpx.get(f"{self.address}/readyz", timeout=5, trust_env=False).json()
        except (httpx.TransportError, ValueError):
            return False
        return told.get("last_good_read_seconds") is not None

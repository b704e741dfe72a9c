"""`manage.py up` as a user starts it, in a directory of its own."""

import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from tests.processes.group import PATIENCE, ROOT, Group, wait_until

MANAGE = [sys.executable, str(ROOT / "manage.py")]
TWO_MINUTES = 120.0
PORTS = (20_000, 32_768)
_random = random.SystemRandom()  # tests beside each other may have seeded the other one alike
PASSWORD = "a password for demonstrations"
# What the machine is, not what the product is set to: nothing of a developer's environment or .env reaches it.
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
BLANK = (
    "CXONE_DIALECT",
    "CXONE_ACCESS_KEY_ID",
    "CXONE_ACCESS_KEY_SECRET",
    "CXONE_TENANT_ID",
    "CXONE_API_VERSION",
    "CXONE_TIMEZONE",
    "CXONE_BASE_URL",
    "CXONE_TOKEN_URL",
    "CXONE_INSTANCE",
    "CXONE_REGION",
    "CXONE_CLIENT_ID",
    "CXONE_CLIENT_SECRET",
    "CXONE_WEBHOOK_TOKEN",
    "CXONE_WEBHOOK_SECRET",
    "DATABASE_URL",
    "REDIS_URL",
    "PUBLIC_BASE_URL",
    "SECRET_KEY",
    "DEMO_PASSWORD",
)


def environment_in(directory: Path, tree: Path = ROOT) -> dict[str, str]:
    """Settings by which the product keeps everything in `directory`. tree: an earlier version's checkout."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    # An earlier version's has no .env, and may not know that a setting without a value isn't set.
    blank = dict.fromkeys(BLANK if tree == ROOT else (), "")
    return {**kept, **blank, "DEBUG": "off", "VAR_DIR": str(directory / "var")}


def free_port() -> int:
    """For a server that starts later: at random, below those that the system gives to connections in the meantime."""
    while True:
        port = _random.randrange(*PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Product:
    """All that `up` runs. Starting it again starts it on the same port, with what it has kept."""

    def __init__(self, directory: Path, settings: Mapping[str, str], tree: Path = ROOT) -> None:
        self._tree = tree
        self._manage = MANAGE if tree == ROOT else [str(tree / ".venv" / "bin" / "python"), str(tree / "manage.py")]
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = environment_in(directory, tree) | dict(settings)
        self._log = directory / "up.log"
        self._group: Group | None = None

    @property
    def group(self) -> Group:
        assert self._group, "the product was never started"
        return self._group

    def start(self) -> None:
        """Return when the welcome is out and CXone has been read."""
        self._log.unlink(missing_ok=True)
        self._group = Group(
            [*self._manage, "up", "--port", str(self.port)], self.environment, self._log, tree=self._tree
        )
        try:
            wait_until(self._has_begun, lambda: f"the product isn't ready:\n{self.group.log[-3000:]}")
        except BaseException:
            # Whoever asked gets no product that could be ended later.
            self.kill()
            raise

    def kill(self) -> None:
        if self._group:
            self._group.kill()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command in another shell, while all of it runs."""
        return subprocess.run(
            [*self._manage, *arguments],
            env=self.environment,
            cwd=self._tree,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def run_code(self, code: str) -> None:
        """Python within the product's own project, as another shell could run it."""
        ran = self.manage("shell", "--verbosity", "0", "--command", code)
        assert ran.returncode == 0, ran.stderr

    def operations(self) -> list[dict[str, Any]]:
        """What the command of that name tells, newest first."""
        told = self.manage("operations")
        assert told.returncode == 0, told.stderr
        return [json.loads(line) for line in told.stdout.splitlines()]

    def wait_for_confirmed(self, number: int = 1) -> list[dict[str, Any]]:
        """The operations, once there are so many and each is confirmed. Two minutes: longer than a lease."""
        found: list[dict[str, Any]] = []

        def all_confirmed() -> bool:
            found[:] = self.operations()
            return [operation["state"] for operation in found] == ["CONFIRMED"] * number

        wait_until(all_confirmed, lambda: f"not all are confirmed: {found}\n{self.group.log[-3000:]}", TWO_MINUTES)
        return found

    def verification(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.manage("verify_audit").stdout)
        return report

    def _has_begun(self) -> bool:
        assert self.group.process.poll() is None, f"up has ended:\n{self.group.log[-3000:]}"
        return "runs at" in self.group.log and self._has_read()

    def _has_read(self) -> bool:
        try:
            told = httpx.get(f"{self.address}/readyz", timeout=5, trust_env=False).json()
        except httpx.TransportError:
            return False
        return told.get("last_good_read_seconds") is not None

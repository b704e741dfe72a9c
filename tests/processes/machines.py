"""The product on machines of its own: some have its pages, some work. PostgreSQL, Redis and CXone are on this one."""

import base64
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cxadmin.parts import worker_command
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.deployment import THREADS
from tests.processes.group import Group, wait_until
from tests.processes.network import SERVERS, Network
from tests.processes.product import MANAGE, environment_in
from tests.processes.shell import Shell

WEBS = ("web-1", "web-2")
WORKERS = ("work-1", "work-2")
PORT = 8000
# Nobody waits for the budget.
AMPLE_RATE = 5000
PARTS = {
    **dict.fromkeys(WEBS, ("web",)),
    **dict.fromkeys(WORKERS, ("interactive", "background", "dispatcher")),
}


class Machines:
    """Each has a folder of its own, and the same settings and secrets.

    accepted: operations that their pages have accepted. told: promises that were found broken.
    """

    def __init__(self, directory: Path, network: Network, settings: Mapping[str, str], rate: int) -> None:
        self.rate = rate
        self.network = network
        self.accepted: list[str] = []
        self.told: list[str] = []
        self._directory = directory
        self._settings = dict(settings) | self._shared_secrets() | {"CXONE_RATE_PER_MINUTE": str(rate)}
        self._groups: dict[tuple[str, str], Group] = {}
        # Whoever asks it sits at the machine with the servers, which is never cut off.
        self.shell = Shell(self._environment("shell"))

    def prepare(self) -> None:
        self.shell.start()
        self.shell.call("prepare")

    def start(self) -> None:
        for machine in self.network.machines:
            for part in PARTS[machine]:
                self._start(machine, part)
        for machine in self.network.machines:
            if machine in WEBS:
                self.wait_until_ready(machine)

    def wait_until_ready(self, machine: str) -> None:
        wait_until(lambda: self.is_ready(machine), lambda: f"{machine}: {self.log(machine)}")

    def stop(self, machine: str) -> None:
        """Its processes hang, but the network knows it."""
        self._send(machine, signal.SIGSTOP)

    def resume(self, machine: str) -> None:
        self._send(machine, signal.SIGCONT)

    def listeners(self) -> int:
        """How many workers wait for tasks, as Redis sees it."""
        return servers.listeners(self._settings["REDIS_URL"])

    def address(self, machine: str) -> str:
        return f"http://{self.network.machines[machine]}:{PORT}"

    def is_ready(self, machine: str, patience: float = 5) -> bool:
        """It answers in that time, in seconds, and says that all is well."""
        try:
            return httpx.get(f"{self.address(machine)}/readyz", timeout=patience, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def command(self, machine: str, *arguments: str) -> Group:
        """A command of the product, there."""
        return self._run(machine, "command", [*MANAGE, *arguments])

    def members(self, machine: str) -> list[int]:
        """The processes that live there."""
        groups = [group for (name, _), group in self._groups.items() if name == machine]
        return [pid for group in groups for pid in group.members()]

    def log(self, machine: str) -> str:
        return "\n".join(group.log[-3000:] for (name, _), group in self._groups.items() if name == machine)

    def close(self) -> None:
        try:
            for group in self._groups.values():
                group.kill()
        finally:
            self.shell.close()

    def _send(self, machine: str, number: signal.Signals) -> None:
        for (name, _), group in self._groups.items():
            if name == machine:
                group.send(number)

    def _start(self, machine: str, part: str) -> None:
        self._run(machine, part, self._command(machine, part))

    def _run(self, machine: str, part: str, command: list[str]) -> Group:
        log = self._directory / f"{machine} {part}.log"
        there = self.network.command_at(machine, command)
        group = self._groups[machine, part] = Group(there, self._environment(machine), log)
        return group

    def _command(self, machine: str, part: str) -> list[str]:
        if part == "web":
            listen = f"{self.network.machines[machine]}:{PORT}"
            return [sys.executable, "-m", "gunicorn", "cxadmin.wsgi", "--bind", listen, "--workers", "2"]
        if part == "dispatcher":
            return [*MANAGE, "run_dispatcher"]
        # The host's name is the same on all of them.
        return [*worker_command(part, THREADS), "-n", f"{part}@{machine}"]

    def _environment(self, machine: str) -> dict[str, str]:
        own = self._directory / machine
        own.mkdir(exist_ok=True)
        return environment_in(own) | self._settings

    def _shared_secrets(self) -> dict[str, str]:
        """What the machines would otherwise make each for itself."""
        key = self._directory / "audit_signing_key"
        encoded = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key.write_bytes(encoded)
        key.chmod(0o600)
        return {
            "SECRET_KEY": base64.b64encode(secrets.token_bytes(48)).decode(),
            "CXONE_WEBHOOK_TOKEN": secrets.token_hex(32),
            "AUDIT_SIGNING_KEY_FILE": str(key),
            "AUDIT_CHECKPOINT_DIR": str(self._directory / "checkpoints"),
            "STATIC_ROOT": str(self._directory / "static"),
            "ALLOWED_HOSTS": ",".join(self.network.machines.values()),
        }


@contextmanager
def run_machines(
    directory: Path, *names: str, campaigns: int = 0
) -> Iterator[tuple[Machines, SimulatedCXone, servers.OwnPostgreSQL]]:
    """Those of WEBS and WORKERS, with the servers. Nothing runs yet on the machines."""
    with ExitStack() as stack:
        network = Network(*names)
        stack.callback(network.close)
        network.start()
        postgres, redis = servers.OwnPostgreSQL(SERVERS), servers.OwnRedis(SERVERS)
        stack.callback(postgres.close)
        stack.callback(redis.kill)
        postgres.start()
        redis.start()
        cxone = SimulatedCXone(directory, "--campaigns", str(campaigns), "--rate", "0", host=SERVERS)
        stack.callback(cxone.close)
        cxone.start()
        addresses = {
            "DATABASE_URL": postgres.url.replace("127.0.0.1", SERVERS),
            "REDIS_URL": redis.url.replace("127.0.0.1", SERVERS),
        }
        product = Machines(directory, network, {**cxone.settings, **addresses}, AMPLE_RATE)
        stack.callback(product.close)
        product.prepare()
        yield product, cxone, postgres

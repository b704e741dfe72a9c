"""Machines with a network of their own: a namespace each, behind one bridge. A cable can be pulled.

This machine is the one where PostgreSQL, Redis and CXone run; the others reach it at the bridge's address.
"""

import os
import shutil
import subprocess

from tests.processes.servers import leave_out

# Addresses that nothing else on a machine for tests is likely to have.
SUBNET = "10.203.7"
SERVERS = f"{SUBNET}.1"
# Interfaces have at most fifteen letters.
BRIDGE = "ccr-bridge"


class Network:
    """One at a time on a machine: what an earlier one has left behind is removed first."""

    def __init__(self, *machines: str) -> None:
        self.machines = {name: f"{SUBNET}.{number}" for number, name in enumerate(machines, 11)}

    def start(self) -> None:
        if os.geteuid() or not shutil.which("ip"):
            leave_out("Only root can make network namespaces, with ip of iproute2.")
        self.close()
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{SERVERS}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for name, address in self.machines.items():
            self._add(name, address)

    def command_at(self, machine: str, command: list[str]) -> list[str]:
        return ["ip", "netns", "exec", _namespace(machine), *command]

    def cut_off(self, machine: str) -> None:
        """Pull its cable: nothing arrives there any more, and nobody is told so."""
        _ip("link", "set", _cable(machine), "down")

    def forget(self, machine: str) -> None:
        """End the servers' connections with one that is cut off, as they do after a quarter of an hour by themselves.

        It isn't told: what it waits on is dead.
        """
        ended = subprocess.run(["ss", "--kill", "dst", self.machines[machine]], capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr

    def reconnect(self, machine: str) -> None:
        _ip("link", "set", _cable(machine), "up")

    def close(self) -> None:
        for name in self.machines:
            # Its end of the cable goes with it.
            _ip("netns", "delete", _namespace(name), check=False)
        _ip("link", "delete", BRIDGE, check=False)

    def _add(self, name: str, address: str) -> None:
        namespace = _namespace(name)
        _ip("netns", "add", namespace)
        _ip("link", "add", _cable(name), "type", "veth", "peer", "name", "eth0", "netns", namespace)
        _ip("link", "set", _cable(name), "master", BRIDGE, "up")
        _ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", namespace, "link", "set", device, "up")


def _namespace(machine: str) -> str:
    return f"ccr-{machine}"


def _cable(machine: str) -> str:
    return f"ccr-{machine}"


def _ip(*arguments: str, check: bool = True) -> None:
    ran = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert not check or ran.returncode == 0, f"ip {' '.join(arguments)}: {ran.stderr}"

"""Ports for servers that start later."""

from pathlib import Path

from tests.processes.product import free_port

OF_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_connection_takes_one_in_the_meantime() -> None:
    lowest = int(OF_CONNECTIONS.read_text().split()[0])
    assert max(free_port() for _ in range(50)) < lowest

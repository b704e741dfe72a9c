from collections.abc import Iterator

import httpx
import pytest

from campaigns.simulator import Server, Simulator, serve
from tests.simulator.calling import Clock, connect, sign_in


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    simulator = Simulator(0, clock=clock)
    yield simulator
    simulator.close()


@pytest.fixture
def client(simulator: Simulator) -> httpx.Client:
    return connect(simulator)


@pytest.fixture
def server(simulator: Simulator) -> Iterator[Server]:
    with serve(simulator) as server:
        yield server


@pytest.fixture
def remote(server: Server) -> Iterator[httpx.Client]:
    """A client over a real connection."""
    with httpx.Client(base_url=server.url) as client:
        yield sign_in(client)

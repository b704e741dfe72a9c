from collections.abc import Iterator

import httpx
import pytest

from campaigns.simulator import PublishedSimulator
from tests.simulator.calling import Clock
from tests.simulator.published import calling


@pytest.fixture
def simulator(clock: Clock) -> Iterator[PublishedSimulator]:
    simulator = PublishedSimulator(0, clock=clock, rate_per_minute=None)
    yield simulator
    simulator.close()


@pytest.fixture
def client(simulator: PublishedSimulator) -> httpx.Client:
    return calling.connect(simulator)


@pytest.fixture
def stranger(simulator: PublishedSimulator) -> httpx.Client:
    return calling.stranger(simulator)


@pytest.fixture
def skill(simulator: PublishedSimulator) -> str:
    """One that runs, with twelve calls."""
    return simulator.add(calls=12)

"""A gateway of the published API, to a simulated CXone."""

from collections.abc import Iterator

import pytest

from campaigns.cxone.published.gateway import Published
from campaigns.cxone.published.memory import Memory
from campaigns.simulator import PublishedSimulator
from tests.cxone.fakes import Till
from tests.cxone.published.asking import Hand, gateway_to


@pytest.fixture
def hand() -> Hand:
    """A clock, turned by hand."""
    return Hand()


@pytest.fixture
def memory(hand: Hand) -> Memory:
    return Memory(hand)


@pytest.fixture
def simulator(hand: Hand) -> Iterator[PublishedSimulator]:
    simulator = PublishedSimulator(0, clock=hand, rate_per_minute=None)
    yield simulator
    simulator.close()


@pytest.fixture
def budget() -> Till:
    return Till()


@pytest.fixture
def gateway(simulator: PublishedSimulator, memory: Memory, budget: Till) -> Published:
    return gateway_to(simulator, memory=memory, budget=budget)


@pytest.fixture
def skill(simulator: PublishedSimulator) -> str:
    """One that runs, with twelve calls."""
    return simulator.add(name="Spring renewal", calls=12)

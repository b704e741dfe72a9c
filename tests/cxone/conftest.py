"""A gateway to a scripted CXone, and the parts of it that a test moves."""

import pytest

from campaigns.cxone.auth import Tokens
from campaigns.cxone.v2.gateway import V2
from tests.cxone.fakes import CREDENTIALS, Clock, FakeCXone, Shelf, Till, gateway_of


@pytest.fixture
def cxone() -> FakeCXone:
    return FakeCXone()


@pytest.fixture
def budget() -> Till:
    return Till()


@pytest.fixture
def shelf(clock: Clock) -> Shelf:
    return Shelf(clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(cxone: FakeCXone, budget: Till, shelf: Shelf, clock: Clock) -> V2:
    return gateway_of(cxone, budget, Tokens(CREDENTIALS, shelf, clock))

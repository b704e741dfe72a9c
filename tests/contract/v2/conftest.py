"""CONTRACT_CLIENT_ID and CONTRACT_CLIENT_SECRET sign in to a real tenant, at CONTRACT_TOKEN_URL if it is elsewhere."""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from campaigns.simulator import Simulator
from tests.contract.real import BASE_URL
from tests.contract.v2.asking import LIST, Tenant, sign_in
from tests.simulator.transport import SimulatorTransport


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    simulator = Simulator(30, page_cap=20, post_events=False)
    yield simulator
    simulator.close()


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> Tenant:
    if not BASE_URL:
        transport = SimulatorTransport(request.getfixturevalue("simulator"))
        return Tenant("http://cxone.test", "simulator", "simulator-secret", transport=transport)
    return Tenant(
        BASE_URL,
        os.environ["CONTRACT_CLIENT_ID"],
        os.environ["CONTRACT_CLIENT_SECRET"],
        token_url=os.environ.get("CONTRACT_TOKEN_URL"),
    )


@pytest.fixture
def stranger(tenant: Tenant) -> Iterator[httpx.Client]:
    """A client that has no token."""
    with httpx.Client(base_url=tenant.base_url, transport=tenant.transport, timeout=30) as client:
        yield client


@pytest.fixture
def client(tenant: Tenant, stranger: httpx.Client) -> httpx.Client:
    token = sign_in(stranger, tenant).json()["access_token"]
    stranger.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
    return stranger


@pytest.fixture
def campaign(client: httpx.Client) -> dict[str, Any]:
    """Any one campaign of the tenant."""
    entities: list[dict[str, Any]] = client.get(LIST, params={"pageSize": 1}).json()["entities"]
    if not entities:
        pytest.skip("The tenant has no campaign; make one, so that the contract can be held against it.")
    return entities[0]

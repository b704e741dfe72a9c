"""A real tenant is signed in to with CONTRACT_ACCESS_KEY_ID and CONTRACT_ACCESS_KEY_SECRET, at CONTRACT_TOKEN_URL.

CONTRACT_CLIENT_ID and CONTRACT_CLIENT_SECRET are those of a registered app, if there is one; CONTRACT_API_VERSION is
the version, v34.0 unless it is set. CONTRACT_DIRECTORY_URL is where the directory is, if not at NICE.
"""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from campaigns.simulator import PublishedSimulator
from tests.contract.published.asking import PublishedTenant, entries, is_true, list_page, sign_in
from tests.contract.real import BASE_URL
from tests.simulator.transport import SimulatorTransport

NICE = "https://cxone.niceincontact.com"
HOST = "https://cxone.test"


@pytest.fixture
def simulator() -> Iterator[PublishedSimulator]:
    simulator = PublishedSimulator(130, rate_per_minute=None)
    yield simulator
    simulator.close()


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> PublishedTenant:
    if not BASE_URL:
        transport = SimulatorTransport(request.getfixturevalue("simulator"))
        return PublishedTenant(
            f"{HOST}/auth/token",
            HOST,
            "simulator====",
            "simulator-secret====",
            "simulator",
            "simulator-secret",
            base_url=HOST,
            transport=transport,
        )
    return PublishedTenant(
        os.environ.get("CONTRACT_TOKEN_URL", f"{NICE}/auth/token"),
        os.environ.get("CONTRACT_DIRECTORY_URL", NICE),
        os.environ["CONTRACT_ACCESS_KEY_ID"],
        os.environ["CONTRACT_ACCESS_KEY_SECRET"],
        os.environ.get("CONTRACT_CLIENT_ID", ""),
        os.environ.get("CONTRACT_CLIENT_SECRET", ""),
        base_url=BASE_URL,
        version=os.environ.get("CONTRACT_API_VERSION", "v34.0"),
    )


@pytest.fixture
def stranger(tenant: PublishedTenant) -> Iterator[httpx.Client]:
    """A client that has no token. Paths are those below the version."""
    base = f"{tenant.base_url}/incontactapi/services/{tenant.version}/"
    headers = {"Accept": "application/json"}
    with httpx.Client(base_url=base, headers=headers, transport=tenant.transport, timeout=30) as client:
        yield client


@pytest.fixture
def client(tenant: PublishedTenant, stranger: httpx.Client) -> httpx.Client:
    stranger.headers["Authorization"] = f"Bearer {sign_in(stranger, tenant).json()['access_token']}"
    return stranger


@pytest.fixture
def skill(client: httpx.Client) -> dict[str, Any]:
    """Any one skill of the tenant that dials."""
    for skill in entries(list_page(client).json(), "skills"):
        if is_true(skill["isOutbound"]) and str(skill["outboundStrategy"]).lower() == "personal connection":
            return skill
    pytest.skip("No Personal Connection skill is on the first page; make one to hold the contract against it.")

"""A gateway of the published API, and calls of it."""

import time
from datetime import UTC, datetime

import httpx

from campaigns.cxone.auth import Tokens
from campaigns.cxone.budget import Lane
from campaigns.cxone.gateway import Sending, WriteResponse
from campaigns.cxone.published.address import Address, Whereabouts
from campaigns.cxone.published.credentials import AccessKey
from campaigns.cxone.published.gateway import Published
from campaigns.cxone.published.memory import Memory
from campaigns.simulator import PublishedSimulator
from tests.cxone import changes
from tests.cxone.fakes import Shelf, Till
from tests.simulator.transport import SimulatorTransport

BASE = "https://cxone.test"
ROOT = "/incontactapi/services/v34.0"
KEY = AccessKey(f"{BASE}/auth/token", "simulator====", "simulator-secret====", "simulator", "simulator-secret")
KEY_ALONE = AccessKey(f"{BASE}/authentication/v1/token/access-key", "simulator====", "simulator-secret====")


class Hand:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class Notebook:
    """`Notes` of one process."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}
        # For how long each is kept, by its name.
        self.seconds: dict[str, float] = {}

    def get(self, name: str) -> str:
        return self.notes.get(name, "")

    def put(self, name: str, value: str, seconds: float) -> None:
        self.notes[name], self.seconds[name] = value, seconds


def gateway_to(
    simulator: PublishedSimulator | httpx.BaseTransport,
    *,
    key: AccessKey = KEY,
    where: Whereabouts | None = None,
    memory: Memory | None = None,
    budget: Till | None = None,
    version: str = "v34.0",
    zone: str = "",
    notes: Notebook | None = None,
    address: Address | None = None,
    lane: Lane = Lane.CLICK,
) -> Published:
    """`where`: of the tenant's API; without it, the directory knows."""
    transport = SimulatorTransport(simulator) if isinstance(simulator, PublishedSimulator) else simulator
    client = httpx.Client(transport=transport, headers={"Accept": "application/json"})
    address = address or Address(where or Whereabouts("", "", BASE), notes or Notebook())
    tokens = Tokens(key, Shelf(), noted=address.note_token)
    return Published(
        client, tokens, budget or Till(), lane, address=address, version=version, zone=zone, memory=memory
    )


def stop(
    gateway: Published, skill: str, *, drop: bool = False, at: datetime | None = None, sending: Sending | None = None
) -> WriteResponse:
    return changes.pause(
        gateway, skill, at or datetime.now(UTC), drop=drop, limit=2, sending=sending or (lambda _: None)
    )


def start(gateway: Published, skill: str, sending: Sending | None = None) -> WriteResponse:
    return changes.resume(gateway, skill, datetime.now(UTC), sending or (lambda _: None))

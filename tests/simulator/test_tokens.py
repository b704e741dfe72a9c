"""Tokens that expire, lack a scope, or are forgotten."""

from base64 import b64encode

import httpx
import pytest

from campaigns.simulator import Simulator
from tests.simulator.calling import Clock, connect, pause, query_calls
from tests.simulator.transport import SimulatorTransport

LIST = "/api/v2/outbound/campaigns"


def test_token_expires(client: httpx.Client, clock: Clock) -> None:
    clock.advance(3599)
    assert client.get(LIST).status_code == 200
    clock.advance(1)
    assert client.get(LIST).status_code == 401


def test_token_life_can_be_short(clock: Clock) -> None:
    client = connect(Simulator(0, clock=clock, token_seconds=5))
    clock.advance(5)
    assert client.get(LIST).status_code == 401


def test_forgotten_token_is_unknown(simulator: Simulator, client: httpx.Client) -> None:
    simulator.expire_tokens()
    assert client.get(LIST).status_code == 401


def test_missing_scope_is_named(clock: Clock) -> None:
    simulator = Simulator(0, clock=clock, scopes=["outbound:campaign:read"])
    client = connect(simulator)
    refusals = [pause(client, simulator.add()), query_calls(client)]
    assert [each.status_code for each in refusals] == [403, 403]
    assert "outbound:campaign:write" in refusals[0].json()["message"]
    assert "analytics:read" in refusals[1].json()["message"]


def token(simulator: Simulator, header: str, **form: str) -> httpx.Response:
    client = httpx.Client(transport=SimulatorTransport(simulator), base_url="http://cxone.test")
    content = {"grant_type": "client_credentials"} | form
    return client.post("/oauth/token", data=content, headers={"Authorization": header})


def test_basic_credentials_are_taken(simulator: Simulator) -> None:
    encoded = b64encode(b"simulator:simulator-secret").decode()
    assert token(simulator, f"Basic {encoded}").json()["access_token"]


@pytest.mark.parametrize("encoded", ["", "?", b64encode(b"simulator").decode(), b64encode(b"a:b").decode()])
def test_wrong_basic_credentials_are_challenged(simulator: Simulator, encoded: str) -> None:
    answer = token(simulator, f"Basic {encoded}")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Basic")


def test_two_ways_at_once_are_refused(simulator: Simulator) -> None:
    encoded = b64encode(b"simulator:simulator-secret").decode()
    answer = token(simulator, f"Basic {encoded}", client_id="simulator", client_secret="simulator-secret")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

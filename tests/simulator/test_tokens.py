"""Tokens that expire, lack a scope, or are forgotten."""

import httpx

from campaigns.simulator import Simulator
from tests.simulator.calling import Clock, connect, pause, query_calls

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

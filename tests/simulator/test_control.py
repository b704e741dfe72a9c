"""The control address does from another process what the methods do in this one."""

import httpx
import pytest

from campaigns.simulator import Simulator
from tests.simulator.calling import pause


def test_fault_over_http(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    fault = {"method": "PUT", "path": "/api/v2/campaigns/*", "status": 504, "done": True}
    client.post("/_simulator/faults", json=fault)
    assert pause(client, campaign).status_code == 504
    assert simulator.campaign(campaign)["status"] == "PAUSED"


def test_faults_are_listed_and_cleared(simulator: Simulator, client: httpx.Client) -> None:
    simulator.fail("GET", "/api/*", times=3, status=500)
    listed = client.get("/_simulator/faults").json()["faults"]
    client.delete("/_simulator/faults")
    assert (listed[0]["times"], simulator.faults()) == (3, [])


@pytest.mark.parametrize("fault", [{}, {"method": "PUT"}, {"method": "PUT", "path": "*", "sttaus": 500}])
def test_unclear_fault_is_refused(simulator: Simulator, client: httpx.Client, fault: dict[str, object]) -> None:
    assert client.post("/_simulator/faults", json=fault).status_code == 400
    assert simulator.faults() == []


def test_record_over_http(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    pause(client, campaign)
    pause(client, campaign)
    asked = client.get("/_simulator/record", params={"method": "PUT"}).json()["requests"]
    applied = client.get("/_simulator/record", params={"applied": 1, "campaign": campaign}).json()["requests"]
    assert [entry["status"] for entry in asked] == [200, 409]
    assert [entry["status"] for entry in applied] == [200]


def test_outside_change_over_http(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    answer = client.post(f"/_simulator/campaigns/{campaign}", json={"status": "STOPPING", "calls": 9})
    assert (answer.json()["status"], answer.json()["calls"]) == ("STOPPING", 9)


def test_campaigns_come_and_go(simulator: Simulator, client: httpx.Client) -> None:
    client.post("/_simulator/campaigns", json={"id": "new", "name": "New"})
    seen = client.get("/_simulator/campaigns/new").json()["name"]
    client.delete("/_simulator/campaigns/new")
    assert (seen, simulator.campaign_ids()) == ("New", [])


def test_unknown_campaign_over_http(client: httpx.Client) -> None:
    assert client.post("/_simulator/campaigns/none", json={"name": "x"}).status_code == 404


def test_tokens_expire_over_http(client: httpx.Client) -> None:
    client.delete("/_simulator/tokens")
    assert client.get("/api/v2/outbound/campaigns").status_code == 401


def test_reset_over_http(simulator: Simulator, client: httpx.Client) -> None:
    simulator.add()
    client.post("/_simulator/reset")
    assert (simulator.campaign_ids(), simulator.record.requests()) == ([], [])


def test_unknown_control_is_told(client: httpx.Client) -> None:
    assert client.get("/_simulator/nothing").status_code == 404

"""What somebody else changes in CXone."""

from typing import Any

import httpx
import pytest

from campaigns.simulator import Simulator
from campaigns.simulator.exchange import RefusalError
from tests.simulator.calling import read_status, schedule


def read_for_edit(client: httpx.Client, campaign_id: str) -> tuple[Any, str]:
    answer = client.get(f"/api/v2/outbound/campaigns/{campaign_id}")
    return answer.json(), answer.headers["ETag"]


def test_changed_status_is_seen(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    simulator.change(campaign, status="STOPPING")
    assert read_status(client, campaign) == "STOPPING"


@pytest.mark.parametrize("changed", [{"status": "PAUSED"}, {"name": "Other"}, {"schedule": schedule()}])
def test_outside_change_changes_the_tag(simulator: Simulator, client: httpx.Client, changed: dict[str, Any]) -> None:
    campaign = simulator.add()
    _, before = read_for_edit(client, campaign)
    simulator.change(campaign, **changed)
    content, after = read_for_edit(client, campaign)
    assert content | changed == content
    assert after != before


def test_calls_leave_the_tag(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    before = read_for_edit(client, campaign)
    simulator.change(campaign, calls=60)
    assert read_for_edit(client, campaign) == before


def test_calls_are_exactly_so_many(simulator: Simulator) -> None:
    campaign = simulator.add(calls=3)
    simulator.change(campaign, calls=60)
    assert simulator.campaign(campaign)["calls"] == 60


def test_removed_campaign_is_gone(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    simulator.remove(campaign)
    assert client.get(f"/api/v2/campaigns/{campaign}").status_code == 404
    assert simulator.campaign_ids() == []


def test_invalid_schedule_is_refused(simulator: Simulator) -> None:
    with pytest.raises(RefusalError):
        simulator.change(simulator.add(), schedule={"timezone": "Mars/Olympus"})


def test_ids_of_one_status(simulator: Simulator) -> None:
    paused = simulator.add(status="PAUSED")
    simulator.add()
    assert simulator.campaign_ids("PAUSED") == [paused]


def test_reset_makes_the_first_day() -> None:
    simulator = Simulator(5)
    before = [simulator.campaign(key)["status"] for key in simulator.campaign_ids()]
    simulator.change(simulator.campaign_ids()[0], status="PAUSED")
    simulator.add()
    simulator.reset()
    assert [simulator.campaign(key)["status"] for key in simulator.campaign_ids()] == before

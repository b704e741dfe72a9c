"""The simulator knows what it was asked, and what that changed."""

import json
from pathlib import Path

import httpx

from campaigns.simulator import Simulator
from tests.simulator.calling import NOON, connect, pause, resume, schedule, subscribe


def test_applied_changes_are_counted(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    pause(client, campaign)
    pause(client, campaign)
    resume(client, campaign)
    applied = [entry.body["status"] for entry in simulator.record.applied(campaign) if entry.body]
    assert applied == ["PAUSED", "ACTIVE"]


def test_refusals_are_recorded_unapplied(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add(status="PAUSED")
    pause(client, campaign)
    (entry,) = simulator.record.requests("PUT")
    assert (entry.status, entry.applied, entry.campaign_id, entry.at) == (409, False, campaign, NOON)


def test_cut_change_is_recorded_applied(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    simulator.fail("PUT", "*", status=504, done=True)
    pause(client, campaign)
    (entry,) = simulator.record.applied(campaign)
    assert entry.status == 504


def test_schedule_change_is_recorded(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    client.patch(f"/api/v2/outbound/campaigns/{campaign}", json={"schedule": schedule()}, headers={"If-Match": "*"})
    (entry,) = simulator.record.applied(method="PATCH")
    assert (entry.campaign_id, entry.body) == (campaign, {"schedule": schedule()})


def test_arrivals_are_in_order(simulator: Simulator, client: httpx.Client) -> None:
    for _ in range(3):
        client.get("/api/v2/outbound/campaigns")
    entries = simulator.record.requests(path="/api/")
    assert sorted(entries, key=lambda entry: entry.arrived) == entries
    assert [entry.number for entry in entries] == [2, 3, 4]


def test_secrets_are_not_recorded(simulator: Simulator, client: httpx.Client) -> None:
    subscribe(client, simulator.add(), "http://127.0.0.1:9/webhooks/cxone/very-secret/")
    recorded = json.dumps([entry.content() for entry in simulator.record.requests()])
    token = client.headers["Authorization"].removeprefix("Bearer ")
    assert not [secret for secret in ("simulator-secret", "very-secret", token) if secret in recorded]


def test_file_has_each_request(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    recording = Simulator(0, record_file=file)
    pause(connect(recording), recording.add())
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines == [entry.content() for entry in recording.record.requests()]
    assert (lines[-1]["method"], lines[-1]["applied"], len(lines[-1]["body_hash"])) == ("PUT", True, 64)

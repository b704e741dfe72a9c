"""A simulator that starts again remembers."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from campaigns.simulator import Simulator, StateFileError
from tests.simulator.calling import NOON, Clock, connect, pause, read_status, schedule, subscribe


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "simulator.json"


def start(path: Path, clock: Clock, **options: Any) -> tuple[Simulator, httpx.Client]:
    simulator = Simulator(20, state_file=path, clock=clock, post_events=False, **options)
    return simulator, connect(simulator)


def test_pause_is_remembered(path: Path, clock: Clock) -> None:
    simulator, client = start(path, clock)
    campaign = simulator.campaign_ids("ACTIVE")[0]
    pause(client, campaign)
    again, _ = start(path, clock)
    assert again.campaign(campaign)["status"] == "PAUSED"


def test_every_campaign_is_as_before(path: Path, clock: Clock) -> None:
    simulator, _ = start(path, clock)
    first, second, third = simulator.campaign_ids()[:3]
    simulator.change(first, schedule=schedule(), name="Other")
    simulator.change(second, status="STOPPING")
    simulator.remove(third)
    simulator.add(calls=7)
    again, _ = start(path, clock)
    assert [again.campaign(key) for key in again.campaign_ids()] == [
        simulator.campaign(key) for key in simulator.campaign_ids()
    ]


def test_tags_are_remembered(path: Path, clock: Clock) -> None:
    simulator, client = start(path, clock)
    campaign = simulator.campaign_ids()[0]
    simulator.change(campaign, name="Other")
    before = client.get(f"/api/v2/outbound/campaigns/{campaign}")
    _, client = start(path, clock)
    after = client.get(f"/api/v2/outbound/campaigns/{campaign}")
    assert after.headers["ETag"] == before.headers["ETag"]


def test_subscriptions_are_remembered(path: Path, clock: Clock) -> None:
    simulator, client = start(path, clock)
    subscribe(client, simulator.campaign_ids()[0], "http://127.0.0.1:9/")
    again, _ = start(path, clock)
    assert again.subscriptions() == simulator.subscriptions()


def test_deferred_pause_is_remembered(path: Path, clock: Clock) -> None:
    simulator, client = start(path, clock)
    campaign = simulator.campaign_ids("ACTIVE")[0]
    pause(client, campaign, at=NOON + 60)
    clock.advance(61)
    _, client = start(path, clock)
    assert read_status(client, campaign) == "PAUSED"


def test_drain_goes_on_while_down(path: Path, clock: Clock) -> None:
    simulator, client = start(path, clock)
    campaign = simulator.add(calls=80)
    pause(client, campaign)
    clock.advance(600)
    again, _ = start(path, clock)
    assert again.campaign(campaign)["calls"] == 0


def test_reset_is_remembered(path: Path, clock: Clock) -> None:
    simulator, _ = start(path, clock)
    simulator.add(id="extra")
    simulator.reset()
    again, _ = start(path, clock)
    assert "extra" not in again.campaign_ids()


def test_file_is_private(path: Path, clock: Clock) -> None:
    simulator, _ = start(path, clock)
    simulator.add()
    assert path.stat().st_mode & 0o777 == 0o600


def test_foreign_file_is_refused(path: Path, clock: Clock) -> None:
    path.parent.mkdir()
    path.write_text("not a state")
    with pytest.raises(StateFileError, match="Delete it"):
        start(path, clock)


def test_other_seed_is_refused(path: Path, clock: Clock) -> None:
    start(path, clock)[0].add()
    with pytest.raises(StateFileError, match="seed 1"):
        start(path, clock, seed=2)


def test_offenders_are_not_remembered(path: Path, clock: Clock) -> None:
    simulator, client = start(path, clock, keep_hours=True, offenders=18)
    campaign = simulator.campaign_ids("ACTIVE")[0]
    pause(client, campaign)
    again, _ = start(path, clock, keep_hours=True)
    again.change(campaign, status="ACTIVE")
    clock.advance(600)
    assert again.campaign(campaign)["calls"] <= 50


def test_calls_set_by_hand_are_remembered(path: Path, clock: Clock) -> None:
    simulator, _ = start(path, clock, keep_hours=True)
    campaign = simulator.campaign_ids("ACTIVE")[0]
    simulator.change(campaign, calls=70)
    again, _ = start(path, clock, keep_hours=True)
    clock.advance(12 * 3600)
    assert again.campaign(campaign)["calls"] == 70

"""Pauses that take their time, come later, or would be too many at once."""

import httpx
import pytest

from campaigns.simulator import Simulator
from tests.simulator.calling import NOON, Clock, connect, pause, query_calls, read_status, resume


@pytest.fixture
def slow(clock: Clock) -> Simulator:
    """Every pause is under way for ten seconds."""
    return Simulator(0, clock=clock, pause_seconds=10)


def test_pause_drains_to_zero(simulator: Simulator, client: httpx.Client, clock: Clock) -> None:
    busy = simulator.add(calls=80)
    pause(client, busy)
    clock.advance(5)
    assert 0 < simulator.campaign(busy)["calls"] < 80
    clock.advance(600)
    assert simulator.campaign(busy)["calls"] == 0


def test_resumed_campaign_dials_again(simulator: Simulator, client: httpx.Client, clock: Clock) -> None:
    busy = simulator.add(calls=80)
    pause(client, busy, dropActiveCalls=True)
    resume(client, busy)
    clock.advance(60)
    assert simulator.campaign(busy)["calls"] == 80


def test_dropped_calls_end_at_once(simulator: Simulator, client: httpx.Client) -> None:
    busy = simulator.add(calls=80)
    pause(client, busy, dropActiveCalls=True)
    assert query_calls(client, busy).json() == {"groups": []}


def test_deferred_pause_waits_for_its_second(simulator: Simulator, client: httpx.Client, clock: Clock) -> None:
    campaign = simulator.add()
    assert pause(client, campaign, at=NOON + 120).json()["status"] == "ACTIVE"
    clock.advance(119.9)
    assert read_status(client, campaign) == "ACTIVE"
    clock.advance(0.1)
    assert read_status(client, campaign) == "PAUSED"


def test_deferred_pause_drains_from_its_time(simulator: Simulator, client: httpx.Client, clock: Clock) -> None:
    busy = simulator.add(calls=80)
    pause(client, busy, at=NOON + 60)
    clock.advance(660)
    assert simulator.campaign(busy)["calls"] == 0


def test_same_deferred_pause_applies_once(simulator: Simulator, client: httpx.Client) -> None:
    campaign = simulator.add()
    statuses = [pause(client, campaign, at=NOON + 60).status_code for _ in range(2)]
    assert statuses == [200, 200]
    assert len(simulator.record.applied(campaign)) == 1


def test_pause_now_overtakes_deferred_one(simulator: Simulator, client: httpx.Client, clock: Clock) -> None:
    campaign = simulator.add()
    pause(client, campaign, at=NOON + 60)
    pause(client, campaign)
    resume(client, campaign)
    clock.advance(61)
    assert read_status(client, campaign) == "ACTIVE"


def test_deferred_resume_waits_for_its_second(simulator: Simulator, client: httpx.Client, clock: Clock) -> None:
    campaign = simulator.add(status="PAUSED")
    resume(client, campaign, at=NOON + 60)
    assert read_status(client, campaign) == "PAUSED"
    clock.advance(60)
    assert read_status(client, campaign) == "ACTIVE"


def test_slow_pause_shows_active_first(slow: Simulator, clock: Clock) -> None:
    client, campaign = connect(slow), slow.add()
    assert pause(client, campaign).json()["status"] == "ACTIVE"
    clock.advance(10)
    assert read_status(client, campaign) == "PAUSED"


def test_second_pause_under_way_is_refused(slow: Simulator) -> None:
    client, first, second = connect(slow), slow.add(), slow.add()
    pause(client, first)
    refused = pause(client, second)
    assert (refused.status_code, refused.json()["code"]) == (409, "too.many.pauses")


def test_higher_limit_lets_second_in(slow: Simulator) -> None:
    client, first, second = connect(slow), slow.add(), slow.add()
    pause(client, first)
    assert pause(client, second, maxConcurrentPauses=2).status_code == 200


def test_place_is_free_after_settling(slow: Simulator, clock: Clock) -> None:
    client, first, second = connect(slow), slow.add(), slow.add()
    pause(client, first)
    clock.advance(10)
    assert pause(client, second).status_code == 200


def test_pause_under_way_isnt_repeated(slow: Simulator) -> None:
    client, campaign = connect(slow), slow.add()
    statuses = [pause(client, campaign, maxConcurrentPauses=5).status_code for _ in range(2)]
    assert statuses == [200, 409]


def test_far_deferred_pause_takes_no_place(slow: Simulator) -> None:
    client, first, second = connect(slow), slow.add(), slow.add()
    pause(client, first, at=NOON + 3600)
    assert pause(client, second).status_code == 200


@pytest.mark.parametrize("status", ["STOPPING", "DRAFT"])
def test_other_statuses_cannot_be_changed(simulator: Simulator, client: httpx.Client, status: str) -> None:
    campaign = simulator.add(status=status)
    assert [pause(client, campaign).status_code, resume(client, campaign).status_code] == [409, 409]

"""The campaigns that a seed makes look like a call centre's."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from campaigns.simulator.population import Profile, populate
from campaigns.simulator.schedules import schedule_errors
from tests.simulator.calling import NOON


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    return list(populate(1000, 1, NOON))


def test_same_seed_same_campaigns(profiles: list[Profile]) -> None:
    assert profiles == list(populate(1000, 1, NOON))


def test_other_seed_other_campaigns(profiles: list[Profile]) -> None:
    assert {each.id for each in profiles}.isdisjoint(each.id for each in populate(1000, 2, NOON))


def test_names_and_ids_differ(profiles: list[Profile]) -> None:
    assert len({each.name for each in profiles}) == len({each.id for each in profiles}) == 1000


def test_schedules_are_valid(profiles: list[Profile]) -> None:
    assert [schedule_errors(each.schedule) for each in profiles] == [[]] * 1000


def test_zones_are_mostly_american(profiles: list[Profile]) -> None:
    zones = Counter(each.schedule["timezone"] for each in profiles)
    assert all(ZoneInfo(zone) for zone in zones)
    assert zones["America/New_York"] > 200
    assert {"Australia/Lord_Howe", "Asia/Kathmandu"} <= zones.keys()


def test_most_campaigns_are_active(profiles: list[Profile]) -> None:
    statuses = Counter(each.status for each in profiles)
    assert statuses["ACTIVE"] > 800
    assert statuses["PAUSED"] > 50
    assert statuses["STOPPING"] == statuses["DRAFT"] == 2


def test_some_campaigns_are_busy(profiles: list[Profile]) -> None:
    lines = [each.traffic.lines for each in profiles]
    assert not [each for each in lines if 40 < each < 96]
    assert len([each for each in lines if each >= 96]) > 100

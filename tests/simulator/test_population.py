"""The campaigns that a seed makes look like a call centre's."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from campaigns.simulator.population import Habit, Profile, populate
from campaigns.simulator.v2.schedules import schedule_errors
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


def test_nobody_is_over_the_limit_by_chance(profiles: list[Profile]) -> None:
    assert max(each.traffic.lines for each in profiles) < 50
    assert len([each for each in profiles if each.traffic.lines > 30]) > 200


def test_tags_name_client_and_region(profiles: list[Profile]) -> None:
    assert {tuple(each.tags) for each in profiles} == {("client", "region")}
    assert len({each.tags["client"] for each in profiles}) == 12
    assert {"Florida", "Texas", "United Kingdom"} < {each.tags["region"] for each in profiles}


def test_names_begin_with_letters(profiles: list[Profile]) -> None:
    assert all(each.name[0].isalpha() for each in profiles)


def test_planting_offenders_changes_no_other_campaign(profiles: list[Profile]) -> None:
    planted = list(populate(1000, 1, NOON, offenders=4))
    differing = [new for new, old in zip(planted, profiles, strict=True) if new != old]
    assert [each.habit for each in differing] == [Habit.OFFENDS] * 4
    assert {each.status for each in differing} == {"ACTIVE"}

"""Tenants differ in their manners. In each of them the product reads the same, and its changes are carried out."""

from collections.abc import Iterator
from typing import Any

import pytest

from campaigns.cxone import errors
from campaigns.cxone.gateway import CampaignState
from campaigns.cxone.published.gateway import Published
from campaigns.simulator import PublishedSimulator
from tests.cxone.published.asking import ROOT, Hand, start, stop

WEEKDAYS = dict.fromkeys(("MON", "TUE", "WED", "THU", "FRI"), ("08:30", "17:00"))
WINDOWS = [{"day": day, "startTime": "08:30", "endTime": "17:00"} for day in WEEKDAYS]
MANNERS: tuple[dict[str, Any], ...] = (
    {},
    {"texts": True},
    {"result_set": True},
    {"texts": True, "result_set": True, "one_in_list": True},
    {"one_in_list": True},
    {"page_cap": 7},
    {"times": "H:MM"},
    {"times": "HH:MM:SS"},
    {"times": "H:MM AM"},
    {"times": "date"},
    {"schedules_of_all": "without fields"},
    {"zone_name": "display"},
    {"zone_name": "IANA"},
    {"token_calls": 3},
)


# All that is ever asked, with the id of a skill as an asterisk. What else would be changed there, nobody here meant.
ASKED = {
    "POST /auth/token",
    "GET /.well-known/cxone-configuration",
    "GET /skills",
    "GET /skills/*",
    "POST /skills/*/stop",
    "POST /skills/*/start",
    "GET /skills/*/parameters/schedule-settings",
    "PUT /skills/*/parameters/schedule-settings",
    "GET /skills/parameters",
    "GET /skills/activity",
    "GET /skills/*/activity",
    "GET /business-unit",
    "GET /timezones",
}


def named(manner: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in manner.items()) or "plain"


@pytest.fixture(params=MANNERS, ids=named)
def manner(request: pytest.FixtureRequest) -> dict[str, Any]:
    manner: dict[str, Any] = request.param
    return manner


@pytest.fixture
def simulator(manner: dict[str, Any], hand: Hand) -> Iterator[PublishedSimulator]:
    simulator = PublishedSimulator(60, clock=hand, rate_per_minute=None, **manner)
    yield simulator
    simulator.close()


@pytest.fixture
def skill(simulator: PublishedSimulator) -> str:
    return simulator.add(name="Spring renewal", calls=12, schedule=WEEKDAYS, campaign="Northwind")


def read_all(gateway: Published) -> dict[str, CampaignState]:
    listed = gateway.list_campaigns()
    assert (listed.complete, listed.unreadable) == (True, 0)
    return {state.campaign_id: state for state in listed.states(listed.digests.keys())}


def test_list_has_what_dials_and_nothing_else(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    states = read_all(gateway)
    assert states.keys() == set(simulator.skill_ids())
    assert {key for key, state in states.items() if state.status == "ACTIVE"} == set(simulator.skill_ids(running=True))
    assert states[skill].name == "Spring renewal"
    assert states[skill].tags == {"CXone campaign": "Northwind"}


def test_list_has_the_schedules(gateway: Published, skill: str) -> None:
    schedule = read_all(gateway)[skill].schedule
    assert schedule is not None
    assert (schedule["timezone"], schedule["dialingHours"]) == ("America/New_York", WINDOWS)


def test_calls_are_those_of_the_skills(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    read_all(gateway)
    counts = gateway.calls_in_progress()
    assert {key: counts[key] for key in simulator.skill_ids()} == {
        key: simulator.skill(key)["calls"] for key in simulator.skill_ids()
    }
    assert gateway.calls_in_progress(skill)[skill] == 12


def test_stop_and_start_are_carried_out(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    assert stop(gateway, skill).status == 202
    assert gateway.read_state(skill).status == "PAUSED"
    assert start(gateway, skill).status == 202
    assert gateway.read_state(skill).status == "ACTIVE"
    assert [entry.path.rpartition("/")[2] for entry in simulator.record.applied(skill)] == ["stop", "start"]


def test_schedule_is_changed(simulator: PublishedSimulator, gateway: Published, skill: str) -> None:
    version = gateway.read_for_edit(skill)
    assert version.schedule["dialingHours"] == WINDOWS
    changed = [
        {**WINDOWS[0], "endTime": "19:15"},
        *WINDOWS[2:],
        {"day": "SUN", "startTime": "10:00", "endTime": "12:00"},
    ]
    wanted = version.schedule | {"dialingHours": changed}
    gateway.write_schedule(skill, wanted, etag=version.etag, sending=lambda _: None)
    assert gateway.read_for_edit(skill).schedule["dialingHours"] == changed
    expected = {"MON": ["08:30", "19:15"], **{day: ["08:30", "17:00"] for day in ("WED", "THU", "FRI")}}
    assert simulator.skill(skill)["schedule"] == expected | {"SUN": ["10:00", "12:00"]}


def test_nothing_is_asked_but_what_is_documented(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    read_all(gateway)
    gateway.calls_in_progress()
    gateway.calls_in_progress(skill)
    gateway.read_state(skill)
    stop(gateway, skill, drop=True)
    start(gateway, skill)
    version = gateway.read_for_edit(skill)
    gateway.write_schedule(skill, version.schedule, etag=version.etag, sending=lambda _: None)
    asked = {f"{entry.method} {entry.path.removeprefix(ROOT)}" for entry in simulator.record.requests()}
    assert {each.replace(skill, "*") for each in asked} <= ASKED
    assert "PUT /skills/*/parameters/schedule-settings" in {each.replace(skill, "*") for each in asked}


def test_schedule_that_somebody_changed_meanwhile_is_left_alone(
    simulator: PublishedSimulator, gateway: Published, skill: str
) -> None:
    simulator.change(skill, schedule_after_read={"SAT": ("10:00", "14:00")})
    version = gateway.read_for_edit(skill)
    with pytest.raises(errors.PreconditionFailed):
        gateway.write_schedule(skill, version.schedule, etag=version.etag, sending=lambda _: None)
    assert simulator.skill(skill)["schedule"] == {"SAT": ["10:00", "14:00"]}

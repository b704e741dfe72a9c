"""A simulator that starts again remembers; and what its control address shows and sets."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from campaigns.simulator import PublishedSimulator, Simulator, StateFileError
from tests.simulator.calling import NOON, Clock
from tests.simulator.published.calling import WEEKDAYS, connect, is_running, list_skills, stop


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "simulator.json"


def make(path: Path, clock: Clock, **options: Any) -> PublishedSimulator:
    return PublishedSimulator(20, state_file=path, clock=clock, rate_per_minute=None, **options)


def test_every_skill_is_as_before(path: Path, clock: Clock) -> None:
    simulator = make(path, clock)
    first, second, third = simulator.skill_ids(running=True)[:3]
    stop(connect(simulator), first)
    simulator.change(second, schedule=WEEKDAYS, name="Other", campaign="New client")
    simulator.remove(third)
    simulator.add(calls=7, strategy="Manual")
    again = make(path, clock)
    assert [again.skill(each) for each in again.skill_ids()] == [
        simulator.skill(each) for each in simulator.skill_ids()
    ]
    assert third not in again.skill_ids()


def test_turn_goes_on_while_down(path: Path, clock: Clock) -> None:
    simulator = make(path, clock, turns="after calls")
    skill = simulator.add(calls=12)
    stop(connect(simulator), skill)
    assert simulator.skill(skill)["running"]
    clock.advance(60)
    assert not make(path, clock).skill(skill)["running"]


def test_schedule_goes_on_while_down(path: Path, clock: Clock) -> None:
    skill = make(path, clock, keep_hours=True).add(running=False, schedule=WEEKDAYS)
    clock.now = NOON + 3 * 3600
    assert make(path, clock, keep_hours=True).skill(skill)["running"]
    clock.now = NOON + 12 * 3600
    assert not make(path, clock, keep_hours=True).skill(skill)["running"]


def test_reset_is_remembered(path: Path, clock: Clock) -> None:
    simulator = make(path, clock, words="error")
    simulator.switch(words="none", texts=True)
    skill = simulator.add()
    simulator.reset()
    assert (simulator.switches.words, simulator.switches.texts) == ("error", False)
    assert skill not in make(path, clock).skill_ids()


@pytest.mark.parametrize(("kind", "other"), [(Simulator, PublishedSimulator), (PublishedSimulator, Simulator)])
def test_state_of_the_other_dialect_is_refused(path: Path, clock: Clock, kind: Any, other: Any) -> None:
    kind(5, state_file=path, clock=clock).add()
    with pytest.raises(StateFileError, match="dialect"):
        other(5, state_file=path, clock=clock)


def test_control_adds_changes_and_removes(client: httpx.Client) -> None:
    skill = client.post("/_simulator/skills", json={"name": "New", "calls": 5, "campaign": "Northwind"}).json()["id"]
    assert client.get(f"/_simulator/skills/{skill}").json()["calls"] == 5
    changed = client.post(
        f"/_simulator/skills/{skill}", json={"running": False, "schedule": {"MON": ["09:00", "10:00"]}}
    )
    assert (changed.json()["running"], changed.json()["schedule"]) == (False, {"MON": ["09:00", "10:00"]})
    client.delete(f"/_simulator/skills/{skill}")
    assert client.get(f"/_simulator/skills/{skill}").status_code == 404


def test_control_adds_what_does_not_dial(simulator: PublishedSimulator, client: httpx.Client) -> None:
    chat = {"id": "4711", "outbound": False, "strategy": "", "media_type": 3}
    assert client.post("/_simulator/skills", json=chat).json() == {"id": "4711"}
    assert simulator.skill_ids() == []
    assert simulator.skill("4711")["media_type"] == 3


@pytest.mark.parametrize(
    "skill",
    [
        {"id": "spring"},
        {"media_type": 9},
        {"schedule": {"Monday": ["09:00", "17:00"]}},
        {"schedule": {"MON": ["09:00"]}},
        {"schedule": {"MON": ["9:00", "17:00"]}},
        {"schedule": {"MON": ["17:00", "09:00"]}},
        {"status": "ACTIVE"},
    ],
)
def test_control_refuses_what_is_no_skill(
    simulator: PublishedSimulator, client: httpx.Client, skill: dict[str, Any]
) -> None:
    assert client.post("/_simulator/skills", json=skill).status_code == 400
    assert simulator.skill_ids() == []


def test_control_shows_and_sets_switches(client: httpx.Client, skill: str) -> None:
    assert client.get("/_simulator/switches").json()["turns"] == "at once"
    answer = client.post("/_simulator/switches", json={"turns": "never", "token_calls": 5})
    assert (answer.json()["turns"], answer.json()["token_calls"]) == ("never", 5)
    stop(client, skill)
    assert is_running(client, skill)


@pytest.mark.parametrize(
    "switches",
    [
        {"turns": "sometimes"},
        {"other": 1},
        {"texts": "yes"},
        {"turn_seconds": -1},
        {"page_cap": 1.5},
        {"permissions": ["All"]},
        {"token_calls": True},
        {"words": "none", "times": None},
    ],
)
def test_unknown_switch_changes_nothing(client: httpx.Client, switches: dict[str, Any]) -> None:
    before = client.get("/_simulator/switches").json()
    answer = client.post("/_simulator/switches", json=switches)
    assert (answer.status_code, client.get("/_simulator/switches").json()) == (400, before)


def test_control_counts_the_days(client: httpx.Client) -> None:
    list_skills(client)
    assert client.get("/_simulator/days").json() == {"2026-03-04": 1}


def test_control_shows_what_was_asked(client: httpx.Client, skill: str) -> None:
    stop(client, skill, force="true")
    (entry,) = client.get("/_simulator/record", params={"applied": "1", "campaign": skill}).json()["requests"]
    assert (entry["method"], entry["path"].rpartition("/")[2], entry["query"]) == ("POST", "stop", {"force": "true"})


def test_keys_are_not_recorded(simulator: PublishedSimulator, client: httpx.Client) -> None:
    (entry,) = simulator.record.requests(path="/auth/")
    assert (entry.body, entry.body_hash) == (None, "")

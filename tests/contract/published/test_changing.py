"""What the published contract says of changes: held against the simulator alone."""

from typing import Any

import httpx
import pytest

from campaigns.simulator import PublishedSimulator
from tests.contract.published.asking import entries, schedule_of


@pytest.fixture
def running(simulator: PublishedSimulator) -> str:
    return simulator.add(calls=12, schedule={"MON": ("09:00", "17:00")})


@pytest.fixture
def stopped(simulator: PublishedSimulator) -> str:
    return simulator.add(running=False)


def is_running(client: httpx.Client, skill_id: str) -> Any:
    return client.get(f"skills/{skill_id}").json()["isRunning"]


def test_stop_is_accepted_without_a_word(client: httpx.Client, running: str) -> None:
    answer = client.post(f"skills/{running}/stop")
    assert (answer.status_code, answer.content) == (202, b"")
    assert is_running(client, running) is False


def test_start_is_accepted_without_a_word(client: httpx.Client, stopped: str) -> None:
    answer = client.post(f"skills/{stopped}/start")
    assert (answer.status_code, answer.content) == (202, b"")
    assert is_running(client, stopped) is True


@pytest.mark.parametrize("query", [{}, {"force": "false"}])
def test_stop_leaves_the_calls_alone(client: httpx.Client, running: str, query: dict[str, str]) -> None:
    client.post(f"skills/{running}/stop", params=query)
    (one,) = entries(client.get(f"skills/{running}/activity").json(), "skillActivity")
    assert one["contactsActive"] == 12


def test_force_drops_the_calls(client: httpx.Client, running: str) -> None:
    client.post(f"skills/{running}/stop", params={"force": "true"})
    (one,) = entries(client.get(f"skills/{running}/activity").json(), "skillActivity")
    assert one["contactsActive"] == 0


def test_bad_force_is_refused(client: httpx.Client, running: str) -> None:
    assert client.post(f"skills/{running}/stop", params={"force": "1x"}).status_code == 400


def test_stop_of_what_is_stopped_is_refused(client: httpx.Client, stopped: str) -> None:
    assert client.post(f"skills/{stopped}/stop").status_code in {404, 409}


def test_start_of_what_runs_conflicts(client: httpx.Client, running: str) -> None:
    assert client.post(f"skills/{running}/start").status_code == 409


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_skill_that_does_not_dial_is_not_found(simulator: PublishedSimulator, client: httpx.Client, verb: str) -> None:
    inbound = simulator.add(outbound=False, strategy="")
    assert [client.post(f"skills/{each}/{verb}").status_code for each in (inbound, "1")] == [404, 404]


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_change_needs_permission(
    simulator: PublishedSimulator, client: httpx.Client, running: str, stopped: str, verb: str
) -> None:
    simulator.switch(permissions=["Skills View"])
    skill_id = stopped if verb == "start" else running
    assert client.post(f"skills/{skill_id}/{verb}").status_code == 403


def test_schedule_is_set_as_sent(client: httpx.Client, running: str) -> None:
    fields = client.get(schedule_of(running)).json()
    wanted = fields | {"sundayIsActive": True, "sundayStartTime": "10:00", "sundayEndTime": "18:30"}
    assert client.put(schedule_of(running), json={"scheduleSettings": wanted}).status_code == 200
    assert client.get(schedule_of(running)).json() == wanted


def test_windows_past_midnight_are_refused(client: httpx.Client, running: str) -> None:
    wanted = client.get(schedule_of(running)).json() | {"mondayStartTime": "20:00", "mondayEndTime": "02:00"}
    assert client.put(schedule_of(running), json={"scheduleSettings": wanted}).status_code == 400


def test_schedule_of_no_skill_is_not_found(client: httpx.Client) -> None:
    assert client.put(schedule_of(1), json={"scheduleSettings": {}}).status_code == 404


def test_lists_that_are_empty_say_nothing(simulator: PublishedSimulator, client: httpx.Client) -> None:
    for skill in entries(client.get("skills/activity?top=100").json(), "skillActivity"):
        simulator.remove(str(skill["skillId"]))
    while (answer := client.get("skills/activity?top=100")).status_code == 200:
        for skill in entries(answer.json(), "skillActivity"):
            simulator.remove(str(skill["skillId"]))
    assert (answer.status_code, answer.content) == (204, b"")

"""What is asked for, and what comes: formats, versions, pages and lists."""

from typing import Any

import httpx
import pytest

from campaigns.simulator import PublishedSimulator
from tests.simulator.calling import Clock
from tests.simulator.published.calling import (
    SERVICES,
    connect,
    is_running,
    list_skills,
    read_all_calls,
    read_skill,
    stop,
)


@pytest.fixture
def crowd(clock: Clock) -> PublishedSimulator:
    return PublishedSimulator(250, clock=clock, rate_per_minute=None)


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_without_accept_a_text_comes(client: httpx.Client, accept: str) -> None:
    answer = client.get(f"{SERVICES}/skills", headers={"Accept": accept})
    assert (answer.status_code, answer.text) == (200, "No known way to render data")


def test_without_accept_a_stop_stops(client: httpx.Client, skill: str) -> None:
    client.post(f"{SERVICES}/skills/{skill}/stop", headers={"Accept": "*/*"})
    assert not is_running(client, skill)


@pytest.mark.parametrize(("version", "status"), [("v34.0", 200), ("v30.0", 200), ("v99.0", 404), ("34", 404)])
def test_version_it_does_not_have(client: httpx.Client, version: str, status: int) -> None:
    assert client.get(f"/incontactapi/services/{version}/skills").status_code == status


def test_versions_are_listed_for_each_call(client: httpx.Client) -> None:
    answer = client.get(f"{SERVICES}/apiversion", params={"searchUriText": "skills/{id}/stop", "verb": "POST"})
    assert [entry["version"] for entry in answer.json()["apiInfo"]] == ["v30.0", "v34.0"]


def test_no_version_of_an_unknown_call_is_listed(client: httpx.Client) -> None:
    assert client.get(f"{SERVICES}/apiversion", params={"searchUriText": "contacts"}).status_code == 204


def test_page_is_capped(crowd: PublishedSimulator) -> None:
    client = connect(crowd)
    content = list_skills(client, top=10_000).json()
    crowd.switch(page_cap=30)
    assert (len(content["skills"]), len(list_skills(client).json()["skills"])) == (100, 30)


def test_pages_have_every_skill_once(crowd: PublishedSimulator) -> None:
    client = connect(crowd)
    found: list[int] = []
    while page := list_skills(client, skip=len(found)).json()["skills"]:
        found += [skill["skillId"] for skill in page]
    assert len(found) == len(set(found)) == list_skills(client).json()["totalRecords"]


def test_list_has_skills_that_do_not_dial(crowd: PublishedSimulator) -> None:
    client = connect(crowd)
    found: list[dict[str, Any]] = []
    while page := client.get(f"{SERVICES}/skills", params={"skip": len(found)}).json()["skills"]:
        found += page
    kinds = {(skill["mediaTypeId"], skill["isOutbound"], skill["outboundStrategy"].lower()) for skill in found}
    assert kinds == {
        (4, True, "personal connection"),
        (4, True, "manual"),
        (4, True, "predictive"),
        (4, False, ""),
        (3, False, ""),
    }
    assert {skill["isActive"] for skill in found} == {True, False}
    assert {"Personal Connection", "Personal connection"} <= {skill["outboundStrategy"] for skill in found}


def test_every_skill_belongs_to_a_client(crowd: PublishedSimulator) -> None:
    skills = list_skills(connect(crowd)).json()["skills"]
    campaigns = {(skill["campaignId"], skill["campaignName"]) for skill in skills}
    assert 5 < len(campaigns) < len(skills) / 3
    assert len(dict(campaigns)) == len(campaigns)


def test_list_narrows_by_medium_and_activity(crowd: PublishedSimulator) -> None:
    client = connect(crowd)
    assert {skill["mediaTypeId"] for skill in list_skills(client, mediaTypeId=3).json()["skills"]} == {3}
    assert {skill["isActive"] for skill in list_skills(client, isActive="false").json()["skills"]} == {False}


@pytest.mark.parametrize("query", [{"top": "x"}, {"skip": "-1"}, {"isActive": "yes"}, {"mediaTypeId": "phone"}])
def test_nonsense_is_refused(client: httpx.Client, query: dict[str, str]) -> None:
    assert list_skills(client, **query).status_code == 400


def test_numbers_and_booleans_come_as_text(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(texts=True)
    content = list_skills(client).json()
    assert (content["totalRecords"], content["skills"][0]["isRunning"]) == ("1", "True")
    assert read_skill(client, skill)["skillId"] == skill


def test_lists_come_in_a_result_set(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(result_set=True)
    content = list_skills(client).json()
    assert (content["totalRecords"], content["resultSet"]["skills"][0]["skillId"]) == (1, int(skill))
    assert "skillActivity" in read_all_calls(client).json()["resultSet"]


def test_one_skill_comes_in_a_list(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(one_in_list=True)
    assert read_skill(client, skill)["skills"][0]["skillId"] == int(skill)


def test_new_skill_is_late_in_the_list(simulator: PublishedSimulator, client: httpx.Client, clock: Clock) -> None:
    simulator.switch(list_delay=10)
    skill = simulator.add()
    assert (list_skills(client).json()["totalRecords"], read_skill(client, skill)["isActive"]) == (0, True)
    clock.advance(10)
    assert list_skills(client).json()["totalRecords"] == 1


def test_changed_skill_is_late_in_the_list(
    simulator: PublishedSimulator, client: httpx.Client, clock: Clock, skill: str
) -> None:
    clock.advance(60)
    simulator.switch(list_delay=10)
    stop(client, skill)
    (listed,) = list_skills(client).json()["skills"]
    assert (listed["isRunning"], is_running(client, skill)) == (True, False)
    clock.advance(10)
    assert not list_skills(client).json()["skills"][0]["isRunning"]


def test_activity_has_the_calls_of_outbound_skills(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    simulator.add(outbound=False, strategy="", calls=5)
    content = read_all_calls(client).json()
    assert [(entry["skillId"], entry["contactsActive"]) for entry in content["skillActivity"]] == [(int(skill), 12)]
    assert content["totalRecords"] == 1
    assert len(read_all_calls(client, IsOutbound="false").json()["skillActivity"]) == 1


def test_no_activity_is_a_204(client: httpx.Client) -> None:
    answer = read_all_calls(client)
    assert (answer.status_code, answer.content) == (204, b"")


def test_clock_is_told(client: httpx.Client) -> None:
    assert client.get(f"{SERVICES}/server-time").json() == {"ServerTime": "2026-03-04T12:00:00Z"}


@pytest.mark.parametrize("path", ["skills/1", "skills/1/activity", "skills/1/parameters/schedule-settings", "other"])
def test_what_there_is_not_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(f"{SERVICES}/{path}").status_code == 404

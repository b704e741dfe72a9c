"""What reads: held against the simulator, and against a real tenant."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.contract.v2.asking import LIST, SUBSCRIPTIONS, Tenant, for_editing, query_calls, sign_in, state_of

DAYS = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"}
CONDITIONS = {"NO_ANSWER", "BUSY", "DISCONNECTED", "ANSWERING_MACHINE"}
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def test_token_lives_an_hour(stranger: httpx.Client, tenant: Tenant) -> None:
    answer = sign_in(stranger, tenant)
    content = answer.json()
    assert answer.status_code == 200
    assert content["token_type"].lower() == "bearer"
    assert isinstance(content["access_token"], str)
    assert content["expires_in"] > 60


def test_unknown_client_gets_no_token(stranger: httpx.Client, tenant: Tenant) -> None:
    answer = sign_in(stranger, tenant, client_id="no-such-client", client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_call_without_token_is_refused(stranger: httpx.Client) -> None:
    assert stranger.get(LIST).status_code == 401


def test_unknown_token_is_refused(stranger: httpx.Client) -> None:
    assert stranger.get(LIST, headers={"Authorization": "Bearer unknown"}).status_code == 401


def test_list_says_its_pages(client: httpx.Client) -> None:
    content = client.get(LIST, params={"pageSize": 100, "pageNumber": 1}).json()
    assert content["pageNumber"] == 1
    assert 1 <= content["pageSize"] <= 100
    assert content["pageCount"] == -(-content["total"] // content["pageSize"])
    assert len(content["entities"]) == min(content["total"], content["pageSize"])


def test_pages_hold_each_campaign_once(client: httpx.Client) -> None:
    first = client.get(LIST, params={"pageSize": 100, "pageNumber": 1}).json()
    ids = [each["id"] for each in first["entities"]]
    for number in range(2, first["pageCount"] + 1):
        page = client.get(LIST, params={"pageSize": 100, "pageNumber": number}).json()
        ids += [each["id"] for each in page["entities"]]
    assert len(ids) == len(set(ids)) == first["total"]


def test_campaign_has_its_fields(campaign: dict[str, Any]) -> None:
    assert [type(campaign[key]) for key in ("id", "name", "status", "schedule")] == [str, str, str, dict]


def test_schedule_has_its_fields(campaign: dict[str, Any]) -> None:
    schedule = campaign["schedule"]
    assert ZoneInfo(schedule["timezone"])
    assert set(schedule["pauseConditions"]) <= CONDITIONS
    for window in schedule["dialingHours"]:
        assert window["day"] in DAYS
        assert TIME.fullmatch(window["startTime"])
        assert TIME.fullmatch(window["endTime"])


def test_read_for_editing_has_a_tag(client: httpx.Client, campaign: dict[str, Any]) -> None:
    answer = client.get(for_editing(campaign["id"]))
    assert answer.json()["schedule"] == campaign["schedule"]
    assert re.fullmatch(r'(W/)?"[^"]+"', answer.headers["ETag"])


def test_unchanged_campaign_keeps_its_tag(client: httpx.Client, campaign: dict[str, Any]) -> None:
    tags = {client.get(for_editing(campaign["id"])).headers["ETag"] for _ in range(2)}
    assert len(tags) == 1


def test_state_is_the_campaign(client: httpx.Client, campaign: dict[str, Any]) -> None:
    content = client.get(state_of(campaign["id"])).json()
    assert [content[key] for key in ("id", "name")] == [campaign["id"], campaign["name"]]
    assert isinstance(content["status"], str)


@pytest.mark.parametrize("path", [for_editing("no-such-campaign"), state_of("no-such-campaign")])
def test_unknown_campaign_isnt_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_one_query_answers_for_all(client: httpx.Client) -> None:
    answer = query_calls(client)
    assert answer.status_code == 200
    for group in answer.json()["groups"]:
        assert isinstance(group["campaignId"], str)
        assert group["count"] >= 0


def test_query_narrows_to_one(client: httpx.Client, campaign: dict[str, Any]) -> None:
    groups = query_calls(client, campaign["id"]).json()["groups"]
    assert {group["campaignId"] for group in groups} <= {campaign["id"]}


def test_subscriptions_are_listed(client: httpx.Client) -> None:
    answer = client.get(SUBSCRIPTIONS)
    assert answer.status_code == 200
    assert all(each.keys() >= {"id", "name", "url"} for each in answer.json()["entities"])

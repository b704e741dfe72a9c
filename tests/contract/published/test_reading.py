"""What the published contract says of reading: held against the simulator, or a real tenant."""

import re
from typing import Any

import httpx
import pytest

from tests.contract.published.asking import (
    PAGE,
    PublishedTenant,
    entries,
    is_true,
    list_page,
    schedule_of,
    sign_in,
    tenant_id,
)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIELDS = {"isScheduled", *(f"{day}{part}" for day in DAYS for part in ("StartTime", "EndTime", "IsActive"))}


def test_token_lives_an_hour(stranger: httpx.Client, tenant: PublishedTenant) -> None:
    content = sign_in(stranger, tenant).json()
    assert (content["token_type"].lower(), int(content["expires_in"])) == ("bearer", 3600)
    assert content["access_token"]


def test_directory_has_the_address(stranger: httpx.Client, tenant: PublishedTenant) -> None:
    found = tenant_id(sign_in(stranger, tenant).json()["id_token"])
    answer = stranger.get(f"{tenant.directory_url}/.well-known/cxone-configuration", params={"tenantId": found})
    assert answer.json()["api_endpoint"].rstrip("/") == tenant.base_url


def test_directory_knows_no_other_tenant(stranger: httpx.Client, tenant: PublishedTenant) -> None:
    unknown = {"tenantId": "00000000-0000-4000-8000-000000000000"}
    answer = stranger.get(f"{tenant.directory_url}/.well-known/cxone-configuration", params=unknown)
    assert answer.status_code == 404


def test_wrong_key_gets_no_token(stranger: httpx.Client, tenant: PublishedTenant) -> None:
    assert sign_in(stranger, tenant, key_secret="wrong====").status_code in {400, 401}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer unknown"}])
def test_call_without_a_token_is_refused(stranger: httpx.Client, headers: dict[str, str]) -> None:
    assert stranger.get("skills", headers=headers).status_code == 401


def test_pages_have_each_skill_once(client: httpx.Client) -> None:
    found: list[str] = []
    while True:
        content = list_page(client, len(found)).json()
        page = entries(content, "skills")
        found += [str(skill["skillId"]) for skill in page]
        if not page or len(found) >= int(content["totalRecords"]):
            break
    assert len(found) == len(set(found)) == int(content["totalRecords"])


def test_page_has_no_more_than_was_asked_for(client: httpx.Client) -> None:
    assert len(entries(list_page(client, top=1).json(), "skills")) <= 1
    assert len(entries(list_page(client).json(), "skills")) <= PAGE


def test_list_is_of_active_phone_skills(client: httpx.Client) -> None:
    skills = entries(list_page(client).json(), "skills")
    assert {(int(skill["mediaTypeId"]), is_true(skill["isActive"])) for skill in skills} <= {(4, True)}


def test_one_skill_is_the_one_of_the_list(client: httpx.Client, skill: dict[str, Any]) -> None:
    content = client.get(f"skills/{skill['skillId']}").json()
    one = content["skills"][0] if "skills" in content else content
    assert [one[key] for key in ("skillId", "skillName")] == [skill[key] for key in ("skillId", "skillName")]
    is_true(one["isRunning"])


def test_schedule_has_its_fields(client: httpx.Client, skill: dict[str, Any]) -> None:
    fields = client.get(schedule_of(skill["skillId"])).json()
    assert fields.keys() >= FIELDS
    for day in DAYS:
        if is_true(fields[f"{day}IsActive"]) and is_true(fields["isScheduled"]):
            assert re.search(r"\d{1,2}:\d\d", fields[f"{day}StartTime"])


def test_schedules_of_all_say_the_same(client: httpx.Client, skill: dict[str, Any]) -> None:
    answer = client.get("skills/parameters", params={"fields": "skillNo,scheduleSettings"})
    found = {str(entry["skillNo"]): entry["scheduleSettings"] for entry in entries(answer.json(), "skills")}
    listed, fields = found[str(skill["skillId"])], client.get(schedule_of(skill["skillId"])).json()
    assert is_true(listed["isScheduled"]) == is_true(fields["isScheduled"])
    for day in listed["schedules"]:
        name = day["day"].lower()
        assert is_true(day["active"]) == is_true(fields[f"{name}IsActive"])
        assert (day["startTime"], day["endTime"]) == (fields[f"{name}StartTime"], fields[f"{name}EndTime"])


def test_calls_are_counted_for_all_and_for_one(client: httpx.Client, skill: dict[str, Any]) -> None:
    params = {"mediaTypeId": "4", "IsOutbound": "true", "top": str(PAGE), "skip": "0"}
    answer = client.get("skills/activity", params=params)
    assert answer.status_code in {200, 204}
    if answer.status_code == 200:
        assert all(int(entry["contactsActive"]) >= 0 for entry in entries(answer.json(), "skillActivity"))
    (one,) = entries(client.get(f"skills/{skill['skillId']}/activity").json(), "skillActivity")
    assert int(one["contactsActive"]) >= 0


def test_business_unit_names_its_zone_and_its_limit(client: httpx.Client) -> None:
    unit = entries(client.get("business-unit").json(), "businessUnits")[0]
    assert unit["defaultTimeZone"]
    assert int(unit["apiPublishedLimit"]) > 0


def test_clock_is_told(client: httpx.Client) -> None:
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", client.get("server-time").json()["ServerTime"])


def test_version_in_use_is_listed(client: httpx.Client, tenant: PublishedTenant) -> None:
    answer = client.get("apiversion", params={"searchUriText": "skills", "verb": "GET"})
    assert tenant.version in {entry["version"] for entry in entries(answer.json(), "apiInfo")}


@pytest.mark.parametrize("path", ["skills/1", schedule_of(1)])
def test_unknown_skill_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in {400, 404}


def test_nothing_has_an_etag(client: httpx.Client, skill: dict[str, Any]) -> None:
    for path in ("skills", f"skills/{skill['skillId']}", schedule_of(skill["skillId"])):
        assert "ETag" not in client.get(path).headers

"""What changes something: held against the simulator alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from campaigns.simulator import Simulator
from tests.contract.v2.asking import (
    LIST,
    SUBSCRIPTIONS,
    for_editing,
    now,
    pause,
    query_calls,
    resume,
    set_schedule,
    state_of,
    subscribe,
    wire_time,
)
from tests.simulator.calling import connect

WINDOW = {"day": "MON", "startTime": "09:00", "endTime": "17:00"}
SCHEDULE = {"timezone": "America/Denver", "dialingHours": [WINDOW], "pauseConditions": ["BUSY"]}


@pytest.fixture
def active(simulator: Simulator) -> str:
    return simulator.add(id="active", calls=12)


@pytest.fixture
def paused(simulator: Simulator) -> str:
    return simulator.add(id="paused", status="PAUSED")


def read_tag(client: httpx.Client, campaign_id: str) -> str:
    return client.get(for_editing(campaign_id)).headers["ETag"]


def read_status(client: httpx.Client, campaign_id: str) -> Any:
    return client.get(state_of(campaign_id)).json()["status"]


def test_server_may_cap_the_page(simulator: Simulator, client: httpx.Client) -> None:
    content = client.get(LIST, params={"pageSize": 100}).json()
    assert (content["pageSize"], content["pageCount"], content["total"]) == (20, 2, 30)


def test_page_past_the_end_is_empty(simulator: Simulator, client: httpx.Client) -> None:
    assert client.get(LIST, params={"pageSize": 20, "pageNumber": 3}).json()["entities"] == []


@pytest.mark.parametrize("params", [{"pageSize": 0}, {"pageNumber": "x"}, {"pageSize": -5}])
def test_nonsense_page_is_refused(simulator: Simulator, client: httpx.Client, params: dict[str, Any]) -> None:
    assert client.get(LIST, params=params).status_code == 400


def test_pause_answers_the_campaign(client: httpx.Client, active: str) -> None:
    answer = pause(client, active)
    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (200, active, "PAUSED")
    assert read_status(client, active) == "PAUSED"


def test_paused_already_conflicts(client: httpx.Client, paused: str) -> None:
    assert pause(client, paused).status_code == 409


def test_resume_makes_active(client: httpx.Client, paused: str) -> None:
    assert resume(client, paused).json()["status"] == "ACTIVE"
    assert read_status(client, paused) == "ACTIVE"


def test_active_already_conflicts(client: httpx.Client, active: str) -> None:
    assert resume(client, active).status_code == 409


@pytest.mark.parametrize(
    "changed",
    [
        {"pauseReason": "BOREDOM"},
        {"pauseReason": None},
        {"effectiveTime": "tomorrow"},
        {"effectiveTime": "2026-02-30T10:00:00Z"},
        {"effectiveTime": "2026-02-03T10:00:00+01:00"},
        {"effectiveTime": None},
        {"dropActiveCalls": "no"},
        {"maxConcurrentPauses": 0},
        {"pause_reason": "EMERGENCY"},
        {"status": "STOPPED"},
    ],
)
def test_malformed_pause_is_refused(client: httpx.Client, active: str, changed: dict[str, Any]) -> None:
    assert pause(client, active, **changed).status_code == 400
    assert read_status(client, active) == "ACTIVE"


def test_malformed_resume_is_refused(client: httpx.Client, paused: str) -> None:
    assert resume(client, paused, effectiveTime="soon").status_code == 400


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_body_must_be_an_object(client: httpx.Client, active: str, content: bytes) -> None:
    assert client.put(state_of(active), content=content).status_code == 400


def test_future_time_defers(client: httpx.Client, active: str) -> None:
    later = wire_time(datetime.now(UTC) + timedelta(hours=1))
    assert pause(client, active, effectiveTime=later).json()["status"] == "ACTIVE"


def test_past_time_is_now(client: httpx.Client, active: str) -> None:
    assert pause(client, active, effectiveTime="2020-01-01T00:00:00Z").json()["status"] == "PAUSED"


def test_unknown_campaign_cannot_change(simulator: Simulator, client: httpx.Client) -> None:
    answers = [pause(client, "none"), resume(client, "none"), set_schedule(client, "none", SCHEDULE, "*")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_schedule_is_set(client: httpx.Client, active: str) -> None:
    before = read_tag(client, active)
    answer = set_schedule(client, active, SCHEDULE, before)
    assert (answer.status_code, answer.json()["schedule"]) == (200, SCHEDULE)
    assert answer.headers["ETag"] == read_tag(client, active) != before


def test_stale_tag_is_refused(simulator: Simulator, client: httpx.Client, active: str) -> None:
    before = read_tag(client, active)
    simulator.change(active, name="Renamed meanwhile")
    assert set_schedule(client, active, SCHEDULE, before).status_code == 412


def test_pause_makes_the_tag_stale(client: httpx.Client, active: str) -> None:
    before = read_tag(client, active)
    pause(client, active)
    assert set_schedule(client, active, SCHEDULE, before).status_code == 412


def test_missing_tag_is_refused(client: httpx.Client, active: str) -> None:
    assert set_schedule(client, active, SCHEDULE, None).status_code == 428


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (None, "schedule"),
        (SCHEDULE | {"timezone": "Mars/Olympus"}, "schedule.timezone"),
        (SCHEDULE | {"time_zone": "America/Denver"}, "schedule.time_zone"),
        ({"timezone": "America/Denver", "dialingHours": []}, "schedule.pauseConditions"),
        (SCHEDULE | {"dialingHours": None}, "schedule.dialingHours"),
        (SCHEDULE | {"dialingHours": [{**WINDOW, "day": "Monday"}]}, "schedule.dialingHours[0].day"),
        (SCHEDULE | {"dialingHours": [{**WINDOW, "startTime": "9:00"}]}, "schedule.dialingHours[0].startTime"),
        (SCHEDULE | {"dialingHours": [{**WINDOW, "endTime": "24:00"}]}, "schedule.dialingHours[0].endTime"),
        (SCHEDULE | {"dialingHours": [{**WINDOW, "endTime": "09:00"}]}, "schedule.dialingHours[0].endTime"),
        (SCHEDULE | {"dialingHours": [WINDOW, {**WINDOW, "start_time": "1"}]}, "schedule.dialingHours[1].start_time"),
        (SCHEDULE | {"pauseConditions": ["RAIN"]}, "schedule.pauseConditions[0]"),
        (SCHEDULE | {"pauseConditions": [["BUSY"]]}, "schedule.pauseConditions[0]"),
    ],
)
def test_invalid_schedule_is_refused(client: httpx.Client, active: str, schedule: object, field: str) -> None:
    answer = set_schedule(client, active, schedule, read_tag(client, active))
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert all(each["message"] for each in answer.json()["errors"])


def test_unknown_fields_are_kept(client: httpx.Client, active: str) -> None:
    further = SCHEDULE | {"holidays": [], "dialingHours": [{**WINDOW, "label": "early"}]}
    assert set_schedule(client, active, further, read_tag(client, active)).status_code == 200
    assert client.get(for_editing(active)).json()["schedule"] == further


def test_what_it_has_may_stay(simulator: Simulator, client: httpx.Client) -> None:
    odd = SCHEDULE | {"dialingHours": [{**WINDOW, "endTime": "17:00:30"}], "pauseConditions": ["RAIN"]}
    campaign = simulator.add(schedule=odd)
    added = odd | {"dialingHours": [*odd["dialingHours"], {**WINDOW, "day": "TUE"}]}
    assert set_schedule(client, campaign, added, read_tag(client, campaign)).status_code == 200


def test_no_conditions_no_windows_is_valid(client: httpx.Client, active: str) -> None:
    empty = SCHEDULE | {"dialingHours": [], "pauseConditions": []}
    assert set_schedule(client, active, empty, read_tag(client, active)).status_code == 200


def test_only_the_schedule_can_be_set(client: httpx.Client, active: str) -> None:
    body = {"schedule": SCHEDULE, "name": "Mine"}
    answer = client.patch(for_editing(active), json=body, headers={"If-Match": read_tag(client, active)})
    assert [each["field"] for each in answer.json()["errors"]] == ["name"]


def test_weak_tag_comes_back_as_it_is() -> None:
    simulator = Simulator(1, etags="weak")
    client, (campaign,) = connect(simulator), simulator.campaign_ids()
    tag = read_tag(client, campaign)
    assert tag.startswith('W/"')
    assert set_schedule(client, campaign, SCHEDULE, tag).status_code == 200


def test_calls_are_counted(client: httpx.Client, active: str) -> None:
    groups = query_calls(client).json()["groups"]
    assert {"campaignId": active, "count": 12} in groups
    assert query_calls(client, active).json() == {"groups": [{"campaignId": active, "count": 12}]}


def test_campaign_without_calls_is_missing(client: httpx.Client, paused: str) -> None:
    assert query_calls(client, paused).json() == {"groups": []}
    assert paused not in {group["campaignId"] for group in query_calls(client).json()["groups"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"fromTime": "2026-01-01"},
        {"fromTime": "2030-01-01T00:00:00Z", "toTime": "2020-01-01T00:00:00Z"},
        {"groupBy": ["campaign_id"]},
        {"filter": "status eq 'DONE'"},
        {"metrics": []},
    ],
)
def test_malformed_query_is_refused(simulator: Simulator, client: httpx.Client, changed: dict[str, Any]) -> None:
    assert query_calls(client, **changed).status_code == 400


def test_subscription_is_made(client: httpx.Client, active: str) -> None:
    answer = subscribe(client, active)
    (listed,) = client.get(SUBSCRIPTIONS).json()["entities"]
    assert answer.status_code == 201
    assert (listed["id"], listed["name"]) == (answer.json()["id"], "CampaignPause_active")


@pytest.mark.parametrize(
    "changed", [{"name": ""}, {"url": "ftp://x"}, {"eventTypes": ["other"]}, {"filter": "campaignId ne 'x'"}]
)
def test_malformed_subscription_is_refused(client: httpx.Client, active: str, changed: dict[str, Any]) -> None:
    assert subscribe(client, active, **changed).status_code == 400


def test_wrong_method_is_told(client: httpx.Client, active: str) -> None:
    answer = client.put(for_editing(active), json={"status": "ACTIVE", "effectiveTime": now()})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH")

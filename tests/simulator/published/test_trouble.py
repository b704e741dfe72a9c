"""What goes wrong: permissions, limits, words in odd places, lost answers; and what there never is."""

import httpx
import pytest

from campaigns.simulator import PublishedSimulator, serve
from tests.simulator.calling import Clock
from tests.simulator.published.calling import (
    SERVICES,
    connect,
    is_running,
    list_skills,
    read_all_calls,
    read_all_schedules,
    read_schedule,
    set_schedule,
    sign_in,
    start,
    stop,
)

STOPS = "/incontactapi/services/*/skills/*/stop"


@pytest.mark.parametrize("missing", ["Skills Edit", "Outbound Strategy Manager"])
def test_stop_needs_permissions(simulator: PublishedSimulator, client: httpx.Client, skill: str, missing: str) -> None:
    rest = {"Skills View", "Skills Edit", "Outbound Strategy Manager"} - {missing}
    simulator.switch(permissions=sorted(rest))
    answer = stop(client, skill)
    assert (answer.status_code, is_running(client, skill)) == (403, True)
    assert missing in answer.headers["icStatusDescription"]


def test_schedule_and_reading_need_permissions(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    fields = read_schedule(client, skill)
    simulator.switch(permissions=["Skills View"])
    assert (set_schedule(client, skill, fields).status_code, list_skills(client).status_code) == (403, 200)
    simulator.switch(permissions=[])
    assert (read_all_calls(client).status_code, list_skills(client).status_code) == (403, 403)


@pytest.mark.parametrize(
    ("kind", "value"), [("seconds", "60"), ("date", "Wed, 04 Mar 2026 12:01:00 GMT"), ("none", None)]
)
def test_limit_with_and_without_retry_after(clock: Clock, kind: str, value: str | None) -> None:
    simulator = PublishedSimulator(0, clock=clock, rate_per_minute=2, retry_after=kind)  # type: ignore[arg-type]
    client = connect(simulator)
    answers = [list_skills(client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers.get("Retry-After") == value


@pytest.mark.parametrize("name", ["error_description", "errorDescription", "message", "error"])
def test_words_have_many_names(simulator: PublishedSimulator, client: httpx.Client, skill: str, name: str) -> None:
    simulator.switch(words=name)
    assert start(client, skill).json() == {name: f"Skill {skill} is already running."}


def test_words_are_only_in_a_header(client: httpx.Client, skill: str) -> None:
    answer = start(client, skill)
    assert (answer.content, answer.headers["icStatusDescription"]) == (b"", f"Skill {skill} is already running.")


def test_words_may_be_missing(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.switch(words="none")
    answer = start(client, skill)
    assert (answer.status_code, answer.content) == (409, b"")
    assert "icStatusDescription" not in answer.headers


def test_fault_has_the_words_of_a_refusal(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.fail("POST", STOPS, status=503, headers={"Retry-After": "7"})
    answer = stop(client, skill)
    assert (answer.status_code, answer.content, answer.headers["Retry-After"]) == (503, b"", "7")
    assert answer.headers["icStatusDescription"] == "Service Unavailable"
    assert is_running(client, skill)


def test_fault_is_of_one_route(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.fail("GET", "*/skills/activity", status=204, body="")
    assert read_all_calls(client).status_code == 204
    assert read_all_calls(client).status_code == 200


def test_answer_is_lost_after_the_change(simulator: PublishedSimulator, client: httpx.Client, skill: str) -> None:
    simulator.fail("POST", STOPS, cut=True, done=True)
    with pytest.raises(httpx.RemoteProtocolError):
        stop(client, skill)
    assert not is_running(client, skill)
    (entry,) = simulator.record.applied(skill)
    assert (entry.method, entry.status) == ("POST", None)


def test_schedule_is_set_though_the_answer_is_lost(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    fields = read_schedule(client, skill)
    simulator.fail("PUT", "*/schedule-settings", status=504, done=True)
    changed = {"mondayIsActive": True, "mondayStartTime": "08:00", "mondayEndTime": "09:00"}
    assert set_schedule(client, skill, fields, **changed).status_code == 504
    assert read_schedule(client, skill)["mondayEndTime"] == "09:00"


def test_right_schedule_is_refused_without_a_reason(
    simulator: PublishedSimulator, client: httpx.Client, skill: str
) -> None:
    fields = read_schedule(client, skill)
    simulator.fail("PUT", "*/schedule-settings", status=400, headers={"icStatusDescription": "InvalidParameter"})
    answer = set_schedule(client, skill, fields)
    assert (answer.status_code, answer.content) == (400, b"")
    assert answer.headers["icStatusDescription"] == "InvalidParameter"


def test_accepted_turn_is_forgotten(
    simulator: PublishedSimulator, client: httpx.Client, clock: Clock, skill: str
) -> None:
    simulator.switch(turns="later")
    simulator.fail("POST", STOPS, forget=True)
    assert stop(client, skill).status_code == 202
    clock.advance(60)
    assert is_running(client, skill)


def test_nothing_has_an_etag(client: httpx.Client, skill: str) -> None:
    fields = read_schedule(client, skill)
    answers = [
        list_skills(client),
        client.get(f"{SERVICES}/skills/{skill}"),
        client.get(f"{SERVICES}/skills/{skill}/parameters/schedule-settings"),
        set_schedule(client, skill, fields),
        read_all_schedules(client),
        read_all_calls(client),
        stop(client, skill),
    ]
    assert all(answer.is_success and "ETag" not in answer.headers for answer in answers)


def test_if_match_is_ignored(client: httpx.Client, skill: str) -> None:
    client.headers["If-Match"] = '"another"'
    assert set_schedule(client, skill, read_schedule(client, skill)).status_code == 200


@pytest.mark.parametrize("path", ["/api/v2/event/subscriptions", f"{SERVICES}/event/subscriptions"])
def test_there_are_no_events(client: httpx.Client, path: str) -> None:
    assert client.post(path, json={"url": "http://127.0.0.1:9/"}).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_skill_itself_cannot_be_changed(client: httpx.Client, skill: str, method: str) -> None:
    assert client.request(method, f"{SERVICES}/skills/{skill}").status_code == 405


def test_requests_of_each_day_are_counted(
    simulator: PublishedSimulator, stranger: httpx.Client, client: httpx.Client, clock: Clock
) -> None:
    # Neither a request for a token nor one without.
    list_skills(stranger)
    list_skills(client)
    list_skills(client)
    clock.advance(12 * 3600)
    sign_in(client)
    client.headers["Authorization"] = f"Bearer {sign_in(client).json()['access_token']}"
    list_skills(client)
    assert simulator.requests_by_day() == {"2026-03-04": 2, "2026-03-05": 1}


def test_it_serves_over_a_real_connection(simulator: PublishedSimulator, skill: str) -> None:
    with (
        serve(simulator) as server,
        httpx.Client(base_url=server.url, headers={"Accept": "application/json"}) as client,
    ):
        token = sign_in(client).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert stop(client, skill).status_code == 202
        assert not is_running(client, skill)

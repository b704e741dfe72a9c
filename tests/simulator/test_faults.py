"""Whatever a test scripts goes wrong, so often and no more."""

import httpx
import pytest

from campaigns.simulator import Simulator, serve
from tests.simulator.calling import Clock, connect, pause, read_status, sign_in
from tests.simulator.transport import overdue

PUTS = "/api/v2/campaigns/*"


@pytest.fixture
def campaign(simulator: Simulator) -> str:
    return simulator.add()


def test_status_replaces_the_work(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("PUT", PUTS, status=503)
    assert pause(client, campaign).status_code == 503
    assert read_status(client, campaign) == "ACTIVE"


def test_fault_is_used_up(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, times=2, status=500)
    path = f"/api/v2/campaigns/{campaign}"
    assert [client.get(path).status_code for _ in range(3)] == [500, 500, 200]


def test_fault_lets_some_pass(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, skip=1, status=500)
    path = f"/api/v2/campaigns/{campaign}"
    assert [client.get(path).status_code for _ in range(3)] == [200, 500, 200]


def test_endless_fault_ends_when_cleared(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("*", "/api/*", times=None, status=502)
    path = f"/api/v2/campaigns/{campaign}"
    failed = [client.get(path).status_code for _ in range(5)]
    simulator.clear_faults()
    assert (failed, client.get(path).status_code) == ([502] * 5, 200)


def test_other_method_is_unharmed(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("PUT", PUTS, status=503)
    assert read_status(client, campaign) == "ACTIVE"


def test_other_path_is_unharmed(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, status=503)
    assert client.get(f"/api/v2/outbound/campaigns/{campaign}").status_code == 200


def test_token_address_can_fail(simulator: Simulator) -> None:
    simulator.fail("POST", "/oauth/token", status=401, body={"error": "invalid_client"})
    with pytest.raises(KeyError):
        connect(simulator)


def test_work_done_but_answer_lost(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("PUT", PUTS, cut=True, done=True)
    with pytest.raises(httpx.RemoteProtocolError):
        pause(client, campaign)
    assert read_status(client, campaign) == "PAUSED"


def test_cut_before_the_work(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("PUT", PUTS, cut=True)
    with pytest.raises(httpx.RemoteProtocolError):
        pause(client, campaign)
    assert read_status(client, campaign) == "ACTIVE"


def test_work_done_but_gateway_timeout(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("PUT", PUTS, status=504, done=True)
    assert pause(client, campaign).json() == {"status": 504, "message": "Gateway Timeout"}
    assert read_status(client, campaign) == "PAUSED"


def test_garbage_is_no_json(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("PUT", PUTS, body="<html>oops", done=True)
    answer = pause(client, campaign)
    assert (answer.status_code, answer.text) == (200, "<html>oops")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_json_without_its_fields(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, body={"name": "only"})
    assert client.get(f"/api/v2/campaigns/{campaign}").json() == {"name": "only"}


def test_header_can_be_taken_out(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", "/api/v2/outbound/*", headers={"ETag": None})
    answer = client.get(f"/api/v2/outbound/campaigns/{campaign}")
    assert answer.json()["id"] == campaign
    assert "ETag" not in answer.headers


def test_header_can_be_put_in(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, status=429, headers={"Retry-After": "soon"})
    assert client.get(f"/api/v2/campaigns/{campaign}").headers["Retry-After"] == "soon"


def test_answer_too_late_work_done(clock: Clock) -> None:
    simulator = Simulator(0, clock=clock, sleep=overdue)
    client, campaign = connect(simulator), simulator.add()
    simulator.fail("PUT", PUTS, delay=60)
    with pytest.raises(httpx.ReadTimeout):
        pause(client, campaign)
    assert read_status(client, campaign) == "PAUSED"


def test_delay_is_carried_out(clock: Clock) -> None:
    slept: list[float] = []
    simulator = Simulator(0, clock=clock, sleep=slept.append)
    client, campaign = connect(simulator), simulator.add()
    simulator.fail("PUT", PUTS, delay=1.5)
    assert (pause(client, campaign).status_code, slept) == (200, [1.5])


def test_body_can_be_changed_in_part(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, change={"schedule": {"timezone": None, "holidays": []}, "name": None, "more": 1})
    content = client.get(f"/api/v2/campaigns/{campaign}").json()
    assert content.keys() == {"id", "status", "schedule", "more"}
    assert content["schedule"] == {"dialingHours": [], "pauseConditions": [], "holidays": []}


def test_token_can_lack_its_lifetime(simulator: Simulator) -> None:
    simulator.fail("POST", "/oauth/token", change={"expires_in": None})
    client = connect(simulator)
    assert client.get("/api/v2/outbound/campaigns").status_code == 200


def test_body_can_be_large(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, size=1_000_000)
    answer = client.get(f"/api/v2/campaigns/{campaign}")
    assert (len(answer.content), answer.json()["id"]) == (1_000_000, campaign)


def test_body_can_be_compressed(simulator: Simulator, client: httpx.Client, campaign: str) -> None:
    simulator.fail("GET", PUTS, size=1_000_000, gzip=True)
    answer = client.get(f"/api/v2/campaigns/{campaign}")
    assert int(answer.headers["Content-Length"]) < 10_000
    assert len(answer.content) == 1_000_000


def test_answer_can_trickle(simulator: Simulator, campaign: str) -> None:
    with serve(simulator) as server, httpx.Client(base_url=server.url) as slow:
        sign_in(slow)
        simulator.fail("GET", PUTS, trickle=0.001)
        answer = slow.get(f"/api/v2/campaigns/{campaign}")
        assert answer.json()["id"] == campaign
        assert "Simulator-Trickle" not in answer.headers
        assert answer.elapsed.total_seconds() > 0.1


def test_client_that_has_had_enough_harms_nobody(simulator: Simulator, campaign: str) -> None:
    with serve(simulator) as server, httpx.Client(base_url=server.url) as slow:
        sign_in(slow)
        simulator.fail("GET", PUTS, trickle=0.02)
        with pytest.raises(httpx.ReadTimeout):
            slow.get(f"/api/v2/campaigns/{campaign}", timeout=0.01)
        assert read_status(slow, campaign) == "ACTIVE"


def test_forgotten_pause_never_happens(
    simulator: Simulator, client: httpx.Client, campaign: str, clock: Clock
) -> None:
    simulator.fail("PUT", PUTS, forget=True)
    assert pause(client, campaign, at=clock() + 60).status_code == 200
    clock.advance(600)
    assert read_status(client, campaign) == "ACTIVE"

"""Over a real connection: kept alive, cut when told so, ended by a stop."""

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import httpx
import pytest

from campaigns.simulator import Server, Simulator, serve
from tests.simulator.calling import pause, read_status, sign_in


def test_connection_is_kept_alive(server: Server) -> None:
    connection = HTTPConnection(server.url.removeprefix("http://"))
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/api/v2/outbound/campaigns")
        connection.getresponse().read()
        assert connection.sock is first
    connection.close()


def test_answers_over_the_wire(simulator: Simulator, remote: httpx.Client) -> None:
    campaign = simulator.add(name="Québec & Söhne")
    assert remote.get(f"/api/v2/campaigns/{campaign}").json()["name"] == "Québec & Söhne"


def test_cut_connection_ends_without_answer(simulator: Simulator, remote: httpx.Client) -> None:
    campaign = simulator.add()
    simulator.fail("PUT", "/api/v2/campaigns/*", cut=True, done=True)
    with pytest.raises(httpx.RemoteProtocolError):
        pause(remote, campaign)
    assert read_status(remote, campaign) == "PAUSED"


def test_odd_ids_survive_the_path(simulator: Simulator, remote: httpx.Client) -> None:
    simulator.add(id="ä b?c%")
    assert remote.get("/api/v2/campaigns/%C3%A4%20b%3Fc%25").json()["id"] == "ä b?c%"


def test_endless_body_is_refused(remote: httpx.Client) -> None:
    assert remote.post("/api/v2/event/subscriptions", content=iter([b"{}"])).status_code == 411


def test_huge_body_is_refused(remote: httpx.Client) -> None:
    assert remote.put("/api/v2/campaigns/x", content=b" " * 1_000_001).status_code == 413


def test_stopped_server_ends_connections(simulator: Simulator) -> None:
    server = serve(simulator)
    with httpx.Client(base_url=server.url) as client:
        sign_in(client)
        server.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/api/v2/outbound/campaigns")


def test_rivals_pause_only_once(simulator: Simulator, remote: httpx.Client) -> None:
    campaign = simulator.add()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: pause(remote, campaign).status_code, range(16)))
    assert sorted(statuses) == [200] + [409] * 15

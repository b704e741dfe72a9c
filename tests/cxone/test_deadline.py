"""An exchange ends in time whatever the server does meanwhile, and a long answer is not read to its end."""

import gzip
import json
import ssl
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from campaigns.cxone import body, deadline, errors, transport
from campaigns.cxone.auth import Tokens
from campaigns.cxone.body import UnusableBody
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import CXoneError
from campaigns.cxone.transport import Transport
from campaigns.cxone.v2.gateway import V2
from tests.cxone import changes
from tests.cxone.certificates import self_signed
from tests.cxone.fakes import CREDENTIALS, Shelf, Till, campaign_json
from tests.cxone.wire_server import Connection, Script, WireServer, over_tls

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WHOLE = json.dumps(campaign_json()).encode()
PATIENCE = 0.2
MOST_BYTES_IN_PATIENCE = 100  # a client with this patience hears about ten drips

Serve = Callable[[Script], WireServer]
opened: list[httpx.Client] = []


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    servers: list[WireServer] = []
    monkeypatch.setattr(transport, "EXCHANGE_SECONDS", PATIENCE)

    def start(script: Script) -> WireServer:
        servers.append(WireServer(script))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(autouse=True)
def clients() -> Iterator[None]:
    yield
    while opened:
        opened.pop().close()


def gateway_to(server: WireServer, scheme: str = "http", connections: int = 2) -> V2:
    shelf = Shelf()
    shelf.put("t0ken")
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    client = httpx.Client(
        base_url=f"{scheme}://127.0.0.1:{server.port}",
        transport=Transport(limits),
        timeout=httpx.Timeout(None, connect=5, pool=0.1),
    )
    opened.append(client)
    return V2(client, Tokens(CREDENTIALS, shelf), Till(), Lane.CLICK)


def read(gateway: V2) -> object:
    return gateway.read_state("c-1")


def pause(gateway: V2) -> object:
    return changes.pause(gateway, "c-1", datetime(2026, 3, 2, tzinfo=UTC))


def failure(act: Callable[[V2], object], gateway: V2) -> CXoneError:
    with pytest.raises(CXoneError) as caught:
        act(gateway)
    return caught.value


def trickle_the_head(connection: Connection) -> None:
    connection.read_request()
    connection.send(b"HTTP/1.1 200 OK\r\nX: ")
    connection.drip()


def trickle_the_body(connection: Connection) -> None:
    connection.read_request()
    connection.send(HEAD + b"Content-Length: 100000\r\n\r\n")
    connection.drip(b" ")


def say_continue_forever(connection: Connection) -> None:
    connection.read_request()
    while True:
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")


trickles = pytest.mark.parametrize("script", [trickle_the_head, trickle_the_body, say_continue_forever])


@trickles
def test_trickled_read_may_be_tried_again(serve: Serve, script: Script) -> None:
    assert type(failure(read, gateway_to(serve(script)))) is errors.ServerTrouble


@trickles
def test_trickled_write_is_unknown(serve: Serve, script: Script) -> None:
    assert type(failure(pause, gateway_to(serve(script)))) is errors.OutcomeUnknown


@pytest.mark.parametrize("script", [trickle_the_head, trickle_the_body])
def test_trickle_is_not_waited_for(serve: Serve, script: Script) -> None:
    server = serve(script)
    failure(read, gateway_to(server))
    assert server.sent < MOST_BYTES_IN_PATIENCE


@trickles
def test_whoever_cannot_wait_as_long_has_less(serve: Serve, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = gateway_to(serve(script))
    monkeypatch.setattr(transport, "EXCHANGE_SECONDS", 60.0)
    began = monotonic()
    with deadline.at_most(PATIENCE):
        assert type(failure(read, gateway)) is errors.ServerTrouble
    assert monotonic() - began < 30


def test_refusal_counts_although_its_body_trickles(serve: Serve) -> None:
    def refuse(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 409 Conflict\r\nContent-Length: 100000\r\n\r\n")
        connection.drip()

    assert type(failure(pause, gateway_to(serve(refuse)))) is errors.Conflict


@pytest.mark.parametrize("trickled", [b"", b"\x16\x03\x03\x40\x00"])
def test_endless_handshake_sends_nothing(serve: Serve, trickled: bytes) -> None:
    def shake(connection: Connection) -> None:
        connection.send(trickled)
        connection.drip(b"\x02")

    server = serve(shake)
    assert type(failure(pause, gateway_to(server, "https"))) is errors.Unreachable
    assert server.sent < MOST_BYTES_IN_PATIENCE


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ssl.SSLContext:
    """What a server on this machine proves itself with, to a client that trusts it."""
    server, certificate = self_signed(tmp_path)
    client = ssl.create_default_context(cadata=certificate)
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: client)
    return server


def test_answer_over_tls_is_read(serve: Serve, trusted: ssl.SSLContext) -> None:
    def answer(connection: Connection) -> None:
        connection.read_request()
        connection.send(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(WHOLE), WHOLE))

    assert gateway_to(serve(over_tls(trusted, answer)), "https").read_state("c-1").status == "ACTIVE"


@trickles
def test_trickle_over_tls_ends_in_time(serve: Serve, trusted: ssl.SSLContext, script: Script) -> None:
    assert type(failure(pause, gateway_to(serve(over_tls(trusted, script)), "https"))) is errors.OutcomeUnknown


def test_names_look_up_has_no_longer(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        sleep(PATIENCE * 3)
        return []

    monkeypatch.setattr(deadline, "getaddrinfo", look_up)
    gateway = gateway_to(serve(trickle_the_head))
    gateway._channel.client.base_url = "http://cxone.test"
    assert "takes too long" in str(failure(pause, gateway))


def test_addresses_of_a_host_are_tried_in_turn(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(connection: Connection) -> None:
        connection.read_request()
        connection.send(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(WHOLE), WHOLE))

    server = serve(answer)
    found = [(0, 0, 0, "", ("::1", server.port)), (0, 0, 0, "", ("127.0.0.1", server.port))]
    monkeypatch.setattr(deadline, "getaddrinfo", lambda *_, **__: found)
    gateway = gateway_to(server)
    gateway._channel.client.base_url = f"http://cxone.test:{server.port}"
    assert gateway.read_state("c-1").status == "ACTIVE"


def test_pool_outlives_trickles(serve: Serve) -> None:
    """More of them than the pool has connections; then one that answers."""

    def trickle_at_first(connection: Connection) -> None:
        if len(server.connections) <= 4:
            trickle_the_body(connection)
        connection.read_request()
        connection.send(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(WHOLE), WHOLE))

    server = serve(trickle_at_first)
    gateway = gateway_to(server, connections=2)
    for _ in range(4):
        failure(read, gateway)
    assert gateway.read_state("c-1").status == "ACTIVE"


# --- answers without end ---


def flood(connection: Connection) -> None:
    connection.read_request()
    connection.send(HEAD + b"Content-Length: 300000000\r\n\r\n{")
    for _ in range(300):
        connection.send(b" " * 1_000_000)


def test_endless_answer_is_not_read_to_its_end(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "EXCHANGE_SECONDS", 30)
    server = serve(flood)
    assert "longer than 4,000 KB" in str(failure(read, gateway_to(server)))
    assert server.sent < 20_000_000  # what was read, and what the system holds between two sockets


def test_endless_answer_to_a_write_is_unknown(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "EXCHANGE_SECONDS", 30)
    assert type(failure(pause, gateway_to(serve(flood)))) is errors.OutcomeUnknown


def test_endless_refusal_is_a_refusal(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 409 Conflict\r\nContent-Length: 300000000\r\n\r\nBecause.")
        for _ in range(300):
            connection.send(b" " * 1_000_000)

    monkeypatch.setattr(transport, "EXCHANGE_SECONDS", 30)
    server = serve(refuse)
    error = failure(pause, gateway_to(server))
    assert (type(error), error.words) == (errors.Conflict, "Because.")
    assert server.sent < 20_000_000


def in_parts(data: bytes) -> Iterator[bytes]:
    return (data[start : start + 65_536] for start in range(0, len(data), 65_536))


def test_compressed_answer_is_counted_unfolded() -> None:
    folded = gzip.compress(b" " * 40_000_000)
    tracemalloc.start()
    with pytest.raises(UnusableBody):
        body.read_body(in_parts(folded), "gzip", most=body.MOST_BYTES)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(folded) < 100_000
    assert peak < 20_000_000


def test_compressed_answer_without_content_is_counted_as_it_came() -> None:
    """Empty blocks of deflate unfold to nothing, however many there are."""
    with pytest.raises(UnusableBody):
        body.read_body(
            (gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 100 for _ in range(10)), "gzip", most=2_000
        )


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000])
def test_compressed_answer_is_unfolded(size: int) -> None:
    content = b"ab" * size
    assert body.read_body(in_parts(gzip.compress(content)), "GZIP", most=body.MOST_BYTES) == content


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "aws-chunked"])
def test_other_compression_is_unusable(encoding: str) -> None:
    with pytest.raises(UnusableBody, match="not asked for"):
        body.read_body([b"{}"], encoding, most=10)


def test_answer_that_is_not_what_it_says_is_unusable() -> None:
    with pytest.raises(UnusableBody, match="says that it is gzip"):
        body.read_body([b"{}"], "gzip", most=10)

"""What httpcore raises over real sockets: the exceptions that test_failures.py has a mock raise are these.

A mock answers without HTTP. It takes a body that is shorter than its Content-Length for a whole one, and an interim
status (1xx) for the last: both are tried here alone.
"""

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from campaigns.cxone import deadline
from campaigns.cxone.connect import TIMEOUT
from campaigns.cxone.transport import DEADLINE, Transport
from tests.cxone.certificates import self_signed
from tests.cxone.failures import FAILURES, Parts
from tests.cxone.wire_server import Connection, Script, WireServer, over_tls

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PATIENCE = 0.3

Serve = Callable[[Script], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[WireServer] = []

    def start(script: Script) -> int:
        servers.append(WireServer(script))
        return servers[-1].port

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def transport() -> Iterator[Transport]:
    with Transport(httpx.Limits(max_connections=1)) as transport:
        yield transport


def answering(answer: bytes) -> Script:
    def script(connection: Connection) -> None:
        connection.read_request()
        connection.send(answer)

    return script


def reset(connection: Connection) -> None:
    """Closed so that the kernel answers with RST: SO_LINGER with no time at all."""
    connection.taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_at_once(connection: Connection) -> None:
    connection.read_request()
    reset(connection)


def reset_within_the_body(connection: Connection) -> None:
    answering(HEAD + b'Content-Length: 1000\r\n\r\n{"id"')(connection)
    sleep(PATIENCE / 3)  # until that much was read: what a reset overtakes is lost
    reset(connection)


def ask(transport: Transport, port: int, scheme: str = "http", host: str = "127.0.0.1") -> bytes:
    timeout = TIMEOUT.as_dict() | {"pool": PATIENCE / 3}
    request = httpx.Request(
        "GET", f"{scheme}://{host}:{port}/", extensions={"timeout": timeout, DEADLINE: PATIENCE * 3}
    )
    return transport.handle_request(request).read()


def raised(transport: Transport, port: int, scheme: str = "http", host: str = "127.0.0.1") -> BaseException | None:
    """What httpcore raised, which our transport gives as the cause of an exception of httpx."""
    with pytest.raises(httpx.TransportError) as caught:
        ask(transport, port, scheme, host)
    return caught.value.__cause__


def assert_is_mocked(error: BaseException | None, what: str) -> None:
    mocked: object = FAILURES[what].network
    if isinstance(mocked, httpx.Response) and isinstance(mocked.stream, Parts):
        mocked = mocked.stream.parts[-1]
    assert type(error) is type(mocked)
    # TLS adds the name of the host, and the line of OpenSSL's source, which depends on its release.
    assert str(error).startswith(str(mocked))


@pytest.mark.parametrize(
    ("what", "script"),
    [
        ("reset", reset_at_once),
        ("closed without an answer", answering(b"")),
        ("no HTTP", answering(b"SSH-2.0\r\n\r\n")),
        ("another protocol", answering(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")),
        ("half a body", answering(HEAD + b'Content-Length: 1000\r\n\r\n{"id"')),
        ("half a chunk", answering(HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n')),
        ("reset within the body", reset_within_the_body),
    ],
)
def test_broken_exchange(serve: Serve, transport: Transport, what: str, script: Script) -> None:
    assert_is_mocked(raised(transport, serve(script)), what)


def test_nobody_listens(serve: Serve, transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert_is_mocked(raised(transport, port), "connection refused")


def test_name_that_is_not_known(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(deadline, "getaddrinfo", look_up)
    assert_is_mocked(raised(transport, 443, host="cxone.test"), "unknown name")


def test_look_up_that_takes_too_long(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "getaddrinfo", lambda *_, **__: sleep(PATIENCE * 4))
    assert_is_mocked(raised(transport, 443, host="cxone.test"), "slow look-up")


def test_no_answer_in_time(serve: Serve, transport: Transport) -> None:
    def wait(connection: Connection) -> None:
        connection.read_request()
        sleep(PATIENCE * 4)

    assert_is_mocked(raised(transport, serve(wait)), "read timeout")


def test_no_connection_of_the_pool_is_free(serve: Serve, transport: Transport) -> None:
    port = serve(answering(HEAD + b'Content-Length: 1000\r\n\r\n{"id"'))
    request = httpx.Request("GET", f"http://127.0.0.1:{port}/")
    response = transport.handle_request(request)
    assert_is_mocked(raised(transport, port), "no free connection")
    response.close()


def test_server_without_tls(serve: Serve, transport: Transport) -> None:
    def answer_a_handshake(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert_is_mocked(raised(transport, serve(answer_a_handshake), "https"), "no TLS")


def test_certificate_of_an_unknown_authority(serve: Serve, transport: Transport, tmp_path: Path) -> None:
    server, _ = self_signed(tmp_path)
    assert_is_mocked(raised(transport, serve(over_tls(server, answering(HEAD))), "https"), "unknown authority")


def test_certificate_of_another_host(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, certificate = self_signed(tmp_path)
    made = httpx.create_ssl_context

    def with_its_authority(**options: Any) -> ssl.SSLContext:
        context = made(**options)
        context.load_verify_locations(cadata=certificate)
        return context

    # The product's own context: with one of the test's, it would say nothing about the product's.
    monkeypatch.setattr(httpx, "create_ssl_context", with_its_authority)
    monkeypatch.setattr(deadline, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", 0))])
    with Transport(httpx.Limits()) as transport:
        error = raised(transport, serve(over_tls(server, answering(HEAD))), "https", "other.test")
    assert_is_mocked(error, "certificate of another host")


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_interim_answer_is_skipped(serve: Serve, transport: Transport, interim: bytes) -> None:
    answer = b"HTTP/1.1 %s\r\n\r\n%sContent-Length: 2\r\n\r\n{}" % (interim, HEAD)
    assert ask(transport, serve(answering(answer))) == b"{}"

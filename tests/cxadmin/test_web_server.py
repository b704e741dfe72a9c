"""Waitress and gunicorn as they run here: no stranger fills memory or disk, or keeps others out."""

import http.client
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from cxadmin import bounds, web_server
from tests.processes.group import PATIENCE, wait_until
from tests.processes.product import environment_in, free_port

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONG = 300 * 1024 * 1024
HALF_SENT = 150
FIELDS = b"Host: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
# What an operating system holds on the way between two processes, at most.
BUFFERED = 16 * 1024 * 1024


class Waitress:
    """A server in a thread, on a port of its own."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.port = free_port()
        server = web_server.make_server(application, "127.0.0.1", self.port)
        assert isinstance(server, BaseWSGIServer)
        self.server = server
        self._thread = threading.Thread(target=server.run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.pull_trigger()
        self.server.task_dispatcher.shutdown()
        wasyncore.close_all(self.server._map)
        self._thread.join(PATIENCE)


@pytest.fixture(scope="module")
def waitress() -> Iterator[Waitress]:
    with closing(Waitress(get_wsgi_application())) as server:
        yield server


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Its port, and the folder for its temporary files."""
    folder, port = tmp_path_factory.mktemp("gunicorn"), free_port()
    temporary = folder / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "gunicorn", "cxadmin.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    # DEBUG: no collected static files to look for.
    environment = environment_in(folder) | {"TMPDIR": str(temporary), "DEBUG": "on"}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment) as process:
        wait_until(lambda: _answers(port), lambda: "gunicorn doesn’t answer")
        yield port, temporary
        process.terminate()


def _answers(port: int) -> bool:
    try:
        return get(port, "/healthz") == 200
    except OSError:
        return False


def get(port: int, path: str, host: str = "localhost") -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", path, headers={"Host": host, "Connection": "close"})
        return connection.getresponse().status


def send_long_body(port: int, path: str, head: bytes, piece: bytes) -> tuple[int, bytes]:
    """How much of 300 MB the server let in, and what it answered."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\n".encode() + FIELDS + head + b"\r\n")
        try:
            while sent < LONG:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:  # the server has closed
            pass
        return sent, connection.recv(65536)


LENGTH = f"Content-Length: {LONG}\r\n".encode()
PIECE = b"x" * 65536
CHUNK = b"10000\r\n" + PIECE + b"\r\n"


@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/", "/healthz", "/webhooks/cxone/wrong/"])
def test_waitress_refuses_a_large_body_by_its_head(
    waitress: Waitress, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sent, answer = send_long_body(waitress.port, path, LENGTH, PIECE)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"This is too large" in answer
    assert sent < BUFFERED
    assert list(tmp_path.iterdir()) == []


def test_waitress_stops_a_large_body_in_chunks(waitress: Waitress) -> None:
    sent, answer = send_long_body(waitress.port, "/accounts/login/", b"Transfer-Encoding: chunked\r\n", CHUNK)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < BUFFERED


@pytest.mark.parametrize("path", ["/accounts/login/", "/nowhere/", "/healthz"])
def test_gunicorn_refuses_a_large_body_by_its_head(gunicorn: tuple[int, Path], path: str) -> None:
    port, temporary = gunicorn
    sent, answer = send_long_body(port, path, LENGTH, PIECE)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < BUFFERED
    assert list(temporary.iterdir()) == []


def test_gunicorn_wants_a_length(gunicorn: tuple[int, Path]) -> None:
    port, temporary = gunicorn
    sent, answer = send_long_body(port, "/accounts/login/", b"Transfer-Encoding: chunked\r\n", CHUNK)
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert sent < BUFFERED
    assert list(temporary.iterdir()) == []


def test_gunicorn_takes_the_address_of_many_ticks(gunicorn: tuple[int, Path]) -> None:
    query = "&".join(["id=" + "x" * 100] * 50)
    with socket.create_connection(("127.0.0.1", gunicorn[0]), timeout=PATIENCE) as connection:
        connection.sendall(f"GET /bulk/pause/?{query} HTTP/1.1\r\n".encode() + FIELDS + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 302 ")


def test_long_head_is_refused(waitress: Waitress) -> None:
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * web_server.HEAD_BYTES + b"\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.0 431 ")


@pytest.mark.parametrize("line", [b"\x16\x03\x01\x02", b"nonsense", b"GET / HTTP/1.1 and more"])
def test_what_is_no_request_is_refused(waitress: Waitress, line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(line + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.0 400 Bad Request")


def test_half_sent_requests_keep_nobody_out(waitress: Waitress) -> None:
    with ExitStack() as held:
        for number in range(HALF_SENT):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", waitress.port)))
            half_of_head, half_of_body = b"GET / HT", FIELDS + b"Content-Length: 1000\r\n\r\nx"
            connection.sendall(half_of_head if number % 2 else b"POST /accounts/login/ HTTP/1.1\r\n" + half_of_body)
        assert get(waitress.port, "/healthz") == 200


def channel_of(waitress: Waitress, connection: socket.socket) -> web_server.BoundedChannel:
    """The server's side of a connection, once something has arrived on it."""
    found: list[web_server.BoundedChannel] = []

    def has_arrived() -> bool:
        channels = list(waitress.server.active_channels.values())
        found[:] = [channel for channel in channels if channel.addr == connection.getsockname() and channel.request]
        return bool(found)

    wait_until(has_arrived, lambda: "nothing has arrived")
    return found[0]


def test_bytes_that_trickle_in_do_not_prolong_a_request(waitress: Waitress) -> None:
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        channel = channel_of(waitress, connection)
        channel.last_activity = began = time.time() - web_server.ARRIVAL_SECONDS - 1
        connection.sendall(b"x")
        wait_until(lambda: channel.request.header_plus.endswith(b"x"), lambda: "the byte has not arrived")
        assert channel.last_activity == began
        waitress.server.maintenance(time.time())
        waitress.server.pull_trigger()
        assert connection.recv(1) == b""


def test_head_leaves_the_connection_usable(waitress: Waitress) -> None:
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = connection.recv(65536)
        connection.settimeout(0.2)
        rest = _rest(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert (answer + rest).endswith(b"\r\n\r\n")
    assert b"Content-Length: 3\r\n" in answer


def test_refused_head_has_no_body(waitress: Waitress) -> None:
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(b"HEAD / HTTP/1.1\r\n" + FIELDS + LENGTH + b"\r\n")
        with connection.makefile("rb") as answer:
            text = answer.read()
    assert text.startswith(b"HTTP/1.1 413 ")
    assert text.endswith(b"\r\n\r\n")


def test_refused_body_is_not_asked_for(waitress: Waitress) -> None:
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + FIELDS + b"Expect: 100-continue\r\n" + LENGTH + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_body_within_the_bound_is_asked_for(waitress: Waitress) -> None:
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + FIELDS + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")


def test_many_requests_ahead_end_the_connection(waitress: Waitress) -> None:
    """Unread answers to hundreds of them would fill what a connection may leave unread, and hold a page thread."""
    request = b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall(request * 2 * web_server.MOST_AHEAD)
        with suppress(ConnectionResetError), connection.makefile("rb") as answers:
            assert answers.read().count(b"200 OK") <= web_server.MOST_AHEAD
    assert get(waitress.port, "/healthz") == 200


def test_some_requests_ahead_are_answered(waitress: Waitress) -> None:
    request = b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection(("127.0.0.1", waitress.port), timeout=PATIENCE) as connection:
        connection.sendall((request + b"\r\n") * 3 + request + b"Connection: close\r\n\r\n")
        with connection.makefile("rb") as answers:
            assert answers.read().count(b"200 OK") == 4


def long_download(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
    start_response("200 OK", [])
    for _ in range(0, LONG, len(PIECE)):
        yield PIECE


def test_unread_downloads_let_the_threads_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "UNREAD_SECONDS", 0.2)
    with closing(Waitress(long_download)) as server, ExitStack() as held:
        for _ in range(web_server.THREADS):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # Each has as many bytes as may be unread, and then the threads are free for others.
        assert get(server.port, "/") == 200


class Unread:
    """What a page thread sees of a connection that its client has reset, while waitress's own thread hasn't looked."""

    def __init__(self) -> None:
        self.connected = True
        self.outbuf_lock = threading.Condition()
        self.adj = self.server = self
        self.outbuf_high_watermark, self.total_outbufs_len = 0, 1
        with socket.create_server(("127.0.0.1", 0)) as listening:
            client = socket.create_connection(listening.getsockname())
            self.socket, _ = listening.accept()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        self._looks = 0

    def pull_trigger(self) -> None:
        self._looks += 1
        self.connected = self._looks < 2


def test_reader_that_is_gone_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "UNREAD_SECONDS", 0.05)
    connection = Unread()
    with closing(connection.socket):
        web_server.BoundedChannel._flush_outbufs_below_high_watermark(cast(web_server.BoundedChannel, connection))
    assert not connection.connected


def test_slow_download_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reader takes longer in all than a thread waits for one piece."""
    monkeypatch.setattr(web_server, "UNREAD_SECONDS", 0.5)
    with closing(Waitress(long_download)) as server, ExitStack() as held:
        connection = held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
        connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        came = 0
        while data := connection.recv(2**20):
            came += len(data)
            time.sleep(0.002)
    assert came > LONG


def _rest(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except TimeoutError:
        return b""


def test_headers_of_proxies_arrive() -> None:
    """They tell whose request it is: with TRUSTED_PROXIES the client's, and without them not this machine's."""
    seen: WSGIEnvironment = {}

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        seen.update(environ)
        start_response("204 No Content", [])
        return []

    sent = dict.fromkeys(("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"), "203.0.113.7")
    with closing(Waitress(application)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/", headers=sent)
        connection.getresponse().read()
        connection.close()
    assert {f"HTTP_{name.upper().replace('-', '_')}" for name in sent} <= seen.keys()


def test_probe_by_address_is_answered(waitress: Waitress) -> None:
    assert get(waitress.port, "/healthz", host="10.11.12.13") == 200


def test_other_pages_by_address_are_not(waitress: Waitress) -> None:
    assert get(waitress.port, "/accounts/login/", host="10.11.12.13") == 400


def test_limit_leaves_files_for_the_rest_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (256, 256))
    assert web_server._connections() == 128


def test_body_within_the_bound_arrives(waitress: Waitress) -> None:
    """It is read, and refused for its missing token."""
    body = b"x" * (bounds.MOST_BYTES - 10)
    with closing(http.client.HTTPConnection("127.0.0.1", waitress.port, timeout=PATIENCE)) as connection:
        connection.request("POST", "/accounts/login/", body, {"Content-Type": "multipart/form-data; boundary=x"})
        assert connection.getresponse().status == 403

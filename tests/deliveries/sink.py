"""A WFM system of our own: a real server on loopback that keeps what it is told, and answers as it was scripted."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Reply(NamedTuple):
    status: int = 204
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Got(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self) -> dict[str, Any]:
        """The event, if its signature is valid."""
        event: dict[str, Any] = Webhook(SECRET).verify(self.body, self.headers)
        return event


class Sink:
    """`replies`: the next answers, one after the other; then it takes everything. It can be stopped and come back."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.replies: list[Reply] = []
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/wfm/events?tenant=7"

    @property
    def events(self) -> list[tuple[str, str]]:
        told = [got.verified() for got in self.got]
        return [(event["campaign_id"], event["event"]) for event in told]

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), type("Handler", (_Handler,), {"sink": self}))
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Who reads no long answer to its end breaks off; tests are silent about it."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: Sink

    def do_GET(self) -> None:
        """Nobody asks for anything here, unless a redirect was followed."""
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.sink.got.append(Got(self.path, dict(self.headers), body))
        reply = self.sink.replies.pop(0) if self.sink.replies else Reply()
        self.send_response_only(reply.status)
        if "Date" not in reply.headers:
            self.send_header("Date", self.date_time_string())
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Tests are silent."""

"""Serves a WSGI application over HTTP/1.1: connections are kept alive, each with a thread; no log of requests."""

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Lock, Thread
from time import sleep
from types import TracebackType
from typing import Self
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

from campaigns.simulator.faults import TRICKLE

# As long as the gateway keeps an idle connection.
IDLE_SECONDS = 120
Connection = socket.socket | tuple[bytes, socket.socket]


class _Handler(BaseHTTPRequestHandler):
    server: "_HTTPServer"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def _respond(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            self.close_connection = True
            self.send_error(411)
            return
        lines: list[str] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], object]:
            lines[:] = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
            return self.wfile.write

        # A fault with `cut` raises it: the connection ends without a response.
        try:
            body = b"".join(self.server.application(self._environ(), start_response))
        except ConnectionError:
            self.close_connection = True
            return
        trickle = next((line for line in lines if line.startswith(f"{TRICKLE}: ")), "")
        sent_lines = [line for line in lines if line != trickle]
        response = "\r\n".join([*sent_lines, "", ""]).encode("latin-1")
        if self.command != "HEAD":
            response += body
        if trickle:
            self._trickle(response, float(trickle.partition(": ")[2]))
        else:
            # In one piece, so that the client wakes up once.
            self.wfile.write(response)

    def _trickle(self, response: bytes, seconds: float) -> None:
        """A byte at a time, until the client gives up."""
        with suppress(OSError):
            for index in range(len(response)):
                self.wfile.write(response[index : index + 1])
                sleep(seconds)
            return
        self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond  # noqa: N815

    def _environ(self) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(int(length)) if length.isdigit() else b""
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": str(self.client_address[0]),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            # Absent, as it came: a POST without a body has to say so.
            "CONTENT_LENGTH": str(len(body)) if length else "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return environ

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    # `stop` cuts the connections itself, instead of waiting until idle ones time out.
    block_on_close = False
    # Connections that wait to be accepted. The default of 5 refuses some when all workers start at once.
    request_queue_size = 128

    def __init__(self, application: WSGIApplication, host: str, port: int) -> None:
        self.application = application
        self._connections: set[Connection] = set()
        self._lock = Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would also look up the host's name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Connection, client_address: object) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Connection) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Connection, client_address: object) -> None:
        # A client that breaks off, or goes silent, is no error of the server.
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def cut_connections(self) -> None:
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            if isinstance(connection, socket.socket):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Server:
    """A running server, and a context manager that stops it."""

    def __init__(self, application: WSGIApplication, host: str, port: int) -> None:
        self._server = _HTTPServer(application, host, port)
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="simulator", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        if ":" in str(host):
            return f"http://[{host!s}]:{port}"
        return f"http://{host!s}:{port}"

    def stop(self) -> None:
        """Stop listening, and end every connection."""
        self._server.shutdown()
        self._server.server_close()
        self._server.cut_connections()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(application: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Serve in the background; port 0: any free one, see `url`."""
    return Server(application, host, port)

"""Waitress, as the product runs it: within bounds, whatever a client sends or leaves unsent."""

import resource
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import waitress
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, MultiSocketServer
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

from cxadmin import bounds

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8
# Connections that are open at once, half-sent requests among them. Waitress holds them in one thread, so they cost
# little; beyond the limit nobody is let in until one ends.
CONNECTIONS = 500
# How long a request may take to arrive, and a connection may be idle. 3 MB in it are 25 kB/s.
ARRIVAL_SECONDS = 120
# Of a body that is still arriving, this much is held in memory, and the rest in a temporary file.
BODY_IN_MEMORY = 64 * 1024
# Requests that a client sends ahead on one connection, before it has their answers. Browsers send none, and so few are
# answered within what a connection may leave unread: a page thread waits only for the reader of a long download.
MOST_AHEAD = 8
# How long it waits for that reader to take the next piece.
UNREAD_SECONDS = 60
# An address of the product is at most some kB long, and a browser sends it no large cookies.
HEAD_BYTES = 32 * 1024


class ErrorPage(ErrorTask):  # type: ignore[misc] # waitress has no types
    """What waitress refuses by itself; too large a body gets the same page as from Django."""

    def write(self, data: bytes) -> None:
        super().write(b"" if self.request.command == "HEAD" else data)

    def execute(self) -> None:
        if not isinstance(self.request.error, RequestEntityTooLarge):
            super().execute()
            return
        body = bounds.too_large_page().encode()
        self.status = "413 Content Too Large"
        self.response_headers.extend([("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class BoundedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection. Bytes that trickle in don't prolong the time in which a request has to arrive."""

    error_task_class = ErrorPage
    last_activity: float

    def handle_read(self) -> None:
        began, arriving = self.last_activity, self.request
        super().handle_read()
        if arriving is not None and self.request is arriving:
            self.last_activity = began
        if len(self.requests) > MOST_AHEAD:
            self.handle_close()

    def send_continue(self) -> None:
        """What is refused by its head is refused at once: nobody is asked to send its body."""
        if self.request.error:
            self.request.expect_continue = False
        else:
            super().send_continue()

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Called in a page thread. Waitress itself waits here for as long as the reader keeps the connection."""
        with self.outbuf_lock:
            while self.connected and self.total_outbufs_len > self.adj.outbuf_high_watermark:
                self.server.pull_trigger()
                if not self.outbuf_lock.wait(UNREAD_SECONDS):
                    # Waitress's own thread closes what it finds shut. A client that has reset it meanwhile shut it.
                    with suppress(OSError):
                        self.socket.shutdown(socket.SHUT_RDWR)


def make_server(application: "WSGIApplication", host: str, port: int) -> BaseWSGIServer | MultiSocketServer:
    """Listening already. OSError: the port is taken."""
    server = waitress.create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_body_size=bounds.MOST_BYTES + 1,  # waitress refuses what reaches it
        max_request_header_size=HEAD_BYTES,
        inbuf_overflow=BODY_IN_MEMORY,
        connection_limit=_connections(),
        channel_timeout=ARRIVAL_SECONDS,
        asyncore_use_poll=True,  # select fails beyond file number 1023
    )
    parts = server.map.values() if isinstance(server, MultiSocketServer) else [server]
    for part in parts:
        if isinstance(part, BaseWSGIServer):
            part.channel_class = BoundedChannel
    return server


def _connections() -> int:
    """At most half of the files that the process may open: the rest is for the database, CXone and the workers."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, soft // 2)

"""Waitress as the product runs it: within bounds, whatever a client sends or fails to send."""

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
# Open connections, including half-sent requests. One thread of waitress holds them all, so they cost little; beyond
# the limit nobody is accepted until one ends.
CONNECTIONS = 500
# How long a request may take to arrive, and a connection may be idle. 3 MB in that time are 25 kB/s.
ARRIVAL_SECONDS = 120
# This much of a body that is still arriving is in memory, and the rest in a temporary file.
BODY_IN_MEMORY = 64 * 1024
# Requests that a client pipelines on one connection. Browsers pipeline none, and the responses to so few fit into what
# a connection may leave unread: a page thread waits only for the reader of a long download.
MOST_AHEAD = 8
# How long it waits for that reader to read the next piece.
UNREAD_SECONDS = 60
# Addresses of the product have at most some kB, and its cookies are small.
HEAD_BYTES = 32 * 1024


class ErrorPage(ErrorTask):  # type: ignore[misc] # waitress has no types
    """Waitress's own refusals; too large a body gets the same page as from Django."""

    def write(self, data: bytes) -> None:
        # Of what begins with no request line, not even that is known.
        is_head = getattr(self.request, "command", "") == "HEAD"
        super().write(b"" if is_head else data)

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
    """A connection. Bytes that trickle in don't extend the time that a request has to arrive."""

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
        """A request refused by its headers is refused at once, and its client isn't asked for the body."""
        if self.request.error:
            self.request.expect_continue = False
        else:
            super().send_continue()

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Called in a page thread. Waitress's own version waits for as long as the client keeps the connection."""
        with self.outbuf_lock:
            while self.connected and self.total_outbufs_len > self.adj.outbuf_high_watermark:
                self.server.pull_trigger()
                if not self.outbuf_lock.wait(UNREAD_SECONDS):
                    # Waitress's own thread then closes it. OSError: its client has reset it already.
                    with suppress(OSError):
                        self.socket.shutdown(socket.SHUT_RDWR)


def make_server(application: "WSGIApplication", host: str, port: int) -> BaseWSGIServer | MultiSocketServer:
    """A server that is listening. OSError: the port is taken."""
    server = waitress.create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        # Waitress refuses a body of exactly this size.
        max_request_body_size=bounds.MOST_BYTES + 1,
        max_request_header_size=HEAD_BYTES,
        inbuf_overflow=BODY_IN_MEMORY,
        connection_limit=_connections(),
        channel_timeout=ARRIVAL_SECONDS,
        # Whom they come from decides what they are worth (accounts/client_address.py). Without them, what a proxy on
        # this machine passes on would look as if a program here had asked for it.
        clear_untrusted_proxy_headers=False,
        # select() fails beyond file descriptor 1023.
        asyncore_use_poll=True,
    )
    parts = server.map.values() if isinstance(server, MultiSocketServer) else [server]
    for part in parts:
        if isinstance(part, BaseWSGIServer):
            part.channel_class = BoundedChannel
    return server


def _connections() -> int:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS
    # Half of the files that the process may open: the rest is for the database, CXone and the workers.
    return min(CONNECTIONS, soft // 2)

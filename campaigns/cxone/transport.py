"""httpx on httpcore, as httpx's own transport does it, with a deadline for the whole of each exchange.

httpx.HTTPTransport (0.28) has no way to choose the sockets of its pool; the pool itself has one (`network_backend`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpcore
import httpx

from campaigns.cxone import deadline

# CXone answers within a second or two. After half a minute a click has long been given up, and its worker is wanted.
EXCHANGE_SECONDS = 30.0

# The name of the extension by which a request has a deadline of its own, in seconds.
DEADLINE = "deadline"

# In this order: the first class that fits counts, so a subclass comes before its parent.
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.TimeoutException, httpx.ReadTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.NetworkError, httpx.ReadError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.ProtocolError, httpx.ProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)


class Transport(httpx.BaseTransport):
    """One pool of connections. Each request has `EXCHANGE_SECONDS` in all, or as many as its extension says."""

    def __init__(self, limits: httpx.Limits) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=deadline.Backend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        deadline.begin_exchange(request.extensions.get(DEADLINE, EXCHANGE_SECONDS))
        with _as_httpx_errors():
            response = self._pool.handle_request(_as_httpcore(request))
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


def _as_httpcore(request: httpx.Request) -> httpcore.Request:
    url = httpcore.URL(
        scheme=request.url.raw_scheme,
        host=request.url.raw_host,
        port=request.url.port,
        target=request.url.raw_path,
    )
    return httpcore.Request(
        request.method,
        url,
        headers=request.headers.raw,
        content=request.read(),
        extensions=request.extensions,
    )


@contextmanager
def _as_httpx_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for kind, httpx_kind in _ERRORS:
            if isinstance(error, kind):
                raise httpx_kind(str(error)) from error
        raise

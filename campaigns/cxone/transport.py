"""httpx over httpcore as httpx's own transport does it, with a deadline for the whole of each exchange.

httpx.HTTPTransport (0.28) lets nobody choose the sockets of its pool; the pool itself does (`network_backend`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpcore
import httpx

from campaigns.cxone import deadline

EXCHANGE_SECONDS = 30.0

# The name of a request's extension that bears its own deadline, in seconds.
DEADLINE = "deadline"

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
        with _as_httpx():
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
        with _as_httpx():
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
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for kind, meant in _ERRORS:
            if isinstance(error, kind):
                raise meant(str(error)) from error
        raise

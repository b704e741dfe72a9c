"""A deadline for a whole exchange, from the look-up of the name to the last byte of the response.

The timeouts of httpx and httpcore count between two bytes, so a response that trickles would hold a worker for ever.
Here each wait for a socket gets what is left of the exchange's time (httpcore 1.0: `network_backend`). An exchange
belongs to one thread, which calls `begin_exchange` first.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from math import inf
from socket import SOCK_STREAM, getaddrinfo
from threading import Thread
from typing import Any, TypeVar

import httpcore

T = TypeVar("T")

# Bytes. httpcore repeats `send` on a socket that accepts a little at a time, without looking at the clock in between.
# So it gets no more than this at once.
WRITTEN_AT_ONCE = 16_384

# When the current exchange must have ended, by the monotonic clock.
_ends_at: ContextVar[float] = ContextVar("ends_at")
# The most seconds that an exchange may have, for whoever can't wait for as long as it would.
_most: ContextVar[float] = ContextVar("most", default=inf)


def begin_exchange(seconds: float) -> None:
    """From now on, this thread's exchange has so many seconds in all."""
    _ends_at.set(time.monotonic() + min(seconds, _most.get()))


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Each exchange that begins in the block has so many seconds at the most."""
    before = _most.set(seconds)
    try:
        yield
    finally:
        _most.reset(before)


def remaining_seconds(expired: type[httpcore.TimeoutException] = httpcore.ReadTimeout) -> float:
    """What is left of the exchange's time. If nothing is, raises `expired`: httpcore's exception for the next wait."""
    seconds = _ends_at.get() - time.monotonic()
    if seconds <= 0:
        raise expired("The time for the whole exchange is over.")
    return seconds


def run_within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises. TimeoutError: it takes longer; it ends by itself, and its result is dropped.

    For look-ups of names, which nothing can interrupt, and which the system's resolver ends after about half a minute.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        # Whatever it is belongs to the caller.
        except Exception as error:
            outcome.set_exception(error)

    Thread(target=run, name="look-up", daemon=True).start()
    return outcome.result(timeout=seconds)


class Stream(httpcore.NetworkStream):
    """A stream whose every wait ends with the exchange. `timeout` counts between two bytes, and is ignored."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining_seconds())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITTEN_AT_ONCE):
            self._stream.write(buffer[start : start + WRITTEN_AT_ONCE], remaining_seconds(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = remaining_seconds(httpcore.ConnectTimeout)
        return Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (as httpcore has it)
        return self._stream.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Sockets whose waits end with the exchange. Each of a host's addresses has `timeout` to accept the connection."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _look_up(host, port)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, timeout)

    def _connect(self, address: str, port: int, timeout: float | None) -> Stream:
        seconds = remaining_seconds(httpcore.ConnectTimeout)
        if timeout is not None:
            seconds = min(seconds, timeout)
        return Stream(self._sockets.connect_tcp(address, port, seconds))


def _look_up(host: str, port: int) -> list[str]:
    """The host's addresses, at least one, in the order of preference of the system."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    seconds = remaining_seconds(httpcore.ConnectTimeout)
    try:
        found = run_within(seconds, lambda: getaddrinfo(host, port, type=SOCK_STREAM))
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"The look-up of {host} takes too long.") from error
    # UnicodeError: a label of the name is empty, or too long for IDNA.
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))

"""A deadline for a whole exchange, from the look-up of the name to the last byte of the answer.

The timeouts of httpx and httpcore count between two bytes, so an answer that trickles would hold a worker without end.
Here each wait of a socket gets what is left of the exchange's time (httpcore 1.0: `network_backend`). An exchange
belongs to one thread: whoever begins one calls `begin_exchange` first.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextvars import ContextVar
from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from threading import Thread
from typing import Any, TypeVar

import httpcore

T = TypeVar("T")

# A socket that takes a little at a time is asked again by httpcore without looking at the clock: so much each time.
WRITTEN_AT_ONCE = 16_384

# When the exchange under way must have ended, by the monotonic clock.
_ends_at: ContextVar[float] = ContextVar("ends_at")


def begin_exchange(seconds: float) -> None:
    """From now on, this thread's exchange has so many seconds in all."""
    _ends_at.set(time.monotonic() + seconds)


def remaining_seconds(expired: type[httpcore.TimeoutException] = httpcore.ReadTimeout) -> float:
    """Seconds that are left. `expired`, the httpcore exception of the wait that was to come: none are."""
    seconds = _ends_at.get() - time.monotonic()
    if seconds <= 0:
        raise expired("The time for the whole exchange is over.")
    return seconds


def run_within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises. TimeoutError: it takes longer; it ends by itself, and its result is dropped.

    For look-ups of names, which the system's resolver bounds at about half a minute and nothing can interrupt.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:  # whatever it is belongs to the caller
            outcome.set_exception(error)

    Thread(target=run, name="look-up", daemon=True).start()
    return outcome.result(timeout=seconds)


class Stream(httpcore.NetworkStream):
    """One whose every wait ends with the exchange."""

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
    """Sockets whose waits end with the exchange. Each of a host's addresses gets `timeout` to take the connection."""

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
        addresses = _addresses(host, port)
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, timeout)

    def _connect(self, address: str, port: int, timeout: float | None) -> Stream:
        seconds = remaining_seconds(httpcore.ConnectTimeout)
        return Stream(self._sockets.connect_tcp(address, port, seconds if timeout is None else min(seconds, timeout)))


def _addresses(host: str, port: int) -> list[str]:
    """The host's addresses, at least one; they share the time that is left for the exchange."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    seconds = remaining_seconds(httpcore.ConnectTimeout)
    try:
        found = run_within(seconds, lambda: getaddrinfo(host, port, type=SOCK_STREAM))
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"The look-up of {host} takes too long.") from error
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))

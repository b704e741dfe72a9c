"""Posts events to the subscribers, from a thread of its own. Whatever goes wrong there is ignored."""

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, Full, Queue
from socket import SHUT_RDWR, socket
from threading import Event, Lock, Thread, Timer
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from campaigns.simulator.exchange import JSON

# Events beyond it are lost, as a real sender's may be: whoever relies on them must read as well.
QUEUE_LENGTH = 1000

# For one event, so that a subscriber that hangs delays the others by no more than that.
TIMEOUT_SECONDS = 3.0

# Of a subscriber's response, in which nothing matters.
MOST_BYTES = 65_536

TICK_SECONDS = 0.2


class Events:
    """`tick` is called a few times a second once there is a subscriber: changes take effect without a request, too.

    secret: signs the events, as Standard Webhooks defines it; without it they aren't signed.
    """

    def __init__(self, tick: Callable[[], None], *, secret: str, clock: Callable[[], float]) -> None:
        self._tick = tick
        self._secret = secret
        self._clock = clock
        self._queue: Queue[tuple[str, bytes]] = Queue(QUEUE_LENGTH)
        self._stopping = Event()
        self._lock = Lock()
        self._thread: Thread | None = None

    def start(self) -> None:
        # At the first subscription, not before: a simulator without subscribers needs no thread.
        with self._lock:
            if self._thread is None and not self._stopping.is_set():
                self._thread = Thread(target=self._run, name="simulator-events", daemon=True)
                self._thread.start()

    def send(self, url: str, content: dict[str, str]) -> None:
        self.start()
        with suppress(Full):
            self._queue.put_nowait((url, json.dumps(content).encode()))

    def close(self) -> None:
        self._stopping.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread:
            thread.join(TIMEOUT_SECONDS + 1)

    def _run(self) -> None:
        while not self._stopping.is_set():
            # ValueError: an address that can't be parsed.
            with suppress(Empty, OSError, HTTPException, ValueError):
                self._tick()
                url, body = self._queue.get(timeout=TICK_SECONDS)
                _post(url, body, {"Content-Type": JSON, **self._signature(body)})

    def _signature(self, body: bytes) -> dict[str, str]:
        if not self._secret:
            return {}
        event_id, now = str(uuid.uuid4()), datetime.fromtimestamp(self._clock(), UTC)
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._secret).sign(event_id, now, body.decode()),
        }


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
    connection.connect()
    end = Timer(TIMEOUT_SECONDS, _hang_up, [connection.sock])
    end.daemon = True
    end.start()
    try:
        path = address.path or "/"
        if address.query:
            path += f"?{address.query}"
        connection.request("POST", path, body, headers)
        connection.getresponse().read(MOST_BYTES)
    finally:
        end.cancel()
        connection.close()


def _hang_up(taken: socket) -> None:
    """The connection's own timeout counts between two bytes: a subscriber that trickles would delay all others."""
    with suppress(OSError):
        taken.shutdown(SHUT_RDWR)

"""The simulator's own log of requests. Without headers, bodies of token requests, and subscribers' addresses."""

import json
import re
from collections import deque
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from campaigns.simulator.exchange import Request, Response

# Over an hour and a half at 200 a minute. Writes that changed something are kept for ever: tests count them.
KEPT_REQUESTS = 20_000
# Elsewhere a body is a credential.
_BODIES_SHOWN = ("/api/", "/incontactapi/")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """`arrived` by the machine's monotonic clock, `at` in seconds since the epoch. `status` None: it was cut.

    `body_hash`: the SHA-256 of the body's bytes as they came, where `body` is shown.
    """

    number: int
    arrived: float
    at: float
    method: str
    path: str
    query: dict[str, str]
    status: int | None
    applied: bool
    campaign_id: str | None
    body: dict[str, Any] | None
    body_hash: str

    def content(self) -> dict[str, Any]:
        return asdict(self)


class RequestLog:
    """The newest requests, and every write that changed something.

    campaign_path: the paths of one campaign; its first group is the id.
    file: gets each request as a line of JSON before its response goes out, so that none is lost with the process.
    """

    def __init__(self, campaign_path: re.Pattern[str], file: Path | None = None) -> None:
        self._lock = Lock()
        self._campaign_path = campaign_path
        self._file = file
        self._requests: deque[LoggedRequest] = deque(maxlen=KEPT_REQUESTS)
        self._applied: list[LoggedRequest] = []
        self._number = 0

    def add(self, request: Request, answer: Response, *, arrived: float, at: float, cut: bool = False) -> None:
        body = _written(request)
        with self._lock:
            self._number += 1
            entry = LoggedRequest(
                number=self._number,
                arrived=arrived,
                at=at,
                method=request.method,
                path=request.path,
                query=request.query,
                status=None if cut else answer.status,
                applied=answer.applied,
                campaign_id=self._campaign_id(request.path),
                body=body,
                body_hash=sha256(request.body).hexdigest() if body else "",
            )
            self._keep(entry)
            self._requests.append(entry)
            if entry.applied:
                self._applied.append(entry)

    def requests(self, method: str | None = None, path: str | None = None) -> list[LoggedRequest]:
        """Oldest first. `path`: what a request's path begins with."""
        with self._lock:
            entries = list(self._requests)
        return [
            entry
            for entry in entries
            if method in {None, entry.method} and (path is None or entry.path.startswith(path))
        ]

    def applied(self, campaign_id: str | None = None, method: str | None = None) -> list[LoggedRequest]:
        with self._lock:
            entries = list(self._applied)
        return [
            entry for entry in entries if campaign_id in {None, entry.campaign_id} and method in {None, entry.method}
        ]

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()
            self._applied.clear()

    def _campaign_id(self, path: str) -> str | None:
        match = self._campaign_path.fullmatch(path)
        return match[1] if match else None

    def _keep(self, entry: LoggedRequest) -> None:
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry.content()) + "\n")


def _written(request: Request) -> dict[str, Any] | None:
    if not request.body or not request.path.startswith(_BODIES_SHOWN):
        return None
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    return {key: content for key, content in value.items() if key != "url"}

"""A CXone that answers by script, a budget that is a list, a token store that is a variable."""

import json
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx

from campaigns.cxone.auth import Token, Tokens
from campaigns.cxone.budget import Lane
from campaigns.cxone.v2.credentials import Credentials
from campaigns.cxone.v2.gateway import SCOPE, V2

BASE = "https://cxone.test"
TOKEN_PATH = "/oauth/token"
CLIENT_ID = "client-1"
SECRET = "the/client+secret"
CREDENTIALS = Credentials(f"{BASE}{TOKEN_PATH}", CLIENT_ID, SECRET, SCOPE)
SCHEDULE = {
    "timezone": "America/New_York",
    "dialingHours": [{"day": "MON", "startTime": "09:00", "endTime": "17:00"}],
    "pauseConditions": ["BUSY"],
}

Scripted = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def campaign_json(campaign_id: str = "c-1", **values: Any) -> dict[str, Any]:
    return {"id": campaign_id, "name": "Welcome", "status": "ACTIVE", "schedule": SCHEDULE, **values}


def page_json(*entities: object, number: int = 1, count: int = 1, total: int | None = None) -> dict[str, Any]:
    total = len(entities) if total is None else total
    return {"entities": list(entities), "pageNumber": number, "pageSize": 100, "pageCount": count, "total": total}


def ok(content: object, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, json=content, headers=headers)


class FakeCXone:
    """Answers each path as scripted, the last answer again and again; grants tokens `token-1`, `token-2`, …"""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._numbers = count(1)
        self._script: defaultdict[tuple[str, str], list[Scripted]] = defaultdict(list)

    def answers(self, method: str, path: str, *answers: Scripted) -> None:
        self._script[method, path] = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(_copy(request))  # a retry changes the headers of the same object
        script = self._script[request.method, request.url.path]
        if not script and request.url.path == TOKEN_PATH:
            return ok({"access_token": f"token-{next(self._numbers)}", "expires_in": 3600})
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def to(self, path: str) -> list[httpx.Request]:
        return [request for request in self.requests if request.url.path == path]

    def body(self, path: str) -> Any:
        """The JSON that was sent there last."""
        return json.loads(self.to(path)[-1].content)


def _copy(request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url,
        headers=request.headers.raw,
        content=request.content,
        extensions=request.extensions,
    )


class Till:
    """A Budget with so many requests left; None: without end."""

    def __init__(self, left: int | None = None) -> None:
        self.left = left
        self.lanes: list[Lane] = []
        self.closed: list[float] = []
        self.rested: list[float] = []
        self.prolonged: list[float] = []

    def reserve(self, lane: Lane) -> int:
        if self.left == 0:
            return 1500
        if self.left is not None:
            self.left -= 1
        self.lanes.append(lane)
        return 0

    def prolong(self, seconds: float = 0.0) -> None:
        self.prolonged.append(seconds)

    def close(self, seconds: float) -> None:
        self.closed.append(seconds)

    def rest_background(self, seconds: float) -> None:
        self.rested.append(seconds)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Shelf:
    """A TokenStore in memory, by `clock`; `others_turn`: another process is fetching a token."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.others_turn = False
        self._clock = clock or Clock()
        self._value = ""
        self._fresh_until = self._lives_until = 0.0

    def get(self) -> Token | None:
        now = self._clock()
        return Token(self._value, is_fresh=now < self._fresh_until) if now < self._lives_until else None

    def put(self, value: str, *, fresh_for: float = 1000, lives_for: float = 2000) -> None:
        self._value = value
        self._fresh_until, self._lives_until = self._clock() + fresh_for, self._clock() + lives_for

    def drop(self, token: Token) -> None:
        if self._value == token.value:
            self._lives_until = 0.0

    def take_turn(self) -> bool:
        return not self.others_turn

    def end_turn(self) -> None:
        return

    def seconds(self) -> tuple[float, float]:
        """How long the token is still fresh, and lives."""
        return self._fresh_until - self._clock(), self._lives_until - self._clock()


def client_of(transport: httpx.BaseTransport) -> httpx.Client:
    return httpx.Client(base_url=BASE, transport=transport)


def gateway_of(
    cxone: Callable[[httpx.Request], httpx.Response],
    budget: Till | None = None,
    tokens: Tokens | None = None,
    lane: Lane = Lane.CLICK,
) -> V2:
    client = client_of(httpx.MockTransport(cxone))
    return V2(client, tokens or Tokens(CREDENTIALS, Shelf()), budget or Till(), lane)

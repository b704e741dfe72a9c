"""A limit of requests in any sixty seconds for each client, and a Retry-After for the one too many."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from email.utils import formatdate
from typing import Literal

from campaigns.simulator.exchange import RefusalError

WINDOW_SECONDS = 60
RetryAfter = Literal["seconds", "date", "none"]


class RateLimit:
    """`per_minute` None: no limit. Refused requests don't count."""

    def __init__(self, per_minute: int | None, *, retry_after: RetryAfter, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._retry_after = retry_after
        self._clock = clock
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def count(self, client_id: str) -> None:
        if self._per_minute is None:
            return
        now = self._clock()
        calls = self._calls[client_id]
        while calls and calls[0] <= now - WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= self._per_minute:
            self._refuse(calls[0] + WINDOW_SECONDS, now)
        calls.append(now)

    def forget(self) -> None:
        self._calls.clear()

    def _refuse(self, free_at: float, now: float) -> None:
        wait = max(1, math.ceil(free_at - now))
        # RFC 9110, 10.2.3, has both forms, and servers send both, or none.
        headers = {}
        if self._retry_after == "seconds":
            headers["Retry-After"] = str(wait)
        elif self._retry_after == "date":
            headers["Retry-After"] = formatdate(math.ceil(free_at), usegmt=True)
        raise RefusalError(
            429,
            f"More than {self._per_minute} requests in a minute.",
            headers=headers,
            code="too.many.requests",
        )

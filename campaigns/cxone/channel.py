"""One gateway's way to CXone: what it spends of the shared budget, and what a failure of the network means."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import cast

import httpx

from campaigns.cxone import body
from campaigns.cxone.blanking import Blanks
from campaigns.cxone.body import UnusableBody
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.clock import RemoteClock
from campaigns.cxone.errors import BudgetSpent, Unreachable
from campaigns.cxone.replies import LONGEST_ERROR_BODY, Call, Reply, trouble, wait_of

# Raised before the first byte of a request is out; after any other failure a write may have been done.
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Channel:
    """`requests`: how many HTTP requests were granted so far; `clock`: CXone's, as its answers give it; `blanks`: what
    must not be seen in CXone's words."""

    def __init__(
        self, client: httpx.Client, budget: Budget, lane: Lane, *, clock: RemoteClock, blanks: Blanks
    ) -> None:
        self.client = client
        self._blanks = blanks
        self._tokens_sent: set[str] = set()
        self.clock = clock
        self.requests = 0
        self._budget = budget
        self._lane = lane

    def spend(self, doing: str) -> None:
        """Take one request from the budget. BudgetSpent: it isn't our turn."""
        wait_ms = self._budget.reserve(self._lane)
        if wait_ms:
            raise BudgetSpent(doing, wait_ms=wait_ms)
        self.requests += 1

    def send(self, request: httpx.Request, call: Call, token: str = "") -> Reply:
        """CXone's reply, whatever its status, to the request with that access token."""
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
            self._tokens_sent.add(token)
        response = self._answer(request, call)
        try:
            reply = _reply(response, call, self._blank)
        finally:
            response.close()  # one that wasn't read to its end takes its connection with it
        wait = wait_of(reply) if reply.status in {429, 503} else None
        if wait:
            self._budget.close(wait)
        return reply

    def _blank(self, words: str) -> str:
        return Blanks(self._tokens_sent)(self._blanks(words))

    def _answer(self, request: httpx.Request, call: Call) -> httpx.Response:
        """The answer's status and headers; its body is still to be read."""
        asked_at = time.monotonic()
        try:
            response = self.client.send(request, stream=True)
        except httpx.PoolTimeout as error:
            raise Unreachable(call.doing, cause="all connections of this process are in use") from error
        except NOTHING_SENT as error:
            raise Unreachable(call.doing, cause=str(error)) from error
        except httpx.TimeoutException as error:
            raise trouble(call, cause="no answer in time") from error
        except (httpx.RequestError, OSError) as error:
            raise trouble(call, cause="the connection broke") from error
        self.clock.note(response.headers.get("Date"), asked_at, age=response.headers.get("Age"))
        return response


def _reply(response: httpx.Response, call: Call, blank: Callable[[str], str]) -> Reply:
    response.headers.encoding = "latin-1"  # every byte of an ETag survives the way here and back
    if not response.is_success:
        said = _beginning(response)
        return Reply(response.status_code, response.headers, said, datetime.now(UTC), blank=blank)
    try:
        content, flaw = _read(response, body.MOST_BYTES), ""
    except UnusableBody as error:
        content, flaw = b"", error.cause
    except httpx.TimeoutException as error:
        raise trouble(call, status=response.status_code, cause="the answer did not end in time") from error
    except (httpx.RequestError, OSError) as error:
        raise trouble(call, status=response.status_code, cause="the connection broke") from error
    return Reply(response.status_code, response.headers, content, datetime.now(UTC), flaw, blank)


def _read(response: httpx.Response, most: int) -> bytes:
    """Its stream, not its `iter_bytes`, which would unfold without a bound."""
    parts = cast("Iterable[bytes]", response.stream)
    return body.read_body(parts, response.headers.get("Content-Encoding", ""), most=most)


def _beginning(response: httpx.Response) -> bytes:
    """What CXone says about an error, as far as it can be had. The status counts, however the body ends."""
    try:
        return _read(response, LONGEST_ERROR_BODY)
    except UnusableBody as error:
        return error.beginning
    except (httpx.RequestError, OSError):
        return b""

"""One gateway's requests: what they take from the shared budget, and what a failure of the network means."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

import httpx

from campaigns.cxone import body
from campaigns.cxone.body import UnusableBody
from campaigns.cxone.breaker import CircuitBreaker, is_failure
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.clock import RemoteClock
from campaigns.cxone.errors import BudgetSpent, CXoneError, Unreachable
from campaigns.cxone.masking import SecretMask
from campaigns.cxone.replies import LONGEST_ERROR_BODY, Call, Reply, Words, trouble, wait_of
from campaigns.cxone.request_counts import REQUEST_COUNTS

logger = logging.getLogger(__name__)

# Seconds from taking a request to its end. CXone counts a request when it arrives: one that a stalled process sends
# late, or that waits in front of a busy server, must not make room for another 60 s after it was taken.
SLOW_SECONDS = 0.5
# A request that we gave up may still wait in front of a server that hangs, and be counted when that goes on.
UNANSWERED_SECONDS = 30.0


class Channel:
    """`requests`: the HTTP requests granted so far; `clock`: CXone's, as its responses show it; `mask`: hides secrets
    that CXone repeats; `words`: where its explanations are; `background_rest`: seconds for which background reads wait
    after a 429 that doesn't say how long to."""

    def __init__(
        self,
        client: httpx.Client,
        budget: Budget,
        lane: Lane,
        *,
        breaker: CircuitBreaker,
        clock: RemoteClock,
        mask: SecretMask,
        words: Words | None = None,
        background_rest: float = 0.0,
    ) -> None:
        self.client = client
        self.clock = clock
        self.requests = 0
        self._breaker = breaker
        self._budget = budget
        self._lane = lane
        self._mask = mask
        self._words = words or Words()
        self._background_rest = background_rest
        self._tokens_sent: set[str] = set()
        self._taken_at = time.monotonic()

    @contextmanager
    def one_call(self) -> Iterator[None]:
        """Tell the circuit breaker how the block ends: all of one call, from its token to what its answer means."""
        try:
            yield
        except BudgetSpent:
            # CXone wasn't asked.
            raise
        except CXoneError as error:
            if is_failure(error):
                self._breaker.note_failure(error)
            else:
                self._breaker.note_answer()
            raise
        else:
            self._breaker.note_answer()

    def spend(self, doing: str) -> None:
        """Take one request from the budget. BudgetSpent: it isn't our turn."""
        wait_ms = self._budget.reserve(self._lane)
        if wait_ms:
            raise BudgetSpent(doing, wait_ms=wait_ms)
        self._taken_at = time.monotonic()
        self.requests += 1

    def send(self, request: httpx.Request, call: Call, token: str = "") -> Reply:
        """CXone's reply, whatever its status, to the request with that access token."""
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
            self._tokens_sent.add(token)
        try:
            reply = self._exchange(request, call)
        except CXoneError as error:
            REQUEST_COUNTS.note_failure(call.name, error)
            self._log(call, error.status)
            self._count_if_slow(UNANSWERED_SECONDS)
            raise
        REQUEST_COUNTS.note(call.name, reply.status)
        self._log(call, reply.status)
        self._count_if_slow()
        # 429 and 503 are about CXone as a whole (RFC 6585, 4; RFC 9110, 15.6.4), so nobody asks it again earlier. 502
        # and 504 come from a proxy on the way, and say nothing about the next request.
        wait = wait_of(reply) if reply.status in {429, 503} else None
        if wait:
            self._budget.close(wait)
        elif reply.status == 429 and self._background_rest:
            self._budget.rest_background(self._background_rest)
        return reply

    def _log(self, call: Call, status: int | None) -> None:
        """What changes something at CXone, always; reads are many, and of interest only to whoever looks for one."""
        level = logging.INFO if call.writes else logging.DEBUG
        if logger.isEnabledFor(level):
            milliseconds = round((time.monotonic() - self._taken_at) * 1000)
            facts = {"call": call.name, "status": status, "milliseconds": milliseconds, "budget": self._lane.value}
            logger.log(level, "CXone was asked to %s.", call.doing, extra=facts)

    def _count_if_slow(self, seconds: float = 0.0) -> None:
        if time.monotonic() - self._taken_at > SLOW_SECONDS:
            self._budget.prolong(seconds)

    def _exchange(self, request: httpx.Request, call: Call) -> Reply:
        response = self._open_response(request, call)
        try:
            return _read_reply(response, call, self._mask_words, self._words)
        finally:
            # Closing a response that wasn't read to its end closes its connection, too: the rest of the body would
            # otherwise be taken for the next response.
            response.close()

    def _mask_words(self, words: str) -> str:
        return SecretMask(self._tokens_sent)(self._mask(words))

    def _open_response(self, request: httpx.Request, call: Call) -> httpx.Response:
        """The response's status and headers; its body is still to be read."""
        asked_at = time.monotonic()
        try:
            response = self.client.send(request, stream=True)
        # These three come before the first byte of the request. After any other failure a write may have been done.
        except httpx.PoolTimeout as error:
            raise Unreachable(call.doing, cause="all connections of this process are in use") from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(call.doing, cause=str(error)) from error
        except httpx.TimeoutException as error:
            raise trouble(call, cause="no answer in time") from error
        except (httpx.RequestError, OSError) as error:
            raise trouble(call, cause="the connection broke") from error
        self.clock.note(response.headers.get("Date"), asked_at, age=response.headers.get("Age"))
        return response


def _read_reply(response: httpx.Response, call: Call, mask: Callable[[str], str], words: Words) -> Reply:
    # Every byte of an ETag must survive the way here and back.
    response.headers.encoding = "latin-1"
    flaw = ""
    if not response.is_success:
        content = _read_error_body(response)
    else:
        try:
            content = _read_body(response, call.most_bytes)
        except UnusableBody as error:
            content, flaw = b"", error.cause
        except httpx.TimeoutException as error:
            raise trouble(call, status=response.status_code, cause="the answer did not end in time") from error
        except (httpx.RequestError, OSError) as error:
            raise trouble(call, status=response.status_code, cause="the connection broke") from error
    return Reply(response.status_code, response.headers, content, datetime.now(UTC), flaw, mask, words)


def _read_error_body(response: httpx.Response) -> bytes:
    """As much as there is of CXone's explanation. The status counts, however the body ends."""
    try:
        return _read_body(response, LONGEST_ERROR_BODY)
    except UnusableBody as error:
        return error.beginning
    except (httpx.RequestError, OSError):
        return b""


def _read_body(response: httpx.Response, most: int) -> bytes:
    # Its stream, since its `iter_bytes` would decompress without a bound.
    parts = cast("Iterable[bytes]", response.stream)
    return body.read_body(parts, response.headers.get("Content-Encoding", ""), most=most)

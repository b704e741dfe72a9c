"""One gateway's way to CXone: what it spends of the shared budget, and what a failure of the network means."""

import json
from datetime import UTC, datetime
from urllib.parse import quote_plus

import httpx

from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.errors import BudgetSpent, Unreachable
from campaigns.cxone.replies import Call, Reply, trouble, wait_of

# Raised before the first byte of a request is out; after any other failure a write may have been done.
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Channel:
    """`requests`: how many HTTP requests were granted so far."""

    def __init__(self, client: httpx.Client, budget: Budget, lane: Lane) -> None:
        self.client = client
        self.requests = 0
        self._budget = budget
        self._lane = lane

    def spend(self, doing: str) -> None:
        """Take one request from the budget. BudgetSpent: it isn't our turn."""
        wait_ms = self._budget.reserve(self._lane)
        if wait_ms:
            raise BudgetSpent(doing, wait_ms=wait_ms)
        self.requests += 1

    def send(self, request: httpx.Request, call: Call, auth: httpx.Auth | None = None, secret: str = "") -> Reply:
        """CXone's reply, whatever its status, without the `secret` and the token if CXone echoes them."""
        try:
            response = self.client.send(request, auth=auth)
        except NOTHING_SENT as error:
            raise Unreachable(call.doing, cause=str(error)) from error
        except httpx.TimeoutException as error:
            raise trouble(call, cause="no answer in time") from error
        except (httpx.RequestError, OSError) as error:
            raise trouble(call, cause="the connection broke") from error
        reply = _reply(response, secret)
        wait = wait_of(reply) if reply.status in {429, 503} else None
        if wait:
            self._budget.close(wait)
        return reply


def _reply(response: httpx.Response, secret: str) -> Reply:
    response.headers.encoding = "latin-1"  # every byte of an ETag survives the way here and back
    bearer = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
    body = response.content if response.is_success else _without(response.content, secret, bearer)
    return Reply(response.status_code, response.headers, body, datetime.now(UTC))


def _without(body: bytes, *secrets: str) -> bytes:
    for secret in filter(None, secrets):
        for form in {secret, quote_plus(secret), json.dumps(secret)[1:-1]}:
            body = body.replace(form.encode(), b"[secret]")
    return body

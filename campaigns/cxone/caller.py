"""One gateway's calls: each with a token and a request of the budget, and sent again with another after a 401."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

import httpx

from campaigns.cxone.auth import Token, Tokens
from campaigns.cxone.channel import Channel
from campaigns.cxone.errors import BudgetSpent, Retryable
from campaigns.cxone.gateway import Sent
from campaigns.cxone.replies import Call, Reply


class Caller:
    def __init__(self, channel: Channel, tokens: Tokens) -> None:
        self.channel = channel
        self._tokens = tokens
        # That of all pages of a list, which is looked up once.
        self._held: Token | None = None
        self._holds = False

    @contextmanager
    def one_token(self) -> Iterator[None]:
        """All calls of the block use the token of the first."""
        self._holds = True
        try:
            yield
        finally:
            self._holds, self._held = False, None

    def reply(self, call: Call, request: httpx.Request, sending: Callable[[], None] | None = None) -> Reply:
        """CXone's reply, whatever its status; after a 401 the one to the same request with another token."""
        token = self._held or self._tokens.current(self.channel)
        if self._holds:
            self._held = token
        self.channel.spend(call.doing)
        # The last moment at which nothing is sent yet: from here on a write may have been carried out.
        if sending:
            sending()
        reply = self.channel.send(request, call, token.value)
        if reply.status == 401:
            reply = self.channel.send(request, call, self._renew(call, token).value)
        return reply

    def _renew(self, call: Call, failed: Token) -> Token:
        self._held = None
        try:
            token = self._tokens.renewed(failed, self.channel)
            self.channel.spend(call.doing)
        # BudgetSpent promises that nothing was sent and this was no attempt. After a 401 it was one.
        except BudgetSpent as error:
            cause = "the access token had expired, and it is not yet our turn to send this again"
            raise Retryable(call.doing, status=401, cause=cause, wait=error.wait) from error
        return token


def sent_of(request: httpx.Request) -> Sent:
    """What goes on record of a request."""
    target = request.url.raw_path.decode("ascii")
    return Sent(sha256(request.content).hexdigest(), f"{request.method} {target}")

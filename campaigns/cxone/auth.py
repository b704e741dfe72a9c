"""The access token: OAuth 2.0 client credentials, one token for all processes, renewed early and by one at a time."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from campaigns.cxone.blanking import Blanks, basic_credentials
from campaigns.cxone.channel import Channel
from campaigns.cxone.errors import BudgetSpent, Retryable
from campaigns.cxone.replies import Call, token_refusal, value_of
from campaigns.cxone.transport import DEADLINE
from campaigns.cxone.v2.wire import AccessToken

RENEW_BEFORE = 60.0  # seconds before a token expires; half its life where that is shorter
LONGEST_LIFE = 86_400.0
UNSTATED_LIFE = 300.0  # where CXone doesn't say how long a token lives; one that dies earlier is fetched after its 401
TOKEN_SECONDS = 15.0  # for the whole exchange
LONGEST_TURN = 30.0  # seconds; after them another process may fetch though the first never came back
ASK_AGAIN_MS = 200
DOING = "get an access token"


@dataclass(frozen=True, slots=True)
class Token:
    """`is_fresh`: it isn't to be renewed yet. No times: those of one machine mean nothing by another's clock."""

    value: str = field(repr=False)
    is_fresh: bool = True


@dataclass(frozen=True, slots=True)
class Credentials:
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    auth: str = "post"  # or "basic": how they are sent


class TokenStore(Protocol):
    """Where the processes share the token, and where its time is kept. None of it may raise or sleep."""

    def get(self) -> Token | None:
        """The token, as long as it lives."""

    def put(self, value: str, *, fresh_for: float, lives_for: float) -> None:
        """Keep a token for so many seconds from now."""

    def drop(self, token: Token) -> None:
        """Forget `token`, but not a newer one."""

    def take_turn(self) -> bool:
        """True for the one process that may fetch a token now, for at most LONGEST_TURN seconds."""

    def end_turn(self) -> None: ...


class Tokens:
    """The token of a process's gateways. Safe for threads. `blanks`: the secrets, `other_secrets` too, that CXone may
    repeat in its words."""

    def __init__(
        self,
        credentials: Credentials,
        store: TokenStore,
        clock: Callable[[], float] = time.monotonic,
        other_secrets: Sequence[str] = (),
    ) -> None:
        self.blanks = Blanks([credentials.client_secret, *other_secrets])
        self._credentials = credentials
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()

    def current(self, channel: Channel) -> Token:
        """A token that is still good, fetched if need be. While somebody renews it, the old one serves to its end."""
        token = self._store.get()
        if token and token.is_fresh:
            return token
        return self._renew(channel, instead_of=token, meanwhile=token)

    def renewed(self, failed: Token, channel: Channel) -> Token:
        """Another token than `failed`, which CXone has just refused: one fetch, however many threads ask."""
        self._store.drop(failed)
        return self._renew(channel, instead_of=failed, meanwhile=None)

    def _renew(self, channel: Channel, *, instead_of: Token | None, meanwhile: Token | None) -> Token:
        if not self._lock.acquire(blocking=meanwhile is None, timeout=-1 if meanwhile else LONGEST_TURN):
            return _or_later(meanwhile)
        try:
            return self._newer_than(instead_of) or self._take_turn(channel, instead_of, meanwhile)
        finally:
            self._lock.release()

    def _take_turn(self, channel: Channel, instead_of: Token | None, meanwhile: Token | None) -> Token:
        if not self._store.take_turn():
            return _or_later(meanwhile)
        try:
            return self._newer_than(instead_of) or self._fetch(channel)
        except Retryable:
            if meanwhile:
                return meanwhile
            raise
        finally:
            self._store.end_turn()

    def _newer_than(self, old: Token | None) -> Token | None:
        token = self._store.get()
        return token if token and not (old and token.value == old.value) else None

    def _fetch(self, channel: Channel) -> Token:
        channel.spend(DOING)
        asked_at = self._clock()
        request = self._request(channel.client)
        call = Call(DOING, self._credentials.scope)
        reply = channel.send(request, call)
        granted = value_of(call, reply, AccessToken.model_validate, refused=token_refusal)
        life = min(granted.expires_in or UNSTATED_LIFE, LONGEST_LIFE)
        gone = self._clock() - asked_at  # it began to live while its answer was on the way
        self._store.put(
            granted.access_token, fresh_for=life - min(RENEW_BEFORE, life / 2) - gone, lives_for=life - gone
        )
        return Token(granted.access_token)

    def _request(self, client: httpx.Client) -> httpx.Request:
        """RFC 6749, 4.4.2, with the client's credentials in the form or in the header (2.3.1), never in both."""
        mine = self._credentials
        form, headers = {"grant_type": "client_credentials", "scope": mine.scope}, {}
        if mine.auth == "basic":
            headers["Authorization"] = f"Basic {basic_credentials(mine.client_id, mine.client_secret)}"
        else:
            form |= {"client_id": mine.client_id, "client_secret": mine.client_secret}
        patience = {DEADLINE: TOKEN_SECONDS}
        return client.build_request("POST", mine.token_url, data=form, headers=headers, extensions=patience)


def _or_later(meanwhile: Token | None) -> Token:
    if meanwhile:
        return meanwhile
    raise BudgetSpent(DOING, wait_ms=ASK_AGAIN_MS, cause="another process is fetching the one that all share")

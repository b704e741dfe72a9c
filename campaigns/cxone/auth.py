"""The access token: one for all processes, renewed early and by one at a time."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from campaigns.cxone.channel import Channel
from campaigns.cxone.errors import BudgetSpent, CXoneError, Retryable
from campaigns.cxone.masking import SecretMask
from campaigns.cxone.replies import Call, Reply, value_of
from campaigns.cxone.token_answer import AccessToken
from campaigns.cxone.transport import DEADLINE

# Seconds before a token expires, so that no request arrives with one that has just expired. If a token lives less than
# two minutes, it is renewed after half of its life.
RENEW_BEFORE = 60.0

# Seconds. Whatever CXone says, a token is renewed once a day.
LONGEST_LIFE = 86_400.0

# Seconds, if CXone doesn't say how long a token lives. One that dies earlier is replaced after its 401.
UNSTATED_LIFE = 300.0

# Seconds for the whole exchange: half of an ordinary one's, since a call waits for it before its own begins.
TOKEN_SECONDS = 15.0

# Seconds. Afterwards another process may fetch a token, even if the first one never came back.
LONGEST_TURN = 30.0

# Another process is fetching the token, which usually takes less than that.
ASK_AGAIN_MS = 200

DOING = "get an access token"


@dataclass(frozen=True, slots=True)
class Token:
    """`is_fresh`: it needn't be renewed yet. No times: those of one machine mean nothing by another's clock."""

    value: str = field(repr=False)
    is_fresh: bool = True


class Grant(Protocol):
    """How a dialect asks for a token. `scope`: the OAuth scopes that it asks for; `secrets`: what no text may show."""

    @property
    def scope(self) -> str: ...

    @property
    def secrets(self) -> Sequence[str]: ...

    def request(self, client: httpx.Client) -> httpx.Request: ...

    def refused(self, call: Call, reply: Reply) -> CXoneError:
        """The error for an answer without a token."""


class TokenStore(Protocol):
    """Where the processes share the token, and where its time is kept. No method raises or sleeps."""

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
    """The token of a process's gateways. Safe for threads. `mask` hides the grant's secrets and `other_secrets`, which
    CXone may repeat in its messages; `noted` is told of each token that is granted."""

    def __init__(
        self,
        grant: Grant,
        store: TokenStore,
        clock: Callable[[], float] = time.monotonic,
        other_secrets: Sequence[str] = (),
        noted: Callable[[AccessToken], None] | None = None,
    ) -> None:
        self.mask = SecretMask([*grant.secrets, *other_secrets])
        self._grant = grant
        self._noted = noted
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()

    def current(self, channel: Channel) -> Token:
        """A valid token, fetched if need be. While somebody renews it, the old one is used until it expires."""
        token = self._store.get()
        if token and token.is_fresh:
            return token
        return self._renew(channel, instead_of=token, meanwhile=token)

    def renewed(self, failed: Token, channel: Channel) -> Token:
        """Another token than `failed`, which CXone has just refused: fetched once, however many threads ask for it."""
        self._store.drop(failed)
        return self._renew(channel, instead_of=failed, meanwhile=None)

    def _renew(self, channel: Channel, *, instead_of: Token | None, meanwhile: Token | None) -> Token:
        # One thread of this process fetches. Only those that have no token at all wait for it.
        if meanwhile:
            acquired = self._lock.acquire(blocking=False)
        else:
            acquired = self._lock.acquire(timeout=LONGEST_TURN)
        if not acquired:
            return _meanwhile_or_later(meanwhile)
        try:
            return self._newer_than(instead_of) or self._take_turn(channel, instead_of, meanwhile)
        finally:
            self._lock.release()

    def _take_turn(self, channel: Channel, instead_of: Token | None, meanwhile: Token | None) -> Token:
        if not self._store.take_turn():
            return _meanwhile_or_later(meanwhile)
        try:
            # Once more: another process may have ended its turn, and shared its token, between the two looks.
            return self._newer_than(instead_of) or self._fetch(channel)
        except Retryable:
            if meanwhile:
                return meanwhile
            raise
        finally:
            self._store.end_turn()

    def _newer_than(self, old: Token | None) -> Token | None:
        token = self._store.get()
        if token and old and token.value == old.value:
            return None
        return token

    def _fetch(self, channel: Channel) -> Token:
        channel.spend(DOING)
        asked_at = self._clock()
        call = Call(DOING, self._grant.scope, name="get_token")
        request = self._grant.request(channel.client)
        request.extensions[DEADLINE] = TOKEN_SECONDS
        reply = channel.send(request, call)
        granted = value_of(call, reply, AccessToken.model_validate, refused=self._grant.refused)
        if self._noted:
            self._noted(granted)
        life = min(granted.expires_in or UNSTATED_LIFE, LONGEST_LIFE)
        # Its life began while the response was on the way, at an unknown moment: it counts from the request.
        elapsed = self._clock() - asked_at
        fresh = life - min(RENEW_BEFORE, life / 2)
        self._store.put(granted.access_token, fresh_for=fresh - elapsed, lives_for=life - elapsed)
        return Token(granted.access_token)


def _meanwhile_or_later(meanwhile: Token | None) -> Token:
    if meanwhile:
        return meanwhile
    raise BudgetSpent(DOING, wait_ms=ASK_AGAIN_MS, cause="another process is fetching the one that all share")

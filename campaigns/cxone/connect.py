"""Settings, cache and budget → a gateway. The one module of the gateway that uses Django.

Each process keeps one pool of connections and closes none between calls. Tests substitute a simulated CXone by
replacing `transport` (with a function that returns, say, `httpx.WSGITransport(app=...)`). They call
`close_connections()` before and after, since the first `open_gateway` creates the pool.
"""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from secrets import token_hex
from time import monotonic
from typing import TypeVar

import httpx
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

from campaigns.cxone.auth import LONGEST_TURN, Credentials, Token, Tokens
from campaigns.cxone.breaker import CircuitBreaker
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.clock import RemoteClock
from campaigns.cxone.gateway import Gateway
from campaigns.cxone.transport import Transport
from campaigns.cxone.v2 import gateway

T = TypeVar("T")
logger = logging.getLogger(__name__)

# As many connections as any process has threads that call CXone: the two workers of an embedded one have eleven, of
# which at least one waits while the ten that bulks share are at work. Idle ones are kept for longer than the interval
# between two full reads, so that a click finds an open connection.
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=20, keepalive_expiry=120.0)
# Seconds, for each of the host's addresses and for a free connection of the pool. Everything after that is bounded by
# the exchange's deadline.
TIMEOUT = httpx.Timeout(None, connect=5.0, pool=5.0)

# A cache that hangs costs each access its timeout. After a failure this process does without it for so long.
CACHE_REST_SECONDS = 5.0

NEEDED = ("CXONE_BASE_URL", "CXONE_TOKEN_URL", "CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET")


@dataclass(frozen=True, slots=True)
class Connection:
    client: httpx.Client
    tokens: Tokens
    clock: RemoteClock


_connection: Connection | None = None
_lock = threading.Lock()


def open_gateway(lane: Lane, budget: Budget, breaker: CircuitBreaker | None = None) -> Gateway:
    """A gateway for one operation. ImproperlyConfigured: names the setting that is missing.

    `breaker`: is told how each call ends.
    """
    connection = _connected()
    client, tokens = connection.client, connection.tokens
    return gateway.V2(client, tokens, budget, lane, clock=connection.clock, breaker=breaker)


def transport() -> httpx.BaseTransport:
    """What carries the requests. Not through a proxy of the environment: the token goes where the settings say."""
    return Transport(LIMITS)


def close_connections() -> None:
    """Close this process's connections; the next `open_gateway` opens new ones, by the settings of that time."""
    global _connection
    with _lock:
        closing, _connection = _connection, None
    if closing:
        closing.client.close()


def _connected() -> Connection:
    global _connection  # noqa: PLW0603 (one pool for a process)
    connection = _connection
    if connection is None:
        with _lock:
            connection = _connection = _connection or _open()
    return connection


def require_settings() -> None:
    """ImproperlyConfigured: names the setting that is missing."""
    missing = [name for name in NEEDED if not getattr(settings, name)]
    if missing:
        raise ImproperlyConfigured(
            f"{missing[0]} is not set, so CXone can't be asked for anything. Set it in the environment or in .env."
        )


def _open() -> Connection:
    require_settings()
    client = httpx.Client(
        base_url=settings.CXONE_BASE_URL, transport=transport(), timeout=TIMEOUT, headers=_headers(), trust_env=False
    )
    credentials = Credentials(
        settings.CXONE_TOKEN_URL,
        settings.CXONE_CLIENT_ID,
        settings.CXONE_CLIENT_SECRET,
        gateway.SCOPE,
        settings.CXONE_TOKEN_AUTH,
    )
    tokens = Tokens(credentials, CacheStore(credentials), other_secrets=[settings.CXONE_WEBHOOK_TOKEN])
    return Connection(client, tokens, RemoteClock())


def _headers() -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        # The one encoding that body.py decompresses.
        "Accept-Encoding": "gzip",
        "User-Agent": "campaign-control",
    }
    if settings.CXONE_INSTANCE:
        headers["X-CXone-Instance"] = settings.CXONE_INSTANCE
    return headers


def _forget() -> None:
    """A forked child opens connections of its own, and must not wait for a lock that a thread of its parent held."""
    global _connection, _lock
    _connection, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)


@dataclass(frozen=True, slots=True)
class TokenCopy:
    """This process's own copy of the token; times by its monotonic clock."""

    value: str = field(repr=False)
    fresh_until: float
    lives_until: float

    def token(self) -> Token | None:
        now = monotonic()
        if now >= self.lives_until:
            return None
        return Token(self.value, is_fresh=now < self.fresh_until)


NO_COPY = TokenCopy("", 0.0, 0.0)


class CacheStore:
    """The token in Django's cache, which keeps its time: one entry for as long as it lives, one for as long as it is
    fresh.

    If the cache fails (Redis is down), this process goes on with its own copy, unless others have renewed the token
    since: CXone may have refused the old one.
    """

    def __init__(self, credentials: Credentials) -> None:
        # Other credentials have another key: wrong ones are noticed at once, not when the old token has expired.
        self._key = f"cxone-bearer:{salted_hmac('cxone-token', repr(astuple(credentials))).hexdigest()}"
        self._fresh_key = f"{self._key}:fresh"
        self._turn_key = f"{self._key}:turn"
        self._turn = token_hex(8)
        self._copy = NO_COPY
        # By the monotonic clock.
        self._cache_rests_until = 0.0

    def get(self) -> Token | None:
        return self._with_cache_or(self._shared, self._copy.token())

    def put(self, value: str, *, fresh_for: float, lives_for: float) -> None:
        now = monotonic()
        self._copy = TokenCopy(value, now + fresh_for, now + lives_for)
        self._with_cache_or(lambda: self._share(value, fresh_for, lives_for), None)

    def drop(self, token: Token) -> None:
        kept = self.get()
        if kept and kept.value == token.value:
            self._copy = NO_COPY
            self._with_cache_or(lambda: cache.delete(self._key), False)

    def take_turn(self) -> bool:
        return self._with_cache_or(lambda: cache.add(self._turn_key, self._turn, timeout=LONGEST_TURN), True)

    def end_turn(self) -> None:
        if self._with_cache_or(lambda: cache.get(self._turn_key), None) == self._turn:
            self._with_cache_or(lambda: cache.delete(self._turn_key), False)

    def _shared(self) -> Token | None:
        kept = cache.get_many([self._key, self._fresh_key])
        value = kept.get(self._key)
        if not value:
            return None
        if value != self._copy.value:
            self._copy = NO_COPY
        return Token(value, is_fresh=kept.get(self._fresh_key) == value)

    def _share(self, value: str, fresh_for: float, lives_for: float) -> None:
        # In this order: who sees the new token also sees that it is fresh.
        cache.set(self._fresh_key, value, timeout=fresh_for)
        cache.set(self._key, value, timeout=lives_for)

    def _with_cache_or(self, use_cache: Callable[[], T], otherwise: T) -> T:
        if monotonic() < self._cache_rests_until:
            return otherwise
        try:
            return use_cache()
        # Each cache has exceptions of its own.
        except Exception as error:
            self._cache_rests_until = monotonic() + CACHE_REST_SECONDS
            logger.warning("The cache failed (%s); the access token is kept in this process.", type(error).__name__)
            return otherwise

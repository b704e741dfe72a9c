"""Settings, cache and budget → a gateway. The one module of the gateway that uses Django.

Each process keeps one pool of connections and closes none between calls. Tests substitute a simulated CXone by
replacing `transport` (with a function that returns, say, `httpx.WSGITransport(app=...)`). They call
`close_connections()` before and after, since the first `open_gateway` creates the pool.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from secrets import token_hex
from time import monotonic
from typing import TypeVar, cast

import httpx
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

from campaigns.cxone.auth import LONGEST_TURN, Token, Tokens, TokenStore
from campaigns.cxone.breaker import CircuitBreaker
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.clock import RemoteClock
from campaigns.cxone.gateway import Capabilities, Gateway
from campaigns.cxone.published import gateway as published
from campaigns.cxone.published.address import Address, Notes, Whereabouts
from campaigns.cxone.published.credentials import AccessKey
from campaigns.cxone.published.memory import Memory
from campaigns.cxone.published.survey import survey_published
from campaigns.cxone.survey import Survey
from campaigns.cxone.transport import Transport
from campaigns.cxone.v2 import gateway
from campaigns.cxone.v2.credentials import Credentials
from campaigns.cxone.v2.pages import KnownPages
from campaigns.cxone.v2.survey import survey_v2

T = TypeVar("T")
logger = logging.getLogger(__name__)

# As many connections as any process has threads that call CXone: the two workers of an embedded one have eleven, eight
# of which may count calls in another thread, too; at least one waits while the ten that bulks share are at work. Idle
# ones are kept for longer than the interval between two full reads, so that a click finds an open connection.
LIMITS = httpx.Limits(max_connections=30, max_keepalive_connections=30, keepalive_expiry=120.0)
# Seconds, for each of the host's addresses and for a free connection of the pool. Everything after that is bounded by
# the exchange's deadline.
TIMEOUT = httpx.Timeout(None, connect=5.0, pool=5.0)

# A cache that hangs costs each access its timeout. After a failure this process does without it for so long.
CACHE_REST_SECONDS = 5.0

# The names that CXONE_DIALECT may have.
V2, PUBLISHED = "v2", "published"
DIALECTS = {V2: gateway.CAPABILITIES, PUBLISHED: published.CAPABILITIES}

NEEDED = {
    V2: ("CXONE_BASE_URL", "CXONE_TOKEN_URL", "CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET"),
    PUBLISHED: ("CXONE_ACCESS_KEY_ID", "CXONE_ACCESS_KEY_SECRET", "CXONE_TOKEN_URL"),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """What the gateways of this process share; `address`: of the published API, where it may have to be found."""

    client: httpx.Client
    tokens: Tokens
    clock: RemoteClock
    known_pages: KnownPages
    memory: Memory
    address: Address | None = None


_connection: Connection | None = None
_lock = threading.Lock()


def open_gateway(lane: Lane, budget: Budget, breaker: CircuitBreaker | None = None) -> Gateway:
    """A gateway for one operation. ImproperlyConfigured: names the setting that is missing.

    `breaker`: is told how each call ends.
    """
    return _gateway(_connected(), lane, budget, breaker)


@contextmanager
def separate_gateway(budget: Budget, store: TokenStore | None = None) -> Iterator[Gateway]:
    """A gateway with a connection and a token of its own, for those who look for what is wrong: it uses nothing that
    processes share, and leaves nothing there. ImproperlyConfigured: names the setting that is missing.

    `store`: where its token is kept, for whoever asks whether there was one.
    """
    own = store or OwnStore()
    connection = _open(lambda _: own, lambda _: OwnNotes())
    with connection.client:
        yield _gateway(connection, Lane.CLICK, budget, None)


def _gateway(connection: Connection, lane: Lane, budget: Budget, breaker: CircuitBreaker | None) -> Gateway:
    if connection.address:
        return published.Published(
            connection.client,
            connection.tokens,
            budget,
            lane,
            address=connection.address,
            version=settings.CXONE_API_VERSION,
            zone=settings.CXONE_TIMEZONE,
            clock=connection.clock,
            breaker=breaker,
            memory=connection.memory,
        )
    return gateway.V2(
        connection.client,
        connection.tokens,
        budget,
        lane,
        clock=connection.clock,
        breaker=breaker,
        known_pages=connection.known_pages,
    )


def survey_tenant(budget: Budget) -> tuple[Survey, Gateway]:
    """What the tenant shows to a gateway that shares nothing with others, and that gateway, which isn't open any more.
    ImproperlyConfigured: names the setting that is missing."""
    with separate_gateway(budget) as found:
        if isinstance(found, published.Published):
            return survey_published(found), found
        return survey_v2(cast("gateway.V2", found)), found


def capabilities() -> Capabilities:
    """What CXone can do in the dialect of the settings. Needs no connection, nor any other setting."""
    return DIALECTS[settings.CXONE_DIALECT]


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
            connection = _connection = _connection or _open(CacheStore, CacheNotes)
    return connection


def require_settings() -> None:
    """ImproperlyConfigured: names the setting that is missing."""
    missing = [name for name in NEEDED[settings.CXONE_DIALECT] if not getattr(settings, name)]
    if missing:
        raise ImproperlyConfigured(
            f"{missing[0]} is not set, so CXone can’t be asked for anything. Set it in the environment or in .env."
        )


def _open(
    make_store: Callable[[Credentials | AccessKey], TokenStore], make_notes: Callable[[object], Notes]
) -> Connection:
    require_settings()
    client = httpx.Client(
        base_url=settings.CXONE_BASE_URL, transport=transport(), timeout=TIMEOUT, headers=_headers(), trust_env=False
    )
    if settings.CXONE_DIALECT == PUBLISHED:
        key = _access_key()
        return _open_published(client, key, make_store(key), make_notes)
    credentials = Credentials(
        settings.CXONE_TOKEN_URL,
        settings.CXONE_CLIENT_ID,
        settings.CXONE_CLIENT_SECRET,
        gateway.SCOPE,
        settings.CXONE_TOKEN_AUTH,
    )
    tokens = Tokens(credentials, make_store(credentials), other_secrets=[settings.CXONE_WEBHOOK_TOKEN])
    return Connection(client, tokens, RemoteClock(), KnownPages({}), Memory())


def _open_published(
    client: httpx.Client, key: AccessKey, store: TokenStore, make_notes: Callable[[object], Notes]
) -> Connection:
    where = Whereabouts(settings.CXONE_BASE_URL, settings.CXONE_TENANT_ID, settings.CXONE_DIRECTORY_URL)
    address = Address(where, make_notes((key, where)))
    tokens = Tokens(key, store, other_secrets=[settings.CXONE_WEBHOOK_TOKEN], noted=address.note_token)
    return Connection(client, tokens, RemoteClock(), KnownPages({}), Memory(), address)


def _access_key() -> AccessKey:
    return AccessKey(
        settings.CXONE_TOKEN_URL,
        settings.CXONE_ACCESS_KEY_ID,
        settings.CXONE_ACCESS_KEY_SECRET,
        settings.CXONE_CLIENT_ID,
        settings.CXONE_CLIENT_SECRET,
    )


def _headers() -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        # The one encoding that body.py decompresses.
        "Accept-Encoding": "gzip",
        "User-Agent": "campaign-control",
    }
    if settings.CXONE_INSTANCE and settings.CXONE_DIALECT != PUBLISHED:
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


class OwnStore:
    """The token of one gateway, which no other has."""

    def __init__(self) -> None:
        self._copy = NO_COPY

    def get(self) -> Token | None:
        return self._copy.token()

    def put(self, value: str, *, fresh_for: float, lives_for: float) -> None:
        now = monotonic()
        self._copy = TokenCopy(value, now + fresh_for, now + lives_for)

    def drop(self, token: Token) -> None:
        self._copy = NO_COPY

    def take_turn(self) -> bool:
        return True

    def end_turn(self) -> None:
        return


class OwnNotes:
    """What one gateway has found out, and no other knows."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self._notes.get(name, "")

    def put(self, name: str, value: str, seconds: float) -> None:
        self._notes[name] = value


class RestingCache:
    """Django's cache, left alone for a while after it has failed."""

    def __init__(self) -> None:
        # By the monotonic clock.
        self._rests_until = 0.0

    def use(self, use_cache: Callable[[], T], otherwise: T, lost: str) -> T:
        """`otherwise`: where the cache fails, which the log says with what is `lost`."""
        if monotonic() < self._rests_until:
            return otherwise
        try:
            return use_cache()
        # Each cache has exceptions of its own.
        except Exception as error:
            self._rests_until = monotonic() + CACHE_REST_SECONDS
            logger.warning("The cache failed (%s); %s", type(error).__name__, lost)
            return otherwise


class CacheNotes:
    """What the processes know of the tenant's address, in Django's cache. If that fails, each finds out by itself."""

    def __init__(self, identity: object) -> None:
        self._key = f"cxone-notes:{salted_hmac('cxone-notes', repr(identity)).hexdigest()}"
        self._cache = RestingCache()
        self._copies: dict[str, str] = {}

    def get(self, name: str) -> str:
        copy = self._copies.get(name, "")
        return str(self._with_cache_or(lambda: cache.get(f"{self._key}:{name}", ""), copy))

    def put(self, name: str, value: str, seconds: float) -> None:
        self._copies[name] = value
        self._with_cache_or(lambda: cache.set(f"{self._key}:{name}", value, timeout=seconds), None)

    def _with_cache_or(self, use_cache: Callable[[], T], otherwise: T) -> T:
        return self._cache.use(use_cache, otherwise, "the address of CXone is kept in this process.")


class CacheStore:
    """The token in Django's cache, which keeps its time: one entry for as long as it lives, one for as long as it is
    fresh.

    If the cache fails (Redis is down), this process goes on with its own copy, unless others have renewed the token
    since: CXone may have refused the old one.
    """

    def __init__(self, grant: Credentials | AccessKey) -> None:
        # Other credentials have another key: wrong ones are noticed at once, not when the old token has expired.
        self._key = f"cxone-bearer:{salted_hmac('cxone-token', repr(astuple(grant))).hexdigest()}"
        self._fresh_key = f"{self._key}:fresh"
        self._turn_key = f"{self._key}:turn"
        self._turn = token_hex(8)
        self._copy = NO_COPY
        self._cache = RestingCache()

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
        return self._cache.use(use_cache, otherwise, "the access token is kept in this process.")

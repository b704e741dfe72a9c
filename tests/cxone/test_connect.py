"""One pool and one token for a process; settings that are missing are named."""

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from campaigns.cxone import connect
from campaigns.cxone.auth import Token
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import CXoneError
from campaigns.simulator import Simulator, serve
from tests.cxone.fakes import BASE, CREDENTIALS, TOKEN_PATH, FakeCXone, Till, campaign_json, ok

STATE = "/api/v2/campaigns/c-1"
TOKEN = Token("t0ken")


@pytest.fixture(autouse=True)
def configured(settings: Settings) -> Iterator[None]:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CXONE_BASE_URL = BASE
    settings.CXONE_TOKEN_URL = f"{BASE}{TOKEN_PATH}"
    settings.CXONE_INSTANCE = ""
    settings.CXONE_CLIENT_ID = "simulator"
    settings.CXONE_CLIENT_SECRET = "simulator-secret"
    connect.close_connections()
    cache.clear()
    yield
    connect.close_connections()
    cache.clear()


@pytest.fixture
def plugged(cxone: FakeCXone, monkeypatch: pytest.MonkeyPatch) -> FakeCXone:
    monkeypatch.setattr(connect, "transport", lambda: httpx.MockTransport(cxone))
    cxone.answers("GET", STATE, ok(campaign_json()))
    return cxone


@pytest.fixture
def broken_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("no cache")

    for name in ("get", "set", "add", "delete"):
        monkeypatch.setattr(LocMemCache, name, fail)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The connections that a server of this process has accepted."""
    accepted: list[object] = []
    accept = ThreadingMixIn.process_request

    def count(server: ThreadingMixIn, request: Any, address: Any) -> None:
        accepted.append(address)
        accept(server, request, address)

    monkeypatch.setattr(ThreadingMixIn, "process_request", count)
    return accepted


@pytest.fixture
def served(settings: Settings, opened: list[object]) -> Iterator[Simulator]:
    simulator = Simulator(campaigns=3, rate_per_minute=None, post_events=False)
    with serve(simulator) as server:
        settings.CXONE_BASE_URL = server.url
        settings.CXONE_TOKEN_URL = f"{server.url}{TOKEN_PATH}"
        yield simulator
        connect.close_connections()


def read_first(simulator: Simulator) -> str:
    return connect.open_gateway(Lane.CLICK, Till()).read_state(simulator.campaign_ids()[0]).status


def test_missing_setting_is_named(settings: Settings) -> None:
    settings.CXONE_CLIENT_SECRET = ""
    with pytest.raises(ImproperlyConfigured, match="CXONE_CLIENT_SECRET is not set"):
        connect.open_gateway(Lane.CLICK, Till())


def test_missing_address_is_named_first(settings: Settings) -> None:
    settings.CXONE_BASE_URL = settings.CXONE_TOKEN_URL = settings.CXONE_CLIENT_ID = ""
    with pytest.raises(ImproperlyConfigured, match="CXONE_BASE_URL is not set"):
        connect.open_gateway(Lane.CLICK, Till())


def test_gateways_share_token(plugged: FakeCXone) -> None:
    for _ in range(3):
        connect.open_gateway(Lane.CLICK, Till()).read_state("c-1")
    assert len(plugged.to(TOKEN_PATH)) == 1


def test_gateways_count_their_own(plugged: FakeCXone) -> None:
    first, second = connect.open_gateway(Lane.CLICK, Till()), connect.open_gateway(Lane.CLICK, Till())
    first.read_state("c-1")
    assert (first.requests, second.requests) == (2, 0)


@pytest.mark.parametrize("spell", [str, lambda text: quote(text, safe=""), json.dumps])
def test_token_of_events_is_blanked(plugged: FakeCXone, settings: Settings, spell: Callable[[str], str]) -> None:
    """CXone has it in the addresses of subscriptions, and may repeat them in any refusal."""
    settings.CXONE_WEBHOOK_TOKEN = "a-token-of/events"
    address = f"https://us.test/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/"
    plugged.answers("POST", "/api/v2/event/subscriptions", ok({"message": f"{spell(address)} is taken"}, 409))
    with pytest.raises(CXoneError) as caught:
        connect.open_gateway(Lane.CLICK, Till()).subscribe("c-1", address)
    assert "[secret]" in caught.value.words
    assert "a-token-of" not in str(caught.value)


def test_setting_chooses_where_credentials_go(plugged: FakeCXone, settings: Settings) -> None:
    settings.CXONE_TOKEN_AUTH = "basic"
    connect.open_gateway(Lane.CLICK, Till()).read_state("c-1")
    assert plugged.to(TOKEN_PATH)[0].headers["Authorization"].startswith("Basic ")


def test_instance_is_a_header(plugged: FakeCXone, settings: Settings) -> None:
    settings.CXONE_INSTANCE = "acme"
    connect.open_gateway(Lane.CLICK, Till()).read_state("c-1")
    headers = plugged.requests[-1].headers
    assert (headers["X-CXone-Instance"], headers["Accept"]) == ("acme", "application/json")


def test_no_instance_no_header(plugged: FakeCXone) -> None:
    connect.open_gateway(Lane.CLICK, Till()).read_state("c-1")
    assert "X-CXone-Instance" not in plugged.requests[-1].headers


def put(value: str, *, fresh_for: float = 3000, lives_for: float = 3600) -> connect.CacheStore:
    store = connect.CacheStore(CREDENTIALS)
    store.put(value, fresh_for=fresh_for, lives_for=lives_for)
    return store


def test_other_process_sees_token() -> None:
    put("t0ken")
    assert connect.CacheStore(CREDENTIALS).get() == TOKEN


def test_other_credentials_have_other_token() -> None:
    put("t0ken")
    assert connect.CacheStore(replace(CREDENTIALS, client_secret="mistyped")).get() is None


def test_old_token_is_not_fresh() -> None:
    put("t0ken", fresh_for=0)
    assert connect.CacheStore(CREDENTIALS).get() == Token("t0ken", is_fresh=False)


def test_dead_token_is_none() -> None:
    put("t0ken", fresh_for=0, lives_for=0)
    assert connect.CacheStore(CREDENTIALS).get() is None


def test_no_time_is_shared() -> None:
    """The cache keeps the time: whoever reads the token needs no clock of its own, nor that of who wrote it."""
    store = put("t0ken")
    assert {cache.get(key) for key in (store._key, store._fresh_key)} == {"t0ken"}


def test_own_copy_dies_in_time(broken_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    store = put("t0ken")
    began = time.monotonic()
    found = []
    for seconds in (0, 2999, 3001, 3599, 3601):
        monkeypatch.setattr(connect, "monotonic", lambda now=began + seconds: now)
        found.append(store.get())
    assert found == [TOKEN, TOKEN, Token("t0ken", is_fresh=False), Token("t0ken", is_fresh=False), None]


def test_own_copy_that_others_renewed_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    store = put("t0ken")
    put("newer")
    assert store.get() == Token("newer")

    def fail(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(LocMemCache, "get", fail)
    assert store.get() is None


def test_turn_belongs_to_one() -> None:
    first, second = connect.CacheStore(CREDENTIALS), connect.CacheStore(CREDENTIALS)
    assert (first.take_turn(), second.take_turn()) == (True, False)
    second.end_turn()
    assert not second.take_turn()
    first.end_turn()
    assert second.take_turn()


def test_drop_spares_newer_token() -> None:
    store = put("t0ken")
    store.drop(Token("older"))
    assert store.get() == TOKEN
    store.drop(TOKEN)
    assert store.get() is None


@pytest.mark.usefixtures("broken_cache")
def test_broken_cache_stops_nothing(plugged: FakeCXone) -> None:
    for _ in range(2):
        connect.open_gateway(Lane.CLICK, Till()).read_state("c-1")
    assert len(plugged.to(TOKEN_PATH)) == 1


def test_broken_cache_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []

    def look(*arguments: object, **_: object) -> None:
        looks.append(arguments)
        raise TimeoutError

    monkeypatch.setattr(LocMemCache, "get", look)
    store = connect.CacheStore(CREDENTIALS)
    assert [store.get() for _ in range(3)] == [None, None, None]
    assert len(looks) == 1


def test_fifty_calls_use_one_connection(served: Simulator, opened: list[object]) -> None:
    for _ in range(50):
        read_first(served)
    assert len(opened) == 1


def test_closed_pool_opens_again(served: Simulator, opened: list[object]) -> None:
    read_first(served)
    connect.close_connections()
    read_first(served)
    assert len(opened) == 2


def test_full_pool_still_renews_token(served: Simulator, opened: list[object]) -> None:
    """Twenty refused threads hold all twenty connections; the token is fetched over the same pool."""
    read_first(served)
    served.expire_tokens()
    served.fail("GET", "/api/*", times=20, done=True, delay=0.2)
    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(lambda _: read_first(served), range(20)))
    assert found == ["ACTIVE"] * 20
    assert len(served.record.requests("POST", TOKEN_PATH)) == 2


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_child_opens_its_own(served: Simulator, opened: list[object]) -> None:
    read_first(served)
    child = os.fork()
    if child == 0:
        os._exit(0 if read_first(served) == "ACTIVE" else 1)
    assert os.waitpid(child, 0)[1] == 0
    read_first(served)
    assert len(opened) == 2


def test_capabilities_are_known_without_a_connection(settings: Settings) -> None:
    settings.CXONE_BASE_URL = ""
    assert connect.capabilities().defers

"""What the network does to calls of the published API: respx takes the place of httpcore's connection pool, as in
tests/cxone/test_failures.py, whose table of failures these are."""

import ssl
from collections.abc import Iterator

import httpx
import pytest
import respx
from django.core.cache import cache
from pytest_django import Settings

from campaigns.cxone import connect
from campaigns.cxone.budget import Lane
from campaigns.cxone.gateway import Gateway
from tests.cxone.calls import PAUSE, READ_STATE, RESUME, GatewayCall, failure
from tests.cxone.failures import FAILURES, Failure
from tests.cxone.fakes import Till
from tests.cxone.published.asking import BASE, KEY, ROOT

SKILL = f"{ROOT}/skills/c-1"
PATHS = {READ_STATE: ("GET", SKILL), PAUSE: ("POST", f"{SKILL}/stop"), RESUME: ("POST", f"{SKILL}/start")}
CALLS = [pytest.param(call, id=call.doing) for call in PATHS]
OF_THE_NETWORK = {name: each for name, each in FAILURES.items() if isinstance(each.network, Exception)}


@pytest.fixture
def cxone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CXONE_DIALECT = connect.PUBLISHED
    settings.CXONE_BASE_URL, settings.CXONE_TOKEN_URL = BASE, KEY.token_url
    settings.CXONE_ACCESS_KEY_ID, settings.CXONE_ACCESS_KEY_SECRET = KEY.key_id, KEY.key_secret
    settings.CXONE_CLIENT_ID, settings.CXONE_CLIENT_SECRET = KEY.client_id, KEY.client_secret
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    connect.close_connections()
    cache.clear()
    with respx.mock(using="httpcore", base_url=BASE, assert_all_called=False) as router:
        router.post("/auth/token").respond(json={"access_token": "t", "expires_in": 3600})
        yield router
    connect.close_connections()
    cache.clear()


@pytest.fixture
def gateway(cxone: respx.MockRouter, budget: Till) -> Gateway:
    return connect.open_gateway(Lane.CLICK, budget)


def exception_of(failure_: Failure) -> Exception:
    assert isinstance(failure_.network, Exception)
    return failure_.network


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("failure_", [pytest.param(each, id=name) for name, each in OF_THE_NETWORK.items()])
def test_change_may_have_been_made_only_if_its_request_was_begun(
    cxone: respx.MockRouter, gateway: Gateway, failure_: Failure, call: GatewayCall
) -> None:
    method, path = PATHS[call]
    route = cxone.request(method, path).mock(side_effect=exception_of(failure_))
    error = failure(call.act, gateway)
    assert type(error) is failure_.verdict(call).leaf
    assert route.call_count == 1
    assert KEY.key_secret not in f"{error} {error!r} {error.__dict__}"


@pytest.mark.parametrize("failure_", [pytest.param(each, id=name) for name, each in OF_THE_NETWORK.items()])
def test_without_a_token_nothing_is_sent(cxone: respx.MockRouter, gateway: Gateway, failure_: Failure) -> None:
    cxone.post("/auth/token").mock(side_effect=exception_of(failure_))
    stop = cxone.post(f"{SKILL}/stop")
    assert type(failure(PAUSE.act, gateway)) is failure_.read.leaf
    assert not stop.called

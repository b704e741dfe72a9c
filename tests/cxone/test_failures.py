"""What the network does, and what the gateway says about it: each error of the tree, down to the sentence on screen.

respx takes the place of httpcore's connection pool, so everything above a socket is the real thing: the client, our
transport and its mapping of exceptions, the deadline, the channel, the parsing of replies, the masking of secrets.
What real sockets raise is asserted in test_real_failures.py: the exceptions here are theirs, to the letter.
"""

import ssl
import traceback
from collections.abc import Iterator

import httpcore
import httpx
import pytest
import respx
from django.core.cache import cache
from pytest_django import Settings

from campaigns.cxone import connect, deadline, errors
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import CantBeAsked, CXoneError, Retryable
from campaigns.cxone.gateway import Gateway
from tests.cxone.calls import (
    FETCH_TOKEN,
    PAUSE,
    READ_STATE,
    READS,
    WRITES,
    GatewayCall,
    failure,
)
from tests.cxone.failures import (
    ANSWERS,
    FAILURES,
    MEANINGS,
    SECRETS,
    SPENT,
    SPENT_AFTER_401,
    TOKEN,
    Answer,
    Failure,
    Network,
    Verdict,
    answer,
)
from tests.cxone.fakes import BASE, CLIENT_ID, SECRET, TOKEN_PATH, Till


def named(table: dict[str, Failure] | dict[str, Answer]) -> list[object]:
    return [pytest.param(row, id=what) for what, row in table.items()]


EVERY_CALL = [pytest.param(call, id=call.doing) for call in [*READS, *WRITES, FETCH_TOKEN]]
GRANT = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600}


@pytest.fixture
def cxone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    """CXone, as far as httpcore is concerned: it grants a token, and the test says what else it does."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CXONE_BASE_URL = BASE
    settings.CXONE_TOKEN_URL = f"{BASE}{TOKEN_PATH}"
    settings.CXONE_CLIENT_ID = CLIENT_ID
    settings.CXONE_CLIENT_SECRET = SECRET
    # Reading all authorities takes 80 ms each time, and no socket is opened here.
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    connect.close_connections()
    cache.clear()
    # The pool of httpcore, not the transport of httpx: that is our own, and a mock in its place would test nothing.
    with respx.mock(using="httpcore", base_url=BASE, assert_all_called=False) as router:
        router.post(TOKEN_PATH).respond(json=GRANT)
        yield router
    connect.close_connections()
    cache.clear()


@pytest.fixture
def gateway(cxone: respx.MockRouter, budget: Till) -> Gateway:
    return connect.open_gateway(Lane.CLICK, budget)


def does(cxone: respx.MockRouter, call: GatewayCall, network: Network) -> respx.Route:
    """From now on, that is what the network does when `call` is made."""
    route = cxone.request(call.method, call.path)
    return route.mock(side_effect=network) if isinstance(network, Exception) else route.mock(return_value=network)


def assert_verdict(error: CXoneError, call: GatewayCall, verdict: Verdict) -> None:
    kind, _ = MEANINGS[verdict.leaf]
    assert type(error) is verdict.leaf
    assert isinstance(error, kind)
    assert str(error) == verdict.sentence(call)
    assert_no_secret(error)


def assert_no_secret(error: CXoneError) -> None:
    seen = f"{error} {error!r} {error.__dict__} {''.join(traceback.format_exception(error))}"
    assert [secret for secret in SECRETS if secret in seen] == []


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize("failure_", named(FAILURES))
def test_failure_of_any_call(cxone: respx.MockRouter, gateway: Gateway, failure_: Failure, call: GatewayCall) -> None:
    route = does(cxone, call, failure_.network)
    error = failure(call.act, gateway)
    assert_verdict(error, call, failure_.verdict(call))
    assert route.call_count == 1


@pytest.mark.parametrize("answer_", named(ANSWERS))
def test_answer_to_one_call(cxone: respx.MockRouter, gateway: Gateway, answer_: Answer) -> None:
    does(cxone, answer_.call, answer_.network)
    assert_verdict(failure(answer_.call.act, gateway), answer_.call, answer_.verdict)


def test_every_error_of_the_tree_is_in_the_table() -> None:
    either_way = [verdict for failure_ in FAILURES.values() for verdict in (failure_.read, failure_.write) if verdict]
    verdicts = [*either_way, *(answer_.verdict for answer_ in ANSWERS.values()), SPENT, SPENT_AFTER_401]
    # v2 can ask for everything.
    possible = subclasses(CXoneError) - {CantBeAsked}
    assert {verdict.leaf for verdict in verdicts} == possible
    assert set(MEANINGS) == possible


def subclasses(kind: type[Exception]) -> set[type[Exception]]:
    children = set(kind.__subclasses__())
    return children.union(*(subclasses(child) for child in children))


# It belongs to proxies, of which there are none here, and to the pool's own bookkeeping.
NOT_OURS = {httpcore.ProxyError, httpcore.ConnectionNotAvailable}


def test_every_exception_of_httpcore_is_in_the_table() -> None:
    public = (getattr(httpcore, name) for name in httpcore.__all__)
    exceptions = {each for each in public if isinstance(each, type) and issubclass(each, Exception)}
    without_subclasses = {each for each in exceptions if not exceptions & set(each.__subclasses__())}
    raised = {type(row.network) for row in FAILURES.values()}
    assert without_subclasses - NOT_OURS == {each for each in raised if each.__module__.startswith("httpcore")}


def test_refused_token_is_renewed_once(cxone: respx.MockRouter, gateway: Gateway) -> None:
    token = cxone.post(TOKEN_PATH).mock(
        side_effect=[
            httpx.Response(200, json={**GRANT, "access_token": each}) for each in ("first", "second", "third")
        ]
    )
    paused = does(cxone, PAUSE, answer(401))
    assert type(failure(PAUSE.act, gateway)) is errors.TokenRefused
    assert token.call_count == 2
    assert [call.request.headers["Authorization"] for call in paused.calls] == ["Bearer first", "Bearer second"]


def test_spent_budget_sends_nothing(cxone: respx.MockRouter, gateway: Gateway, budget: Till) -> None:
    budget.left = 0
    assert_verdict(failure(PAUSE.act, gateway), FETCH_TOKEN, SPENT)
    assert not cxone.calls


def test_budget_spent_after_a_refused_token(cxone: respx.MockRouter, gateway: Gateway, budget: Till) -> None:
    budget.left = 3
    does(cxone, PAUSE, answer(401))
    assert_verdict(failure(PAUSE.act, gateway), PAUSE, SPENT_AFTER_401)


@pytest.mark.parametrize("call", [READ_STATE, PAUSE, FETCH_TOKEN], ids=lambda call: call.doing)
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "99999"}, 300),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:20 GMT", "Date": "Mon, 02 Mar 2026 12:00:00 GMT"}, 20),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:00 GMT", "Date": "Mon, 02 Mar 2026 12:00:20 GMT"}, 0),
    ],
)
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retry_after(
    cxone: respx.MockRouter,
    gateway: Gateway,
    budget: Till,
    call: GatewayCall,
    status: int,
    headers: dict[str, str],
    wait: float | None,
) -> None:
    """429 and 503 are about CXone as a whole, so every lane waits; 502 and 504 are about this request."""
    does(cxone, call, httpx.Response(status, headers=headers))
    error = failure(call.act, gateway)
    if isinstance(error, Retryable):
        assert error.wait == wait
    assert budget.closed == ([wait] if wait and status in {429, 503} else [])


@pytest.mark.parametrize("call", EVERY_CALL)
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409, 412, 418, 422, 429, 500, 503])
def test_answer_that_repeats_the_request_shows_no_secret(
    cxone: respx.MockRouter, gateway: Gateway, call: GatewayCall, status: int
) -> None:
    def repeat(request: httpx.Request) -> httpx.Response:
        sent = f"{request.headers.raw} {request.content.decode()}"
        return httpx.Response(status, json={"error": "odd", "message": sent})

    cxone.request(call.method, call.path).mock(side_effect=repeat)
    error = failure(call.act, gateway)
    assert "[secret]" in error.words
    assert_no_secret(error)


@pytest.mark.parametrize(("call", "seconds"), [(READ_STATE, 30), (PAUSE, 30), (FETCH_TOKEN, 15)])
def test_exchange_has_a_deadline(cxone: respx.MockRouter, gateway: Gateway, call: GatewayCall, seconds: float) -> None:
    left = []

    def look(_: httpx.Request) -> httpx.Response:
        left.append(deadline.remaining_seconds())
        return httpx.Response(500)

    cxone.request(call.method, call.path).mock(side_effect=look)
    failure(call.act, gateway)
    assert left == [pytest.approx(seconds, abs=5)]


def test_redirect_is_never_followed(cxone: respx.MockRouter, gateway: Gateway) -> None:
    elsewhere = cxone.route(host="elsewhere.test").respond(200)
    does(cxone, PAUSE, answer(307, Location="https://elsewhere.test/"))
    failure(PAUSE.act, gateway)
    assert not elsewhere.called

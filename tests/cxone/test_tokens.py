"""The token's life: fetched once, renewed early, once again after a 401, one fetch however many ask."""

import json
import logging
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, quote, quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.cxone import errors
from campaigns.cxone.auth import Token, Tokens
from campaigns.cxone.token_answer import AccessToken
from campaigns.cxone.v2.credentials import Credentials
from campaigns.cxone.v2.gateway import V2
from tests.cxone.fakes import CREDENTIALS, TOKEN_PATH, Clock, FakeCXone, Shelf, Till, campaign_json, gateway_of, ok

STATE = "/api/v2/campaigns/c-1"


@pytest.fixture(autouse=True)
def campaign(cxone: FakeCXone) -> None:
    cxone.answers("GET", STATE, ok(campaign_json()))


def bearer(request: httpx.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


def test_first_call_fetches_token(cxone: FakeCXone, gateway: V2) -> None:
    gateway.read_state("c-1")
    assert [request.url.path for request in cxone.requests] == [TOKEN_PATH, STATE]
    assert bearer(cxone.requests[1]) == "token-1"


def test_token_request_is_a_form(cxone: FakeCXone, gateway: V2) -> None:
    gateway.read_state("c-1")
    form = parse_qs(cxone.requests[0].content.decode())
    assert form == {
        "grant_type": ["client_credentials"],
        "client_id": [CREDENTIALS.client_id],
        "client_secret": [CREDENTIALS.client_secret],
        "scope": ["outbound:campaign:read outbound:campaign:write analytics:read events:write"],
    }
    assert cxone.requests[0].extensions["deadline"] == 15.0


def test_basic_credentials_are_in_the_header_alone(cxone: FakeCXone, shelf: Shelf) -> None:
    """Form-encoded before they are joined and put into Base64 (RFC 6749, 2.3.1)."""
    credentials = Credentials(CREDENTIALS.token_url, "client:1 é", "the/client+secret 100%", "a b", "basic")
    gateway_of(cxone, tokens=Tokens(credentials, shelf)).read_state("c-1")
    request = cxone.to(TOKEN_PATH)[0]
    scheme, encoded = request.headers["Authorization"].split(" ")
    assert scheme == "Basic"
    assert b64decode(encoded) == b"client%3A1+%C3%A9:the%2Fclient%2Bsecret+100%25"
    assert parse_qs(request.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["a b"]}


def test_fresh_token_is_shared(cxone: FakeCXone, gateway: V2, clock: Clock) -> None:
    gateway.read_state("c-1")
    clock.now += 3539
    gateway.read_state("c-1")
    assert len(cxone.to(TOKEN_PATH)) == 1


def test_token_is_renewed_early(cxone: FakeCXone, gateway: V2, clock: Clock) -> None:
    gateway.read_state("c-1")
    clock.now += 3541
    gateway.read_state("c-1")
    assert bearer(cxone.requests[-1]) == "token-2"


def test_expired_token_is_replaced(cxone: FakeCXone, gateway: V2, shelf: Shelf) -> None:
    shelf.put("old", fresh_for=-2, lives_for=-1)
    gateway.read_state("c-1")
    assert bearer(cxone.requests[-1]) == "token-1"


def test_short_life_is_still_used(cxone: FakeCXone, gateway: V2, clock: Clock) -> None:
    cxone.answers("POST", TOKEN_PATH, ok({"access_token": "brief", "expires_in": 20}))
    gateway.read_state("c-1")
    clock.now += 9
    gateway.read_state("c-1")
    assert len(cxone.to(TOKEN_PATH)) == 1


def test_life_begins_when_it_is_asked_for(cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock) -> None:
    def answer_late(_: httpx.Request) -> httpx.Response:
        clock.now += 10
        return ok({"access_token": "x", "expires_in": 3600})

    cxone.answers("POST", TOKEN_PATH, answer_late)
    gateway.read_state("c-1")
    assert shelf.seconds() == (3530, 3590)


def test_old_token_serves_during_renewal(cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock) -> None:
    shelf.put("old", fresh_for=-1, lives_for=59)
    shelf.others_turn = True
    gateway.read_state("c-1")
    assert bearer(cxone.requests[-1]) == "old"


def test_old_token_outlives_token_trouble(cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock) -> None:
    shelf.put("old", fresh_for=-1, lives_for=59)
    cxone.answers("POST", TOKEN_PATH, httpx.Response(503))
    gateway.read_state("c-1")
    assert bearer(cxone.requests[-1]) == "old"


def test_no_token_waits_for_other_process(cxone: FakeCXone, gateway: V2, shelf: Shelf) -> None:
    shelf.others_turn = True
    with pytest.raises(errors.BudgetSpent) as caught:
        gateway.read_state("c-1")
    assert 0 < caught.value.wait_ms <= 1000
    assert cxone.requests == []


def test_refused_token_is_replaced_once(cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock) -> None:
    shelf.put("revoked")
    cxone.answers("GET", STATE, httpx.Response(401), ok(campaign_json()))
    assert gateway.read_state("c-1").status == "ACTIVE"
    assert [bearer(request) for request in cxone.to(STATE)] == ["revoked", "token-1"]


def test_token_that_another_renewed_is_used(cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock) -> None:
    shelf.put("revoked")

    def refuse(_: httpx.Request) -> httpx.Response:
        shelf.put("theirs")
        shelf.others_turn = True
        return httpx.Response(401)

    cxone.answers("GET", STATE, refuse, ok(campaign_json()))
    gateway.read_state("c-1")
    assert bearer(cxone.requests[-1]) == "theirs"


def test_refused_twice_means_wrong_credentials(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("GET", STATE, httpx.Response(401, json={"message": "bad token"}))
    with pytest.raises(errors.WrongCredentials) as caught:
        gateway.read_state("c-1")
    assert (caught.value.status, caught.value.words, len(cxone.to(STATE))) == (401, "bad token", 2)


def test_twenty_refused_threads_fetch_once(cxone: FakeCXone, shelf: Shelf, clock: Clock) -> None:
    tokens = Tokens(CREDENTIALS, shelf, clock)
    shelf.put("revoked")
    all_refused = threading.Barrier(20)

    def answer(request: httpx.Request) -> httpx.Response:
        if bearer(request) != "revoked":
            return ok(campaign_json())
        all_refused.wait(timeout=60)
        return httpx.Response(401)

    cxone.answers("GET", STATE, answer)
    with ThreadPoolExecutor(20) as threads:
        states = list(threads.map(lambda _: gateway_of(cxone, tokens=tokens).read_state("c-1"), range(20)))
    assert len(states) == 20
    assert len(cxone.to(TOKEN_PATH)) == 1


def test_failed_renewal_drops_refused_token(cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock) -> None:
    shelf.put("revoked")
    cxone.answers("GET", STATE, httpx.Response(401))
    cxone.answers("POST", TOKEN_PATH, httpx.ReadTimeout("slow"))
    with pytest.raises(errors.ServerTrouble):
        gateway.read_state("c-1")
    assert shelf.get() is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), errors.WrongCredentials),
        (httpx.Response(400, json={"error": "unauthorized_client"}), errors.WrongCredentials),
        (httpx.Response(400, json={"error": "invalid_scope"}), errors.Forbidden),
        (httpx.Response(400, json={"error": "unsupported_grant_type"}), errors.BadRequest),
        (httpx.Response(403), errors.Refused),
        (httpx.Response(404), errors.WrongAddress),
        (httpx.Response(405), errors.WrongAddress),
        (httpx.Response(302, headers={"Location": "/login"}), errors.Unusable),
        (httpx.Response(429, headers={"Retry-After": "9"}), errors.RateLimited),
        (httpx.Response(500), errors.ServerTrouble),
        (httpx.Response(200, text="<html>"), errors.Unusable),
        (httpx.Response(200, text="access_token=t0ken"), errors.Unusable),
        (httpx.Response(204), errors.Unusable),
        (httpx.Response(200, json={"access_token": "", "expires_in": 60}), errors.Unusable),
        (httpx.Response(200, json={"access_token": "a\nb", "expires_in": 60}), errors.Unusable),
        (httpx.Response(200, json={"access_token": "x", "token_type": "mac", "expires_in": 60}), errors.Unusable),
        (httpx.Response(200, json={"error": "server_error"}), errors.Unusable),
        (httpx.ReadTimeout("slow"), errors.ServerTrouble),
        (httpx.ConnectError("refused"), errors.Unreachable),
        (ConnectionResetError("cut"), errors.ServerTrouble),
    ],
)
def test_token_trouble_sends_nothing(
    cxone: FakeCXone, gateway: V2, answer: httpx.Response | Exception, kind: type[errors.CXoneError]
) -> None:
    cxone.answers("POST", TOKEN_PATH, answer)
    with pytest.raises(kind) as caught:
        gateway.read_state("c-1")
    assert type(caught.value) is kind
    assert "t0ken" not in str(caught.value)
    assert cxone.to(STATE) == []


@pytest.mark.parametrize("kind", [None, "Bearer", "bearer", "BEARER"])
def test_type_of_a_token_may_be_spelled_otherwise(cxone: FakeCXone, gateway: V2, kind: str | None) -> None:
    cxone.answers("POST", TOKEN_PATH, ok({"access_token": "x", "token_type": kind, "expires_in": 3600}))
    gateway.read_state("c-1")
    assert bearer(cxone.requests[-1]) == "x"


def test_type_that_is_not_known_is_not_quoted(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", TOKEN_PATH, ok({"access_token": "x", "token_type": "t0ken", "expires_in": 3600}))
    with pytest.raises(errors.Unusable) as caught:
        gateway.read_state("c-1")
    assert "t0ken" not in f"{caught.value} {caught.value.cause}"


UNSTATED: list[object] = [None, 0, -1, 0.4, "", "soon", "NaN", True, [], {}]


@pytest.mark.parametrize("lifetime", UNSTATED)
def test_lifetime_that_is_not_stated_is_short(
    cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock, lifetime: object
) -> None:
    cxone.answers("POST", TOKEN_PATH, ok({"access_token": "x", "expires_in": lifetime}))
    gateway.read_state("c-1")
    assert shelf.seconds() == (240, 300)


def test_lifetime_may_be_missing(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", TOKEN_PATH, ok({"access_token": "x"}))
    gateway.read_state("c-1")
    gateway.read_state("c-1")
    assert len(cxone.to(TOKEN_PATH)) == 1


def test_token_of_unstated_lifetime_is_fetched_again_after_401(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", TOKEN_PATH, ok({"access_token": "x"}), ok({"access_token": "y"}))
    cxone.answers("GET", STATE, httpx.Response(401), ok(campaign_json()))
    gateway.read_state("c-1")
    assert [bearer(request) for request in cxone.to(STATE)] == ["x", "y"]


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [(3599.5, 3599), ("3599", 3599), (" 3599.9 ", 3599), ("1e3", 1000), (10**9, 86_400), ("9" * 400, 86_400)],
)
def test_lifetime_is_read_in_any_spelling(
    cxone: FakeCXone, gateway: V2, shelf: Shelf, clock: Clock, lifetime: object, seconds: float
) -> None:
    cxone.answers("POST", TOKEN_PATH, ok({"access_token": "x", "expires_in": lifetime}))
    gateway.read_state("c-1")
    assert shelf.seconds()[1] == seconds


@given(lifetime=st.none() | st.booleans() | st.text() | st.integers() | st.floats() | st.lists(st.integers()))
def test_any_lifetime_gives_a_token(lifetime: object) -> None:
    granted = AccessToken.model_validate({"access_token": "x", "expires_in": lifetime})
    assert granted.expires_in is None or granted.expires_in >= 1


def test_wrong_credentials_name_settings(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers("POST", TOKEN_PATH, httpx.Response(401, json={"error": "invalid_client"}))
    with pytest.raises(errors.WrongCredentials, match=r"invalid_client.*CXONE_CLIENT_ID"):
        gateway.read_state("c-1")


def test_token_requests_are_paid(cxone: FakeCXone, gateway: V2, budget: Till) -> None:
    cxone.answers("GET", STATE, httpx.Response(401), ok(campaign_json()))
    gateway.read_state("c-1")
    assert gateway.requests == len(budget.lanes) == len(cxone.requests) == 4


def test_spent_budget_after_refusal_was_an_attempt(cxone: FakeCXone, gateway: V2, budget: Till) -> None:
    cxone.answers("GET", STATE, httpx.Response(401))
    budget.left = 2
    with pytest.raises(errors.Retryable) as caught:
        gateway.read_state("c-1")
    assert (type(caught.value), caught.value.wait) == (errors.Retryable, 1.5)


def test_secrets_stay_out_of_reprs(shelf: Shelf, clock: Clock) -> None:
    shown = f"{CREDENTIALS!r} {Token('t0ken')!r} {Tokens(CREDENTIALS, shelf, clock)!r}"
    assert CREDENTIALS.client_secret not in shown
    assert "t0ken" not in shown


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500])
def test_echoed_token_is_blanked(cxone: FakeCXone, gateway: V2, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    cxone.answers("GET", STATE, lambda request: ok({"message": f"no {bearer(request)}"}, status))
    with pytest.raises(errors.CXoneError) as caught:
        gateway.read_state("c-1")
    assert caught.value.words == "no [secret]"
    assert "token-" not in f"{caught.value} {caught.value!r} {caught.value.__dict__} {caplog.text}"


SPELLINGS: list[Callable[[str], str]] = [
    str,
    quote_plus,
    lambda secret: quote(secret, safe=""),
    lambda secret: json.dumps(json.dumps({"client_secret": secret})),
    lambda secret: "Basic " + b64encode(f"client-1:{quote_plus(secret)}".encode()).decode(),
]


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 405, 429, 500])
@pytest.mark.parametrize("spell", SPELLINGS)
def test_echoed_client_secret_is_blanked(
    cxone: FakeCXone, gateway: V2, status: int, spell: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echoed = spell(CREDENTIALS.client_secret)
    cxone.answers("POST", TOKEN_PATH, lambda _: ok({"error": "odd", "error_description": f"got {echoed}"}, status))
    with pytest.raises(errors.CXoneError) as caught:
        gateway.read_state("c-1")
    assert "[secret]" in caught.value.words
    assert echoed not in f"{caught.value} {caught.value.__dict__} {caplog.text}"


def test_echoed_request_for_a_token_is_blanked(
    cxone: FakeCXone, gateway: V2, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cxone.answers("POST", TOKEN_PATH, lambda request: httpx.Response(400, content=request.content))
    with pytest.raises(errors.CXoneError) as caught:
        gateway.read_state("c-1")
    said = f"{caught.value} {caught.value.__dict__} {caplog.text}"
    assert "client_secret=[secret]" in said
    assert "the%2Fclient" not in said


def test_each_token_that_was_sent_is_blanked(cxone: FakeCXone, gateway: V2) -> None:
    cxone.answers(
        "GET", STATE, httpx.Response(401, text="token-1"), httpx.Response(401, text="not token-1 nor token-2")
    )
    with pytest.raises(errors.CXoneError) as caught:
        gateway.read_state("c-1")
    assert caught.value.words == "not [secret] nor [secret]"


def test_secrets_are_blanked_in_errors_by_field(cxone: FakeCXone, gateway: V2) -> None:
    listed = [{"field": f"header {bearer_of(1)}", "message": json.dumps(json.dumps(CREDENTIALS.client_secret))}]
    cxone.answers("GET", STATE, ok({"errors": listed}, 422))
    with pytest.raises(errors.Invalid) as caught:
        gateway.read_state("c-1")
    assert caught.value.errors[0][0] == "header Bearer [secret]"
    assert "[secret]" in caught.value.errors[0][1]
    assert CREDENTIALS.client_secret not in str(caught.value)


def bearer_of(number: int) -> str:
    return f"Bearer token-{number}"


@pytest.mark.parametrize("cut", [65_530, 65_536, 65_540])
def test_secret_that_is_cut_is_not_half_shown(cxone: FakeCXone, gateway: V2, cut: int) -> None:
    body = " " * (cut - len(CREDENTIALS.client_secret) // 2) + CREDENTIALS.client_secret
    cxone.answers("POST", TOKEN_PATH, httpx.Response(500, content=body + " and so on" * 1_000))
    with pytest.raises(errors.CXoneError) as caught:
        gateway.read_state("c-1")
    assert "client" not in caught.value.words

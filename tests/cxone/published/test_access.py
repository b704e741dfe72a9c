"""Getting in: a token by the key, with or without the app's client; the tenant's address; and whom to ask if not."""

import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from campaigns.cxone import errors
from campaigns.cxone.published.address import AGAIN_SECONDS, KEPT_SECONDS, Address, Whereabouts
from campaigns.cxone.published.credentials import AccessKey, tenant_in
from campaigns.simulator import PublishedSimulator
from tests.cxone.fakes import Till
from tests.cxone.published.asking import BASE, KEY, KEY_ALONE, ROOT, Hand, Notebook, gateway_to
from tests.simulator.transport import SimulatorTransport

SECRETS = ("simulator-secret====", "simulator-secret", "simulator-secret%3D%3D%3D%3D")


def refused(simulator: PublishedSimulator | httpx.BaseTransport, **how: Any) -> errors.CXoneError:
    with pytest.raises(errors.CXoneError) as caught:
        gateway_to(simulator, **how).list_campaigns()
    assert not [secret for secret in SECRETS if secret in str(caught.value)]
    return caught.value


@pytest.mark.parametrize("key", [KEY, KEY_ALONE], ids=["with a client", "alone"])
def test_both_ways_lead_in(simulator: PublishedSimulator, skill: str, key: AccessKey) -> None:
    assert list(gateway_to(simulator, key=key).list_campaigns().digests) == [skill]


def test_token_requests_are_as_documented() -> None:
    client = httpx.Client()
    form = KEY.request(client)
    basic = b64encode(b"simulator:simulator-secret").decode()
    assert form.headers["Authorization"] == f"Basic {basic}"
    assert form.content.endswith(b"username=simulator%3D%3D%3D%3D&password=simulator-secret%3D%3D%3D%3D")
    assert parse_qs(form.content.decode())["grant_type"] == ["password"]
    alone = KEY_ALONE.request(client)
    assert json.loads(alone.content) == {"accessKeyId": "simulator====", "accessKeySecret": "simulator-secret===="}
    assert "Authorization" not in alone.headers


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("key", [KEY, KEY_ALONE], ids=["with a client", "alone"])
def test_wrong_key_says_whom_to_ask(simulator: PublishedSimulator, key: AccessKey, status: int) -> None:
    simulator.switch(token_refusal=status)
    error = refused(simulator, key=replace(key, key_secret="simulator-secret"))
    assert isinstance(error, errors.WrongCredentials)
    assert (error.status, error.doing) == (status, "get an access token")
    assert "CXONE_ACCESS_KEY_SECRET (with every = at its end)" in str(error)
    assert "ask CXone’s administrator whether the key and its user are active" in str(error)


@pytest.mark.parametrize("status", [400, 401])
def test_app_that_is_not_approved_says_to_ask_nice(simulator: PublishedSimulator, status: int) -> None:
    simulator.switch(token_refusal=status)
    error = refused(simulator, key=replace(KEY, client_id="unknown"))
    assert isinstance(error, errors.WrongCredentials)
    assert "ask NICE whether the app is approved" in str(error)


def test_revoked_key_is_told_apart_from_an_expired_token(simulator: PublishedSimulator, skill: str) -> None:
    """CXone grants a token, and refuses each."""
    simulator.fail("GET", f"{ROOT}/*", times=None, status=401)
    error = refused(simulator)
    assert isinstance(error, errors.TokenRefused)
    assert "ask CXone’s administrator whether the key is still active" in str(error)


def test_missing_permission_is_named(simulator: PublishedSimulator, skill: str) -> None:
    simulator.switch(permissions=[])
    error = refused(simulator)
    assert isinstance(error, errors.Forbidden)
    assert "“Skills Edit” and “Outbound Strategy Manager”" in str(error)
    assert "scope" not in str(error)


def test_version_that_does_not_exist_is_named(simulator: PublishedSimulator) -> None:
    error = refused(simulator, version="v99.0")
    assert isinstance(error, errors.WrongAddress)
    assert "version v99.0" in str(error)
    assert "CXONE_API_VERSION" in str(error)


# --- The address


def test_directory_knows_the_address(simulator: PublishedSimulator, skill: str) -> None:
    notes = Notebook()
    gateway_to(simulator, notes=notes).read_state(skill)
    assert notes.notes["base"] == BASE


def test_address_is_looked_up_once_for_all(simulator: PublishedSimulator, skill: str) -> None:
    notes = Notebook()
    for _ in range(2):
        gateway_to(simulator, notes=notes).read_state(skill)
    asked = [request.path for request in simulator.record.requests()]
    assert asked.count("/.well-known/cxone-configuration") == 1


def test_address_is_kept_for_a_day(simulator: PublishedSimulator, skill: str, hand: Hand) -> None:
    notes = Notebook()
    address = Address(Whereabouts("", "", BASE), notes, hand)
    gateway = gateway_to(simulator, address=address)
    looked_up = []
    for seconds in (0, KEPT_SECONDS - 1, 1):
        hand.now += seconds
        # As the others' note ends.
        notes.notes.pop("base", None)
        gateway.read_state(skill)
        looked_up.append(len(simulator.record.requests("GET", "/.well-known/cxone-configuration")))
    assert looked_up == [1, 1, 2]
    assert notes.seconds["base"] == KEPT_SECONDS == 24 * 60 * 60


@pytest.mark.parametrize("status", [404, 503])
def test_known_address_outlives_a_directory_that_fails(
    simulator: PublishedSimulator, skill: str, hand: Hand, status: int
) -> None:
    notes = Notebook()
    gateway = gateway_to(simulator, address=Address(Whereabouts("", "", BASE), notes, hand))
    gateway.read_state(skill)
    notes.notes.pop("base")
    simulator.fail("GET", "/.well-known/cxone-configuration", status=status)
    looked_up = []
    for seconds in (KEPT_SECONDS, AGAIN_SECONDS - 1, 1):
        hand.now += seconds
        assert gateway.read_state(skill).campaign_id == skill
        looked_up.append(len(simulator.record.requests("GET", "/.well-known/cxone-configuration")))
    assert looked_up == [2, 2, 3]


def test_whoever_knows_the_address_waits_for_no_look_up(simulator: PublishedSimulator, skill: str, hand: Hand) -> None:
    notes, served = Notebook(), SimulatorTransport(simulator)
    address = Address(Whereabouts("", "", BASE), notes, hand)
    gateway_to(simulator, address=address).read_state(skill)
    notes.notes.pop("base")
    hand.now += KEPT_SECONDS
    read = []

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/.well-known/"):
            # Meanwhile, in another thread of the process.
            read.append(gateway_to(simulator, address=address).read_state(skill).campaign_id)
        return served.handle_request(request)

    gateway_to(httpx.MockTransport(respond), address=address).read_state(skill)
    assert read == [skill]


def test_base_in_the_settings_overrules_the_directory(simulator: PublishedSimulator, skill: str) -> None:
    where = Whereabouts(BASE, "another-tenant", "https://directory.test")
    assert gateway_to(simulator, where=where).read_state(skill).campaign_id == skill


def test_unknown_tenant_says_what_to_check(simulator: PublishedSimulator) -> None:
    error = refused(simulator, where=Whereabouts("", "no-such-tenant", BASE))
    assert isinstance(error, errors.WrongAddress)
    assert "must check CXONE_TENANT_ID with CXone’s administrator" in str(error)


@pytest.mark.parametrize("endpoint", ["http://api-na1.niceincontact.com", "ftp://x"])
def test_token_goes_only_where_nobody_listens(simulator: PublishedSimulator, endpoint: str) -> None:
    simulator.fail("GET", "/.well-known/cxone-configuration", body={"api_endpoint": endpoint})
    error = refused(simulator)
    assert isinstance(error, errors.WrongAddress)
    assert "doesn’t begin with https://" in str(error)
    assert not [request for request in simulator.record.requests() if request.path.startswith(ROOT)]


@pytest.mark.parametrize(
    "endpoint",
    [
        None,
        " ",
        7,
        "https://",
        "https://[::1",
        "https://api:port",
        "https://api:99999",
        "https://api\nna1",
        "https://api..test",
        "https://" + "a" * 70_000,
        "https://key@api.test",
        "https://api.test?tenant=1",
        "https://api.test#1",
    ],
)
def test_directory_that_names_no_address_is_trouble(simulator: PublishedSimulator, endpoint: object) -> None:
    simulator.fail("GET", "/.well-known/cxone-configuration", body={"api_endpoint": endpoint})
    notes = Notebook()
    with pytest.raises(errors.Unusable, match="it has no usable api_endpoint"):
        gateway_to(simulator, notes=notes).read_state("7")
    # Kept for a day it would outlast the directory's mistake.
    assert "base" not in notes.notes


def test_slash_at_the_end_is_not_doubled(simulator: PublishedSimulator, skill: str) -> None:
    simulator.fail("GET", "/.well-known/cxone-configuration", body={"api_endpoint": f"{BASE}/"})
    gateway_to(simulator).read_state(skill)
    assert simulator.record.requests()[-1].path == f"{ROOT}/skills/{skill}"


def test_token_without_a_tenant_says_what_to_set() -> None:
    error = refused(httpx.MockTransport(lambda _: httpx.Response(200, json={"access_token": "t"})))
    assert isinstance(error, errors.WrongAddress)
    assert "must set CXONE_TENANT_ID" in str(error)


def test_redirect_is_not_followed(simulator: PublishedSimulator, skill: str) -> None:
    simulator.fail("GET", f"{ROOT}/skills/*", status=302, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(errors.Unusable, match="never followed"):
        gateway_to(simulator).read_state(skill)


def encoded(claims: object) -> str:
    return urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("id_token", "tenant"),
    [
        (f"x.{encoded({'tenantId': '11eb'})}.y", "11eb"),
        (f"x.{encoded({'tenantId': 7})}.y", "7"),
        (f"x.{encoded({'tenantId': None})}.y", ""),
        (f"x.{encoded(['tenantId'])}.y", ""),
        (f"x.{encoded({})}", ""),
        ("x.§.y", ""),
        ("", ""),
    ],
)
def test_tenant_is_read_from_the_id_token(id_token: str, tenant: str) -> None:
    assert tenant_in(id_token) == tenant


# --- Too many requests


def test_limit_without_a_time_rests_background_reads(simulator: PublishedSimulator, skill: str) -> None:
    budget = Till()
    gateway = gateway_to(simulator, budget=budget)
    simulator.fail("GET", f"{ROOT}/skills/*", status=429)
    with pytest.raises(errors.RateLimited) as caught:
        gateway.read_state(skill)
    assert caught.value.wait
    assert 2 <= caught.value.wait <= 4
    assert (budget.rested, budget.closed) == ([30.0], [])


def test_limit_with_a_time_closes_all_lanes(simulator: PublishedSimulator, skill: str) -> None:
    budget = Till()
    gateway = gateway_to(simulator, budget=budget)
    simulator.fail("GET", f"{ROOT}/skills/*", status=429, headers={"Retry-After": "7"})
    with pytest.raises(errors.RateLimited) as caught:
        gateway.read_state(skill)
    assert (caught.value.wait, budget.rested, budget.closed) == (7.0, [], [7.0])


def test_trouble_has_the_time_that_cxone_asked_for(simulator: PublishedSimulator, skill: str) -> None:
    gateway = gateway_to(simulator)
    simulator.fail("GET", f"{ROOT}/skills/*", status=503, headers={"Retry-After": "9"})
    with pytest.raises(errors.ServerTrouble) as caught:
        gateway.read_state(skill)
    assert caught.value.wait == 9.0


# --- Words


@pytest.mark.parametrize("place", ["header", "error_description", "errorDescription", "message", "error"])
def test_words_are_found_wherever_they_are(simulator: PublishedSimulator, skill: str, place: str) -> None:
    simulator.switch(words=place)
    with pytest.raises(errors.NotFound) as caught:
        gateway_to(simulator).read_state("4711")
    assert caught.value.words


def test_description_comes_before_the_code(simulator: PublishedSimulator, skill: str) -> None:
    body: dict[str, object] = {"error": "code", "message": "second", "error_description": "first"}
    simulator.fail("GET", f"{ROOT}/skills/*", status=400, body=body, headers={"icStatusDescription": "third"})
    with pytest.raises(errors.BadRequest) as caught:
        gateway_to(simulator).read_state(skill)
    assert caught.value.words == "first"


def test_header_hides_secrets_too(simulator: PublishedSimulator, skill: str) -> None:
    said = {"icStatusDescription": "simulator-secret==== is wrong"}
    simulator.fail("GET", f"{ROOT}/skills/*", status=400, headers=said)
    with pytest.raises(errors.BadRequest) as caught:
        gateway_to(simulator).read_state(skill)
    assert caught.value.words == "[secret] is wrong"

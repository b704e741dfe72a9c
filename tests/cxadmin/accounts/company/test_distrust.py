"""What doesn't sign anybody in: answers that were used before, made for others, forged, or of another time."""

import time
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts.company import bounded, discovery
from tests.cxadmin.accounts.company.company import FLOOR, Company, visit_company
from tests.cxadmin.accounts.company.conftest import SignIn, use_company
from tests.cxone.wire_server import MOST_DRIPS, Connection, WireServer
from tests.deliveries.sink import Reply, Sink

pytestmark = pytest.mark.django_db
MINUTES = 60


@pytest.fixture(autouse=True)
def jane(company: Company) -> None:
    company.employ("jane", FLOOR)


def begin(client: Client) -> str:
    return str(client.get("/accounts/company/")["Location"])


def refused(page: Any, sentence: str, status: int = 403) -> bool:
    """Nobody came in, and the page says why."""
    shown = page.content.decode().replace("&#x27;", "'")
    assert (page.status_code, sentence in shown) == (status, True), shown
    return not User.objects.filter(username="jane").exists()


# --- used before, or begun elsewhere ---


def test_address_works_once(company: Company, client: Client) -> None:
    """Its provider isn't even asked about the code in it."""
    returned = visit_company(begin(client), "jane")
    client.get(returned)
    client.post("/accounts/logout/")
    company.tell(down=True)
    assert "This sign-in is over" in client.get(returned).text
    assert client.get("/campaigns/").status_code == 302


def test_code_works_once(client: Client) -> None:
    """Somebody who has the browser's cookies of then, and the address, has a code that the provider has seen."""
    started = begin(client)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    returned = visit_company(started, "jane")
    client.get(returned)
    thief = Client()
    thief.cookies = SimpleCookie(cookies)
    assert "This sign-in is over" in thief.get(returned).text
    assert thief.get("/campaigns/").status_code == 302


def test_sign_in_that_began_in_another_browser_ends_nowhere(client: Client) -> None:
    assert refused(
        Client().get(visit_company(begin(client), "jane")), "only in the browser in which the sign-in began"
    )


def test_state_of_one_sign_in_is_none_of_another(client: Client) -> None:
    """An attacker's code in the victim's own sign-in."""
    theirs = parse_qs(urlsplit(visit_company(begin(Client()), "jane")).query)
    ours = parse_qs(urlsplit(begin(client)).query)
    page = client.get("/accounts/company/callback/", {"code": theirs["code"][0], "state": ours["state"][0]})
    assert refused(page, "This sign-in is over")


def test_two_tabs_sign_in_side_by_side(client: Client) -> None:
    first, second = begin(client), begin(client)
    client.get(visit_company(first, "jane"))
    client.post("/accounts/logout/")
    assert client.get(visit_company(second, "jane"))["Location"] == "/"


@pytest.mark.parametrize(
    "query", ["", "?state=x&code=y", "?state=\ud800", "?error=access_denied", "?state=" + "x" * 5000]
)
def test_made_up_address_signs_nobody_in(client: Client, query: str) -> None:
    address = "/accounts/company/callback/" + query.encode("utf-8", "replace").decode()
    assert refused(client.get(address), "This sign-in is over")


def test_sign_in_that_was_begun_writes_nothing(client: Client) -> None:
    for _ in range(3):
        begin(client)
    assert not Session.objects.exists()
    assert not Record.objects.exists()


def test_made_up_addresses_leave_few_records(client: Client) -> None:
    for number in range(20):
        client.get(f"/accounts/company/callback/?state={number}")
    assert Record.objects.filter(kind=RecordKind.SIGNIN_REFUSED).count() == 5


def test_cancelled_there_is_said(client: Client) -> None:
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    page = client.get("/accounts/company/callback/", {"state": state, "error": "access_denied"})
    assert refused(page, "You cancelled the sign-in")


def test_answer_of_another_provider_is_refused(client: Client) -> None:
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    page = client.get("/accounts/company/callback/", {"state": state, "code": "x", "iss": "https://evil.example"})
    assert refused(page, "another provider answered than the one that was asked")


# --- for others, or forged ---


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [
        ("audience", "the ID token is for another client than OIDC_CLIENT_ID"),
        ("issuer", "the ID token is of another issuer than OIDC_ISSUER"),
        ("nonce", "the ID token is of another sign-in (nonce)"),
        ("party", "the ID token was issued to another client (azp)"),
        ("longSubject", "sub isn’t text of at most 191 characters"),
        ("unreadableSubject", "sub isn’t text of at most 191 characters"),
        ("signature", "the ID token’s signature is not by the provider’s key"),
        ("unsigned", "the ID token is signed with 'none'"),
        ("shared", "the ID token is signed with 'HS256'"),
        ("unknownKey", "the ID token is signed with a key that the provider doesn’t publish"),
    ],
)
def test_token_that_is_not_for_this_sign_in_is_refused(
    company: Company, sign_in: SignIn, lie: str, sentence: str
) -> None:
    company.tell(lie=lie)
    assert refused(sign_in("jane"), sentence)


def test_name_that_no_database_keeps_is_not_used(company: Company, sign_in: SignIn) -> None:
    company.employ("4711", FLOOR)
    company.tell(lie="unreadableName")
    sign_in("4711")
    assert User.objects.filter(username="4711").exists()


def test_userinfo_about_somebody_else_is_refused(company: Company, sign_in: SignIn) -> None:
    company.tell(claimsIn="userinfo", lie="userinfo")
    assert refused(sign_in("jane"), "the provider’s userinfo is about somebody else")


def test_provider_that_calls_itself_otherwise_is_refused(company: Company, client: Client, settings: Any) -> None:
    use_company(settings, f"http://localhost:{company.port}")
    page = client.get("/accounts/company/")
    assert refused(page, f"the provider there calls itself http://127.0.0.1:{company.port}", 502)


def test_wrong_secret_is_said_without_it(company: Company, sign_in: SignIn, settings: Any) -> None:
    settings.OIDC_CLIENT_SECRET = "another secret"
    page = sign_in("jane")
    assert refused(page, "the provider refuses OIDC_CLIENT_ID or OIDC_CLIENT_SECRET", 502)
    assert "another secret" not in page.content.decode()


# --- another time ---


@pytest.mark.parametrize("offset", [-1 * MINUTES, 1 * MINUTES, 110])
def test_clocks_may_differ_by_two_minutes(company: Company, sign_in: SignIn, offset: int) -> None:
    company.tell(offset=offset, lifetime=5 * MINUTES)
    assert sign_in("jane")["Location"] == "/"


def test_company_five_minutes_ahead_is_refused_with_both_times(company: Company, sign_in: SignIn) -> None:
    company.tell(offset=5 * MINUTES)
    now = time.strftime("%H:", time.gmtime())
    page = sign_in("jane")
    assert refused(page, "Two clocks disagree")
    assert f"here it is {now}" in page.content.decode()


def test_company_five_minutes_behind_is_refused_once_its_token_has_ended(company: Company, sign_in: SignIn) -> None:
    company.tell(offset=-5 * MINUTES, lifetime=2 * MINUTES)
    assert refused(sign_in("jane"), "the sign-in was valid until")


def test_company_five_minutes_behind_is_tolerated_while_its_token_lasts(company: Company, sign_in: SignIn) -> None:
    company.tell(offset=-5 * MINUTES, lifetime=60 * MINUTES)
    assert sign_in("jane")["Location"] == "/"


# --- a provider that is down ---


def test_provider_that_says_nothing_holds_nobody_up(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "TOTAL_SECONDS", 0.5)
    company.tell(down=True)
    began = time.monotonic()
    page = client.get("/accounts/company/")
    assert time.monotonic() - began < 5
    assert refused(page, "Your company’s sign-in can’t be reached", 503)
    assert "Go back to the sign-in" in page.text


def test_answer_that_trickles_holds_nobody_up(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nServer: ")
        connection.drip()

    monkeypatch.setattr(bounded, "TOTAL_SECONDS", 0.5)
    provider = WireServer(trickle)
    use_company(settings, f"http://127.0.0.1:{provider.port}")
    assert refused(client.get("/accounts/company/"), "Your company’s sign-in can’t be reached", 503)
    provider.stop()
    assert provider.sent < MOST_DRIPS


def test_provider_that_is_down_is_asked_once_for_all_who_try(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "TOTAL_SECONDS", 0.5)
    company.tell(down=True)
    client.get("/accounts/company/")
    with monkeypatch.context() as patch:
        patch.setattr(discovery, "session", pytest.fail)
        assert client.get("/accounts/company/").status_code == 503


def test_nothing_listens_there(client: Client, settings: Any) -> None:
    use_company(settings, "http://127.0.0.1:9")
    assert refused(client.get("/accounts/company/"), "did not answer as it should", 503)


def test_redirect_is_not_followed(client: Client, settings: Any) -> None:
    """It would lead a request with the client's secret wherever it says."""
    provider = Sink()
    provider.replies = [Reply(302, {"Location": provider.url})]
    use_company(settings, f"http://127.0.0.1:{provider.port}")
    assert refused(client.get("/accounts/company/"), "did not answer as it should", 503)
    provider.stop()
    assert [got.path for got in provider.got] == ["/.well-known/openid-configuration"]


def test_password_still_works_while_it_is_down(client: Client, settings: Any) -> None:
    use_company(settings, "http://127.0.0.1:9")
    page = client.get("/accounts/login/").text
    assert 'name="password"' in page
    assert "Sign in through your company" in page


def test_what_it_said_before_is_used_while_its_configuration_is_away(
    company: Company, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    discovery.configuration()
    monkeypatch.setattr(discovery, "FRESH_SECONDS", 0)
    monkeypatch.setattr(discovery, "CONFIGURATION", "/gone")
    assert sign_in("jane")["Location"] == "/"


def test_endless_answer_is_not_read_to_its_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_BYTES", 100)
    assert refused(client.get("/accounts/company/"), "did not answer as it should", 503)


def test_new_keys_are_read_when_they_are_used(company: Company, sign_in: SignIn, monkeypatch: Any) -> None:
    sign_in("jane")
    monkeypatch.setattr(discovery, "KEYS_AGAIN_SECONDS", 0)
    company.tell(newKey=True)
    assert sign_in("jane", Client())["Location"] == "/"


def test_product_with_an_address_of_its_own_comes_back_to_that(client: Client, settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://control.example.com"
    query = parse_qs(urlsplit(begin(client)).query)
    assert query["redirect_uri"] == ["https://control.example.com/accounts/company/callback/"]
    assert query["code_challenge_method"] == ["S256"]


def test_company_really_refuses_a_used_code(company: Company, client: Client) -> None:
    """What the tests above stand on: it isn't only the product that refuses."""
    code = parse_qs(urlsplit(visit_company(begin(client), "jane")).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://testserver/accounts/company/callback/",
    }
    answer = httpx.post(f"{company.issuer}/token", data=form, auth=("control-room", "the-company-s-secret"))
    assert answer.json()["error"] == "invalid_grant"

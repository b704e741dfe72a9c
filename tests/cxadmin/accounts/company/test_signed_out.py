"""Signing out ends both sign-ins: the one here, and the one at the company."""

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.http import HttpResponse
from django.test import Client

from cxadmin.accounts.company import bounded
from tests.cxadmin.accounts.company.company import FLOOR, NO_TLS, Company
from tests.cxadmin.accounts.company.conftest import SignIn, use_company
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(company: Company, sign_in: SignIn, client: Client) -> Client:
    company.employ("jane", FLOOR)
    sign_in("jane")
    return client


def sign_out(client: Client) -> HttpResponse:
    return client.post("/accounts/logout/")  # type: ignore[return-value]


def refresh_of(page: HttpResponse) -> str:
    """Where the browser goes on to."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', page.content.decode())
    return html.unescape(found[1]) if found else ""


def test_it_ends_here_at_once(jane: Client) -> None:
    assert "You are signed out here" in sign_out(jane).content.decode()
    assert jane.get("/campaigns/").status_code == 302


def test_browser_goes_on_to_the_companys_own_sign_out(company: Company, jane: Client) -> None:
    address = urlsplit(refresh_of(sign_out(jane)))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{company.issuer}/session/end"
    query = parse_qs(address.query)
    assert query["post_logout_redirect_uri"] == ["http://testserver/accounts/login/"]
    assert query["id_token_hint"][0].count(".") == 2


def test_company_accepts_it(jane: Client) -> None:
    address = refresh_of(sign_out(jane))
    assert httpx.get(address, verify=NO_TLS).status_code == 200
    # It looks at whose token it is.
    assert httpx.get(address.replace("id_token_hint=", "id_token_hint=x"), verify=NO_TLS).status_code == 400


def test_company_without_such_an_address_is_said(company: Company, jane: Client, settings: Any) -> None:
    company.tell(endSession=False)
    use_company(settings, company.issuer)
    page = sign_out(jane)
    assert refresh_of(page) == ""
    assert "You are probably still signed in at your company" in page.content.decode()


def test_company_that_is_down_holds_no_sign_out_up(
    jane: Client, company: Company, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "TOTAL_SECONDS", 0.5)
    use_company(settings, company.issuer)
    company.tell(down=True)
    assert "probably still signed in at your company" in sign_out(jane).content.decode()
    assert jane.get("/campaigns/").status_code == 302


def test_who_signed_in_by_password_is_signed_out_as_ever(company: Company, client: Client) -> None:
    make_user(username="anna")
    client.post("/accounts/login/", {"username": "anna", "password": PASSWORD})
    assert sign_out(client)["Location"] == "/accounts/login/"


def test_session_of_another_provider_is_only_ended_here(jane: Client, settings: Any) -> None:
    use_company(settings, "http://127.0.0.1:9")
    assert sign_out(jane)["Location"] == "/accounts/login/"

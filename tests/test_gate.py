"""Sign-in, sign-out and the pages that say no: each says what happened and what to do next."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from cxadmin import failures
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client: Client, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(LOGIN, {"username": "anna", "password": password} | fields)


def signed_in(role: str = "supervisor") -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def test_sign_in_leads_to_campaigns(client: Client) -> None:
    make_user(username="anna")
    assert sign_in(client)["Location"] == "/campaigns/"


def test_sign_in_leads_to_asked_page(client: Client) -> None:
    make_user(username="anna")
    assert sign_in(client, next="/operations/")["Location"] == "/operations/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(client: Client, address: str) -> None:
    make_user(username="anna")
    assert sign_in(client, next=address)["Location"] == "/campaigns/"


def test_signed_in_person_goes_on() -> None:
    assert signed_in().get(LOGIN)["Location"] == "/campaigns/"


def test_wrong_password_says_what_to_do(client: Client) -> None:
    make_user(username="anna")
    shown = sign_in(client, "wrong").content.decode()
    assert "Check both" in shown
    assert 'value="anna"' in shown
    assert "wrong" not in shown


def test_locked_page_says_how_long(client: Client) -> None:
    make_user(username="anna")
    for _ in range(failures.LIMIT):
        response = sign_in(client, "wrong")
    assert response.status_code == 429
    assert "Wait 15 min and try again" in response.content.decode()


def test_sign_out_needs_a_post() -> None:
    client = signed_in()
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/")["Location"] == LOGIN


def test_start_page_is_the_list() -> None:
    assert signed_in().get("/")["Location"] == "/campaigns/"


def test_head_shows_who_and_role() -> None:
    client = Client()
    client.force_login(make_user("reviewer", "anna"))
    assert "anna <small>reviewer</small>" in client.get("/campaigns/").content.decode()


@pytest.mark.parametrize(("role", "offered"), [("supervisor", False), ("reviewer", True), ("admin", True)])
def test_audit_is_offered_by_right(role: str, offered: bool) -> None:
    assert ('href="/audit/"' in signed_in(role).get("/campaigns/").content.decode()) is offered


def test_refused_page_names_the_right() -> None:
    response = signed_in("").get("/campaigns/")
    assert response.status_code == 403
    assert "Your role does not allow you to see campaigns." in response.content.decode()


def test_unknown_address_says_so() -> None:
    response = signed_in().get("/nowhere/")
    assert response.status_code == 404
    assert "No page has this address." in response.content.decode()


def test_broken_page_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("campaigns.queries.listing.read", fail)
    client = signed_in()
    client.raise_request_exception = False
    response = client.get("/campaigns/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "a secret" not in response.content.decode()


def test_broken_page_needs_no_context() -> None:
    assert "Go to the operations" in render_to_string("500.html")


def test_stale_form_says_send_again() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(LOGIN, {"username": "anna", "password": "x"})
    assert response.status_code == 403
    assert "nothing was changed" in response.content.decode()


def test_policy_allows_own_files_only(client: Client) -> None:
    policy = client.get(LOGIN)["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "unsafe" not in policy

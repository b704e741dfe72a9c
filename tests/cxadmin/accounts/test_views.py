"""Sign-in, sign-out and the pages that say no: each says what happened and what to do next."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from campaigns.models import Operation, OperationKind
from campaigns.states import State
from cxadmin.accounts import failed_sign_ins
from cxadmin.models import Session
from tests.factories import PASSWORD, SCHEDULE, make_campaign, make_operation, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client: Client, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(LOGIN, {"username": "anna", "password": password} | fields)


def signed_in(role: str = "supervisor") -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


@pytest.mark.parametrize(("role", "address"), [("supervisor", "/campaigns/"), ("reviewer", "/audit/")])
def test_sign_in_leads_to_where_the_work_is(client: Client, role: str, address: str) -> None:
    make_user(role, username="anna")
    assert client.get(sign_in(client)["Location"])["Location"] == address


def test_sign_in_page_says_whose_campaigns_these_are(client: Client, settings: Any) -> None:
    settings.CXONE_BASE_URL = "https://acme.mycxone.com"
    assert "Campaigns of acme.mycxone.com." in client.get(LOGIN).text


def test_sign_in_page_of_a_demonstration_says_so_without_the_password(client: Client, settings: Any) -> None:
    settings.CXONE_SIMULATED, settings.DEMO_PASSWORD = True, "correct horse"
    page = client.get(LOGIN).text
    assert "simulated CXone: nobody is called" in page
    assert "correct horse" not in page


def test_sign_in_leads_to_asked_page(client: Client) -> None:
    make_user(username="anna")
    assert sign_in(client, next="/operations/")["Location"] == "/operations/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(client: Client, address: str) -> None:
    make_user(username="anna")
    assert sign_in(client, next=address)["Location"] == "/"


def test_signed_in_person_goes_on() -> None:
    assert signed_in().get(LOGIN)["Location"] == "/"


def test_wrong_password_says_what_to_do(client: Client) -> None:
    make_user(username="anna")
    shown = sign_in(client, "wrong").content.decode()
    assert "Check both" in shown
    assert 'value="anna"' in shown
    assert "wrong" not in shown


def test_locked_page_says_how_long(client: Client) -> None:
    make_user(username="anna")
    for _ in range(failed_sign_ins.USUAL.failures):
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
    assert "anna, reviewer" in client.get("/campaigns/").content.decode()


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

    monkeypatch.setattr("campaigns.pages.campaigns.campaign_list.read_listing", fail)
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


# --- a session that ended ---


def ended(client: Client) -> Client:
    """Anna was signed in, and her session has ended by itself."""
    make_user(username="anna")
    sign_in(client)
    Session.objects.all().delete()
    return client


def sign_in_page_after(client: Client, address: str, **headers: str) -> Any:
    """Where a button leads somebody whose session has ended."""
    return client.post(address, follow=True, headers=headers)


def go_on_from(page: Any) -> Any:
    """Sign in there, as the browser does: to the same address."""
    address, _ = page.redirect_chain[-1]
    values = {"username": "anna", "password": PASSWORD, "next": page.context["next"]}
    return page.client.post(address, values, follow=True)


@pytest.mark.parametrize(
    "kind",
    [(OperationKind.PAUSE, "pause"), (OperationKind.RESUME, "resume"), (OperationKind.SCHEDULE, "schedule change")],
)
def test_cancelling_too_late_says_so(client: Client, enqueued: object, kind: tuple[OperationKind, str]) -> None:
    schedules = {"base": SCHEDULE, "ours": SCHEDULE}
    operation = make_operation(make_campaign("c-1"), kind=kind[0], payload=schedules)
    page = sign_in_page_after(ended(client), f"/operations/{operation.pk}/cancel/")
    assert "You were signed out. The operation was not cancelled." in page.text
    after = go_on_from(page)
    assert after.redirect_chain[-1][0] == f"/operations/{operation.pk}/"
    assert f"You were signed out. The {kind[1]} was not cancelled." in after.text
    assert Operation.objects.get().state == State.QUEUED


def test_signing_in_leads_back_to_the_page_with_the_button(client: Client) -> None:
    operation = make_operation(make_campaign("c-1"))
    bearer = "http://testserver/campaigns/c-1/?tab=1"
    page = sign_in_page_after(ended(client), f"/operations/{operation.pk}/cancel/", referer=bearer)
    assert go_on_from(page).redirect_chain[-1][0] == "/campaigns/c-1/?tab=1"


@pytest.mark.parametrize(
    "referer", ["https://evil.example/campaigns/", "//evil.example/", "nonsense", "http://testserver/accounts/login/"]
)
def test_no_other_page_is_led_back_to(client: Client, referer: str) -> None:
    operation = make_operation(make_campaign("c-1"))
    page = sign_in_page_after(ended(client), f"/operations/{operation.pk}/cancel/", referer=referer)
    assert go_on_from(page).redirect_chain[-1][0] == f"/operations/{operation.pk}/"


def test_form_that_was_sent_too_late_says_nothing_was_sent(client: Client) -> None:
    make_campaign("c-1")
    page = sign_in_page_after(ended(client), "/campaigns/c-1/pause/?from=list")
    assert "Your session ended. Nothing was sent" in page.text
    # Only the browser knows; its script shows this where it is so.
    assert '<span data-kept-for="/campaigns/c-1/pause/?from=list" hidden>; what you typed is kept</span>' in page.text
    assert go_on_from(page).redirect_chain[-1][0] == "/campaigns/c-1/pause/?from=list"
    assert not Operation.objects.exists()


def test_page_after_the_session_ended_says_so(client: Client) -> None:
    make_campaign("c-1")
    page = ended(client).get("/campaigns/c-1/pause/", follow=True).text
    assert "Your session ended. Nothing was sent. Sign in to continue" in page


@pytest.mark.parametrize("address", ["/", "/accounts/login/"])
def test_first_visit_says_nothing_of_a_page(client: Client, address: str) -> None:
    page = client.get(address, follow=True).text
    assert "ended" not in page
    assert "page that you asked for" not in page


def test_first_visit_to_a_page_says_where_it_leads(client: Client) -> None:
    page = client.get("/campaigns/", follow=True).text
    assert "ended" not in page
    assert "Sign in to continue to the page that you asked for." in page


def test_who_signed_out_has_no_session_that_ended(client: Client) -> None:
    make_user(username="anna")
    sign_in(client)
    client.post("/accounts/logout/")
    assert "ended" not in client.get("/campaigns/", follow=True).text


def test_signing_out_too_late_is_signed_out(client: Client) -> None:
    page = sign_in_page_after(ended(client), "/accounts/logout/")
    assert page.redirect_chain == [(LOGIN, 302)]
    assert "not" not in page.text.split("<main")[1].split("<form")[0]


@pytest.mark.parametrize("unsent", ["/nowhere/", "javascript:alert(1)", "<script>", "/campaigns/\0", "x" * 5000])
def test_invented_address_says_nothing(client: Client, unsent: str) -> None:
    page = client.get(LOGIN, {"unsent": unsent}).text
    assert "signed out" not in page
    assert "<script>" not in page.split("<main")[1]


# --- an address that only takes what a button sends ---


def test_opening_such_an_address_is_a_page_in_words() -> None:
    operation = make_operation(make_campaign("c-1"))
    response = signed_in().get(f"/operations/{operation.pk}/cancel/", headers={"accept": "text/html"})
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Nothing was changed." in response.text
    assert f'href="/operations/{operation.pk}/"' in response.text


def test_programs_get_no_page(client: Client) -> None:
    response = client.post("/healthz", headers={"accept": "application/json"})
    assert (response.status_code, response.content) == (405, b"")

"""An account that was made here, linked to its person's sign-in at the company: by that person alone."""

import re
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from cxadmin.accounts import failed_sign_ins
from tests.cxadmin.accounts.company.company import FLOOR, Company, visit_company
from tests.cxadmin.accounts.company.conftest import SignIn
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LINK = "/accounts/company/link/"


@pytest.fixture
def anna(company: Company) -> Client:
    company.employ("a.miller", FLOOR)
    browser = Client()
    browser.force_login(make_user("admin", "anna"))
    return browser


def ask_to_link(browser: Client, name: str = "a.miller") -> HttpResponse:
    return browser.get(visit_company(browser.get(LINK)["Location"], name))  # type: ignore[return-value]


def confirm(browser: Client, page: HttpResponse, password: str = PASSWORD) -> Any:
    found = re.search(r'name="identity" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return browser.post(LINK, {"identity": found[1], "password": password})


def test_page_says_who_is_linked_to_whom(anna: Client) -> None:
    page = ask_to_link(anna).content.decode()
    assert "<b>a.miller</b>" in page
    assert "<b>anna</b>" in page
    assert not SocialAccount.objects.exists()


def test_linked_person_signs_in_to_the_old_account(anna: Client, sign_in: SignIn, client: Client) -> None:
    confirm(anna, ask_to_link(anna))
    sign_in("a.miller", client)
    assert client.get("/account/").context["user"].username == "anna"
    assert not User.objects.filter(username="a.miller").exists()


def test_settings_say_that_it_is_linked(anna: Client) -> None:
    assert "Link your company sign-in" in anna.get("/account/").text
    confirm(anna, ask_to_link(anna))
    page = anna.get("/account/").text
    assert "It leads to this account" in page
    assert "Link your company sign-in" not in page


def test_from_then_on_the_company_gives_the_role(anna: Client, sign_in: SignIn) -> None:
    confirm(anna, ask_to_link(anna))
    sign_in("a.miller", Client())
    assert [group.name for group in User.objects.get(username="anna").groups.all()] == ["supervisor"]


def test_link_is_on_record(anna: Client) -> None:
    confirm(anna, ask_to_link(anna))
    record = Record.objects.get(kind=RecordKind.COMPANY_LINKED)
    assert (record.by, record.details["subject"]) == ("anna", "a.miller")


def test_link_needs_the_password(anna: Client) -> None:
    page = confirm(anna, ask_to_link(anna), "wrong")
    assert (page.status_code, "Nothing was linked" in page.text) == (422, True)
    assert not SocialAccount.objects.exists()


def test_guessing_the_password_there_locks_the_name(anna: Client) -> None:
    page = ask_to_link(anna)
    for _ in range(failed_sign_ins.USUAL.failures):
        answer = confirm(anna, page, "wrong")
    assert answer.status_code == 429


def test_identity_that_belongs_to_another_account_is_refused(anna: Client, sign_in: SignIn) -> None:
    sign_in("a.miller", Client())
    answer = confirm(anna, ask_to_link(anna))
    assert answer.status_code == 403
    assert "belongs to the account a.miller already" in answer.text


def test_begun_by_one_person_it_links_no_other(anna: Client) -> None:
    returned = visit_company(anna.get(LINK)["Location"], "a.miller")
    anna.force_login(make_user("admin", "bert"))
    assert "This sign-in is over" in anna.get(returned).text


def test_form_of_one_person_links_no_other(anna: Client) -> None:
    page = ask_to_link(anna)
    anna.force_login(make_user("admin", "bert"))
    assert "This sign-in is over" in confirm(anna, page).text
    assert not SocialAccount.objects.exists()


def test_made_up_identity_links_nothing(anna: Client) -> None:
    assert anna.post(LINK, {"identity": "made up", "password": PASSWORD}).status_code == 403


def test_who_has_no_password_has_nothing_to_link(company: Company, sign_in: SignIn, client: Client) -> None:
    company.employ("jane", FLOOR)
    sign_in("jane")
    assert client.get(LINK).status_code == 404

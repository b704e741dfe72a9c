"""Signing in through the company and out again, in a real browser at a real provider."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cxadmin.accounts import device
from tests.browser.checks import check_accessible
from tests.browser.conftest import OpenPage
from tests.cxadmin.accounts.company.company import COMPLIANCE, FLOOR, Company, run_company
from tests.cxadmin.accounts.company.conftest import forget_company, use_company
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REFUSED = "Failed to load resource: the server responded with a status of"


@pytest.fixture(scope="module")
def running_company(live_server: LiveServer) -> Iterator[Company]:
    with run_company(live_server.url) as company:
        yield company


@pytest.fixture
def company(running_company: Company, settings: Any) -> Iterator[Company]:
    use_company(settings, running_company.issuer)
    yield running_company
    running_company.calm()
    forget_company()


def sign_in_there(page: Page, name: str) -> None:
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()


def open_company(open_page: OpenPage) -> Page:
    """A browser of its own: what the company's pages keep stays in no other test's."""
    page = open_page("/accounts/login/", locale="en-US")
    page.get_by_role("link", name="Sign in through your company").click()
    return page


def test_first_sign_in_leads_to_the_work(open_page: OpenPage, company: Company) -> None:
    company.employ("jane", FLOOR)
    page = open_company(open_page)
    sign_in_there(page, "jane")
    expect(page.get_by_role("banner")).to_contain_text("jane")
    expect(page.get_by_role("link", name="Campaigns", exact=True)).to_be_visible()


def test_signing_out_ends_both(open_page: OpenPage, company: Company) -> None:
    company.employ("jane", FLOOR)
    page = open_company(open_page)
    sign_in_there(page, "jane")
    page.locator("#account-menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    # The provider asks once more.
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("link", name="Sign in through your company").click()
    expect(page.locator("[name=login]")).to_be_visible()


def test_next_sign_in_has_the_new_role(open_page: OpenPage, company: Company) -> None:
    company.employ("jane", FLOOR)
    page = open_company(open_page)
    sign_in_there(page, "jane")
    company.employ("jane", COMPLIANCE)
    page.context.clear_cookies(name="sessionid")
    page.goto("/")
    page.get_by_role("link", name="Sign in through your company").click()
    expect(page.get_by_role("link", name="Audit", exact=True)).to_be_visible()
    page.locator("#account-menu > summary").click()
    expect(page.locator("#account-menu")).to_contain_text("jane, reviewer")


def test_browser_is_marked_as_known_beside_the_names_of_others(open_page: OpenPage, company: Company) -> None:
    make_user(username="anna")
    page = open_page("/accounts/login/", locale="en-US")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.context.clear_cookies(name="sessionid")
    company.employ("jane", FLOOR)
    page.goto("/accounts/company/")
    sign_in_there(page, "jane")
    expect(page.get_by_role("banner")).to_contain_text("jane")
    (mark,) = (cookie for cookie in page.context.cookies() if cookie["name"] == device.COOKIE)
    assert len(signing.loads(mark["value"], salt=device.SALT)) == 2


@pytest.mark.provokes(REFUSED)
def test_person_without_a_role_reads_why(open_page: OpenPage, company: Company) -> None:
    company.employ("joe", "everybody")
    page = open_page("/accounts/login/", locale="en-US")
    check_accessible(page)
    page.get_by_role("link", name="Sign in through your company").click()
    sign_in_there(page, "joe")
    expect(page.get_by_role("heading")).to_have_text("You have no role here")
    check_accessible(page)
    assert not User.objects.filter(username="joe").exists()


@pytest.mark.provokes(REFUSED)
def test_address_that_is_opened_again_signs_nobody_in(open_page: OpenPage, company: Company) -> None:
    company.employ("jane", FLOOR)
    page = open_company(open_page)
    with page.expect_request(re.compile("/accounts/company/callback/")) as returned:
        sign_in_there(page, "jane")
    expect(page.get_by_role("banner")).to_contain_text("jane")
    page.context.clear_cookies(name="sessionid")
    page.goto(returned.value.url)
    expect(page.get_by_role("heading")).to_have_text("This sign-in is over")


@pytest.mark.provokes(REFUSED)
def test_password_works_while_the_company_is_down(open_page: OpenPage, settings: Any) -> None:
    make_user(username="anna")
    use_company(settings, "http://127.0.0.1:9")
    page = open_company(open_page)
    expect(page.get_by_role("heading")).to_contain_text("sign-in can’t be reached")
    page.get_by_role("link", name="Go back to the sign-in").click()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("banner")).to_contain_text("anna")
    forget_company()


def test_existing_account_is_linked(open_page: OpenPage, company: Company) -> None:
    company.employ("a.miller", FLOOR)
    page = open_page("/account/", make_user("supervisor", "anna"), locale="en-US")
    page.get_by_role("link", name="Link your company sign-in").click()
    sign_in_there(page, "a.miller")
    expect(page.locator("main")).to_contain_text("says that you are a.miller")
    check_accessible(page)
    page.get_by_label("Password of anna here").fill(PASSWORD)
    page.get_by_role("button", name="Link it").click()
    expect(page.locator("main")).to_contain_text("the company sign-in of a.miller leads to your account")


def test_without_passwords_only_the_company_is_offered(open_page: OpenPage, company: Company, settings: Any) -> None:
    settings.PASSWORD_SIGN_IN = False
    page = open_page("/accounts/login/")
    expect(page.get_by_label("Password")).to_have_count(0)
    expect(page.get_by_role("link", name="Sign in through your company")).to_be_focused()
    check_accessible(page)

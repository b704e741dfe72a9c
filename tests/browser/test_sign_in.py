"""Signing in and out, as a person does it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import check_accessible
from tests.browser.conftest import OpenPage
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_sign_in_leads_to_asked_page(open_page: OpenPage) -> None:
    make_user(username="anna")
    page = open_page("/campaigns/?status=PAUSED")
    sign_in(page, "anna", PASSWORD)
    expect(page.get_by_role("banner")).to_contain_text("anna")
    assert page.url.endswith("/campaigns/?status=PAUSED")


def test_keyboard_alone_signs_in(open_page: OpenPage) -> None:
    make_user(username="anna")
    page = open_page("/")
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Campaigns", exact=True)).to_be_visible()


def test_wrong_password_says_what_to_do(open_page: OpenPage) -> None:
    make_user(username="anna")
    page = open_page("/accounts/login/")
    sign_in(page, "anna", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("Check both")
    expect(page.get_by_label("Password")).to_be_focused()


def test_sign_out_ends_at_sign_in(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/accounts/login/", color_scheme=scheme)
    check_accessible(page)

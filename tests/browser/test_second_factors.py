"""Second factors in a real browser: passkeys by Chromium's virtual authenticator, codes without scripts."""

import re

import pytest
from django.core import signing
from playwright.sync_api import CDPSession, Page, expect

from cxadmin.accounts import device
from tests.browser.checks import check_accessible, check_width
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage
from tests.cxadmin.accounts.factors.app import code_of
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def admins_must(settings: object) -> None:
    settings.MFA_REQUIRED_FOR = ("admin",)  # type: ignore[attr-defined]


def plug_in_key(page: Page) -> tuple[CDPSession, str]:
    """A security key that is touched at once, and knows that it is its person."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, str(key["authenticatorId"])


def type_password(page: Page, name: str = "anna") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def forget_session(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/accounts/login/")


def set_passkey_up(page: Page) -> None:
    page.get_by_label("Its name").fill("blue key")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def test_admin_sets_a_passkey_up_and_signs_in_with_it(open_page: OpenPage) -> None:
    make_user("admin", "anna")
    page = open_page("/accounts/login/", locale="en-US")
    plug_in_key(page)
    type_password(page)
    expect(page.locator("main")).to_contain_text("Your role needs one")
    set_passkey_up(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("banner")).to_contain_text("anna")
    forget_session(page)
    type_password(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("banner")).to_contain_text("anna")


def test_another_key_signs_nobody_in(open_page: OpenPage) -> None:
    make_user("admin", "anna")
    page = open_page("/accounts/login/", locale="en-US")
    devtools, key = plug_in_key(page)
    type_password(page)
    set_passkey_up(page)
    forget_session(page)
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    plug_in_key(page)
    type_password(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("status")).to_contain_text("No passkey was used")
    page.goto("/campaigns/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_nothing_else_opens_before_a_factor_is_set_up(open_page: OpenPage) -> None:
    make_user("admin", "anna")
    page = open_page("/accounts/login/")
    type_password(page)
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    for address in ("/campaigns/", "/policy/", "/account/"):
        page.goto(address)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_browser_stays_known_to_those_who_signed_in_before(open_page: OpenPage) -> None:
    make_user("supervisor", "bert")
    make_user("admin", "anna")
    page = open_page("/accounts/login/", locale="en-US")
    plug_in_key(page)
    type_password(page, "bert")
    expect(page.get_by_role("banner")).to_contain_text("bert")
    page.context.clear_cookies(name="sessionid")
    page.goto("/accounts/login/")
    type_password(page)
    set_passkey_up(page)
    (mark,) = (cookie for cookie in page.context.cookies() if cookie["name"] == device.COOKIE)
    assert len(signing.loads(mark["value"], salt=device.SALT)) == 2


@pytest.mark.provokes(*REFUSED)
def test_app_and_recovery_codes_work_without_scripts(open_page: OpenPage) -> None:
    make_user("admin", "anna")
    page = open_page("/accounts/login/", java_script_enabled=False)
    type_password(page)
    secret = page.locator(".factor-key").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(code_of(secret))
    page.get_by_role("button", name="Set up the app").click()
    code = page.locator(".recovery-codes li").first.inner_text()
    forget_session(page)
    type_password(page)
    page.get_by_label("Code from your authenticator app").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("main")).to_contain_text("You used a recovery code, and have 9 left.")
    forget_session(page)
    type_password(page)
    page.get_by_label("Code from your authenticator app").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("A code works once")


def test_recovery_codes_are_downloaded_as_a_file(open_page: OpenPage) -> None:
    make_user("admin", "anna")
    page = open_page("/accounts/login/", locale="en-US")
    plug_in_key(page)
    type_password(page)
    set_passkey_up(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them").click()
    text = download.value.path().read_text()
    assert re.findall(r"^\d{4} \d{4}$", text, re.MULTILINE) == page.locator(".recovery-codes li").all_inner_texts()


def test_pages_are_accessible_and_fit_a_phone(open_page: OpenPage) -> None:
    make_user("admin", "anna")
    page = open_page("/accounts/login/", locale="en-US")
    plug_in_key(page)
    type_password(page)
    expect(page.get_by_role("button", name="Set up a passkey")).to_be_visible()
    bear(page)
    set_passkey_up(page)
    bear(page)
    page.goto("/account/second-factors/")
    bear(page)
    forget_session(page)
    type_password(page)
    expect(page.get_by_role("button", name="Use your passkey")).to_be_visible()
    bear(page)


def bear(page: Page) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        check_accessible(page)
        check_width(page, width)

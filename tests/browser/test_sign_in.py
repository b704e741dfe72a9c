"""Signing in and out, as a person does it."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import CallingHoursRule
from cxadmin.models import Session
from tests.browser.checks import check_accessible
from tests.browser.complaints import SIGNED_OUT
from tests.browser.conftest import OpenPage
from tests.factories import PASSWORD, make_calendar, make_campaign, make_operation, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.provokes(*SIGNED_OUT),
]


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
    # The page gives it the focus once it is drawn.
    expect(page.get_by_label("Name")).to_be_focused()
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
    expect(page.get_by_role("alert")).to_be_focused()


def test_sign_out_ends_at_sign_in(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user())
    page.locator("#account-menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


# --- a session that ends while somebody types ---


def end_session() -> None:
    Session.objects.all().delete()


def test_typed_reason_and_note_are_kept(open_page: OpenPage) -> None:
    make_campaign("c-1")
    page = open_page("/campaigns/c-1/pause/", make_user(username="anna"))
    page.get_by_role("radio", name="Emergency").check()
    page.get_by_label("Note").fill("line is down")
    end_session()
    page.locator("main form button.primary").click()
    expect(page.locator("main")).to_contain_text("Nothing was sent; what you typed is kept.", use_inner_text=True)
    sign_in(page, "anna", PASSWORD)
    expect(page.get_by_label("Note")).to_have_value("line is down")
    expect(page.get_by_role("radio", name="Emergency")).to_be_checked()


def test_change_of_what_was_filled_in_is_kept(open_page: OpenPage) -> None:
    page = open_page("/policy/hours/1/", make_user("admin", "anna"))
    other = page.get_by_label("Latest").input_value()
    page.get_by_label("Name").fill("Ours")
    page.get_by_label("Monday").set_checked(not page.get_by_label("Monday").is_checked())
    monday = page.get_by_label("Monday").is_checked()
    CallingHoursRule.objects.update(latest="19:30")
    end_session()
    page.locator("main form button.primary").click()
    expect(page.locator("main")).to_contain_text("what you typed is kept", use_inner_text=True)
    sign_in(page, "anna", PASSWORD)
    expect(page.get_by_label("Name")).to_have_value("Ours")
    expect(page.get_by_label("Monday")).to_be_checked(checked=monday)
    # What others changed meanwhile is seen, not undone.
    expect(page.get_by_label("Latest")).not_to_have_value(other)


def preview(country: str) -> str:
    return f"/holidays/7/import/?country={country}&years={timezone.now().year}&preview=1"


def test_ticks_of_one_preview_are_not_put_into_another(open_page: OpenPage) -> None:
    make_calendar(id=7)
    page = open_page(preview("US"), make_user("admin", "anna"))
    page.evaluate("address => { location.href = address }", preview("DE"))
    page.wait_for_url("**country=DE**")
    page.get_by_role("checkbox").first.uncheck()
    page.go_back()
    expect(page).to_have_url(re.compile("country=US"))
    expect(page.get_by_text("Restored what you had typed.")).to_have_count(0)
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.go_forward()
    expect(page).to_have_url(re.compile("country=DE"))
    expect(page.get_by_role("checkbox").first).not_to_be_checked()


def test_signing_in_leads_back_to_the_preview_and_its_ticks(open_page: OpenPage) -> None:
    make_calendar(id=7)
    page = open_page(preview("DE"), make_user("admin", "anna"))
    page.get_by_role("checkbox").first.uncheck()
    end_session()
    page.get_by_role("button", name="Add the ticked holidays").click()
    expect(page.locator("main")).to_contain_text("Nothing was sent; what you typed is kept.", use_inner_text=True)
    sign_in(page, "anna", PASSWORD)
    expect(page.get_by_role("checkbox").first).not_to_be_checked()
    expect(page.get_by_role("checkbox").nth(1)).to_be_checked()


def test_form_of_another_address_is_promised_nothing(open_page: OpenPage) -> None:
    make_campaign("c-1")
    page = open_page("/campaigns/c-1/pause/", make_user(username="anna"))
    page.get_by_label("Note").fill("line is down")
    end_session()
    page.evaluate("document.querySelector('form.panel').action = '?from=list'")
    page.locator("main form button.primary").click()
    expect(page.locator("main")).to_contain_text("Nothing was sent. Sign in", use_inner_text=True)


def test_form_without_anything_typed_promises_nothing(open_page: OpenPage) -> None:
    page = open_page("/policy/thresholds/", make_user("admin", "anna"))
    end_session()
    page.locator("main form button.primary").click()
    expect(page.locator("main")).to_contain_text("Nothing was sent. Sign in", use_inner_text=True)


def test_without_scripts_nothing_is_promised(open_page: OpenPage) -> None:
    make_campaign("c-1")
    page = open_page("/campaigns/c-1/pause/", make_user(username="anna"), java_script_enabled=False)
    page.get_by_label("Note").fill("line is down")
    end_session()
    page.locator("main form button.primary").click()
    expect(page.locator("main")).to_contain_text("Nothing was sent. Sign in", use_inner_text=True)


def test_cancelling_too_late_leads_back(open_page: OpenPage) -> None:
    operation = make_operation(make_campaign("c-1"))
    page = open_page(f"/operations/{operation.pk}/", make_user(username="anna"))
    end_session()
    page.get_by_role("button", name="Cancel this pause").click()
    expect(page.locator("main")).to_contain_text("The operation was not cancelled")
    check_accessible(page)
    sign_in(page, "anna", PASSWORD)
    expect(page.locator("main")).to_contain_text("You were signed out. The pause was not cancelled.")
    expect(page.get_by_role("button", name="Cancel this pause")).to_be_visible()


def test_axe_finds_nothing(open_page: OpenPage) -> None:
    page = open_page("/accounts/login/")
    check_accessible(page)

"""Handovers and the wallboard's links in a browser: anybody can read them, on a phone and on paper too."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.checks import NARROW, check_accessible, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_handover, make_user, make_wall_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/handover/", "/handover/new/", "/handover/11/", "/wall/links/", "/wall/a-token-of-a-wallboard/"]


@pytest.fixture
def admin() -> User:
    make_campaign(name="A name that goes on and on " * 5, status="PAUSED", tags={"client": "Northwind"})
    make_handover(id=11, written_by="eve", note="Watch the first one. " * 20)
    make_wall_link("a-token-of-a-wallboard", name="By the stairs " * 4, group_by="client", offers_sound=True)
    return make_user("admin", "ada")


def test_pages_are_accessible(open_page: OpenPage, admin: User) -> None:
    page = open_page("/handover/", admin)
    for address in PAGES:
        page.goto(address)
        check_accessible(page)


def test_pages_fit_a_phone(open_page: OpenPage, admin: User) -> None:
    page = open_page("/handover/", admin, viewport=NARROW)
    for address in PAGES:
        page.goto(address)
        check_width(page, NARROW["width"])


def test_handover_is_printed_in_one_click(open_page: OpenPage, admin: User) -> None:
    page = open_page("/handover/11/", admin)
    page.evaluate("window.print = () => { window.isPrinted = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.isPrinted") is True
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_text("Watch the first one.").first).to_be_visible()


def test_next_shift_takes_over_by_keyboard(open_page: OpenPage, admin: User) -> None:
    page: Page = open_page("/handover/11/", admin)
    button = page.get_by_role("button", name="I take over, ada")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Acknowledged by ada")).to_be_visible()

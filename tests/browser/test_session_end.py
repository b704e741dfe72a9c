"""The warning before a sign-in ends, as a person meets it."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from cxadmin.accounts.session_store import SessionStore
from cxadmin.models import Session
from tests.browser.checks import NARROW, check_accessible, check_targets, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINUTE, HOUR = 60, 3600
# A page whose only request is that of its head, so that nothing else happens while time goes by.
ADDRESS = "/policy/reasons/new/"


def let_end(touched: float = 0, began: float = 0) -> None:
    """Have the session be that many seconds older than it is."""
    store = SessionStore(Session.objects.get().session_key)
    store["touched"] -= touched
    store["began"] -= began
    store.save()


def seconds_since_touched() -> float:
    return time.time() - float(Session.objects.get().get_decoded()["touched"])


def warned(open_page: OpenPage, *, touched: float = 56 * MINUTE, began: float = 0, **options: object) -> Page:
    """A page on which time has gone by: four minutes are left."""
    page = open_page(ADDRESS, make_user("admin", "anna"), clock=True, **options)
    let_end(touched, began)
    page.clock.fast_forward(56 * MINUTE * 1000)
    expect(notice(page)).to_be_visible()
    return page


def notice(page: Page) -> Locator:
    return page.locator("#session .notice")


def test_page_warns_and_offers_to_stay(open_page: OpenPage) -> None:
    page = warned(open_page)
    expect(notice(page)).to_contain_text("You will be signed out at")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_visible()


@pytest.mark.parametrize(
    ("zone", "name"),
    [("America/New_York", "E[SD]T"), ("Europe/Berlin", "CES?T"), ("Asia/Kathmandu", "UTC[+]5:45"), ("UTC", "UTC")],
)
def test_it_names_the_zone_as_pages_do(open_page: OpenPage, zone: str, name: str) -> None:
    page = warned(open_page, timezone_id=zone)
    expect(notice(page)).to_contain_text(re.compile(rf"signed out at \d\d:\d\d {name},"))


def test_it_says_nothing_before(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, make_user("admin", "anna"), clock=True)
    let_end(touched=54 * MINUTE)
    with page.expect_response("**/accounts/session/"):
        page.clock.fast_forward(56 * MINUTE * 1000)
    expect(notice(page)).to_have_count(0)


def test_keyboard_alone_stays(open_page: OpenPage) -> None:
    page = warned(open_page)
    page.get_by_label("Label").focus()
    page.get_by_role("button", name="Stay signed in").focus()
    page.keyboard.press("Enter")
    expect(notice(page)).to_have_count(0)
    assert seconds_since_touched() < MINUTE
    expect(page.get_by_label("Label")).to_be_focused()


def test_it_is_said_once(open_page: OpenPage) -> None:
    page = warned(open_page)
    page.evaluate(
        "() => { window.said = 0; new MutationObserver(() => said++).observe("
        "document.getElementById('session'), { childList: true, subtree: true, characterData: true }); }"
    )
    for _ in range(3):
        with page.expect_response("**/accounts/session/"):
            page.clock.fast_forward(11 * 1000)
    assert page.evaluate("said") == 0


def test_another_tab_in_use_takes_it_away(open_page: OpenPage) -> None:
    page = warned(open_page)
    other = page.context.new_page()
    other.goto("/operations/")
    expect(notice(page)).to_have_count(0)
    expect(notice(other)).to_have_count(0)


def test_staying_in_one_tab_counts_for_all(open_page: OpenPage) -> None:
    page = warned(open_page)
    other = page.context.new_page()
    other.clock.install()
    other.goto(ADDRESS)
    let_end(touched=56 * MINUTE)
    other.clock.fast_forward(56 * MINUTE * 1000)
    other.get_by_role("button", name="Stay signed in").click()
    expect(notice(other)).to_have_count(0)
    expect(notice(page)).to_have_count(0)


def test_end_after_twelve_hours_offers_no_staying(open_page: OpenPage) -> None:
    page = warned(open_page, touched=0, began=11 * HOUR + 56 * MINUTE)
    expect(notice(page)).to_contain_text("You signed in 12 hours ago")
    expect(page.get_by_role("button", name="Stay signed in")).to_have_count(0)


def test_warning_is_for_everybody(open_page: OpenPage) -> None:
    page = warned(open_page, viewport=NARROW, has_touch=True, is_mobile=True)
    check_accessible(page)
    check_width(page, NARROW["width"])
    check_targets(page, "#session button")

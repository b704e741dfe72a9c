"""The pages of people and of one's own account in a browser: everybody can use them, and who is disabled is out."""

import pytest
from playwright.sync_api import expect

from cxadmin.accounts import people
from cxadmin.accounts.password_links import make_password_link
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import SIGNED_OUT
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_campaign, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]


@pytest.fixture
def addresses() -> list[str]:
    anna = make_user("supervisor", "anna")
    _, token = make_password_link(anna, by="root")
    return [
        "/people/",
        "/people/new/",
        f"/people/{anna.pk}/",
        f"/people/{anna.pk}/disable/",
        "/account/",
        "/account/password/",
        "/account/sessions/",
        f"/accounts/password/{token}/",
    ]


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_everybody_can_read_them(open_page: OpenPage, addresses: list[str], viewport: dict[str, int]) -> None:
    page = open_page("/people/", make_user("admin"), viewport=viewport)
    for address in addresses:
        page.goto(address)
        check_accessible(page)
        check_width(page, viewport["width"])


def test_targets_are_large_enough_for_fingers(open_page: OpenPage, addresses: list[str]) -> None:
    page = open_page("/people/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    for address in addresses:
        page.goto(address)
        check_targets(page)


def test_pages_open_in_both_browsers(open_tab: OpenTab, addresses: list[str]) -> None:
    tab = open_tab("/people/", make_user("admin"))
    for address in addresses:
        tab.open(address)
        assert tab.read("document.querySelector('h1').innerText"), address
        assert tab.read("document.documentElement.scrollWidth <= innerWidth"), address


def test_role_is_changed_in_both_browsers(open_tab: OpenTab) -> None:
    anna = make_user("supervisor", "anna")
    tab = open_tab(f"/people/{anna.pk}/", make_user("admin"))
    tab.choose("#id_role", "reviewer")
    tab.click("form[action$='/role/'] button")
    wait_until(tab, "document.querySelector('#main .notice')?.innerText.includes('reviewer')")
    assert [group.name for group in anna.groups.all()] == ["reviewer"]


@pytest.mark.provokes(*SIGNED_OUT)
def test_disabled_person_is_out_by_the_next_refresh(open_page: OpenPage) -> None:
    make_campaign()
    anna = make_user("supervisor", "anna")
    page = open_page("/campaigns/", anna)
    people.disable_person(anna, by="root")
    expect(page.locator("#live-trouble")).to_contain_text("You are signed out. Sign in again")


def test_chosen_theme_holds_against_the_system(open_page: OpenPage) -> None:
    page = open_page("/account/", make_user("supervisor"), color_scheme="light")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(15, 18, 21)")
    check_accessible(page)


def test_chosen_zone_holds_in_scripts_too(open_page: OpenPage) -> None:
    page = open_page("/account/", make_user("supervisor"), timezone_id="Europe/Berlin")
    page.get_by_label("Time zone").fill("Asia/Kathmandu")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert str(page.evaluate("timeOfDay(0)")).endswith("05:30:00 UTC+5:30")


def test_link_is_copied_by_a_button(open_page: OpenPage) -> None:
    page = open_page("/people/new/", make_user("admin"), permissions=["clipboard-write"])
    page.get_by_label("Name").fill("anna")
    page.get_by_role("button", name="Add and create link").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    address = page.locator("#password-address").input_value()
    page.get_by_role("link", name="Add another person").click()
    page.get_by_label("Name").press("ControlOrMeta+V")
    expect(page.get_by_label("Name")).to_have_value(address)


def test_link_can_be_copied_by_hand_where_the_browser_gives_no_clipboard(open_page: OpenPage) -> None:
    page = open_page("/people/new/", make_user("admin"))
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_label("Name").fill("anna")
    page.get_by_role("button", name="Add and create link").click()
    expect(page.locator("#password-address")).to_be_focused()
    expect(page.locator("[data-copy]")).to_be_hidden()

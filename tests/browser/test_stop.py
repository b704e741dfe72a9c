"""The emergency stop in a browser: from any page in three actions, by keyboard, and without scripts."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Bulk, Campaign, SyncState
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_campaign, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
ONE_BULK = re.compile("/bulk/[0-9a-f-]{36}/$")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's minute doesn't turn while a test runs."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)


@pytest.fixture(autouse=True)
def listed() -> list[Campaign]:
    """Three campaigns of Northwind in Florida, three of Contoso in Texas."""
    florida = [("c-1", "Spring 1"), ("c-2", "Spring 2"), ("c-3", "Spring 3")]
    texas = [("c-4", "Fall 4"), ("c-5", "Fall 5"), ("c-6", "Fall 6")]
    tags = {"client": "Northwind", "region": "Florida"}, {"client": "Contoso", "region": "Texas"}
    return [
        *(make_campaign(pk, name=name, active_calls=60, tags=tags[0]) for pk, name in florida),
        *(make_campaign(pk, name=name, active_calls=9, tags=tags[1]) for pk, name in texas),
    ]


def stopped() -> list[str]:
    return sorted(Bulk.objects.get().campaign_ids)


def test_client_is_stopped_in_three_actions(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user())
    page.get_by_role("link", name="Emergency stop").click()
    page.get_by_text("Northwind").click()
    page.get_by_role("button", name="Stop 3 campaigns").click()
    page.wait_for_url(ONE_BULK)
    assert stopped() == ["c-1", "c-2", "c-3"]


def test_what_a_list_shows_is_stopped_in_two(open_page: OpenPage) -> None:
    page = open_page("/campaigns/?q=spring", make_user())
    page.get_by_role("link", name="Emergency stop").click()
    page.get_by_role("button", name="Stop 3 campaigns").click()
    page.wait_for_url(ONE_BULK)
    assert stopped() == ["c-1", "c-2", "c-3"]


def test_keyboard_alone_stops_a_region(open_tab: OpenTab) -> None:
    tab = open_tab("/operations/", make_user())
    tab.read("document.getElementById('emergency-stop').focus()")
    tab.press("Enter")
    wait_until(tab, "document.activeElement.id === 'find-scope'")
    for letter in "tex":
        tab.press(letter)
    tab.press("Enter")
    wait_until(tab, "document.activeElement.textContent === 'Stop 3 campaigns'")
    tab.press("Enter")
    wait_until(tab, "/^.bulk.[0-9a-f-]{36}.$/.test(location.pathname)")
    assert stopped() == ["c-4", "c-5", "c-6"]


def test_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user(), java_script_enabled=False)
    page.get_by_role("link", name="Emergency stop").click()
    page.get_by_text("Every campaign", exact=True).click()
    page.get_by_role("button", name="Stop these campaigns").click()
    page.wait_for_url(ONE_BULK)
    assert len(stopped()) == 6


def test_button_says_how_much_it_stops(open_page: OpenPage) -> None:
    page = open_page("/bulk/stop/", make_user())
    page.get_by_text("Every campaign", exact=True).click()
    expect(page.get_by_role("button", name="Stop 6 campaigns")).to_be_visible()
    expect(page.locator("#stop-impact")).to_have_text("207 calls in progress")


def test_name_that_nothing_bears(open_page: OpenPage) -> None:
    page = open_page("/bulk/stop/", make_user())
    page.get_by_label("Find a client").fill("Fabrikam")
    expect(page.get_by_text("Nothing by that name is dialing now.")).to_be_visible()
    expect(page.locator(".scope:visible")).to_have_count(0)


@pytest.mark.provokes(*REFUSED)
def test_focus_goes_to_what_is_wrong(open_page: OpenPage) -> None:
    page = open_page("/bulk/stop/", make_user())
    page.get_by_role("button", name="Stop these campaigns").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Choose what to stop")


def test_page_is_accessible(open_page: OpenPage) -> None:
    page = open_page("/bulk/stop/?q=spring", make_user(), viewport=WIDE)
    check_accessible(page)


def test_page_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page("/bulk/stop/", make_user(), viewport=NARROW, has_touch=True, is_mobile=True)
    check_width(page, 360)
    check_targets(page)
    # The button stays in sight while one looks for the campaigns.
    expect(page.get_by_role("button", name="Stop these campaigns")).to_be_in_viewport()

"""The bar of notices under the head: its space is always there, and everything it says can be reached."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, Finding, SyncState
from tests.browser.checks import NARROW, check_accessible, check_width
from tests.browser.complaints import UNREACHABLE
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import Tab, wait_until
from tests.factories import make_campaign, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
# Twice as large on a screen of 1280 pixels.
ZOOMED = {"width": 640, "height": 360}
PLACES = "[...document.querySelectorAll('main, tbody tr')].map((each) => Math.round(each.getBoundingClientRect().top))"
REFRESH = "htmx.trigger(document.querySelector('[data-live]'), 'refresh')"
SHOWN = "document.querySelector('#first-notice')?.innerText ?? ''"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)


@pytest.fixture
def spring() -> Campaign:
    for number in range(10, 40):
        make_campaign(f"c-{number}", name=f"Campaign {number}")
    return make_campaign("spring", name="Spring renewal")


def come_back(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(came_back_at=NOW)
    SyncState.bump()


def refresh_until(tab: Tab, expression: str) -> None:
    tab.read(REFRESH)
    wait_until(tab, expression)


def test_nothing_moves_when_a_notice_comes_and_goes(open_tab: OpenTab, spring: Campaign) -> None:
    tab = open_tab("/campaigns/", make_user())
    tab.read("document.querySelector('#row-c-20 th a').focus()")
    before = tab.read(f"[scrollY, {PLACES}]")
    SyncState.objects.update(last_good_at=NOW - timedelta(minutes=5))
    refresh_until(tab, f"{SHOWN}.startsWith('The state of all campaigns has been unknown since')")
    assert tab.read(f"[scrollY, {PLACES}]") == before
    SyncState.objects.update(last_good_at=NOW)
    refresh_until(tab, f"{SHOWN} === ''")
    assert tab.read(f"[scrollY, {PLACES}]") == before


@pytest.mark.parametrize("viewport", [NARROW, ZOOMED], ids=["narrow", "zoomed"])
def test_nothing_moves_on_a_small_screen(open_page: OpenPage, spring: Campaign, viewport: dict[str, int]) -> None:
    page = open_page("/campaigns/", make_user(), viewport=viewport)
    before = page.evaluate(PLACES)
    come_back(spring)
    page.evaluate(REFRESH)
    expect(page.locator("#first-notice")).to_contain_text("Spring renewal came back by itself")
    assert page.evaluate(PLACES) == before
    check_width(page, viewport["width"])


@pytest.mark.provokes(*UNREACHABLE)
def test_page_that_was_not_refreshed_says_so_in_the_bar(open_page: OpenPage, spring: Campaign) -> None:
    come_back(spring)
    page = open_page("/campaigns/", make_user(), clock=True)
    before = page.evaluate(PLACES)
    page.route("**/campaigns/rows/**", lambda route: route.abort())
    page.clock.run_for(6000)
    expect(page.locator("#live-trouble")).to_contain_text("Not refreshed since")
    expect(page.locator("#first-notice")).to_be_hidden()
    expect(page.locator("#more-notices summary")).to_have_text("+1 more", use_inner_text=True)
    assert page.evaluate(PLACES) == before


def test_the_most_urgent_comes_first_and_the_rest_is_a_click_away(open_page: OpenPage, spring: Campaign) -> None:
    come_back(spring)
    Finding.objects.create(campaign=spring, code="calls_outside_hours", cause="now", since=NOW, opened_at=NOW)
    page = open_page("/campaigns/", make_user())
    expect(page.locator("#first-notice")).to_contain_text("came back by itself")
    before = page.evaluate(PLACES)
    page.get_by_text("+1 more").click()
    expect(page.locator("#notice-findings")).to_contain_text("Calls outside hours: 1")
    expect(page.locator("#notice-returned").get_by_role("link", name="Pause again")).to_be_visible()
    assert page.evaluate(PLACES) == before
    page.keyboard.press("Escape")
    expect(page.locator("#notice-findings")).to_be_hidden()
    expect(page.locator("#more-notices summary")).to_be_focused()


def test_each_notice_is_spoken_once(open_page: OpenPage, spring: Campaign) -> None:
    page = open_page("/campaigns/", make_user())
    come_back(spring)
    page.evaluate(REFRESH)
    expect(page.locator("#notices-said")).to_contain_text("Spring renewal came back by itself")
    _count_changes(page)
    for calls in (3, 4):
        Campaign.objects.filter(pk="c-10").update(active_calls=calls)
        SyncState.bump()
        page.evaluate(REFRESH)
        expect(page.locator("#row-c-10 .calls")).to_contain_text(str(calls))
    assert page.evaluate("window.said") == 0


def _count_changes(page: Page) -> None:
    page.evaluate(
        "() => { window.said = 0; new MutationObserver(() => said++).observe("
        "document.getElementById('notices-said'), { childList: true, subtree: true, characterData: true }); }"
    )


def test_axe_finds_nothing(open_page: OpenPage, spring: Campaign) -> None:
    come_back(spring)
    page = open_page("/operations/", make_user("admin"))
    page.locator("#more-notices summary").click()
    check_accessible(page)

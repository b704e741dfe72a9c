"""The list in a browser: it refreshes by itself, and never shows an old state as a live one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Response, expect

from campaigns.models import Campaign, Control, SavedView, SyncState
from campaigns.states import State
from tests.browser.checks import check_accessible, check_targets, check_width
from tests.browser.complaints import SIGNED_OUT, UNREACHABLE, answers
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
NARROW = {"width": 360, "height": 740}
HIDE = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})"
SHOW = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => false})"
SEEN = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's minute doesn't turn while a test runs."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)


def is_refresh(response: Response) -> bool:
    return "/campaigns/rows/" in response.url


def wait_for_refresh(page: Page) -> Response:
    with page.expect_response(is_refresh) as caught:
        page.clock.run_for(6000)
    return caught.value


def fill_every_state() -> None:
    for state in State:
        make_operation(state=state, error="CXone said no.")
    make_campaign(status="PAUSED", active_calls=99, control=Control.OUTSIDE)
    make_campaign(status="ODD", gone_at=NOW)
    make_campaign(name="A name that goes on and on " * 5, schedule={})


# --- Refreshing ---


def test_change_appears_by_itself(open_page: OpenPage) -> None:
    campaign = make_campaign()
    page = open_page("/campaigns/", make_user(), clock=True)
    Campaign.objects.filter(pk=campaign.pk).update(status="PAUSED")
    SyncState.bump()
    wait_for_refresh(page)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Paused")


def test_unchanged_list_keeps_its_rows(open_page: OpenPage) -> None:
    make_campaign()
    page = open_page("/campaigns/", make_user(), clock=True)
    page.evaluate("document.getElementById('rows').mine = true")
    assert wait_for_refresh(page).status == 204
    assert page.evaluate("document.getElementById('rows').mine") is True


def test_unchanged_answer_renews_the_age(open_page: OpenPage) -> None:
    SyncState.objects.update(last_good_at=NOW - timedelta(seconds=40))
    page = open_page("/campaigns/", make_user(), clock=True)
    age = page.locator("#freshness [data-age]")
    expect(age).to_have_text(re.compile(r"4\d s"))
    SyncState.objects.update(last_good_at=NOW)
    assert wait_for_refresh(page).status == 204
    expect(age).to_have_text(re.compile(r"^\d s"))


def test_focus_stays_through_refresh(open_page: OpenPage) -> None:
    campaign = make_campaign("abc-1")
    page = open_page("/campaigns/", make_user(), clock=True)
    page.locator("#row-abc-1 .do a").focus()
    Campaign.objects.filter(pk=campaign.pk).update(active_calls=7)
    SyncState.bump()
    wait_for_refresh(page)
    expect(page.get_by_role("row").nth(1)).to_contain_text("7")
    expect(page.locator("#row-abc-1 .do a")).to_be_focused()


def test_hidden_tab_does_not_refresh(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user(), clock=True)
    asked: list[Response] = []
    page.on("response", lambda response: asked.append(response) if is_refresh(response) else None)
    page.evaluate(HIDE)
    page.clock.run_for(60_000)
    assert asked == []
    page.evaluate(SHOW)
    with page.expect_response(is_refresh):
        page.evaluate(SEEN)


def test_chosen_interval_is_remembered(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user())
    page.get_by_label("Refresh").select_option("60")
    page.reload()
    expect(page.get_by_label("Refresh")).to_have_value("60")


def test_filter_survives_refresh(open_page: OpenPage) -> None:
    make_campaign(name="Renewals")
    make_campaign(name="Surveys", status="PAUSED")
    page = open_page("/campaigns/", make_user(), clock=True)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Status in CXone").select_option("PAUSED")
    expect(page).to_have_url(re.compile("status=PAUSED"))
    SyncState.bump()
    assert wait_for_refresh(page).status == 200
    expect(page.get_by_role("rowheader")).to_have_count(1)


# --- When it can't be trusted ---


def test_view_is_saved_with_what_is_typed(open_page: OpenPage) -> None:
    make_campaign("c-1", name="Spring")
    page = open_page("/campaigns/?sort=name", make_user())
    page.get_by_label("Name or id").fill("spring")
    page.get_by_text("View", exact=True).click()
    page.get_by_label("Save this view as").fill("Mine")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_label("Name or id")).to_have_value("spring")
    assert SavedView.objects.get().query == "q=spring&sort=name"


@pytest.mark.provokes(*UNREACHABLE)
def test_failing_refresh_marks_page_old(open_page: OpenPage) -> None:
    make_campaign()
    page = open_page("/campaigns/", make_user(), clock=True)
    page.route("**/campaigns/rows/**", lambda route: route.abort())
    page.clock.run_for(6000)
    expect(page.locator("#live-trouble")).to_contain_text("Not refreshed since")
    expect(page.locator("body")).to_have_class("unrefreshed")
    page.unroute("**/campaigns/rows/**")
    wait_for_refresh(page)
    expect(page.locator("#live-trouble")).to_be_empty()


@pytest.mark.provokes(*answers(502))
def test_server_fault_marks_page_old(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user(), clock=True)
    page.route("**/campaigns/rows/**", lambda route: route.fulfill(status=502, body="bad gateway"))
    page.clock.run_for(6000)
    expect(page.locator("#live-trouble")).to_contain_text("Not refreshed since")


@pytest.mark.provokes(*SIGNED_OUT)
def test_ended_session_says_so(open_page: OpenPage) -> None:
    page = open_page("/campaigns/?status=PAUSED", make_user(), clock=True)
    page.context.clear_cookies()
    wait_for_refresh(page)
    expect(page.locator("#live-trouble")).to_contain_text("You are signed out")
    page.get_by_role("link", name="Sign in again").click()
    expect(page).to_have_url("/accounts/login/?next=%2Fcampaigns%2F%3Fstatus%3DPAUSED")


def test_refreshing_off_grows_old(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user(), clock=True)
    page.get_by_label("Refresh").select_option("0")
    page.clock.run_for(62_000)
    expect(page.locator("#live-trouble")).to_contain_text("Refreshing is off")


def test_old_green_is_not_green(open_page: OpenPage) -> None:
    make_campaign()
    page = open_page("/campaigns/", make_user(), clock=True)
    word = page.get_by_role("row").nth(1).locator(".state")
    before = "getComputedStyle(document.querySelector('tbody .state'), '::before').content"
    assert page.evaluate(before) == '""'
    SyncState.objects.update(last_good_at=NOW - timedelta(minutes=5))
    wait_for_refresh(page)
    expect(page.locator("#first-notice")).to_contain_text("The state of all campaigns has been unknown")
    expect(word).to_have_text("Dialing")
    assert page.evaluate(before) == '"was "'


# --- For everybody ---


@pytest.mark.parametrize("viewport", [None, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, viewport: dict[str, int] | None) -> None:
    fill_every_state()
    options = {"viewport": viewport} if viewport else {}
    page = open_page("/campaigns/", make_user("admin"), **options)
    check_accessible(page)


@pytest.mark.parametrize("width", [360, 767, 768, 959, 1280])
def test_page_never_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    fill_every_state()
    page = open_page("/campaigns/", make_user("admin"), viewport={"width": width, "height": 740})
    check_width(page, width)


def test_keyboard_reaches_filters_and_rows(open_page: OpenPage) -> None:
    make_campaign("abc-1")
    page = open_page("/campaigns/", make_user())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.closest('[id]')?.id"))
    assert {
        "tab-needs-you",
        "q",
        "filter-menu",
        "view-menu",
        "column-menu",
        "every",
        "sort-name",
        "row-abc-1",
    } <= reached


def test_touch_targets_are_large(open_page: OpenPage) -> None:
    fill_every_state()
    page = open_page("/campaigns/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    check_targets(page)


def test_page_works_without_script(open_page: OpenPage) -> None:
    make_campaign(name="Renewals")
    make_campaign(name="Surveys")
    page = open_page("/campaigns/", make_user(), java_script_enabled=False)
    page.get_by_label("Name or id").fill("renew")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_role("button", name="Show campaigns").click()
    expect(page.get_by_role("rowheader")).to_have_count(1)

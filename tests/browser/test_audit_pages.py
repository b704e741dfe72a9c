"""The audit's pages in a browser: found by keyboard, read in the reader's zone, whole on any screen."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.models import ReasonCode
from tests.audit.ledgers import ended
from tests.browser.checks import check_accessible, check_width
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_campaign, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW = {"width": 360, "height": 740}
WINDOWS = [{"day": day, "startTime": "09:00", "endTime": "17:00"} for day in ("MON", "TUE", "WED")]
WRONG = "/audit/?since=yesterday&zone=UTC&kind=nonsense"
PAGES = ["/audit/", WRONG, "/audit/?by=nobody", "/audit/1/", "/audit/2/", "/campaigns/c-1/"]


@pytest.fixture(autouse=True)
def records() -> None:
    """One that takes much room, and one that compares schedules."""
    named: dict[str, Any] = {"by": "anna", "campaign_id": "c-1", "campaign_name": "A name that goes on and on " * 5}
    before = {"timezone": "America/New_York", "dialingHours": WINDOWS, "pauseConditions": []}
    after = before | {"timezone": "America/Argentina/ComodRivadavia", "dialingHours": WINDOWS[:2]}
    with transaction.atomic():
        ledger.append(
            RecordKind.OPERATION_ASKED,
            status=Status.SUCCESS,
            action="pause",
            reason="and so does the reason " * 5,
            details={"before": "x" * 200, "more": {"and": [{"more": "y" * 100}]}},
            **named,
        )
        details = {"before": {"schedule": before}, "after": {"schedule": after}}
        ledger.append(RecordKind.OPERATION_ENDED, action="schedule", details=details | {"state": "CONFIRMED"}, **named)


def numbers(page: Page) -> list[str]:
    found: list[str] = page.locator("#rows tr[data-record]").evaluate_all(
        "rows => rows.map(row => row.dataset.record)"
    )
    return found


@pytest.mark.parametrize("path", PAGES)
def test_page_never_scrolls_sideways(open_page: OpenPage, path: str) -> None:
    make_campaign("c-1")
    page = open_page(path, make_user("admin"), viewport=NARROW)
    check_width(page, 360)


def test_times_stay_in_their_card(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), viewport=NARROW)
    cell = page.locator("td[data-label=Time]").first
    assert cell.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_paper_is_light_in_the_dark(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), color_scheme="dark")
    page.emulate_media(media="print")
    colors = page.locator("body").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    ink, ground = (sum(map(int, color[4:-1].split(","))) for color in colors)
    assert (ink < 150, ground > 700) == (True, True)


def test_outcome_is_never_broken(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), viewport={"width": 800, "height": 740})
    word = page.locator("td[data-label=Outcome] .word").first
    assert word.evaluate("e => e.getBoundingClientRect().height") < 30  # one line


@pytest.mark.parametrize("path", ["/audit/?by=anna", "/audit/2/"])
def test_touch_targets_are_large(open_page: OpenPage, path: str) -> None:
    page = open_page(path, make_user("reviewer"), viewport=NARROW, has_touch=True, is_mobile=True)
    heights = page.locator("main :is(a, summary, button):visible").evaluate_all(
        "f => f.map(e => Math.round(e.getBoundingClientRect().height))"
    )
    assert min(heights) >= 44


@pytest.mark.parametrize("path", ["/audit/?by=anna&kind=operation.asked", WRONG, "/audit/1/", "/audit/2/"])
def test_axe_finds_nothing(open_page: OpenPage, path: str) -> None:
    page = open_page(path, make_user("reviewer"))
    for summary in page.locator("main summary:visible").all():
        summary.click()
    check_accessible(page)


def test_filter_goes_there_and_back(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"))
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Kind of record").select_option("Operation requested")
    page.wait_for_url("**/audit/?kind=operation.asked")
    assert numbers(page) == ["1"]
    page.go_back()
    assert numbers(page) == ["3", "2", "1"]
    page.go_forward()
    page.get_by_role("link", name="Remove: Kind of record Operation requested").click()
    page.wait_for_url("**/audit/")


def test_keyboard_alone_narrows_the_list(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"))
    page.get_by_label("Campaign", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("anna")
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit/?by=anna")
    assert numbers(page) == ["2", "1"]


def test_filter_folds_on_narrow_screens(open_page: OpenPage) -> None:
    page = open_page("/audit/?by=anna", make_user("reviewer"), viewport=NARROW)
    expect(page.get_by_label("Person", exact=True)).not_to_be_visible()
    page.get_by_text("Filter (1 set)").click()
    expect(page.get_by_label("Person", exact=True)).to_have_value("anna")


def test_wrong_filter_is_unfolded(open_page: OpenPage) -> None:
    page = open_page(WRONG, make_user("reviewer"), viewport=NARROW)
    expect(page.get_by_label("From")).to_have_value("yesterday")
    expect(page.get_by_role("search").get_by_text("“yesterday” isn’t a date.")).to_be_visible()


def test_times_follow_the_readers_zone(open_page: OpenPage) -> None:
    page = open_page("/audit/1/", make_user("reviewer"), timezone_id="Asia/Kathmandu")
    expect(page.locator(".page-head time")).to_contain_text("UTC")
    page.reload()
    time = page.locator(".page-head time")
    expect(time).to_contain_text("UTC+5:45")
    assert str(time.get_attribute("title")).endswith("UTC")


def test_pages_work_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), java_script_enabled=False)
    page.get_by_label("Person", exact=True).fill("anna")
    page.get_by_text("Any time").first.click()
    page.get_by_label("Time zone").fill("America/New_York")
    page.get_by_role("button", name="Filter").click()
    assert numbers(page) == ["2", "1"]
    expect(page.get_by_text("Times in America/New_York.")).to_be_visible()
    page.locator("[data-record='2'] .row-link").click()
    page.get_by_text("3 unchanged").click()
    expect(page.get_by_role("row", name="dialing windows Monday unchanged")).to_be_visible()


def test_stored_bytes_are_downloaded(open_page: OpenPage) -> None:
    page = open_page("/audit/1/", make_user("reviewer"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "record-1.json"


# --- Who paused it last week? ---


QUESTION = "Home Equity Cross-Sell Ohio"


@pytest.fixture
def last_week() -> None:
    """Anna paused one campaign in the middle of last week, and others were paused around it."""
    monday = timezone.now() - timedelta(days=timezone.now().weekday() + 7)
    for by, name, days in (
        ("bob", QUESTION, -4),
        ("anna", QUESTION, 2),
        ("bob", "Home Equity Cross-Sell Iowa", 2),
        ("eve", QUESTION, 7),
    ):
        operation, at = uuid.uuid4(), monday + timedelta(days=days)
        named: dict[str, Any] = {
            "campaign_id": name,
            "campaign_name": name,
            "operation": operation,
            "reason": "WFM_OVERRIDE",
        }
        with transaction.atomic():
            ledger.append(RecordKind.OPERATION_ASKED, by=by, action="pause", at=at, **named)
        ended(at=at + timedelta(seconds=3), by=by, confirmation_ms=3400, **named)


def test_who_paused_it_last_week_takes_three_actions(open_tab: OpenTab, last_week: None) -> None:
    tab = open_tab("/campaigns/", make_user("reviewer", "rosa"))
    tab.click("nav a[href='/audit/']")
    wait_until(tab, "document.readyState === 'complete' && document.querySelector('#id_campaign')")
    tab.type("#id_campaign", QUESTION)
    tab.press("Enter")
    wait_until(tab, "location.search.includes('campaign=')")
    tab.click(".range-picker summary")
    tab.click(".range-picker a[href*='range=last-week']")
    wait_until(tab, "location.search.includes('range=last-week')")
    assert tab.read("[...document.querySelectorAll('#rows tbody tr')].length") == 1
    cells = "[...document.querySelectorAll('#rows tbody td')].map(e => e.innerText.trim())"
    _, who, did, campaign, why, outcome = tab.read(cells)
    assert (who, campaign) == ("anna", QUESTION)
    assert did.startswith("Paused")
    assert why == ReasonCode.objects.get(pk="WFM_OVERRIDE").label
    assert " ".join(outcome.split()) == "Confirmed in 3.4 s"


@pytest.mark.parametrize("path", ["/audit/", "/audit/export/", "/audit/charts/"])
def test_name_that_was_typed_goes_with_a_range(open_page: OpenPage, last_week: None, path: str) -> None:
    page = open_page(path, make_user("reviewer"))
    page.locator("#id_campaign").fill(QUESTION)
    page.locator(".range-picker summary").click()
    page.locator(".range-picker").get_by_role("link", name="Last week").click()
    page.wait_for_url("**range=last-week**")
    expect(page.locator("#id_campaign")).to_have_value(QUESTION)


def test_name_that_was_emptied_does_not_come_back_with_a_view(open_page: OpenPage, last_week: None) -> None:
    page = open_page("/audit/?by=anna", make_user("reviewer"))
    page.locator("#id_by").fill("")
    page.get_by_role("link", name="All single records").click()
    page.wait_for_url("**view=**")
    expect(page.locator("#id_by")).to_have_value("")


def test_arrows_move_through_rows_and_the_panel_follows(open_tab: OpenTab) -> None:
    tab = open_tab("/audit/?by=anna&view=records", make_user("reviewer", "rosa"))
    tab.read("document.querySelector('#rows .row-link').focus()")
    tab.press("Enter")
    wait_until(tab, "!document.getElementById('record-panel').hidden && location.search.includes('record=2')")
    tab.press("ArrowDown")
    wait_until(
        tab,
        "document.getElementById('record-panel').innerText.includes('Record 1.')"
        " && location.search.includes('record=1')",
    )
    assert tab.read("document.activeElement.closest('tr').dataset.record") == "1"
    tab.press("Escape")
    wait_until(tab, "document.getElementById('record-panel').hidden && !location.search.includes('record=')")
    assert tab.read("document.activeElement.closest('tr').dataset.record") == "1"


def test_click_on_a_row_opens_the_panel(open_page: OpenPage) -> None:
    page = open_page("/audit/?by=anna&view=records", make_user("reviewer"))
    page.locator("[data-record='1'] td[data-label=Who]").click()
    expect(page.locator("#record-panel")).to_contain_text("Record 1.")
    page.reload()
    expect(page.locator("#record-panel")).to_contain_text("Record 1.")
    page.locator("#record-panel .close").click()
    expect(page.locator("#record-panel")).to_be_hidden()


def test_row_leads_to_its_page_on_narrow_screens(open_page: OpenPage) -> None:
    page = open_page("/audit/?by=anna&view=records", make_user("reviewer"), viewport=NARROW)
    page.locator("[data-record='1'] .row-link").click()
    page.wait_for_url("**/audit/1/")


def test_names_are_suggested_while_typing(open_page: OpenPage, last_week: None) -> None:
    page = open_page("/audit/", make_user("reviewer"))
    page.locator("#id_campaign").press_sequentially("iow cross-sell")
    expect(page.locator("#known-campaigns option")).to_have_count(1)
    assert page.locator("#known-campaigns option").get_attribute("value") == "Home Equity Cross-Sell Iowa"


def test_wrong_filter_takes_the_focus(open_page: OpenPage) -> None:
    page = open_page(WRONG, make_user("reviewer"))
    expect(page.get_by_role("alert")).to_be_focused()

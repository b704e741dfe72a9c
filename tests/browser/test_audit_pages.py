"""The audit's pages in a browser: found by keyboard, read in the reader's zone, whole on any screen."""

from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from audit import ledger
from audit.kinds import RecordKind, Status
from tests.browser.checks import check_accessible, check_width
from tests.browser.conftest import OpenPage
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
    return page.locator("td[data-label=Record]").all_inner_texts()


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/audit/?by=anna&kind=operation.asked", WRONG, "/audit/1/", "/audit/2/"])
def test_axe_finds_nothing(open_page: OpenPage, path: str, scheme: str) -> None:
    page = open_page(path, make_user("reviewer"), color_scheme=scheme)
    for summary in page.locator("main summary:visible").all():
        summary.click()
    check_accessible(page)


def test_filter_goes_there_and_back(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"))
    page.get_by_label("Kind").select_option("Operation requested")
    page.get_by_role("button", name="Show records").click()
    page.wait_for_url("**/audit/?kind=operation.asked")
    assert numbers(page) == ["1"]
    page.go_back()
    assert numbers(page) == ["3", "2", "1"]
    page.go_forward()
    page.get_by_role("link", name="Remove: Kind Operation requested").click()
    page.wait_for_url("**/audit/")


def test_keyboard_alone_narrows_the_list(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"))
    page.get_by_label("Since").focus()
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.type("anna")
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit/?by=anna")
    assert numbers(page) == ["2", "1"]


def test_filter_folds_on_narrow_screens(open_page: OpenPage) -> None:
    page = open_page("/audit/?by=anna", make_user("reviewer"), viewport=NARROW)
    expect(page.get_by_label("Person")).not_to_be_visible()
    page.get_by_text("Filter (1 set)").click()
    expect(page.get_by_label("Person")).to_have_value("anna")


def test_wrong_filter_is_unfolded(open_page: OpenPage) -> None:
    page = open_page(WRONG, make_user("reviewer"), viewport=NARROW)
    expect(page.get_by_label("Since")).to_have_value("yesterday")
    expect(page.get_by_role("search").get_by_text("“yesterday” is no date.")).to_be_visible()


def test_times_follow_the_readers_zone(open_page: OpenPage) -> None:
    page = open_page("/audit/1/", make_user("reviewer"), timezone_id="Asia/Kathmandu")
    expect(page.locator("main time").first).to_contain_text("UTC")
    page.reload()
    time = page.locator("main time").first
    expect(time).to_contain_text("UTC+5:45")
    assert str(time.get_attribute("title")).endswith("UTC")


def test_pages_work_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), java_script_enabled=False)
    page.get_by_label("Time zone").fill("America/New_York")
    page.get_by_label("Person").fill("anna")
    page.get_by_role("button", name="Show records").click()
    assert numbers(page) == ["2", "1"]
    expect(page.get_by_text("Times in America/New_York.")).to_be_visible()
    page.get_by_role("link", name="2", exact=True).click()
    page.get_by_text("3 unchanged").click()
    expect(page.get_by_role("row", name="dialing windows Monday unchanged")).to_be_visible()


def test_stored_bytes_are_downloaded(open_page: OpenPage) -> None:
    page = open_page("/audit/1/", make_user("reviewer"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "record-1.json"

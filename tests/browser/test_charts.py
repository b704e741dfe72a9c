"""The charts in a browser: a cursor for keys, mouse and fingers; any width, in the dark, on paper, without scripts."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.audit.ledgers import drained, ended
from tests.browser.checks import check_accessible, check_targets, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WEEK = "/audit/charts/?tab=reliability&range=7d"
NARROW = {"width": 360, "height": 740}
CHARTS = ["success", "outcomes", "latency", "confirmation", "drained"]


@pytest.fixture(autouse=True)
def operations() -> None:
    """Some on each of the last five days, a day of nothing before them."""
    for days in range(5, 0, -1):
        at = timezone.now() - timedelta(days=days)
        for number, state in enumerate(["CONFIRMED", "CONFIRMED", "FAILED", "UNCONFIRMED", "SKIPPED"]):
            ended(state, at=at, latency_ms=200 + 300 * number, confirmation_ms=1500 * days)
        drained(at=at, calls_at_start=40, calls_at_end=days % 2)


def cursor(page: Page, chart: str) -> Locator:
    return page.locator(f"#{chart} input[type=range]")


def row(page: Page, chart: str, place: int) -> list[str]:
    """A row of the chart's table: `place` counts from 0, or back from -1."""
    cells: list[str] = page.locator(f"#{chart} tbody tr").nth(place).locator("th, td").all_text_contents()
    return cells


def told(page: Page, chart: str) -> list[str]:
    """What the cursor tells: the period, then its values."""
    tip = page.locator(f"#{chart} .tip")
    expect(tip).to_be_visible()
    return [tip.locator("strong").inner_text(), *tip.locator("dd").all_inner_texts()]


@pytest.mark.parametrize("chart", CHARTS)
def test_arrow_keys_tell_of_each_period(open_page: OpenPage, chart: str) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    cursor(page, chart).focus()
    assert told(page, chart) == row(page, chart, -1)
    for key, place in (("ArrowLeft", -2), ("Home", 0), ("ArrowRight", 1), ("End", -1)):
        page.keyboard.press(key)
        assert told(page, chart) == row(page, chart, place)


def test_keys_are_reached_by_tab(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    page.get_by_role("link", name="Open all tables").focus()
    page.keyboard.press("Tab")
    expect(cursor(page, "success")).to_be_focused()


def test_screen_readers_hear_the_values(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    slider = page.get_by_role("slider", name="Success rate by day: period")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    day = row(page, "success", -2)[0]
    expect(slider).to_have_attribute("aria-valuetext", f"{day}: Success rate, % 50.0; Confirmed 2; Of 4")


def test_cursor_stands_in_every_chart(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    cursor(page, "latency").focus()
    expect(page.locator(".cursor[visibility=visible]")).to_have_count(page.locator(".plot").count())
    expect(page.locator(".tip:visible")).to_have_count(1)


def test_escape_hides_the_cursor(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    cursor(page, "outcomes").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".tip:visible")).to_have_count(0)
    expect(page.locator(".cursor[visibility=visible]")).to_have_count(0)


def test_mouse_tells_of_what_is_under_it(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    reach = page.locator("#outcomes .reach")
    width = reach.evaluate("e => e.clientWidth")
    reach.hover(position={"x": width * 4.5 / 7, "y": 40})
    assert told(page, "outcomes") == row(page, "outcomes", 4)
    page.mouse.move(0, 0)
    expect(page.locator(".tip:visible")).to_have_count(0)


@pytest.mark.parametrize("by", ["key", "mouse"])
def test_period_leads_to_its_records(open_page: OpenPage, by: str) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    reach = page.locator("#outcomes .reach")
    if by == "key":
        cursor(page, "outcomes").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
    else:
        reach.click(position={"x": reach.evaluate("e => e.clientWidth") * 5.5 / 7, "y": 40})
    page.wait_for_url("**/audit/?since=*")
    expect(page.locator("#rows tbody tr")).to_have_count(5)


def test_links_between_bands_are_no_periods(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"))
    page.locator("#drained").get_by_role("link", name="From 0 %").click()
    expect(page.locator("#drained").get_by_text("not from 0.")).to_have_count(0)


def test_tap_offers_the_records(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"), viewport=NARROW, has_touch=True, is_mobile=True)
    page.locator("#success .reach").tap(position={"x": 150, "y": 40})
    page.locator("#success .tip a").tap()
    page.wait_for_url("**/audit/?since=*")


def test_tip_never_leaves_its_chart(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"), viewport=NARROW)
    for chart in CHARTS:
        for key in ("Home", "End"):
            cursor(page, chart).focus()
            page.keyboard.press(key)
            tip, bands = page.locator(f"#{chart} .tip").bounding_box(), page.locator(f"#{chart} .bands").bounding_box()
            assert tip
            assert bands
            assert bands["x"] <= tip["x"] <= tip["x"] + tip["width"] <= bands["x"] + bands["width"] + 1


def test_nothing_but_the_cursor_needs_scripts(open_page: OpenPage) -> None:
    page = open_page(WEEK, make_user("reviewer"), java_script_enabled=False)
    expect(page.locator(".plot path.line.p95")).to_have_count(3)
    page.locator("#latency summary").click()
    expect(page.locator("#latency table")).to_be_visible()
    page.get_by_label("Period").select_option("Hour")
    page.get_by_role("button", name="Show charts").click()
    expect(page.locator("#success tbody tr")).to_have_count(7 * 24)


@pytest.mark.parametrize("query", ["?range=7d&tables=open", "?tab=reliability&tables=open", "?since=yesterday"])
def test_axe_finds_nothing(open_page: OpenPage, query: str) -> None:
    page = open_page(f"/audit/charts/{query}", make_user("reviewer"))
    check_accessible(page)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_page_never_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    page = open_page(WEEK, make_user("reviewer"), viewport={"width": width, "height": 740})
    for query in (
        "?range=7d&tables=open",
        "?tab=reliability&grain=hour&range=7d",
        "?range=12m&grain=day",
        "?since=yesterday",
    ):
        page.goto(f"/audit/charts/{query}")
        check_width(page, width)


def test_labels_stand_apart_on_narrow_screens(open_page: OpenPage) -> None:
    page = open_page("/audit/charts/?last=12m&grain=day", make_user("reviewer"), viewport=NARROW)
    edges = page.locator("#reasons .x-axis .mark > text:not(.below):visible").evaluate_all(
        "found => found.map(e => [e.getBoundingClientRect().left, e.getBoundingClientRect().right])"
    )
    assert len(edges) >= 4
    assert all(before[1] + 4 <= after[0] for before, after in pairwise(edges))


def test_targets_are_large_enough_for_fingers(open_page: OpenPage) -> None:
    page = open_page(f"{WEEK}&tables=open", make_user("reviewer"), viewport=NARROW, has_touch=True, is_mobile=True)
    check_targets(page, "main :is(a, button, select, summary):visible")


def test_paper_shows_figures_without_controls(open_page: OpenPage) -> None:
    page = open_page(f"{WEEK}&campaign=c-1", make_user("reviewer"), color_scheme="dark")
    page.locator("#latency summary").click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show charts")).to_be_hidden()
    expect(page.get_by_text("all operations of Spring").first).to_be_visible()
    expect(page.locator(".printed")).to_contain_text(f"Printed on {timezone.now():%-d %b %Y}")
    expect(page.locator("#latency table")).to_be_visible()
    expect(page.locator("#success table")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('#success .line')).stroke") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"

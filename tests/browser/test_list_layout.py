"""How much of the list a screen holds, what counts by itself, and what stays where it is."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Preferences, Star, SyncState
from campaigns.states import State
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
VISIBLE = """() => [...document.querySelectorAll("#campaign-rows tr")].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
}).length"""
HEIGHTS = (
    """() => [...document.querySelectorAll("#campaign-rows tr")].map((row) => row.getBoundingClientRect().height)"""
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)


@pytest.fixture
def floor() -> None:
    """Busy campaigns with long names, some over their limit."""
    for number in range(40):
        make_campaign(f"c-{number}", name=f"Hotel Rewards Late-Stage Collections {number}", active_calls=20 + number)
    make_operation(make_campaign("paused", status="PAUSED", active_calls=60), state=State.REJECTED)


def test_desk_shows_twenty_two_rows(open_page: OpenPage, floor: None) -> None:
    page = open_page("/campaigns/", make_user(), viewport={"width": 1440, "height": 900})
    assert page.evaluate(VISIBLE) >= 22


# 720 by 450 is what 200 % zoom leaves of 1440 by 900.
@pytest.mark.parametrize(("width", "height"), [(720, 450), (360, 740)])
def test_first_row_needs_no_scrolling(open_page: OpenPage, floor: None, width: int, height: int) -> None:
    page = open_page("/campaigns/", make_user(), viewport={"width": width, "height": height})
    assert page.evaluate(VISIBLE) >= 1


def test_card_is_low(open_page: OpenPage, floor: None) -> None:
    page = open_page("/campaigns/", make_user(), **PHONE)
    assert page.evaluate(VISIBLE) >= 1
    assert max(page.evaluate(HEIGHTS)) <= 96


def test_times_count_without_a_refresh(open_page: OpenPage) -> None:
    make_operation(make_campaign(), state=State.CONFIRMED, requested_at=NOW - timedelta(minutes=3))
    page = open_page("/campaigns/", make_user(), clock=True)
    hours, last = page.locator("tbody .hours"), page.locator("tbody .last")
    expect(hours).to_have_text("closes in 7 h")
    expect(last).to_contain_text(re.compile("by supervisor, [23] min ago"))
    page.clock.run_for(61_000)
    expect(hours).to_have_text("closes in 6 h 59 min")
    expect(last).to_contain_text(re.compile("[34] min ago"))


def test_selection_moves_nothing(open_page: OpenPage, floor: None) -> None:
    page = open_page("/campaigns/", make_user(), viewport={"width": 1440, "height": 900})
    row = page.locator("#row-c-39")
    before = row.bounding_box()
    row.get_by_role("checkbox").check()
    expect(page.get_by_role("button", name="Pause 1 selected")).to_be_visible()
    assert row.bounding_box() == before
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_label("Name or id")).to_be_focused()
    assert row.bounding_box() == before


def test_star_needs_no_new_page(open_page: OpenPage) -> None:
    make_campaign("c-1", name="Spring")
    page = open_page("/campaigns/", make_user())
    page.evaluate("window.stayed = true")
    star = page.get_by_role("button", name="Star Spring")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.stayed")
    assert Star.objects.get().campaign_id == "c-1"


def test_columns_are_arranged(open_page: OpenPage) -> None:
    make_campaign(tags={"client": "Northwind"})
    page = open_page("/campaigns/", make_user())
    page.get_by_text("Columns", exact=True).first.click()
    page.get_by_role("checkbox", name="Client").check()
    page.get_by_role("checkbox", name="Signals").uncheck()
    page.get_by_role("button", name="Move Dialing window one place to the left").click()
    page.get_by_role("button", name="Apply", exact=True).first.click()
    expect(page.get_by_role("cell", name="Northwind")).to_be_visible()
    assert Preferences.objects.get().columns == ["hours", "calls", "last", "client"]


def way_back(page: Page) -> str:
    return (
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns").get_attribute("href") or ""
    )


def test_list_is_found_again_as_it_was_left(open_page: OpenPage) -> None:
    campaign = make_campaign(timezone="America/Anchorage", name="Alaska")
    operation = make_operation(campaign, state=State.CONFIRMED)
    page = open_page("/campaigns/?zone=America/Anchorage", make_user())
    page.goto(f"/operations/{operation.pk}/")
    assert way_back(page) == "/campaigns/?zone=America/Anchorage"
    page.get_by_role("link", name="Back to the 1 in Anchorage").click()
    expect(page).to_have_url(re.compile("zone=America/Anchorage$"))


def test_way_back_to_a_list_where_nothing_matched_counts_nothing(open_page: OpenPage) -> None:
    operation = make_operation(make_campaign(), state=State.CONFIRMED)
    page = open_page("/campaigns/?q=Nowhere", make_user())
    page.goto(f"/operations/{operation.pk}/")
    page.get_by_role("link", name="Back to the filtered list").click()
    expect(page).to_have_url(re.compile("q=Nowhere$"))


def test_filter_is_taken_off_by_its_cross(open_page: OpenPage) -> None:
    make_campaign(name="Spring")
    make_campaign(name="Autumn", status="PAUSED")
    page = open_page("/campaigns/?q=Spring&state=dialing", make_user())
    page.get_by_role("link", name="“Spring”").click()
    expect(page).to_have_url(re.compile(r"/campaigns/\?state=dialing$"))


def test_only_the_current_tab_is_underlined_in_forced_colours(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user(), forced_colors="active")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    current, other = page.locator(".strip [aria-current]"), page.locator(".strip a:not([aria-current])").first
    expect(other).to_have_css("border-bottom-color", background)
    expect(current).not_to_have_css("border-bottom-color", background)


def test_long_name_leaves_its_zone_in_sight(open_page: OpenPage) -> None:
    make_campaign("c-1", name="A name that is longer than any column of this list " * 2, timezone="Asia/Kathmandu")
    page = open_page("/campaigns/", make_user(), viewport={"width": 1440, "height": 900})
    cell, zone = page.locator("#row-c-1 th").bounding_box(), page.locator("#row-c-1 th i").bounding_box()
    assert cell
    assert zone
    assert zone["x"] + zone["width"] <= cell["x"] + cell["width"]


@pytest.mark.parametrize("width", [360, 768, 820, 961, 1024])
def test_name_has_room_on_every_screen(open_page: OpenPage, floor: None, width: int) -> None:
    page = open_page("/campaigns/", make_user(), viewport={"width": width, "height": 800})
    room = page.locator("#row-c-39 th").bounding_box()
    assert room
    assert room["width"] >= 120

"""The timeline in a browser: its cursor by keyboard and pointer, and how it fits."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, Operation, SyncState
from campaigns.observation.calls import keep_sample
from tests.browser.checks import NARROW, WIDE, check_accessible, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL = "/timeline/?range=hour&in=America/New_York"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's minute doesn't turn while a test runs."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)


@pytest.fixture
def campaign() -> Campaign:
    make_campaign("c-2", name="Winter offer")
    made = make_campaign("c-1", name="Spring offer", active_calls=7)
    for minutes in range(70, -1, -1):
        keep_sample({"c-1": 7}, NOW - minutes * MINUTE)
    return made


@pytest.fixture
def operation(campaign: Campaign) -> Operation:
    return make_operation(campaign, state="CONFIRMED", requested_at=NOW - 30 * MINUTE, by="ann")


def cursor(page: Page) -> "re.Pattern[str]":
    page.get_by_label("Moment on the timeline").focus()
    return re.compile("Spring offer: dialing, 7 calls")


def test_keys_read_out_and_enter_opens_the_operation(open_page: OpenPage, operation: Operation) -> None:
    page = open_page(URL, make_user())
    words = cursor(page)
    slider = page.get_by_label("Moment on the timeline")
    expect(slider).to_have_attribute("aria-valuetext", words)
    page.keyboard.press("Home")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Paused by ann"))
    expect(page.locator(".replay-says")).to_contain_text("Mon 09:30")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/operations/{operation.pk}/"))


def test_arrow_down_goes_to_the_next_campaign(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page(URL, make_user())
    cursor(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".replay-says")).to_contain_text("Winter offer: dialing, 0 calls")
    expect(page.locator(".lane-row.is-chosen")).to_contain_text("Winter offer")


def test_pointer_reads_out(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page(URL, make_user())
    page.locator(".lanes").first.hover()
    expect(page.locator(".replay-says")).to_contain_text("Spring offer: dialing, 7 calls")


def test_without_scripts_picture_and_table_are_there(open_page: OpenPage, operation: Operation) -> None:
    page = open_page(URL, make_user(), java_script_enabled=False)
    expect(page.locator(".lanes").first).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("cell", name="Paused by ann").first).to_be_visible()


def test_accessible(open_page: OpenPage, operation: Operation) -> None:
    check_accessible(open_page(URL, make_user()))


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_fits(open_page: OpenPage, operation: Operation, size: dict[str, int]) -> None:
    page = open_page(URL, make_user(), viewport=size)
    check_width(page, size["width"])
    page.get_by_text("The same as a table").click()
    check_width(page, size["width"])

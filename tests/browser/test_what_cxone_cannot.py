"""Pages that say what CXone can't do, in a browser: accessible, narrow, and editable."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, SyncState
from campaigns.states import State, WaitingFor
from tests.browser.checks import NARROW, WIDE, check_accessible, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)  # Monday, 10:00 in New York
CAN = ("defers", "events", "versioned", "reasons", "several_windows", "chooses_zone", "pause_conditions")
CAN_DO = (
    *CAN,
    "pauses_at_once",
    "limits_pauses",
    "holds_pauses",
    "counts_at_once",
    "lists_schedules",
    "reads_at_once",
)


@pytest.fixture(autouse=True)
def can_do_little(monkeypatch: pytest.MonkeyPatch, cxone_cannot: Callable[..., None]) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)
    cxone_cannot(*CAN_DO)
    make_campaign("c-1", name="Spring offer", active_calls=7)


def check(page: Page) -> None:
    page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    check_accessible(page)
    page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    check_width(page, NARROW["width"])


@pytest.mark.parametrize("address", ["/campaigns/c-1/pause/", "/campaigns/c-1/schedule/", "/campaigns/c-1/"])
def test_pages_are_accessible(open_page: OpenPage, address: str) -> None:
    check(open_page(address, make_user()))


def test_pause_that_lets_calls_end_is_accessible(open_page: OpenPage) -> None:
    person = make_user()
    pause = make_operation(
        Campaign.objects.get(pk="c-1"),
        by=person.username, state=State.ACCEPTED, waiting_for=WaitingFor.CALLS_TO_END, accepted_at=NOW, sent_at=NOW,
    )  # fmt: skip
    page = open_page(f"/operations/{pause.pk}/", person)
    expect(page.locator("#operation .chip").first).to_have_text("CXone lets 7 calls end first")
    check(page)


def test_day_takes_one_window(open_page: OpenPage) -> None:
    page = open_page("/campaigns/c-1/schedule/", make_user())
    expect(page.locator("#add-MON")).to_be_hidden()
    page.locator("#add-SUN").click()
    expect(page.locator("#add-SUN")).to_be_hidden()
    page.get_by_label("Sunday start").fill("12")
    page.get_by_label("Sunday end").fill("24:00")
    expect(page.locator("#findings-SUN")).to_contain_text("CXone takes no 24:00")
    page.get_by_label("Sunday end").fill("18:00")
    expect(page.locator("#findings-SUN")).not_to_contain_text("CXone takes no 24:00")
    page.locator("[data-day=SUN] .remove").click()
    expect(page.locator("#add-SUN")).to_be_visible()


@pytest.mark.parametrize("address", ["/campaigns/c-1/", "/campaigns/c-1/resume/"])
def test_stop_can_be_taken_back_wherever_it_is_shown(open_page: OpenPage, address: str) -> None:
    person = make_user()
    make_operation(
        Campaign.objects.get(pk="c-1"),
        by=person.username, state=State.ACCEPTED, waiting_for=WaitingFor.CALLS_TO_END, accepted_at=NOW, sent_at=NOW,
    )  # fmt: skip
    page = open_page(address, person)
    expect(
        page.get_by_role("main").get_by_role("button", name=re.compile("Undo: resume it|Resume campaign")).first
    ).to_be_visible()
    check(page)

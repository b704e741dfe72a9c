"""A form that was refused: the focus goes to what is wrong with it, and from there to the field."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Operation, SyncState
from campaigns.states import State
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_calendar, make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)


def check_summary(page: Page) -> None:
    """It has the focus, is announced, and each of its links leads the focus to a field."""
    summary = page.locator(":focus")
    expect(summary).to_have_attribute("role", "alert")
    addresses = summary.locator("a[href^='#']").evaluate_all("links => links.map((link) => link.hash)")
    assert addresses
    for address in addresses:
        page.click(f"[role=alert] a[href='{address}']")
        assert page.evaluate("'#' + document.activeElement.id") == address


@pytest.mark.parametrize(
    ("path", "fields", "button"),
    [
        ("/campaigns/c-1/pause/", {}, "Pause campaign"),
        ("/campaigns/c-1/resume/", {"#id_note": "x" * 501}, "Resume campaign"),
        ("/campaigns/c-1/schedule/", {"#window-1-end": "soon", "#id_timezone": "Mars"}, "Save hours"),
        ("/policy/thresholds/", {"#id_max_active_calls": "many"}, "Save"),
        ("/policy/reasons/new/", {"#id_code": "x y"}, "Add reason"),
        ("/policy/hours/new/", {}, "Add rule"),
        ("/campaigns/c-1/policy/", {"#id_max_active_calls": "many"}, "Save"),
        ("/holidays/new/", {}, "Create calendar"),
        ("/holidays/1/add/", {}, "Add"),
        ("/audit/export/", {"#evidence-first": "0"}, "Create evidence file"),
        ("/audit/", {"#id_since": "never"}, "Filter"),
    ],
)
@pytest.mark.provokes(*REFUSED)
def test_focus_goes_to_the_summary_and_on_to_the_field(
    open_page: OpenPage, path: str, fields: dict[str, str], button: str
) -> None:
    make_campaign("c-1", name="Spring offer")
    page = open_page(path.replace("/1/", f"/{make_calendar().pk}/"), make_user("admin"))
    page.evaluate("document.querySelectorAll('#main details').forEach((each) => { each.open = true; })")
    for field, text in fields.items():
        page.locator(field).evaluate("(field) => field.removeAttribute('maxlength')")
        page.fill(field, text)
    page.locator("#main").get_by_role("button", name=button).last.click()
    check_summary(page)


def test_refused_action_is_read_out(open_page: OpenPage) -> None:
    operation = make_operation(make_campaign("c-1"))
    page = open_page(f"/operations/{operation.pk}/", make_user())
    page.evaluate("document.querySelector('[data-live]').removeAttribute('data-live')")  # as if between two refreshes
    Operation.objects.update(state=State.CONFIRMED)
    page.get_by_role("button", name="Cancel this pause").click()
    expect(page.locator(":focus")).to_have_class("notice tone-warning")


@pytest.mark.provokes(*REFUSED)
def test_focus_goes_to_the_summary(open_tab: OpenTab) -> None:
    make_campaign("c-1", name="Spring offer")
    tab = open_tab("/campaigns/c-1/pause/", make_user())
    tab.click("#main form .primary")
    wait_until(tab, "document.activeElement.getAttribute('role') === 'alert'")

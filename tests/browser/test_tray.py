"""An operation ends while its person is elsewhere: a toast and the title say so within two seconds, in one tab."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Operation, Preferences, SyncState
from campaigns.states import State
from tests.browser.checks import check_accessible
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)


@pytest.fixture
def elsewhere(open_page: OpenPage) -> Page:
    """Ann's pause is on its way, and she looks at her settings; the test moves their clock."""
    user = make_user(username="ann")
    make_operation(make_campaign(name="Spring offer"), by="ann", state=State.RUNNING, requested_at=NOW)
    return open_page("/account/", user, clock=True)


def reject() -> None:
    Operation.objects.update(state=State.REJECTED, ended_at=NOW, calls_before=80, calls_limit=50)


def reject_and_wait(page: Page) -> None:
    """As long as the tray may leave it unsaid: it asks every two seconds, a quarter of a second late at most."""
    reject()
    page.clock.run_for(2250)


def test_rejection_is_known_without_looking(elsewhere: Page) -> None:
    expect(elsewhere.locator("#tray > summary")).to_contain_text("1 in progress")
    reject_and_wait(elsewhere)
    toast = elsewhere.locator("#toasts .toast")
    expect(toast).to_contain_text("Rejected. 80 calls were in progress, more than the limit of 50.")
    expect(elsewhere).to_have_title("(1) Rejected · Your settings · Campaign control")
    check_accessible(elsewhere)
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)
    expect(elsewhere).to_have_title("Your settings · Campaign control")


def test_two_tabs_say_it_once(elsewhere: Page) -> None:
    other = elsewhere.context.new_page()
    other.goto("/account/")
    reject_and_wait(elsewhere)
    for each in (elsewhere, other):
        expect(each.locator("#tray > summary")).to_contain_text("1 ended badly")
    assert elsewhere.locator(".toast").count() + other.locator(".toast").count() == 1


@pytest.mark.parametrize(("state", "toasts"), [(State.CONFIRMED, 0), (State.REJECTED, 1)])
def test_of_what_ended_before_a_first_look_only_trouble_is_said(
    open_page: OpenPage, state: State, toasts: int
) -> None:
    user = make_user(username="ann")
    make_operation(make_campaign(), by="ann", state=state, requested_at=NOW, ended_at=NOW)
    page = open_page("/account/", user)
    expect(page.locator("#tray > summary .chip")).to_have_text(re.compile("1"))
    expect(page.locator("#toasts .toast")).to_have_count(toasts)


def test_opening_the_tray_marks_it_seen(elsewhere: Page) -> None:
    reject_and_wait(elsewhere)
    expect(elsewhere.locator("#toasts .toast")).to_be_visible()
    elsewhere.locator("#tray > summary").click()
    expect(elsewhere.locator("#tray > summary")).not_to_contain_text("ended badly")
    assert Preferences.objects.get().seen_operations_at == NOW
    elsewhere.keyboard.press("Escape")
    expect(elsewhere.locator("#tray .menu-panel")).to_be_hidden()


def test_waiting_operation_is_cancelled_from_the_tray(elsewhere: Page) -> None:
    elsewhere.locator("#tray > summary").click()
    elsewhere.get_by_role("button", name="Cancel this pause, Pause of Spring offer").click()
    said = "The pause was cancelled by ann before anything was sent."
    expect(elsewhere.locator(".happened")).to_have_text(said)


def test_title_says_it_and_escape_closes_the_tray(open_tab: OpenTab) -> None:
    make_operation(make_campaign(name="Spring offer"), by="ann", state=State.RUNNING, requested_at=NOW)
    tab = open_tab("/account/", make_user(username="ann"))
    reject()
    wait_until(tab, "document.title.startsWith('(1) Rejected · ')")
    tab.click("#tray > summary")
    wait_until(tab, "document.title.startsWith('Your settings')")
    tab.press("Escape")
    wait_until(tab, "!document.getElementById('tray').open && document.activeElement.matches('#tray > summary')")

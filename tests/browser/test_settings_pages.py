"""The pages of settings in a browser, and the note that a reason may need: with script, without, by everybody."""

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, DeliveryState, Operation, ReasonCode
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_delivery, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

ADDRESSES = [
    "/policy/",
    "/policy/thresholds/",
    "/policy/reasons/",
    "/policy/reasons/HOLIDAY/",
    "/policy/hours/",
    "/policy/hours/presets/",
    "/policy/integrations/",
    "/wall/links/",
    "/deliveries/",
]


@pytest.fixture(autouse=True)
def rows() -> None:
    ReasonCode.objects.filter(pk="MAINTENANCE").update(needs_note=True)
    ReasonCode.objects.filter(pk="WFM_SCALE_UP").update(retired=True)
    make_delivery(make_campaign("c-1", name="Spring"), state=DeliveryState.PARKED)


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_everybody_can_read_them(open_page: OpenPage, viewport: dict[str, int]) -> None:
    page = open_page("/policy/", make_user("admin"), viewport=viewport)
    for address in ADDRESSES:
        page.goto(address)
        check_accessible(page)
        check_width(page, viewport["width"])


def test_targets_are_large_enough_for_fingers(open_page: OpenPage) -> None:
    page = open_page("/policy/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    for address in ADDRESSES:
        page.goto(address)
        check_targets(page)


def word_at_note(page: Page) -> str:
    return " ".join(page.locator("label[for=id_note]").inner_text().split())


@pytest.mark.parametrize("address", ["/campaigns/c-1/pause/", "/bulk/pause/?all=1"])
def test_note_says_whether_the_chosen_reason_needs_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address, make_user("supervisor"))
    assert word_at_note(page) == "Note (optional)"
    page.get_by_role("radio", name="Maintenance needs a note").or_(
        page.get_by_role("radio", name="Maintenance · needs a note")
    ).check()
    assert word_at_note(page) == "Note (needed for this reason)"
    assert page.get_by_role("textbox", name="Note").get_attribute("required") is not None
    page.get_by_role("radio", name="Workforce management override").check()
    assert word_at_note(page) == "Note (optional)"
    assert page.get_by_role("textbox", name="Note").get_attribute("required") is None


def test_panel_says_it_too(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user("supervisor"), viewport=WIDE)
    page.locator("#row-c-1 td.calls").click()
    page.get_by_role("radio", name="Maintenance needs a note").check()
    assert word_at_note(page) == "Note (needed for this reason)"


@pytest.mark.provokes(*REFUSED)
@pytest.mark.parametrize("java_script", [True, False])
def test_pause_without_the_note_is_sent_with_it(open_page: OpenPage, java_script: bool) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user("supervisor"), java_script_enabled=java_script)
    page.get_by_role("radio", name="Maintenance needs a note").check()
    page.get_by_role("button", name="Pause campaign").click()
    page.get_by_role("link", name="The reason “Maintenance” needs a note").click()
    expect(page.get_by_role("textbox", name="Note")).to_be_focused()
    expect(page.get_by_role("radio", name="Maintenance needs a note")).to_be_checked()
    page.get_by_role("textbox", name="Note").fill("Dialer update")
    page.get_by_role("button", name="Pause campaign").click()
    page.wait_for_url("**/operations/**")
    operation = Operation.objects.get(campaign=Campaign.objects.get(pk="c-1"), note="Dialer update")
    assert operation.reason == "MAINTENANCE"


def test_emergency_stop_is_three_actions(open_page: OpenPage) -> None:
    """Whatever notes other reasons need: open it, choose what, press."""
    ReasonCode.objects.exclude(pk="EMERGENCY").update(needs_note=True)
    page = open_page("/campaigns/", make_user("supervisor"))
    page.get_by_role("link", name="Emergency stop").click()
    page.get_by_text("Every campaign").click()
    page.get_by_role("button", name="Stop 1 campaign").click()
    page.wait_for_url("**/bulk/*-*/")


def test_first_line_of_a_form_is_where_its_panel_begins(open_page: OpenPage) -> None:
    """However many hidden fields are before it."""
    page = open_page("/wall/links/", make_user("admin"))
    expect(page.get_by_role("heading", name="New link")).to_have_css("margin-top", "0px")


def test_arrow_that_leads_nowhere_stands_back(open_page: OpenPage) -> None:
    page = open_page("/policy/reasons/", make_user("admin"))
    first, second = page.locator(".moves [value=up]").nth(0), page.locator(".moves [value=up]").nth(1)
    expect(first).to_be_disabled()
    expect(first).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    assert first.evaluate("e => getComputedStyle(e).color") != second.evaluate("e => getComputedStyle(e).color")

"""The head of every page: whoever looks, however wide the screen, nothing in it is cut off or out of reach."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Approval, DeliveryState, FindingCode, Operation, OperationKind, SyncState
from campaigns.operations import approvals
from campaigns.states import State
from tests.attention.given import make_finding
from tests.browser.checks import NARROW, check_accessible, check_targets, check_width
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_approval, make_campaign, make_delivery, make_operation, make_user
from tests.operations.two_people import want_two

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

WIDTHS = [360, 600, 768, 1024, 1280, 1440, 2560]
# What is wider than its place, and what lies over something else.
CUT_OFF = """found => found.filter(e => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1)
    .map(e => e.outerHTML)"""
OVERLAPS = """found => found.flatMap((one, place) => found.slice(place + 1).filter(other => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
}).map(other => [one.outerHTML, other.outerHTML]))"""
IN_HEAD = ".head > .product:visible, .head nav > ul > li:visible, .head-end > :visible:not(dialog)"
IN_TEXT = ".head > .product, .head nav > ul, .freshness, .freshness > span, .head-end > a, #tray > summary"


@pytest.fixture
def busy() -> None:
    """Something is counted wherever something can be."""
    want_two()
    SyncState.objects.update(last_good_at=timezone.now())
    for number in range(12):
        make_finding(FindingCode.OPERATION_FAILED, make_campaign(f"f-{number}"))
    make_approval(make_resume())
    make_delivery(state=DeliveryState.PARKED)
    for role in ("supervisor", "reviewer", "admin"):
        for state in (State.QUEUED, State.FAILED):
            make_operation(make_campaign(f"{role}-{state}"), state=state, by=role)


def make_resume(campaign_id: str = "spring") -> Operation:
    campaign = make_campaign(campaign_id, name="Spring", status="PAUSED")
    return make_operation(campaign, kind=OperationKind.RESUME, state=State.PENDING, by="ada")


def more(page: Page) -> list[str]:
    """What is in sight under More, once it is open."""
    return [" ".join(link.inner_text().split()) for link in page.locator("#more-pages li a:visible").all()]


@pytest.mark.parametrize("role", ["supervisor", "reviewer", "admin"])
def test_nothing_is_cut_off_at_any_width(open_page: OpenPage, busy: None, role: str) -> None:
    page = open_page("/operations/", make_user(role))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        check_width(page, width)
        assert (width, page.locator(IN_TEXT).evaluate_all(CUT_OFF)) == (width, [])
        assert (width, page.locator(IN_HEAD).evaluate_all(OVERLAPS)) == (width, [])
        expect(page.get_by_text("Live", exact=True)).to_be_in_viewport(ratio=1)
        for count in ("findings", "approvals"):
            expect(page.locator(f"[data-count={count}]:visible")).to_be_in_viewport(ratio=1)


def test_laptop_says_whose_operations_are_in_the_tray(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user("admin"), viewport={"width": 1440, "height": 900})
    expect(page.locator("#tray > summary").get_by_text("My operations", exact=True)).to_be_visible()


def test_desk_has_what_is_set_once_in_a_while_under_more(open_page: OpenPage, busy: None) -> None:
    page = open_page("/campaigns/", make_user("admin"))
    page.locator("#more-pages > summary").click()
    assert more(page) == ["Holidays", "Notices 1", "Policy", "People"]


def test_phone_has_all_the_rest_under_more(open_page: OpenPage, busy: None) -> None:
    page = open_page("/audit/", make_user("admin"), viewport=NARROW)
    page.get_by_text("More pages 1").click()
    assert more(page) == ["Operations", "Audit", "Holidays", "Notices 1", "Policy", "People"]
    check_accessible(page)


def test_phone_without_approvals_has_room_for_the_pages_of_a_supervisor(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user("supervisor"), viewport=NARROW)
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Operations")).to_be_in_viewport()
    expect(page.locator("#more-pages")).to_have_count(0)


def test_more_says_that_the_page_is_one_of_its(open_page: OpenPage) -> None:
    page = open_page("/people/", make_user("admin"))
    expect(page.locator("#more-pages > summary")).to_have_css("font-weight", "600")
    page.locator("#more-pages > summary").click()
    expect(page.locator("#more-pages [aria-current]")).to_have_text("People")


def test_more_works_without_a_script(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user("admin"), java_script_enabled=False)
    page.locator("#more-pages > summary").click()
    page.get_by_role("link", name="Holidays").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Holiday calendars")


def test_more_works_by_keyboard(open_tab: OpenTab) -> None:
    tab = open_tab("/campaigns/", make_user("admin"))
    tab.read("document.querySelector('#more-pages > summary').focus()")
    tab.press("Enter")
    wait_until(tab, "document.querySelector('#more-pages').open")
    tab.press("Escape")
    wait_until(tab, "!document.querySelector('#more-pages').open")
    assert tab.read("document.activeElement.matches('#more-pages > summary')")


def test_targets_are_large_enough_for_fingers(open_page: OpenPage, busy: None) -> None:
    page = open_page("/operations/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    page.locator("#more-pages > summary").click()
    check_targets(page, ".head :is(a, button, summary):visible")


@pytest.mark.parametrize("address", ["/campaigns/", "/handover/"])
def test_count_of_approvals_follows_without_a_new_page(open_page: OpenPage, busy: None, address: str) -> None:
    page = open_page(address, make_user("supervisor"))
    count = page.locator("[data-count=approvals]")
    expect(count).to_have_text("1")
    make_approval(make_resume("summer"))
    SyncState.bump()
    expect(count).to_have_text("2")
    for approval in Approval.objects.all():
        approvals.refuse(approval=approval, by="bea", reason="too early")
    expect(count).to_be_hidden()


def test_page_without_a_script_never_calls_itself_live(open_page: OpenPage) -> None:
    SyncState.objects.update(last_good_at=timezone.now())
    page = open_page("/campaigns/", make_user(), java_script_enabled=False)
    expect(page.get_by_text("Live", exact=True)).to_be_hidden()
    expect(page.locator("#freshness .still")).to_have_text(re.compile(r"^As of \d\d:\d\d:\d\d\sUTC$"))

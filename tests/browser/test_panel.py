"""The side panel of the list, in both browsers: three actions pause a campaign, and no refresh takes the hand."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign, Finding, FindingCode, Operation, SyncState
from tests.attention.given import make_finding
from tests.browser.checks import NARROW, check_accessible
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import Tab, wait_until
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
ROW = "#row-c-12 td.calls"
OPENED = "document.activeElement.name === 'reason'"
PANEL = "document.querySelector('#panel')"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)


@pytest.fixture
def listed() -> None:
    for number in range(10, 40):
        make_campaign(f"c-{number}", name=f"Campaign {number}", active_calls=3)


def open_panel(open_tab: OpenTab, address: str = "/campaigns/?sort=name") -> Tab:
    tab = open_tab(address, make_user())
    tab.click(ROW)
    wait_until(tab, OPENED)
    return tab


def test_click_reason_enter_pauses(open_tab: OpenTab, listed: None) -> None:
    tab = open_panel(open_tab)
    tab.click("#panel [name=reason][value=MAINTENANCE]")
    tab.press("Enter")
    wait_until(tab, f"{PANEL}.querySelector('#panel-newest')?.innerText.includes('Pause by')")
    operation = Operation.objects.get()
    assert (operation.campaign_id, operation.kind, operation.reason) == ("c-12", "pause", "MAINTENANCE")


@pytest.mark.provokes(*REFUSED)
def test_refused_form_stays_with_what_was_typed(open_tab: OpenTab, listed: None) -> None:
    tab = open_panel(open_tab)
    tab.type("#panel [name=note]", "at noon")
    tab.click("#panel button.primary")
    wait_until(tab, f"{PANEL}.innerText.includes('Choose a reason')")
    assert tab.read(f"{PANEL}.querySelector('[name=note]').value.trim()") == "at noon"
    assert not Operation.objects.exists()


def test_escape_gives_the_focus_back_to_the_row(open_tab: OpenTab, listed: None) -> None:
    tab = open_panel(open_tab)
    assert tab.read("new URL(location.href).searchParams.get('panel')") == "c-12"
    tab.read("document.querySelector('#panel-title').focus()")
    tab.press("Escape")
    wait_until(tab, f"{PANEL}.hidden && document.activeElement.closest('tr')?.id === 'row-c-12'")
    assert tab.read("location.search") == "?sort=name"


def test_back_closes_it(open_tab: OpenTab, listed: None) -> None:
    tab = open_panel(open_tab)
    tab.back()
    wait_until(tab, f"{PANEL}.hidden")


def test_address_opens_it_again(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name&panel=c-13", make_user())
    wait_until(tab, f"{PANEL}.innerText.includes('Campaign 13')")


def test_enter_on_a_row_opens_it(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    tab.read("document.querySelector('#row-c-12 th a').focus()")
    tab.press("Enter")
    wait_until(tab, OPENED)


def test_it_follows_the_campaign_and_leaves_the_hand_alone(open_tab: OpenTab, listed: None) -> None:
    tab = open_panel(open_tab)
    tab.type("#panel [name=note]", "at no")
    Campaign.objects.filter(pk="c-12").update(active_calls=17)
    SyncState.bump()
    tab.read("htmx.trigger('#panel-live', 'refresh')")
    wait_until(tab, f"{PANEL}.querySelector('#impact').innerText.startsWith('17')")
    assert tab.read("document.activeElement.name") == "note"
    assert tab.read("document.activeElement.value.trim()") == "at no"


def test_click_on_a_control_is_its_own(open_page: OpenPage, listed: None) -> None:
    page = open_page("/campaigns/?sort=name", make_user())
    page.locator("#row-c-12 [name=id]").check()
    expect(page.locator("#panel")).to_be_hidden()


def test_small_screen_opens_the_page(open_page: OpenPage, listed: None) -> None:
    page = open_page("/campaigns/?sort=name", make_user(), viewport=NARROW)
    page.locator("#row-c-12 td.state").click()
    expect(page).to_have_url("/campaigns/c-12/")


def test_axe_finds_nothing(open_page: OpenPage, listed: None) -> None:
    page = open_page("/campaigns/?sort=name&panel=c-12", make_user())
    expect(page.locator("#panel [name=reason]").first).to_be_visible()
    check_accessible(page)


def make_finding_of_row() -> Finding:
    return make_finding(FindingCode.CALLS_OUTSIDE_HOURS, Campaign.objects.get(pk="c-12"))


def focused(tab: Tab, element_id: str) -> None:
    wait_until(tab, f"document.activeElement.id === '{element_id}'")


def test_whoever_is_on_it_stays_in_the_panel(open_tab: OpenTab, listed: None) -> None:
    finding = make_finding_of_row()
    tab = open_panel(open_tab)
    tab.click(f"#take-{finding.pk}")
    focused(tab, f"finding-{finding.pk}")
    assert "is on it" in tab.read("document.activeElement.innerText")
    assert tab.read("location.pathname") == "/campaigns/"


def test_dismissed_in_the_panel(open_tab: OpenTab, listed: None) -> None:
    finding = make_finding_of_row()
    tab = open_panel(open_tab)
    tab.click(f"#dismiss-{finding.pk} summary")
    tab.type(f"#note-{finding.pk}", "Test calls")
    tab.click(f"#dismiss-{finding.pk} form button")
    focused(tab, "panel-state")
    assert "are on record" in tab.read("document.querySelector('#panel-said').innerText")
    assert Finding.objects.get(end="dismissed").note == "Test calls"


def test_cancelled_in_the_panel(open_tab: OpenTab, listed: None) -> None:
    make_operation(Campaign.objects.get(pk="c-12"), by="ann")
    tab = open_tab("/campaigns/?sort=name&panel=c-12", make_user())
    wait_until(tab, "document.querySelector('#panel-cancel')")
    tab.click("#panel-cancel")
    focused(tab, "panel-state")
    assert Operation.objects.get().state == "CANCELLED"
    assert tab.read("location.search") == "?sort=name&panel=c-12"


def test_keys_alone_pause_and_the_focus_is_on_what_was_asked(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    tab.read("document.querySelector('#row-c-12 th a').focus()")
    tab.press("Enter")
    wait_until(tab, OPENED)
    tab.press("1")
    tab.press("Enter")
    focused(tab, "panel-newest")
    assert Operation.objects.get().campaign_id == "c-12"


def test_refresh_of_the_list_leaves_the_note_alone(open_tab: OpenTab, listed: None) -> None:
    tab = open_panel(open_tab)
    tab.type("#panel [name=note]", "until noon")
    tab.read("document.activeElement.setSelectionRange(2, 5)")
    Campaign.objects.filter(pk__in=["c-12", "c-13"]).update(active_calls=41)
    SyncState.bump()
    tab.read("htmx.trigger('#rows', 'refresh')")
    wait_until(tab, "document.querySelector('#row-c-13 .calls').innerText.startsWith('41')")
    note = "(({ name, value, selectionStart, selectionEnd }) => [name, value.trim(), selectionStart, selectionEnd])"
    assert tab.read(f"{note}(document.activeElement)") == ["note", "until noon", 2, 5]


@pytest.mark.parametrize("width", [1280, 1440, 1920, 2560])
def test_nothing_of_the_list_is_cut_beside_it(open_page: OpenPage, listed: None, width: int) -> None:
    Campaign.objects.filter(pk="c-12").update(active_calls=169)
    page = open_page("/campaigns/?sort=name&panel=c-12", make_user(), viewport={"width": width, "height": 900})
    expect(page.locator("#panel [name=reason]").first).to_be_visible()
    cut = """() => [...document.querySelectorAll(".strip ul, #rows tbody td, #rows tbody th")]
        .filter((each) => each.getClientRects().length && each.scrollWidth > each.clientWidth + 1)
        .map((each) => each.outerHTML)"""
    assert page.evaluate(cut) == []
    right = page.locator("#panel").bounding_box()
    assert right is not None
    assert page.locator("#rows").evaluate("e => e.getBoundingClientRect().right") <= right["x"]


def test_wide_screen_moves_nothing_for_it(open_page: OpenPage, listed: None) -> None:
    page = open_page("/campaigns/?sort=name", make_user(), viewport={"width": 2880, "height": 900})
    before = page.locator("#rows").bounding_box()
    page.locator(ROW).click()
    expect(page.locator("#panel [name=reason]").first).to_be_visible()
    assert page.locator("#rows").bounding_box() == before


@pytest.mark.parametrize("width", [1280, 1440, 2560])
def test_no_row_moves_when_it_opens_or_a_campaign_is_selected(open_page: OpenPage, listed: None, width: int) -> None:
    page = open_page("/campaigns/?sort=name", make_user(), viewport={"width": width, "height": 900})
    place = "(({ left, top }) => [left, top])(document.querySelector('#row-c-12').getBoundingClientRect())"
    before = page.evaluate(place)
    page.locator(ROW).click()
    expect(page.locator("#panel [name=reason]").first).to_be_visible()
    assert page.evaluate(place) == before
    page.locator("#row-c-13 [name=id]").check()
    page.locator("#pause-many").click(trial=True)
    page.locator("#all-matching .button").first.click(trial=True)
    assert page.evaluate(place) == before
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_its_button_is_in_sight_at_once(open_page: OpenPage, listed: None) -> None:
    page = open_page("/campaigns/?sort=name&panel=c-12", make_user(), viewport={"width": 1440, "height": 700})
    expect(page.locator("#panel button.primary")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [800, 1024, 1440])
def test_emergency_stop_stays_in_reach(open_page: OpenPage, listed: None, width: int) -> None:
    page = open_page("/campaigns/?panel=c-12", make_user(), viewport={"width": width, "height": 900})
    expect(page.locator("#panel [name=reason]").first).to_be_visible()
    page.get_by_text("Emergency stop").click(trial=True)


@pytest.mark.parametrize("width", [1280, 1440, 1800])
def test_filter_is_taken_off_beside_it(open_page: OpenPage, listed: None, width: int) -> None:
    page = open_page("/campaigns/?q=12&panel=c-12", make_user(), viewport={"width": width, "height": 900})
    expect(page.locator("#panel [name=reason]").first).to_be_visible()
    for link in page.locator(".chips a").all():
        link.click(trial=True)
    page.locator("#view-menu > summary").click(trial=True)

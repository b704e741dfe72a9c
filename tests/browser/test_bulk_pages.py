"""Many campaigns at once in a browser: from the list to the end, by few clicks, by keyboard alone, without scripts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Bulk, Campaign, Operation, SyncState
from campaigns.states import State
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import REFUSED, SIGNED_OUT, answers
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import Tab, wait_until
from tests.browser.test_sign_in import sign_in
from tests.factories import PASSWORD, make_bulk, make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
FORM = re.compile("/bulk/pause/")
COUNT_CLICKS = """addEventListener("pointerdown", () => {
    sessionStorage.setItem("clicks", 1 + Number(sessionStorage.getItem("clicks")));
})"""
ONE_BULK = re.compile("/bulk/[0-9a-f-]{36}/$")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's minute doesn't turn while a test runs."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)


@pytest.fixture
def listed() -> list[Campaign]:
    return [make_campaign(f"c-{number}", name=f"Spring {number}", active_calls=number) for number in range(1, 7)]


def box(page: Page, number: int) -> Locator:
    return page.get_by_role("checkbox", name=f"Select Spring {number}", exact=True)


def refresh(page: Page) -> None:
    """At once, instead of at the next interval; the server has something new."""
    SyncState.bump()
    with page.expect_response(lambda response: "/campaigns/rows/" in response.url):
        page.evaluate("htmx.trigger(document.querySelector('#rows'), 'refresh')")


# --- Selecting ---


def test_buttons_tell_how_many_are_selected(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/", make_user())
    expect(page.get_by_role("button", name="Pause selected")).to_be_hidden()
    box(page, 2).check()
    box(page, 4).check()
    expect(page.get_by_role("button", name="Pause 2 selected")).to_be_enabled()
    expect(page.locator("#picked")).to_have_text("2 selected")
    box(page, 2).uncheck()
    expect(page.get_by_role("button", name="Resume 1 selected")).to_be_enabled()


def test_all_on_the_page_are_selected(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/", make_user())
    page.get_by_label("All on this page").check()
    expect(page.get_by_role("button", name="Pause 6 selected")).to_be_enabled()
    box(page, 3).uncheck()
    assert page.get_by_label("All on this page").evaluate("each => each.indeterminate")
    page.get_by_label("All on this page").click()
    page.get_by_label("All on this page").click()
    expect(page.get_by_role("button", name="Pause selected")).to_be_hidden()


def test_shift_selects_all_between(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/", make_user())
    box(page, 2).click()
    box(page, 5).click(modifiers=["Shift"])
    expect(page.get_by_role("button", name="Pause 4 selected")).to_be_enabled()
    box(page, 4).click()
    box(page, 3).click(modifiers=["Shift"])
    expect(page.get_by_role("button", name="Pause 2 selected")).to_be_enabled()


def test_row_that_leaves_is_no_longer_selected(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/?status=ACTIVE", make_user())
    box(page, 2).check()
    box(page, 4).check()
    Campaign.objects.filter(pk="c-2").update(status="PAUSED")
    refresh(page)
    expect(box(page, 2)).to_be_checked()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1 selected; 1 that was selected is no longer on this page")).to_be_visible()
    expect(page.get_by_role("button", name="Pause 1 selected")).to_be_enabled()
    expect(page.get_by_role("link", name="Pause all 5")).to_be_visible()


def test_selection_is_there_again_after_back(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/", make_user())
    box(page, 2).check()
    page.get_by_role("button", name="Pause 1 selected").click()
    expect(page).to_have_url(FORM)
    page.go_back()
    expect(box(page, 2)).to_be_checked()
    expect(page.get_by_role("button", name="Pause 1 selected")).to_be_enabled()


def test_other_page_of_the_list_begins_anew(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/", make_user())
    box(page, 2).check()
    page.goto("/campaigns/?sort=-name")
    expect(page.get_by_role("button", name="Pause selected")).to_be_hidden()


def test_selection_survives_refresh(open_tab: OpenTab, listed: list[Campaign]) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    tab.click("#row-c-2 [name=id]")
    tab.click("#row-c-5 [name=id]")
    tab.read("document.querySelector('#row-c-5 [name=id]').focus()")
    make_campaign("c-0", name="Autumn")
    Campaign.objects.filter(pk__in=["c-2", "c-3"]).update(active_calls=40)
    _refresh_tab(tab)
    assert tab.read("[...document.querySelectorAll('[name=id]:checked')].map((each) => each.value)") == ["c-2", "c-5"]
    assert tab.read("document.activeElement.value") == "c-5"
    assert tab.read("document.querySelector('#pause-many').textContent") == "Pause 2 selected"


def _refresh_tab(tab: Tab) -> None:
    SyncState.bump()
    tab.read("htmx.trigger(document.querySelector('#rows'), 'refresh')")
    wait_until(tab, "document.querySelector('[data-order-of=campaign-rows][data-waiting]')")


# --- Pausing ---


def test_emergency_takes_three_clicks(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/?q=Spring", make_user())
    page.evaluate("sessionStorage.setItem('clicks', 0)")
    page.add_init_script(COUNT_CLICKS)
    page.evaluate(COUNT_CLICKS)
    page.get_by_role("link", name="Pause all 6").click()
    page.get_by_text("Emergency", exact=True).click()
    page.get_by_role("button", name="Pause 6 campaigns").click()
    expect(page).to_have_url(ONE_BULK)
    assert page.evaluate("sessionStorage.getItem('clicks')") == "3"
    assert (Bulk.objects.get().reason, Bulk.objects.get().number) == ("EMERGENCY", 6)


def test_keyboard_alone_pauses_many(open_tab: OpenTab, listed: list[Campaign]) -> None:
    tab = open_tab("/campaigns/", make_user())
    tab.read("document.querySelector('#row-c-2 [name=id]').focus()")
    tab.press(" ")
    tab.read("document.querySelector('#pause-many').focus()")
    tab.press("Enter")
    wait_until(tab, "location.pathname === '/bulk/pause/' && document.readyState === 'complete'")
    tab.read("document.querySelector('[value=EMERGENCY]').focus()")
    tab.press(" ")
    tab.press("Enter")
    wait_until(tab, "location.pathname.length > 40")
    assert tab.read("document.querySelector('h1').textContent") == "Pause of 1 campaign"
    assert Bulk.objects.get().campaign_ids == ["c-2"]


@pytest.mark.provokes(*REFUSED)
def test_pausing_many_works_without_script(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/", make_user(), java_script_enabled=False)
    expect(page.get_by_label("All on this page")).to_be_hidden()
    box(page, 2).check()
    box(page, 4).check()
    page.get_by_role("button", name="Pause selected").click()
    page.get_by_label("Note").fill("storm")
    page.get_by_role("button", name="Pause 2 campaigns").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a reason")
    expect(page.get_by_label("Note")).to_have_value("storm")
    page.get_by_text("Maintenance").click()
    page.get_by_role("button", name="Pause 2 campaigns").click()
    expect(page.get_by_role("heading", name="Pause of 2 campaigns")).to_be_visible()
    page.get_by_role("button", name="Cancel what has not begun").click()
    expect(page.get_by_text("cancelled what had not begun")).to_be_visible()


def test_nothing_ticked_is_a_sentence_without_script(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/campaigns/?status=ACTIVE", make_user(), java_script_enabled=False)
    page.get_by_role("button", name="Resume selected").click()
    expect(page.get_by_role("heading", name="No campaign is selected")).to_be_visible()
    page.get_by_role("link", name="Back to Campaigns").click()
    expect(page).to_have_url("/campaigns/?status=ACTIVE")


def test_sums_follow_while_the_form_is_filled(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/bulk/pause/?all=1", make_user(), clock=True)
    page.get_by_text("Emergency", exact=True).click()
    page.get_by_label("Note").fill("storm")
    Campaign.objects.filter(pk="c-1").update(active_calls=90)
    with page.expect_response(lambda response: "seen=" in response.url):
        page.clock.run_for(6000)
    expect(page.get_by_text("1 has more calls in progress than its limit")).to_be_visible()
    expect(page.locator("#campaigns tbody tr").first).to_contain_text("Spring 1")
    expect(page.get_by_label("Note")).to_have_value("storm")
    expect(page.get_by_label("Note")).to_be_focused()
    expect(page.get_by_label("Emergency")).to_be_checked()


def test_double_click_is_one_bulk(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/bulk/pause/?all=1", make_user())
    page.get_by_text("Emergency", exact=True).click()
    page.get_by_role("button", name="Pause 6 campaigns").dblclick()
    expect(page).to_have_url(ONE_BULK)
    assert Bulk.objects.count() == 1


@pytest.mark.provokes(*SIGNED_OUT)
def test_reason_and_note_outlive_the_session(open_page: OpenPage, listed: list[Campaign]) -> None:
    user = make_user()
    page = open_page("/bulk/pause/?all=1&q=Spring", user)
    page.get_by_text("Emergency", exact=True).click()
    page.get_by_label("Note").fill("storm")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Pause 6 campaigns").click()
    sign_in(page, user.username, PASSWORD)
    expect(page).to_have_url("/bulk/pause/?all=1&q=Spring")
    expect(page.get_by_label("Note")).to_have_value("storm")
    expect(page.get_by_label("Emergency")).to_be_checked()
    assert not Bulk.objects.exists()


# --- Following it ---


def test_bulk_is_watched_to_its_end(open_page: OpenPage) -> None:
    campaign = make_campaign()
    bulk = make_bulk(campaign, started_at=NOW)
    make_operation(campaign, bulk=bulk, state=State.RUNNING)
    page = open_page(f"/bulk/{bulk.pk}/", make_user(), clock=True)
    expect(page.get_by_text("0 of 1 campaign is done, 1 more is under way.")).to_be_visible()
    Operation.objects.update(state=State.CONFIRMED, confirmed_at=NOW, ended_at=NOW)
    Bulk.objects.update(ended_at=NOW)
    with page.expect_response(lambda response: "/live/" in response.url):
        page.clock.run_for(3000)
    expect(page.locator("#said")).to_have_text("1 campaign was read back from CXone as paused.")
    expect(page.locator("[data-live]")).to_have_count(0)


def test_narrowed_to_a_state_it_stays_so(open_page: OpenPage, a_bulk: Bulk) -> None:
    page = open_page(f"/bulk/{a_bulk.pk}/", make_user(), clock=True)
    page.get_by_role("link", name="1 Failed").click()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    Operation.objects.filter(state=State.RUNNING).update(state=State.FAILED)
    with page.expect_response(lambda response: "/live/" in response.url):
        page.clock.run_for(3000)
    expect(page.locator("#results tbody tr")).to_have_count(2)


# --- For everybody ---


@pytest.fixture
def a_bulk(listed: list[Campaign]) -> Bulk:
    """With something of everything, and still going on."""
    campaigns = [make_campaign(name=f"Autumn {state}") for state in State]
    bulk = make_bulk(*campaigns, started_at=NOW, note="storm", waiting_for="budget")
    for campaign, state in zip(campaigns, State, strict=True):
        make_operation(campaign, bulk=bulk, state=state, error="CXone said no.", calls_before=8)
    return bulk


@pytest.fixture
def addresses(a_bulk: Bulk) -> list[str]:
    """Every page of this part, with something of everything on it."""
    make_campaign("gone", gone_at=NOW - timedelta(hours=1))
    make_campaign(status="PAUSED", active_calls=99)
    campaigns = [make_campaign(name=f"Winter {number}", status="PAUSED", control="person") for number in range(3)]
    ended = make_bulk(*campaigns, started_at=NOW, ended_at=NOW)
    for campaign, state in zip(campaigns, (State.CONFIRMED, State.CONFIRMED, State.FAILED), strict=True):
        make_operation(campaign, bulk=ended, state=state)
        newest = campaign.operations.get()
        Campaign.objects.filter(pk=campaign.pk).update(explained_by=newest)
    Campaign.objects.filter(name="Winter 1").update(status="ACTIVE")
    [operation] = a_bulk.operations.filter(state=State.FAILED)
    return [
        "/campaigns/",
        "/bulk/",
        "/bulk/pause/?all=1",
        "/bulk/resume/?id=c-1",
        "/bulk/pause/",
        f"/bulk/{a_bulk.pk}/",
        f"/bulk/{ended.pk}/",
        f"/bulk/{ended.pk}/resume/",
        f"/operations/?bulk={a_bulk.pk}",
        f"/operations/{operation.pk}/",
    ]


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, addresses: list[str], viewport: dict[str, int]) -> None:
    page = open_page("/bulk/", make_user("admin"), viewport=viewport)
    for address in addresses:
        page.goto(address)
        check_accessible(page)


# 640 pixels are what 200 % zoom leaves of 1280.
@pytest.mark.parametrize("width", [360, 640, 768, 1280])
def test_page_never_scrolls_sideways(open_page: OpenPage, addresses: list[str], width: int) -> None:
    page = open_page("/bulk/", make_user("admin"), viewport={"width": width, "height": 740})
    for address in addresses:
        page.goto(address)
        check_width(page, width)


def test_touch_targets_are_large(open_page: OpenPage, addresses: list[str]) -> None:
    page = open_page("/bulk/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    for address in addresses:
        page.goto(address)
        check_targets(page)


@pytest.mark.provokes(*REFUSED, *answers(409))
def test_axe_finds_nothing_in_refused_forms(open_page: OpenPage, listed: list[Campaign]) -> None:
    page = open_page("/bulk/pause/?all=1", make_user())
    page.get_by_role("button", name="Pause 6 campaigns").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
    page.get_by_text("Emergency", exact=True).click()
    make_campaign(name="Autumn")
    page.get_by_role("button", name="Pause 6 campaigns").click()
    expect(page.get_by_role("alert")).to_contain_text("Autumn was not among them, and is active.")
    check_accessible(page)

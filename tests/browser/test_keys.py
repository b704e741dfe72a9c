"""Keys: a campaign is found and paused by its name, lists are walked, pages reached. In both browsers."""

import re

import pytest
from playwright.sync_api import Route, expect

from campaigns.models import Campaign, Operation
from campaigns.states import State
from tests.audit.ledgers import append
from tests.browser.checks import NARROW, WIDE, check_accessible, check_width
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

FOCUSED_ROW = "document.activeElement.closest('tr')?.id"


@pytest.fixture(autouse=True)
def listed() -> None:
    for number in range(1, 6):
        make_campaign(f"c-{number}", name=f"Spring {number}", active_calls=10 - number)


def test_palette_finds_a_campaign_and_pauses_it(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user())
    page.keyboard.press("Control+k")
    page.keyboard.type("spring 3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/c-3/")
    page.keyboard.press("p")
    page.wait_for_url("**/campaigns/c-3/pause/")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/operations/[0-9a-f-]{36}/$"))
    assert Operation.objects.get().campaign_id == "c-3"


def test_palette_signs_out(open_tab: OpenTab) -> None:
    tab = open_tab("/operations/", make_user())
    tab.click("#find")
    wait_until(tab, "document.activeElement.id === 'palette-q'")
    tab.type("#palette-q", "sign out")
    tab.press("Enter")
    wait_until(tab, "location.pathname === '/accounts/login/'")
    tab.open("/operations/")
    wait_until(tab, "location.pathname === '/accounts/login/'")


def test_enter_waits_for_what_was_typed_last(open_tab: OpenTab) -> None:
    tab = open_tab("/operations/", make_user())
    tab.click("#find")
    wait_until(tab, "document.activeElement.id === 'palette-q'")
    for key in ["4", "Enter"]:
        tab.press(key)
    wait_until(tab, "location.pathname === '/campaigns/c-4/'")


def test_typing_on_waits_for_the_answer_before(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user(), clock=True)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/find/**", hold, times=1)
    with page.expect_request("**/find/**"):
        page.keyboard.press("Control+k")
        page.clock.run_for(100)
    page.keyboard.type("spring 4")
    page.clock.run_for(100)
    held[0].continue_()
    expect(page.locator("#found [data-act]")).to_have_count(1)


def test_control_enter_leads_to_the_form(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user())
    page.keyboard.press("Control+k")
    page.keyboard.type("spring 2")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/campaigns/c-2/pause/#id_reason")
    expect(page.get_by_role("heading", name="Pause Spring 2")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator("[name=reason]").first).to_be_focused()


def test_arrows_move_and_the_field_keeps_the_focus(open_tab: OpenTab) -> None:
    tab = open_tab("/operations/", make_user())
    tab.click("#find")
    wait_until(tab, "document.activeElement.id === 'palette-q'")
    tab.type("#palette-q", "spring")
    wait_until(tab, "document.getElementById('found')?.dataset.typed === 'spring'")
    tab.press("ArrowDown")
    assert tab.read("document.activeElement.getAttribute('aria-activedescendant')") == "found-2"
    assert tab.read("document.querySelector('#found [aria-selected=true]').id") == "found-2"


def test_escape_closes_and_gives_the_focus_back(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user())
    page.locator("#find").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("spring")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#find")).to_be_focused()


def test_rows_are_walked_selected_and_opened(open_tab: OpenTab) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    tab.press("j")
    wait_until(tab, f"{FOCUSED_ROW} === 'row-c-1'")
    tab.press("j")
    wait_until(tab, f"{FOCUSED_ROW} === 'row-c-2'")
    tab.press("x")
    assert tab.read("document.querySelector('#row-c-2 [type=checkbox]').checked")
    tab.press("k")
    wait_until(tab, f"{FOCUSED_ROW} === 'row-c-1'")
    tab.press("p")
    wait_until(tab, "/c-1/.test(location.href)")


def test_records_are_walked_too(open_page: OpenPage) -> None:
    append()
    page = open_page("/audit/", make_user("admin"))
    newest = page.locator("tr[data-record]").first
    page.keyboard.press("j")
    expect(newest.locator(".row-link")).to_be_focused()


def test_selected_rows_are_paused_together(open_tab: OpenTab) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    for key in ["j", "x", "j", "x"]:
        tab.press(key)
    wait_until(tab, "document.getElementById('pause-many').textContent === 'Pause 2 selected'")
    tab.press("P")
    wait_until(tab, "document.querySelector('h1')?.textContent.includes('Pause 2 campaigns')")


def test_nothing_is_paused_without_a_row(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user())
    page.keyboard.press("p")
    page.keyboard.press("P")
    page.keyboard.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()
    assert page.url.endswith("/campaigns/")


def test_u_goes_to_undo_and_enter_presses_it(open_page: OpenPage) -> None:
    paused = make_campaign("c-6", status="PAUSED")
    pause = make_operation(paused, state=State.CONFIRMED)
    Campaign.objects.filter(pk="c-6").update(explained_by=pause)
    page = open_page(f"/operations/{pause.pk}/", make_user())
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Undo: resume it")).to_be_focused()
    assert Operation.objects.count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: str(pause.pk) not in address)
    assert Operation.objects.get(undoes=pause).campaign_id == "c-6"


def test_g_and_a_letter_go_to_a_page(open_tab: OpenTab) -> None:
    tab = open_tab("/campaigns/", make_user())
    tab.press("g")
    tab.press("o")
    wait_until(tab, "location.pathname === '/operations/'")


def test_slash_goes_to_the_search(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user())
    page.keyboard.press("/")
    expect(page.locator("main input[type=search]")).to_be_focused()


def test_letters_do_nothing_while_somebody_types(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user())
    page.keyboard.press("/")
    page.keyboard.type("g o ? j")
    expect(page.locator("main input[type=search]")).to_have_value("g o ? j")
    assert page.url.endswith("/campaigns/")


def test_letters_can_be_switched_off(open_page: OpenPage) -> None:
    page = open_page("/campaigns/", make_user())
    page.keyboard.press("?")
    page.get_by_label("One-letter keys work on this device").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    # What takes Control goes on working, and leads to where they are switched on again.
    page.keyboard.press("Control+k")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_find_is_a_page_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user(), java_script_enabled=False)
    page.get_by_role("link", name="Find").click()
    page.get_by_label("Campaign, person, page or action").last.fill("spring 5")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Spring 5", exact=True).click()
    page.wait_for_url("**/campaigns/c-5/")


def test_palette_and_keys_are_accessible(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user(), viewport=WIDE)
    page.keyboard.press("Control+k")
    page.keyboard.type("spring")
    expect(page.locator("#found [data-act]")).to_have_count(5)
    check_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check_accessible(page)


def test_palette_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page("/operations/", make_user(), viewport=NARROW)
    page.locator("#find").click()
    page.keyboard.type("spring")
    expect(page.locator("#found [data-act]")).to_have_count(5)
    check_width(page, 360)

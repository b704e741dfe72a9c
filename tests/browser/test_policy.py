"""What the pages' policies allow, in both browsers: every page gets along with them, and nothing else does.

A violation is an error in the browser's console, and each such error fails the test.
"""

import pytest
from django.test import Client

from campaigns.models import SyncState
from campaigns.queueing.rows import database_now
from cxadmin.responses import UNUSED_FEATURES
from tests.audit.ledgers import append_some
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import Tab, wait_until
from tests.factories import make_campaign, make_user
from tests.test_routes import ROUTES, make_rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The addresses are dealt to several tests, each of which stays within the time that a test may take.
HANDS = 4
BY_THE_POLICY = ("Content Security Policy", "Content-Security-Policy", "eval")
LISTEN = "document.addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))"
INLINE = """(() => {
    const [script, style] = ["script", "style"].map((name) => document.createElement(name));
    script.textContent = "window.ran = true";
    style.textContent = "body { opacity: 0.5 }";
    document.body.append(script, style);
    document.body.setAttribute("onclick", "window.ran = true");
    document.body.click();
    return [window.ran === undefined, getComputedStyle(document.body).opacity];
})()"""
# By a timer: what a driver runs may itself evaluate text.
EVALUATE_SOON = """(() => {
    setTimeout("window.ran = true", 0);
    setTimeout(() => { window.later = true; }, 50);
})()"""


@pytest.fixture(autouse=True)
def rows(enqueued: list[tuple[str, ...]]) -> None:
    append_some(1)
    make_rows()
    SyncState.objects.update(version=1, last_good_at=database_now(), interval_seconds=15)


def pages(client: Client) -> list[str]:
    """The addresses of the table that a browser shows; the rest are downloads and parts of pages.

    Nor those that are nowhere without a company to sign in through, or without a link that somebody made.
    """
    addresses = [route.address for route in ROUTES.values() if route.method == "GET"]
    answers = {address: client.get(address, follow=True) for address in addresses}
    return [
        address
        for address, answer in answers.items()
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("hand", range(HANDS))
def test_every_page_gets_along_with_the_policies(open_tab: OpenTab, hand: int) -> None:
    admin = make_user("admin")
    client = Client()
    client.force_login(admin)
    tab = open_tab("/account/", admin)
    for address in pages(client)[hand::HANDS]:
        tab.open(address)
        tab.read(LISTEN)


@pytest.mark.provokes(*REFUSED)
def test_what_comes_into_a_page_gets_along_with_them(open_tab: OpenTab) -> None:
    make_campaign("c-3", active_calls=3)
    tab = open_tab("/campaigns/", make_user("admin"))
    tab.read(LISTEN)
    _refuse_a_form_in_the_panel(tab)
    _search_in_the_palette(tab)
    tab.click("#tray > summary")
    wait_until(tab, "document.getElementById('tray').open")


def _refuse_a_form_in_the_panel(tab: Tab) -> None:
    tab.click("#row-c-3 td.calls")
    wait_until(tab, "document.activeElement.name === 'reason'")
    tab.click("#panel button.primary")
    wait_until(tab, "document.querySelector('#panel').innerText.includes('Choose a reason')")
    tab.press("Escape")


def _search_in_the_palette(tab: Tab) -> None:
    tab.read("document.querySelector('#palette').showModal()")
    tab.type("#palette-q", "c-2")
    wait_until(tab, "document.querySelector('#found')?.dataset.typed === 'c-2'")
    tab.read("document.querySelector('#palette').close()")


@pytest.mark.provokes(*BY_THE_POLICY)
def test_inline_code_and_styles_do_nothing(open_tab: OpenTab) -> None:
    assert open_tab("/help/", make_user()).read(INLINE) == [True, "1"]


@pytest.mark.provokes(*BY_THE_POLICY)
def test_text_is_never_run(open_tab: OpenTab) -> None:
    tab = open_tab("/help/", make_user())
    tab.read(EVALUATE_SOON)
    wait_until(tab, "window.later")
    assert tab.read("window.ran === undefined")


def test_page_stands_alone_in_its_group_of_windows(open_page: OpenPage) -> None:
    page = open_page("/help/", make_user())
    # Only of a page with both policies, over TLS or on this machine.
    assert page.evaluate("window.crossOriginIsolated")


def test_features_that_no_page_needs_are_off(open_page: OpenPage) -> None:
    page = open_page("/help/", make_user())
    allowed = set(page.evaluate("document.featurePolicy.allowedFeatures()"))
    assert "fullscreen" in allowed
    assert allowed & set(UNUSED_FEATURES) == set()

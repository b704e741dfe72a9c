"""A refresh leaves alone what the person is at: scroll position, focus, marked text, opened details, the pointer.

These run in Chromium and in Firefox, which differ in exactly this.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign, SyncState
from campaigns.states import State
from tests.browser.conftest import OpenTab
from tests.browser.firefox import Tab, wait_until
from tests.factories import make_campaign, make_drain, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
MARK = "getSelection().selectAllChildren(document.querySelector('#row-c-22 th a'))"
REMEMBER = """(() => {
    window.hand = ["#row-c-20 th a", "#row-c-22 th a", "#row-c-24 .do a"].map((each) => document.querySelector(each));
    window.refreshes = 0;
    document.body.addEventListener("htmx:afterSettle", () => { window.refreshes += 1; });
})()"""
HAND = """({
    scroll: Math.round(scrollY),
    focus: document.activeElement.closest('tr')?.id,
    place: Math.round(document.activeElement.getBoundingClientRect().top),
    marked: getSelection().toString(),
    pointed: document.querySelector("#row-c-24 .do a").matches(":hover"),
    same: window.hand.every((each) => each.isConnected),
})"""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's minute doesn't turn while a test runs."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)


@pytest.fixture
def listed() -> None:
    for number in range(10, 50):
        make_campaign(f"c-{number}", name=f"Campaign {number}", active_calls=number % 10)


def check_same(tab: Tab, hand: dict[str, Any]) -> None:
    """The hand is where it was. Firefox scrolls by parts of a pixel, which are rounded."""
    now = tab.read(HAND)
    assert {key: now[key] for key in ("scroll", "place")} == pytest.approx(
        {key: hand[key] for key in ("scroll", "place")}, abs=1
    )
    assert now | {"scroll": 0, "place": 0} == hand | {"scroll": 0, "place": 0}


def refresh(tab: Tab) -> None:
    """At once, instead of at the next interval; the server has something new."""
    SyncState.bump()
    before = tab.read("window.refreshes")
    tab.read("htmx.trigger(document.querySelector('[data-live]'), 'refresh')")
    wait_until(tab, f"window.refreshes > {before}")


def lay_hand_on(tab: Tab) -> dict[str, Any]:
    """Focus on one row, text marked in the next but one, the pointer over a third, the page scrolled."""
    tab.read("document.querySelector('#row-c-20 th a').focus()")
    tab.read(MARK)
    tab.read("document.querySelector('#row-c-24').scrollIntoView({ block: 'center' })")
    tab.point_at("#row-c-24 .do a")
    tab.read(REMEMBER)
    hand: dict[str, Any] = tab.read(HAND)
    assert hand["scroll"] > 100
    assert (hand["focus"], hand["marked"], hand["pointed"]) == ("row-c-20", "Campaign 22", True)
    return hand


@pytest.mark.parametrize("changed", [["c-12", "c-45"], ["c-20", "c-22", "c-24"]], ids=["other rows", "same rows"])
def test_refresh_changes_nothing_under_the_hand(open_tab: OpenTab, listed: None, changed: list[str]) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    hand = lay_hand_on(tab)
    for calls in (17, 42):
        Campaign.objects.filter(pk__in=changed).update(active_calls=calls)
        refresh(tab)
        assert str(calls) in tab.read(f"document.querySelector('#row-{changed[0]}').innerText")
        check_same(tab, hand)


NAMES = "[...document.querySelectorAll('#campaign-rows th a')].map((each) => each.innerText)"
WAITING = "document.querySelector('[data-order-of=campaign-rows][data-waiting] [data-count]')?.textContent ?? ''"
LEAVE = "(document.activeElement.blur(), getSelection().empty())"


def reorder() -> None:
    """One row leaves the page, one comes, and two move."""
    Campaign.objects.filter(pk="c-29").delete()
    Campaign.objects.filter(pk="c-48").update(name="Campaign 11 b")
    Campaign.objects.filter(pk="c-20").update(name="Campaign 27 b")
    make_campaign("c-51", name="Campaign 0")


def test_order_stands_still_under_the_hand(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    hand = lay_hand_on(tab)
    before = tab.read(NAMES)
    reorder()
    refresh(tab)
    now = {"Campaign 48": "Campaign 11 b", "Campaign 20": "Campaign 27 b"}
    assert tab.read(NAMES) == [now.get(name, name) for name in before]
    check_same(tab, hand)
    assert tab.read(WAITING) == "4 changes in order"
    assert tab.read("document.querySelector('#row-c-29').matches('.has-left')")


def test_order_is_applied_on_request(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    lay_hand_on(tab)
    reorder()
    refresh(tab)
    tab.click("[data-order-of=campaign-rows] button")
    names = tab.read(NAMES)
    assert names == sorted(names)
    assert names[0] == "Campaign 0"
    assert "Campaign 29" not in names
    assert tab.read(WAITING) == ""


def test_order_is_applied_when_the_hand_has_left(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    lay_hand_on(tab)
    reorder()
    refresh(tab)
    tab.read(LEAVE)
    tab.read("scrollTo(0, 0)")
    tab.point_at(".product")
    wait_until(tab, f"{NAMES}[0] === 'Campaign 0'")


def test_ticked_row_keeps_the_order(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    tab.read("(document.querySelector('#row-c-29 [name=id]').click(), document.activeElement.blur())")
    tab.point_at(".product")
    tab.read(REMEMBER)
    reorder()
    refresh(tab)
    assert tab.read("document.querySelector('#row-c-29 [name=id]').checked")
    assert tab.read(WAITING) == "4 changes in order"


def test_rows_move_at_once_where_nobody_is(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/?sort=name", make_user())
    tab.point_at(".product")
    tab.read(REMEMBER)
    reorder()
    refresh(tab)
    names = tab.read(NAMES)
    assert (names, names[0]) == (sorted(names), "Campaign 0")


def test_opened_details_keep_focus_and_stay_open(open_tab: OpenTab) -> None:
    operation = make_operation(make_campaign("c-1"), state=State.CONFIRMED)
    drain = make_drain(operation, 30, 10)
    tab = open_tab(f"/operations/{operation.pk}/", make_user())
    tab.click("#details > summary")
    tab.click("#samples summary")
    tab.read("document.querySelector('#samples summary').focus()")
    tab.read(REMEMBER.replace("#row-c-20 th a", "#samples"))
    drain.samples.create(at=NOW + timedelta(seconds=6), calls=9)
    refresh(tab)
    assert "9" in tab.read("document.querySelector('#samples tbody tr:last-child').innerText")
    assert tab.read("document.querySelector('#samples').open")
    assert tab.read("document.activeElement === window.hand[0].querySelector('summary')")

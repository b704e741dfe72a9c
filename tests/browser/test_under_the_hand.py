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
MARK = "getSelection().selectAllChildren(document.querySelector('#open-c-22 + .id'))"
REMEMBER = """(() => {
    window.hand = ["#open-c-20", "#open-c-22 + .id", "#do-c-24"].map((each) => document.querySelector(each));
    window.refreshes = 0;
    document.body.addEventListener("htmx:afterSettle", () => { window.refreshes += 1; });
})()"""
HAND = """({
    scroll: Math.round(scrollY),
    focus: document.activeElement.id,
    place: Math.round(document.activeElement.getBoundingClientRect().top),
    marked: getSelection().toString(),
    pointed: document.querySelector("#do-c-24").matches(":hover"),
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


def refresh(tab: Tab) -> None:
    """At once, instead of at the next interval; the server has something new."""
    SyncState.bump()
    before = tab.read("window.refreshes")
    tab.read("htmx.trigger(document.querySelector('[data-live]'), 'refresh')")
    wait_until(tab, f"window.refreshes > {before}")


def lay_hand_on(tab: Tab) -> dict[str, Any]:
    """Focus on one row, text marked in the next but one, the pointer over a third, the page scrolled."""
    tab.read("document.querySelector('#open-c-20').focus()")
    tab.read(MARK)
    tab.point_at("#do-c-24")
    tab.read(REMEMBER)
    hand: dict[str, Any] = tab.read(HAND)
    assert hand["scroll"] > 100
    assert (hand["focus"], hand["marked"], hand["pointed"]) == ("open-c-20", "c-22", True)
    return hand


@pytest.mark.parametrize("changed", [["c-12", "c-45"], ["c-20", "c-22", "c-24"]], ids=["other rows", "same rows"])
def test_refresh_changes_nothing_under_the_hand(open_tab: OpenTab, listed: None, changed: list[str]) -> None:
    tab = open_tab("/campaigns/", make_user())
    hand = lay_hand_on(tab)
    for calls in (17, 42):
        Campaign.objects.filter(pk__in=changed).update(active_calls=calls)
        refresh(tab)
        assert str(calls) in tab.read(f"document.querySelector('#row-{changed[0]}').innerText")
        assert tab.read(HAND) == hand


def test_rows_that_move_and_come_and_go_leave_the_hand_alone(open_tab: OpenTab, listed: None) -> None:
    tab = open_tab("/campaigns/", make_user())
    hand = lay_hand_on(tab)
    Campaign.objects.filter(pk="c-29").delete()
    Campaign.objects.filter(pk="c-48").update(name="Campaign 11 b")
    Campaign.objects.filter(pk="c-20").update(name="Campaign 27 b")
    make_campaign("c-51", name="Campaign 0")
    refresh(tab)
    names = tab.read("[...document.querySelectorAll('tbody .name')].map((each) => each.innerText)")
    assert names == sorted(names)
    assert names[0] == "Campaign 0"
    assert {"Campaign 11 b", "Campaign 27 b"} < set(names)
    assert "Campaign 29" not in names
    assert {**tab.read(HAND), "scroll": 0, "place": 0, "pointed": 0} == {**hand, "scroll": 0, "place": 0, "pointed": 0}


def test_opened_details_keep_focus_and_stay_open(open_tab: OpenTab) -> None:
    operation = make_operation(make_campaign("c-1"), state=State.CONFIRMED)
    drain = make_drain(operation, 30, 10)
    tab = open_tab(f"/operations/{operation.pk}/", make_user())
    tab.click("#samples summary")
    tab.read("document.querySelector('#samples summary').focus()")
    tab.read(REMEMBER.replace("#open-c-20", "#samples"))
    drain.samples.create(at=NOW + timedelta(seconds=6), calls=9)
    refresh(tab)
    assert "9" in tab.read("document.querySelector('#samples tbody tr:last-child').innerText")
    assert tab.read("document.querySelector('#samples').open")
    assert tab.read("document.activeElement === window.hand[0].querySelector('summary')")

"""Between a click and the next page, and on the way back to the form, in both browsers."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Operation, SyncState
from campaigns.operations import requests
from tests.browser.conftest import OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_campaign, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
SUBMIT = "#main form.panel .primary"
CLICK = f"document.querySelector('{SUBMIT}').click()"
BUTTON = f"document.querySelector('{SUBMIT}')"
WORDS = f"{BUTTON}?.innerText"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)
    make_campaign("c-1", name="Spring offer")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A server that answers a pause only once this is set."""
    answers, pause = threading.Event(), requests.request_pause

    def wait_and_pause(**asked: Any) -> Operation:
        answers.wait(30)
        return pause(**asked)

    monkeypatch.setattr(requests, "request_pause", wait_and_pause)
    yield answers
    answers.set()


def test_button_is_busy_until_the_next_page(open_tab: OpenTab, slow: threading.Event) -> None:
    tab = open_tab("/campaigns/c-1/pause/", make_user())
    tab.click("[name=reason][value=MAINTENANCE]")
    assert tab.read(f"({CLICK}, {CLICK}, [{WORDS}, {BUTTON}.ariaDisabled])") == ["Sending…", "true"]
    slow.set()
    wait_until(tab, "location.pathname.startsWith('/operations/')")
    assert Operation.objects.count() == 1


def test_button_is_itself_again_when_sending_is_stopped(open_tab: OpenTab, slow: threading.Event) -> None:
    tab = open_tab("/campaigns/c-1/pause/", make_user())
    tab.click("[name=reason][value=MAINTENANCE]")
    escape = "window.stop(); document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))"
    stop = f"new Promise((done) => setTimeout(() => {{ {escape}; done(); }}, 300))"
    assert tab.read(f"({CLICK}, {stop}.then(() => {WORDS}))") == "Pause campaign"
    slow.set()


@pytest.mark.parametrize(("verb", "reason"), [("pause", "MAINTENANCE"), ("resume", "WFM_SCALE_UP")])
def test_back_to_the_form_has_what_was_typed(open_tab: OpenTab, verb: str, reason: str) -> None:
    tab = open_tab(f"/campaigns/c-1/{verb}/", make_user())
    tab.click(f"[name=reason][value={reason}]")
    tab.type("#id_note", "storm")
    tab.click(SUBMIT)
    wait_until(tab, "location.pathname.startsWith('/operations/')")
    tab.back()
    wait_until(tab, f"location.pathname === '/campaigns/c-1/{verb}/' && document.readyState === 'complete'")
    assert tab.read("[document.querySelector('[name=reason]:checked').value, id_note.value]") == [reason, "storm"]
    assert tab.read(WORDS) == f"{verb.capitalize()} campaign"

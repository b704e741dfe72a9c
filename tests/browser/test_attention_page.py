"""Attention in a browser: the number of findings follows what happens, and what somebody is typing stays."""

import json
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Finding, FindingCode, SyncState
from tests.attention.given import make_finding
from tests.browser.checks import NARROW, WIDE, check_accessible, check_width
from tests.browser.conftest import OpenPage, OpenTab
from tests.browser.firefox import wait_until
from tests.factories import make_campaign, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_number_follows_and_a_typed_note_stays(open_page: OpenPage) -> None:
    SyncState.objects.update(last_good_at=timezone.now())
    kept = make_finding(FindingCode.CALLS_OUTSIDE_HOURS, make_campaign("spring", active_calls=37))
    other = make_finding(FindingCode.CHANGED_IN_CXONE)
    page = open_page("/attention/", make_user())
    expect(page).to_have_title(re.compile(r"^\(2\) Attention"))
    page.locator(f"#dismiss-{kept.pk} summary").click()
    page.fill(f"#note-{kept.pk}", "Test calls by")
    Finding.objects.filter(pk=other.pk).update(ended_at=timezone.now(), end="gone")
    SyncState.bump()
    page.evaluate("htmx.trigger('#findings', 'refresh')")
    expect(page).to_have_title(re.compile(r"^\(1\) Attention"))
    expect(page.locator("[data-count=findings]")).to_have_text("1")
    expect(page.locator(f"#note-{kept.pk}")).to_have_value("Test calls by")
    expect(page.locator(f"#finding-{other.pk}")).to_contain_class("has-left")


IDS = "[...document.querySelectorAll('#finding-rows > li')].map((row) => row.id)"
ROWS = f"{IDS}.map((id) => [id, Math.round(document.getElementById(id).getBoundingClientRect().top)])"


def of_code(code: FindingCode, finding: Finding) -> list[str]:
    return [f"group-{code}", f"finding-{finding.pk}"]


def test_nothing_moves_under_the_hand(open_tab: OpenTab) -> None:
    SyncState.objects.update(last_good_at=timezone.now())
    limit = make_finding(FindingCode.CALLS_OVER_LIMIT, make_campaign("limit", active_calls=80))
    outside = make_finding(FindingCode.CHANGED_IN_CXONE, make_campaign("outside"))
    tab = open_tab("/attention/", make_user())
    tab.point_at(f"#finding-{outside.pk} .what")
    tab.click(f"#dismiss-{outside.pk} summary")
    tab.type(f"#note-{outside.pk}", "planned by")
    tab.read("document.activeElement.setSelectionRange(0, 7)")
    before = tab.read(ROWS)

    # One that is more urgent than both, while one above the hand is over.
    holiday = make_finding(FindingCode.DIALING_ON_HOLIDAY, make_campaign("holiday", active_calls=3))
    Finding.objects.filter(pk=limit.pk).update(ended_at=timezone.now(), end="gone")
    SyncState.bump()
    tab.read("htmx.trigger('#findings', 'refresh')")
    wait_until(tab, f"document.getElementById('finding-{limit.pk}').classList.contains('has-left')")
    assert tab.read(ROWS) == before
    assert tab.read("document.activeElement.value.slice(0, document.activeElement.selectionEnd)") == "planned"
    assert tab.read("document.querySelector('#order-of-finding-rows [data-count]').innerText").endswith("in order")

    tab.click("#order-of-finding-rows button")
    after = [*of_code(FindingCode.DIALING_ON_HOLIDAY, holiday), *of_code(FindingCode.CHANGED_IN_CXONE, outside)]
    wait_until(tab, f"JSON.stringify({IDS}) === JSON.stringify({json.dumps(after)})")
    assert tab.read(f"document.getElementById('note-{outside.pk}').value").strip() == "planned by"


def test_first_finding_appears_wherever_the_hand_is(open_page: OpenPage) -> None:
    SyncState.objects.update(last_good_at=timezone.now())
    page = open_page("/attention/", make_user())
    page.hover("#no-findings")
    finding = make_finding(FindingCode.CHANGED_IN_CXONE)
    SyncState.bump()
    page.evaluate("htmx.trigger('#findings', 'refresh')")
    expect(page.locator(f"#finding-{finding.pk}")).to_be_visible()
    expect(page.locator("#no-findings")).to_have_count(0)


@pytest.fixture
def one_of_each() -> None:
    SyncState.objects.update(last_good_at=timezone.now())
    for code in FindingCode:
        if code != FindingCode.NO_CALENDAR_NEXT_YEAR:
            make_finding(code, make_campaign(name=f"Hotel Rewards Late-Stage Collections {code}", active_calls=60))


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing(open_page: OpenPage, one_of_each: None, viewport: dict[str, int]) -> None:
    page = open_page("/attention/", make_user(), viewport=viewport)
    expect(page.locator("#finding-rows .finding")).to_have_count(len(FindingCode) - 1)
    check_accessible(page)


def test_fits_a_phone(open_page: OpenPage, one_of_each: None) -> None:
    page = open_page("/attention/", make_user(), viewport=NARROW)
    check_width(page, NARROW["width"])
    page.locator(".finding summary").first.click()
    check_width(page, NARROW["width"])

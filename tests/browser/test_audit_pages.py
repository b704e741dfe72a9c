"""The audit's pages in a browser: nothing sticks out, nothing is broken in the middle of a word."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction

from audit import ledger
from audit.kinds import Kind, Status
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW = {"width": 360, "height": 740}
PAGES = ["/audit/", "/audit/1/", "/campaigns/c-1/"]


@pytest.fixture(autouse=True)
def record() -> None:
    """One that takes much room."""
    with transaction.atomic():
        ledger.append(
            Kind.OPERATION_ASKED,
            by="anna",
            status=Status.SUCCESS,
            action="pause",
            campaign_id="c-1",
            campaign_name="A name that goes on and on " * 5,
            reason="and so does the reason " * 5,
            details={"before": "x" * 200},
        )


@pytest.mark.parametrize("path", PAGES)
def test_page_never_scrolls_sideways(open_page: OpenPage, path: str) -> None:
    make_campaign("c-1")
    page = open_page(path, make_user("admin"), viewport=NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_times_stay_in_their_card(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), viewport=NARROW)
    cell = page.locator("td[data-label=Time]").first
    assert cell.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_outcome_is_never_broken(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), viewport={"width": 800, "height": 740})
    word = page.locator("td[data-label=Outcome] .word").first
    assert word.evaluate("e => e.getBoundingClientRect().height") < 30  # one line


def test_touch_targets_are_large(open_page: OpenPage) -> None:
    page = open_page("/audit/", make_user("reviewer"), viewport=NARROW, has_touch=True, is_mobile=True)
    heights = page.locator("main a:visible").evaluate_all(
        "f => f.map(e => Math.round(e.getBoundingClientRect().height))"
    )
    assert min(heights) >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/audit/1/", make_user("reviewer"), color_scheme=scheme)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()

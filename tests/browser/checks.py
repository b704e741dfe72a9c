"""What every page must bear: axe's rules, a narrow screen, fingers. A failure names the page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
TARGETS = "main :is(a, button, select, summary, label.check):visible"
TOO_SMALL = "found => found.filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"


def check_accessible(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"


def check_width(page: Page, width: int) -> None:
    """It is as wide as the screen: nothing makes it scroll sideways."""
    assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, width)


def check_targets(page: Page, targets: str = TARGETS) -> None:
    """They are 44 px high, but for rounding."""
    assert (page.url, page.locator(targets).evaluate_all(TOO_SMALL)) == (page.url, [])

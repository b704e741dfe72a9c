"""When a page can be used: its first row can be clicked, and the keys work. In Chromium, on a slow processor."""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

# A laptop of some years beside the machine that measures.
THROTTLE = 4
VISITS = 7
# In the page, from its first moment on. The key is pressed until it does something: j goes to the first row.
WATCH = """
const watch = () => {
    const link = document.querySelector("#campaign-rows th a, #rows tbody th a");
    const box = link?.getClientRects()[0];
    const middle = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (middle && link.contains(middle) && document.readyState !== "loading") {
        const hasKeys = document.querySelector("script[src*='/keys']");
        if (hasKeys) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
        if (!hasKeys || document.activeElement.closest("tbody tr")) {
            window.usableAt = performance.now();
            return;
        }
    }
    setTimeout(watch, 5);
};
watch();
"""


class Served(NamedTuple):
    """A version of the product that answers, and the cookie of somebody who is signed in there."""

    address: str
    session: str


class Usable(NamedTuple):
    """Milliseconds from the start of a navigation: with nothing in the browser's cache, and later."""

    first: float
    next: float


def measure(versions: Sequence[Served]) -> list[Usable]:
    """They take turns."""
    with _browser() as contexts:
        pages = [_open(next(contexts), each) for each in versions]
        times = [[_visit(page, each) for page, each in zip(pages, versions, strict=True)] for _ in range(VISITS)]
    return [Usable(own[0], statistics.median(own[1:])) for own in zip(*times, strict=True)]


@contextmanager
def _browser() -> Iterator[Iterator["BrowserContext"]]:
    from playwright.sync_api import sync_playwright

    from tests.browser.chromium import CHROMIUM, OPTIONS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield iter(lambda: browser.new_context(viewport={"width": 1440, "height": 900}), None)
        browser.close()


def _open(context: "BrowserContext", version: Served) -> "Page":
    context.add_cookies([{"name": "sessionid", "value": version.session, "url": version.address}])
    page = context.new_page()
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    return page


def _visit(page: "Page", version: Served) -> float:
    page.goto(f"{version.address}/campaigns/", wait_until="commit")
    while not (usable_at := page.evaluate("window.usableAt ?? 0")):
        page.wait_for_timeout(100)
    return float(usable_at)

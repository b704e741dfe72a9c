"""Where Chromium is on this machine, how it is started, and the context that tests share."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

# The headless shell first: the same engine without a browser's own windows, at half the work.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUMS)), None)
# A site's pages share a process: starting one takes longer than most pages do.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--process-per-site"]
VIEWPORT: ViewportSize = {"width": 1280, "height": 720}
OF_A_PAGE = {"viewport", "color_scheme"}  # what else Chromium can be told is for a whole context
# Seconds for whatever is waited for, the first page of a server that has just started above all: a busy machine is no
# fault of the code. Playwright's own would be 30, and 5 for what is expected.
PATIENCE = 90
EMPTY_PAGE = "/static/icons/icon.svg"


@contextmanager
def run_chromium(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE * 1000)
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS, timeout=PATIENCE * 1000)
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE * 1000))
        yield browser
        browser.close()


class KeptContext:
    """A context for one test after another, since Chromium starts a process for each new one and caches nothing.

    Nothing of a test stays in it. What is set for the whole context would: tests set it for their page, or open it in
    a context of its own.
    """

    def __init__(self, chromium: Browser, address: str) -> None:
        self.address = address
        self.context = chromium.new_context(base_url=address)
        # The process ends with its last page.
        self._first = self.context.new_page()
        self._first.goto(EMPTY_PAGE)
        self._devtools = self.context.new_cdp_session(self._first)

    def can_open(self, options: dict[str, Any]) -> bool:
        """A second page of a test may be somebody else's, and so has other cookies."""
        return self.context.pages == [self._first] and options.keys() <= OF_A_PAGE

    def open(self, *, viewport: ViewportSize = VIEWPORT, color_scheme: Literal["light", "dark"] = "light") -> Page:
        page = self.context.new_page()
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme)
        return page

    def forget(self) -> None:
        for page in self.context.pages:
            if page is not self._first:
                page.close()
        self.context.clear_cookies()
        self._devtools.send("Storage.clearDataForOrigin", {"origin": self.address, "storageTypes": "all"})

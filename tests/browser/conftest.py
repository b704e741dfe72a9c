"""Real browsers before a live server. Every page that a test opens must keep its console free of errors."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from django.contrib.auth.models import User
from django.test import Client
from marionette_driver.marionette import Marionette
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import CHROMIUM, VIEWPORT, KeptContext, run_chromium
from tests.browser.complaints import Complaints
from tests.browser.firefox import ChromiumTab, FirefoxTab, Tab, complaints_of, run_firefox
from tests.browser.requests import RequestsAtWork

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
# A busy machine is no fault of the code: pages wait for an answer as long as it takes, not 10 s.
PATIENT = "addEventListener('load', () => { if (window.htmx) htmx.config.timeout = 0; })"

OpenPage = Callable[..., Page]
OpenTab = Callable[[str, User], Tab]


def _give_up(browser: str, package: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"No {browser} was found. Install it: apt-get install {package}.")
    pytest.skip(f"no {browser} was found")


@pytest.fixture(autouse=True)
def clocks(one_clock: None) -> None:
    """Pages go by the database's clock."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        _give_up("Chromium", "chromium")
    with pytest.MonkeyPatch.context() as patch, run_chromium(CHROMIUM) as browser:
        # Playwright keeps an event loop in this thread, beside which Django would refuse to touch the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


@pytest.fixture
def complaints(request: pytest.FixtureRequest) -> Complaints:
    return Complaints(text for mark in request.node.iter_markers("provokes") for text in mark.args)


@pytest.fixture(scope="package")
def kept_context(chromium: Browser, live_server: LiveServer) -> KeptContext:
    return KeptContext(chromium, live_server.url)


@pytest.fixture(scope="package")
def requests_at_work() -> Iterator[RequestsAtWork]:
    requests = RequestsAtWork()
    yield requests
    requests.stop()


@pytest.fixture
def open_page(
    chromium: Browser, kept_context: KeptContext, requests_at_work: RequestsAtWork, complaints: Complaints
) -> Iterator[OpenPage]:
    """Opens an address, signed in as `user` if one is given; other options are those of the browser's context."""
    own: list[BrowserContext] = []

    def new_page(clock: bool, options: dict[str, Any]) -> Page:
        if not clock and kept_context.can_open(options):
            return kept_context.open(**options)
        own.append(chromium.new_context(base_url=kept_context.address, **options))
        page = own[-1].new_page()
        if clock:
            page.clock.install()
        return page

    def open_(path: str, user: User | None = None, *, clock: bool = False, **options: object) -> Page:
        page = new_page(clock, options)
        if user:
            client = Client()
            client.force_login(user)
            session = client.cookies["sessionid"].value
            page.context.add_cookies([{"name": "sessionid", "value": session, "url": kept_context.address}])
        page.add_init_script(PATIENT)
        page.on("console", complaints.hear)
        page.on("pageerror", lambda error: complaints.note(str(error)))
        page.goto(path)
        return page

    yield open_
    for context in own:
        context.close()
    kept_context.forget()
    requests_at_work.wait_for_all()
    assert complaints.noted == []


@pytest.fixture(scope="package")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marionette]:
    if FIREFOX is None:
        _give_up("Firefox", "firefox-esr")
    with run_firefox(FIREFOX, tmp_path_factory.mktemp("firefox")) as marionette:
        yield marionette


@pytest.fixture(params=["chromium", "firefox"])
def open_tab(
    request: pytest.FixtureRequest, live_server: LiveServer, requests_at_work: RequestsAtWork, complaints: Complaints
) -> Iterator[OpenTab]:
    """Opens an address, signed in as `user`, in either browser."""
    if request.param == "chromium":
        open_page: OpenPage = request.getfixturevalue("open_page")
        yield lambda path, user: ChromiumTab(open_page(path, user, viewport=VIEWPORT))
        return
    marionette: Marionette = request.getfixturevalue("firefox")

    def open_(path: str, user: User) -> Tab:
        tab = FirefoxTab(marionette, live_server.url)
        tab.sign_in(user)
        complaints_of(marionette)
        tab.open(path)
        return tab

    yield open_
    for text in complaints_of(marionette):
        complaints.note(text)
    marionette.navigate("about:blank")
    requests_at_work.wait_for_all()
    assert complaints.noted == []

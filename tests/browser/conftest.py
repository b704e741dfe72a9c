"""Real browsers before a live server. Every page that a test opens must keep its console free of errors."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from django.contrib.auth.models import User
from django.test import Client
from marionette_driver.marionette import Marionette
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import CHROMIUM, OPTIONS
from tests.browser.firefox import ChromiumTab, FirefoxTab, Tab, complaints_of, run_firefox

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
VIEWPORT = {"width": 1280, "height": 720}

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
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, beside which Django would refuse to touch the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What pages wrote to their consoles as errors, refused styles and scripts included. A test that provokes some
    clears it."""
    return []


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer, complaints: list[str]) -> Iterator[OpenPage]:
    """Opens an address, signed in as `user` if one is given; other options are those of the browser's context."""
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def open_(path: str, user: User | None = None, *, clock: bool = False, **options: object) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        if user:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
            )
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if clock:
            page.clock.install()
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="package")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marionette]:
    if FIREFOX is None:
        _give_up("Firefox", "firefox-esr")
    with run_firefox(FIREFOX, tmp_path_factory.mktemp("firefox")) as marionette:
        yield marionette


@pytest.fixture(params=["chromium", "firefox"])
def open_tab(request: pytest.FixtureRequest, live_server: LiveServer, complaints: list[str]) -> Iterator[OpenTab]:
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
    complaints.extend(complaints_of(marionette))
    marionette.navigate("about:blank")
    assert complaints == []

"""Firefox, by its own remote protocol (Marionette), since Playwright drives only a Firefox of its own build.

`Tab` is the little that a test in both browsers needs: what a hand does, and what the page then shows.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.test import Client
from marionette_driver import By
from marionette_driver.errors import JavascriptException
from marionette_driver.keys import Keys
from marionette_driver.marionette import Marionette
from playwright.sync_api import Error, Page

from tests.browser.chromium import PATIENCE

START = 60  # seconds that a first start may take on a busy machine
KEYS = {"Enter": Keys.ENTER, "Tab": Keys.TAB, "Escape": Keys.ESCAPE, "ArrowDown": Keys.ARROW_DOWN}
# Any free port; Firefox writes which into a file of the profile.
PREFERENCES = 'user_pref("marionette.port", 0);\n'
# Without system access, recent versions don't let the console be read.
OPTIONS = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
OUTER = {"width": 1280, "height": 806}  # Firefox's own bars take 86 pixels of it


class Tab(Protocol):
    """A page of the product in a browser. Expressions are JavaScript, and their values plain JSON."""

    def open(self, path: str) -> None: ...

    def read(self, expression: str) -> Any: ...

    def click(self, selector: str) -> None: ...

    def type(self, selector: str, text: str) -> None: ...

    def press(self, key: str) -> None:
        """A key, or text, into what has the focus."""

    def point_at(self, selector: str) -> None: ...

    def back(self) -> None: ...

    def choose(self, selector: str, value: str) -> None: ...

    def forget_session(self) -> None: ...


def wait_until(tab: Tab, expression: str) -> None:
    """Until it is true on the page; a page that is just being replaced has no answer yet."""
    end = time.monotonic() + PATIENCE
    while not _is_true(tab, expression):
        assert time.monotonic() < end, f"never came true: {expression}"
        time.sleep(0.02)


def _is_true(tab: Tab, expression: str) -> bool:
    try:
        return bool(tab.read(expression))
    except (Error, JavascriptException):
        return False


class ChromiumTab:
    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str) -> None:
        self.page.goto(path)

    def read(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def click(self, selector: str) -> None:
        self.page.click(selector)

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).press_sequentially(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def point_at(self, selector: str) -> None:
        self.page.hover(selector)

    def back(self) -> None:
        self.page.go_back()

    def choose(self, selector: str, value: str) -> None:
        self.page.select_option(selector, value)

    def forget_session(self) -> None:
        self.page.context.clear_cookies(name="sessionid")


class FirefoxTab:
    def __init__(self, marionette: Marionette, address: str) -> None:
        self.marionette, self.address = marionette, address

    def sign_in(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        self.open("/accounts/login/")  # a cookie can be set for the page that is open, for no other
        self.marionette.delete_all_cookies()
        self.marionette.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value, "path": "/"})

    def open(self, path: str) -> None:
        self.marionette.navigate(self.address + path)

    def read(self, expression: str) -> Any:
        return self.marionette.execute_script(f"return ({expression})", sandbox=None)

    def click(self, selector: str) -> None:
        self._find(selector).click()

    def type(self, selector: str, text: str) -> None:
        self._find(selector).send_keys(text)

    def press(self, key: str) -> None:
        typing = self.marionette.actions.sequence("key", "keyboard")
        typing.send_keys(KEYS.get(key, key)).perform()

    def point_at(self, selector: str) -> None:
        pointing = self.marionette.actions.sequence("pointer", "mouse", {"pointerType": "mouse"})
        pointing.pointer_move(0, 0, origin=self._find(selector)).perform()

    def back(self) -> None:
        self.marionette.go_back()

    def choose(self, selector: str, value: str) -> None:
        self._find(f"{selector} option[value='{value}']").click()

    def forget_session(self) -> None:
        self.marionette.delete_cookie("sessionid")

    def _find(self, selector: str) -> Any:
        return self.marionette.find_element(By.CSS_SELECTOR, selector)


@contextmanager
def run_firefox(program: str, profile: Path) -> Iterator[Marionette]:
    """A Firefox with its own profile. marionette-driver could start one too, but leaves sockets open as it waits."""
    (profile / "user.js").write_text(PREFERENCES)
    quiet = subprocess.DEVNULL
    with subprocess.Popen([program, *OPTIONS, "--profile", str(profile)], stdout=quiet, stderr=quiet) as process:
        try:
            marionette = Marionette(port=_port_of(process, profile))
            marionette.start_session()
            marionette.set_window_rect(**OUTER)
            yield marionette
            marionette.delete_session()
        finally:
            process.terminate()


def _port_of(process: "subprocess.Popen[bytes]", profile: Path) -> int:
    written, end = profile / "MarionetteActivePort", time.monotonic() + START
    while not (written.exists() and written.read_text()):
        assert process.poll() is None, f"Firefox ended with {process.returncode}"
        assert time.monotonic() < end, "Firefox didn't start"
        time.sleep(0.05)
    return int(written.read_text())


def complaints_of(marionette: Marionette) -> list[str]:
    """What pages wrote to Firefox's console as errors, and what it refused by their policies; it is emptied."""
    with marionette.using_context("chrome"):
        found: list[str] = marionette.execute_script(
            """
            const found = Services.console.getMessageArray()
                .filter((each) => each instanceof Ci.nsIScriptError && each.sourceName.startsWith("http"))
                .filter((each) => !(each.flags & Ci.nsIScriptError.warningFlag))
                .map((each) => each.message);
            Services.console.reset();
            return found;
            """
        )
    return found

"""The whole way with real processes: `up` from nothing, a browser, a pause that is confirmed, an audit that holds."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.browser.chromium import CHROMIUM, OPTIONS
from tests.processes.product import Product
from tests.processes.servers import leave_out

pytestmark = pytest.mark.browser

A_MINUTE = 60_000.0  # milliseconds


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path, {})
    product.start()
    yield product
    product.kill()


@pytest.fixture
def page(product: Product) -> Iterator[Page]:
    if CHROMIUM is None:
        leave_out("No Chromium was found. Install it: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser.new_page(base_url=product.address)
        browser.close()


def printed_password(product: Product) -> str:
    told = re.search(r"Sign in as supervisor, reviewer or admin with the password (\S+)", product.group.log)
    assert told, product.group.log
    return told[1]


def sign_in(page: Page, password: str) -> None:
    page.goto("/")
    page.get_by_label("Name").fill("supervisor")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def find_quiet_campaign(page: Page) -> Locator:
    """The row of the active campaign with the fewest calls."""
    page.get_by_label("Status").select_option("ACTIVE")
    page.get_by_role("button", name="Show campaigns").click()
    calls = page.get_by_role("columnheader", name="Calls")
    calls.get_by_role("link").click()  # most first
    calls.get_by_role("link").click()
    expect(calls).to_have_attribute("aria-sort", "ascending")
    return page.locator("#rows tbody tr").first


def test_supervisor_pauses_a_campaign(product: Product, page: Page) -> None:
    sign_in(page, printed_password(product))
    row = find_quiet_campaign(page)
    name = row.locator("a.name").inner_text()
    row.get_by_role("link", name="Pause").click()
    page.get_by_label("Reason").select_option("MAINTENANCE")
    page.get_by_role("button", name=f"Pause {name}").click()

    expect(page).to_have_url(re.compile(r"/operations/[0-9a-f-]{36}/"))
    page.evaluate("window.neverLeft = true")
    expect(page.get_by_label("State", exact=True)).to_contain_text("Confirmed", timeout=A_MINUTE)
    assert page.evaluate("window.neverLeft") is True

    page.get_by_role("link", name="Campaigns").click()
    page.get_by_label("Name or id").fill(name)
    page.get_by_role("button", name="Show campaigns").click()
    expect(page.get_by_role("row", name=name).first).to_contain_text("Paused")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert product.verification()["ok"] is True


def test_ctrl_c_ends_every_process(product: Product) -> None:
    assert len(product.group.members()) == 3
    product.group.send(signal.SIGINT)
    product.group.wait_for_end()
    assert product.group.process.returncode == 0
    assert not (Path(product.environment["VAR_DIR"]) / "simulator.address").exists()

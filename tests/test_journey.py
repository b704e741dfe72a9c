"""The whole way with real processes: `up` from nothing, a browser, a pause that is confirmed, an audit that holds."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import CHROMIUM, run_chromium
from tests.processes.group import ROOT
from tests.processes.product import Product, free_port
from tests.processes.servers import leave_out

pytestmark = pytest.mark.browser


@pytest.fixture
def product(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    """With the simulated CXone of the parameter's dialect."""
    product = Product(tmp_path, {"CXONE_DIALECT": getattr(request, "param", "v2")})
    product.start()
    yield product
    product.kill()


@pytest.fixture
def page(product: Product) -> Iterator[Page]:
    if CHROMIUM is None:
        leave_out("No Chromium was found. Install it: apt-get install chromium.")
    with run_chromium(CHROMIUM) as browser:
        yield browser.new_page(base_url=product.address)


def test_second_product_in_the_same_folder_says_where_the_first_is(product: Product) -> None:
    environment = product.environment | {"PORT": str(free_port())}
    up = [sys.executable, "manage.py", "up"]
    second = subprocess.run(up, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert f"The product runs from this folder already: open {product.address}." in second.stderr
    assert (Path(product.environment["VAR_DIR"]) / "simulator.address").exists()


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
    """The row of the active campaign with the fewest calls, wherever it moves."""
    page.get_by_role("link", name="Dialing").click()
    calls = page.get_by_role("columnheader", name="Calls")
    calls.get_by_role("link").click()  # most first
    calls.get_by_role("link").click()
    expect(calls).to_have_attribute("aria-sort", "ascending")
    # By its id: another campaign's name can hold this one's, with "California: " before it.
    return page.locator(f"#{page.locator('#rows tbody tr').first.get_attribute('id')}")


@pytest.mark.parametrize("product", ["v2", "published"], indirect=True)
def test_supervisor_pauses_a_campaign(product: Product, page: Page) -> None:
    sign_in(page, printed_password(product))
    row = find_quiet_campaign(page)
    name = row.locator("th a").inner_text()
    row.get_by_role("link", name="Pause").click()
    page.get_by_role("radio", name="Maintenance").check()
    page.get_by_role("button", name="Pause campaign").click()

    expect(page).to_have_url(re.compile(r"/operations/[0-9a-f-]{36}/"))
    page.evaluate("window.neverLeft = true")
    expect(page.get_by_label("State", exact=True)).to_contain_text("Confirmed")
    assert page.evaluate("window.neverLeft") is True

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name=re.compile("^All ")).click()  # the list was left with only those that dial
    page.get_by_label("Name or id").fill(name)
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Paused")
    page.locator("#account-menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert product.verification()["ok"] is True


def test_ctrl_c_ends_every_process(product: Product) -> None:
    assert len(product.group.members()) == 3
    product.group.send(signal.SIGINT)
    product.group.wait_for_end()
    assert product.group.process.returncode == 0
    assert not (Path(product.environment["VAR_DIR"]) / "simulator.address").exists()

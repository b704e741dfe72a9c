"""Take the documentation's pictures from the running product: `make pictures`.

The product starts in a temporary folder with the simulated CXone and a year of audit records. Campaigns, records and
what is clicked follow from fixed seeds; times, and the calls in progress, are those of the run. At night nobody dials.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect, sync_playwright

from campaigns.simulator import Simulator
from tests.browser.chromium import CHROMIUM, OPTIONS
from tests.processes.group import ROOT
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product

HOME = ZoneInfo("America/New_York")
PICTURES = ROOT / "docs" / "pictures"
SUBJECT = "Residential Solar"  # twenty campaigns, two of them with more calls than the limit
RECORDS = 12_000
WIDTH = 1280
DRAINED = 120_000  # milliseconds until the last call of a paused campaign has ended
WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def main() -> None:
    if CHROMIUM is None or shutil.which("pngquant") is None:
        sys.exit("The pictures need Chromium and pngquant. Install them: apt-get install chromium pngquant")
    if not 8 <= datetime.now(HOME).hour < 20:
        sys.exit(
            f"The pictures show campaigns that dial. Take them by day: it is {datetime.now(HOME):%H:%M} in New York."
        )
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        product = Product(Path(directory), {"DEMO_PASSWORD": PASSWORD})
        var = Path(product.environment["VAR_DIR"])
        var.mkdir()
        _open_windows(var / "simulator.json")
        _write_history(product)
        product.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        try:
            _take_all(browser, product)
        finally:
            browser.close()
            product.kill()
    subprocess.run(["pngquant", "--force", "--strip", "--ext", ".png", *PICTURES.glob("*.png")], check=True)


def _open_windows(state_file: Path) -> None:
    """Let the campaigns dial on the day of the run, in lawful hours."""
    simulator = Simulator(state_file=state_file, post_events=False)
    for campaign in map(simulator.campaign, simulator.campaign_ids("ACTIVE")):
        if SUBJECT in campaign["name"]:
            schedule = campaign["schedule"]
            simulator.change(campaign["id"], schedule=schedule | {"dialingHours": _hours_today(schedule)})
    simulator.close()


def _hours_today(schedule: dict[str, Any]) -> list[dict[str, str]]:
    today = datetime.now(ZoneInfo(schedule["timezone"])).weekday()
    days = {*WEEK[:4], WEEK[today]}
    return [{"day": day, "startTime": "08:00", "endTime": "20:00"} for day in WEEK if day in days]


def _write_history(product: Product) -> None:
    for command in (["-m", "benchmarks.million", str(RECORDS)], ["manage.py", "rebuild_audit"]):
        subprocess.run([sys.executable, *command], env=product.environment, cwd=ROOT, check=True)


def _take_all(browser: Browser, product: Product) -> None:
    _add_holidays(product)
    busy, *quiet = sorted(_active(product), key=lambda campaign: campaign["active_calls"], reverse=True)
    _pause(product, [campaign["campaign_id"] for campaign in (busy, *quiet[-3:])])
    _take_supervisors(_sign_in(browser, product, "supervisor"), quiet[1]["campaign_id"])
    _take_reviewers(_sign_in(browser, product, "reviewer"))
    page = _sign_in(browser, product, "admin")
    # None of next year's days is over.
    page.goto(f"/holidays/1/?year={datetime.now(ZoneInfo('UTC')).year + 1}")
    _save(page, "holidays", height=960)


def _take_supervisors(page: Page, campaign_id: str) -> None:
    campaign = f"/campaigns/{campaign_id}/"
    page.goto(f"{campaign}pause/")
    page.get_by_role("radio", name="Workforce management override").check()
    _save(page, "pause", height=770)
    page.get_by_role("button", name="Pause campaign").click()
    expect(page.locator("#calls-left")).to_contain_text("ended", timeout=DRAINED)
    _save(page, "operation", height=730)
    page.goto(campaign)
    _save(page, "campaign", height=940)
    page.goto(f"{campaign}schedule/")
    _save(page, "schedule", height=900)
    page.goto("/bulk/stop/")
    _save(page, "stop")
    page.goto("/campaigns/")
    _save(page, "campaigns")
    page.emulate_media(color_scheme="dark")
    _save(page, "campaigns-dark")


def _take_reviewers(page: Page) -> None:
    page.goto("/audit/")
    _save(page, "audit")
    page.goto("/audit/charts/")
    _save(page, "charts", height=1100)


def _add_holidays(product: Product) -> None:
    year = datetime.now(ZoneInfo("UTC")).year
    product.manage("add_holiday", "US holidays", "--date", f"{year}-12-24", "--name", "Christmas Eve")
    product.manage("import_holidays", "US holidays", "--country", "US", "--years", str(year), str(year + 1))
    product.manage("assign_calendar", "US holidays", "--all")


def _active(product: Product) -> list[dict[str, Any]]:
    listed = product.manage("list_campaigns", "--status", "ACTIVE").stdout.splitlines()
    return [campaign for campaign in map(json.loads, listed) if SUBJECT in campaign["name"]]


def _pause(product: Product, campaign_ids: list[str]) -> None:
    supervisor = Person(product.address, "supervisor", PASSWORD)
    for campaign_id in campaign_ids:
        supervisor.pause(campaign_id)
    supervisor.close()


def _sign_in(browser: Browser, product: Product, name: str) -> Page:
    page = browser.new_page(base_url=product.address, locale="en-US", timezone_id=HOME.key)
    page.goto("/accounts/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("#account-menu")
    return page


def _save(page: Page, name: str, height: int = 800) -> None:
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()

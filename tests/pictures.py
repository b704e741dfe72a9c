"""Take the documentation's pictures from the running product: `make pictures`.

The product starts in a temporary folder with the simulated CXone and a year of audit records. Campaigns, records and
what is clicked follow from fixed seeds; times, and the calls in progress, are those of the run.
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

PICTURES = ROOT / "docs" / "pictures"
SUBJECT = "Residential Solar"  # twenty campaigns, two of them with more calls than the limit
RECORDS = 12_000
WIDTH = 1280
DRAINED = 120_000  # milliseconds until the last call of a paused campaign has ended
WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def main() -> None:
    if CHROMIUM is None or shutil.which("pngquant") is None:
        sys.exit("The pictures need Chromium and pngquant. Install them: apt-get install chromium pngquant")
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
    """Let the campaigns dial at the time of the run, whatever the hour, as they would by day."""
    simulator = Simulator(state_file=state_file, post_events=False)
    for campaign in map(simulator.campaign, simulator.campaign_ids("ACTIVE")):
        if SUBJECT in campaign["name"]:
            schedule = campaign["schedule"]
            simulator.change(campaign["id"], schedule=schedule | {"dialingHours": _hours_around_now(schedule)})
    simulator.close()


def _hours_around_now(schedule: dict[str, Any]) -> list[dict[str, str]]:
    now = datetime.now(ZoneInfo(schedule["timezone"]))
    days = {*WEEK[:4], WEEK[now.weekday()]}
    start, end = max(now.hour - 3, 0), min(now.hour + 5, 23)
    return [
        {"day": day, "startTime": f"{start:02}:00", "endTime": f"{end:02}:59" if end == 23 else f"{end:02}:00"}
        for day in WEEK
        if day in days
    ]


def _write_history(product: Product) -> None:
    for command in (["-m", "benchmarks.million", str(RECORDS)], ["manage.py", "rebuild_audit"]):
        subprocess.run([sys.executable, *command], env=product.environment, cwd=ROOT, check=True)


def _take_all(browser: Browser, product: Product) -> None:
    _add_holidays(_sign_in(browser, product, "admin"), product)
    busy, *quiet = sorted(_active(product), key=lambda campaign: campaign["active_calls"], reverse=True)
    _pause(product, [campaign["campaign_id"] for campaign in (busy, *quiet[-3:])])

    page = _sign_in(browser, product, "supervisor")
    campaign = f"/campaigns/{quiet[1]['campaign_id']}/"
    page.goto(f"{campaign}pause/")
    page.get_by_label("Reason").select_option("WFM_OVERRIDE")
    _save(page, "pause", height=770)
    page.get_by_role("button", name="Pause ").click()
    expect(page.get_by_text("How the calls ended")).to_be_visible(timeout=DRAINED)
    _save(page, "operation", height=730)
    page.goto(campaign)
    _save(page, "campaign", height=940)
    page.goto(f"/campaigns/?q={SUBJECT}")
    _save(page, "campaigns")
    page.emulate_media(color_scheme="dark")
    _save(page, "campaigns-dark")

    page = _sign_in(browser, product, "reviewer")
    page.goto("/audit/charts/")
    _save(page, "charts", height=1100)


def _add_holidays(page: Page, product: Product) -> None:
    page.goto("/holidays/")
    page.get_by_label("Name").fill("US holidays")
    page.get_by_role("button", name="Make calendar").click()
    page.wait_for_url("**/holidays/*/**")
    year = datetime.now(ZoneInfo("UTC")).year
    product.manage("import_holidays", "US holidays", "--country", "US", "--years", str(year), str(year + 1))
    page.goto(f"/holidays/1/campaigns/?q={SUBJECT}")
    for box in page.locator("input[name=ticked]").all():
        box.check()
    page.get_by_role("button", name="Save these").click()
    page.context.close()


def _active(product: Product) -> list[dict[str, Any]]:
    listed = product.manage("list_campaigns", "--status", "ACTIVE").stdout.splitlines()
    return [campaign for campaign in map(json.loads, listed) if SUBJECT in campaign["name"]]


def _pause(product: Product, campaign_ids: list[str]) -> None:
    supervisor = Person(product.address, "supervisor", PASSWORD)
    for campaign_id in campaign_ids:
        supervisor.pause(campaign_id)
    supervisor.close()


def _sign_in(browser: Browser, product: Product, name: str) -> Page:
    page = browser.new_page(base_url=product.address, locale="en-US", timezone_id="America/New_York")
    page.goto("/accounts/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/campaigns/")
    return page


def _save(page: Page, name: str, height: int = 800) -> None:
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()

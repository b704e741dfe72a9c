"""The whole way with the published API: real processes, a browser, and a tenant that lets calls end first."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import CHROMIUM, run_chromium
from tests.processes.cxone import PublishedCXone
from tests.processes.group import wait_until
from tests.processes.product import PASSWORD, Product
from tests.processes.servers import leave_out

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

HOURS = {day: ["09:00", "20:00"] for day in ("MON", "TUE", "WED", "THU", "FRI")}


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[PublishedCXone]:
    """Three skills of one campaign of CXone, each with calls; one of another."""
    tenant = PublishedCXone(tmp_path, "--campaigns", "0", "--rate", "0")
    tenant.start()
    for skill_id, name, calls in (("1", "Spring renewal", 7), ("2", "Autumn renewal", 3), ("3", "Winter renewal", 2)):
        tenant.add(id=skill_id, name=name, calls=calls, campaign="Q4 Outreach", schedule=HOURS)
    tenant.add(id="4", name="Collections", calls=4, campaign="Q3")
    yield tenant
    tenant.close()


@pytest.fixture
def product(tmp_path: Path, tenant: PublishedCXone) -> Iterator[Product]:
    """Connected as to a real tenant; it reads more often than it may there."""
    quick = {"CXONE_RATE_PER_MINUTE": "1000", "SYNC_INTERVAL_SECONDS": "2", "DEMO_PASSWORD": PASSWORD}
    # The journey is the admin's; where a tenant is real, they set up a second factor first.
    product = Product(tmp_path, tenant.settings | quick | {"MFA_REQUIRED_FOR": "nobody"})
    product.start()
    yield product
    product.kill()


@pytest.fixture
def page(product: Product) -> Iterator[Page]:
    if CHROMIUM is None:
        leave_out("No Chromium was found. Install it: apt-get install chromium.")
    with run_chromium(CHROMIUM) as browser:
        page = browser.new_page(base_url=product.address)
        page.goto("/")
        page.get_by_label("Name").fill("admin")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        yield page


def content(page: Page) -> Locator:
    """Without the head, whose folded menus may say the same."""
    return page.get_by_role("main")


def state(page: Page) -> Locator:
    return page.get_by_label("State", exact=True)


def ask_from_list(page: Page, name: str, verb: str) -> None:
    """The form of the row's button, with a reason."""
    page.goto("/campaigns/")
    page.get_by_role("row", name=name).get_by_role("link", name=verb).click()
    page.get_by_role("radio").first.check()


def is_running(tenant: PublishedCXone, *skills: str) -> list[bool]:
    return [bool(tenant.campaign(skill)["running"]) for skill in skills]


def test_floor_works_on_the_published_api(product: Product, tenant: PublishedCXone, page: Page) -> None:
    page.goto("/campaigns/?tag=CXone+campaign:Q4+Outreach")
    expect(page.locator("#rows tbody tr")).to_have_count(3)

    stop_with_calls_in_progress(page, tenant)
    start_again(page, tenant)
    change_hours_while_others_do(page, tenant)
    stop_a_campaign_of_cxone(page, tenant)
    let_the_guard_stop_for_a_holiday(page, tenant, product)
    assert product.verification()["ok"] is True


def stop_with_calls_in_progress(page: Page, tenant: PublishedCXone) -> None:
    tenant.switch(turns="after calls")
    ask_from_list(page, "Spring renewal", "Pause")
    expect(page.get_by_text("CXone has no pause")).to_be_visible()
    page.get_by_role("button", name="Pause campaign").click()
    expect(page).to_have_url(re.compile(r"/operations/[0-9a-f-]{36}/"))
    expect(content(page).get_by_text(re.compile("CXone lets [1-7] calls? end first")).first).to_be_visible()
    assert is_running(tenant, "1") == [True]
    tenant.change("1", calls=0)
    expect(state(page)).to_contain_text("Confirmed")
    assert is_running(tenant, "1") == [False]
    tenant.switch(turns="at once")


def start_again(page: Page, tenant: PublishedCXone) -> None:
    ask_from_list(page, "Spring renewal", "Resume")
    page.get_by_role("button", name="Resume campaign").click()
    expect(state(page)).to_contain_text("Confirmed")
    assert is_running(tenant, "1") == [True]


def change_hours_while_others_do(page: Page, tenant: PublishedCXone) -> None:
    """Tuesday by somebody in CXone, Monday by us: both are there in the end."""
    page.goto("/campaigns/2/schedule/")
    page.get_by_label("Monday start").fill("10:00")
    tenant.change("2", schedule=HOURS | {"TUE": ["11:00", "20:00"]})
    page.get_by_role("button", name="Save hours").and_(page.locator(".primary")).click()
    expect(page).to_have_url(re.compile(r"/operations/[0-9a-f-]{36}/"))
    expect(state(page)).to_contain_text("Confirmed")
    week = str(tenant.campaign("2")["schedule"])
    assert "10:00" in week
    assert "11:00" in week


def stop_a_campaign_of_cxone(page: Page, tenant: PublishedCXone) -> None:
    page.goto("/bulk/pause/?all=1&tag=CXone+campaign:Q4+Outreach")
    page.get_by_role("radio", name="Maintenance").check()
    page.get_by_role("button", name="Pause 3 campaigns").click()
    expect(page).to_have_url(re.compile("/bulk/[0-9a-f-]{36}/$"))
    wait_until(
        lambda: is_running(tenant, "1", "2", "3", "4") == [False, False, False, True], lambda: "not all have stopped"
    )
    expect(content(page).get_by_text("3 confirmed", exact=False).first).to_be_visible()


def let_the_guard_stop_for_a_holiday(page: Page, tenant: PublishedCXone, product: Product) -> None:
    today = datetime.now(UTC).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        assert product.manage("add_holiday", "Company days", "--date", day.isoformat()).returncode == 0
    assert product.manage("assign_calendar", "Company days", "--campaign", "4").returncode == 0
    page.goto("/holidays/")
    page.get_by_role("link", name="Company days").first.click()
    page.get_by_role("link", name="let the holiday guard do that").click()
    page.get_by_role("button", name="Switch the guard on").click()
    wait_until(lambda: is_running(tenant, "4") == [False], lambda: "the guard has stopped nothing")
    page.goto("/campaigns/4/")
    expect(content(page).get_by_text("Holiday guard").first).to_be_visible()

"""The page of verification in a browser: it follows a walk by itself, and a break is told wherever one is."""

import pytest
from playwright.sync_api import expect

from audit import chain
from audit.integrity import known_break, monitor
from tests.audit.ledgers import append_some
from tests.browser.checks import check_accessible, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "/audit/verify/"
NARROW = {"width": 360, "height": 740}


@pytest.fixture(autouse=True)
def records() -> None:
    append_some(3)
    monitor.run_step()


def break_in() -> None:
    known_break.report_break(
        chain.Break(2, f"the checkpoint of checkpoints-2026-11.jsonl holds {'f' * 64}, which is another")
    )


@pytest.mark.parametrize("broken", [False, True])
def test_page_is_accessible(open_page: OpenPage, broken: bool) -> None:
    if broken:
        break_in()
    page = open_page(ADDRESS, make_user("admin"))
    check_accessible(page)


@pytest.mark.parametrize("path", [ADDRESS, "/campaigns/"])
def test_break_fits_narrow_screens(open_page: OpenPage, path: str) -> None:
    break_in()
    page = open_page(path, make_user("reviewer"), viewport=NARROW)
    check_width(page, 360)


def test_page_follows_a_walk(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, make_user("reviewer"))
    page.get_by_role("button", name="Check everything now").press("Enter")
    expect(page.get_by_text("Everything is being checked")).to_be_visible()
    monitor.run_step()
    expect(page.get_by_text("Everything is being checked")).to_be_hidden()


def test_buttons_work_without_scripts(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, make_user("reviewer"), java_script_enabled=False)
    page.get_by_role("button", name="Check everything now").click()
    expect(page.get_by_text("Everything will be checked, from record 1 on.")).to_be_visible()


def test_banner_leads_to_the_page(open_page: OpenPage) -> None:
    break_in()
    page = open_page("/operations/", make_user("reviewer"))
    page.get_by_role("link", name="What this means and what to do").click()
    expect(page.get_by_text("Leave the database as it is")).to_be_visible()

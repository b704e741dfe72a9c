"""Holiday calendars in a browser: an import from a file, pages that everybody can read, on every width."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_calendar, make_campaign, make_holiday, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rung")]

ADDRESSES = [
    "/holidays/",
    *(
        f"/holidays/7/{page}"
        for page in ("", "settings/", "delete/", "campaigns/", "preview/?span=60", "add/", "9/", "import/")
    ),
    "/holidays/7/import/?country=US",
    "/holidays/7/import/?country=US&years={year}&preview=1",
    "/campaigns/",
    "/campaigns/c-1/",
]
FILE = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Fair\nDTSTART:{year}0703\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.fixture(autouse=True)
def rows() -> None:
    calendar = make_calendar(make_campaign("c-1"), id=7)
    make_holiday(calendar, "2020-07-04", name="A holiday with quite a long name", every_year=True, observed=True, id=9)


@pytest.mark.parametrize("java_script", [True, False])
def test_file_is_looked_over_and_taken(open_page: OpenPage, tmp_path: Path, java_script: bool) -> None:
    (tmp_path / "fair.ics").write_text(FILE.format(year=timezone.now().year), encoding="utf-8")
    page = open_page("/holidays/7/import/", make_user("admin"), java_script_enabled=java_script)
    page.get_by_label("An .ics file of at most 2 MB").set_input_files(tmp_path / "fair.ics")
    page.get_by_role("button", name="Show its holidays").click()
    expect(page.get_by_role("checkbox", name="Add Fair on")).to_be_checked()
    page.get_by_role("button", name="Add the ticked holidays").click()
    expect(page.get_by_text("1 added, 0 there already, from the file fair.ics.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/holidays/", make_user("admin"), color_scheme=scheme, viewport=viewport)
    for address in ADDRESSES:
        page.goto(address.format(year=timezone.now().year))
        check_accessible(page)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_page_never_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport={"width": width, "height": 740})
    for address in ADDRESSES:
        page.goto(address.format(year=timezone.now().year))
        check_width(page, width)


def test_targets_are_large_enough_for_fingers(open_page: OpenPage) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    for address in ADDRESSES:
        page.goto(address.format(year=timezone.now().year))
        check_targets(page)

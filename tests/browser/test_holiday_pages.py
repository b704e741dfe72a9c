"""Holiday calendars in a browser: an import from a file, pages that everybody can read, on every width."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Calendar
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage
from tests.factories import make_calendar, make_campaign, make_holiday, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

ADDRESSES = [
    "/holidays/",
    "/holidays/new/",
    "/holidays/7/rules/?name_part=a",
    "/holidays/7/?year=2027",
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


@pytest.mark.parametrize("java_script", [True, False])
def test_year_is_turned_and_a_day_leads_to_its_campaigns(open_page: OpenPage, java_script: bool) -> None:
    page = open_page("/holidays/7/", make_user("admin"), java_script_enabled=java_script)
    year = timezone.now().year + 1
    page.get_by_role("navigation", name="Years").get_by_role("link", name=str(year)).click()
    expect(page.get_by_role("heading", name=f"{year}: ")).to_be_in_viewport()
    july = page.get_by_role("table", name=f"July {year}")
    day = july.get_by_role("cell", name=re.compile("^4 ?: A holiday")).get_by_role("link")
    day.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#on-{year}-07-04")).to_contain_text("A holiday with quite a long name")


def test_year_is_three_months_wide_on_paper(open_page: OpenPage) -> None:
    page = open_page("/holidays/7/", make_user("admin"))
    page.emulate_media(media="print")
    tops = [page.get_by_role("table", name=name).bounding_box() for name in ("January", "March", "April")]
    january, march, april = (top["y"] if top else 0 for top in tops)
    assert january == march < april
    expect(page.get_by_role("navigation", name="Years")).to_be_hidden()


@pytest.mark.provokes(*REFUSED)
def test_calendar_is_created_on_a_page_of_its_own(open_page: OpenPage) -> None:
    page = open_page("/holidays/", make_user("admin"), java_script_enabled=False)
    page.get_by_role("link", name="New calendar").click()
    page.get_by_role("button", name="Create calendar").click()
    page.get_by_role("link", name="Give the calendar a name.").click()
    page.get_by_label("Name").fill("Company days")
    page.get_by_role("button", name="Create calendar").click()
    expect(page.get_by_role("heading", name="Company days", exact=True)).to_be_visible()


def feed(*events: str) -> str:
    return "\n".join(("BEGIN:VCALENDAR", *events, "END:VCALENDAR", ""))


def event(day: int, uid: str, name: str, *lines: str) -> str:
    on = f"DTSTART;VALUE=DATE:{timezone.now().year + 1}03{day:02}"
    return "\n".join(("BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{name}", on, *lines, "END:VEVENT"))


def show_preview(page: Page, file: Path, *events: str) -> None:
    file.write_text(feed(*events), encoding="utf-8")
    page.goto(f"{page.url.split('/holidays/')[0]}/holidays/7/import/")
    page.get_by_label("An .ics file of at most 2 MB").set_input_files(file)
    page.get_by_role("button", name="Show its holidays").click()


@pytest.fixture
def corrected() -> list[str]:
    """A feed of which the calendar has an earlier version: an event has moved, another is withdrawn, one is an
    observance, one can't be read; with names as long as a file can give them."""
    year = timezone.now().year + 1
    make_holiday(Calendar.objects.get(pk=7), f"{year}-03-09", uid="feast", name="Feast (tentative)")
    make_holiday(Calendar.objects.get(pk=7), f"{year}-03-20", uid="fair", name="x" * 200)
    return [
        event(10, "feast", "Feast"),
        event(20, "fair", "Fair", "STATUS:CANCELLED"),
        event(21, "flower", "Flower Day " + "y" * 160, "DESCRIPTION:Observance"),
        event(22, "broken", "<b>" + "z" * 170, "RRULE:FREQ=NONSENSE"),
    ]


@pytest.mark.parametrize("java_script", [True, False])
def test_old_day_is_taken_out_when_ticked(
    open_page: OpenPage, tmp_path: Path, corrected: list[str], java_script: bool
) -> None:
    page = open_page("/holidays/", make_user("admin"), java_script_enabled=java_script)
    show_preview(page, tmp_path / "feed.ics", *corrected)
    expect(page.get_by_role("checkbox", name="Add Feast on")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Add Flower Day")).not_to_be_checked()
    old = page.get_by_role("checkbox", name="Remove Feast (tentative) on")
    expect(old).not_to_be_checked()
    old.check()
    page.get_by_role("button", name="Add and remove what is ticked").click()
    expect(page.get_by_text("1 added, 0 there already, 1 removed, from the file feed.ics.")).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_preview_of_a_corrected_feed_can_be_read_by_everybody(
    open_page: OpenPage, tmp_path: Path, corrected: list[str], viewport: dict[str, int]
) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport=viewport, has_touch=True)
    show_preview(page, tmp_path / "feed.ics", *corrected)
    check_accessible(page)
    check_width(page, viewport["width"])
    check_targets(page)


def test_nine_hundred_holidays_fit_a_narrow_page(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport=NARROW, java_script_enabled=False)
    show_preview(page, tmp_path / "many.ics", event(1, "many", "Day " + "w" * 160, "RRULE:FREQ=DAILY;COUNT=900"))
    year = timezone.now().year
    days = (date(year + 3, 1, 1) - date(year + 1, 3, 1)).days  # to the end of the years that are read
    expect(page.get_by_role("checkbox")).to_have_count(days)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, viewport: dict[str, int]) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport=viewport)
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

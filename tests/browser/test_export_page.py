"""The export's page in a browser: a file comes of a click, also without JavaScript; it fits narrow screens."""

import csv
from pathlib import Path

import pytest

from audit.kinds import RecordKind
from audit.models import Record
from tests.audit.ledgers import append_some
from tests.browser.checks import check_accessible, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "/audit/export/?kind=operation.asked&campaign=c-1"
NARROW = {"width": 360, "height": 740}


@pytest.fixture(autouse=True)
def records() -> None:
    append_some(3)


@pytest.mark.parametrize("scripts", [True, False])
def test_click_downloads_the_file(open_page: OpenPage, tmp_path: Path, scripts: bool) -> None:
    page = open_page(ADDRESS, make_user("reviewer"), java_script_enabled=scripts)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export 3 records as CSV").click()
    assert download.value.suggested_filename.endswith("-c-1-operation.asked-3-records.csv")
    download.value.save_as(tmp_path / "file.csv")
    with (tmp_path / "file.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [line["number"] for line in csv.DictReader(file)] == ["1", "2", "3"]


def test_other_format_is_exported_right_after_the_first(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, make_user("reviewer"))
    files = []
    for words in ("as CSV", "as JSON lines"):
        with page.expect_download() as download:
            page.get_by_role("button", name=words).click()
        files.append(download.value.suggested_filename.rpartition(".")[2])
    assert files == ["csv", "jsonl"]


def test_keyboard_is_enough(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, make_user("reviewer"))
    page.get_by_role("button", name="as a workbook").focus()
    for _ in ("as CSV", "as JSON lines"):
        page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".jsonl")
    assert Record.objects.get(kind=RecordKind.EXPORT_MADE).details["format"] == "jsonl"


@pytest.mark.parametrize(
    "query", ["", "kind=operation.asked", "campaign=nobody", "since=yesterday", f"by={'x' * 140}"]
)
def test_page_never_scrolls_sideways(open_page: OpenPage, query: str) -> None:
    page = open_page(f"/audit/export/?{query}", make_user("reviewer"), viewport=NARROW)
    check_width(page, 360)


def test_touch_targets_are_large(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, make_user("reviewer"), viewport=NARROW, has_touch=True, is_mobile=True)
    heights = page.locator("main :is(a, button).button:visible, main .tabs a").evaluate_all(
        "found => found.map(e => Math.round(e.getBoundingClientRect().height))"
    )
    assert min(heights) >= 44


def test_axe_finds_nothing(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, make_user("reviewer"))
    check_accessible(page)

"""The checks that every page must bear find what they are there for."""

import pytest
from playwright.sync_api import Page

from tests.browser.checks import check_accessible
from tests.browser.chromium import EMPTY_PAGE
from tests.browser.conftest import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Each colour comes several times, and each is written in two ways.
READABLE = '<p style="color: rgb(0, 0, 0); background: #fff">plain</p><p style="color: #000">plain</p>'
FAINT = '<p style="color: rgba(0, 0, 0, 0.3); background: #fff">faint</p>'
LINK = '<p style="color: #000">A <a href="/" style="color: #112; text-decoration: none">link</a> in words</p>'
# What is shown in one scheme only.
SCHEMES = """<style>
@media (prefers-color-scheme: dark) { .light { display: none } }
@media (prefers-color-scheme: light) { .dark { display: none } }
</style>"""
NAMELESS = "<button></button>"


def show(page: Page, content: str) -> None:
    page.goto("about:blank")  # which has no policy against styles
    page.set_content(
        f"<!doctype html><html lang=en><title>T</title>{SCHEMES}"
        f"<body style='background: #fff'><main><h1>T</h1>{content}"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("bad", "rule"), [(FAINT, "color-contrast"), (FAINT + READABLE, "color-contrast"), (LINK, "link-in-text-block")]
)
def test_colours_are_found_in_light_and_dark(open_page: OpenPage, scheme: str, bad: str, rule: str) -> None:
    page = open_page(EMPTY_PAGE)
    show(page, READABLE * 2)
    check_accessible(page)
    show(page, READABLE * 2 + bad.replace("<p ", f"<p class={scheme} "))
    with pytest.raises(AssertionError, match=f"in {scheme}: (?s:.*){rule}"):
        check_accessible(page)


def test_what_is_no_matter_of_colour_is_found_in_light(open_page: OpenPage) -> None:
    page = open_page(EMPTY_PAGE)
    show(page, NAMELESS)
    with pytest.raises(AssertionError, match="button-name"):
        check_accessible(page)

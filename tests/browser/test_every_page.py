"""What every page must bear, one of each kind: axe's rules in light and dark, and a narrow screen."""

import pytest
from playwright.sync_api import Page

from tests.browser.checks import WIDE, check_accessible, check_examples, check_width
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage
from tests.factories import make_user
from tests.pages.addresses import one_of_each_kind
from tests.pages.everything import make_everything

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # The browser's word on pages that there is nothing to do on.
    pytest.mark.provokes(*REFUSED),
]

# The pages are dealt to several tests, each of which stays within the time that a test may take.
HANDS = 8


@pytest.fixture
def everything(enqueued: list[tuple[str, ...]]) -> None:
    make_everything()


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("hand", range(HANDS))
def test_page_is_accessible_and_fits_a_phone(open_page: OpenPage, hand: int) -> None:
    page = open_page("/account/", make_user("admin"), viewport=WIDE)
    for address in one_of_each_kind()[hand::HANDS]:
        page.goto(address)
        check_accessible(page)
        _check_on_a_phone(page)


def _check_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    check_width(page, 360)
    check_examples(page)
    page.set_viewport_size({"width": 1280, "height": 900})

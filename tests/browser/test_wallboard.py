"""The wallboard on a screen that nobody touches: it refreshes itself, and never lets old data look live."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from campaigns.models import Finding, FindingCode, SyncState, WallLink
from campaigns.pages.wall import board_views
from tests.browser.complaints import UNREACHABLE, answers
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_wall_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TOKEN = "a-token-of-a-wallboard"
BOARD, LIVE = f"/wall/{TOKEN}/", f"**/wall/{TOKEN}/live/**"
TV = {"width": 1920, "height": 1080}


@pytest.fixture
def link() -> WallLink:
    SyncState.objects.update(last_good_at=timezone.now(), interval_seconds=600)
    return make_wall_link(TOKEN, group_by="client")


@pytest.fixture
def board(link: WallLink, open_page: OpenPage) -> Page:
    """On a clock that the test moves."""
    return open_page(BOARD, clock=True, viewport=TV)


def test_it_refreshes_itself(board: Page) -> None:
    expect(board.get_by_text("Nothing needs attention.")).to_be_visible()
    now, campaign = timezone.now(), make_campaign(name="Spring", active_calls=1234, urgency=9)
    Finding.objects.create(
        campaign=campaign, code=FindingCode.CALLS_OUTSIDE_HOURS, cause="x", since=now, opened_at=now
    )
    SyncState.bump()
    board.clock.run_for(6_000)
    expect(board.get_by_text("Calls outside hours")).to_be_visible()
    expect(board.get_by_role("definition").last).to_have_text("1,234")


@pytest.mark.provokes(*answers(404))
def test_revoked_link_stops_within_a_refresh(board: Page, link: WallLink) -> None:
    make_campaign(name="Spring")
    WallLink.objects.update(revoked_at=timezone.now(), revoked_by="ada")
    board.clock.run_for(6_000)
    expect(board.get_by_role("alert")).to_contain_text("This link no longer works.")
    expect(board.locator("#wall")).to_have_count(0)


@pytest.mark.provokes(*UNREACHABLE)
def test_server_that_is_gone_is_said_loudly_until_it_is_back(board: Page) -> None:
    board.route(LIVE, lambda route: route.abort())
    board.clock.run_for(22_000)
    expect(board.get_by_role("alert")).to_contain_text("Not connected for")
    expect(board.get_by_text("Live")).to_be_hidden()
    expect(board.locator(".wall-counts")).to_have_css("filter", "grayscale(1)")
    board.unroute(LIVE)
    board.clock.run_for(6_000)
    expect(board.locator("#wall-trouble")).to_be_hidden()


@pytest.mark.provokes(*answers(502))
def test_server_that_fails_is_tried_again(board: Page) -> None:
    board.route(LIVE, lambda route: route.fulfill(status=502, body="Bad gateway"))
    board.clock.run_for(60_000)
    expect(board.get_by_role("alert")).to_contain_text("It keeps trying.")
    board.unroute(LIVE)
    board.clock.run_for(6_000)
    expect(board.locator("#wall-trouble")).to_be_hidden()


@pytest.mark.usefixtures("link")
def test_data_that_is_old_is_said_loudly(open_page: OpenPage) -> None:
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(minutes=20), interval_seconds=15)
    board = open_page(BOARD, viewport=TV)
    expect(board.get_by_text("OLD: from")).to_be_visible()
    expect(board.locator(".wall-counts")).to_have_css("filter", "grayscale(1)")


@pytest.mark.provokes(*UNREACHABLE)
def test_age_of_the_data_counts_on(board: Page) -> None:
    board.route(LIVE, lambda route: route.abort())
    board.clock.run_for(8_000)
    expect(board.locator("[data-age]")).to_have_text(re.compile("^([89]|[1-5][0-9]) s$"))


def test_new_release_reloads_the_page(board: Page) -> None:
    board.evaluate("window.isOldPage = true")

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "x-release": "another"})

    board.route(LIVE, answer)
    with board.expect_navigation():
        board.clock.run_for(6_000)
    assert board.evaluate("window.isOldPage") is None


def test_release_is_another_when_the_page_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = board_views.board_release.__wrapped__()
    monkeypatch.setattr(board_views, "static", lambda path: f"{path}?new")
    assert board_views.board_release.__wrapped__() != before


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (2560, 1440), (1280, 720)])
def test_it_fits_on_the_screen(open_page: OpenPage, width: int, height: int) -> None:
    now = timezone.now()
    for number in range(20):
        campaign = make_campaign(
            name=f"Late-Stage Collections of the Northwind in North Carolina {number}",
            tags={"client": f"Client number {number}"},
            active_calls=987,
            urgency=number % 2,
        )
        Finding.objects.create(
            campaign=campaign, code=FindingCode.CALLS_OUTSIDE_HOURS, cause="x", since=now, opened_at=now
        )
    board = open_page(BOARD, viewport={"width": width, "height": height})
    needed = board.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert needed == [width, height]


@pytest.mark.usefixtures("link")
def test_it_is_dark_whatever_the_screen_prefers(open_page: OpenPage) -> None:
    board = open_page(BOARD, viewport=TV, color_scheme="light")
    expect(board.locator("body")).to_have_css("background-color", "rgb(15, 18, 21)")
    assert board.context.cookies() == []


def test_sound_is_off_until_somebody_turns_it_on(open_page: OpenPage) -> None:
    make_wall_link(TOKEN, offers_sound=True)
    board = open_page(BOARD, viewport=TV)
    button = board.get_by_role("button", name="Turn the sound on")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(board.get_by_role("button", name="Turn the sound off")).to_have_attribute("aria-pressed", "true")

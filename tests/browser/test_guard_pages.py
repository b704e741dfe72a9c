"""The holiday guard in a browser: switched with and without script, and pages that everybody can read."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from campaigns.guard import rounds
from campaigns.models import Calendar, Campaign, GuardedStretch, LeftAlone
from campaigns.queueing.rows import database_now
from campaigns.states import State
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.conftest import OpenPage
from tests.factories import make_calendar, make_campaign, make_holiday, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

ADDRESSES = ["/holidays/", "/holidays/7/", "/holidays/7/settings/", "/holidays/7/delete/", "/campaigns/"]


@pytest.fixture
def calendar() -> Calendar:
    """A holiday lasts for four campaigns: one is held, one left alone, one about to be paused, one without a zone."""
    campaigns = [make_campaign(name) for name in ("held", "left", "new")]
    campaigns.append(make_campaign("undated", schedule={}, timezone=""))
    calendar, now = make_calendar(*campaigns, id=7, name="A calendar of holidays"), database_now()
    for days in (-1, 0, 1):
        make_holiday(calendar, str((now + timedelta(days=days)).date()), name="Independence Day and more")
    return calendar


@pytest.fixture
def guarded(calendar: Calendar) -> list[str]:
    """Addresses of pages that say something of it."""
    Calendar.objects.update(guarded=True)
    pause = make_operation(Campaign.objects.get(pk="held"), state=State.CONFIRMED, origin="guard", by="Holiday guard")
    Campaign.objects.filter(pk="held").update(status="PAUSED", explained_by=pause, controller="Holiday guard")
    now = database_now()
    times = {"begins": now - timedelta(days=1), "ends": now + timedelta(days=1), "holidays": "Independence Day"}
    GuardedStretch.objects.create(campaign_id="held", pause=pause, tries=1, **times)
    GuardedStretch.objects.create(campaign_id="left", left_alone=LeftAlone.CHANGED, **times)
    pages = [f"/campaigns/{campaign.pk}/" for campaign in Campaign.objects.all()]
    return [*ADDRESSES, *pages, "/campaigns/held/resume/", f"/operations/{pause.pk}/"]


@pytest.mark.parametrize("java_script", [True, False])
def test_it_is_switched_on_and_off(open_page: OpenPage, calendar: Calendar, java_script: bool) -> None:
    page = open_page("/holidays/7/", make_user("admin"), java_script_enabled=java_script)
    page.get_by_role("link", name="let the holiday guard do that").click()
    expect(page.get_by_text("3 campaigns are paused at once:")).to_be_visible()
    page.get_by_role("button", name="Switch the guard on").click()
    expect(page.get_by_text("The holiday guard of A calendar of holidays is on.")).to_be_visible()
    page.get_by_role("link", name="Name, zone and guard").click()
    page.get_by_role("button", name="Switch the guard off").click()
    expect(page.get_by_text("This calendar warns; it does not stop dialing.")).to_be_visible()


def test_keyboard_alone_switches_it(open_page: OpenPage, calendar: Calendar) -> None:
    page = open_page("/holidays/7/settings/", make_user("admin"))
    page.get_by_role("button", name="Switch the guard on").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The holiday guard is on.")).to_be_visible()


def test_campaign_page_follows_the_guard(open_page: OpenPage, calendar: Calendar) -> None:
    page = open_page("/campaigns/new/", make_user("supervisor"))
    expect(page.get_by_text("Its calendar warns; it does not stop dialing.")).to_be_visible()
    Calendar.objects.update(guarded=True)
    expect(page.get_by_text("The holiday guard pauses it now")).to_be_visible()
    rounds.make_round()
    newest = page.get_by_role("region", name="State").get_by_text("Holiday guard asked to pause the campaign for")
    expect(newest).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, guarded: list[str], viewport: dict[str, int]) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport=viewport)
    for address in guarded:
        page.goto(address)
        check_accessible(page)


@pytest.mark.parametrize("width", [320, 360, 768])
def test_page_never_scrolls_sideways(open_page: OpenPage, guarded: list[str], width: int) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport={"width": width, "height": 740})
    for address in guarded:
        page.goto(address)
        check_width(page, width)


def test_targets_are_large_enough_for_fingers(open_page: OpenPage, guarded: list[str]) -> None:
    page = open_page("/holidays/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    for address in guarded:
        page.goto(address)
        check_targets(page)

"""A time in the forms: read as it is typed, asked about where it means two instants, and complete without scripts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, Operation, OperationKind, SyncState
from campaigns.operations.timed import due_columns
from campaigns.schedule.due_times import due_instant
from campaigns.states import State
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import REFUSED
from tests.browser.conftest import OpenPage
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

# The clocks in New York are put back on 1 November.
NOW = datetime(2026, 10, 20, 20, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def october(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("c-1", name="Spring offer", active_calls=7)


def hold(campaign: Campaign) -> Operation:
    columns = due_columns(OperationKind.PAUSE, due_instant(NOW.replace(second=0) + timedelta(hours=2)))
    return make_operation(campaign, state=State.SCHEDULED, **columns)


def type_time(page: Page, day: str, clock: str) -> None:
    page.get_by_label("At a time").check()
    page.locator("#id_at_date").fill(day)
    page.locator("#id_at_time").fill(clock)


def test_time_is_read_as_it_is_typed(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user(), timezone_id="Europe/Berlin")
    type_time(page, "2026-10-20", "6pm")
    expect(page.locator("#at-reading")).to_contain_text(
        "Tue 20 Oct 2026 18:00 EDT, Wed 21 Oct 2026 00:00:00 CEST for you."
    )


def test_time_shows_only_where_it_counts(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user())
    expect(page.locator("#id_at_date")).to_be_hidden()
    button = page.locator("form.form button.primary")
    expect(button).to_have_text("Pause campaign")
    page.get_by_label("At a time").check()
    expect(page.locator("#id_at_date")).to_be_visible()
    expect(button).to_have_text("Schedule the pause")


def test_both_instants_are_choices(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user())
    page.get_by_role("radio", name="Maintenance").check()
    type_time(page, "2026-11-01", "1:30 am")
    page.get_by_label("Sun 1 Nov 2026 01:30 EST").check()
    page.get_by_role("button", name="Schedule the pause").click()
    expect(page.get_by_role("main").get_by_text("Scheduled").first).to_be_visible()
    assert Operation.objects.get().not_before == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_now_leaves_a_typed_time_out(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/resume/", make_user())
    type_time(page, "2026-10-20", "18:00")
    page.get_by_label("Now").check()
    page.get_by_role("button", name="Resume campaign").click()
    page.wait_for_url("**/operations/**")
    assert Operation.objects.get().not_before is None


def test_typed_time_is_there_again(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user())
    type_time(page, "2026-10-20", "18:00")
    page.goto("/campaigns/")
    page.go_back()
    expect(page.locator("#id_at_time")).to_have_value("18:00")
    expect(page.get_by_label("At a time")).to_be_checked()


@pytest.mark.provokes(*REFUSED)
def test_without_scripts_it_is_asked_about(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user(), java_script_enabled=False)
    page.get_by_role("radio", name="Maintenance").check()
    type_time(page, "2026-11-01", "01:30")
    page.get_by_role("button", name="Pause campaign").click()
    page.get_by_label("Sun 1 Nov 2026 01:30 EDT").check()
    # Chromium notes every answer that isn't 2xx.
    page.get_by_role("button", name="Pause campaign").click()
    page.wait_for_url("**/operations/**")
    assert Operation.objects.get().not_before == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("screen", [WIDE, NARROW])
def test_pages_bear_every_screen(open_page: OpenPage, campaign: Campaign, screen: dict[str, int]) -> None:
    operation = hold(campaign)
    page = open_page("/campaigns/c-1/pause/?when=at", make_user(), viewport=screen)
    addresses = ("/operations/?when=due", "/campaigns/c-1/", f"/operations/{operation.pk}/time/")
    type_time(page, "2026-11-01", "01:30")
    expect(page.get_by_label("Sun 1 Nov 2026 01:30 EST")).to_be_visible()
    for address in ("", *addresses):
        if address:
            page.goto(address)
        check_accessible(page)
        check_width(page, screen["width"])


def test_fingers_find_what_is_to_come(open_page: OpenPage, campaign: Campaign) -> None:
    hold(campaign)
    page = open_page("/operations/?when=due", make_user(), viewport=NARROW, has_touch=True)
    check_targets(page)

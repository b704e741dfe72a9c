"""Dialing hours edited in a browser: rows by keyboard, findings as one types, two people at once."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Campaign, Operation, SyncState
from campaigns.schedule import same
from campaigns.schedule.typed_time import as_clock
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests import worker as runner
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.conftest import OpenPage
from tests.browser.test_sign_in import sign_in
from tests.factories import PASSWORD, SCHEDULE, make_campaign, make_operation, make_user
from tests.schedule.test_typed_time import CLEAR, NONE, TWO

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)  # Monday, 10:00 in New York
ADDRESS = "/campaigns/c-1/schedule/"

clock, cxone, posts_events = runner.clock, runner.cxone, runner.posts_events


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's minute doesn't turn while a test runs."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("c-1", name="Spring offer")


@pytest.fixture
def page(open_page: OpenPage, campaign: Campaign) -> Page:
    return open_page(ADDRESS, make_user())


def windows(page: Page) -> Locator:
    return page.locator("li.window")


def days(page: Page) -> Any:
    return page.locator("select[name=day]").evaluate_all("found => found.map(select => select.value)")


def said(page: Page) -> Locator:
    return page.locator("#said")


# --- rows, by keyboard ---


def test_row_is_added_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Add a window").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Day of window 6")).to_be_focused()
    expect(page.get_by_label("Day of window 6")).to_have_value("SAT")
    expect(said(page)).to_have_text("Window 6 added.")


def test_row_is_removed_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Remove window 2").focus()
    page.keyboard.press("Enter")
    expect(windows(page)).to_have_count(4)
    expect(page.get_by_role("button", name="Remove window 2")).to_be_focused()
    assert days(page) == ["MON", "WED", "THU", "FRI"]


def test_last_row_leaves_focus_on_adding(page: Page) -> None:
    for _ in range(5):
        page.get_by_role("button", name="Remove window 1").click()
    expect(page.get_by_role("button", name="Add a window")).to_be_focused()
    expect(page.get_by_text("There is no window")).to_be_visible()


def test_day_is_copied_by_keyboard(page: Page) -> None:
    page.get_by_label("End of window 1").fill("12:00")
    page.get_by_role("button", name="Copy the day").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("End of window 5")).to_have_value("12:00")
    assert days(page) == ["MON", "TUE", "WED", "THU", "FRI"]
    expect(page.locator("#week").get_by_text("09:00 to 12:00")).to_have_count(5)


def test_copying_makes_and_replaces_rows(page: Page) -> None:
    page.get_by_role("button", name="Add a window").click()
    page.get_by_label("Start of window 6").fill("10:00")
    page.get_by_label("Copy", exact=True).select_option("SAT")
    page.get_by_label("to", exact=True).select_option("all")
    page.get_by_role("button", name="Copy the day").click()
    expect(windows(page)).to_have_count(7)
    expect(page.get_by_label("Start of window 7")).to_have_value("10:00")
    assert days(page) == ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def test_enter_in_a_time_sends_the_form(page: Page) -> None:
    page.get_by_label("End of window 5").fill("16:00")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/operations/"))
    assert Operation.objects.get().payload["ours"]["dialingHours"][4]["endTime"] == "16:00"


# --- as one types ---


def test_finding_appears_beside_its_row(page: Page) -> None:
    page.get_by_label("End of window 3").fill("25:00")
    expect(windows(page).nth(2)).to_contain_text("The end '25:00' is not a time.")
    expect(page.get_by_label("End of window 3")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("End of window 3")).to_have_accessible_description(re.compile("'25:00' is not a time"))
    expect(said(page)).to_contain_text("1 error to correct before this can be saved, in window 3.")


def test_finding_goes_when_mended(page: Page) -> None:
    end = page.get_by_label("End of window 3")
    end.fill("25:00")
    expect(end).to_have_attribute("aria-invalid", "true")
    end.fill("16:00")
    expect(windows(page).nth(2).locator(".finding")).to_have_count(0)
    expect(end).not_to_have_attribute("aria-invalid", "true")
    expect(end).to_be_focused()


def test_findings_move_with_their_rows(page: Page) -> None:
    page.get_by_label("End of window 3").fill("25:00")
    expect(windows(page).nth(2).locator(".finding")).to_have_count(1)
    page.get_by_role("button", name="Remove window 1").click()
    expect(windows(page).nth(1).locator(".finding")).to_have_count(1)
    expect(said(page)).to_contain_text("in window 2.")


def test_week_follows_the_rows(page: Page) -> None:
    bar = page.locator("#week tbody tr").nth(1).locator("rect:not(.unlawful)")
    page.get_by_label("Start of window 2").fill("12:00")
    expect(bar).to_have_attribute("x", "720")
    page.get_by_label("Time zone").fill("Asia/Kathmandu")
    expect(page.locator("#week")).to_contain_text("The line marks Mon 20:45")


def test_digits_get_their_colon(page: Page) -> None:
    page.get_by_label("Start of window 2").fill("1030")
    page.get_by_label("Start of window 2").press("Tab")
    expect(page.get_by_label("Start of window 2")).to_have_value("10:30")
    expect(page.locator("#week")).to_contain_text("10:30 to 17:00")


def test_warning_asks_to_be_known(page: Page) -> None:
    page.get_by_label("End of window 1").fill("09:30")
    known = page.get_by_label("I understand; change the hours anyway")
    known.check()
    page.get_by_label("Busy").check()
    expect(page.locator("#checked")).not_to_have_class("htmx-request")
    expect(known).to_be_checked()
    page.get_by_role("button", name="Change dialing hours").click()
    expect(page).to_have_url(re.compile("/operations/"))
    assert Operation.objects.get().payload["acknowledged"]


def test_signed_out_keeps_what_is_typed(page: Page) -> None:
    Session.objects.all().delete()
    page.get_by_role("button", name="Remove window 4").click()
    page.get_by_label("End of window 3").fill("16:00")
    page.get_by_label("Note").fill("summer")
    Campaign.objects.update(schedule=SCHEDULE | {"pauseConditions": ["BUSY"]})
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, User.objects.get().username, PASSWORD)
    expect(page.get_by_text("What you typed before you signed in again is back.")).to_be_visible()
    page.get_by_role("button", name="Change dialing hours").click()
    page.wait_for_url("**/operations/**")
    payload = Operation.objects.get(note="summer").payload
    assert payload["base"] == SCHEDULE
    assert [window["endTime"] for window in payload["ours"]["dialingHours"]] == ["17:00", "17:00", "16:00", "17:00"]


def test_check_that_fails_is_said(page: Page, complaints: list[str]) -> None:
    page.route("**/check/", lambda route: route.abort())
    page.get_by_label("End of window 3").fill("16:00")
    expect(page.get_by_text("The check could not be made now.")).to_be_visible()
    complaints.clear()


# --- what CXone has beside what is shown ---


def test_rows_keep_what_they_do_not_show(open_page: OpenPage) -> None:
    """Through rows that are added, removed and copied, and through signing in again."""
    monday, tuesday = SCHEDULE["dialingHours"][:2]
    odd = {"day": "WED", "startTime": "09:00:30", "endTime": "17:00"}
    hours = [monday | {"label": "A"}, tuesday | {"label": "B"}, odd, "nonsense"]
    make_campaign("c-1", name="Spring offer", schedule=SCHEDULE | {"dialingHours": hours, "team": 7})
    page = open_page(ADDRESS, make_user())
    expect(windows(page).nth(3)).to_contain_text("“nonsense”, as CXone has it")
    page.get_by_label("End of window 1").fill("16:00")
    page.get_by_role("button", name="Add a window").click()
    page.get_by_role("button", name="Remove window 5").click()
    Session.objects.all().delete()
    page.get_by_label("Note").fill("summer")
    page.get_by_label("End of window 2").fill("15:00")
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, User.objects.get().username, PASSWORD)
    expect(windows(page).nth(3)).to_contain_text("“nonsense”, as CXone has it")
    expect(windows(page).nth(0)).to_contain_text("Kept unchanged, as CXone has it: label")
    page.get_by_label("I understand").check()
    page.get_by_role("button", name="Change dialing hours").click()
    page.wait_for_url("**/operations/**")
    ours = Operation.objects.get().payload["ours"]
    assert ours["team"] == 7
    assert ours["dialingHours"] == [
        monday | {"endTime": "16:00", "label": "A"},
        tuesday | {"endTime": "15:00", "label": "B"},
        odd,
        "nonsense",
    ]


def test_day_that_changes_says_what_goes(open_page: OpenPage) -> None:
    make_campaign("c-1", schedule=SCHEDULE | {"dialingHours": [SCHEDULE["dialingHours"][0] | {"label": "A"}]})
    page = open_page(ADDRESS, make_user())
    expect(windows(page).nth(0)).to_contain_text("Kept unchanged")
    page.get_by_label("Day of window 1").select_option("SUN")
    expect(page.locator("#checked")).to_contain_text("label of MON 09:00 to 17:00")
    expect(windows(page).nth(0)).not_to_contain_text("Kept unchanged")


def test_typed_time_is_shown_as_clock_on_leaving(page: Page) -> None:
    end = page.get_by_label("End of window 1")
    end.fill("5:30 pm")
    end.press("Tab")
    expect(end).to_have_value("17:30")
    expect(page.locator("#week")).to_contain_text("09:00 to 17:30")
    end.fill("5")
    end.press("Tab")
    expect(end).to_have_value("5")
    expect(windows(page).nth(0)).to_contain_text("can be 05:00 or 17:00. Write the one that you mean.")


def test_script_reads_times_as_the_server_does(page: Page) -> None:
    typed = [*CLEAR, *TWO, *NONE]
    assert page.evaluate("(typed) => typed.map(asClock)", typed) == [as_clock(each) for each in typed]


# --- without scripts ---


def test_all_of_it_works_without_script(open_page: OpenPage, campaign: Campaign, complaints: list[str]) -> None:
    page = open_page(ADDRESS, make_user(), java_script_enabled=False)
    page.get_by_role("button", name="Remove window 5").click()
    page.get_by_role("button", name="Add a window").click()
    expect(page.get_by_label("Day of window 5")).to_be_focused()
    page.get_by_label("Start of window 5").fill("9:5")
    page.get_by_label("End of window 5").fill("12:00")
    page.get_by_label("Note").fill("summer")
    page.get_by_role("button", name="Change dialing hours").click()
    expect(windows(page).nth(4)).to_contain_text("Write 09:05.")
    page.get_by_label("Start of window 5").fill("09:05")
    page.get_by_role("button", name="Change dialing hours").click()
    expect(page.get_by_text("Nothing has been sent to CXone yet.")).to_be_visible()
    assert Operation.objects.get().note == "summer"
    complaints.clear()  # the browser's word on the 422


# --- two people at once ---


@pytest.fixture
def spring(cxone: Simulator) -> Campaign:
    """Paused, so that no hour of the day brings a warning."""
    cxone.change("spring", schedule=SCHEDULE, status="PAUSED")
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="spring")


def save(page: Page, label: str, text: str) -> Operation:
    """The operation that comes of it, run to its end; the page shows it."""
    page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Change dialing hours").click()
    page.wait_for_url("**/operations/**")
    operation = runner.run_often(Operation.objects.get(state=State.QUEUED))
    page.reload()
    return operation


def end_of(cxone: Simulator, day: str) -> str:
    hours = cxone.campaign("spring")["schedule"]["dialingHours"]
    return next(str(window["endTime"]) for window in hours if window["day"] == day)


def test_changes_of_two_become_one(open_page: OpenPage, spring: Campaign, cxone: Simulator) -> None:
    ann, bob = (open_page("/campaigns/spring/schedule/", make_user(username=name)) for name in ("ann", "bob"))
    save(ann, "End of window 1", "12:00")
    save(bob, "End of window 2", "13:00")
    expect(bob.get_by_text("Confirmed").first).to_be_visible()
    assert (end_of(cxone, "MON"), end_of(cxone, "TUE")) == ("12:00", "13:00")


def test_conflict_of_two_is_settled(open_page: OpenPage, spring: Campaign, cxone: Simulator) -> None:
    ann, bob = (open_page("/campaigns/spring/schedule/", make_user(username=name)) for name in ("ann", "bob"))
    bob.get_by_label("End of window 3").fill("16:00")
    save(ann, "End of window 1", "12:00")
    assert save(bob, "End of window 1", "13:00").state == State.CONFLICT
    assert end_of(cxone, "MON") == "12:00"
    bob.get_by_label("Monday, ours: 09:00 to 13:00").check()
    bob.get_by_role("button", name="Use these choices").click()
    bob.wait_for_url(lambda url: "/resolve/" not in url)
    runner.run_often(Operation.objects.get(state=State.QUEUED))
    assert (end_of(cxone, "MON"), end_of(cxone, "WED")) == ("13:00", "16:00")


def test_conflict_goes_on_in_the_form(open_page: OpenPage, spring: Campaign, cxone: Simulator) -> None:
    ann, bob = (open_page("/campaigns/spring/schedule/", make_user(username=name)) for name in ("ann", "bob"))
    save(ann, "End of window 1", "12:00")
    save(bob, "End of window 1", "13:00")
    bob.get_by_role("button", name="Edit it in the form").click()
    expect(bob.get_by_label("End of window 1")).to_have_value("13:00")
    operation = save(bob, "End of window 1", "14:00")
    assert operation.state == State.CONFIRMED
    assert same(cxone.campaign("spring")["schedule"], operation.payload["ours"])


# --- for everybody ---


@pytest.fixture
def addresses(campaign: Campaign) -> list[str]:
    """The form as it is, with findings of each kind, and a conflict."""
    wrong = [("MON", "22:00", "06:00"), ("TUE", "9:5", "10:00"), ("WED", "07:00", "12:00"), ("WED", "12:00", "13:00")]
    hours = [{"day": day, "startTime": start, "endTime": end} for day, start, end in wrong]
    make_campaign("c-2", schedule={"timezone": "Mars/Olympus", "dialingHours": hours, "pauseConditions": ["HAIL"]})
    ours, theirs = (
        SCHEDULE | {"pauseConditions": ["BUSY"]},
        SCHEDULE | {"timezone": "UTC", "pauseConditions": ["HAIL"]},
    )
    operation = make_operation(
        campaign,
        kind="schedule",
        reason="",
        state=State.CONFLICT,
        payload={"base": SCHEDULE, "ours": ours, "etag": "", "acknowledged": False},
        conflict={"base": SCHEDULE, "theirs": theirs, "ours": ours, "clashes": [], "findings": []},
    )
    return [ADDRESS, "/campaigns/c-2/schedule/", f"/operations/{operation.pk}/"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, addresses: list[str], scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/operations/", make_user("admin"), color_scheme=scheme, viewport=viewport)
    for address in addresses:
        page.goto(address)
        check_accessible(page)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_page_never_scrolls_sideways(open_page: OpenPage, addresses: list[str], width: int) -> None:
    page = open_page("/operations/", make_user("admin"), viewport={"width": width, "height": 740})
    for address in addresses:
        page.goto(address)
        check_width(page, width)


def test_touch_targets_are_large(open_page: OpenPage, addresses: list[str]) -> None:
    page = open_page("/operations/", make_user("admin"), viewport=NARROW, has_touch=True, is_mobile=True)
    for address in addresses:
        page.goto(address)
        check_targets(page, "main :is(a, button:not([aria-hidden]), select, label.check):visible")

"""Dialing hours edited in a browser: rows by keyboard, findings as one types, two people at once."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Campaign, Operation, SyncState
from campaigns.schedule import same
from campaigns.schedule.typed_time import Edge, as_clock
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from cxadmin.models import Session
from tests import worker as runner
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import REFUSED, UNREACHABLE
from tests.browser.conftest import OpenPage
from tests.browser.test_sign_in import sign_in
from tests.factories import PASSWORD, SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation, make_user
from tests.schedule.test_typed_time import AFTER, CLEAR, ENDS, NONE, STARTS, TWO

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


# Whatever the region for screen readers has said, since the next check may follow at once.
LISTEN = """() => {
    const region = document.getElementById("said");
    window.everSaid = [];
    new MutationObserver(() => window.everSaid.push(region.textContent)).observe(region, {childList: true});
}"""
HAS_SAID = "words => window.everSaid.some(said => said.includes(words))"


@pytest.fixture
def page(open_page: OpenPage, campaign: Campaign) -> Page:
    page = open_page(ADDRESS, make_user())
    page.evaluate(LISTEN)
    return page


def windows(page: Page) -> Locator:
    return page.locator("li.window")


def days(page: Page) -> Any:
    return page.locator("[name=day]").evaluate_all("found => found.map(input => input.value)")


def expect_said(page: Page, words: str) -> None:
    page.wait_for_function(HAS_SAID, arg=words)


def day(page: Page, code: str) -> Locator:
    return page.locator(f"[data-day={code}]")


# --- rows, by keyboard ---


def test_window_is_added_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Add a window on Saturday").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Saturday start")).to_be_focused()
    page.keyboard.type("9")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    expect(day(page, "SAT").locator(".day-bar")).to_contain_text("09:00 to 12:00")
    assert days(page) == ["MON", "TUE", "WED", "THU", "FRI", "SAT"]


def test_second_window_has_its_own_name(page: Page) -> None:
    page.get_by_role("button", name="Add a window on Monday").click()
    expect(page.get_by_label("Monday start, window 2")).to_be_focused()
    expect_said(page, "Window added on Monday.")


def test_window_is_removed_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="Remove Tuesday").focus()
    page.keyboard.press("Enter")
    expect(windows(page)).to_have_count(4)
    expect(page.get_by_role("button", name="Add a window on Tuesday")).to_be_focused()
    expect(day(page, "TUE").locator(".day-bar")).to_contain_text("closed")
    assert days(page) == ["MON", "WED", "THU", "FRI"]


def test_week_without_windows_is_an_error(page: Page) -> None:
    for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_role("button", name=f"Remove {name}").click()
    expect(page.get_by_text("There is no window")).to_be_visible()


def test_day_is_copied_by_keyboard(page: Page) -> None:
    page.get_by_label("Monday end").fill("12:00")
    page.get_by_label("Copy Monday", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy Monday to Monday to Friday").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Friday end")).to_have_value("12:00")
    expect_said(page, "Monday copied to Monday to Friday.")
    assert days(page) == ["MON", "TUE", "WED", "THU", "FRI"]
    expect(page.locator(".day-bar").get_by_text("09:00 to 12:00")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(page.get_by_label("Copy Monday", exact=True)).to_be_focused()


def test_copying_makes_and_replaces_windows(page: Page) -> None:
    page.get_by_role("button", name="Add a window on Monday").click()
    page.get_by_label("Monday start, window 2").fill("18:00")
    page.get_by_label("Copy Monday", exact=True).click()
    page.get_by_role("button", name="Copy Monday to every day").click()
    expect(windows(page)).to_have_count(14)
    expect(page.get_by_label("Sunday start, window 2")).to_have_value("18:00")


def test_enter_in_a_time_sends_the_form(page: Page) -> None:
    page.get_by_label("Friday end").fill("16:00")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/operations/"))
    assert Operation.objects.get().payload["ours"]["dialingHours"][4]["endTime"] == "16:00"


# --- as one types ---


def test_finding_appears_beside_its_row(page: Page) -> None:
    page.get_by_label("Wednesday end").fill("25:00")
    expect(day(page, "WED")).to_contain_text("The end '25:00' is not a time.")
    expect(page.get_by_label("Wednesday end")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Wednesday end")).to_have_accessible_description(re.compile("'25:00' is not a time"))
    expect_said(page, "1 error in Wednesday")


def test_finding_goes_when_mended(page: Page) -> None:
    end = page.get_by_label("Wednesday end")
    end.fill("25:00")
    expect(end).to_have_attribute("aria-invalid", "true")
    end.fill("16:00")
    expect(day(page, "WED").locator(".finding")).to_have_count(0)
    expect(end).not_to_have_attribute("aria-invalid", "true")
    expect(end).to_be_focused()


def test_findings_stay_with_their_day(page: Page) -> None:
    page.get_by_label("Wednesday end").fill("25:00")
    expect(day(page, "WED").locator(".finding")).to_have_count(1)
    page.get_by_role("button", name="Remove Monday").click()
    expect(page.locator("#window-1-end")).to_have_attribute("aria-invalid", "true")
    expect(day(page, "WED").locator(".finding")).to_have_count(1)


def test_bars_follow_the_rows(page: Page) -> None:
    bar = day(page, "TUE").locator("rect:not(.unlawful)")
    page.get_by_label("Tuesday start").fill("12:00")
    expect(bar).to_have_attribute("x", "720")
    page.get_by_label("Time zone").fill("Asia/Kathmandu")
    expect(page.locator("#week-notes")).to_contain_text("The line marks Mon 20:45")


def test_digits_get_their_colon(page: Page) -> None:
    page.get_by_label("Tuesday start").fill("1030")
    page.get_by_label("Tuesday start").press("Tab")
    expect(page.get_by_label("Tuesday start")).to_have_value("10:30")
    expect(page.locator("#windows")).to_contain_text("10:30 to 17:00")


def test_warning_asks_to_be_known(page: Page) -> None:
    page.get_by_label("Monday end").fill("09:30")
    known = page.get_by_label("Acknowledge")
    known.check()
    page.get_by_label("Busy").check()
    expect(page.locator("#checked")).not_to_have_class("htmx-request")
    expect(known).to_be_checked()
    expect(page.locator("#verdict")).to_contain_text("Saves 2 changes")
    page.get_by_role("button", name="Save hours").click()
    expect(page).to_have_url(re.compile("/operations/"))
    assert Operation.objects.get().payload["acknowledged"]


def test_holidays_of_a_day_are_one_line_that_unfolds(page: Page, campaign: Campaign) -> None:
    calendar = make_calendar(campaign)
    for each in ("2026-11-26", "2026-12-24", "2026-12-31"):
        make_holiday(calendar, each)
    page.get_by_label("Friday end").fill("16:00")
    line = day(page, "THU").locator("details.finding")
    expect(line).to_contain_text("Falls on 3 holidays: Thu 26 Nov, Thu 24 Dec, Thu 31 Dec")
    expect(line.get_by_text("Thu 26 Nov 2026, in 10 days")).not_to_be_visible()
    line.locator("summary").click()
    expect(line.get_by_text("Thu 26 Nov 2026, in 10 days")).to_be_visible()
    page.get_by_label("Friday end").fill("15:00")
    expect(page.locator("#verdict")).to_contain_text("1 warning to acknowledge")
    expect(line.get_by_text("Thu 26 Nov 2026, in 10 days")).to_be_visible()


@pytest.mark.provokes(*REFUSED)
def test_refusal_takes_the_focus_and_leads_to_the_field(page: Page) -> None:
    page.get_by_label("Wednesday end").fill("25:00")
    page.get_by_role("button", name="Save hours").click()
    expect(page.locator("#problems [role=alert]")).to_be_focused()
    expect(page.locator("#problems")).to_contain_text("Not saved. Fix 1 error")
    page.locator("#problems a").click()
    expect(page.get_by_label("Wednesday end")).to_be_focused()


def test_save_bar_is_always_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    expect(page.get_by_role("button", name="Save hours")).to_be_in_viewport()


def test_signed_out_keeps_what_is_typed(page: Page) -> None:
    Session.objects.all().delete()
    page.get_by_role("button", name="Remove Thursday").click()
    page.get_by_label("Wednesday end").fill("16:00")
    page.get_by_label("Note").fill("summer")
    Campaign.objects.update(schedule=SCHEDULE | {"pauseConditions": ["BUSY"]})
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, User.objects.get().username, PASSWORD)
    expect(page.get_by_text("What you had typed before you signed in again is back.")).to_be_visible()
    page.get_by_role("button", name="Save hours").click()
    page.wait_for_url("**/operations/**")
    payload = Operation.objects.get(note="summer").payload
    assert payload["base"] == SCHEDULE
    assert [window["endTime"] for window in payload["ours"]["dialingHours"]] == ["17:00", "17:00", "16:00", "17:00"]


@pytest.mark.provokes(*UNREACHABLE)
def test_check_that_fails_is_said(page: Page) -> None:
    page.route("**/check/", lambda route: route.abort())
    page.get_by_label("Wednesday end").fill("16:00")
    expect(page.get_by_text("The check could not be made now.")).to_be_visible()


# --- what CXone has beside what is shown ---


def test_rows_keep_what_they_do_not_show(open_page: OpenPage) -> None:
    """Through rows that are added, removed and copied, and through signing in again."""
    monday, tuesday = SCHEDULE["dialingHours"][:2]
    odd = {"day": "WED", "startTime": "09:00:30", "endTime": "17:00"}
    hours = [monday | {"label": "A"}, tuesday | {"label": "B"}, odd, "nonsense"]
    make_campaign("c-1", name="Spring offer", schedule=SCHEDULE | {"dialingHours": hours, "team": 7})
    page = open_page(ADDRESS, make_user())
    expect(windows(page).nth(3)).to_contain_text("“nonsense”, as CXone has it")
    page.get_by_label("Monday end").fill("16:00")
    page.get_by_role("button", name="Add a window on Sunday").click()
    page.get_by_role("button", name="Remove Sunday").click()
    Session.objects.all().delete()
    page.get_by_label("Note").fill("summer")
    page.get_by_label("Tuesday end").fill("15:00")
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, User.objects.get().username, PASSWORD)
    expect(windows(page).nth(3)).to_contain_text("“nonsense”, as CXone has it")
    expect(day(page, "MON")).to_contain_text("Kept unchanged, as CXone has it: label")
    page.get_by_label("Acknowledge all").check()
    page.get_by_role("button", name="Save hours").click()
    page.wait_for_url("**/operations/**")
    ours = Operation.objects.get().payload["ours"]
    assert ours["team"] == 7
    assert ours["dialingHours"] == [
        monday | {"endTime": "16:00", "label": "A"},
        tuesday | {"endTime": "15:00", "label": "B"},
        odd,
        "nonsense",
    ]


def test_window_that_moves_says_what_goes(open_page: OpenPage) -> None:
    make_campaign("c-1", schedule=SCHEDULE | {"dialingHours": [SCHEDULE["dialingHours"][0] | {"label": "A"}]})
    page = open_page(ADDRESS, make_user())
    expect(day(page, "MON")).to_contain_text("Kept unchanged")
    page.get_by_label("Copy Monday", exact=True).click()
    page.get_by_role("button", name="Copy Monday to Sunday").click()
    page.get_by_role("button", name="Remove Monday").click()
    expect(page.locator("#verdict")).to_contain_text("label of Mon 09:00 to 17:00")
    expect(day(page, "SUN")).not_to_contain_text("Kept unchanged")


def test_typed_time_is_shown_as_clock_on_leaving(page: Page) -> None:
    end = page.get_by_label("Monday end")
    end.fill("5:30 pm")
    end.press("Tab")
    expect(end).to_have_value("17:30")
    expect(page.locator("#windows")).to_contain_text("09:00 to 17:30")
    end.fill("5")
    end.press("Tab")
    expect(end).to_have_value("17:00")
    start = page.get_by_label("Monday start")
    start.fill("5")
    start.press("Tab")
    expect(start).to_have_value("5")
    expect(day(page, "MON")).to_contain_text("can be 05:00 or 17:00. Write the one that you mean.")


def test_script_reads_times_as_the_server_does(page: Page) -> None:
    typed = [(text, edge, "") for text in (*CLEAR, *TWO, *NONE, *STARTS, *ENDS) for edge in Edge]
    typed += [(end, Edge.END, start) for end, start in AFTER]
    read = page.evaluate("(typed) => typed.map((each) => asClock(...each))", typed)
    assert read == [as_clock(text, Edge(edge), start) for text, edge, start in typed]


# --- without scripts ---


@pytest.mark.provokes(*REFUSED)
def test_all_of_it_works_without_script(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page(ADDRESS, make_user(), java_script_enabled=False)
    page.get_by_role("button", name="Remove Friday").click()
    page.get_by_role("button", name="Add a window on Friday").click()
    expect(page.get_by_label("Friday start")).to_be_focused()
    page.get_by_label("Friday start").fill("9:5")
    page.get_by_label("Friday end").fill("noon")
    page.get_by_label("Note").fill("summer")
    page.get_by_role("button", name="Check").click()
    expect(day(page, "FRI")).to_contain_text("Write 09:05.")
    page.get_by_label("Friday start").fill("9")
    page.get_by_label("Copy Thursday", exact=True).click()
    page.get_by_role("button", name="Copy Thursday to Wednesday").click()
    expect(page.get_by_role("button", name="Copy Thursday to Wednesday")).to_be_focused()
    page.get_by_role("button", name="Save hours").click()
    expect(page.get_by_text("Nothing has been sent to CXone yet.")).to_be_visible()
    assert Operation.objects.get().note == "summer"


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
    page.get_by_role("button", name="Save hours").click()
    page.wait_for_url("**/operations/**")
    operation = runner.run_often(Operation.objects.get(state=State.QUEUED))
    page.reload()
    return operation


def end_of(cxone: Simulator, day: str) -> str:
    hours = cxone.campaign("spring")["schedule"]["dialingHours"]
    return next(str(window["endTime"]) for window in hours if window["day"] == day)


def test_changes_of_two_become_one(open_page: OpenPage, spring: Campaign, cxone: Simulator) -> None:
    ann, bob = (open_page("/campaigns/spring/schedule/", make_user(username=name)) for name in ("ann", "bob"))
    save(ann, "Monday end", "12:00")
    save(bob, "Tuesday end", "13:00")
    expect(bob.get_by_role("region", name="State").get_by_text("Confirmed", exact=True)).to_be_visible()
    assert (end_of(cxone, "MON"), end_of(cxone, "TUE")) == ("12:00", "13:00")


def test_conflict_of_two_is_settled(open_page: OpenPage, spring: Campaign, cxone: Simulator) -> None:
    ann, bob = (open_page("/campaigns/spring/schedule/", make_user(username=name)) for name in ("ann", "bob"))
    bob.get_by_label("Wednesday end").fill("16:00")
    save(ann, "Monday end", "12:00")
    assert save(bob, "Monday end", "13:00").state == State.CONFLICT
    assert end_of(cxone, "MON") == "12:00"
    bob.get_by_label("Monday, yours: 09:00 to 13:00").check()
    bob.get_by_role("button", name="Use these choices").click()
    bob.wait_for_url(lambda url: "/resolve/" not in url)
    runner.run_often(Operation.objects.get(state=State.QUEUED))
    assert (end_of(cxone, "MON"), end_of(cxone, "WED")) == ("13:00", "16:00")


def test_conflict_goes_on_in_the_form(open_page: OpenPage, spring: Campaign, cxone: Simulator) -> None:
    ann, bob = (open_page("/campaigns/spring/schedule/", make_user(username=name)) for name in ("ann", "bob"))
    save(ann, "Monday end", "12:00")
    save(bob, "Monday end", "13:00")
    bob.get_by_role("button", name="Edit it in the form").click()
    expect(bob.get_by_label("Monday end")).to_have_value("13:00")
    operation = save(bob, "Monday end", "14:00")
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


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_axe_finds_nothing(open_page: OpenPage, addresses: list[str], viewport: dict[str, int]) -> None:
    page = open_page("/operations/", make_user("admin"), viewport=viewport)
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
        check_targets(page, "main :is(a, button:not([aria-hidden]), select, summary, label.check):visible")

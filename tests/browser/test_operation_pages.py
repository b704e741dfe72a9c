"""Pausing in a browser: the form, the operation watched to its end, the campaign that follows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Response, expect

from campaigns.models import Campaign, Operation, SyncState
from campaigns.states import ENDS, State
from tests.browser.checks import NARROW, WIDE, check_accessible, check_targets, check_width
from tests.browser.complaints import REFUSED, SIGNED_OUT, UNREACHABLE
from tests.browser.conftest import OpenPage
from tests.browser.test_sign_in import sign_in
from tests.factories import PASSWORD, make_attempt, make_campaign, make_drain, make_operation, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("enqueued")]

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)
OVERRIDE = "Pause although more calls are in progress than the limit"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's minute doesn't turn while a test runs."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    SyncState.objects.update(last_good_at=NOW)


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("c-1", name="Spring offer", active_calls=7)


def address_of(operation: Operation) -> str:
    return f"/operations/{operation.pk}/"


def is_refresh(response: Response) -> bool:
    return "/live/" in response.url


def wait_for_refresh(page: Page) -> Response:
    with page.expect_response(is_refresh) as caught:
        page.clock.run_for(6000)
    return caught.value


# --- The form ---


def test_confirmations_show_where_they_count(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user(), clock=True)
    override = page.get_by_label(OVERRIDE)
    page.get_by_role("radio", name="Emergency").check()
    expect(override).to_be_hidden()
    Campaign.objects.update(active_calls=80)
    page.clock.run_for(6000)
    expect(override).to_be_visible()
    page.get_by_label("When fewer calls are in progress").check()
    expect(override).to_be_hidden()
    page.get_by_label("Now").check()
    expect(override).to_be_visible()
    page.get_by_role("radio", name="Maintenance").check()
    expect(override).to_be_hidden()
    understood = page.get_by_label("I understand that 7 calls in progress will be cut off")
    expect(understood).to_be_hidden()
    page.get_by_label("Cut off the calls in progress").check()
    expect(understood).to_be_visible()


def test_double_click_is_one_operation(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user())
    page.get_by_role("radio", name="Maintenance").check()
    page.get_by_role("button", name="Pause campaign").dblclick()
    expect(page).to_have_url(re.compile("/operations/"))
    assert Operation.objects.count() == 1


def test_impact_follows_while_form_is_filled(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user(), clock=True)
    page.get_by_label("Note").fill("storm")
    Campaign.objects.update(active_calls=80)
    page.clock.run_for(6000)
    expect(page.get_by_text("80 calls are in progress, over the limit of 50")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("storm")
    expect(page.get_by_label("Note")).to_be_focused()


@pytest.mark.provokes(*SIGNED_OUT)
def test_note_outlives_the_session(open_page: OpenPage, campaign: Campaign) -> None:
    user = make_user()
    page = open_page("/campaigns/c-1/pause/", user)
    page.get_by_role("radio", name="Emergency").check()
    page.get_by_label("Note").fill("storm")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Pause campaign").click()
    sign_in(page, user.username, PASSWORD)
    expect(page.get_by_label("Note")).to_have_value("storm")
    expect(page.get_by_role("radio", name="Emergency")).to_be_checked()
    expect(page.get_by_text("What you had typed before you signed in again is back.")).to_be_visible()


def test_form_opened_again_has_what_was_typed_and_can_drop_it(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user())
    page.get_by_label("Note").fill("storm")
    page.goto("/campaigns/c-1/pause/")
    expect(page.get_by_text("Restored what you had typed.")).to_be_visible()
    expect(page.get_by_text("signed in again")).to_have_count(0)
    expect(page.get_by_label("Note")).to_have_value("storm")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Restored what you had typed.")).to_be_hidden()
    expect(page.get_by_label("Note")).to_have_value("")
    page.goto("/campaigns/c-1/pause/")
    expect(page.get_by_label("Note")).to_have_value("")


@pytest.mark.provokes(*SIGNED_OUT)
def test_what_one_person_typed_is_nobody_elses(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user())
    page.get_by_label("Note").fill("storm")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Pause campaign").click()
    sign_in(page, make_user().username, PASSWORD)
    expect(page.get_by_label("Note")).to_have_value("")


def test_note_left_behind_is_forgotten(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user())
    page.get_by_label("Note").fill("storm")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Pause campaign").click()
    expect(page.get_by_label("Note")).to_have_value("")


def test_keyboard_alone_pauses(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/", make_user())
    page.get_by_role("link", name="Pause campaign").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_at_date")).to_be_hidden()  # the page's script has run
    page.get_by_role("radio", name="Workforce management override").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Maintenance")).to_be_checked()
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Pause campaign")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pause of Spring offer")).to_be_visible()


@pytest.mark.provokes(*REFUSED)
def test_pausing_works_without_script(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/pause/", make_user(), java_script_enabled=False)
    Campaign.objects.update(active_calls=80)
    page.get_by_role("radio", name="Emergency").check()
    page.get_by_label("Note").fill("storm")
    page.get_by_role("button", name="Pause campaign").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent yet.")
    expect(page.get_by_label("Note")).to_have_value("storm")
    page.get_by_label(OVERRIDE).check()
    page.get_by_role("button", name="Pause campaign").click()
    expect(page.get_by_text("Nothing has been sent to CXone yet.")).to_be_visible()
    page.get_by_role("button", name="Cancel this pause").click()
    expect(page.locator(".happened")).to_have_text(
        re.compile(r"The pause was cancelled by \w+ before anything was sent\.")
    )


# --- The operation ---


def test_operation_is_watched_to_its_end(open_page: OpenPage, campaign: Campaign) -> None:
    operation = make_operation(campaign, state=State.RUNNING)
    page = open_page(address_of(operation), make_user(), clock=True)
    Operation.objects.update(state=State.CONFIRMED, ended_at=NOW, confirmed_at=NOW)
    wait_for_refresh(page)
    expect(
        page.get_by_role("main").get_by_text("The campaign was read back from CXone as paused.").first
    ).to_be_visible()
    expect(page.locator("[data-live]")).to_have_count(0)


def test_new_state_is_spoken(open_page: OpenPage, campaign: Campaign) -> None:
    operation = make_operation(campaign, state=State.RUNNING)
    page = open_page(address_of(operation), make_user(), clock=True)
    expect(page.locator("#said")).to_be_empty()
    Operation.objects.update(state=State.REJECTED, calls_before=80, calls_limit=50, ended_at=NOW)
    wait_for_refresh(page)
    expect(page.locator("#said")).to_have_text("80 calls were in progress, more than the limit of 50.")


def test_opened_table_stays_open(open_page: OpenPage, campaign: Campaign) -> None:
    operation = make_operation(campaign, state=State.CONFIRMED)
    drain = make_drain(operation, 30, 10)
    page = open_page(address_of(operation), make_user(), clock=True)
    page.get_by_text("Details", exact=True).click()
    page.get_by_text("The same as a table").click()
    drain.samples.create(at=NOW + timedelta(seconds=6), calls=9)
    assert wait_for_refresh(page).status == 200
    expect(page.get_by_role("cell", name="9", exact=True)).to_be_visible()


def test_focus_stays_through_refresh(open_page: OpenPage, campaign: Campaign) -> None:
    operation = make_operation(campaign)
    page = open_page(address_of(operation), make_user(), clock=True)
    page.get_by_role("button", name="Cancel this pause").focus()
    Operation.objects.update(state=State.WAITING, waiting_for="place")
    wait_for_refresh(page)
    expect(page.get_by_role("main").get_by_text("Queued behind another pause").first).to_be_visible()
    expect(page.get_by_role("button", name="Cancel this pause")).to_be_focused()


@pytest.mark.provokes(*UNREACHABLE)
def test_failing_refresh_marks_page_old(open_page: OpenPage, campaign: Campaign) -> None:
    operation = make_operation(campaign)
    page = open_page(address_of(operation), make_user(), clock=True)
    page.route("**/live/**", lambda route: route.abort())
    page.clock.run_for(3000)
    expect(page.locator("#live-trouble")).to_contain_text("Not refreshed since")
    page.unroute("**/live/**")
    Operation.objects.update(state=State.SKIPPED, ended_at=NOW)
    wait_for_refresh(page)
    expect(page.locator("#live-trouble")).to_be_empty()


# --- Their list, and pages that stand still ---


def test_list_follows_and_keeps_focus(open_page: OpenPage, campaign: Campaign) -> None:
    operation = make_operation(campaign, state=State.RUNNING)
    page = open_page("/operations/", make_user(), clock=True)
    link = page.locator(f"#operation-{operation.pk}")
    link.focus()
    Operation.objects.update(state=State.SKIPPED, ended_at=NOW)
    with page.expect_response(lambda response: "/operations/rows/" in response.url):
        page.clock.run_for(6000)
    expect(page.locator("#ended").get_by_role("row").filter(has=link)).to_contain_text("Skipped")
    expect(link).to_be_focused()


def test_head_of_a_still_page_grows_old(open_page: OpenPage, campaign: Campaign) -> None:
    operation = make_operation(campaign, state=State.SKIPPED)
    page = open_page(address_of(operation), make_user(), clock=True)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    SyncState.objects.update(last_good_at=NOW - timedelta(minutes=5))
    with page.expect_response(lambda response: "/freshness/" in response.url):
        page.clock.run_for(16_000)
    expect(page.get_by_text("State unknown")).to_be_visible()


# --- The campaign ---


def test_campaign_page_follows(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/", make_user(), clock=True)
    expect(page.get_by_role("link", name="Pause campaign")).to_be_visible()
    Campaign.objects.update(status="PAUSED")
    wait_for_refresh(page)
    expect(page.get_by_role("link", name="Resume campaign")).to_be_visible()


def test_its_operations_follow(open_page: OpenPage, campaign: Campaign) -> None:
    make_operation(campaign, state=State.RUNNING)
    page = open_page("/campaigns/c-1/", make_user(), clock=True)
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("link", name="Pause: running")).to_be_visible()
    Operation.objects.update(state=State.FAILED, ended_at=NOW, error="CXone said no.")
    wait_for_refresh(page)
    expect(history).to_contain_text("CXone said no.")
    expect(history.get_by_role("link", name="Pause: running")).to_be_hidden()


def test_page_works_without_script(open_page: OpenPage, campaign: Campaign) -> None:
    page = open_page("/campaigns/c-1/", make_user(), java_script_enabled=False)
    page.get_by_role("link", name="Pause campaign").click()
    expect(page.get_by_text("7 calls in progress, within the limit of 50.")).to_be_visible()


# --- For everybody ---


@pytest.fixture
def addresses(campaign: Campaign) -> list[str]:
    """Every page of this part, with something of everything on it."""
    for state in State:
        make_operation(campaign if state in ENDS else None, state=state, error="CXone said no.", note="storm")
    running, confirmed = (Operation.objects.get(state=state) for state in (State.RUNNING, State.CONFIRMED))
    make_attempt(running)
    make_drain(confirmed, 38, 30, 12, 0)
    late = make_operation(state=State.CONFIRMED)
    make_drain(late, 38, 30, seconds_apart=300, expected_median_seconds=120, expected_p90_seconds=240)
    return [
        "/campaigns/c-1/",
        "/campaigns/c-1/pause/",
        "/campaigns/c-1/resume/",
        "/operations/",
        "/operations/?by=nobody",
        address_of(running),
        address_of(confirmed),
        address_of(late),
    ]


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
        check_targets(page)

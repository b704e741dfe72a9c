"""The pages of a guarded calendar, and switching its guard: what it will do is said before."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Calendar, Campaign, GuardedStretch, Holiday, LeftAlone, ReasonCode
from campaigns.states import State
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD_OF_READERS

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 12, 25, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 12, 20, 12, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def christmas(frozen: time_machine.Traveller) -> None:
    """Midnight in New York. Before anybody signs in, as sessions end within hours."""
    frozen.move_to(DAY)


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.fixture
def calendar() -> Calendar:
    calendar = make_calendar(make_campaign("spring"), name="US", id=7)
    make_holiday(calendar, id=3)
    return calendar


def guard(calendar: Calendar) -> None:
    Calendar.objects.filter(pk=calendar.pk).update(guarded=True)


def hold(campaign_id: str, **values: Any) -> None:
    """The guard has paused it for Christmas Day."""
    campaign = Campaign.objects.get(pk=campaign_id)
    pause = make_operation(campaign, state=State.CONFIRMED, origin="guard", by="Holiday guard")
    Campaign.objects.filter(pk=campaign_id).update(status="PAUSED", explained_by=pause)
    defaults = {"begins": DAY, "ends": DAY.replace(day=26), "holidays": "Christmas Day (calendar US)", "tries": 1}
    GuardedStretch.objects.create(campaign=campaign, pause=pause, **defaults | values)


def text(admin: Client, address: str) -> str:
    return " ".join(strip_tags(words_of(admin.get(address))).split())


# --- Before it is switched on ---


def test_settings_say_what_it_would_do(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign(schedule=SCHEDULE | {"timezone": "Europe/London"}))
    page = text(admin, "/holidays/7/settings/")
    assert "The guard is off. If you switch it on, it pauses the 2 campaigns of this calendar" in page
    assert "Fri 25 Dec 00:00 GMT, for Christmas Day: 1 campaign in Europe/London" in page
    assert "Fri 25 Dec 00:00 EST, for Christmas Day: 1 campaign in America/New_York" in page
    assert "until Sat 26 Dec 00:00 EST" in page


def test_settings_say_what_is_paused_at_once(christmas: None, admin: Client, calendar: Calendar) -> None:
    assert "1 campaign is paused at once: a holiday is in effect there now." in text(admin, "/holidays/7/settings/")


def test_settings_say_for_whom_nobody_can_tell(admin: Client, calendar: Calendar) -> None:
    Campaign.objects.update(schedule={}, timezone="")
    assert "1 campaign is not guarded. No time zone is known for it" in text(admin, "/holidays/7/settings/")


def test_calendar_without_campaigns_has_nothing_to_pause(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.clear()
    assert "Nothing: the calendar has no campaigns yet." in text(admin, "/holidays/7/settings/")


def test_warning_leads_to_the_guard(admin: Client, calendar: Calendar) -> None:
    page = admin.get("/holidays/7/").text
    assert '<a href="/holidays/7/settings/#guard">let the holiday guard do that</a>' in page


# --- Switching ---


def test_it_is_switched_on(admin: Client, calendar: Calendar) -> None:
    response = admin.post("/holidays/7/guard/", {"guard": "on"}, follow=True)
    assert "The holiday guard of US is on." in words_of(response)
    assert Calendar.objects.get().guarded


def test_it_is_switched_off(admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    response = admin.post("/holidays/7/guard/", {"guard": "off"}, follow=True)
    assert "The holiday guard of US is off." in words_of(response)
    assert not Calendar.objects.get().guarded


def test_form_without_a_choice_switches_nothing(admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    assert admin.post("/holidays/7/guard/")["Location"] == "/holidays/7/settings/"
    assert Calendar.objects.get().guarded


def test_guard_without_its_reason_is_explained(admin: Client, calendar: Calendar) -> None:
    ReasonCode.objects.filter(pk="HOLIDAY").update(retired=True)
    response = admin.post("/holidays/7/guard/", {"guard": "on"}, follow=True)
    assert "The guard pauses with the reason “Holiday”" in words_of(response)
    assert not Calendar.objects.get().guarded


def test_reason_that_it_needs_is_explained(admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    response = admin.post("/policy/reasons/HOLIDAY/delete/", follow=True)
    said = "The holiday guard pauses with the reason “Holiday”, and it is on for the calendar US."
    assert said in words_of(response)
    assert ReasonCode.objects.filter(pk="HOLIDAY").exists()


def test_supervisor_may_not_switch_it(calendar: Calendar) -> None:
    assert sign_in("supervisor", "sue").post("/holidays/7/guard/", {"guard": "on"}).status_code == 403
    assert not Calendar.objects.get().guarded


# --- While it is on ---


@pytest.mark.parametrize("address", ["", "settings/", "delete/", "campaigns/", "preview/", "add/", "import/", "3/"])
def test_pages_no_longer_say_that_it_only_warns(admin: Client, calendar: Calendar, address: str) -> None:
    guard(calendar)
    page = text(admin, f"/holidays/7/{address}")
    assert "The holiday guard is on." in page
    assert "not stop dialing" not in page


def test_list_tells_guarded_from_others(admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    make_calendar(name="GB")
    page = text(admin, "/holidays/")
    assert "A calendar without the guard warns; it does not stop dialing." in page
    assert "warns only" in page


def test_calendar_says_what_is_next(admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    page = text(admin, "/holidays/7/")
    assert "What the guard does next" in page
    assert "Fri 25 Dec 00:00 EST, for Christmas Day: 1 campaign in America/New_York" in page


def test_calendar_says_what_is_paused(christmas: None, admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    calendar.campaigns.add(make_campaign("autumn"))
    hold("spring")
    hold("autumn", left_alone=LeftAlone.CHANGED)
    Campaign.objects.filter(pk="autumn").update(status="ACTIVE", explained_by=None)
    page = text(admin, "/holidays/7/")
    assert "Now 1 campaign is paused by the guard. It leaves 1 campaign alone" in page
    assert "Now, for Christmas Day: 2 campaigns in America/New_York, until Sat 26 Dec 00:00 EST" in page


@pytest.mark.parametrize("address", ["settings/", "delete/"])
def test_it_says_what_is_resumed_at_once(christmas: None, admin: Client, calendar: Calendar, address: str) -> None:
    guard(calendar)
    hold("spring")
    assert "1 campaign that the guard has paused is resumed at once." in text(admin, f"/holidays/7/{address}")


def test_what_another_calendar_keeps_paused_is_not_resumed(christmas: None, admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    make_holiday(make_calendar(Campaign.objects.get(), name="GB", guarded=True))
    hold("spring")
    assert "No campaign is resumed by that" in text(admin, "/holidays/7/settings/")


def test_deleting_a_holiday_says_that_it_resumes(admin: Client, calendar: Calendar) -> None:
    guard(calendar)
    assert "resumes now what it has paused for it" in text(admin, "/holidays/7/3/")


@pytest.mark.parametrize("number", [1, 20])
@pytest.mark.parametrize(("address", "queries"), [("", HEAD_OF_READERS + 11), ("settings/", HEAD_OF_READERS + 5)])
def test_pages_cost_so_many_queries(
    christmas: None,
    admin: Client,
    calendar: Calendar,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
    address: str,
    queries: int,
) -> None:
    guard(calendar)
    calendar.campaigns.set([make_campaign() for _ in range(number)])
    for campaign in calendar.campaigns.all():
        hold(campaign.pk)
    Holiday.objects.filter(pk=3).update(name="Christmas")
    admin.get(f"/holidays/7/{address}")
    with django_assert_num_queries(queries):
        admin.get(f"/holidays/7/{address}")

"""What the pages of a campaign and the list say of the holiday guard: what it does next, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from audit.pages.kept import forget_all
from campaigns.models import Calendar, Campaign, Control, GuardedStretch, LeftAlone, SyncState
from campaigns.states import State
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db

BEFORE = datetime(2026, 12, 20, 12, 0, tzinfo=UTC)
CHRISTMAS = datetime(2026, 12, 25, 5, 0, tzinfo=UTC)
LASTS = {"begins": CHRISTMAS, "ends": CHRISTMAS + timedelta(days=1), "holidays": "Christmas Day (calendar US)"}


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("c-1", name="Spring", status_since=BEFORE)


@pytest.fixture
def calendar(campaign: Campaign) -> Calendar:
    calendar = make_calendar(campaign, name="US", guarded=True)
    make_holiday(calendar)
    return calendar


def hold(campaign: Campaign, **values: Any) -> None:
    """The guard has paused it."""
    state = values.pop("state", State.CONFIRMED)
    times = {"requested_at": CHRISTMAS - timedelta(minutes=10), "ended_at": CHRISTMAS}
    pause = make_operation(campaign, state=state, origin="guard", by="Holiday guard", **times)
    if state == State.CONFIRMED:
        Campaign.objects.filter(pk=campaign.pk).update(
            status="PAUSED", explained_by=pause, control=Control.PERSON, controller="Holiday guard"
        )
    GuardedStretch.objects.create(campaign=campaign, pause=pause, tries=1, **LASTS | values)


def read(address: str = "/campaigns/c-1/", at: datetime = CHRISTMAS) -> str:
    with time_machine.travel(at, tick=False):
        return " ".join(strip_tags(words_of(sign_in("supervisor", f"sue{at:%d%H%M}").get(address))).split())


# --- A campaign's page ---


def test_it_says_when_it_pauses(calendar: Calendar) -> None:
    page = read(at=BEFORE)
    assert "The holiday guard pauses it Fri 25 Dec 00:00 EST for Christmas Day (calendar US)" in page
    assert "and resumes it Sat 26 Dec 00:00 EST." in page
    assert "not stop dialing" not in page


def test_next_year_is_named(calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(calendar, "2027-07-04", name="Independence Day")
    assert "pauses it Sun 4 Jul 2027 00:00 EDT" in read(at=datetime(2026, 12, 28, tzinfo=UTC))


def test_it_says_that_it_is_paused(calendar: Calendar, campaign: Campaign) -> None:
    hold(campaign)
    page = read()
    assert "Paused by the holiday guard for Christmas Day (calendar US)." in page
    assert "It resumes the campaign Sat 26 Dec 00:00 EST, unless somebody changes it first." in page


def test_it_says_that_it_is_about_to_pause(calendar: Calendar) -> None:
    assert "The holiday guard pauses it now for Christmas Day (calendar US)" in read()


@pytest.mark.parametrize(
    ("left_alone", "because"),
    [
        (LeftAlone.PAUSED_BEFORE, "somebody had paused it before. The guard doesn’t resume it then."),
        (LeftAlone.CHANGED, "somebody paused or resumed it since the guard paused it."),
        (LeftAlone.CANCELLED, "somebody cancelled the guard’s pause. It may dial on the holiday."),
    ],
)
def test_it_says_why_it_is_left_alone(
    calendar: Calendar, campaign: Campaign, left_alone: LeftAlone, because: str
) -> None:
    GuardedStretch.objects.create(campaign=campaign, left_alone=left_alone, **LASTS)
    page = read()
    assert "The holiday guard leaves it alone until Sat 26 Dec 00:00 EST" in page
    assert because in page


def test_it_says_that_a_pause_failed(calendar: Calendar, campaign: Campaign) -> None:
    hold(campaign, state=State.FAILED)
    page = read()
    assert "The holiday guard could not pause it for Christmas Day (calendar US). It may be dialing." in page
    assert "The guard tries again at 05:00:30 UTC." in page


def test_it_says_that_nothing_is_to_be_paused(calendar: Calendar) -> None:
    Campaign.objects.update(status="DRAFT")
    assert "has nothing to pause for Christmas Day (calendar US): the campaign isn’t dialing." in read()


def test_it_says_that_it_resumes(calendar: Calendar, campaign: Campaign) -> None:
    hold(campaign)
    Calendar.objects.update(guarded=False)
    page = read()
    assert "The holiday guard resumes it now." in page
    assert "Its calendar warns; it does not stop dialing." in page


def test_it_says_that_nobody_can_tell(calendar: Calendar) -> None:
    Campaign.objects.update(schedule={}, timezone="")
    assert "The holiday guard can’t guard it. Its time zone isn’t known" in read()


def test_it_says_that_no_holiday_is_near(campaign: Campaign) -> None:
    make_calendar(campaign, name="US", guarded=True)
    assert "The holiday guard is on. Its calendar has no holiday within a year." in read()


def test_zone_of_the_calendar_is_shown_for_want_of_another(calendar: Calendar) -> None:
    Campaign.objects.update(schedule={}, timezone="")
    Calendar.objects.update(zone="America/New_York")
    assert "pauses it Fri 25 Dec 00:00 EST" in read(at=BEFORE)


def test_other_calendar_still_only_warns(calendar: Calendar, campaign: Campaign) -> None:
    make_calendar(campaign, name="Florida")
    page = read(at=BEFORE)
    assert "The holiday guard pauses it Fri 25 Dec" in page
    assert "Florida only warns; it does not stop dialing." in page


def test_guard_that_is_switched_on_is_news(calendar: Calendar) -> None:
    Calendar.objects.update(guarded=False)
    sue = sign_in("supervisor", "sue")
    seen = sue.get("/campaigns/c-1/").context["detail"].version
    Calendar.objects.update(guarded=True)
    assert sue.get("/campaigns/c-1/").context["detail"].version != seen


def test_who_resumes_is_told_of_the_holiday(calendar: Calendar, campaign: Campaign) -> None:
    hold(campaign)
    page = read("/campaigns/c-1/resume/")
    assert "Christmas Day (calendar US) lasts until Sat 26 Dec 00:00 EST" in page
    assert "If you resume the campaign now, it dials on the holiday:" in page


def test_who_resumes_another_day_is_not(calendar: Calendar, campaign: Campaign) -> None:
    Campaign.objects.update(status="PAUSED")
    assert "it dials on the holiday" not in read("/campaigns/c-1/resume/", at=BEFORE)


# --- The list ---


def test_list_says_when_it_pauses(calendar: Calendar) -> None:
    assert "Guard pauses Fri 25 Dec 00:00" in read("/campaigns/", at=BEFORE)


def test_list_says_when_it_resumes(calendar: Calendar, campaign: Campaign) -> None:
    hold(campaign)
    assert "Guard resumes Sat 26 Dec 00:00" in read("/campaigns/")


def test_list_says_until_when_it_is_left_alone(calendar: Calendar, campaign: Campaign) -> None:
    make_operation(campaign, kind="resume", state=State.CONFIRMED, requested_at=CHRISTMAS + timedelta(hours=2))
    page = read("/campaigns/", at=CHRISTMAS + timedelta(hours=3))
    assert "Guard leaves it alone until Sat 26 Dec 00:00" in page


def test_list_says_nothing_of_anybody_elses_pause(calendar: Calendar) -> None:
    Campaign.objects.update(status="PAUSED", control=Control.PERSON, controller="ann")
    assert "Guard" not in read("/campaigns/")


def test_list_says_nothing_without_the_guard(calendar: Calendar) -> None:
    Calendar.objects.update(guarded=False)
    assert "Guard" not in read("/campaigns/", at=BEFORE)


def queries_of_list(supervisor: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        supervisor.get("/campaigns/")
    return len(queries)


@time_machine.travel(BEFORE, tick=False)
def test_signal_costs_the_list_no_query() -> None:
    supervisor = sign_in("supervisor", "sue")
    zones = ("America/New_York", "Europe/London", "Asia/Tokyo")
    campaigns = [make_campaign(schedule=SCHEDULE | {"timezone": zones[place % 3]}) for place in range(40)]
    for name in ("US", "GB"):
        make_holiday(make_calendar(*campaigns, name=name))
    supervisor.get("/campaigns/")
    SyncState.bump()
    unguarded = queries_of_list(supervisor)
    Calendar.objects.update(guarded=True)
    forget_all()
    assert "Guard pauses" in supervisor.get("/campaigns/").text
    SyncState.bump()
    assert queries_of_list(supervisor) == unguarded

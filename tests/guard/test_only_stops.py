"""The guard where CXone only stops campaigns, and its schedules start them as their windows open."""

from collections.abc import Callable

import pytest

from campaigns.attention.windows import cross_windows
from campaigns.guard.outlook import Prospect, outlook_of_campaign
from campaigns.models import Calendar, Campaign, Finding, FindingCode, GuardedStretch, LeftAlone, Operation, Origin
from campaigns.queueing.rows import database_now
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.factories import SCHEDULE
from tests.guard.conftest import Days
from tests.guard.test_rounds import add, history, row, status
from tests.worker import ask_pause, ask_resume, run_often

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

EVERY_DAY = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
HOURS = [{"day": day, "startTime": "09:00", "endTime": "17:00"} for day in EVERY_DAY]


@pytest.fixture(autouse=True)
def stopped(cxone_cannot: Callable[..., None], cxone: Simulator, calendar: Calendar, days: Days) -> None:
    """The evening before Christmas Day."""
    cxone_cannot("holds_pauses", "defers")
    cxone.change("spring", schedule=SCHEDULE | {"timezone": "Europe/London", "dialingHours": HOURS})
    days.pass_to("12-24 16:59")
    turn(days, cxone, "12-24 17:00", "PAUSED")


def turn(days: Days, cxone: Simulator, at: str, status: str) -> None:
    """CXone's schedule starts or stops it."""
    days.turn_unseen_to(at)
    cxone.change("spring", status=status)
    go_on(days, at)


def go_on(days: Days, at: str) -> None:
    days.turn_unseen_to(at)
    cross_windows(database_now())
    days.pass_to(at)


def prospect() -> Prospect:
    outlook = outlook_of_campaign(Campaign.objects.get(), Calendar.objects.all(), database_now())
    assert outlook
    return outlook.prospect


def test_what_its_schedule_starts_on_the_holiday_is_paused(days: Days, cxone: Simulator) -> None:
    go_on(days, "12-25 00:00")
    assert (history(), prospect()) == ([], Prospect.AT_REST)
    turn(days, cxone, "12-25 09:00", "ACTIVE")
    assert (status(), history(), prospect()) == ("PAUSED", ["pause CONFIRMED"], Prospect.HOLDS)


def test_it_is_resumed_as_its_next_window_opens(days: Days, cxone: Simulator) -> None:
    turn(days, cxone, "12-25 09:00", "ACTIVE")
    go_on(days, "12-26 00:00")
    assert (status(), prospect()) == ("PAUSED", Prospect.RESUMES_LATER)
    go_on(days, "12-26 08:59")
    assert status() == "PAUSED"
    go_on(days, "12-26 09:00")
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED", "resume CONFIRMED"])
    assert row().closed_at is not None


def test_what_its_schedule_has_started_again_is_left_to_it(days: Days, cxone: Simulator) -> None:
    turn(days, cxone, "12-25 09:00", "ACTIVE")
    turn(days, cxone, "12-26 09:00", "ACTIVE")
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED"])
    assert row().closed_at is not None
    assert not Finding.objects.filter(ended_at=None, code=FindingCode.CHANGED_IN_CXONE).exists()


def test_it_is_paused_on_each_day_of_a_longer_holiday(days: Days, cxone: Simulator, calendar: Calendar) -> None:
    add(calendar, "2026-12-26", name="Boxing Day")
    turn(days, cxone, "12-25 09:00", "ACTIVE")
    turn(days, cxone, "12-26 09:00", "ACTIVE")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED", "pause CONFIRMED"])


def test_whoever_starts_it_in_cxone_later_means_it(days: Days, cxone: Simulator) -> None:
    turn(days, cxone, "12-25 09:00", "ACTIVE")
    turn(days, cxone, "12-25 12:00", "ACTIVE")
    assert (status(), row().left_alone) == ("ACTIVE", LeftAlone.CHANGED)


def test_whoever_resumes_it_here_on_the_holiday_means_it(days: Days) -> None:
    go_on(days, "12-25 10:00")
    run_often(ask_resume(Campaign.objects.get()))
    go_on(days, "12-25 10:05")
    assert (status(), history(), row().left_alone) == ("ACTIVE", [], LeftAlone.CHANGED)


def test_what_a_person_had_paused_is_paused_again_if_it_starts(days: Days, cxone: Simulator) -> None:
    turn(days, cxone, "12-24 17:30", "ACTIVE")
    run_often(ask_pause(Campaign.objects.get()))
    go_on(days, "12-25 00:00")
    turn(days, cxone, "12-25 09:00", "ACTIVE")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])


def test_pause_that_found_it_stopped_is_not_the_last(days: Days, cxone: Simulator) -> None:
    turn(days, cxone, "12-24 23:50", "ACTIVE")
    go_on(days, "12-24 23:55")
    assert Operation.objects.get(origin=Origin.GUARD).state == State.SCHEDULED
    turn(days, cxone, "12-25 00:00", "PAUSED")
    assert history() == ["pause SKIPPED"]
    turn(days, cxone, "12-25 09:00", "ACTIVE")
    assert (status(), history()) == ("PAUSED", ["pause SKIPPED", "pause CONFIRMED"])
    assert GuardedStretch.objects.filter(closed_at=None).count() == 1

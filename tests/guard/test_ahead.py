"""A pause is asked for some minutes ahead, and held for the begin of the holiday: it stops dialing to the second."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.guard import rounds
from campaigns.guard.duty import hand_over_of, read_duty
from campaigns.holidays import calendars
from campaigns.models import Calendar, Campaign, GuardedStretch, Holiday, LeftAlone, Operation, Origin
from campaigns.operations import requests
from campaigns.operations.rescheduling import change_time
from campaigns.operations.timed import HAND_OVER
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import due_instant
from campaigns.simulator import Simulator
from tests.factories import SCHEDULE, make_campaign, make_holiday
from tests.guard.conftest import Days
from tests.guard.test_rounds import history, row, status
from tests.worker import ask_pause, ask_resume, run_often

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

MIDNIGHT = datetime(2026, 12, 25, tzinfo=UTC)
LONDON = SCHEDULE | {"timezone": "Europe/London"}


@pytest.fixture
def held(days: Days, calendar: Calendar) -> Operation:
    """The guard's pause, at eight minutes to midnight."""
    days.pass_to("12-24 23:52")
    return Operation.objects.get()


def move(calendar: Calendar, **values: object) -> None:
    Holiday.objects.update(**values)
    calendars._renew(calendar)


def test_it_is_held_for_the_begin(held: Operation) -> None:
    assert (status(), history(), held.not_before) == ("ACTIVE", ["pause SCHEDULED"], MIDNIGHT)


def test_cxone_has_it_before_and_keeps_to_the_second(days: Days, held: Operation, cxone: Simulator) -> None:
    days.pass_to("12-24 23:58:30")
    assert history() == ["pause ACCEPTED"]
    days.turn_unseen_to("12-24 23:59:59")
    assert cxone.campaign("spring")["status"] == "ACTIVE"
    days.turn_unseen_to("12-25 00:00:00")
    assert cxone.campaign("spring")["status"] == "PAUSED"
    days.pass_to("12-25 00:00:02")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])
    days.pass_to("12-26 00:00")
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED", "resume CONFIRMED"])


def test_holiday_deleted_before_cancels_it(days: Days, held: Operation) -> None:
    calendars.delete_holiday(holiday=Holiday.objects.get(), by="ada")
    days.work()
    assert (history(), row().closed_at is not None) == (["pause CANCELLED"], True)
    days.pass_to("12-25 06:00")
    assert status() == "ACTIVE"


def test_holiday_deleted_when_cxone_has_it_is_undone(days: Days, held: Operation) -> None:
    days.pass_to("12-24 23:59")
    calendars.delete_holiday(holiday=Holiday.objects.get(), by="ada")
    days.work()
    assert history() == ["pause ACCEPTED"]
    days.pass_to("12-25 00:00:05")
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED", "resume CONFIRMED"])


def test_later_begin_is_followed(days: Days, calendar: Calendar, held: Operation) -> None:
    move(calendar, starts="09:00", ends="12:00")
    days.work()
    assert history() == ["pause CANCELLED"]
    days.pass_to("12-25 08:50")
    assert history() == ["pause CANCELLED", "pause SCHEDULED"]
    days.pass_to("12-25 09:00:02")
    assert status() == "PAUSED"


def test_begin_within_the_same_minutes_is_followed(days: Days, calendar: Calendar, held: Operation) -> None:
    move(calendar, starts="00:01", ends="12:00")
    days.work()
    assert history() == ["pause CANCELLED", "pause SCHEDULED"]
    assert row().pause.not_before == MIDNIGHT.replace(minute=1)  # type: ignore[union-attr]


def test_longer_holiday_leaves_it(days: Days, calendar: Calendar, held: Operation) -> None:
    move(calendar, starts="00:00", ends="12:00")
    days.work()
    assert (history(), row().ends.hour) == (["pause SCHEDULED"], 12)


def test_zone_that_changes_before_is_followed(days: Days, held: Operation, cxone: Simulator) -> None:
    cxone.change("spring", schedule=SCHEDULE)
    days.pass_to("12-24 23:53")
    assert history() == ["pause CANCELLED"]


def test_switching_off_cancels_it(days: Days, calendar: Calendar, held: Operation) -> None:
    calendars.switch_guard(calendar=calendar, guarded=False, by="ada")
    days.work()
    assert history() == ["pause CANCELLED"]


def test_cancelled_by_somebody_is_their_decision(days: Days, held: Operation) -> None:
    requests.cancel_operation(operation=held, by="Ada")
    days.pass_to("12-25 06:00")
    assert (status(), history(), row().left_alone) == ("ACTIVE", ["pause CANCELLED"], LeftAlone.CANCELLED)


def test_other_time_by_somebody_stands(days: Days, held: Operation) -> None:
    later = due_instant(MIDNIGHT.replace(hour=1))
    change_time(operation=held, due=later, seen=MIDNIGHT, by="Ada")
    days.pass_to("12-25 00:30")
    assert (status(), history()) == ("ACTIVE", ["pause SCHEDULED"])
    days.pass_to("12-25 01:00:02")
    assert status() == "PAUSED"


def test_pause_by_somebody_meanwhile_stays(days: Days, campaign: Campaign, held: Operation) -> None:
    run_often(ask_pause(campaign))
    for moment in ("12-24 23:58", "12-25 00:00:02", "12-25 00:01"):
        days.pass_to(moment)
    assert (history(), row().left_alone) == (["pause SKIPPED"], LeftAlone.PAUSED_BEFORE)
    days.pass_to("12-26 00:00")
    assert status() == "PAUSED"


def test_pause_and_resume_by_somebody_before_it_count_for_nothing(
    days: Days, campaign: Campaign, held: Operation
) -> None:
    run_often(ask_pause(campaign))
    run_often(ask_resume(campaign))
    for moment in ("12-24 23:58:10", "12-25 00:00:02", "12-26 00:00"):
        days.pass_to(moment)
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED", "resume CONFIRMED"])


def test_paused_campaign_is_not_asked_for_ahead(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.turn_to("12-24 23:40")
    run_often(ask_pause(campaign))
    days.pass_to("12-24 23:55")
    assert not GuardedStretch.objects.exists()


def test_last_seconds_before_the_begin_are_waited_for(days: Days, calendar: Calendar) -> None:
    days.turn_to("12-24 23:59:52")
    rounds.make_round()
    assert history() == []
    days.pass_to("12-25 00:00")
    assert status() == "PAUSED"


def test_too_late_for_it_is_not_too_late_for_the_guard(days: Days, held: Operation) -> None:
    """The product was down from eight minutes to midnight until morning: what was held is given up after an hour."""
    days.pass_to("12-25 08:00")
    assert (status(), history()) == ("PAUSED", ["pause CANCELLED", "pause CONFIRMED"])


def test_pause_by_somebody_takes_its_place(days: Days, campaign: Campaign, held: Operation) -> None:
    """CXone has the guard's already. Who resumes the campaign before the holiday doesn't keep it from being paused."""
    days.pass_to("12-24 23:58:10")
    run_often(ask_pause(campaign, "EMERGENCY"))
    days.work()
    assert history() == ["pause SUPERSEDED"]
    run_often(ask_resume(campaign))
    days.pass_to("12-25 00:00:05")
    assert (status(), history()) == ("PAUSED", ["pause SUPERSEDED", "pause CONFIRMED"])


def test_short_time_between_two_holidays_is_nobodys(days: Days, calendar: Calendar) -> None:
    move(calendar, starts="10:00", ends="12:00")
    make_holiday(calendar, name="Afternoon", starts="12:05", ends="18:00")
    days.pass_to("12-25 09:55")
    days.pass_to("12-25 10:00:02")
    assert status() == "PAUSED"
    days.pass_to("12-25 12:00:01")
    assert status() == "ACTIVE"
    days.pass_to("12-25 12:05:05")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED", "resume CONFIRMED", "pause CONFIRMED"])


def test_few_are_handed_over_shortly_before() -> None:
    assert timedelta(minutes=2) < hand_over_of(1) < timedelta(minutes=2, seconds=5)


@pytest.mark.parametrize("number", [100, 1_000, 4_500])
def test_many_are_handed_over_before_the_first_is_due(number: int) -> None:
    """Each costs three requests, and the bulk lane has 155 a minute."""
    assert number * 3 / 155 < (hand_over_of(number) - HAND_OVER).total_seconds() / 60


def test_hand_over_is_bounded() -> None:
    assert hand_over_of(100_000) == timedelta(hours=2)


def test_many_are_asked_for_earlier(days: Days, calendar: Calendar) -> None:
    calendar.campaigns.add(*(make_campaign(schedule=LONDON) for _ in range(400)))
    lead = hand_over_of(401) + timedelta(minutes=8)
    assert timedelta(minutes=18) < lead < timedelta(minutes=21)
    days.turn_unseen_to("12-24 23:38")
    assert read_duty(database_now()).stretches == {}
    days.turn_unseen_to("12-24 23:42")
    assert len(read_duty(database_now()).stretches) == 401
    rounds.make_round()
    held = Operation.objects.filter(origin=Origin.GUARD).first()
    assert held
    assert held.next_attempt_at == MIDNIGHT - hand_over_of(401)


def test_none_is_handed_over_where_cxone_keeps_nothing(
    days: Days, calendar: Calendar, cxone_cannot: Callable[..., None]
) -> None:
    cxone_cannot("defers")
    days.turn_unseen_to("12-24 23:55")
    rounds.make_round()
    held = Operation.objects.filter(origin=Origin.GUARD).first()
    assert held
    assert held.next_attempt_at == MIDNIGHT


def test_two_processes_ask_once(days: Days, calendar: Calendar) -> None:
    days.turn_to("12-24 23:52")
    duty, rows = read_duty(database_now()), rounds.read_standing()
    for _ in range(2):
        list(rounds._begin(duty, rows, database_now()))
    assert Operation.objects.filter(origin=Origin.GUARD).count() == 1

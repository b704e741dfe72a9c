"""What the guard does to a campaign, on the pretend CXone: from the begin of a holiday to its end."""

from datetime import date
from typing import Any

import pytest

from audit.models import Record
from campaigns.guard import rounds
from campaigns.holidays import calendars
from campaigns.models import Calendar, Campaign, GuardedStretch, Holiday, LeftAlone, Operation, Origin
from campaigns.operations import requests
from campaigns.operations.holding import lift_hold, place_holds
from campaigns.queueing.rows import database_now
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.factories import SCHEDULE, make_calendar, make_holiday
from tests.guard.conftest import Days
from tests.worker import ask_pause, ask_resume, run_often

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def status() -> str:
    return Campaign.objects.get().status


def history() -> list[str]:
    """What the guard has asked for, oldest first, with its outcome."""
    asked = Operation.objects.filter(origin=Origin.GUARD).order_by("requested_at", "pk")
    return [f"{operation.kind} {operation.state}" for operation in asked]


def row() -> GuardedStretch:
    return GuardedStretch.objects.get()


# --- From begin to end ---


def test_it_pauses_at_the_begin(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-24 23:40")
    assert (status(), history()) == ("ACTIVE", [])
    days.pass_to("12-25 00:00")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])


def test_it_resumes_at_the_end(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 00:00")
    days.pass_to("12-25 23:59")
    assert status() == "PAUSED"
    days.pass_to("12-26 00:00")
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED", "resume CONFIRMED"])
    assert row().closed_at is not None


def test_hold_keeps_it_paused_at_the_end(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.pass_to("12-25 00:00")
    place_holds(campaign_ids=[campaign.pk], by="Rita", reason="Complaint 4711")
    days.pass_to("12-26 00:00")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])
    assert row().left_alone == LeftAlone.ON_HOLD
    assert Record.objects.filter(kind="operation.refused", by="Holiday guard").count() == 1


def test_lifting_a_hold_later_resumes_nothing(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.pass_to("12-25 00:00")
    place_holds(campaign_ids=[campaign.pk], by="Rita", reason="Complaint 4711")
    days.pass_to("12-26 00:00")
    lift_hold(campaign=campaign, by="Rita", reason="Resolved")
    days.pass_to("12-26 00:10")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])


def test_operations_say_who_and_why(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 00:00")
    days.pass_to("12-26 00:00")
    resume, pause = Operation.objects.all()
    for operation in (pause, resume):
        assert (operation.by, operation.reason) == ("Holiday guard", "HOLIDAY")
        assert operation.note == "Christmas Day (calendar UK)"
    assert resume.undoes == pause


def test_sent_pause_by_a_person_is_waited_for(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    days.turn_to("12-25 00:00")
    cxone.fail("PUT", "/api/v2/campaigns/spring", status=204, body="")
    ordinary = ask_pause(Campaign.objects.get())
    days.work()
    assert history() == []
    assert not Record.objects.filter(kind="operation.refused").exists()
    Operation.objects.filter(pk=ordinary.pk).update(state=State.UNCONFIRMED, ended_at=database_now())
    days.work()
    assert history() == ["pause CONFIRMED"]


def test_busy_campaign_is_paused_all_the_same(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    cxone.change("spring", calls=400)
    days.pass_to("12-25 00:00")
    assert Operation.objects.get().compliance_check == "OVERRIDDEN"


def test_rest_of_a_round_changes_nothing(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 00:00")
    records = Record.objects.count()
    days.pass_to("12-25 12:00")
    assert Record.objects.count() == records


def test_calendar_that_is_not_guarded_pauses_nothing(days: Days, calendar: Calendar) -> None:
    Calendar.objects.update(guarded=False)
    days.pass_to("12-25 12:00")
    assert (status(), history()) == ("ACTIVE", [])


def test_what_began_meanwhile_is_paused_late(days: Days, calendar: Calendar) -> None:
    """Nothing ran from the 20th to the afternoon of the holiday."""
    days.pass_to("12-25 16:30")
    assert status() == "PAUSED"


def test_what_ended_meanwhile_is_resumed_late(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 00:00")
    days.pass_to("12-29 08:00")
    assert status() == "ACTIVE"


def test_what_passed_meanwhile_is_left(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-26 00:00")
    assert history() == []


# --- One pause for what adjoins ---


def test_two_days_are_one_pause(days: Days, calendar: Calendar) -> None:
    make_holiday(calendar, "2026-12-26", name="Boxing Day")
    days.pass_to("12-25 00:00")
    days.pass_to("12-26 00:00")
    assert status() == "PAUSED"
    days.pass_to("12-27 00:00")
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED", "resume CONFIRMED"])


def test_two_calendars_are_one_pause(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(make_calendar(campaign, name="IE", guarded=True), "2026-12-26", name="St Stephen's Day")
    days.pass_to("12-25 00:00")
    days.pass_to("12-26 12:00")
    days.pass_to("12-27 00:00")
    assert history() == ["pause CONFIRMED", "resume CONFIRMED"]
    assert Operation.objects.last().note == "Christmas Day (calendar UK), St Stephen's Day (calendar IE)"  # type: ignore[union-attr]


def test_calendar_without_the_guard_prolongs_nothing(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(make_calendar(campaign, name="IE"), "2026-12-26")
    days.pass_to("12-25 00:00")
    days.pass_to("12-26 00:00")
    assert status() == "ACTIVE"


def test_each_year_has_its_own_pause(days: Days, calendar: Calendar) -> None:
    make_holiday(calendar, "2026-12-28", name="Bank holiday")
    for moment in ("12-25 00:00", "12-26 00:00", "12-28 00:00", "12-29 00:00"):
        days.pass_to(moment)
    assert history() == ["pause CONFIRMED", "resume CONFIRMED"] * 2


# --- Somebody else has a say ---


def test_campaign_paused_before_is_left_alone(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.turn_to("12-24 18:00")
    run_often(ask_pause(campaign))
    days.pass_to("12-25 00:00")
    assert (row().left_alone, history()) == (LeftAlone.PAUSED_BEFORE, [])
    days.pass_to("12-26 00:00")
    assert (status(), history()) == ("PAUSED", [])


def test_pause_before_that_ends_is_not_followed(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.turn_to("12-24 18:00")
    run_often(ask_pause(campaign))
    days.pass_to("12-25 00:00")
    run_often(ask_resume(campaign))
    days.pass_to("12-25 12:00")
    assert (status(), history()) == ("ACTIVE", [])


def test_pause_that_is_under_way_is_somebodys(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.turn_to("12-25 00:00")
    pause = ask_pause(campaign)
    days.work()
    pause.refresh_from_db()
    assert (pause.state, history()) == (State.CONFIRMED, [])


def test_pause_seen_before_the_begin_proves_nothing(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    """Somebody may have resumed the campaign in CXone since it was read."""
    Campaign.objects.update(status="PAUSED")
    days.turn_to("12-24 23:59:50")
    Campaign.objects.update(status="PAUSED")
    days.turn_unseen_to("12-25 00:00:01")
    rounds.make_round()
    assert not GuardedStretch.objects.exists()


def test_old_news_is_not_believed(days: Days, calendar: Calendar) -> None:
    """CXone hasn't been read for hours: the pause itself reads the campaign first."""
    Campaign.objects.update(status="PAUSED")
    days.turn_unseen_to("12-25 06:00")
    days.work()
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])


def test_resume_by_somebody_stands(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.pass_to("12-25 00:00")
    run_often(ask_resume(campaign))
    days.pass_to("12-25 12:00")
    assert (status(), row().left_alone) == ("ACTIVE", LeftAlone.CHANGED)
    days.pass_to("12-26 00:00")
    assert history() == ["pause CONFIRMED"]


def test_resume_in_cxone_stands(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    days.pass_to("12-25 00:00")
    cxone.change("spring", status="ACTIVE")
    days.pass_to("12-25 12:00")
    assert (status(), row().left_alone) == ("ACTIVE", LeftAlone.CHANGED)


def test_pause_by_somebody_since_is_not_undone(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.pass_to("12-25 00:00")
    run_often(ask_resume(campaign))
    run_often(ask_pause(campaign))
    days.pass_to("12-26 00:00")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])


def test_pause_that_was_asked_for_twice_stays(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    """Somebody stops everything, and this campaign is paused already. The end of the holiday mustn't resume it."""
    days.pass_to("12-25 00:00")
    assert run_often(ask_pause(campaign)).state == State.SKIPPED
    days.pass_to("12-26 00:00")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])
    assert row().left_alone == LeftAlone.CHANGED


def test_cancelled_pause_is_not_asked_again(days: Days, calendar: Calendar) -> None:
    days.turn_to("12-25 00:00")
    rounds.make_round()
    requests.cancel_operation(operation=Operation.objects.get(), by="Ada")
    days.pass_to("12-25 00:01")
    assert (status(), history(), row().left_alone) == ("ACTIVE", ["pause CANCELLED"], LeftAlone.CANCELLED)


def test_next_holiday_begins_anew(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(calendar, "2026-12-28", name="Bank holiday")
    days.pass_to("12-25 00:00")
    run_often(ask_resume(campaign))
    days.pass_to("12-26 00:00")
    days.pass_to("12-28 00:00")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"] * 2)


# --- Campaigns that can't be paused ---


@pytest.mark.parametrize("at_rest", ["DRAFT", "COMPLETE"])
def test_campaign_at_rest_needs_no_pause(days: Days, calendar: Calendar, cxone: Simulator, at_rest: str) -> None:
    cxone.change("spring", status=at_rest)
    days.pass_to("12-25 00:00")
    assert history() == []


def test_campaign_that_starts_meanwhile_is_paused(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    cxone.change("spring", status="DRAFT")
    days.pass_to("12-25 00:00")
    cxone.change("spring", status="ACTIVE")
    days.pass_to("12-25 09:00")
    assert status() == "PAUSED"


def test_campaign_that_is_gone_is_forgotten(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    days.pass_to("12-25 00:00")
    cxone.remove("spring")
    days.pass_to("12-25 12:00")
    assert row().closed_at is not None
    days.pass_to("12-26 00:00")
    assert history() == ["pause CONFIRMED"]


# --- The calendar changes meanwhile ---


def add(calendar: Calendar, day: str, **values: Any) -> Holiday:
    plain = {"name": "Storm", "starts": None, "ends": None, "every_year": False, "observed": False}
    return calendars.add_holiday(calendar=calendar, by="ada", **plain | {"date": date.fromisoformat(day)} | values)


def test_added_holiday_pauses_now(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-22 10:00")
    add(calendar, "2026-12-22")
    days.work()
    assert status() == "PAUSED"


def test_deleted_holiday_resumes_now(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 10:00")
    calendars.delete_holiday(holiday=Holiday.objects.get(), by="ada")
    days.work()
    assert status() == "ACTIVE"


def test_moved_holiday_resumes_now_and_pauses_then(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 10:00")
    Holiday.objects.update(date="2026-12-28")
    calendars._renew(calendar)
    days.work()
    assert status() == "ACTIVE"
    days.pass_to("12-28 00:00")
    assert status() == "PAUSED"


def test_prolonged_holiday_keeps_its_pause(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 10:00")
    add(calendar, "2026-12-26")
    days.pass_to("12-26 00:00")
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])
    days.pass_to("12-27 00:00")
    assert status() == "ACTIVE"


def test_touch_lasts_as_long_as_the_stretch(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    days.pass_to("12-25 10:00")
    run_often(ask_resume(campaign))
    days.work()
    add(calendar, "2026-12-26")
    days.pass_to("12-26 09:00")
    assert (status(), history()) == ("ACTIVE", ["pause CONFIRMED"])


def test_switching_off_resumes_now(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 10:00")
    calendars.switch_guard(calendar=calendar, guarded=False, by="ada")
    days.work()
    assert status() == "ACTIVE"


def test_switching_on_pauses_now(days: Days, calendar: Calendar) -> None:
    Calendar.objects.update(guarded=False)
    days.pass_to("12-25 10:00")
    calendars.switch_guard(calendar=calendar, guarded=True, by="ada")
    days.work()
    assert status() == "PAUSED"


def test_deleting_the_calendar_resumes_now(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 10:00")
    calendars.delete_calendar(calendar=calendar, by="ada")
    days.work()
    assert status() == "ACTIVE"


def test_assigning_pauses_and_removing_resumes(days: Days, calendar: Calendar) -> None:
    calendar.campaigns.clear()
    days.pass_to("12-25 10:00")
    calendars.assign_calendar(calendar=calendar, add=["spring"], by="ada")
    days.work()
    assert status() == "PAUSED"
    calendars.assign_calendar(calendar=calendar, remove=["spring"], by="ada")
    days.work()
    assert status() == "ACTIVE"


def test_other_calendar_keeps_the_pause(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    make_holiday(make_calendar(campaign, name="IE", guarded=True))
    days.pass_to("12-25 10:00")
    calendars.switch_guard(calendar=calendar, guarded=False, by="ada")
    days.work()
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])


def test_campaigns_zone_changes(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    """At 00:30 in London it is 19:30 on the 24th in New York."""
    days.pass_to("12-25 00:30")
    cxone.change("spring", schedule=SCHEDULE)
    days.pass_to("12-25 00:31")
    assert status() == "ACTIVE"
    days.pass_to("12-25 05:00")
    assert status() == "PAUSED"


def test_calendars_zone_changes(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 00:30")
    calendars.change_calendar(calendar=calendar, name="UK", zone="America/New_York", by="ada")
    days.work()
    assert status() == "ACTIVE"


def lose_zone() -> None:
    """As if CXone sent a name that isn't in the zone data here."""
    Campaign.objects.update(schedule=SCHEDULE | {"timezone": "Mars/Olympus"}, timezone="Mars/Olympus")


def test_zone_that_cannot_be_read_changes_nothing_yet(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 00:30")
    lose_zone()
    days.turn_unseen_to("12-25 12:00")
    days.work()
    assert status() == "PAUSED"
    days.turn_unseen_to("12-26 00:00")
    days.work()
    assert status() == "ACTIVE"


def test_unknown_zone_pauses_nothing(days: Days, calendar: Calendar) -> None:
    lose_zone()
    days.turn_unseen_to("12-25 12:00")
    days.work()
    assert history() == []


def test_restricted_again_while_it_resumes(days: Days, calendar: Calendar) -> None:
    days.pass_to("12-25 10:00")
    calendars.switch_guard(calendar=calendar, guarded=False, by="ada")
    rounds.make_round()
    calendars.switch_guard(calendar=calendar, guarded=True, by="ada")
    days.work()
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED", "resume CONFIRMED", "pause CONFIRMED"])


def test_withdrawn_pause_is_never_sent(days: Days, calendar: Calendar) -> None:
    days.turn_to("12-25 10:00")
    rounds.make_round()
    calendars.switch_guard(calendar=calendar, guarded=False, by="ada")
    days.work()
    assert (status(), history()) == ("ACTIVE", ["pause CANCELLED"])


def test_withdrawn_pause_is_asked_again(days: Days, calendar: Calendar) -> None:
    """The guard itself cancelled it: nobody's decision stands against a new one."""
    days.turn_to("12-25 10:00")
    rounds.make_round()
    calendars.switch_guard(calendar=calendar, guarded=False, by="ada")
    rounds.make_round()
    calendars.switch_guard(calendar=calendar, guarded=True, by="ada")
    days.work()
    assert (status(), history()) == ("PAUSED", ["pause CANCELLED", "pause CONFIRMED"])


# --- Failures ---


def test_failed_pause_is_asked_again(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    cxone.fail("PUT", "/api/v2/campaigns/*", status=403)
    days.pass_to("12-25 00:00")
    assert history() == ["pause FAILED"]
    days.pass_to("12-25 00:00:10")
    assert len(history()) == 1
    days.pass_to("12-25 00:00:30")
    assert (status(), history()) == ("PAUSED", ["pause FAILED", "pause CONFIRMED"])


def test_failed_resume_is_asked_again(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    days.pass_to("12-25 00:00")
    cxone.fail("PUT", "/api/v2/campaigns/*", status=403)
    days.pass_to("12-26 00:00")
    assert status() == "PAUSED"
    days.pass_to("12-26 00:00:30")
    assert history() == ["pause CONFIRMED", "resume FAILED", "resume CONFIRMED"]


def test_pause_asked_for_and_not_noted_is_found(days: Days, calendar: Calendar) -> None:
    """The process died between the two."""
    days.turn_to("12-25 00:00")
    rounds.make_round()
    GuardedStretch.objects.update(pause=None)
    days.work()
    assert (status(), history()) == ("PAUSED", ["pause CONFIRMED"])
    assert row().pause == Operation.objects.get()


def test_row_without_a_request_is_gone_on_with(days: Days, calendar: Calendar, campaign: Campaign) -> None:
    """The process died before it could ask."""
    days.turn_to("12-25 00:00")
    rounds.make_round()
    GuardedStretch.objects.update(pause=None, tries=0, next_try_at=None)
    Operation.objects.all().delete()
    days.work()
    assert status() == "PAUSED"


def test_campaign_found_paused_is_left_alone(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    """Somebody paused it in CXone a moment ago, and nobody has read that yet."""
    days.turn_to("12-25 00:00")
    cxone.change("spring", status="PAUSED")
    days.work()
    assert (history(), row().left_alone) == (["pause SKIPPED"], LeftAlone.PAUSED_BEFORE)
    days.pass_to("12-26 00:00")
    assert status() == "PAUSED"


def test_watch_upholds_the_pause(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    """It dials again a moment after the pause: that is paused again, once, and resumed at the end."""
    days.pass_to("12-25 00:00")
    cxone.change("spring", status="ACTIVE")
    days.pass_to("12-25 00:05")
    assert (status(), row().left_alone) == ("PAUSED", LeftAlone.NO)
    days.pass_to("12-26 00:00")
    assert status() == "ACTIVE"


@pytest.mark.parametrize("repeats", [False, True], ids=["the guard's", "the watch's"])
def test_campaign_that_was_gone_for_a_while_is_resumed_at_the_end(
    days: Days, calendar: Calendar, cxone: Simulator, repeats: bool
) -> None:
    """The guard adopts its own pause, also where the watch has repeated it."""
    days.pass_to("12-25 00:00")
    if repeats:
        cxone.change("spring", status="ACTIVE")
        days.pass_to("12-25 00:05")
    campaign = cxone.campaign("spring")
    cxone.remove("spring")
    days.pass_to("12-25 00:10")
    cxone.add(**{name: campaign[name] for name in ("id", "name", "status", "schedule")})
    days.pass_to("12-25 00:15")
    assert status() == "PAUSED"
    days.pass_to("12-26 00:00")
    assert status() == "ACTIVE"


def test_second_return_stands(days: Days, calendar: Calendar, cxone: Simulator) -> None:
    days.pass_to("12-25 00:00")
    for minute in ("05", "10"):
        cxone.change("spring", status="ACTIVE")
        days.pass_to(f"12-25 00:{minute}")
    days.pass_to("12-25 09:00")
    assert (status(), row().left_alone) == ("ACTIVE", LeftAlone.CHANGED)

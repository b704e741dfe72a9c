"""What the rounds find: calls outside hours, on holidays and over limits, long pauses, calendars that end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from campaigns.attention import deciding, rounds
from campaigns.attention.descriptions import describe_finding
from campaigns.attention.windows import set_window
from campaigns.models import (
    Calendar,
    CallingHoursRule,
    Campaign,
    Control,
    Finding,
    FindingCode,
    Operation,
    OperationKind,
    Origin,
    Policy,
    SyncState,
)
from campaigns.states import State, WaitingFor
from tests.attention.given import MINUTE, NOON
from tests.factories import SCHEDULE, make_bulk, make_calendar, make_campaign, make_holiday, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("one_clock")]

# The factories' windows close at 17:00 in New York.
CLOSE = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
ALL_WEEK = SCHEDULE | {
    "dialingHours": [
        {"day": day, "startTime": "00:00", "endTime": "24:00"}
        for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
    ]
}


def given(now: datetime = NOON, **values: Any) -> Campaign:
    """A campaign as last read at `now`, its window worked out."""
    campaign = make_campaign(read_at=now, **values)
    set_window(campaign, now)
    campaign.save()
    return campaign


def round_at(now: datetime) -> set[str]:
    """Make a round just after a good read that began at `now`; the codes of what is open then."""
    with time_machine.travel(now, tick=False):
        SyncState.objects.filter(pk=1).update(last_good_at=now)
        rounds.watch_campaigns()
        rounds.review_pauses()
    return opened()


def opened() -> set[str]:
    return set(Finding.objects.filter(ended_at=None).values_list("code", flat=True))


def urgency(campaign: Campaign) -> int:
    campaign.refresh_from_db()
    return campaign.urgency


def test_calls_within_hours_are_nothing() -> None:
    given(active_calls=7)
    assert round_at(NOON) == set()


def test_nothing_is_judged_before_the_first_read() -> None:
    with time_machine.travel(NOON, tick=False):
        given(active_calls=80, schedule=SCHEDULE | {"dialingHours": []})
        SyncState.objects.filter(pk=1).update(last_good_at=None)
        rounds.watch_campaigns()
    assert opened() == set()


# --- Calls outside hours ---


def test_calls_may_end_within_two_minutes_after_the_close() -> None:
    campaign = given(active_calls=7)
    assert round_at(CLOSE) == set()
    assert round_at(CLOSE + 2 * MINUTE - timedelta(seconds=1)) == set()
    assert round_at(CLOSE + 2 * MINUTE) == {FindingCode.CALLS_OUTSIDE_HOURS}
    assert urgency(campaign) > 0


def test_calls_of_a_read_before_the_end_of_the_grace_are_not_outside() -> None:
    given(active_calls=7)
    with time_machine.travel(CLOSE + 3 * MINUTE, tick=False):
        SyncState.objects.filter(pk=1).update(last_good_at=CLOSE + MINUTE)
        rounds.watch_campaigns()
    assert opened() == set()


def test_calls_that_begin_with_the_window_are_not_outside() -> None:
    """A read that began before the window opened has counted them after that."""
    opens = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
    given(opens - MINUTE, active_calls=7)
    assert round_at(opens - timedelta(seconds=10)) == set()


def test_finding_ends_with_the_last_call() -> None:
    campaign = given(CLOSE + 5 * MINUTE, active_calls=7)
    round_at(CLOSE + 5 * MINUTE)
    Campaign.objects.filter(pk=campaign.pk).update(active_calls=0)
    assert round_at(CLOSE + 6 * MINUTE) == set()
    assert Finding.objects.get().end == "gone"
    assert urgency(campaign) == 0


def test_paused_campaign_with_calls_outside_hours_is_found_too() -> None:
    given(CLOSE + 5 * MINUTE, active_calls=7, status="PAUSED")
    assert round_at(CLOSE + 5 * MINUTE) == {FindingCode.CALLS_OUTSIDE_HOURS}


def test_schedule_without_windows_is_closed() -> None:
    given(active_calls=7, schedule=SCHEDULE | {"dialingHours": []})
    assert round_at(NOON) == {FindingCode.CALLS_OUTSIDE_HOURS}


@pytest.mark.parametrize(
    "schedule",
    [
        {},
        SCHEDULE | {"timezone": "Mars/Olympus"},
        SCHEDULE | {"dialingHours": [{"day": "WED", "startTime": "soon", "endTime": "late"}]},
    ],
)
def test_hours_that_nobody_can_read_are_no_finding(schedule: dict[str, Any]) -> None:
    given(CLOSE + 5 * MINUTE, active_calls=7, schedule=schedule, timezone=schedule.get("timezone", ""))
    assert round_at(CLOSE + 5 * MINUTE) == set()


def test_law_closes_before_the_window_does() -> None:
    campaign = given(active_calls=7, schedule=ALL_WEEK)
    law = CallingHoursRule.objects.get(is_default=True)
    late = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # 21:00 in New York
    assert round_at(late + MINUTE) == set()
    assert round_at(late + 2 * MINUTE) == {FindingCode.CALLS_OUTSIDE_HOURS}
    details = Finding.objects.get().details
    assert (details["rule"], details["closed_at"]) == (law.name, late.isoformat())
    assert urgency(campaign) > 0


def test_campaigns_own_rule_counts_instead_of_the_default() -> None:
    rule = CallingHoursRule.objects.create(
        name="Always", days=["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"], earliest="00:00", latest="23:59"
    )
    given(active_calls=7, schedule=ALL_WEEK, calling_hours=rule)
    assert round_at(datetime(2026, 11, 26, 4, 59, 30, tzinfo=UTC)) == set()
    assert round_at(datetime(2026, 11, 26, 5, 5, tzinfo=UTC)) == set()


# --- Holidays ---

THANKSGIVING_NOON = NOON + timedelta(days=1)


def on_thanksgiving(**values: Any) -> Calendar:
    calendar = make_calendar(given(THANKSGIVING_NOON, **values), name="US")
    make_holiday(calendar, "2026-11-26", every_year=True, name="Thanksgiving")
    return calendar


def test_active_campaign_with_its_window_open_on_its_holiday() -> None:
    on_thanksgiving()
    assert round_at(THANKSGIVING_NOON) == {FindingCode.DIALING_ON_HOLIDAY}


def test_campaign_that_waits_for_its_hours_does_not_dial_on_its_holiday() -> None:
    calendar = make_calendar(given(CLOSE + timedelta(days=1, hours=1)))
    make_holiday(calendar, "2026-11-26", every_year=True)
    assert round_at(CLOSE + timedelta(days=1, hours=1)) == set()


def test_calls_of_a_paused_campaign_on_its_holiday() -> None:
    on_thanksgiving(status="PAUSED", active_calls=3)
    assert round_at(THANKSGIVING_NOON) == {FindingCode.DIALING_ON_HOLIDAY}


def test_paused_campaign_without_calls_rests_on_its_holiday() -> None:
    on_thanksgiving(status="PAUSED")
    assert round_at(THANKSGIVING_NOON) == set()


def test_holiday_counts_in_the_campaigns_zone() -> None:
    """At 20:00 in New York it is the next day in UTC already."""
    evening = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    campaign = given(evening, active_calls=3, schedule=ALL_WEEK)
    make_holiday(make_calendar(campaign), "2026-11-26", every_year=True)
    assert round_at(evening) == set()
    midnight = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
    assert FindingCode.DIALING_ON_HOLIDAY not in round_at(midnight + MINUTE)
    assert FindingCode.DIALING_ON_HOLIDAY in round_at(midnight + 2 * MINUTE)


def test_restricted_hours_end() -> None:
    campaign = given(THANKSGIVING_NOON, active_calls=3)
    make_holiday(make_calendar(campaign), "2026-11-26", every_year=True, starts="11:00", ends="13:00")
    assert round_at(THANKSGIVING_NOON) == {FindingCode.DIALING_ON_HOLIDAY}
    assert round_at(THANKSGIVING_NOON + timedelta(hours=1)) == set()


def test_holiday_that_is_deleted_is_over() -> None:
    calendar = on_thanksgiving()
    round_at(THANKSGIVING_NOON)
    calendar.holidays.all().delete()
    Calendar.objects.filter(pk=calendar.pk).update(edition="6f2c1f0e-58f5-4f6e-9a7e-000000000002")
    assert round_at(THANKSGIVING_NOON + MINUTE) == set()


# --- Over the limit ---


def test_calls_over_the_limit_for_two_minutes() -> None:
    campaign = given(active_calls=51)
    assert round_at(NOON) == set()
    assert round_at(NOON + 2 * MINUTE) == {FindingCode.CALLS_OVER_LIMIT}
    assert Finding.objects.get().since == NOON
    Campaign.objects.filter(pk=campaign.pk).update(active_calls=50)
    assert round_at(NOON + 3 * MINUTE) == set()


def test_moment_over_the_limit_is_forgotten() -> None:
    campaign = given(active_calls=51)
    round_at(NOON)
    Campaign.objects.filter(pk=campaign.pk).update(active_calls=49)
    round_at(NOON + MINUTE)
    Campaign.objects.filter(pk=campaign.pk).update(active_calls=51)
    assert round_at(NOON + 2 * MINUTE) == set()


def test_campaigns_own_limit_counts() -> None:
    given(active_calls=51, max_active_calls=200)
    round_at(NOON)
    assert round_at(NOON + 5 * MINUTE) == set()


def test_calls_that_end_after_a_pause_are_watched_first() -> None:
    given(active_calls=120, status="PAUSED", status_since=NOON)
    round_at(NOON)
    assert round_at(NOON + 14 * MINUTE) == set()
    assert round_at(NOON + 15 * MINUTE) == {FindingCode.CALLS_OVER_LIMIT}


def test_higher_limit_in_the_policy_ends_it() -> None:
    given(active_calls=51)
    round_at(NOON)
    round_at(NOON + 2 * MINUTE)
    Policy.objects.update(max_active_calls=80)
    assert round_at(NOON + 3 * MINUTE) == set()


# --- Long pauses ---


def paused(origin: Origin = Origin.PERSON, *, ago: timedelta, **values: Any) -> Campaign:
    campaign = given(status="PAUSED", control=Control.PERSON, status_since=NOON - ago)
    pause = make_operation(campaign, state=State.CONFIRMED, requested_at=NOON - ago, origin=origin, **values)
    Campaign.objects.filter(pk=campaign.pk).update(explained_by=pause)
    campaign.explained_by = pause
    return campaign


def test_pause_without_an_end_is_too_long_after_a_week() -> None:
    campaign = paused(ago=timedelta(days=7, hours=-1))
    assert round_at(NOON) == set()
    assert round_at(NOON + timedelta(hours=2)) == {FindingCode.PAUSED_TOO_LONG}
    Campaign.objects.filter(pk=campaign.pk).update(status="ACTIVE")
    assert round_at(NOON + timedelta(hours=3)) == set()


def test_policy_says_how_long_a_pause_may_be() -> None:
    paused(ago=timedelta(days=2))
    Policy.objects.update(paused_too_long_days=1)
    assert round_at(NOON) == {FindingCode.PAUSED_TOO_LONG}


def test_guards_pause_is_never_too_long() -> None:
    paused(Origin.GUARD, ago=timedelta(days=30))
    assert round_at(NOON) == set()


def test_pause_that_is_to_end_is_not_too_long() -> None:
    campaign = paused(ago=timedelta(days=30))
    resume_of(campaign, NOON + timedelta(days=1), State.SCHEDULED)
    assert round_at(NOON) == set()


def resume_of(campaign: Campaign, at: datetime, state: State, error: str = "") -> None:
    pause = campaign.explained_by
    make_operation(
        campaign, kind=OperationKind.RESUME, state=state, undoes=pause, not_before=at, error=error, requested_at=NOON
    )


def test_resume_that_came_too_late_left_it_paused() -> None:
    campaign = paused(ago=timedelta(days=1))
    resume_of(campaign, NOON - 16 * MINUTE, State.CANCELLED, "It was due while the product was not running.")
    assert round_at(NOON) == {FindingCode.PAUSED_TOO_LONG}
    assert Finding.objects.get().since == NOON - 16 * MINUTE


def test_resume_that_a_person_cancelled_is_no_finding() -> None:
    campaign = paused(ago=timedelta(days=1))
    resume_of(campaign, NOON - 16 * MINUTE, State.CANCELLED)
    assert round_at(NOON) == set()


def test_campaign_that_was_paused_before_we_looked_is_no_finding() -> None:
    given(status="PAUSED", control=Control.BEFORE, status_since=None)
    given(status="PAUSED", control=Control.OUTSIDE, status_since=NOON - timedelta(days=30))
    assert round_at(NOON) == set()


# --- Operations that take too long ---


def in_progress(state: State = State.RUNNING, **values: Any) -> Operation:
    """A pause that a person asked for at noon, or what `values` say."""
    return make_operation(given(), state=state, **{"requested_at": NOON, "started_at": NOON} | values)


def test_operation_in_progress_for_five_minutes_takes_too_long() -> None:
    operation = in_progress(State.WAITING, waiting_for=WaitingFor.RETRY)
    assert round_at(NOON + 5 * MINUTE) == set()
    assert round_at(NOON + 5.1 * MINUTE) == {FindingCode.OPERATION_STUCK}
    finding = Finding.objects.get()
    assert (finding.cause, finding.since) == (str(operation.pk), NOON)
    assert "has been in progress since Wed 25 Nov 12:00 EST" in describe_finding(finding).why


def test_it_takes_too_long_no_more_once_it_has_ended() -> None:
    operation = in_progress()
    round_at(NOON + 6 * MINUTE)
    Operation.objects.filter(pk=operation.pk).update(state=State.CANCELLED, ended_at=NOON + 7 * MINUTE)
    assert round_at(NOON + 7 * MINUTE) == set()
    assert urgency(operation.campaign) == 0


def test_operation_that_no_worker_takes_takes_too_long() -> None:
    in_progress(State.QUEUED, started_at=None)
    assert round_at(NOON + 6 * MINUTE) == {FindingCode.OPERATION_STUCK}


@pytest.mark.parametrize("reason", [WaitingFor.TURN, WaitingFor.TIME, WaitingFor.CALLS])
def test_operation_that_waits_on_purpose_may_wait(reason: WaitingFor) -> None:
    in_progress(State.WAITING, waiting_for=reason)
    assert round_at(NOON + 60 * MINUTE) == set()


def test_operation_of_a_bulk_that_has_not_begun_may_wait() -> None:
    in_progress(State.QUEUED, started_at=None, bulk=make_bulk())
    assert round_at(NOON + 60 * MINUTE) == set()


def test_operation_is_in_progress_only_from_its_time_on() -> None:
    in_progress(State.QUEUED, started_at=None, not_before=NOON + 60 * MINUTE)
    assert round_at(NOON + 64 * MINUTE) == set()
    assert round_at(NOON + 66 * MINUTE) == {FindingCode.OPERATION_STUCK}


def test_operation_that_waited_for_fewer_calls_has_its_time_once_it_is_sent() -> None:
    in_progress(State.ACCEPTED, sent_at=NOON + 60 * MINUTE)
    assert round_at(NOON + 64 * MINUTE) == set()
    assert round_at(NOON + 66 * MINUTE) == {FindingCode.OPERATION_STUCK}


def test_operation_that_may_take_long_by_name_stays_dismissed() -> None:
    in_progress()
    round_at(NOON + 6 * MINUTE)
    deciding.dismiss(Finding.objects.get(), by="ann", note="CXone is slow today")
    assert round_at(NOON + 7 * MINUTE) == set()


# --- Calendars ---


def test_calendar_that_ends_with_this_year() -> None:
    calendar = make_calendar(given())
    make_holiday(calendar, "2026-12-25")
    assert round_at(datetime(2026, 10, 31, 12, tzinfo=UTC)) == set()
    assert round_at(datetime(2026, 11, 1, 12, tzinfo=UTC)) == {FindingCode.NO_CALENDAR_NEXT_YEAR}
    make_holiday(calendar, "2027-12-25")
    Calendar.objects.update(edition="6f2c1f0e-58f5-4f6e-9a7e-000000000003")
    assert round_at(datetime(2026, 11, 2, 12, tzinfo=UTC)) == set()


def test_calendar_without_campaigns_or_with_yearly_days_is_complete() -> None:
    make_holiday(make_calendar(), "2026-12-25")
    make_holiday(make_calendar(given()), "2026-12-25", every_year=True)
    assert round_at(NOON) == set()


# --- Dismissals ---


def test_dismissed_finding_returns_only_with_another_cause() -> None:
    campaign = given(CLOSE + 5 * MINUTE, active_calls=7)
    round_at(CLOSE + 5 * MINUTE)
    deciding.dismiss(Finding.objects.get(), by="ann", note="Test calls")
    assert round_at(CLOSE + 6 * MINUTE) == set()
    assert urgency(campaign) == 0
    assert round_at(CLOSE + timedelta(days=1, minutes=5)) == {FindingCode.CALLS_OUTSIDE_HOURS}


@pytest.mark.parametrize(("minutes", "on_it"), [(9, "ann"), (11, "")])
def test_somebody_stays_on_what_returns_within_ten_minutes(minutes: int, on_it: str) -> None:
    campaign = given(CLOSE + 5 * MINUTE, active_calls=7)
    round_at(CLOSE + 5 * MINUTE)
    with time_machine.travel(CLOSE + 5 * MINUTE, tick=False):
        deciding.take_on(Finding.objects.get(), by="ann")
    Campaign.objects.filter(pk=campaign.pk).update(active_calls=0)
    assert round_at(CLOSE + 6 * MINUTE) == set()
    Campaign.objects.filter(pk=campaign.pk).update(active_calls=7)
    assert round_at(CLOSE + (6 + minutes) * MINUTE) == {FindingCode.CALLS_OUTSIDE_HOURS}
    assert Finding.objects.get(ended_at=None).taken_by == on_it


def test_findings_of_a_campaign_that_left_cxone_end() -> None:
    campaign = given(CLOSE + 5 * MINUTE, active_calls=7)
    round_at(CLOSE + 5 * MINUTE)
    Campaign.objects.filter(pk=campaign.pk).update(gone_at=CLOSE)
    assert round_at(CLOSE + 6 * MINUTE) == set()
    assert urgency(campaign) == 0


def test_lost_urgency_is_put_right() -> None:
    campaign = given(CLOSE + 5 * MINUTE, active_calls=7)
    round_at(CLOSE + 5 * MINUTE)
    before = urgency(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(urgency=1)
    round_at(CLOSE + 6 * MINUTE)
    assert urgency(campaign) == before


# --- Cost ---


@pytest.mark.parametrize("number", [3, 60])
def test_round_takes_as_many_queries_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        given(active_calls=7)
    round_at(NOON)
    with time_machine.travel(NOON, tick=False), django_assert_num_queries(11):
        rounds.watch_campaigns()

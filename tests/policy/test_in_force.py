"""What a schedule is checked against, from the rows of policy, calling hours and calendars."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Calendar, CallingHoursRule, Campaign, Policy
from campaigns.policy.in_force import constraints_for, stopping
from campaigns.schedule import Code, HoursRule, ScheduleFinding, Severity, check
from tests.factories import SCHEDULE, make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)  # still the first of November in New York
WEEK = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("spring")


def make_rule(**values: Any) -> CallingHoursRule:
    defaults: dict[str, Any] = {"days": WEEK, "earliest": time(8), "latest": time(20), "source": "501.059 F.S."}
    return CallingHoursRule.objects.create(name="Florida", **defaults | values)


def names(campaign: Campaign) -> list[str]:
    return [rule.name for rule in constraints_for(campaign, NOW).hours]


def test_federal_rule_by_default(campaign: Campaign) -> None:
    rule = HoursRule("Federal (TCPA)", frozenset(WEEK), 480, 1260, "47 CFR 64.1200(c)(1)")
    assert constraints_for(campaign, NOW).hours == (rule,)


def test_own_rule_comes_first() -> None:
    assert names(make_campaign(calling_hours=make_rule())) == ["Florida"]


@pytest.mark.parametrize("valid", [{"valid_from": date(2026, 11, 2)}, {"valid_to": date(2026, 10, 31)}])
def test_default_where_own_is_not_in_force(valid: dict[str, date]) -> None:
    assert names(make_campaign(calling_hours=make_rule(**valid))) == ["Federal (TCPA)"]


@pytest.mark.parametrize("valid", [{"valid_from": date(2026, 11, 1)}, {"valid_to": date(2026, 11, 1)}])
def test_first_and_last_day_count(valid: dict[str, date]) -> None:
    assert names(make_campaign(calling_hours=make_rule(**valid))) == ["Florida"]


def test_day_is_the_campaigns() -> None:
    rule = make_rule(valid_from=date(2026, 11, 2))
    assert names(make_campaign(calling_hours=rule, timezone="Asia/Kathmandu")) == ["Florida"]


def test_no_rule_in_force(campaign: Campaign) -> None:
    CallingHoursRule.objects.update(valid_to=date(2020, 1, 1))
    assert names(campaign) == []


def test_policy_limits_the_windows(campaign: Campaign) -> None:
    Policy.objects.update(max_windows=9)
    assert constraints_for(campaign, NOW).max_windows == 9


def test_current_schedule_and_status(campaign: Campaign) -> None:
    constraints = constraints_for(campaign, NOW)
    assert (constraints.current, constraints.status) == (SCHEDULE, "ACTIVE")


def test_unread_schedule_is_not_known() -> None:
    assert constraints_for(make_campaign(schedule={}, timezone=""), NOW).current is None


@pytest.mark.parametrize(("days", "there"), [(-2, False), (-1, True), (0, True), (60, True), (62, False)])
def test_holidays_of_sixty_days(campaign: Campaign, days: int, there: bool) -> None:
    calendar = Calendar.objects.create(name="Closed")
    calendar.campaigns.add(campaign)
    calendar.holidays.create(name="Stocktaking", date=NOW.date() + timedelta(days=days))
    assert bool(constraints_for(campaign, NOW).holidays) is there


def test_holidays_are_in_the_zone_of_the_schedule_to_check(campaign: Campaign) -> None:
    calendar = Calendar.objects.create(name="Closed", zone="America/New_York")
    calendar.campaigns.add(campaign)
    calendar.holidays.create(name="Stocktaking", date=NOW.date(), starts=time(12), ends=time(15))
    moved = {**SCHEDULE, "timezone": "America/Los_Angeles"}
    assert [on.closed for on in constraints_for(campaign, NOW).holidays] == [(12 * 60, 15 * 60)]
    assert [on.closed for on in constraints_for(campaign, NOW, moved).holidays] == [(9 * 60, 12 * 60)]


def test_schedule_moved_to_another_zone_is_warned_of_the_holiday_there(campaign: Campaign) -> None:
    """From 9 to 11 in Los Angeles it is 12 to 14 in New York, where the calendar's hours are."""
    calendar = Calendar.objects.create(name="Closed", zone="America/New_York")
    calendar.campaigns.add(campaign)
    calendar.holidays.create(name="Stocktaking", date=NOW.date() + timedelta(days=7), starts=time(12), ends=time(15))
    window = {"day": "MON", "startTime": "09:00", "endTime": "11:00"}
    moved = {**SCHEDULE, "timezone": "America/Los_Angeles", "dialingHours": [window]}
    found = check(moved, constraints_for(campaign, NOW, moved), NOW)
    assert Code.HOLIDAY_AHEAD in {finding.code for finding in found}


def test_four_queries_at_most(campaign: Campaign, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(4):
        constraints_for(campaign, NOW)


@pytest.mark.parametrize(
    ("severity", "acknowledged", "stops"),
    [
        (Severity.ERROR, True, True),
        (Severity.WARNING, False, True),
        (Severity.WARNING, True, False),
        (Severity.HINT, False, False),
    ],
)
def test_what_stops_a_schedule(severity: Severity, acknowledged: bool, stops: bool) -> None:
    finding = ScheduleFinding(Code.OVERLAP, severity, "They overlap.")
    assert bool(stopping([finding], acknowledged)) is stops

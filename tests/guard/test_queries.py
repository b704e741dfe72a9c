"""A round costs the same number of queries for one campaign as for many, as long as there is nothing to do."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns.guard import rounds
from campaigns.guard.duty import next_stretches, read_duty
from campaigns.holidays.lookups import calendars_of
from campaigns.models import Campaign, GuardedStretch
from campaigns.queueing.rows import database_now
from campaigns.states import State
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

ZONES = ("America/New_York", "America/Los_Angeles", "Europe/London")
NOW = datetime(2026, 12, 20, 12, 0, tzinfo=UTC)


def make_campaigns(number: int) -> list[Campaign]:
    return [make_campaign(schedule=SCHEDULE | {"timezone": ZONES[place % 3]}) for place in range(number)]


def restrict(campaigns: list[Campaign]) -> None:
    """Now, wherever they are."""
    calendar, today = make_calendar(*campaigns, guarded=True), database_now().date()
    for days in (-1, 0, 1):
        make_holiday(calendar, str(today + timedelta(days=days)))


def pause(campaign: Campaign) -> None:
    """As the guard does."""
    operation = make_operation(campaign, state=State.CONFIRMED, reason="HOLIDAY", origin="guard")
    Campaign.objects.filter(pk=campaign.pk).update(status="PAUSED", explained_by=operation)
    today = read_duty(database_now()).stretches[campaign.pk]
    GuardedStretch.objects.create(
        campaign=campaign,
        begins=today.begins,
        ends=today.ends,
        holidays=today.names_with_calendars,
        pause=operation,
        tries=1,
    )


def test_nothing_guarded(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_holiday(make_calendar(*make_campaigns(3)))
    with django_assert_num_queries(3):
        rounds.make_round()


@pytest.mark.parametrize("number", [1, 60])
def test_no_holiday_is_near(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_holiday(make_calendar(*make_campaigns(number), guarded=True), "2020-12-25")
    rounds.make_round()
    with django_assert_num_queries(4):
        rounds.make_round()


@pytest.mark.parametrize("number", [1, 60])
def test_all_are_paused(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    campaigns = make_campaigns(number)
    restrict(campaigns)
    for campaign in campaigns:
        pause(campaign)
    with django_assert_num_queries(5):
        rounds.make_round()


@pytest.mark.parametrize("number", [1, 60])
def test_all_are_at_rest(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    campaigns = make_campaigns(number)
    Campaign.objects.update(status="COMPLETE")
    restrict(campaigns)
    rounds.make_round()
    with django_assert_num_queries(8):
        rounds.make_round()
    assert not GuardedStretch.objects.exists()


@pytest.mark.parametrize("number", [1, 60])
def test_next_stretches_need_no_query(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    campaigns = make_campaigns(number)
    make_holiday(make_calendar(*campaigns, guarded=True))
    assigned = calendars_of(campaigns)
    next_stretches(campaigns, assigned, NOW)
    with django_assert_num_queries(0):
        found = next_stretches(campaigns, assigned, NOW)
    assert len(found) == number

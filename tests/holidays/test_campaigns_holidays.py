"""Which holidays a campaign has: those of its calendars, in its own time zone."""

from datetime import UTC, date, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns.holidays import next_of, upcoming
from campaigns.models import Campaign
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
TODAY = NOW.date()


def names(campaign: Campaign, first: date = TODAY, days: int = 60) -> list[str]:
    return [on.name for on in upcoming(campaign, first, days)]


def test_only_its_own_calendars_count() -> None:
    campaign = make_campaign()
    make_holiday(make_calendar(campaign), name="Ours")
    make_holiday(make_calendar(make_campaign()), name="Theirs")
    assert names(campaign) == ["Ours"]


def test_two_calendars_are_both_told() -> None:
    campaign = make_campaign()
    for name in ("Canada", "US"):
        make_holiday(make_calendar(campaign, name=name))
    assert [on.calendar for on in upcoming(campaign, TODAY)] == ["Canada", "US"]


def test_span_counts_from_its_first_day() -> None:
    campaign = make_campaign()
    make_holiday(make_calendar(campaign), "2026-12-25")
    assert names(campaign, date(2026, 12, 25), 1) == ["Christmas Day"]
    assert names(campaign, date(2026, 12, 24), 1) == names(campaign, date(2026, 12, 26), 1) == []


def test_observed_day_before_the_span_counts() -> None:
    campaign = make_campaign()
    make_holiday(make_calendar(campaign), "2026-12-27", observed=True)  # a Sunday
    assert names(campaign, date(2026, 12, 28), 1) == ["Christmas Day (observed)"]


def test_every_year_counts_from_long_ago() -> None:
    campaign = make_campaign()
    make_holiday(make_calendar(campaign), "1999-12-25", every_year=True)
    assert names(campaign) == ["Christmas Day"]


def test_calendars_zone_is_heeded() -> None:
    campaign = make_campaign(schedule=SCHEDULE | {"timezone": "America/Los_Angeles"})
    make_holiday(make_calendar(campaign, zone="America/New_York"))
    assert [str(on.date) for on in upcoming(campaign, TODAY)] == ["2026-12-24", "2026-12-25"]


def test_upcoming_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    campaign = make_campaign()
    for _ in range(3):
        make_holiday(make_calendar(campaign))
    with django_assert_num_queries(1):
        upcoming(campaign, TODAY)


def test_next_is_the_nearest() -> None:
    campaign, without = make_campaign(), make_campaign()
    calendar = make_calendar(campaign)
    make_holiday(calendar, "2026-12-25")
    make_holiday(calendar, "2026-12-24", name="Christmas Eve")
    assert {key: on.name for key, on in next_of([campaign, without], NOW).items()} == {campaign.pk: "Christmas Eve"}


def test_next_is_in_the_campaigns_own_day() -> None:
    """At 15:00 UTC it is the 2nd in Kiritimati, and still the 1st in New York."""
    here, there = make_campaign(), make_campaign(schedule=SCHEDULE | {"timezone": "Pacific/Kiritimati"})
    calendar = make_calendar(here, there)
    make_holiday(calendar, "2026-12-01", name="First")
    make_holiday(calendar, "2026-12-02", name="Second")
    assert [on.name for on in next_of([here, there], NOW).values()] == ["First", "Second"]


def test_next_within_a_year_only() -> None:
    campaign = make_campaign()
    make_holiday(make_calendar(campaign), "2028-01-01")
    assert next_of([campaign], NOW) == {}


def test_next_is_two_queries_for_all(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    campaigns = [make_campaign() for _ in range(9)]
    for _ in range(3):
        make_holiday(make_calendar(*campaigns))
    with django_assert_num_queries(2):
        assert len(next_of(campaigns, NOW)) == 9

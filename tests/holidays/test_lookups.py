"""Which holidays a campaign has: those of its calendars, in its own time zone."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from campaigns.holidays import calendars, dates, lookups
from campaigns.holidays.lookups import next_of, upcoming
from campaigns.models import Calendar, Campaign, Holiday
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


# --- Looked up, not worked out: what that costs, and that it is never stale ---


@pytest.mark.parametrize("look_up", [lambda campaign: upcoming(campaign, TODAY), lambda one: next_of([one], NOW)])
def test_known_calendars_cost_one_query(
    django_assert_num_queries: DjangoAssertNumQueries, look_up: Callable[[Campaign], object]
) -> None:
    campaign = make_campaign()
    for _ in range(3):
        make_holiday(make_calendar(campaign))
    with django_assert_num_queries(2):
        look_up(campaign)
    with django_assert_num_queries(1):
        look_up(campaign)


def test_next_is_as_many_queries_for_all(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    campaigns = [make_campaign() for _ in range(9)]
    for _ in range(3):
        make_holiday(make_calendar(*campaigns))
    with django_assert_num_queries(2):
        assert len(next_of(campaigns, NOW)) == 9


def test_refresh_works_out_no_holiday_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cold, each holiday is worked out once a year that is looked at, whatever the zones; then never."""
    zones = ("America/New_York", "Europe/London", "Asia/Tokyo", "Pacific/Kiritimati")
    campaigns = [make_campaign(schedule=SCHEDULE | {"timezone": zone}) for zone in zones]
    calendar = make_calendar(*campaigns, zone="America/Chicago")
    for number in range(20):
        make_holiday(calendar, f"2020-06-{number + 1:02}", name=f"Day {number}", every_year=True)
    worked_out: list[str] = []
    real = dates.occurrences

    def counted(holiday: dates.Dated, first: date, last: date) -> Iterator[tuple[date, str]]:
        worked_out.append(holiday.name)
        return real(holiday, first, last)

    monkeypatch.setattr(lookups, "occurrences", counted)
    next_of(campaigns, NOW)
    assert len(worked_out) == 20 * 2
    worked_out.clear()
    for minutes in range(0, 24 * 60, 10):
        next_of(campaigns, NOW + timedelta(minutes=minutes))
    assert worked_out == []


@pytest.fixture
def looked_at() -> tuple[Campaign, Calendar, Holiday]:
    """A campaign whose next holiday has been looked up, so that it is remembered."""
    campaign = make_campaign()
    calendar = make_calendar(campaign, name="US")
    holiday = make_holiday(calendar)
    next_of([campaign], NOW)
    upcoming(campaign, TODAY)
    return campaign, calendar, holiday


def told(campaign: Campaign) -> list[str]:
    """What both look-ups say now."""
    following = next_of([campaign], NOW).get(campaign.pk)
    ahead = [f"{on.date} {on.name} {on.calendar}" for on in upcoming(campaign, TODAY)]
    assert (f"{following.date} {following.name} {following.calendar}" if following else "none") in [*ahead, "none"]
    return ahead


Looked = tuple[Campaign, Calendar, Holiday]


def test_holiday_that_was_added_is_seen(looked_at: Looked) -> None:
    values = {"name": "Eve", "date": date(2026, 12, 24), "starts": None, "ends": None}
    calendars.add_holiday(calendar=looked_at[1], by="ada", every_year=False, observed=False, **values)
    assert told(looked_at[0]) == ["2026-12-24 Eve US", "2026-12-25 Christmas Day US"]


def test_holiday_that_was_changed_is_seen(looked_at: Looked) -> None:
    calendars.change_holiday(holiday=looked_at[2], by="ada", name="Christmas Day", date=date(2026, 12, 26))
    assert told(looked_at[0]) == ["2026-12-26 Christmas Day US"]


def test_holiday_that_was_deleted_is_not_seen(looked_at: Looked) -> None:
    calendars.delete_holiday(holiday=looked_at[2], by="ada")
    assert told(looked_at[0]) == []


def test_import_is_seen(looked_at: Looked) -> None:
    entries = [dates.HolidayEntry(date(2026, 12, 24), "Eve")]
    calendars.import_holidays(calendar=looked_at[1], entries=entries, source="a file", by="ada")
    assert told(looked_at[0]) == ["2026-12-24 Eve US", "2026-12-25 Christmas Day US"]


def test_new_name_and_zone_are_seen(looked_at: Looked) -> None:
    calendars.change_calendar(calendar=looked_at[1], name="UK", zone="Europe/London", by="ada")
    assert told(looked_at[0]) == ["2026-12-24 Christmas Day UK", "2026-12-25 Christmas Day UK"]


def test_calendar_that_was_deleted_is_not_seen(looked_at: Looked) -> None:
    calendars.delete_calendar(calendar=looked_at[1], by="ada")
    assert told(looked_at[0]) == []


def test_campaign_that_was_taken_out_is_seen(looked_at: Looked) -> None:
    calendars.assign_calendar(calendar=looked_at[1], remove=[looked_at[0].pk], by="ada")
    assert told(looked_at[0]) == []


def test_campaigns_new_zone_is_seen() -> None:
    campaign = make_campaign()
    make_holiday(make_calendar(campaign, name="US", zone="America/New_York"))
    next_of([campaign], NOW)
    campaign.schedule = SCHEDULE | {"timezone": "Asia/Tokyo"}
    assert told(campaign) == ["2026-12-25 Christmas Day US", "2026-12-26 Christmas Day US"]


def test_change_that_was_rolled_back_is_not_seen(looked_at: Looked) -> None:
    with transaction.atomic():
        calendars.change_holiday(holiday=looked_at[2], by="ada", name="Never", date=date(2026, 12, 25))
        assert told(looked_at[0]) == ["2026-12-25 Never US"]
        transaction.set_rollback(True)
    assert told(looked_at[0]) == ["2026-12-25 Christmas Day US"]

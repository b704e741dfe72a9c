"""The year of a calendar: which days it marks, how many campaigns each hits, and that it needs no script."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Calendar
from campaigns.pages.holidays.year import Year, YearDay
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD_OF_READERS

pytestmark = pytest.mark.django_db

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI")
CHRISTMAS = date(2026, 12, 25)  # a Friday


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 28, 17, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.fixture
def calendar() -> Calendar:
    return make_calendar(id=7, name="US")


def dialing(start: str, end: str, zone: str = "America/New_York", days: tuple[str, ...] = WEEKDAYS) -> dict[str, Any]:
    windows = [{"day": day, "startTime": start, "endTime": end} for day in days]
    return SCHEDULE | {"timezone": zone, "dialingHours": windows}


def add_campaign(calendar: Calendar, schedule: dict[str, Any]) -> None:
    calendar.campaigns.add(make_campaign(schedule=schedule, timezone=schedule["timezone"]))


def year_of(admin: Client, query: str = "") -> Year:
    year: Year = admin.get(f"/holidays/7/{query}").context["shown"].year
    return year


def day_of(year: Year, day: date) -> YearDay:
    (found,) = (each for each in year.months[day.month - 1].days if each.date == day)
    return found


def test_each_month_is_a_table_that_says_which(admin: Client, calendar: Calendar) -> None:
    page = words_of(admin.get("/holidays/7/"))
    captions = [strip_tags(caption) for caption in re.findall("<caption>(.*?)</caption>", page)]
    assert (captions[0], captions[11], len(captions)) == ("January 2026", "December 2026", 12)
    assert page.count('<span class="visually-hidden">Wednesday</span>') == 12


def test_campaigns_that_dial_on_the_day_are_counted(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, str(CHRISTMAS), name="Christmas Day")
    add_campaign(calendar, dialing("09:00", "17:00"))
    add_campaign(calendar, dialing("09:00", "17:00"))
    add_campaign(calendar, dialing("09:00", "17:00", days=("MON",)))
    assert day_of(year_of(admin), CHRISTMAS).campaigns == 2
    assert '25<span class="visually-hidden">: Christmas Day, 2 campaigns scheduled to dial' in words_of(
        admin.get("/holidays/7/")
    )


def test_hours_of_a_holiday_hit_only_who_dials_in_them(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2026-12-24", name="Christmas Eve", starts=time(18), ends=time(22))
    add_campaign(calendar, dialing("09:00", "17:00"))
    add_campaign(calendar, dialing("09:00", "20:00"))
    day = day_of(year_of(admin), date(2026, 12, 24))
    assert (day.campaigns, day.holidays[0].hours) == (1, "18:00 to 22:00")


def test_two_holidays_of_a_day_count_a_campaign_once(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, str(CHRISTMAS), name="Christmas Day")
    make_holiday(calendar, str(CHRISTMAS), name="Inventory", starts=time(9), ends=time(12))
    add_campaign(calendar, dialing("09:00", "17:00"))
    day = day_of(year_of(admin), CHRISTMAS)
    assert (day.campaigns, day.names) == (1, "Christmas Day, Inventory")


def test_day_of_the_calendars_zone_is_read_by_each_campaigns_clock(admin: Client) -> None:
    """Christmas Day in New York begins at 21:00 on the 24th, a Thursday, in Los Angeles."""
    calendar = make_calendar(id=7, zone="America/New_York")
    make_holiday(calendar, str(CHRISTMAS))
    add_campaign(calendar, dialing("20:00", "22:00", "America/Los_Angeles", days=("THU",)))
    add_campaign(calendar, dialing("18:00", "21:00", "America/Los_Angeles", days=("THU",)))
    assert day_of(year_of(admin), CHRISTMAS).campaigns == 1


def test_observed_and_yearly_days_are_marked(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2020-07-04", name="Independence Day", every_year=True, observed=True)
    july = year_of(admin, "?year=2027").months[6]
    assert [(day.date.day, day.names) for day in july.days] == [
        (4, "Independence Day"),
        (5, "Independence Day (observed)"),
    ]


def test_what_is_over_is_marked_without_a_number(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2026-11-26", name="Thanksgiving")
    add_campaign(calendar, dialing("09:00", "17:00"))
    assert day_of(year_of(admin), date(2026, 11, 26)).campaigns is None
    assert '26<span class="visually-hidden">: Thanksgiving, past</span>' in words_of(admin.get("/holidays/7/"))


@pytest.mark.parametrize("query", ["?year=abc", "?year=0999", "?year=9999", "?year=20261", ""])
def test_year_that_makes_no_sense_is_this_one(admin: Client, calendar: Calendar, query: str) -> None:
    assert year_of(admin, query).number == 2026


def test_years_lead_to_each_other(admin: Client, calendar: Calendar) -> None:
    page = words_of(admin.get("/holidays/7/?year=2027"))
    assert 'rel="prev" href="?year=2026#year"' in page
    assert 'rel="next" href="?year=2028#year"' in page


def test_last_year_leads_to_no_later_one(admin: Client, calendar: Calendar) -> None:
    years = range(2026, 2200)
    last = years[bisect_left(years, True, key=lambda number: year_of(admin, f"?year={number}").number != number) - 1]
    page = words_of(admin.get(f"/holidays/7/?year={last}"))
    assert 'rel="next"' not in page
    assert 'rel="prev"' in page


@pytest.mark.parametrize(
    ("guarded", "words"), [(False, "and will unless somebody pauses them"), (True, "the guard pauses them")]
)
def test_it_says_what_becomes_of_them(admin: Client, guarded: bool, words: str) -> None:
    make_holiday(make_calendar(id=7, guarded=guarded), str(CHRISTMAS))
    assert f"campaigns are scheduled to dial then{':' if guarded else ','} {words}" in words_of(
        admin.get("/holidays/7/")
    )


def test_day_leads_to_its_campaigns_by_name(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2027-12-24", name="Christmas Day (observed)")
    (link,) = re.findall(
        r'href="(/holidays/7/preview/[^"#]*)#on-2027-12-24"', admin.get("/holidays/7/?year=2027").text
    )
    assert 'id="on-2027-12-24"' in admin.get(link).text


@pytest.mark.parametrize("number", [1, 20])
def test_it_costs_so_many_queries(
    admin: Client, calendar: Calendar, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for place in range(number):
        make_holiday(calendar, str(date(2026, 12, 1 + place)), name=f"Day {place}")
        add_campaign(calendar, dialing("09:00", "17:00"))
    admin.get("/holidays/7/")
    with django_assert_num_queries(HEAD_OF_READERS + 7):
        admin.get("/holidays/7/")

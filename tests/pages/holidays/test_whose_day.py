"""Which day it is on the pages of holidays: the calendar's, its campaigns' or the reader's; never the server's."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from campaigns.holidays.lookups import next_of, today_in, today_of, zone_of_campaign
from campaigns.models import Calendar
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday, make_user
from tests.pages.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

THANKSGIVING, CHRISTMAS = date(2026, 11, 26), date(2026, 12, 25)
EVENING = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)  # 21:00 on the 26th in New York
NEW_YEARS_EVE = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(EVENING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


def by_the_calendars_zone(_: Client) -> Calendar:
    return make_calendar(id=7, name="US", zone="America/New_York")


def by_its_campaigns_zone(_: Client) -> Calendar:
    return make_calendar(make_campaign(), id=7, name="US")


def by_the_reader(admin: Client) -> Calendar:
    admin.cookies["zone"] = "America/New_York"
    return make_calendar(id=7, name="US")


@pytest.fixture(params=[by_the_calendars_zone, by_its_campaigns_zone, by_the_reader])
def calendar(request: pytest.FixtureRequest, admin: Client) -> Calendar:
    """Where it is Thanksgiving still, while the server has the day after."""
    made: Calendar = request.param(admin)
    make_holiday(made, str(THANKSGIVING), name="Thanksgiving")
    make_holiday(made, str(CHRISTMAS))
    return made


def test_list_has_todays_holiday_next(admin: Client, calendar: Calendar) -> None:
    (row,) = admin.get("/holidays/").context["rows"]
    assert row.next.name == "Thanksgiving"


def test_todays_holiday_is_ahead(admin: Client, calendar: Calendar) -> None:
    shown = admin.get("/holidays/7/").context["shown"]
    assert ([row.falls for row in shown.page], shown.past) == ([THANKSGIVING, CHRISTMAS], 0)


def test_todays_holiday_is_not_over_in_the_year(admin: Client, calendar: Calendar) -> None:
    november = admin.get("/holidays/7/").context["shown"].year.months[10]
    assert [(day.date, day.campaigns is None) for day in november.days] == [(THANKSGIVING, False)]
    assert [cell.number for week in november.weeks for cell in week if cell.is_today] == [THANKSGIVING.day]


def test_year_is_the_one_that_it_is(admin: Client, calendar: Calendar, clock: time_machine.Traveller) -> None:
    clock.move_to(NEW_YEARS_EVE)
    admin.force_login(make_user("admin"))
    assert admin.get("/holidays/7/").context["shown"].year.number == 2026


def test_preview_begins_today(admin: Client, calendar: Calendar) -> None:
    days = admin.get("/holidays/7/preview/").context["days"]
    assert [day.on.date for day in days] == [THANKSGIVING, CHRISTMAS]


def test_years_begin_with_the_one_that_it_is(admin: Client, calendar: Calendar, clock: time_machine.Traveller) -> None:
    clock.move_to(NEW_YEARS_EVE)
    admin.force_login(make_user("admin"))  # the session of a month ago has ended
    assert '<input type="checkbox" name="years" value="2026"' in admin.get("/holidays/7/import/?country=US").text
    assert 2026 in admin.get("/holidays/7/preview/").context["years"]
    assert "Thu 1 Jan 2026</time> to " in admin.get("/holidays/7/import/").text
    assert admin.get("/holidays/").context["rows"][0].empty_year == 2027


def test_yearly_holiday_falls_today(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2020-11-26", name="Yearly", every_year=True)
    rows: Any = admin.get("/holidays/7/").context["shown"].page
    assert [row.falls for row in rows if row.holiday.name == "Yearly"] == [THANKSGIVING]


@pytest.mark.parametrize("make", [by_the_calendars_zone, by_its_campaigns_zone])
def test_command_reads_a_file_from_the_year_that_it_is(
    admin: Client,
    make: Callable[[Client], Calendar],
    clock: time_machine.Traveller,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock.move_to(NEW_YEARS_EVE)
    make(admin)
    file = tmp_path / "days.ics"
    file.write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:A\nDTSTART:20261231\nEND:VEVENT\nEND:VCALENDAR\n")
    call_command("import_holidays", "US", "--ics", str(file))
    assert json.loads(capsys.readouterr().out)["added"] == 1


def test_day_is_over_when_it_is_for_the_last_campaign(admin: Client) -> None:
    """In Tokyo and in London it is the 27th; in New York still the 26th. A campaign that left CXone doesn't count."""
    zones = ("Asia/Tokyo", "Europe/London", "America/New_York")
    campaigns = [make_campaign(timezone=zone, schedule=SCHEDULE | {"timezone": zone}) for zone in zones]
    campaigns.append(make_campaign(gone_at=EVENING, schedule=SCHEDULE | {"timezone": "Pacific/Pago_Pago"}))
    calendar = make_calendar(*campaigns)
    assert today_of([calendar]) == {calendar.pk: THANKSGIVING}
    calendar.campaigns.remove(campaigns[2])
    assert today_of([calendar]) == {calendar.pk: date(2026, 11, 27)}


def test_campaign_without_a_known_zone_has_the_readers_day() -> None:
    campaign = make_campaign(schedule={}, timezone="Mars/Olympus")
    make_holiday(make_calendar(campaign), str(THANKSGIVING), name="Thanksgiving")
    with timezone.override("America/New_York"):
        assert today_in(zone_of_campaign(campaign), EVENING) == THANKSGIVING
        assert next_of([campaign], EVENING)[campaign.pk].name == "Thanksgiving"
    with timezone.override("Europe/London"):
        assert today_in(zone_of_campaign(campaign), EVENING) == date(2026, 11, 27)
        assert next_of([campaign], EVENING) == {}

"""The pages of holiday calendars: the list, one calendar, its holidays, its campaigns, and whom it hits."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Calendar, Campaign, Holiday
from campaigns.pages.holidays import hits as hits_module
from tests.factories import SCHEDULE, make_calendar, make_campaign, make_holiday
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD_OF_READERS

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
ARABIC = {ord("0") + number: 0x660 + number for number in range(10)}  # digits that int() reads, too


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.fixture
def calendar() -> Calendar:
    return make_calendar(name="US <all>", id=7)


def holiday_form(**typed: str) -> dict[str, str]:
    return {"name": "Independence Day", "date": "2026-07-03", "starts": "", "ends": "", **typed}


def errors(response: Any) -> dict[str, str]:
    assert response.status_code == 422
    return {field: " ".join(told) for field, told in response.context["form"].errors.items()}


# --- The list ---


def test_empty_list_says_what_to_do(admin: Client) -> None:
    assert "No calendar yet" in admin.get("/holidays/").text


def test_list_shows_each_calendar(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign(), make_campaign())
    make_holiday(calendar)
    (row,) = admin.get("/holidays/").context["rows"]
    assert (row.holidays, row.campaigns, row.next.name) == (1, 2, "Christmas Day")


@pytest.mark.parametrize(
    ("day", "every_year", "empty"),
    [("2026-12-25", False, 2027), ("2027-01-01", False, None), ("2020-12-25", True, None), ("2028-01-01", True, 2027)],
)
def test_empty_year_ahead_is_a_warning(
    admin: Client, calendar: Calendar, day: str, every_year: bool, empty: int | None
) -> None:
    make_holiday(calendar, day, every_year=every_year)
    assert admin.get("/holidays/").context["rows"][0].empty_year == empty
    assert ("2027 is still empty" in admin.get("/holidays/7/").text) == (empty == 2027)


@pytest.mark.parametrize("number", [1, 20])
def test_list_costs_so_many_queries(
    admin: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        make_holiday(make_calendar(make_campaign()))
    admin.get("/holidays/")
    with django_assert_num_queries(HEAD_OF_READERS + 4):
        admin.get("/holidays/")


def test_new_calendar_leads_to_its_page(admin: Client) -> None:
    response = admin.post("/holidays/new/", {"name": "  US   holidays ", "zone": ""})
    made = Calendar.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/holidays/{made.pk}/")
    assert made.name == "US holidays"


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": ""}, "name", "Give the calendar a name"),
        ({"name": "x" * 101}, "name", "101 characters; 100 fit"),
        ({"name": "US <all>"}, "name", "called US <all> already"),
        ({"name": "x\0y"}, "name", "characters that can’t be seen"),
        ({"name": "\u202eUS"}, "name", "characters that can’t be seen"),
        ({"name": "New", "zone": "Mars/Olympus"}, "zone", "no time zone “Mars/Olympus”"),
        ({"name": "New", "zone": "../etc/passwd"}, "zone", "no time zone"),
    ],
)
def test_calendar_that_can_t_be_made(
    admin: Client, calendar: Calendar, typed: dict[str, str], field: str, words: str
) -> None:
    response = admin.post("/holidays/new/", typed)
    assert words in errors(response)[field]
    assert Calendar.objects.count() == 1


def test_typed_zone_is_not_lost(admin: Client) -> None:
    assert 'value="Mars/Olympus"' in admin.post("/holidays/new/", {"name": "New", "zone": "Mars/Olympus"}).text


# --- One calendar ---


def test_page_shows_name_and_holidays(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2026-12-24", starts=time(12), ends=time(23, 59))
    page = admin.get("/holidays/7/").text
    assert "<h1>US &lt;all&gt;</h1>" in page
    assert "12:00 to 24:00" in page


def test_past_is_behind_a_link(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2026-07-04", name="Independence Day")
    assert not admin.get("/holidays/7/").context["shown"].page.object_list
    (row,) = admin.get("/holidays/7/?past=1").context["shown"].page
    assert row.holiday.name == "Independence Day"


@pytest.mark.parametrize(
    ("day", "values", "falls", "also"),
    [
        ("2020-07-04", {"every_year": True}, "2027-07-04", None),
        ("2020-07-04", {"every_year": True, "observed": True}, "2027-07-04", "2027-07-05"),
        ("2028-07-04", {"every_year": True}, "2028-07-04", None),
        ("2024-02-29", {"every_year": True}, "2027-02-28", None),
    ],
)
def test_next_time_it_comes(
    admin: Client, calendar: Calendar, day: str, values: dict[str, Any], falls: str, also: str | None
) -> None:
    make_holiday(calendar, day, **values)
    (row,) = admin.get("/holidays/7/").context["shown"].page
    assert (str(row.falls), row.also and str(row.also)) == (falls, also)


def test_many_holidays_are_paged(admin: Client, calendar: Calendar) -> None:
    Holiday.objects.bulk_create(
        Holiday(calendar=calendar, date=date(2027, 1, 1), name=f"day {number:03}") for number in range(101)
    )
    assert "day 100" not in admin.get("/holidays/7/").text
    assert "day 100" in admin.get("/holidays/7/?page=2").text


@pytest.mark.parametrize("address", ["/holidays/8/", "/holidays/7/99/", f"/holidays/{10**30}/", "/holidays/8/import/"])
def test_unknown_is_told(admin: Client, calendar: Calendar, address: str) -> None:
    response = admin.get(address)
    assert response.status_code == 404
    assert "There is no such holiday" in response.text


def test_rename_keeps_what_is_in_it(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar)
    response = admin.post("/holidays/7/settings/", {"name": "USA", "zone": "America/New_York"})
    assert (response.status_code, response["Location"]) == (303, "/holidays/7/")
    assert Calendar.objects.get(holidays__name="Christmas Day", zone="America/New_York").name == "USA"


def test_rename_to_a_taken_name_is_told(admin: Client, calendar: Calendar) -> None:
    make_calendar(name="GB")
    assert "called GB already" in errors(admin.post("/holidays/7/settings/", {"name": "GB"}))["name"]


def test_deletion_asks_first(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar)
    assert "Deletes US <all> and its 1 holiday." in words_of(admin.get("/holidays/7/delete/"))
    assert Calendar.objects.exists()
    assert admin.post("/holidays/7/delete/")["Location"] == "/holidays/"
    assert not Calendar.objects.exists()


def test_other_roles_are_refused(supervisor: Client, calendar: Calendar) -> None:
    response = supervisor.post("/holidays/7/add/", holiday_form())
    assert response.status_code == 403
    assert not Holiday.objects.exists()


def test_link_is_for_those_with_the_right(admin: Client, supervisor: Client) -> None:
    assert 'href="/holidays/"' in admin.get("/campaigns/").text
    assert 'href="/holidays/"' not in supervisor.get("/campaigns/").text


# --- Its holidays ---


def test_holiday_is_added(admin: Client, calendar: Calendar) -> None:
    response = admin.post("/holidays/7/add/", holiday_form(starts="09:00", ends="12:30", every_year="on"))
    assert (response.status_code, response["Location"]) == (303, "/holidays/7/")
    added = Holiday.objects.get()
    assert (added.starts, added.ends, added.every_year, added.observed) == (time(9), time(12, 30), True, False)


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"name": " "}, "name", "Give the holiday a name"),
        ({"name": "x" * 201}, "name", "201 characters; 200 fit"),
        ({"date": ""}, "date", "Choose the date"),
        ({"date": "2026-02-29"}, "date", "“2026-02-29” isn’t a date"),
        ({"date": "04.07.2026"}, "date", "isn’t a date"),
        ({"date": "2026-07-03".translate(ARABIC)}, "date", "isn’t a date"),
        ({"date": "9999-12-31"}, "date", "from 1950 to 2100"),
        ({"starts": "25:00", "ends": "26:00"}, "starts", "“25:00” is not a time of day"),
        ({"starts": "9:5", "ends": "10:00"}, "starts", "“9:5” is not a time of day"),
        ({"starts": "09:00".translate(ARABIC), "ends": "10:00"}, "starts", "is not a time of day"),
        ({"starts": "09:00"}, "ends", "Give both times"),
        ({"ends": "09:00"}, "starts", "Give both times"),
        ({"starts": "18:00", "ends": "12:00"}, "ends", "end before they start"),
        ({"starts": "12:00", "ends": "12:00"}, "ends", "end before they start"),
        ({"name": "Christmas Day", "date": "2026-12-25"}, "name", "has Christmas Day on Fri 25 Dec 2026 already"),
    ],
)
def test_holiday_that_can_t_be_added(
    admin: Client, calendar: Calendar, typed: dict[str, str], field: str, words: str
) -> None:
    make_holiday(calendar)
    response = admin.post("/holidays/7/add/", holiday_form(**typed))
    assert words in errors(response)[field]
    assert Holiday.objects.count() == 1


def test_what_was_typed_is_not_lost(admin: Client, calendar: Calendar) -> None:
    page = admin.post("/holidays/7/add/", holiday_form(name="<Day>", starts="25:00", observed="on")).text
    assert 'value="&lt;Day&gt;"' in page
    assert 'value="25:00"' in page
    assert page.count(" checked") == 1


def test_form_shows_the_holiday(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, starts=time(9), ends=time(12), id=9)
    page = admin.get("/holidays/7/9/").text
    assert all(f'value="{value}"' in page for value in ("Christmas Day", "2026-12-25", "09:00", "12:00"))


def test_holiday_is_changed(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, id=9)
    assert admin.post("/holidays/7/9/", holiday_form(observed="on")).status_code == 303
    changed = Holiday.objects.get()
    assert (changed.name, changed.observed) == ("Independence Day", True)


def test_holiday_is_of_its_calendar_only(admin: Client, calendar: Calendar) -> None:
    other = make_holiday(make_calendar())
    assert admin.post(f"/holidays/7/{other.pk}/delete/").status_code == 404


def test_holiday_is_deleted(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, id=9)
    assert admin.post("/holidays/7/9/delete/").status_code == 303
    assert not Holiday.objects.exists()


# --- Its campaigns ---


def assigned(calendar: Calendar) -> set[str]:
    return set(calendar.campaigns.values_list("pk", flat=True))


def test_only_what_was_changed_is_changed(admin: Client, calendar: Calendar) -> None:
    """Another admin gave it c while the page was open with a ticked: b is ticked, a no longer."""
    calendar.campaigns.add(make_campaign("a"), make_campaign("c"))
    make_campaign("b")
    response = admin.post("/holidays/7/campaigns/", {"ticked": ["b"], "were": ["a"]})
    assert response.status_code == 303
    assert assigned(calendar) == {"b", "c"}


def test_campaigns_are_searched(admin: Client, calendar: Calendar) -> None:
    for name, zone in (("Spring", "America/New_York"), ("Spring", "Europe/London"), ("Autumn", "Europe/London")):
        make_campaign(name=name, timezone=zone)
    page = admin.get("/holidays/7/campaigns/", {"q": "spr", "zone": "Europe/London"}).context["page"]
    assert [(campaign.name, campaign.timezone) for campaign in page] == [("Spring", "Europe/London")]


def test_all_that_match_are_added(admin: Client, calendar: Calendar) -> None:
    for number in range(120):
        make_campaign(f"spring-{number}", name="Spring")
    make_campaign("autumn", name="Autumn")
    admin.post("/holidays/7/campaigns/?q=Spring", {"all": "add", "matching": "120"})
    assert len(assigned(calendar)) == 120
    admin.post("/holidays/7/campaigns/?q=spring-11", {"all": "remove", "matching": "11"})
    assert len(assigned(calendar)) == 109


def test_all_that_match_are_no_more_than_the_person_saw(admin: Client, calendar: Calendar) -> None:
    make_campaign("spring")
    make_campaign("autumn")
    response = admin.post("/holidays/7/campaigns/", {"all": "add", "matching": "1"}, follow=True)
    assert "2 campaigns match now, not as many as you saw. Nothing was changed." in words_of(response)
    assert assigned(calendar) == set()


def test_ticks_are_not_lost_to_all_that_match(admin: Client, calendar: Calendar) -> None:
    make_campaign("spring")
    make_campaign("autumn")
    data = {"all": "remove", "matching": "2", "ticked": "spring"}
    response = admin.post("/holidays/7/campaigns/", data, follow=True)
    assert "Save them first" in words_of(response)
    assert assigned(calendar) == set()


def test_taking_out_what_no_campaign_has_says_so(admin: Client, calendar: Calendar) -> None:
    make_campaign("spring")
    response = admin.post("/holidays/7/campaigns/", {"all": "remove", "matching": "1"}, follow=True)
    assert "Nothing was changed: none of these campaigns has the calendar." in words_of(response)


def test_zone_of_those_that_are_added_goes_by_all_its_names(admin: Client, calendar: Calendar) -> None:
    make_campaign("old", timezone="US/Eastern")
    make_campaign("new", timezone="America/New_York")
    make_campaign("other", timezone="America/Chicago")
    page = admin.get("/holidays/7/campaigns/").text
    assert ('value="America/New_York"' in page, 'value="US/Eastern"' in page) == (True, False)
    admin.post("/holidays/7/campaigns/?zone=America/New_York", {"all": "add", "matching": "2"})
    assert assigned(calendar) == {"old", "new"}


def test_only_those_that_have_it(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign("a"), make_campaign("gone", gone_at=NOW))
    make_campaign("b")
    page = admin.get("/holidays/7/campaigns/?assigned=1").context["page"]
    assert {campaign.pk for campaign in page} == {"a", "gone"}


@pytest.mark.parametrize("name", ["ticked", "were"])
def test_id_that_no_campaign_can_have_changes_nothing(admin: Client, calendar: Calendar, name: str) -> None:
    """PostgreSQL refuses a NUL."""
    make_campaign("a")
    response = admin.post("/holidays/7/campaigns/", {name: ["x\0y"], "ticked": ["a", "x\0y"]})
    assert response.status_code == 303
    assert [campaign.pk for campaign in calendar.campaigns.all()] == ["a"]


@pytest.mark.parametrize("number", [3, 300])
def test_choosing_costs_so_many_queries(
    admin: Client, calendar: Calendar, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Campaign.objects.bulk_create(
        Campaign(id=f"c{n}", name=f"c{n}", status="ACTIVE", schedule=SCHEDULE, read_at=NOW) for n in range(number)
    )
    admin.get("/holidays/7/campaigns/")
    with django_assert_num_queries(HEAD_OF_READERS + 5):
        admin.get("/holidays/7/campaigns/")


# --- Whom it hits ---


def hits(admin: Client, span: str = "") -> list[tuple[str, int]]:
    days = admin.get("/holidays/7/preview/", {"span": span}).context["days"]
    return [(str(day.on.date), day.count) for day in days]


def test_campaigns_that_would_dial_are_hit(admin: Client, calendar: Calendar) -> None:
    sundays = SCHEDULE | {"dialingHours": [{"day": "SUN", "startTime": "09:00", "endTime": "17:00"}]}
    calendar.campaigns.add(make_campaign(), make_campaign(schedule=sundays))
    make_holiday(calendar, "2026-12-25")  # a Friday
    assert hits(admin) == [("2026-12-25", 1)]


def test_hours_that_are_hit_are_told(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign())
    make_holiday(calendar, starts=time(12), ends=time(23))
    (day,) = admin.get("/holidays/7/preview/").context["days"]
    assert day.named[0].hours == "12:00 to 17:00"


def test_hours_that_cannot_be_read_may_be_hit(admin: Client, calendar: Calendar) -> None:
    overnight = [{"day": "FRI", "startTime": "22:00", "endTime": "02:00"}]
    calendar.campaigns.add(make_campaign(schedule=SCHEDULE | {"dialingHours": overnight}))
    make_holiday(calendar, "2026-12-25")  # a Friday
    (day,) = admin.get("/holidays/7/preview/").context["days"]
    assert (day.count, day.named[0].hours) == (1, "hours can’t be read")


def test_campaign_without_a_schedule_may_be_hit(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign(schedule={}))
    make_holiday(calendar, "2026-12-25")
    (day,) = admin.get("/holidays/7/preview/").context["days"]
    assert (day.count, day.named[0].hours) == (1, "CXone gives no hours")


def test_hours_outside_every_window_hit_nobody(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.add(make_campaign())
    make_holiday(calendar, starts=time(17), ends=time(23))
    assert hits(admin) == [("2026-12-25", 0)]


def test_preview_of_sixty_days_or_a_year(admin: Client, calendar: Calendar) -> None:
    make_holiday(calendar, "2020-07-04", every_year=True)
    assert hits(admin) == []
    assert hits(admin, "2026") == [("2026-07-04", 0)]
    assert hits(admin, "2028") == [("2028-07-04", 0)]
    assert hits(admin, "1999") == []


def test_preview_names_some_and_counts_all(admin: Client, calendar: Calendar) -> None:
    calendar.campaigns.add(*(make_campaign() for _ in range(53)))
    make_holiday(calendar)
    assert "and 3 more" in admin.get("/holidays/7/preview/").text


@pytest.mark.parametrize("number", [1, 30])
def test_preview_costs_so_many_queries(
    admin: Client, calendar: Calendar, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    calendar.campaigns.add(*(make_campaign() for _ in range(number)))
    for day in range(1, number + 1):
        make_holiday(calendar, f"2026-12-{day:02}")
    admin.get("/holidays/7/preview/")
    with django_assert_num_queries(HEAD_OF_READERS + 3):
        admin.get("/holidays/7/preview/")


def test_preview_of_zones_is_one_row_for_each_stretch_of_time(admin: Client, calendar: Calendar) -> None:
    """Christmas Day of New York begins at 21:00 on the 24th in Los Angeles. By name, whatever the zones."""
    calendar.zone = "America/New_York"
    calendar.save()
    around_the_clock = [{"day": day, "startTime": "00:00", "endTime": "24:00"} for day in ("THU", "FRI")]
    for name, zone in (("Ada", "America/New_York"), ("Bo", "America/Los_Angeles"), ("Cy", "America/New_York")):
        hours = {"timezone": zone, "dialingHours": around_the_clock}
        calendar.campaigns.add(make_campaign(name=name, schedule=SCHEDULE | hours))
    make_holiday(calendar)
    days = admin.get("/holidays/7/preview/").context["days"]
    assert [(str(day.on.date), day.hours, [hit.campaign.name for hit in day.named]) for day in days] == [
        ("2026-12-24", "21:00 to 24:00", ["Bo"]),
        ("2026-12-25", "00:00 to 21:00", ["Bo"]),
        ("2026-12-25", "all day", ["Ada", "Cy"]),
    ]


def test_preview_is_turned_page_by_page(admin: Client, calendar: Calendar) -> None:
    for day in range(120):
        make_holiday(calendar, str(date(2027, 1, 1) + timedelta(days=day)))
    first = admin.get("/holidays/7/preview/?span=2027")
    assert "Page 1 of 2" in first.text
    assert 'href="?span=2027&amp;page=2"' in first.text
    second = admin.get("/holidays/7/preview/?span=2027&page=2")
    assert (len(first.context["days"]), len(second.context["days"])) == (100, 20)


def test_campaigns_with_the_same_hours_are_compared_once(
    admin: Client, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = Mock(wraps=hits_module._hours_in)
    monkeypatch.setattr(hits_module, "_hours_in", compared)
    zones = ("America/New_York", "Europe/London", "Asia/Tokyo")
    calendar.campaigns.add(*(make_campaign(schedule=SCHEDULE | {"timezone": zones[n % 3]}) for n in range(12)))
    for day in range(1, 11):
        make_holiday(calendar, f"2026-12-{day:02}")
    assert len(hits(admin)) == 10
    assert compared.call_count == 10

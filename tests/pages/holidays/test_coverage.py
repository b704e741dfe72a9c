"""Which campaigns have a calendar, and giving one to all that match in one action."""

import pytest
from django.test import Client

from tests.factories import make_calendar, make_campaign
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


def test_campaigns_without_a_calendar_are_counted(admin: Client) -> None:
    make_calendar(make_campaign())
    make_campaign()
    page = words_of(admin.get("/holidays/"))
    assert "1 of 2 campaigns has no calendar." in page
    assert '1 <span class="muted">of 2</span>' in page


def test_line_leads_to_them_and_to_the_rules(admin: Client) -> None:
    calendar = make_calendar(make_campaign(name="With one"), name="US")
    make_campaign(name="Without one")
    page = admin.get("/holidays/").text
    assert 'href="/campaigns/?calendar=none"' in page
    assert f'href="/holidays/{calendar.pk}/rules/">rules of US' in page
    listed = words_of(admin.get("/campaigns/?calendar=none"))
    assert "No calendar" in listed
    assert "Without one" in listed
    assert "With one" not in listed


def test_rules_of_each_calendar_are_counted(admin: Client) -> None:
    calendar = make_calendar(name="US")
    assert "Add a rule" in words_of(admin.get("/holidays/"))
    admin.post(f"/holidays/{calendar.pk}/rules/", {"name_part": "renewal"})
    assert "1 rule<" in words_of(admin.get("/holidays/"))


def test_nothing_is_said_where_all_have_one(admin: Client) -> None:
    make_calendar(make_campaign())
    assert "no calendar." not in words_of(admin.get("/holidays/"))


def test_all_of_a_region_get_a_calendar_in_one_action(admin: Client) -> None:
    florida = [make_campaign(tags={"region": "Florida"}) for _ in range(3)]
    make_campaign(tags={"region": "Ohio"})
    calendar = make_calendar()
    address = f"/holidays/{calendar.pk}/campaigns/?tag=region:Florida"
    page = words_of(admin.get(address))
    assert "Add all 3 that match" in page
    admin.post(address, {"all": "add", "matching": "3"})
    assert set(calendar.campaigns.all()) == set(florida)


def test_this_year_and_the_next_are_ticked(admin: Client) -> None:
    page = admin.get(f"/holidays/{make_calendar().pk}/import/?country=US")
    years = page.context["form"]["years"].value()
    assert len(years) == 2
    assert int(years[1]) == int(years[0]) + 1


def test_no_year_is_ticked_for_those_who_ticked_none(admin: Client) -> None:
    page = admin.get(f"/holidays/{make_calendar().pk}/import/?country=US&preview=1")
    assert "Choose at least one year." in page.text

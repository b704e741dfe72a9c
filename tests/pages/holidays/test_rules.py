"""The page on which an admin assigns a calendar by rule."""

import re

import pytest
from django.test import Client

from campaigns.models import AssignmentRule
from tests.factories import make_calendar, make_campaign
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


def test_it_says_how_many_match_before_anything_is_saved(admin: Client) -> None:
    calendar = make_calendar(make_campaign(tags={"region": "Florida"}))
    make_campaign(tags={"region": "Florida"})
    page = words_of(admin.get(f"/holidays/{calendar.pk}/rules/?tag=region:Florida"))
    assert "2 campaigns match" in page
    assert "1 of them has this calendar already." in page
    assert "Assign to 1 campaign" in page
    assert not AssignmentRule.objects.exists()


def test_saving_assigns_and_lists_the_rule(admin: Client) -> None:
    calendar, campaign = make_calendar(), make_campaign(name="Renewal")
    page = words_of(admin.post(f"/holidays/{calendar.pk}/rules/", {"name_part": "renewal"}, follow=True))
    assert "was assigned to 1 campaign." in page
    assert "name contains “renewal”" in page
    assert list(calendar.campaigns.all()) == [campaign]


def test_a_rule_without_a_condition_is_refused(admin: Client) -> None:
    calendar = make_calendar()
    response = admin.get(f"/holidays/{calendar.pk}/rules/?name_part=&zone=&tag=")
    assert response.status_code == 422
    assert "Fill in at least one condition" in words_of(response)


def test_without_rules_the_page_says_what_that_means(admin: Client) -> None:
    page = words_of(admin.get(f"/holidays/{make_calendar().pk}/rules/"))
    assert "None yet: a campaign that CXone adds gets this calendar only if somebody chooses it." in page


def test_preview_names_ten_and_counts_the_rest(admin: Client) -> None:
    calendar = make_calendar()
    for number in range(39):
        make_campaign(name=f"Renewal {number:02}")
    page = words_of(admin.get(f"/holidays/{calendar.pk}/rules/?name_part=renewal"))
    assert "39 campaigns match" in page
    assert "Renewal 09" in page
    assert "and 29 more" in page
    assert "Assign to 39 campaigns" in page


def test_where_all_have_the_calendar_the_rule_is_for_new_ones(admin: Client) -> None:
    calendar = make_calendar(make_campaign(name="Renewal"))
    page = words_of(admin.get(f"/holidays/{calendar.pk}/rules/?name_part=renewal"))
    assert "Save this rule" in page
    assert "New campaigns that match get it when they appear." in page


def test_condition_that_matches_none_is_saved_for_new_ones(admin: Client) -> None:
    page = words_of(admin.get(f"/holidays/{make_calendar().pk}/rules/?name_part=nothing"))
    assert "0 campaigns match" in page
    assert "Save this rule" in page


def test_rules_are_listed_as_they_were_added(admin: Client) -> None:
    calendar = make_calendar()
    for part in ("zeta", "alpha", "mid"):
        admin.post(f"/holidays/{calendar.pk}/rules/", {"name_part": part})
    page = words_of(admin.get(f"/holidays/{calendar.pk}/rules/"))
    assert re.findall('<td data-label="Condition">name contains “(\\w+)”', page) == ["zeta", "alpha", "mid"]


@pytest.mark.parametrize("guarded", [True, False])
def test_guard_that_pauses_them_is_told(admin: Client, guarded: bool) -> None:
    calendar = make_calendar(guarded=guarded)
    make_campaign(name="Renewal")
    page = words_of(admin.get(f"/holidays/{calendar.pk}/rules/?name_part=renewal"))
    assert ("it pauses the campaign within seconds" in page) == guarded


@pytest.mark.parametrize("role", ["supervisor", "reviewer"])
def test_only_admins_add_and_delete_rules(admin: Client, role: str) -> None:
    calendar, other = make_calendar(), sign_in(role, "someone")
    admin.post(f"/holidays/{calendar.pk}/rules/", {"name_part": "renewal"})
    rule = AssignmentRule.objects.get()
    assert other.post(f"/holidays/{calendar.pk}/rules/", {"name_part": "winback"}).status_code == 403
    assert other.post(f"/holidays/{calendar.pk}/rules/{rule.pk}/").status_code == 403
    assert list(AssignmentRule.objects.all()) == [rule]


def test_a_rule_is_deleted(admin: Client) -> None:
    calendar = make_calendar()
    admin.post(f"/holidays/{calendar.pk}/rules/", {"name_part": "renewal"})
    rule = AssignmentRule.objects.get()
    page = words_of(admin.post(f"/holidays/{calendar.pk}/rules/{rule.pk}/", follow=True))
    assert "The rule was deleted." in page
    assert not AssignmentRule.objects.exists()

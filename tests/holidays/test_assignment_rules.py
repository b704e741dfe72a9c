"""Campaigns that get a calendar by a rule: those there are, those that appear, and those that come to match."""

from datetime import timedelta

import pytest
from django.db.models import F

from audit.models import Record
from campaigns.errors import Refusal
from campaigns.holidays.assignment_rules import BY_RULE, apply_rules, delete_assignment_rule, make_assignment_rule
from campaigns.holidays.calendars import assign_calendar
from campaigns.models import AssignmentRule, Calendar, CalendarAssignment
from tests.factories import make_calendar, make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

FLORIDA = {"region": "Florida"}


def rule_for(calendar: Calendar, *, name_part: str = "", zone: str = "", tag: str = "") -> int:
    return make_assignment_rule(calendar=calendar, name_part=name_part, zone=zone, tag=tag, by="ada")


def test_all_of_a_region_get_it_at_once() -> None:
    calendar, there = make_calendar(), [make_campaign(tags=FLORIDA) for _ in range(3)]
    make_campaign(tags={"region": "Ohio"})
    assert rule_for(calendar, tag="region:Florida") == 3
    assert set(calendar.campaigns.all()) == set(there)


def test_every_condition_must_hold() -> None:
    calendar = make_calendar()
    both = make_campaign(name="Spring renewal", timezone="America/Chicago")
    make_campaign(name="Spring renewal", timezone="America/New_York")
    make_campaign(name="Winback", timezone="America/Chicago")
    rule_for(calendar, name_part="RENEWAL", zone="America/Chicago")
    assert list(calendar.campaigns.all()) == [both]


def test_making_one_is_on_record_with_its_campaigns() -> None:
    calendar, there = make_calendar(name="FL"), make_campaign(tags=FLORIDA)
    rule_for(calendar, tag="region:Florida")
    record = Record.objects.latest("number")
    assert record.sentence.startswith("ada made an assignment rule for the holiday calendar FL")
    assert (record.details["rule"], record.details["added"]) == ("tag region: Florida", [there.pk])


def test_the_same_rule_is_made_once() -> None:
    calendar = make_calendar()
    rule_for(calendar, name_part="renewal")
    with pytest.raises(Refusal, match="has that rule already"):
        rule_for(calendar, name_part="renewal")


def test_a_campaign_that_comes_to_match_gets_it_by_the_rule() -> None:
    calendar, campaign = make_calendar(), make_campaign(name="Late")
    rule_for(calendar, name_part="renewal")
    campaign.name = "Late renewal"
    campaign.save()
    apply_rules([campaign.pk])
    assert CalendarAssignment.objects.get(campaign=campaign).by == BY_RULE


def test_a_campaign_taken_out_stays_out() -> None:
    calendar, campaign = make_calendar(), make_campaign(tags=FLORIDA)
    rule_for(calendar, tag="region:Florida")
    assign_calendar(calendar=calendar, remove=[campaign.pk], by="grace")
    apply_rules([campaign.pk])
    assert not calendar.campaigns.exists()


def test_a_rule_made_after_that_assigns_it_again() -> None:
    calendar, campaign = make_calendar(), make_campaign(name="Renewal", tags=FLORIDA)
    rule_for(calendar, tag="region:Florida")
    assign_calendar(calendar=calendar, remove=[campaign.pk], by="grace")
    # SQLite's clock may show one millisecond for both.
    CalendarAssignment.objects.update(until=F("until") - timedelta(milliseconds=1))
    assert rule_for(calendar, name_part="renewal") == 1


def test_campaigns_keep_the_calendar_of_a_deleted_rule() -> None:
    calendar, campaign = make_calendar(), make_campaign(tags=FLORIDA)
    rule_for(calendar, tag="region:Florida")
    delete_assignment_rule(rule=AssignmentRule.objects.get(), by="ada")
    make_campaign(id="later", tags=FLORIDA)
    apply_rules(["later"])
    assert list(calendar.campaigns.all()) == [campaign]
    assert "deleted an assignment rule of" in Record.objects.latest("number").sentence

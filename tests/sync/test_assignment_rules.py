"""What a read of CXone makes of assignment rules."""

import pytest

from campaigns.holidays.assignment_rules import make_assignment_rule
from campaigns.models import Campaign
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.factories import make_calendar

pytestmark = pytest.mark.data_layer


def test_a_new_campaign_has_the_calendar_as_soon_as_it_appears(campaign: Campaign, cxone: Simulator) -> None:
    calendar = make_calendar()
    make_assignment_rule(calendar=calendar, name_part="autumn", zone="", tag="", by="ada")
    cxone.add(id="autumn", name="Autumn offer", status="ACTIVE")
    full_read.read_all_campaigns()
    assert [each.pk for each in calendar.campaigns.all()] == ["autumn"]


def test_a_campaign_renamed_in_cxone_gets_the_calendar(campaign: Campaign, cxone: Simulator) -> None:
    calendar = make_calendar()
    make_assignment_rule(calendar=calendar, name_part="autumn", zone="", tag="", by="ada")
    cxone.change("spring", name="Autumn renewal")
    full_read.read_all_campaigns()
    assert [each.pk for each in calendar.campaigns.all()] == ["spring"]

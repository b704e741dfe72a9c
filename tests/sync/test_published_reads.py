"""A full read of the published API: what is stored, how it goes on, and the group that CXone calls a campaign."""

import json
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from audit.models import Record
from campaigns.models import (
    CallsMinute,
    Campaign,
    CampaignChange,
    CXoneTenant,
    Finding,
    FindingCode,
    PeriodicJob,
    RequestSlot,
    Seen,
    SyncState,
)
from campaigns.queueing.day_count import requests_today
from campaigns.selection import CampaignSelection, matching_campaigns
from campaigns.simulator import PublishedSimulator
from campaigns.sync import full_read
from tests.factories import make_user
from tests.statements import recorded
from tests.worker import clock, published

__all__ = ["clock", "published"]

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db, pytest.mark.usefixtures("enqueued")]


def read() -> full_read.FullRead:
    found = full_read.read_all_campaigns()
    assert found
    return found


def tagged(tag: str) -> set[str]:
    address = QueryDict(mutable=True)
    address["tag"] = tag
    return {campaign.pk for campaign in matching_campaigns(CampaignSelection.read(address), timezone.now())}


def test_skills_are_campaigns_with_their_calls(published: PublishedSimulator) -> None:
    published.add(id="2", name="Autumn", running=False, schedule={"MON": ("09:00", "17:00")})
    published.add(id="3", strategy="Manual", calls=5)
    read()
    found = {campaign.pk: campaign for campaign in Campaign.objects.all()}
    assert {key: (campaign.status, campaign.active_calls) for key, campaign in found.items()} == {
        "1": ("ACTIVE", 7),
        "2": ("PAUSED", 0),
    }
    assert found["1"].schedule["isScheduled"] is False
    assert found["2"].schedule["dialingHours"] == [{"day": "MON", "startTime": "09:00", "endTime": "17:00"}]
    assert {campaign.timezone for campaign in found.values()} == {"America/New_York"}


def test_reads_between_those_of_schedules_change_nothing(published: PublishedSimulator) -> None:
    read()
    before, version = Campaign.objects.values().get(), SyncState.current().version
    assert read().changed == 0
    assert (Campaign.objects.values().get(), SyncState.current().version) == (before, version)
    assert not Record.objects.filter(kind="campaign.changed_outside").exists()


def test_first_read_of_a_minute_in_which_nothing_changed_takes_ten_statements(published: PublishedSimulator) -> None:
    for _ in range(2):
        read()
    CallsMinute.objects.all().delete()
    SyncState.objects.update(last_good_at=Now() - timedelta(minutes=1), interval_seconds=60)
    with recorded() as statements:
        read()
        # And the BEGIN and COMMIT of one, which are savepoints' in a test.
        assert len(statements()) <= 8


def test_first_schedule_that_is_read_is_no_change(published: PublishedSimulator) -> None:
    # Where none can be read with the others, five are at each reading: those of the rest come later.
    published.switch(schedules_of_all="refused")
    for number in range(2, 9):
        published.add(id=str(number), schedule={"MON": ("09:00", "17:00")})
    read()
    assert Campaign.objects.filter(schedule={}).count() == 3
    read()
    assert not Campaign.objects.filter(schedule={}).exists()
    assert not Record.objects.filter(kind="campaign.changed_outside").exists()
    assert not CampaignChange.objects.exclude(what=Seen.APPEARED).exists()
    assert not Finding.objects.filter(code=FindingCode.CHANGED_IN_CXONE).exists()


def test_second_schedule_that_is_read_is_a_change(published: PublishedSimulator) -> None:
    published.switch(schedules_of_all="refused")
    read()
    published.change("1", schedule={"MON": ("09:00", "17:00")})
    read()
    assert Record.objects.filter(kind="campaign.changed_outside").count() == 1
    assert CampaignChange.objects.filter(what=Seen.SCHEDULE).count() == 1


def test_all_skills_of_a_cxone_campaign_are_a_filter_and_a_bulk(published: PublishedSimulator) -> None:
    for number in range(2, 5):
        published.add(id=str(number), name=f"Calling {number}", campaign="Q4 Outreach" if number < 4 else "Q3: Rest")
    read()
    assert tagged("CXone campaign:Q4 Outreach") == {"2", "3"}
    assert tagged("CXone campaign:Q3: Rest") == {"4"}
    client = Client()
    client.force_login(make_user("supervisor"))
    page = client.get(reverse("campaigns:list"), {"tag": "CXone campaign:Q4 Outreach"}).content.decode()
    assert [f"Calling {number}" in page for number in (2, 3, 4)] == [True, True, False]
    bulk = client.get(
        reverse("campaigns:bulk_pause"), {"all": "1", "tag": "CXone campaign:Q4 Outreach"}
    ).content.decode()
    assert "2 campaigns" in bulk


def test_tenant_and_todays_requests_are_there_for_pages(published: PublishedSimulator) -> None:
    read()
    tenant = CXoneTenant.objects.get()
    assert (tenant.zone, tenant.zone_problem, tenant.daily_limit) == ("America/New_York", "", 100_000)
    spent = read().requests
    today = requests_today()
    assert today
    assert (today.requests, today.limit) == (spent, 100_000)


@pytest.mark.parametrize("limit", ["1e308", 2**63, 10**30, -1, "many", None, 0, [], 1.5])
def test_limit_that_limits_nothing_is_none(published: PublishedSimulator, limit: object) -> None:
    unit = {"defaultTimeZone": "Eastern Standard Time", "apiPublishedLimit": limit}
    text = json.dumps({"businessUnits": [unit]}).replace('"1e308"', "1e308")
    published.fail("GET", "*/business-unit", body=text)
    read()
    assert CXoneTenant.objects.get().daily_limit is None


def test_zone_with_an_endless_name_keeps_no_read_from_its_end(published: PublishedSimulator) -> None:
    published.fail("GET", "*/business-unit", body={"businessUnits": [{"defaultTimeZone": "Middle Earth " * 40}]})
    read()
    tenant = CXoneTenant.objects.get()
    assert tenant.zone == ("Middle Earth " * 40)[:100]
    assert "no zone is known by that name" in tenant.zone_problem


def test_a_reading_longer_than_a_minute_goes_on(published: PublishedSimulator, settings: Settings) -> None:
    settings.CXONE_RATE_PER_MINUTE = 10
    for number in range(2, 301):
        published.add(id=str(number))
    began = timezone.now()
    goes = 0
    while (found := full_read.read_all_campaigns()) is None:
        goes += 1
        assert goes < 9
        state = SyncState.current()
        assert (state.last_good_at, state.failing_since, state.error) == (None, None, "")
        # A minute passes.
        RequestSlot.objects.filter(number__gt=0).update(free_at=Now())
    assert goes >= 1
    assert (found.campaigns, Campaign.objects.count()) == (300, 300)
    state = SyncState.current()
    assert state.requests == found.requests == 9
    assert state.last_good_at
    assert state.last_good_at - began < timedelta(seconds=5)
    # As often as the budget allows: 40 % of ten requests a minute.
    assert PeriodicJob.objects.get(name="sync_campaigns").every_seconds == 135


def test_limit_without_a_time_puts_the_next_read_off(published: PublishedSimulator) -> None:
    read()
    published.fail("GET", "*/skills", status=429)
    assert full_read.read_all_campaigns() is None
    published.record.clear()
    assert full_read.read_all_campaigns() is None
    assert not published.record.requests()
    job = PeriodicJob.objects.get(name="sync_campaigns")
    assert timedelta(seconds=20) < job.next_at - timezone.now() < timedelta(seconds=31)

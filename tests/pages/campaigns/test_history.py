"""The page of a campaign's history, and the history on the campaign's own page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, CampaignChange, Finding, SyncState
from tests.factories import make_campaign, make_operation
from tests.pages.asking import words_of

pytestmark = pytest.mark.django_db
URL = "/campaigns/c-1/history/"


@pytest.fixture
def campaign() -> Campaign:
    SyncState.objects.update(last_good_at=timezone.now())
    return make_campaign("c-1", name="Spring <offer>")


@pytest.fixture
def changed(campaign: Campaign) -> CampaignChange:
    return CampaignChange.objects.create(
        campaign=campaign, what="status", before="ACTIVE", after="PAUSED", seen_at=timezone.now()
    )


def test_supervisor_sees_a_change_in_cxone(supervisor: Client, changed: CampaignChange) -> None:
    assert "Changed in CXone: active → paused" in words_of(supervisor.get(URL))
    assert "Changed in CXone: active → paused" in words_of(supervisor.get("/campaigns/c-1/"))


def test_records_are_linked_for_those_who_may_see_them(
    supervisor: Client, reviewer: Client, changed: CampaignChange
) -> None:
    link = 'href="/audit/?campaign=c-1&amp;kind=campaign.changed_outside"'
    assert link in reviewer.get(URL).text
    assert "/audit/" not in supervisor.get(URL).text.partition("<main")[2]


def test_entry_leads_to_its_operation(supervisor: Client, campaign: Campaign) -> None:
    operation = make_operation(campaign, state="CONFIRMED", note="<b>late</b>")
    page = supervisor.get(URL).text
    assert f'href="/operations/{operation.pk}/">Paused</a>' in page
    assert "“&lt;b&gt;late&lt;/b&gt;”" in page


def test_narrowed_to_one_kind(supervisor: Client, changed: CampaignChange) -> None:
    make_operation(changed.campaign, state="CONFIRMED")
    entries = supervisor.get(URL, {"kind": "cxone"}).context["history"].entries
    assert [entry.kind for entry in entries] == ["cxone"]


def test_unknown_kind_shows_everything(supervisor: Client, changed: CampaignChange) -> None:
    assert len(supervisor.get(URL, {"kind": "x"}).context["history"].entries) == 1


def test_narrowed_to_a_time(supervisor: Client, campaign: Campaign) -> None:
    for days in (0, 3):
        make_operation(campaign, state="CONFIRMED", requested_at=timezone.now() - timedelta(days=days, minutes=1))
    earlier = {"range": "custom", "to": f"{timezone.now() - timedelta(days=2):%Y-%m-%d}"}
    pages = [supervisor.get(URL, address) for address in ({"range": "week"}, earlier)]
    assert [len(page.context["history"].entries) for page in pages] == [2, 1]


def test_time_that_cannot_be_read_is_said(supervisor: Client, changed: CampaignChange) -> None:
    page = supervisor.get(URL, {"from": "yesterday", "range": "custom"})
    assert "“yesterday” isn’t a time. Write it as 2026-11-27 14:30." in words_of(page)
    assert len(page.context["history"].entries) == 1


def test_pages_lead_on_and_back(supervisor: Client, campaign: Campaign) -> None:
    for minutes in range(51):
        make_operation(campaign, state="SKIPPED", requested_at=timezone.now() - timedelta(minutes=minutes))
    first = supervisor.get(URL, {"kind": "dialing"})
    older = first.context["history"].older
    assert f"?kind=dialing&amp;before={older}" in first.text
    second = supervisor.get(URL, {"kind": "dialing", "before": older})
    assert len(second.context["history"].entries) == 1
    assert 'id="newest-page" href="?kind=dialing"' in second.text


def test_nothing_yet(supervisor: Client, campaign: Campaign) -> None:
    assert "Nothing yet." in words_of(supervisor.get(URL))


def test_open_finding_stands_on_the_campaigns_page(supervisor: Client, reviewer: Client, campaign: Campaign) -> None:
    now = timezone.now()
    details: dict[str, Any] = {"status": ["ACTIVE", "PAUSED"]}
    finding = Finding.objects.create(
        campaign=campaign, code="changed_in_cxone", cause="1", since=now, opened_at=now, details=details
    )
    page = words_of(supervisor.get("/campaigns/c-1/"))
    assert "Changed in CXone" in page
    assert "If not, put it right" in page.replace("&#x27;", "'")
    dismissal = f"/attention/{finding.pk}/dismiss/"
    assert dismissal in page
    assert dismissal not in reviewer.get("/campaigns/c-1/").text

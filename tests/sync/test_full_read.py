"""Reading CXone: what is new, what changed outside, what is gone, and what a failure leaves."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from audit.models import Record
from campaigns import tasks
from campaigns.cxone.budget import Lane
from campaigns.events import inbound
from campaigns.models import Campaign, PeriodicJob, RequestSlot, SyncState
from campaigns.queueing.request_budget import SlotBudget
from campaigns.queueing.rows import database_now
from campaigns.simulator import Simulator
from campaigns.sync import full_read

pytestmark = pytest.mark.data_layer

LIST = "/api/v2/outbound/campaigns"


def version() -> int:
    return SyncState.current().version


def kinds() -> list[str]:
    return list(Record.objects.order_by("number").values_list("kind", flat=True))


def test_first_read_fills_the_list(campaign: Campaign) -> None:
    assert (campaign.name, campaign.status, campaign.active_calls) == ("Spring renewal", "ACTIVE", 7)
    assert campaign.timezone == "America/New_York"


@pytest.mark.parametrize(("status", "control"), [("ACTIVE", "schedule"), ("PAUSED", "before"), ("DRAFT", "before")])
def test_first_sight_tells_the_control(cxone: Simulator, db: None, status: str, control: str) -> None:
    cxone.change("spring", status=status)
    full_read.read_all_campaigns()
    campaign = Campaign.objects.get()
    assert (campaign.control, campaign.status_since) == (control, None)


def test_change_after_the_first_sight_is_from_outside(cxone: Simulator, db: None) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    cxone.change("spring", status="ACTIVE")
    full_read.read_all_campaigns()
    assert Campaign.objects.get().control == "outside"


def test_campaign_that_appears_later_is_no_change(campaign: Campaign, cxone: Simulator) -> None:
    cxone.add(id="autumn", name="Autumn", status="PAUSED")
    full_read.read_all_campaigns()
    assert Campaign.objects.get(pk="autumn").control == "before"


def test_tags_are_kept(cxone: Simulator, db: None) -> None:
    cxone.change("spring", tags={"client": "Northwind"})
    full_read.read_all_campaigns()
    assert Campaign.objects.get().tags == {"client": "Northwind"}


@pytest.mark.parametrize("one", [True, False])
def test_change_of_tags_alone_is_seen_without_a_record(campaign: Campaign, cxone: Simulator, one: bool) -> None:
    before, known = version(), kinds()
    cxone.change("spring", tags={"client": "Northwind"})
    if one:
        full_read.read_one_campaign("spring")
    else:
        full_read.read_all_campaigns()
    campaign.refresh_from_db()
    assert (campaign.tags, campaign.control) == ({"client": "Northwind"}, "schedule")
    assert version() > before
    assert kinds() == known


def test_response_without_tags_takes_none_away(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", tags={"client": "Northwind"})
    full_read.read_all_campaigns()
    cxone.fail("GET", "/api/v2/campaigns/spring", change={"tags": None, "name": "Spring"})
    full_read.read_one_campaign("spring")
    campaign.refresh_from_db()
    assert (campaign.name, campaign.tags) == ("Spring", {"client": "Northwind"})


def test_return_as_it_was_is_no_change(cxone: Simulator, db: None) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    cxone.remove("spring")
    full_read.read_all_campaigns()
    cxone.add(id="spring", name="Spring renewal", status="PAUSED")
    full_read.read_all_campaigns()
    assert Campaign.objects.get().control == "before"


def test_return_in_another_status_is_from_outside(campaign: Campaign, cxone: Simulator) -> None:
    cxone.remove("spring")
    full_read.read_all_campaigns()
    cxone.add(id="spring", name="Spring renewal", status="PAUSED")
    full_read.read_all_campaigns()
    assert Campaign.objects.get().control == "outside"


def test_first_read_records_nothing(campaign: Campaign) -> None:
    assert kinds() == []


def test_unchanged_read_writes_nothing(campaign: Campaign) -> None:
    before = version()
    result = full_read.read_all_campaigns()
    assert result == full_read.FullRead(campaigns=1, changed=0, requests=2)
    assert version() == before


def test_all_pages_are_read(cxone: Simulator, db: None) -> None:
    for number in range(250):
        cxone.add(id=f"c{number}", calls=1)
    result = full_read.read_all_campaigns()
    assert result
    assert (result.campaigns, Campaign.objects.count()) == (251, 251)


def test_changed_calls_bump_the_version(campaign: Campaign, cxone: Simulator) -> None:
    before = version()
    cxone.change("spring", calls=9)
    full_read.read_all_campaigns()
    assert Campaign.objects.get().active_calls == 9
    assert version() > before


def test_missing_group_means_zero(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("POST", "/api/v2/analytics/*", body={"groups": []})
    full_read.read_all_campaigns()
    assert Campaign.objects.get().active_calls == 0


def test_outside_pause_is_on_record(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    record = Record.objects.get(kind="campaign.changed_outside")
    assert record.details == {"before": {"status": "ACTIVE"}, "after": {"status": "PAUSED"}}
    assert Campaign.objects.get().control == "outside"


def test_outside_schedule_is_on_record(campaign: Campaign, cxone: Simulator) -> None:
    schedule = {"timezone": "Asia/Kathmandu", "dialingHours": [], "pauseConditions": []}
    cxone.change("spring", schedule=schedule)
    full_read.read_all_campaigns()
    assert Record.objects.get(kind="campaign.changed_outside").details["after"] == {"schedule": schedule}
    assert Campaign.objects.get().timezone == "Asia/Kathmandu"


def test_renaming_is_not_on_record(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", name="Spring")
    full_read.read_all_campaigns()
    assert (Campaign.objects.get().name, kinds()) == ("Spring", [])


def test_unknown_status_stays_as_said(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="STOPPING")
    full_read.read_all_campaigns()
    assert Campaign.objects.get().status == "STOPPING"


def test_older_reading_is_ignored(campaign: Campaign, cxone: Simulator) -> None:
    Campaign.objects.update(read_at=timezone.now() + timedelta(minutes=1))
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    assert Campaign.objects.get().status == "ACTIVE"


def test_new_campaign_appears_on_record(campaign: Campaign, cxone: Simulator) -> None:
    cxone.add(id="autumn", name="Autumn")
    full_read.read_all_campaigns()
    assert kinds() == ["campaign.appeared"]


def test_missing_campaign_is_gone(campaign: Campaign, cxone: Simulator) -> None:
    cxone.remove("spring")
    full_read.read_all_campaigns()
    assert Campaign.objects.get().gone_at
    assert kinds() == ["campaign.disappeared"]


def test_incomplete_list_drops_nobody(campaign: Campaign, cxone: Simulator) -> None:
    page = {"entities": [], "pageNumber": 1, "pageSize": 100, "pageCount": 1, "total": 1}
    cxone.fail("GET", LIST, body=page)
    full_read.read_all_campaigns()
    assert Campaign.objects.get().gone_at is None


def test_returning_campaign_is_back(campaign: Campaign, cxone: Simulator) -> None:
    cxone.remove("spring")
    full_read.read_all_campaigns()
    cxone.add(id="spring", name="Spring renewal", calls=7)
    full_read.read_all_campaigns()
    assert Campaign.objects.get().gone_at is None


def test_failure_is_told_since_when(campaign: Campaign, cxone: Simulator) -> None:
    good = SyncState.current().last_good_at
    cxone.fail("GET", LIST, status=503)
    assert full_read.read_all_campaigns() is None
    state = SyncState.current()
    assert state.failing_since
    assert (state.last_good_at, "has a problem" in state.error) == (good, True)


def test_success_ends_the_failure(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", LIST, status=503)
    full_read.read_all_campaigns()
    full_read.read_all_campaigns()
    assert SyncState.current().failing_since is None


def test_garbage_changes_nothing(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", LIST, body="<html>")
    assert full_read.read_all_campaigns() is None
    assert Campaign.objects.get().status == "ACTIVE"


def test_strange_number_blinds_nobody(campaign: Campaign, cxone: Simulator) -> None:
    spring = '{"id": "spring", "name": "Spring", "status": "PAUSED", "schedule": {}}'
    strange = '{"id": "odd", "name": "Odd", "status": "ACTIVE", "schedule": {"days": 1e999}}'
    page = f'{{"entities": [{spring}, {strange}], "pageNumber": 1, "pageSize": 100, "pageCount": 1, "total": 2}}'
    cxone.fail("GET", LIST, body=page)
    full_read.read_all_campaigns()
    assert list(Campaign.objects.values_list("pk", "status")) == [("spring", "PAUSED")]


@pytest.mark.parametrize(("requests", "seconds"), [(2, 15), (11, 15), (51, 39)])
def test_interval_follows_the_budget(requests: int, seconds: int) -> None:
    assert full_read.interval(requests, 15, 200) == seconds


def test_interval_in_effect_is_kept(campaign: Campaign) -> None:
    assert PeriodicJob.objects.get(pk="sync_campaigns").every_seconds == SyncState.current().interval_seconds == 15


def test_half_a_read_is_not_begun(campaign: Campaign, cxone: Simulator) -> None:
    SyncState.objects.update(requests=51)
    budget = SlotBudget()
    while not budget.wait_for(Lane.BACKGROUND, 51):
        budget.reserve(Lane.BACKGROUND)
    before = len(cxone.record.requests())
    assert full_read.read_all_campaigns() is None
    assert len(cxone.record.requests()) == before
    assert PeriodicJob.objects.get(pk="sync_campaigns").next_at > timezone.now() + timedelta(seconds=50)


def test_list_beyond_the_budget_is_told(cxone: Simulator, db: None, settings: Settings) -> None:
    settings.CXONE_RATE_PER_MINUTE = 10
    for number in range(600):
        cxone.add(id=f"c{number}")
    assert full_read.read_all_campaigns() is None
    assert "CXONE_RATE_PER_MINUTE" in SyncState.current().error


def test_short_read_waits_for_more(campaign: Campaign, cxone: Simulator, settings: Settings) -> None:
    settings.CXONE_RATE_PER_MINUTE = 20
    for number in range(600):
        cxone.add(id=f"c{number}")
    RequestSlot.objects.update(free_at=Now())
    for _ in range(4):
        SlotBudget().reserve(Lane.BACKGROUND)
    assert full_read.read_all_campaigns() is None
    assert (SyncState.current().requests, SyncState.current().error) == (7, "")


def test_piled_up_wake_ups_read_once(campaign: Campaign, cxone: Simulator) -> None:
    before = len(cxone.record.requests())
    tasks.sync_campaigns()
    assert len(cxone.record.requests()) == before
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(seconds=14))
    tasks.sync_campaigns()
    assert len(cxone.record.requests()) > before


def test_event_causes_a_read(campaign: Campaign, cxone: Simulator, enqueued: list[tuple[str, ...]]) -> None:
    cxone.change("spring", status="PAUSED")
    assert inbound.note_event(body=b'{"campaignId": "spring", "status": "ACTIVE"}')
    assert enqueued == [("campaigns.tasks.read_campaign", "spring")]
    full_read.read_hinted("spring")
    assert Campaign.objects.get().status == "PAUSED"


def test_events_flood_reads_once(campaign: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    for _ in range(50):
        inbound.note_event(body=b'{"campaignId": "spring"}')
    assert len(enqueued) == 1


def test_full_read_answers_all_hints(campaign: Campaign) -> None:
    inbound.note_event(body=b'{"campaignId": "spring"}')
    full_read.read_all_campaigns()
    assert Campaign.objects.get().read_due_at is None


def test_later_hint_outlasts_a_read(campaign: Campaign) -> None:
    Campaign.objects.update(read_due_at=Now() + timedelta(seconds=5))
    full_read.read_all_campaigns()
    assert Campaign.objects.get().read_due_at


def test_event_may_name_its_campaign_by_a_number(cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> None:
    cxone.add(id="7")
    full_read.read_all_campaigns()
    assert inbound.note_event(body=b'{"campaignId": 7}')
    assert enqueued == [("campaigns.tasks.read_campaign", "7")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"campaignId": 7}',
        b'{"campaignId": "no such"}',
        b"\xff",
        b'{"campaignId": "\\u0000"}',
    ],
)
def test_meaningless_event_is_ignored(campaign: Campaign, enqueued: list[tuple[str, ...]], body: bytes) -> None:
    assert not inbound.note_event(body=body)
    assert enqueued == []


def test_failed_hint_comes_again(campaign: Campaign, cxone: Simulator) -> None:
    Campaign.objects.update(read_due_at=Now())
    cxone.fail("GET", "/api/v2/campaigns/spring", status=503)
    full_read.read_hinted("spring")
    assert Campaign.objects.get().read_due_at


def ahead_of_the_database(cxone: Simulator, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(cxone, "_clock", lambda: database_now().timestamp() + seconds)


@pytest.mark.parametrize("seconds", [-600, 0, 600])
def test_clock_of_cxone_is_noted(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    ahead_of_the_database(cxone, monkeypatch, seconds)
    full_read.read_all_campaigns()
    assert SyncState.current().clock_ahead_seconds == pytest.approx(seconds, abs=3)


def test_clock_that_is_far_off_is_logged_once(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for seconds in (0, 600, 610, 0):
        ahead_of_the_database(cxone, monkeypatch, seconds)
        full_read.read_all_campaigns()
    assert caplog.text.count("ahead of the database’s") == 1


def list_of(*entities: dict[str, str]) -> dict[str, object]:
    return {"entities": list(entities), "pageNumber": 1, "pageCount": 1, "total": len(entities)}


def test_entry_that_cannot_be_read_is_counted_until_it_can(campaign: Campaign, cxone: Simulator) -> None:
    spring = {"id": "spring", "name": "Spring renewal", "status": "ACTIVE"}
    cxone.fail("GET", LIST, body=list_of(spring, {"name": "Autumn", "status": "ACTIVE"}))
    full_read.read_all_campaigns()
    assert SyncState.current().unreadable == 1
    full_read.read_all_campaigns()
    assert SyncState.current().unreadable == 0


def test_log_tells_of_entries_that_cannot_be_read_once(
    campaign: Campaign, cxone: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    cxone.fail("GET", LIST, body=list_of({"name": "Autumn", "status": "ACTIVE"}), times=2)
    full_read.read_all_campaigns()
    full_read.read_all_campaigns()
    (told,) = [record.getMessage() for record in caplog.records if "can’t be read" in record.getMessage()]
    assert told.startswith("Entries of CXone’s list that can’t be read: 1.")

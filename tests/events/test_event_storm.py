"""Events come as fast as CXone sends them: reading all campaigns goes on, and answers them."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client

from campaigns.events import hints, inbound
from campaigns.models import Campaign, PeriodicJob, RequestSlot, SyncState
from campaigns.simulator import Simulator
from campaigns.sync import full_read

pytestmark = [pytest.mark.slow, pytest.mark.data_layer]

MANY = 468
COST = 6  # five pages of the list and one query of calls
INTERVAL = 15


@pytest.fixture
def campaigns(cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> list[str]:
    """As many as CXone has, read a while ago, with a budget that is whole again."""
    for number in range(MANY - 1):
        cxone.add(id=f"c{number}", calls=1)
    full_read.read_all_campaigns()
    full_read.read_all_campaigns()  # without a request for the token
    assert SyncState.current().requests == COST
    rest()
    return list(Campaign.objects.values_list("pk", flat=True))


def rest() -> None:
    """A minute passes."""
    RequestSlot.objects.update(free_at=Now())
    SyncState.objects.update(last_good_at=Now() - timedelta(seconds=INTERVAL))
    PeriodicJob.objects.filter(pk="sync_campaigns").update(next_at=Now() + timedelta(minutes=1))


def tell(campaign_id: str) -> None:
    assert inbound.note_event(body=f'{{"campaignId": "{campaign_id}"}}'.encode())


def single_reads(cxone: Simulator) -> int:
    return len(cxone.record.requests("GET", "/api/v2/campaigns/"))


def test_few_events_are_single_reads(campaigns: list[str], cxone: Simulator) -> None:
    for campaign_id in campaigns[:COST]:
        tell(campaign_id)
    for campaign_id in campaigns[:COST]:
        full_read.read_hinted(campaign_id)
    assert single_reads(cxone) == COST


def test_more_than_a_full_read_costs_is_one_full_read(campaigns: list[str], cxone: Simulator) -> None:
    for campaign_id in campaigns:
        tell(campaign_id)
    for campaign_id in campaigns[: -COST - 1]:
        full_read.read_hinted(campaign_id)
    assert single_reads(cxone) == 0
    assert PeriodicJob.objects.filter(pk="sync_campaigns", next_at__lte=Now()).exists()
    full_read.read_if_old()
    assert not Campaign.objects.filter(read_due_at__isnull=False).exists()


def test_full_read_comes_no_sooner_than_it_makes_sense(campaigns: list[str]) -> None:
    SyncState.objects.update(last_good_at=Now())
    for campaign_id in campaigns:
        tell(campaign_id)
    full_read.read_hinted(campaigns[0])
    wait = PeriodicJob.objects.get(pk="sync_campaigns").next_at - SyncState.current().last_good_at  # type: ignore[operator]
    assert wait == timedelta(seconds=INTERVAL / 2)


def test_failing_reads_are_not_hurried(campaigns: list[str]) -> None:
    SyncState.objects.update(failing_since=Now())
    for campaign_id in campaigns:
        tell(campaign_id)
    full_read.read_hinted(campaigns[0])
    assert PeriodicJob.objects.get(pk="sync_campaigns").next_at > SyncState.current().last_good_at + timedelta(  # type: ignore[operator]
        seconds=30
    )


def flow(campaigns: list[str]) -> None:
    """More events than a minute's budget has for reads, each read as it comes, so that few are ever due at once."""
    for number in range(150):
        campaign_id = campaigns[number % MANY]
        tell(campaign_id)
        full_read.read_hinted(campaign_id)
        Campaign.objects.filter(pk=campaign_id).update(read_due_at=None)


def full_reads_in_a_minute() -> int:
    return sum(full_read.read_all_campaigns() is not None for _ in range(60 // INTERVAL))


def test_campaign_is_read_once_in_a_second(campaigns: list[str], cxone: Simulator) -> None:
    for _ in range(20):
        tell("c1")
        full_read.read_hinted("c1")
    assert single_reads(cxone) == 1
    Campaign.objects.filter(pk="c1").update(hinted_read_at=Now() - hints.SPACING)
    full_read.read_hinted("c1")
    assert single_reads(cxone) == 2


def rows_of_every_table() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_flood_grows_nothing(
    campaigns: list[str], cxone: Simulator, enqueued: list[tuple[str, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    before = rows_of_every_table()
    client, address = Client(), f"/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/"
    for number in range(1000):
        named = campaigns[number % 5] if number % 2 else f"nobody-{number}"
        client.post(address, {"campaignId": named}, content_type="application/json")
    for campaign_id in campaigns[:5] * 3:
        full_read.read_hinted(campaign_id)
    assert rows_of_every_table() == before
    assert (single_reads(cxone), len(enqueued), caplog.records) == (5, 5, [])


def test_steady_flow_leaves_the_full_read_its_share(campaigns: list[str], cxone: Simulator) -> None:
    flow(campaigns)
    assert single_reads(cxone) == 40
    assert full_reads_in_a_minute() == 60 // INTERVAL


def test_steady_flow_takes_nothing_from_background_reads(campaigns: list[str]) -> None:
    flow(campaigns)
    assert RequestSlot.objects.filter(number__range=(1, 100), free_at__lte=Now()).count() == 100


def test_steady_flow_logs_no_line_each(campaigns: list[str], caplog: pytest.LogCaptureFixture) -> None:
    flow(campaigns)
    assert caplog.records == []

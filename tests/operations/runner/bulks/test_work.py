"""A bulk against a CXone that behaves: who is sent a change, at what cost, and what is on record."""

from datetime import timedelta

import pytest
from django.test import TestCase
from django.utils import timezone

from audit.integrity.chain_walk import verify_chain
from audit.models import Record
from campaigns.models import CallsReading, Campaign, OperationKind, PauseSlot, Policy, SyncState
from campaigns.operations.runner import slices
from campaigns.simulator import Simulator
from tests.bulks import ask_bulk, run_bulk, run_slice, states

pytestmark = pytest.mark.data_layer


def test_all_are_paused(campaigns: list[Campaign], cxone: Simulator) -> None:
    bulk = run_bulk(ask_bulk(campaigns))
    assert states(bulk) == {"CONFIRMED": 12}
    assert cxone.campaign_ids("PAUSED") == [campaign.pk for campaign in campaigns]
    assert bulk.ended_at


def test_all_are_resumed(campaigns: list[Campaign], cxone: Simulator) -> None:
    run_bulk(ask_bulk(campaigns))
    assert states(run_bulk(ask_bulk(campaigns, OperationKind.RESUME))) == {"CONFIRMED": 12}
    assert cxone.campaign_ids("ACTIVE") == [campaign.pk for campaign in campaigns]


@pytest.mark.parametrize("places", [1, 5, 30])
def test_each_costs_one_request(campaigns: list[Campaign], cxone: Simulator, places: int) -> None:
    Policy.objects.update(max_concurrent_pauses=places)
    before = len(cxone.record.requests())
    run_bulk(ask_bulk(campaigns))
    made = cxone.record.requests()[before:]
    assert len([request for request in made if request.method == "PUT"]) == 12
    assert len(made) <= 1.1 * 12 + 10


def test_three_facts_of_each_on_record(campaigns: list[Campaign]) -> None:
    bulk = run_bulk(ask_bulk(campaigns))
    for operation in bulk.operations.all():
        kinds = list(Record.objects.filter(operation=operation.pk).order_by("number").values_list("kind", flat=True))
        assert kinds == ["operation.asked", "operation.tried", "operation.ended"]
    assert verify_chain().ok


def test_record_of_each_sending_has_where_it_went(campaigns: list[Campaign]) -> None:
    bulk = run_bulk(ask_bulk(campaigns))
    for operation in bulk.operations.all():
        tried = Record.objects.get(operation=operation.pk, kind="operation.tried")
        assert tried.details["request"] == f"PUT /api/v2/campaigns/{operation.campaign_id}"


def test_end_is_on_record_with_counts(campaigns: list[Campaign]) -> None:
    bulk = run_bulk(ask_bulk(campaigns))
    record = Record.objects.get(kind="bulk.ended")
    assert record.status == "SUCCESS"
    assert record.details["confirmed"] == record.details["campaigns"] == 12
    assert record.details["requests"] == 12
    assert record.sentence == (
        "The pause of 12 campaigns requested by Ada has ended, reason WFM_OVERRIDE: 12 confirmed."
    )
    assert record.details["bulk"] == str(bulk.pk)


def test_already_paused_costs_nothing(campaigns: list[Campaign], cxone: Simulator) -> None:
    run_bulk(ask_bulk(campaigns[:5]))
    before = len(cxone.record.requests("PUT"))
    assert states(run_bulk(ask_bulk(campaigns))) == {"SKIPPED": 5, "CONFIRMED": 7}
    assert len(cxone.record.requests("PUT")) - before == 7


def test_busy_campaigns_are_rejected(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.change("c03", calls=51)
    CallsReading.objects.all().delete()
    bulk = run_bulk(ask_bulk(campaigns))
    assert states(bulk) == {"REJECTED": 1, "CONFIRMED": 11}
    rejected = bulk.operations.get(state="REJECTED")
    assert (rejected.campaign_id, rejected.compliance_check) == ("c03", "REJECTED")
    assert Record.objects.get(kind="bulk.ended").status == "REJECTED"


def test_overriding_reason_records_the_calls(campaigns: list[Campaign], cxone: Simulator) -> None:
    cxone.change("c03", calls=51)
    CallsReading.objects.all().delete()
    bulk = run_bulk(ask_bulk(campaigns, reason="EMERGENCY"))
    assert states(bulk) == {"CONFIRMED": 12}
    overridden = bulk.operations.get(compliance_check="OVERRIDDEN")
    assert (overridden.campaign_id, overridden.calls_limit) == ("c03", 50)


def test_no_slot_stays_taken(campaigns: list[Campaign]) -> None:
    Policy.objects.update(max_concurrent_pauses=4)
    run_bulk(ask_bulk(campaigns))
    assert not PauseSlot.objects.filter(operation_id__isnull=False).exists()


def test_drains_begin(campaigns: list[Campaign]) -> None:
    bulk = run_bulk(ask_bulk(campaigns))
    assert all(operation.drain.calls_at_start == 3 for operation in bulk.operations.all())


def test_campaigns_show_who_paused(campaigns: list[Campaign]) -> None:
    run_bulk(ask_bulk(campaigns))
    assert set(Campaign.objects.values_list("status", "control", "controller")) == {("PAUSED", "person", "Ada")}


def test_pages_are_told(campaigns: list[Campaign]) -> None:
    bulk = ask_bulk(campaigns)
    before = SyncState.current().version
    run_bulk(bulk)
    assert SyncState.current().version > before


def test_recent_count_is_shared(campaigns: list[Campaign], cxone: Simulator) -> None:
    before = len(cxone.record.requests("POST", "/api/v2/analytics"))
    run_bulk(ask_bulk(campaigns[:6]))
    run_bulk(ask_bulk(campaigns[6:]))
    # Those of the full reads after each.
    assert len(cxone.record.requests("POST", "/api/v2/analytics")) - before == 2


def test_old_count_is_made_again(campaigns: list[Campaign], cxone: Simulator) -> None:
    CallsReading.objects.update(at=timezone.now() - timedelta(seconds=9))
    before = len(cxone.record.requests("POST", "/api/v2/analytics"))
    bulk = run_slice(ask_bulk(campaigns))
    assert len(cxone.record.requests("POST", "/api/v2/analytics")) - before == 1
    assert bulk.requests == 1


def test_failures_of_a_batch_count_for_all(campaigns: list[Campaign], cxone: Simulator) -> None:
    Policy.objects.update(max_concurrent_pauses=4)
    cxone.fail("PUT", "*", times=None, status=503)
    run_slice(ask_bulk(campaigns))
    assert SyncState.current().unanswered == 4


def test_answers_of_a_batch_end_the_row(campaigns: list[Campaign]) -> None:
    SyncState.objects.update(unanswered=4, unanswered_since=timezone.now())
    run_slice(ask_bulk(campaigns))
    assert SyncState.current().unanswered == 0


def test_slices_end(
    campaigns: list[Campaign], monkeypatch: pytest.MonkeyPatch, enqueued: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    bulk = ask_bulk(campaigns)
    enqueued.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        run_slice(bulk)
    # It has done nothing yet, and is at the end of the queue again.
    assert enqueued == [("campaigns.tasks.run_bulk", str(bulk.pk))]
    assert (bulk.lease_until, states(bulk)) == (None, {})

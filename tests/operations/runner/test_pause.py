"""A pause, from the claim to the confirmation, against a CXone that behaves."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import TestCase
from django.utils import timezone

from audit.models import Record
from campaigns.models import Campaign, Operation, PauseSlot, Policy, RequestSlot
from campaigns.operations.runner import pause_slots
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.factories import make_operation
from tests.worker import ask_pause, run, run_often

pytestmark = pytest.mark.data_layer


def puts(cxone: Simulator) -> int:
    return len(cxone.record.requests("PUT"))


def test_pause_is_confirmed(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_pause(campaign))
    assert operation.state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_campaign_shows_who_paused(campaign: Campaign) -> None:
    run(ask_pause(campaign))
    campaign.refresh_from_db()
    assert (campaign.status, campaign.control, campaign.controller) == ("PAUSED", "person", "Ada")


def test_pause_is_sent_once(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign))
    assert len(cxone.record.applied("spring", "PUT")) == 1


def test_body_follows_the_contract(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign, drop=True))
    body = cxone.record.applied("spring", "PUT")[0].body
    assert body
    assert body["pauseReason"] == "WFM_OVERRIDE"
    assert body["dropActiveCalls"] is True
    assert body["maxConcurrentPauses"] == 1


def test_three_facts_on_record(campaign: Campaign) -> None:
    operation = run(ask_pause(campaign))
    kinds = list(Record.objects.filter(operation=operation.pk).order_by("number").values_list("kind", flat=True))
    assert kinds == ["operation.asked", "operation.tried", "operation.ended"]


def test_end_record_bears_the_proof(campaign: Campaign) -> None:
    operation = run(ask_pause(campaign))
    ended = Record.objects.get(operation=operation.pk, kind="operation.ended")
    assert (ended.status, ended.api_response_status, ended.compliance_check) == ("SUCCESS", 200, "PASSED")
    assert ended.payload_hash == operation.attempts.get().payload_hash
    assert ended.concurrent_pause_limit == 1


def test_record_of_sending_has_what_was_sent_and_where_to(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_pause(campaign))
    tried = Record.objects.get(operation=operation.pk, kind="operation.tried")
    (sent,) = cxone.record.requests("PUT")
    assert tried.payload_hash == sent.body_hash
    assert tried.details == {"attempt": 1, "request": "PUT /api/v2/campaigns/spring"}


def test_already_paused_is_skipped(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = run(ask_pause(campaign))
    assert operation.state == State.SKIPPED
    assert "idempotent" in operation.error
    assert puts(cxone) == 0


def test_too_many_calls_reject(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", calls=51)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.calls_before) == (State.REJECTED, 51)
    assert puts(cxone) == 0


def test_limit_itself_passes(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", calls=50)
    assert run(ask_pause(campaign)).state == State.CONFIRMED


def test_campaigns_own_limit_counts(campaign: Campaign) -> None:
    Campaign.objects.update(max_active_calls=3)
    assert run(ask_pause(campaign)).state == State.REJECTED


def test_emergency_overrides_the_check(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", calls=90)
    operation = run(ask_pause(campaign, "EMERGENCY"))
    assert (operation.state, operation.compliance_check) == (State.CONFIRMED, "OVERRIDDEN")


def test_override_not_needed_passes(campaign: Campaign) -> None:
    assert run(ask_pause(campaign, "EMERGENCY")).compliance_check == "PASSED"


def test_full_places_make_it_wait(campaign: Campaign, cxone: Simulator) -> None:
    _occupy_place()
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.PAUSE_SLOT)
    assert puts(cxone) == 0


def test_waiting_is_no_failure(campaign: Campaign) -> None:
    _occupy_place()
    operation = ask_pause(campaign)
    for _ in range(7):
        run(operation)
    assert (operation.state, operation.failures) == (State.WAITING, 0)


def test_fresh_checks_are_not_repeated(campaign: Campaign, cxone: Simulator) -> None:
    holder = _occupy_place()
    operation = run(ask_pause(campaign))
    before = len(cxone.record.requests())
    pause_slots.release(holder)
    run(operation)
    assert len(cxone.record.requests()) - before == 2  # the PUT and the look after it


def test_freed_place_rings_the_next(campaign: Campaign, enqueued: list[tuple[str, ...]], cxone: Simulator) -> None:
    cxone.add(id="autumn", name="Autumn", calls=1)
    full_read.read_all_campaigns()
    holder = _occupy_place()
    waiting = run(ask_pause(campaign))
    enqueued.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        pause_slots.release(holder)
    assert enqueued == [("campaigns.tasks.run_operation", str(waiting.pk))]


def test_freed_place_leaves_refused_waiting(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", "/api/v2/campaigns/spring", status=409)
    operation = run(ask_pause(campaign))
    holder = _occupy_place()
    pause_slots.release(holder)
    due_at = operation.next_attempt_at
    operation.refresh_from_db()
    assert operation.next_attempt_at == due_at


def test_dead_owners_place_falls_free(campaign: Campaign) -> None:
    _occupy_place()
    PauseSlot.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert run(ask_pause(campaign)).state == State.CONFIRMED


def test_more_places_by_policy(campaign: Campaign) -> None:
    _occupy_place()
    Policy.objects.update(max_concurrent_pauses=2)
    assert run(ask_pause(campaign)).state == State.CONFIRMED


def test_places_are_given_back(campaign: Campaign) -> None:
    run_often(ask_pause(campaign))
    assert not PauseSlot.objects.filter(operation_id__isnull=False).exists()


def _occupy_place() -> Operation:
    holder = make_operation(state=State.RUNNING)
    assert pause_slots.take(holder)
    return holder


@pytest.mark.parametrize("free", [0, 1, 2])
def test_pause_begins_only_when_the_budget_sees_it_sent(campaign: Campaign, cxone: Simulator, free: int) -> None:
    """Many that wait would otherwise spend what becomes free on reading, again and again, and none would be sent."""
    before = len(cxone.record.requests())
    RequestSlot.objects.filter(number__gt=free).update(free_at=Now() + timedelta(seconds=30))
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.waiting_for, operation.requests) == (State.WAITING, WaitingFor.BUDGET, 0)
    assert len(cxone.record.requests()) == before
    RequestSlot.objects.filter(number__range=(1, 4)).update(free_at=Now())
    assert run(operation).state == State.CONFIRMED

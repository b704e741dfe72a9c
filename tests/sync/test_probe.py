"""While CXone doesn't answer: background work rests, one request from time to time probes, and a click is tried."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from campaigns import tasks
from campaigns.events import subscriptions
from campaigns.models import Campaign, Drain, PeriodicJob, SyncState
from campaigns.queueing import circuit_breaker
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import drains, full_read
from tests.worker import ask_pause, run

pytestmark = pytest.mark.data_layer

STATE = "/api/v2/campaigns/spring"


@pytest.fixture
def outage(campaign: Campaign, cxone: Simulator) -> Simulator:
    """CXone answers nothing any more, and five calls have shown it."""
    cxone.fail("*", "*", times=None, status=503)
    for _ in range(5):
        full_read.read_all_campaigns()
    SyncState.objects.update(last_good_at=Now() - timedelta(minutes=2))
    cxone.record.clear()
    return cxone


def make_probe_due() -> None:
    SyncState.objects.update(probe_at=Now())


def test_five_failures_open_the_circuit(outage: Simulator) -> None:
    assert not circuit_breaker.is_closed()


@pytest.mark.parametrize("fault", [{"cut": True}, {"delay": 31.0}, {"body": "<html>"}, {"status": 502}])
def test_each_kind_of_failure_counts(campaign: Campaign, cxone: Simulator, fault: dict[str, object]) -> None:
    cxone.fail("GET", STATE, **fault)  # type: ignore[arg-type]
    full_read.read_one_campaign("spring")
    assert SyncState.current().unanswered == 1


@pytest.mark.parametrize("status", [403, 404, 409, 429])
def test_refusal_is_an_answer(campaign: Campaign, cxone: Simulator, status: int) -> None:
    SyncState.objects.update(unanswered=4, unanswered_since=Now())
    cxone.fail("GET", STATE, status=status)
    full_read.read_one_campaign("spring")
    assert SyncState.current().unanswered == 0


def test_full_read_rests(outage: Simulator) -> None:
    tasks.sync_campaigns()
    assert outage.record.requests() == []


def test_hint_rests_and_is_kept(outage: Simulator) -> None:
    Campaign.objects.update(read_due_at=Now())
    full_read.read_hinted("spring")
    assert outage.record.requests() == []
    assert Campaign.objects.get().read_due_at


def test_subscriptions_rest(outage: Simulator, settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://control.test"
    Campaign.objects.get().operations.create(
        kind="pause", by="ann", idempotency_key="1", requested_at=Now(), next_attempt_at=Now(), accepted_at=Now()
    )
    assert subscriptions.subscribe_paused() == 0
    assert outage.record.requests() == []


def test_probe_is_one_request(outage: Simulator) -> None:
    make_probe_due()
    tasks.sync_campaigns()
    tasks.sync_campaigns()
    assert [request.path for request in outage.record.requests()] == [STATE]


def test_failed_probe_comes_again_after_its_rest(outage: Simulator) -> None:
    make_probe_due()
    tasks.sync_campaigns()
    job, probe_at = PeriodicJob.objects.get(name="sync_campaigns"), SyncState.current().probe_at
    assert job.next_at == probe_at
    assert SyncState.objects.filter(probe_at__gt=Now() + timedelta(seconds=10)).exists()


def test_answered_probe_has_all_read_at_once(outage: Simulator) -> None:
    outage.clear_faults()
    make_probe_due()
    tasks.sync_campaigns()
    assert PeriodicJob.objects.filter(name="sync_campaigns", next_at__lte=Now()).exists()
    tasks.sync_campaigns()
    state = SyncState.current()
    assert (state.failing_since, state.error, circuit_breaker.is_closed()) == (None, "", True)


def test_tenant_that_was_never_read_is_probed(cxone: Simulator, db: None) -> None:
    cxone.fail("*", "*", times=None, status=503)
    for _ in range(5):
        full_read.read_all_campaigns()
    cxone.clear_faults()
    make_probe_due()
    tasks.sync_campaigns()
    assert circuit_breaker.is_closed()


def test_click_is_tried_at_once(outage: Simulator) -> None:
    before = SyncState.current().unanswered
    operation = run(ask_pause(Campaign.objects.get()))
    # Its campaign and its calls are asked for side by side.
    assert (operation.state, len(outage.record.requests())) == (State.WAITING, 2)
    assert SyncState.current().unanswered > before


def test_click_that_succeeds_closes_it(outage: Simulator) -> None:
    outage.clear_faults()
    assert run(ask_pause(Campaign.objects.get())).state == State.CONFIRMED
    assert circuit_breaker.is_closed()


def test_drain_ends_without_a_sample(campaign: Campaign, cxone: Simulator) -> None:
    run(ask_pause(campaign))
    SyncState.objects.update(unanswered=5, unanswered_since=Now(), probe_at=Now())
    before = len(cxone.record.requests())
    drains.sample()
    assert len(cxone.record.requests()) == before
    Drain.objects.update(deadline=Now())
    drains.sample()
    assert Drain.objects.get().end == "deadline"

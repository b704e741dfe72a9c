"""Confirmed means seen: by a direct read, by the shared one, after an event, or never."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.models import Record
from campaigns.models import Campaign, Operation, SyncState
from campaigns.operations import requests
from campaigns.queueing.rows import database_now
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.worker import Clock, ask_pause, ask_resume, run

pytestmark = pytest.mark.data_layer

STATE = "/api/v2/campaigns/spring"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
ACTIVE: dict[str, object] = {"id": "spring", "name": "Spring renewal", "status": "ACTIVE", "schedule": {}}


@pytest.fixture
def accepted(campaign: Campaign, cxone: Simulator) -> Operation:
    """A pause that CXone accepted, and that the read right after didn't show."""
    cxone.fail("GET", STATE, body=ACTIVE)
    operation = run(ask_pause(campaign))
    assert operation.state == State.ACCEPTED
    return operation


def _at_deadline(operation: Operation) -> Operation:
    Operation.objects.update(confirm_by=timezone.now() - timedelta(seconds=1))
    return run(operation)


def test_accepted_is_not_held(accepted: Operation) -> None:
    assert accepted.lease_until is None
    assert accepted.confirm_by


def test_shared_read_confirms(accepted: Operation) -> None:
    full_read.read_all_campaigns()
    accepted.refresh_from_db()
    assert accepted.state == State.CONFIRMED


def test_event_read_confirms(accepted: Operation) -> None:
    full_read.read_one_campaign("spring")
    accepted.refresh_from_db()
    assert accepted.state == State.CONFIRMED


def test_confirmed_without_outside_record(accepted: Operation) -> None:
    full_read.read_all_campaigns()
    assert not Record.objects.filter(kind="campaign.changed_outside").exists()


def test_older_reading_confirms_nothing(accepted: Operation, cxone: Simulator) -> None:
    Operation.objects.update(accepted_at=timezone.now() + timedelta(minutes=1))
    full_read.read_all_campaigns()
    accepted.refresh_from_db()
    assert accepted.state == State.ACCEPTED


def test_last_look_confirms(accepted: Operation) -> None:
    assert _at_deadline(accepted).state == State.CONFIRMED


def test_never_seen_is_unconfirmed(accepted: Operation, cxone: Simulator) -> None:
    cxone.fail("GET", STATE, times=None, body=ACTIVE)
    operation = _at_deadline(accepted)
    assert operation.state == State.UNCONFIRMED
    assert Record.objects.get(operation=operation.pk, kind="operation.ended").status == "FAILURE"


def test_unreadable_is_unconfirmed(accepted: Operation, cxone: Simulator) -> None:
    cxone.fail("GET", STATE, times=None, status=503)
    assert _at_deadline(accepted).state == State.UNCONFIRMED


def test_failed_look_leaves_it_accepted(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", STATE, status=503)
    operation = run(ask_pause(campaign))
    assert (operation.state, operation.failures) == (State.ACCEPTED, 0)


def test_late_effect_is_on_record(accepted: Operation, cxone: Simulator) -> None:
    cxone.fail("GET", STATE, times=1, body=ACTIVE)
    _at_deadline(accepted)
    full_read.read_all_campaigns()
    late = Record.objects.get(kind="campaign.changed_late")
    assert late.operation == accepted.pk
    assert not Record.objects.filter(kind="campaign.changed_outside").exists()


def test_waiting_unknown_is_confirmed_by_reading(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", STATE, cut=True, done=True)
    cxone.fail("GET", STATE, body=ACTIVE)
    operation = run(ask_pause(campaign))
    assert operation.state == State.WAITING
    full_read.read_all_campaigns()
    operation.refresh_from_db()
    assert operation.state == State.CONFIRMED


def test_latency_and_requests_are_counted(campaign: Campaign) -> None:
    operation = run(ask_pause(campaign))
    assert operation.latency_ms is not None
    assert operation.requests == 4  # state, calls, PUT, state


def test_time_to_confirmation_is_on_record(campaign: Campaign) -> None:
    operation = run(ask_pause(campaign))
    ended = Record.objects.get(operation=operation.pk, kind="operation.ended")
    assert operation.confirmed_at is not None
    assert ended.details["confirmation_ms"] == round((operation.confirmed_at - operation.requested_at) / MILLISECOND)


def test_other_ends_have_no_confirmation(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    operation = run(ask_pause(campaign))
    assert "confirmation_ms" not in Record.objects.get(operation=operation.pk, kind="operation.ended").details


@pytest.mark.parametrize("seconds", [-90, 90])
def test_worker_whose_clock_is_off_pauses_at_once(campaign: Campaign, cxone: Simulator, seconds: int) -> None:
    now = database_now()
    with time_machine.travel(now + timedelta(seconds=seconds), tick=True):
        run(ask_pause(campaign))
    (put,) = cxone.record.applied("spring", "PUT")
    effective = datetime.fromisoformat((put.body or {})["effectiveTime"])
    assert timedelta(0) < now - effective < timedelta(seconds=10)


@pytest.mark.parametrize("seconds", [-1200, -90, 90, 1200])
def test_cxone_whose_clock_is_off_pauses_at_once(
    campaign: Campaign, cxone: Simulator, clock: Clock, seconds: int
) -> None:
    clock.now = database_now().timestamp() + seconds
    assert run(ask_pause(campaign)).state == State.CONFIRMED
    assert cxone.campaign("spring")["status"] == "PAUSED"


def test_date_of_long_ago_is_not_believed(campaign: Campaign, cxone: Simulator, clock: Clock) -> None:
    clock.now = 0.0
    now = database_now()
    run(ask_pause(campaign))
    (put,) = cxone.record.requests("PUT")
    effective = datetime.fromisoformat((put.body or {})["effectiveTime"])
    assert timedelta(hours=1) <= now - effective < timedelta(hours=1, seconds=30)


def test_worker_whose_clock_is_off_resumes_at_once(campaign: Campaign, cxone: Simulator) -> None:
    cxone.change("spring", status="PAUSED")
    now = database_now()
    with time_machine.travel(now + timedelta(seconds=90), tick=True):
        run(ask_resume(campaign))
    (put,) = cxone.record.applied("spring", "PUT")
    assert datetime.fromisoformat((put.body or {})["effectiveTime"]) < now


def test_every_step_is_timed_by_the_database(campaign: Campaign) -> None:
    with time_machine.travel(LONG_AGO, tick=True):
        operation = run(ask_pause(campaign))
    attempt = operation.attempts.get()
    times = [operation.requested_at, operation.accepted_at, operation.confirmed_at, operation.ended_at]
    assert all(at and at > LONG_AGO + timedelta(days=365) for at in [*times, attempt.sent_at, attempt.answered_at])


def test_cancelling_is_timed_by_the_database(campaign: Campaign) -> None:
    with time_machine.travel(LONG_AGO, tick=True):
        operation = requests.cancel_operation(operation=ask_pause(campaign), by="Ada")
    assert operation.ended_at is not None
    assert operation.ended_at > LONG_AGO + timedelta(days=365)


def test_trouble_is_timed_by_the_database(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("GET", "/api/v2/outbound/campaigns", status=503)
    with time_machine.travel(LONG_AGO, tick=True):
        full_read.read_all_campaigns()
    failing_since = SyncState.current().failing_since
    assert failing_since is not None
    assert failing_since > LONG_AGO + timedelta(days=365)


def test_request_is_timed_by_the_database(campaign: Campaign) -> None:
    with time_machine.travel(LONG_AGO, tick=True):  # a web server whose clock is wrong
        operation = ask_pause(campaign)
    assert operation.requested_at > LONG_AGO + timedelta(days=365)

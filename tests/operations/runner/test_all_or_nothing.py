"""Where the audit can't be written, nothing is: for each verb, the insert fails and all else is as it was."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.db.models import Model
from django.utils import timezone
from pytest_django import Settings

from audit.models import Head, Record
from campaigns.cxone import errors
from campaigns.cxone.gateway import CampaignState
from campaigns.models import (
    Approval,
    Attempt,
    Bulk,
    Campaign,
    Delivery,
    Drain,
    DrainSample,
    Hold,
    Operation,
    OperationKind,
    PauseSlot,
    ReasonCode,
    SyncState,
)
from campaigns.operations import approvals, requests
from campaigns.operations.bulk.requests import request_bulk
from campaigns.operations.holding import end_expired, lift_hold, place_holds
from campaigns.operations.rescheduling import change_time, recompute
from campaigns.operations.runner import attempts, outcome, pause_slots, reconcile
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.operations.runner.confirmation import confirm
from campaigns.operations.runner.held import join_queue
from campaigns.operations.runner.outcome import accept
from campaigns.schedule.due_times import DueTime, due_instant
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import drains, full_read
from tests.factories import SCHEDULE, SENT, make_drain, make_operation
from tests.operations.runner.schedules import ask_schedule, with_hours
from tests.operations.two_people import approval_of, approve, refuse, want_two
from tests.worker import ask_pause

pytestmark = pytest.mark.data_layer

TABLES: tuple[type[Model], ...] = (
    Approval, Attempt, Bulk, Campaign, Delivery, Drain, DrainSample, Head, Hold, Operation, PauseSlot, Record,
    SyncState,
)  # fmt: skip
MONDAY = with_hours(MON="10:00-12:00")
PAUSED = CampaignState("spring", "Spring renewal", "PAUSED", {})


FORBID = {
    "postgresql": f"ALTER TABLE {Record._meta.db_table} ADD CONSTRAINT full_disk CHECK (number < 0) NOT VALID",
    "sqlite": (
        f"CREATE TRIGGER full_disk BEFORE INSERT ON {Record._meta.db_table} BEGIN SELECT RAISE(ABORT, 'full'); END"
    ),
}
ALLOW = {
    "postgresql": f"ALTER TABLE {Record._meta.db_table} DROP CONSTRAINT IF EXISTS full_disk",
    "sqlite": "DROP TRIGGER IF EXISTS full_disk",
}


@pytest.fixture
def audit_fails(campaign: Campaign) -> Iterator[Callable[[], None]]:
    """Call it, and from then on the database refuses every new record."""
    yield lambda: _execute(FORBID)
    _execute(ALLOW)


def _execute(statements: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor])


@pytest.fixture(autouse=True)
def wfm(settings: Settings) -> None:
    """A WFM system is told: what is written for it is no more than the rest without its record."""
    settings.WFM_WEBHOOK_URL = "https://wfm.test/hook"


def everything() -> dict[str, list[dict[str, Any]]]:
    return {table.__name__: list(table._default_manager.order_by("pk").values()) for table in TABLES}


def _running(campaign: Campaign, **values: Any) -> ClaimedOperation:
    return ClaimedOperation(make_operation(campaign, state=State.RUNNING, started_at=timezone.now(), **values))


def _tried(campaign: Campaign) -> ClaimedOperation:
    claimed = _running(campaign)
    assert pause_slots.take(claimed.operation)
    attempts.open_attempt(claimed, SENT)
    return claimed


def _accepted(campaign: Campaign) -> ClaimedOperation:
    claimed = _tried(campaign)
    accept(claimed, 200)
    return claimed


def _pause(campaign: Campaign) -> Callable[[], object]:
    return lambda: ask_pause(campaign)


def _resume(campaign: Campaign) -> Callable[[], object]:
    reason = ReasonCode.objects.get(pk="WFM_OVERRIDE")
    return lambda: requests.request_resume(campaign=campaign, by="Ada", reason=reason, key=uuid4().hex)


def _cancel(campaign: Campaign) -> Callable[[], object]:
    operation = ask_pause(campaign)
    return lambda: requests.cancel_operation(operation=operation, by="Ada")


def _attempt(campaign: Campaign) -> Callable[[], object]:
    claimed = _running(campaign)
    return lambda: attempts.open_attempt(claimed, SENT)


def _close(campaign: Campaign) -> Callable[[], object]:
    claimed = _tried(campaign)
    return lambda: attempts.close_failed(claimed, errors.BadRequest("pause", status=400))


def _reject(campaign: Campaign) -> Callable[[], object]:
    claimed = _running(campaign)
    return lambda: outcome.reject(claimed, 51, 50)


def _fail(campaign: Campaign) -> Callable[[], object]:
    claimed = _running(campaign)
    return lambda: outcome.end_badly(claimed, "CXone refused", 400)


def _unconfirmed(campaign: Campaign) -> Callable[[], object]:
    claimed = _accepted(campaign)
    return lambda: outcome.end_unconfirmed(claimed, "never seen")


def _confirm(campaign: Campaign) -> Callable[[], object]:
    claimed = _accepted(campaign)
    return lambda: confirm(claimed, PAUSED, timezone.now())


def _skip(campaign: Campaign) -> Callable[[], object]:
    claimed, before = _running(campaign), timezone.now() - timedelta(days=1)
    return lambda: outcome.end_found_so(claimed, PAUSED, before)


def _outside(campaign: Campaign) -> Callable[[], object]:
    return lambda: reconcile.reconcile_campaign(PAUSED, timezone.now())


def _drain(campaign: Campaign) -> Callable[[], object]:
    drain = make_drain(make_operation(campaign, state=State.CONFIRMED), 7, deadline=timezone.now())
    return lambda: drains.sample() and drain


def _changing(campaign: Campaign) -> ClaimedOperation:
    payload = {"base": SCHEDULE, "ours": MONDAY, "etag": "", "acknowledged": True}
    return _running(campaign, kind="schedule", reason="", payload=payload)


def _schedule(campaign: Campaign) -> Callable[[], object]:
    return lambda: ask_schedule(campaign, MONDAY)


def _refused_schedule(campaign: Campaign) -> Callable[[], object]:
    return lambda: ask_schedule(campaign, {})


def _schedule_attempt(campaign: Campaign) -> Callable[[], object]:
    claimed = _changing(campaign)
    replaced = claimed.operation.payload | {"replaced": SCHEDULE}
    return lambda: attempts.open_attempt(claimed, SENT, applied=MONDAY, payload=replaced)


def _schedule_confirmed(campaign: Campaign) -> Callable[[], object]:
    claimed = _changing(campaign)
    attempts.open_attempt(claimed, SENT, applied=MONDAY, payload=claimed.operation.payload | {"replaced": SCHEDULE})
    accept(claimed, 200)
    return lambda: confirm(claimed, CampaignState("spring", "Spring renewal", "ACTIVE", MONDAY), timezone.now())


def _conflict(campaign: Campaign) -> Callable[[], object]:
    claimed = _changing(campaign)
    return lambda: outcome.end_in_conflict(claimed, "Somebody else changed Monday too.", {"clashes": []})


HOUR = timedelta(hours=1)


def _hold(campaign: Campaign) -> Callable[[], object]:
    now = timezone.now()
    return lambda: ask_pause(campaign, at=due_instant(now + HOUR), until=due_instant(now + 2 * HOUR))


def _cancel_with_its_end(campaign: Campaign) -> Callable[[], object]:
    operation = ask_pause(campaign, until=due_instant(timezone.now() + HOUR))
    return lambda: requests.cancel_operation(operation=operation, by="Ada")


def _skip_with_its_end(campaign: Campaign) -> Callable[[], object]:
    pause, before = ask_pause(campaign, until=due_instant(timezone.now() + HOUR)), timezone.now() - timedelta(days=1)
    Operation.objects.filter(pk=pause.pk).update(state=State.RUNNING)
    pause.refresh_from_db()
    return lambda: outcome.end_found_so(ClaimedOperation(pause), PAUSED, before)


def _reschedule(campaign: Campaign) -> Callable[[], object]:
    operation = ask_pause(campaign, at=due_instant(timezone.now() + HOUR))
    due, seen = due_instant(timezone.now() + 2 * HOUR), operation.not_before or timezone.now()
    return lambda: change_time(operation=operation, due=due, seen=seen, by="Ada")


def _recompute(campaign: Campaign) -> Callable[[], object]:
    local = DueTime(timezone.now() + HOUR, "2030-01-01T12:00:00", 0, "America/New_York")
    operation = ask_pause(campaign, at=local)
    Operation.objects.filter(pk=operation.pk).update(zone_data="2020a")
    return lambda: recompute(operation.pk)


def _too_late(campaign: Campaign) -> Callable[[], object]:
    operation = ask_pause(
        campaign, at=due_instant(timezone.now() + HOUR), until=due_instant(timezone.now() + 2 * HOUR)
    )
    long_ago = timezone.now() - 24 * HOUR
    Operation.objects.filter(pk=operation.pk).update(not_before=long_ago, next_attempt_at=long_ago)
    return lambda: join_queue(operation.pk)


def _join_queue(campaign: Campaign) -> Callable[[], object]:
    """What it outranks is cancelled in the same transaction."""
    operation = ask_pause(campaign, at=due_instant(timezone.now() + timedelta(minutes=1)))
    _resume(campaign)()
    return lambda: join_queue(operation.pk)


def _place_hold(campaign: Campaign) -> Callable[[], object]:
    """What is in progress and has sent nothing is cancelled in the same transaction."""
    _resume(campaign)()
    return lambda: place_holds(campaign_ids=["spring"], by="Rita", reason="Complaint 4711")


def _lift_hold(campaign: Campaign) -> Callable[[], object]:
    place_holds(campaign_ids=["spring"], by="Rita", reason="Complaint 4711")
    return lambda: lift_hold(campaign=campaign, by="Rita", reason="Resolved")


def _end_hold(campaign: Campaign) -> Callable[[], object]:
    place_holds(campaign_ids=["spring"], by="Rita", reason="Complaint 4711", until=timezone.now() + HOUR)
    Hold.objects.update(until=timezone.now() - HOUR)
    return end_expired


def _ask_for_two(campaign: Campaign) -> Callable[[], object]:
    want_two()
    return _resume(campaign)


def _ask_for_two_of_many(campaign: Campaign) -> Callable[[], object]:
    want_two()
    reason = ReasonCode.objects.get(pk="RESOLVED")
    return lambda: request_bulk(
        kind=OperationKind.RESUME, campaign_ids=["spring"], by="Ada", reason=reason, key=uuid4().hex
    )


def _waiting(campaign: Campaign) -> Operation:
    _ask_for_two(campaign)()
    return Operation.objects.get(state=State.PENDING)


def _approve(campaign: Campaign) -> Callable[[], object]:
    operation = _waiting(campaign)
    return lambda: approve(operation)


def _approve_own(campaign: Campaign) -> Callable[[], object]:
    operation = _waiting(campaign)
    return lambda: approve(operation, by="Ada")


def _refuse(campaign: Campaign) -> Callable[[], object]:
    operation = _waiting(campaign)
    return lambda: refuse(operation)


def _lapse(campaign: Campaign) -> Callable[[], object]:
    operation = _waiting(campaign)
    Approval.objects.filter(pk=approval_of(operation).pk).update(lapses_at=timezone.now() - HOUR)
    return approvals.lapse_due


VERBS = [
    _pause, _resume, _cancel, _attempt, _close, _reject, _fail, _unconfirmed, _confirm, _skip, _outside, _drain,
    _schedule, _refused_schedule, _schedule_attempt, _schedule_confirmed, _conflict, _hold, _cancel_with_its_end,
    _skip_with_its_end, _reschedule, _recompute, _too_late, _join_queue, _place_hold, _lift_hold, _end_hold,
    _ask_for_two, _ask_for_two_of_many, _approve, _approve_own, _refuse, _lapse,
]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_saved_without_record(
    campaign: Campaign,
    audit_fails: Callable[[], None],
    verb: Callable[[Campaign], Callable[[], object]],
) -> None:
    act = verb(campaign)
    audit_fails()
    before = everything()
    with pytest.raises(DatabaseError):
        act()
    assert everything() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["add", "remove"])
def test_no_reading_is_saved_without_record(
    campaign: Campaign, cxone: Simulator, audit_fails: Callable[[], None], change: str
) -> None:
    cxone.add(id="autumn", name="Autumn") if change == "add" else cxone.remove("spring")
    audit_fails()
    before = everything()
    with pytest.raises(DatabaseError):
        full_read.read_all_campaigns()
    assert everything() == before

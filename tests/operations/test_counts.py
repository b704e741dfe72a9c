"""What monitoring counts of operations: each end once, whoever counts, and only what waits for a worker as late."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign, CountedRecords, Operation, OperationKind, Origin
from campaigns.operations import counts, requests
from campaigns.operations.records import record_ended
from campaigns.queueing.metric_counts import Increments
from campaigns.simulator import Simulator
from campaigns.states import ENDS, State, WaitingFor
from tests.factories import make_bulk, make_campaign, make_operation
from tests.metrics import value
from tests.operations.runner.conftest import campaign, clock, cxone, posts_events
from tests.worker import ask_pause, run, run_often

__all__ = ["campaign", "clock", "cxone", "posts_events"]

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer, pytest.mark.usefixtures("enqueued")]


def end(state: State, **values: Any) -> Operation:
    operation = make_operation(state=state, **values)
    with transaction.atomic():
        record_ended(operation)
    return operation


def ended(state: State, kind: str = "pause") -> float:
    return value("operations_total", kind=kind, state=state)


def late(seconds: float, **values: Any) -> Operation:
    return make_operation(next_attempt_at=timezone.now() - timedelta(seconds=seconds), **values)


@pytest.mark.parametrize("state", ENDS)
def test_each_end_is_counted_by_its_state(state: State) -> None:
    end(state)
    counts.count_recorded()
    assert ended(state) == 1


def test_all_ends_are_there_before_the_first() -> None:
    assert {ended(state, kind) for state in ENDS for kind in OperationKind.values} == {0}


def test_each_end_is_counted_once() -> None:
    end(State.FAILED)
    counts.count_recorded()
    counts.count_recorded()
    end(State.FAILED, kind=OperationKind.PAUSE)
    counts.count_recorded()
    assert ended(State.FAILED) == 2


def test_more_than_one_go_holds_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST_AT_ONCE", 2)
    for _ in range(5):
        end(State.SKIPPED)
    counts.count_recorded()
    assert ended(State.SKIPPED) == 5


def test_a_count_that_fails_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    end(State.FAILED)
    with monkeypatch.context() as patch:
        patch.setattr(Increments, "save", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            counts.count_recorded()
    counts.count_recorded()
    assert ended(State.FAILED) == 1


def test_without_its_row_it_begins_at_the_end() -> None:
    end(State.FAILED)
    CountedRecords.objects.all().delete()
    counts.count_recorded()
    end(State.SKIPPED)
    counts.count_recorded()
    assert (ended(State.FAILED), ended(State.SKIPPED)) == (0, 1)


def test_cancelled_operation_is_counted(campaign: Campaign) -> None:
    requests.cancel_operation(operation=ask_pause(campaign), by="Ada")
    counts.count_recorded()
    assert ended(State.CANCELLED) == 1


def test_pause_is_timed_from_its_click_to_cxone_and_to_its_confirmation(campaign: Campaign) -> None:
    operation = ask_pause(campaign)
    Operation.objects.filter(pk=operation.pk).update(requested_at=timezone.now() - timedelta(seconds=4))
    run_often(operation)
    counts.count_recorded()
    assert value("click_to_put_seconds_bucket", le="3.0") == 0
    assert value("click_to_put_seconds_bucket", le="5.0") == 1
    assert value("confirmation_seconds_count") == 1
    assert 4 <= value("confirmation_seconds_sum") < 10


def test_second_try_is_no_second_click(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PUT", "*", status=503)
    run_often(ask_pause(campaign))
    counts.count_recorded()
    assert value("click_to_put_seconds_count") == 1


@pytest.mark.parametrize("values", [{"origin": Origin.GUARD}, {"not_before": timezone.now()}])
def test_what_nobody_clicked_for_now_is_no_click(campaign: Campaign, values: dict[str, Any]) -> None:
    operation = ask_pause(campaign)
    Operation.objects.filter(pk=operation.pk).update(**values)
    run(operation)
    counts.count_recorded()
    assert value("click_to_put_seconds_count") == 0


def test_open_operations_are_told_by_kind_and_state() -> None:
    make_operation(kind=OperationKind.RESUME, state=State.WAITING)
    make_operation(state=State.CONFIRMED)
    assert value("operations_open", kind="resume", state="WAITING") == 1
    assert value("operations_open", kind="pause", state="QUEUED") == 0


def test_nothing_late_is_none_late() -> None:
    late(-60)
    assert value("operation_oldest_due_seconds") == 0


def test_oldest_that_waits_for_a_worker_is_told() -> None:
    late(10)
    late(90)
    assert value("operation_oldest_due_seconds") == pytest.approx(90, abs=20)


@pytest.mark.parametrize(
    "values",
    [
        {"lease_until": timezone.now() + timedelta(days=1)},
        {"state": State.WAITING, "waiting_for": WaitingFor.PAUSE_SLOT},
        {"state": State.WAITING, "waiting_for": WaitingFor.TOGETHER},
        {"state": State.FAILED},
    ],
)
def test_what_waits_for_no_worker_is_not_late(values: dict[str, Any]) -> None:
    late(90, **values)
    assert value("operation_oldest_due_seconds") == 0


def test_bulk_that_nobody_takes_is_late() -> None:
    bulk = make_bulk(make_campaign())
    type(bulk).objects.update(next_attempt_at=timezone.now() - timedelta(seconds=90), lease_until=None)
    assert value("operation_oldest_due_seconds") == pytest.approx(90, abs=20)

"""Cancelling while a worker has the operation: either it was sent before, or it is never sent."""

from collections.abc import Callable
from typing import Any

import pytest

from audit.models import Record
from campaigns.cxone.gateway import PreparedChange, Sending, Sent, WriteResponse
from campaigns.cxone.v2.gateway import V2
from campaigns.errors import TooLate
from campaigns.models import Campaign, Operation, PauseSlot
from campaigns.operations import requests
from campaigns.operations.runner import attempts, execution, pause_slots
from campaigns.operations.runner.claim import ClaimedOperation
from campaigns.queueing.leases import LeaseLost
from campaigns.simulator import Simulator
from campaigns.states import State
from tests.factories import SENT
from tests.worker import ask_pause, in_any_thread, run

pytestmark = pytest.mark.data_layer


def cancel(operation: Operation) -> Operation:
    return requests.cancel_operation(operation=operation, by="Grace")


def cancel_during(monkeypatch: pytest.MonkeyPatch, name: str, operation: Operation) -> None:
    """Somebody cancels while CXone takes its time over that call of the gateway."""
    call: Callable[..., Any] = getattr(V2, name)

    def hang(gateway: V2, *arguments: Any, **named: Any) -> Any:
        with in_any_thread():
            cancel(operation)
        return call(gateway, *arguments, **named)

    monkeypatch.setattr(V2, name, hang)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["read_version", "calls_in_progress"])
def test_cancelled_while_it_is_read_it_is_never_sent(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    operation = ask_pause(campaign)
    cancel_during(monkeypatch, name, operation)
    execution.advance_operation(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.cancelled_by, operation.error) == (State.CANCELLED, "Grace", "")
    assert cxone.record.requests("PUT") == []


def test_worker_puts_nothing_more_on_record(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = ask_pause(campaign)
    cancel_during(monkeypatch, "read_version", operation)
    execution.advance_operation(operation.pk)
    kinds = Record.objects.filter(operation=operation.pk).order_by("number").values_list("kind", flat=True)
    assert list(kinds) == ["operation.asked", "operation.cancelled"]


def test_campaign_is_free_at_once(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = ask_pause(campaign)
    cancel_during(monkeypatch, "read_version", operation)
    execution.advance_operation(operation.pk)
    monkeypatch.undo()
    assert run(ask_pause(campaign)).state == State.CONFIRMED


def test_slot_that_the_worker_took_meanwhile_is_free(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, take = ask_pause(campaign), pause_slots.take

    def take_late(of_the_worker: Operation) -> int:
        cancel(operation)
        return take(of_the_worker)

    monkeypatch.setattr(pause_slots, "take", take_late)
    execution.advance_operation(operation.pk)
    assert not PauseSlot.objects.filter(operation_id__isnull=False).exists()
    assert cxone.record.requests("PUT") == []


def test_after_the_attempt_is_on_record_it_is_too_late(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, send = ask_pause(campaign), V2.send_prepared
    refused = []

    def send_late(gateway: V2, change: PreparedChange, sending: Sending) -> WriteResponse:
        def open_and_cancel(sent: Sent) -> None:
            sending(sent)
            with pytest.raises(TooLate):
                cancel(operation)
            refused.append(True)

        return send(gateway, change, open_and_cancel)

    monkeypatch.setattr(V2, "send_prepared", send_late)
    execution.advance_operation(operation.pk)
    operation.refresh_from_db()
    assert (refused, operation.state) == ([True], State.CONFIRMED)


def test_attempt_after_the_cancelling_loses_its_lease(campaign: Campaign, cxone: Simulator) -> None:
    operation = ask_pause(campaign)
    claimed = ClaimedOperation(Operation.objects.select_related("campaign").get(pk=operation.pk))
    cancel(operation)
    with pytest.raises(LeaseLost):
        attempts.open_attempt(claimed, SENT)
    assert not operation.attempts.exists()

"""Bulks in tests: asking for one, and a worker's slices of it."""

from typing import Any
from uuid import uuid4

from django.db.models.functions import Now

from campaigns.models import Bulk, Campaign, Operation, OperationKind, ReasonCode, SyncState
from campaigns.operations.bulk import requests
from campaigns.operations.runner import execution
from campaigns.operations.runner.bulks import reading, work
from campaigns.states import State
from campaigns.sync import full_read


def ask_bulk(campaigns: list[Campaign], kind: OperationKind = OperationKind.PAUSE, **values: Any) -> Bulk:
    asked: dict[str, Any] = {
        "kind": kind,
        "campaign_ids": [campaign.pk for campaign in campaigns],
        "by": "Ada",
        "reason": ReasonCode.objects.get(pk=values.pop("reason", "WFM_OVERRIDE")),
        "key": uuid4().hex,
    }
    return requests.request_bulk(**asked | values)


def run_slice(bulk: Bulk) -> Bulk:
    """One slice of a worker's time; whatever the bulk waits for has come due."""
    Bulk.objects.filter(pk=bulk.pk).update(next_attempt_at=Now())
    assert work.advance_bulk(bulk.pk)
    bulk.refresh_from_db()
    return bulk


def run_bulk(bulk: Bulk, most: int = 20) -> Bulk:
    """Slice after slice, with the reads that it asks for and what it leaves to single workers, until it ends."""
    for _ in range(most):
        if run_slice(bulk).ended_at:
            break
        for operation in left_to_single_workers(bulk):
            Operation.objects.filter(pk=operation.pk).update(next_attempt_at=Now())
            execution.advance_operation(operation.pk)
        if reading.is_wanted(SyncState.current()):
            full_read.read_if_old()
    return bulk


def left_to_single_workers(bulk: Bulk) -> list[Operation]:
    return list(bulk.operations.filter(state=State.WAITING).exclude(waiting_for="turn"))


def states(bulk: Bulk) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in bulk.operations.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found

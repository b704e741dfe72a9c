"""A second person's decision from the shell."""

from typing import Any

import pytest

from campaigns.models import Campaign, Operation
from campaigns.operations.runner import execution
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.operations.two_people import approval_of, changes_at, want_two

RESUME = ("resume_campaign", "spring", "--reason", "RESOLVED", "--by", "ann")
BULK = ("resume_all", "--reason", "RESOLVED", "--by", "ann", "--yes")


@pytest.fixture
def paused(campaign: Campaign, cxone: Simulator) -> Campaign:
    want_two()
    cxone.change("spring", status="PAUSED")
    full_read.read_all_campaigns()
    return campaign


@pytest.fixture
def operation(paused: Campaign, command: Any) -> str:
    status, line, words = command(*RESUME)
    assert (status, line["state"]) == (0, "PENDING")
    assert f"approve_operation {line['operation']} --by NAME" in words
    return str(line["operation"])


def test_approved_operation_is_left_to_the_product(operation: str, command: Any) -> None:
    status, line, _ = command("approve_operation", operation, "--by", "bea")
    assert (status, line["state"]) == (0, "QUEUED")
    row = Operation.objects.get(pk=operation)
    assert row.enqueued_at is None
    execution.advance_operation(row.pk)
    row.refresh_from_db()
    assert row.state == State.CONFIRMED


@pytest.mark.parametrize("name", ["ann", "Ann", "\u0410nn"])
def test_asker_cannot_approve(operation: str, command: Any, cxone: Simulator, name: str) -> None:
    status, line, words = command("approve_operation", operation, "--by", name)
    assert (status, line["state"]) == (1, "PENDING")
    assert "somebody else has to approve" in words
    assert changes_at(cxone) == []


def test_hash_of_what_was_seen_is_held_to(operation: str, command: Any) -> None:
    status, line, _ = command("approve_operation", operation, "--by", "bea", "--hash", "0" * 64)
    assert (status, line["state"]) == (1, "PENDING")
    digest = approval_of(Operation.objects.get(pk=operation)).digest
    assert command("approve_operation", operation, "--by", "bea", "--hash", digest)[0] == 0


def test_refusal_says_why(operation: str, command: Any) -> None:
    status, line, _ = command("refuse_operation", operation, "--reason", "too early", "--by", "bea")
    assert (status, line["state"], line["error"]) == (0, "CANCELLED", "bea refused it: too early")


def test_unknown_number_is_wrong_usage(paused: Campaign, command: Any) -> None:
    for number in ("no-uuid", "2f0a6f1e-7f5c-4c56-9a47-3a1a5a0a7c11"):
        assert command("approve_operation", number, "--by", "bea")[0] == 2


def test_bulk_waits_whole(paused: Campaign, command: Any) -> None:
    status, line, _ = command(*BULK)
    assert (status, line["pending"], line["confirmed"]) == (0, 1, 0)
    status, line, _ = command("approve_operation", line["bulk"], "--by", "bea")
    assert (status, line["pending"]) == (0, 0)

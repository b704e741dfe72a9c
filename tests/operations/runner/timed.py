"""A CXone, a database and a process whose clocks are moved together, and operations that are held for a time."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from campaigns.models import Campaign, Operation, ReasonCode
from campaigns.operations import requests
from campaigns.operations.runner import claim, execution
from campaigns.schedule.due_times import DueTime, due_instant
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.worker import Clock

START = datetime(2026, 11, 28, 20, tzinfo=UTC)
# Three in the afternoon in New York, where the campaign is; the pauses here are due at six.
SIX = START + timedelta(hours=3)
Move = Callable[[datetime | timedelta], None]


@pytest.fixture
def move(clock: Clock, one_clock: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    """Move all clocks to a time, or on by so much."""
    monkeypatch.setattr(claim, "monotonic", time.time)
    with time_machine.travel(START, tick=False) as traveller:
        clock.now = START.timestamp()

        def go(to: datetime | timedelta) -> None:
            at = to if isinstance(to, datetime) else datetime.now(UTC) + to
            traveller.move_to(at)
            clock.now = at.timestamp()

        yield go


@pytest.fixture
def spring(move: Move, cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> Campaign:
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="spring")


def pause_at(campaign: Campaign, at: datetime | DueTime = SIX, **values: Any) -> Operation:
    code = ReasonCode.objects.get(pk=values.pop("reason", "WFM_OVERRIDE"))
    due = at if isinstance(at, DueTime) else due_instant(at)
    plain: dict[str, Any] = {"override": code.overrides_calls_check, "key": uuid4().hex}
    return requests.request_pause(campaign=campaign, by="Ada", reason=code, at=due, **plain | values)


def resume_at(campaign: Campaign, at: datetime = SIX, **values: Any) -> Operation:
    code = ReasonCode.objects.get(pk="RESOLVED")
    return requests.request_resume(
        campaign=campaign, by="Ada", reason=code, at=due_instant(at), key=uuid4().hex, **values
    )


def go(operation: Operation) -> Operation:
    """One go of a worker, if it is due."""
    execution.advance_operation(operation.pk)
    operation.refresh_from_db()
    return operation

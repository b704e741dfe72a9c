"""A pretend CXone behind the real gateway, and wake-ups that no worker hears unless a test passes them on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now
from pytest_django import Settings

from campaigns.cxone import connect
from campaigns.models import Campaign, Operation, ReasonCode
from campaigns.operations import requests
from campaigns.operations.runner import execution
from campaigns.simulator import PublishedSimulator, Simulator
from campaigns.sync import full_read
from tests.simulator.transport import SimulatorTransport, overdue

PATIENCE_SECONDS = 60  # a busy machine is no fault of the code


class Clock:
    """Seconds since the epoch, moved by hand. It begins right: CXone defers what is still to come by its clock."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def posts_events() -> bool:
    """Whether CXone tells its subscribers of changes; over a socket, so a test that wants it serves the pages."""
    return False


@pytest.fixture
def cxone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, clock: Clock, posts_events: bool
) -> Iterator[Simulator]:
    """One that knows the campaign `spring`, active with seven calls; its scripted delays outlast every patience."""
    simulator = Simulator(
        0,
        rate_per_minute=None,
        post_events=posts_events,
        webhook_secret=settings.CXONE_WEBHOOK_SECRET,
        clock=clock,
        sleep=overdue,
    )
    simulator.add(id="spring", name="Spring renewal", calls=7)
    settings.CXONE_BASE_URL = "https://cxone.test"
    settings.CXONE_TOKEN_URL = "https://cxone.test/oauth/token"
    settings.CXONE_CLIENT_ID, settings.CXONE_CLIENT_SECRET = "simulator", "simulator-secret"
    monkeypatch.setattr(connect, "transport", lambda: SimulatorTransport(simulator))
    cache.clear()
    connect.close_connections()
    yield simulator
    simulator.close()
    connect.close_connections()
    cache.clear()


@pytest.fixture
def campaign(cxone: Simulator, enqueued: list[tuple[str, ...]], db: None) -> Campaign:
    full_read.read_all_campaigns()
    return Campaign.objects.get(pk="spring")


def ask_pause(campaign: Campaign, reason: str = "WFM_OVERRIDE", *, drop: bool = False, **values: Any) -> Operation:
    code = ReasonCode.objects.get(pk=reason)
    plain: dict[str, Any] = {"override": code.overrides_calls_check, "drop_active_calls": drop, "key": uuid4().hex}
    return requests.request_pause(campaign=campaign, by="Ada", reason=code, **plain | values)


def ask_resume(campaign: Campaign) -> Operation:
    return requests.request_resume(
        campaign=campaign, by="Ada", reason=ReasonCode.objects.get(pk="WFM_OVERRIDE"), key=uuid4().hex
    )


def run(operation: Operation) -> Operation:
    """One go of a worker; whatever the operation waits for has come due."""
    Operation.objects.filter(pk=operation.pk).update(next_attempt_at=Now(), lease_until=None)
    assert execution.advance_operation(operation.pk)
    operation.refresh_from_db()
    return operation


def run_often(operation: Operation, most: int = 12) -> Operation:
    """Go after go until the operation ends."""
    for _ in range(most):
        if run(operation).ended_at:
            break
    return operation


def out_of_patience(operation: Operation) -> Operation:
    """It has failed for as long as it may: the next failure is its last."""
    Operation.objects.filter(pk=operation.pk).update(failing_since=Now() - timedelta(hours=5))
    return operation


@contextmanager
def in_any_thread() -> Iterator[None]:
    """For what asks the database where a thread of the product's own does something: it keeps no connection."""
    try:
        yield
    finally:
        if threading.current_thread() is not threading.main_thread():
            connection.close()


def eventually(happened: Callable[[], bool]) -> bool:
    """Whether it happens in another thread before long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def published(settings: Settings, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[PublishedSimulator]:
    """One that speaks the published API, and knows the skill 1, which runs with seven calls."""
    simulator = PublishedSimulator(0, rate_per_minute=None, clock=clock, sleep=overdue)
    simulator.add(id="1", name="Spring renewal", calls=7)
    settings.CXONE_DIALECT = "published"
    settings.CXONE_BASE_URL = "https://cxone.test"
    settings.CXONE_TOKEN_URL = "https://cxone.test/auth/token"
    settings.CXONE_ACCESS_KEY_ID, settings.CXONE_ACCESS_KEY_SECRET = "simulator====", "simulator-secret===="
    settings.CXONE_CLIENT_ID, settings.CXONE_CLIENT_SECRET = "simulator", "simulator-secret"
    monkeypatch.setattr(connect, "transport", lambda: SimulatorTransport(simulator))
    cache.clear()
    connect.close_connections()
    yield simulator
    simulator.close()
    connect.close_connections()
    cache.clear()

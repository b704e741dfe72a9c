"""Who works on an operation: a lease by the database's clock, and a fence that each later write must match."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce, Now

from campaigns.cxone.gateway import Gateway
from campaigns.models import Operation, PauseSlot, SyncState
from campaigns.operations import rank
from campaigns.queueing import leases
from campaigns.states import IN_PROGRESS, State, WaitingFor, sources

log = logging.getLogger(__name__)

# How long a campaign waits after its worker has died. One exchange with CXone takes less (30 s).
LEASE = timedelta(seconds=40)
RENEW_SECONDS = 10.0
# An exchange with CXone ends within 30 s by its own deadline, and then the next begins. A worker that has begun none
# for this long hangs elsewhere: its lease runs out, and another worker reads the campaign and continues.
STALLED_SECONDS = 60.0


class Renewing(ABC):
    """A row that this worker has claimed, and whose lease it renews."""

    @abstractmethod
    def renew(self) -> bool:
        """Extend the lease. False: the row is no longer ours."""

    @abstractmethod
    def is_stalled(self) -> bool:
        """The work has made no progress for longer than an exchange with CXone can take."""

    @abstractmethod
    def __str__(self) -> str:
        """What it is, for the log."""

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Renew the lease in a thread for as long as the block runs and makes progress.

        CXone may take longer to answer than the lease lasts.
        """
        done = threading.Event()
        timer = threading.Timer(RENEW_SECONDS, _renew_until, (self, done))
        timer.daemon = True
        timer.name = "lease"
        timer.start()
        try:
            yield
        finally:
            done.set()
            timer.cancel()
            timer.join(timeout=LEASE.total_seconds())


class ClaimedOperation(Renewing):
    """An operation that this worker has claimed; every write goes through `write`, which the fence guards."""

    def __init__(self, operation: Operation, gateway: Gateway | None = None) -> None:
        self.operation = operation
        self.gateway = gateway
        self._requests_before = operation.requests
        # How many requests had been made at the last look, and when that number last changed.
        self._progress = (0, monotonic())

    def __str__(self) -> str:
        return f"operation {self.operation.pk}"

    def write(self, **changes: Any) -> None:
        """Update the row, including the number of requests so far. LeaseLost: nothing was written."""
        if self.gateway:
            changes["requests"] = self._requests_before + self.gateway.requests
        mine = Operation.objects.filter(pk=self.operation.pk)
        if "state" in changes:
            mine = mine.filter(state__in=[changes["state"], *sources(changes["state"])])
        leases.write_fenced(mine, self.operation.fence, **changes)
        for name, value in changes.items():
            setattr(self.operation, name, value)

    def is_stalled(self) -> bool:
        """It has begun no exchange with CXone for longer than one can take."""
        requests = self.gateway.requests if self.gateway else 0
        if requests != self._progress[0]:
            self._progress = (requests, monotonic())
        return monotonic() - self._progress[1] > STALLED_SECONDS

    def renew(self) -> bool:
        """Extend the lease, and with it that of the pause slot. False: the operation is no longer ours."""
        mine = Operation.objects.filter(pk=self.operation.pk, fence=self.operation.fence, lease_until__isnull=False)
        if not mine.update(lease_until=Now() + LEASE):
            return False
        PauseSlot.objects.filter(operation_id=self.operation.pk).update(held_until=Now() + LEASE)
        return True


def _renew_until(claimed: Renewing, done: threading.Event) -> None:
    try:
        while not done.is_set() and claimed.renew():
            done.wait(RENEW_SECONDS)
            if claimed.is_stalled():
                log.error("No progress with %s; its lease is left to run out.", claimed)
                return
    except Exception:
        log.exception("The lease of %s could not be renewed; it runs out by itself.", claimed)
    finally:
        connection.close()


def is_left_to_its_bulk() -> Q:
    """Operations that only the runner of their bulk begins, when it is their turn."""
    return Q(bulk__isnull=False) & (Q(state=State.QUEUED) | Q(state=State.WAITING, waiting_for=WaitingFor.TURN))


def claim(operation_id: UUID, gateway: Gateway) -> ClaimedOperation | None:
    """Claim an operation that is due. None: it isn't, somebody has it, or it has ended."""
    due = Operation.objects.filter(
        ~is_left_to_its_bulk(), pk=operation_id, state__in=IN_PROGRESS, next_attempt_at__lte=Now()
    )
    with transaction.atomic():
        rank.lock_outranked(operation_id)
        claimed = leases.claim_row(
            due,
            LEASE,
            state=Case(When(state=State.ACCEPTED, then=Value(State.ACCEPTED)), default=Value(State.RUNNING)),
            started_at=Coalesce("started_at", Now()),
        )
        if not claimed:
            return None
        operation = Operation.objects.select_related("campaign").get(pk=operation_id)
        superseded = rank.take_place(operation)
        SyncState.bump()
        rank.record(superseded)
    return ClaimedOperation(operation, gateway)

"""Who works on an operation: a lease by the database's clock, and a fence that each later write must match."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from campaigns.cxone.gateway import Gateway
from campaigns.models import Campaign, Operation, PauseSlot, Policy, SyncState
from campaigns.operations import rank
from campaigns.operations.gathering import is_gathered
from campaigns.prepared import Plain, fetch_objects, update_rows
from campaigns.queueing.circuit_breaker import PatientBreaker, is_answer_awaited
from campaigns.queueing.leases import LeaseLost, is_free
from campaigns.queueing.request_budget import SlotBudget, lanes_are_closed
from campaigns.states import IN_PROGRESS, State, WaitingFor, sources

log = logging.getLogger(__name__)

# How long a campaign waits after its worker has died. One exchange with CXone takes less (30 s).
LEASE = timedelta(seconds=40)
RENEW_SECONDS = 10.0
# An exchange with CXone ends within 30 s by its own deadline, and then the next begins. A worker that has begun none
# for this long hangs elsewhere: its lease runs out, and another worker reads the campaign and continues.
STALLED_SECONDS = 60.0
# Nobody has had the operation before this claim, and sent anything.
FIRST_FENCE = 1
_COLUMNS = [field.attname for field in Operation._meta.concrete_fields]
_CLAIM = {
    "fence": F("fence") + 1,
    "lease_until": Now() + LEASE,
    "state": Case(When(state=State.ACCEPTED, then=Value(State.ACCEPTED)), default=Value(State.RUNNING)),
    "started_at": Coalesce("started_at", Now()),
}


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
    """An operation that this worker has claimed; every write goes through `write`, which the fence guards.

    `beside`: what asks CXone in another thread, if anything does. `now`: the database's time at its last write, or at
    the claim. `calls_limit`: with how many calls in progress its campaign may be paused.
    """

    def __init__(
        self,
        operation: Operation,
        gateway: Gateway | None = None,
        *,
        now: datetime | None = None,
        calls_limit: int = 0,
    ) -> None:
        self.operation = operation
        self.gateway = gateway
        self.beside: Gateway | None = None
        self.budget = SlotBudget()
        self.breaker = PatientBreaker()
        self.calls_limit = calls_limit
        self.now, self._now_at = now or operation.requested_at, monotonic()
        # How many there have been; None if that isn't known.
        self.attempts = 0 if operation.fence == FIRST_FENCE else None
        self._requests_before = operation.requests
        self._noted: dict[str, Any] = {}
        # How many requests had been made at the last look, and when that number last changed.
        self._progress = (0, monotonic())

    def __str__(self) -> str:
        return f"operation {self.operation.pk}"

    def note(self, **changes: Any) -> None:
        """Have them written with the next write, whatever that is about."""
        self._noted |= changes
        self._set(changes)

    def write(self, **changes: Any) -> bool:
        """Update the row, including the number of requests so far. LeaseLost: nothing was written.

        False: CXone has asked everybody to wait, and that isn't over.
        """
        changes = self._noted | changes
        if self.gateway:
            changes["requests"] = self._requests_before + self._requests()
        states = (changes["state"], *sources(changes["state"])) if "state" in changes else ()
        # What the database computes. Not the fence: a new one isn't ours to write under.
        computed = [name for name, value in changes.items() if _is_expression(value) and name != "fence"]
        mine: dict[str, Plain] = {"operation_id": self.operation.pk, "fence": self.operation.fence}
        written = update_rows(_held, states, where=mine, changes=changes, columns=computed, brought=_news)
        if not written:
            raise LeaseLost
        *values, self.now, is_closed, is_awaited = written[0]
        self._now_at = monotonic()
        self._noted = {}
        self._set(changes | dict(zip(computed, values, strict=True)))
        self.breaker.look(is_awaited)
        if is_closed:
            self.budget.note_closing()
        return not is_closed

    def attempts_before(self) -> int:
        return self.operation.attempts.count() if self.attempts is None else self.attempts

    def time(self) -> datetime:
        """The database's time now, as far as this process's clock tells."""
        return self.now + timedelta(seconds=monotonic() - self._now_at)

    def _set(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self.operation, name, value)

    def _requests(self) -> int:
        return sum(gateway.requests for gateway in (self.gateway, self.beside) if gateway)

    def is_stalled(self) -> bool:
        """It has begun no exchange with CXone for longer than one can take."""
        requests = self._requests()
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


def _held(states: tuple[str, ...], operation_id: UUID, fence: int) -> QuerySet[Operation]:
    """An operation under that fence, in one of these states if there are any."""
    mine = Operation.objects.filter(pk=operation_id, fence=fence)
    return mine.filter(state__in=states) if states else mine


def _news() -> tuple[Combinable, ...]:
    """What each write brings along, and would otherwise have to be asked for."""
    return Now(), lanes_are_closed(), is_answer_awaited()


def _is_expression(value: object) -> bool:
    return hasattr(value, "resolve_expression")


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


def claim(operation_id: UUID) -> ClaimedOperation | None:
    """Claim an operation that is due. None: it isn't, somebody has it, or it has ended."""
    return _claim(_due, operation_id, bumps=True) or _claim_outranking(operation_id)


def _claim_outranking(pause_id: UUID) -> ClaimedOperation | None:
    """A pause that takes the place of what is in progress on its campaign."""
    with transaction.atomic():
        if not rank.lock_outranked(pause_id):
            return None
        claimed = _claim(_due_outranking, pause_id)
        if claimed is None:
            return None
        superseded = rank.take_place(claimed.operation)
        SyncState.bump()
        rank.record(superseded)
    return claimed


def _due(operation_id: UUID) -> QuerySet[Operation]:
    """It outranks nothing."""
    return _due_outranking(operation_id).filter(outranks=None)


def _due_outranking(operation_id: UUID) -> QuerySet[Operation]:
    """Or it may."""
    open_to_single_workers = Operation.objects.filter(~is_left_to_its_bulk(), ~is_gathered(), state__in=IN_PROGRESS)
    return open_to_single_workers.filter(is_free(), pk=operation_id, next_attempt_at__lte=Now())


def _claim(
    due: Callable[[UUID], QuerySet[Operation]], operation_id: UUID, *, bumps: bool = False
) -> ClaimedOperation | None:
    # One conditional update, so that of two workers exactly one changes the row.
    where = {"operation_id": operation_id}
    found = update_rows(due, where=where, changes=_CLAIM, columns=_COLUMNS, brought=_now, bumps=bumps)
    if not found:
        return None
    *values, now = found[0]
    operation = Operation.from_db(connection.alias, _COLUMNS, values)
    (campaign,) = fetch_objects(_campaign, campaign_id=operation.campaign_id)
    operation.campaign = campaign
    return ClaimedOperation(operation, now=now, calls_limit=campaign.calls_limit)  # type: ignore[attr-defined]


def _now() -> tuple[Combinable, ...]:
    return (Now(),)


def _campaign(campaign_id: str) -> QuerySet[Campaign, Any]:
    """With `calls_limit`, its own or the policy's."""
    usual = Policy.objects.filter(pk=1).values("max_active_calls")
    return Campaign.objects.filter(pk=campaign_id).annotate(calls_limit=Coalesce("max_active_calls", Subquery(usual)))

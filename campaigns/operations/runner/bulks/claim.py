"""Who works on a bulk: a lease and a fence as for an operation, and the leases of those that it is sending."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, QuerySet, When
from django.db.models.functions import Coalesce, Now

from campaigns.models import Bulk, Operation, PauseSlot
from campaigns.operations.runner.claim import LEASE, STALLED_SECONDS, Renewing
from campaigns.queueing import leases, wakeups
from campaigns.states import State, WaitingFor

# Which campaigns it has is up to 200 kB, and is needed only while its operations are made.
LARGE = ("campaign_ids", "selection")


class ClaimedBulk(Renewing):
    """A bulk that this worker has claimed; every write goes through `write`, which the fence guards."""

    def __init__(self, bulk: Bulk) -> None:
        self.bulk = bulk
        self._sending: Sequence[UUID] = ()
        self._progress_at = monotonic()

    def __str__(self) -> str:
        return f"bulk {self.bulk.pk}"

    def write(self, **changes: Any) -> None:
        """Update the row. LeaseLost: nothing was written."""
        leases.write_fenced(self._mine(), self.bulk.fence, **changes)
        self._progress_at = monotonic()

    def hold(self) -> None:
        """Extend the lease. LeaseLost: another worker has it."""
        self.write(lease_until=Now() + LEASE)

    def may_begin(self) -> bool:
        """In the transaction that begins operations. False: somebody cancelled the bulk. LeaseLost as in `write`."""
        # The row stays locked until the commit: whoever cancels it then knows that nothing more begins.
        uncancelled = self._mine().filter(fence=self.bulk.fence, cancelled_at=None)
        if uncancelled.update(lease_until=Now() + LEASE):
            self._progress_at = monotonic()
            return True
        self.hold()
        self.bulk.refresh_from_db(fields=["cancelled_at", "cancelled_by"])
        return False

    def release(self, waiting_for: WaitingFor, seconds: float, **changes: Any) -> None:
        """Let it go; it is due again in `seconds`. At once: whoever waits for a worker meanwhile comes first."""
        at_once = seconds == 0
        due_at = Now() + timedelta(seconds=seconds)
        # Whoever cancels it while it is held finds nobody free to see to that.
        unless_cancelled = Case(When(cancelled_at=self.bulk.cancelled_at, then=due_at), default=Now())
        with transaction.atomic():
            self.write(
                lease_until=None,
                waiting_for=waiting_for,
                next_attempt_at=unless_cancelled,
                enqueued_at=Now() if at_once else None,
                **changes,
            )
            if at_once:
                transaction.on_commit(partial(wakeups.enqueue_bulk, self.bulk.pk))

    def is_stalled(self) -> bool:
        return monotonic() - self._progress_at > STALLED_SECONDS

    def sending(self, operations: Sequence[Operation]) -> None:
        """The leases of these are renewed along with the bulk's, until others are being sent."""
        self._sending = [operation.pk for operation in operations]

    def renew(self) -> bool:
        if not self._mine().filter(fence=self.bulk.fence, lease_until__isnull=False).update(lease_until=Now() + LEASE):
            return False
        sending = self._sending
        if sending:
            held = Operation.objects.filter(pk__in=sending, state=State.RUNNING, lease_until__isnull=False)
            held.update(lease_until=Now() + LEASE)
            PauseSlot.objects.filter(operation_id__in=sending).update(held_until=Now() + LEASE)
        return True

    def _mine(self) -> QuerySet[Bulk]:
        return Bulk.objects.filter(pk=self.bulk.pk, ended_at=None)


def claim_bulk(bulk_id: UUID) -> ClaimedBulk | None:
    """Claim a bulk that is due. None: it isn't, somebody has it, or it has ended."""
    due = Bulk.objects.filter(pk=bulk_id, pending=False, ended_at=None, next_attempt_at__lte=Now())
    if not leases.claim_row(due, LEASE, started_at=Coalesce("started_at", Now())):
        return None
    return ClaimedBulk(Bulk.objects.defer(*LARGE).get(pk=bulk_id))


def wake(*reasons: WaitingFor) -> None:
    """Have the bulks go on that wait for one of these: it has happened."""
    waiting = Bulk.objects.filter(pending=False, ended_at=None, lease_until=None, waiting_for__in=reasons)
    for key in waiting.order_by("-override", "requested_at").values_list("pk", flat=True):
        if waiting.filter(pk=key).update(next_attempt_at=Now(), enqueued_at=Now()):
            wakeups.enqueue_bulk(key)

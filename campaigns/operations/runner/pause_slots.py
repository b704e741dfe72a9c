"""Pause slots: as many pauses may be carried out at once. A pause holds one from before its PUT until the outcome."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models import Operation, PauseSlot
from campaigns.operations.runner.claim import LEASE
from campaigns.queueing import wakeups
from campaigns.queueing.rows import takeable
from campaigns.states import State, WaitingFor


def take(operation: Operation, limit: int) -> bool:
    """Hold a slot for `operation`: the one that it has, or a free one. False: all `limit` are taken."""
    with transaction.atomic():
        _create_missing(limit)
        # A worker that died keeps its slot only until its lease has run out.
        usable = Q(operation_id=None) | Q(operation_id=operation.pk) | Q(held_until__lte=Now())
        slots = list(takeable(PauseSlot.objects.filter(usable, number__lte=limit)).order_by("number"))
        if not slots:
            return False
        # With a second slot, it would keep another pause out.
        own = [slot for slot in slots if slot.operation_id == operation.pk]
        slot = (own or slots)[0]
        PauseSlot.objects.filter(pk=slot.pk).update(operation_id=operation.pk, held_until=Now() + LEASE)
        return True


def hold(operation: Operation, seconds: float = 0) -> None:
    """Keep the slot for as long as the operation waits, and the lease of the worker after that."""
    until = Now() + timedelta(seconds=seconds) + LEASE
    PauseSlot.objects.filter(operation_id=operation.pk).update(held_until=until)


def release(operation: Operation) -> None:
    """Free the slot and wake the pause that has waited longest. Inside the transaction that ends the need for it."""
    freed = PauseSlot.objects.filter(operation_id=operation.pk).update(operation_id=None, held_until=None)
    if not freed:
        return
    # A pause that has sent something waits because CXone refused it: woken at once, it would use up its tries within
    # seconds. One that is due already, or that a worker has, needs no wake-up.
    waiting = Operation.objects.filter(
        state=State.WAITING,
        waiting_for=WaitingFor.PAUSE_SLOT,
        attempts=None,
        lease_until=None,
        next_attempt_at__gt=Now(),
    )
    longest = waiting.order_by("requested_at").values_list("pk", flat=True).first()
    if longest is None:
        return
    # It may have been cancelled since that look.
    if Operation.objects.filter(pk=longest, state=State.WAITING).update(next_attempt_at=Now()):
        transaction.on_commit(partial(wakeups.enqueue_operation, longest))


def _create_missing(limit: int) -> None:
    """Make the rows up to `limit`, which an admin may have raised."""
    if PauseSlot.objects.filter(number__lte=limit).count() < limit:
        # Another worker may be doing the same.
        slots = [PauseSlot(number=number) for number in range(1, limit + 1)]
        PauseSlot.objects.bulk_create(slots, ignore_conflicts=True)

"""The places of concurrent pauses: one is held from before the PUT until its outcome is known."""

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
    """A place for `operation`, the one that it has, or a free one. A dead owner's falls free with its lease."""
    with transaction.atomic():
        _complete(limit)
        free = Q(operation_id=None) | Q(operation_id=operation.pk) | Q(held_until__lte=Now())
        places = takeable(PauseSlot.objects.filter(free, number__lte=limit)).order_by("number")
        mine = sorted(places, key=lambda place: place.operation_id != operation.pk)
        if not mine:
            return False
        PauseSlot.objects.filter(pk=mine[0].pk).update(operation_id=operation.pk, held_until=Now() + LEASE)
        return True


def hold(operation: Operation, seconds: float = 0) -> None:
    """Keep the place while the operation waits to learn an unknown outcome."""
    until = Now() + timedelta(seconds=seconds) + LEASE
    PauseSlot.objects.filter(operation_id=operation.pk).update(held_until=until)


def release(operation: Operation) -> None:
    """Free the place, and wake the one that has waited longest for it. Inside the transaction that ends its need."""
    if not PauseSlot.objects.filter(operation_id=operation.pk).update(operation_id=None, held_until=None):
        return
    # One that has sent something waits because CXone said so: woken at once, it would spend its tries in seconds.
    queued = Operation.objects.filter(state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT, sent_at=None)
    waiting = queued.filter(lease_until=None, next_attempt_at__gt=Now())
    following = waiting.order_by("requested_at").values_list("pk", flat=True).first()
    if following and Operation.objects.filter(pk=following, state=State.WAITING).update(next_attempt_at=Now()):
        transaction.on_commit(partial(wakeups.enqueue_operation, following))


def _complete(limit: int) -> None:
    if PauseSlot.objects.filter(number__lte=limit).count() < limit:
        PauseSlot.objects.bulk_create(
            [PauseSlot(number=number) for number in range(1, limit + 1)], ignore_conflicts=True
        )

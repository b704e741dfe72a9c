"""Pause slots: as many pauses may be carried out at once. A pause holds one from before its PUT until the outcome.

A slot that becomes free is handed to the pause that is first in turn, in the transaction that frees it: those that
override the calls check come first, then people's, then those of bulks. What nobody waits for is free to be taken.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Now

from campaigns.models import Bulk, Operation, PauseSlot, Policy
from campaigns.operations.runner.claim import LEASE
from campaigns.queueing import wakeups
from campaigns.queueing.rows import takeable
from campaigns.states import State, WaitingFor

# More that wait are looked at than there are slots, for some may not take theirs now.
PASSED_OVER = 5


def take(operation: Operation, limit: int) -> bool:
    """Hold a slot for `operation`: the one that it has, or a free one. False: all `limit` are taken."""
    with transaction.atomic():
        create_missing(limit)
        slots = _usable(limit, operation.pk)
        if not slots:
            return False
        # With a second slot, it would keep another pause out.
        own = [slot for slot in slots if slot.operation_id == operation.pk]
        slot = (own or slots)[0]
        _hand_to(operation.pk, slot.number)
        return True


def take_unclaimed(limit: int, most: int, freed: Collection[int] = ()) -> list[int]:
    """Lock up to `most` free slots for a bulk, and return their numbers. Inside the transaction that holds them.

    `freed`: those that the bulk itself has just freed, when nobody waited for them. Any other free one that somebody
    waits for, as after the death of its holder, is handed on instead. `create_missing` comes before it, once for many.
    """
    numbers = [slot.number for slot in _usable(limit)]
    others = [number for number in numbers if number not in freed]
    rest = _hand_on(others) if others else []
    return sorted({*freed, *rest}.intersection(numbers))[:most]


def hold_taken(numbers: Sequence[int], operations: Sequence[Operation]) -> None:
    """Hold the slots of `take_unclaimed`, one for each operation."""
    for number, operation in zip(numbers, operations, strict=False):
        _hand_to(operation.pk, number)


def hold(operation: Operation, seconds: float = 0) -> None:
    """Keep the slot for as long as the operation waits, and the lease of the worker after that."""
    until = Now() + timedelta(seconds=seconds) + LEASE
    PauseSlot.objects.filter(operation_id=operation.pk).update(held_until=until)


def release(operation: Operation) -> None:
    """Hand on the slot of the operation, if it has one. Inside the transaction that ends the need for it."""
    if release_many([operation]):
        _wake_bulk()


def release_many(operations: Sequence[Operation]) -> list[int]:
    """As `release`, but no bulk is woken. Returns the slots that nobody waits for."""
    held = PauseSlot.objects.filter(operation_id__in=[operation.pk for operation in operations])
    numbers = list(held.order_by("number").values_list("number", flat=True))
    rest = _hand_on(numbers) if numbers else []
    if rest:
        PauseSlot.objects.filter(number__in=rest).update(operation_id=None, held_until=None)
    return rest


def _usable(limit: int, owner: UUID | None = None) -> list[PauseSlot]:
    """Free slots, locked: nobody's, those of `owner`, and those of workers that died, once their lease has run out."""
    usable = Q(operation_id=None) | Q(held_until__lte=Now())
    if owner:
        usable |= Q(operation_id=owner)
    return list(takeable(PauseSlot.objects.filter(usable, number__lte=limit)).order_by("number"))


def _hand_on(numbers: list[int]) -> list[int]:
    """Give these slots to those that wait, in turn. Returns the numbers that nobody waits for."""
    rest = list(numbers)
    for waiting in _in_turn()[: len(numbers) + PASSED_OVER]:
        # An admin may have lowered the limit since the slot was taken.
        if not rest or rest[0] > Policy.current().max_concurrent_pauses:
            break
        # A worker may have claimed it since that look, or somebody cancelled it. One that another process writes just
        # now is passed over: that one may wait for what this one holds.
        still = Operation.objects.filter(pk=waiting, state=State.WAITING, lease_until=None)
        if takeable(still).exists() and still.update(next_attempt_at=Now()):
            _hand_to(waiting, rest.pop(0))
            transaction.on_commit(partial(wakeups.enqueue_operation, waiting))
    return rest


def _in_turn() -> QuerySet[Operation, UUID]:
    """The pauses that wait for a slot and that no worker has, by their turn."""
    # A pause that has sent something waits because CXone refused it: woken at once, it would use up its tries
    # within seconds.
    waiting = Operation.objects.filter(
        state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT, attempts=None, lease_until=None
    )
    # One that holds a slot already needs no second one.
    holders = PauseSlot.objects.filter(operation_id__isnull=False, held_until__gt=Now()).values("operation_id")
    people_first = Case(When(bulk=None, then=Value(0)), default=Value(1))
    return (
        waiting.exclude(pk__in=holders)
        .order_by("-override", people_first, "requested_at")
        .values_list("pk", flat=True)
    )


def _hand_to(operation_id: UUID, number: int) -> None:
    PauseSlot.objects.filter(pk=number).update(operation_id=operation_id, held_until=Now() + LEASE)


def _wake_bulk() -> None:
    """No single pause waits for a slot; the first bulk that does goes on."""
    waiting = Bulk.objects.filter(ended_at=None, waiting_for=WaitingFor.PAUSE_SLOT, lease_until=None)
    first = waiting.order_by("-override", "requested_at").values_list("pk", flat=True).first()
    if first and Bulk.objects.filter(pk=first, lease_until=None).update(next_attempt_at=Now(), enqueued_at=Now()):
        transaction.on_commit(partial(wakeups.enqueue_bulk, first))


def create_missing(limit: int) -> None:
    """Make the rows up to `limit`, which an admin may have raised."""
    if PauseSlot.objects.filter(number__lte=limit).count() < limit:
        # Another worker may be doing the same.
        slots = [PauseSlot(number=number) for number in range(1, limit + 1)]
        PauseSlot.objects.bulk_create(slots, ignore_conflicts=True)

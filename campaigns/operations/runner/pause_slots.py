"""Pause slots: as many pauses may be carried out at once. A pause holds one from before its PUT until the outcome.

A slot that becomes free is handed to the pause that is first in turn, in the transaction that frees it: those that
override the calls check come first, then people's, then those of bulks. What nobody waits for is free to be taken.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Now

from campaigns.models import Attempt, Bulk, Operation, PauseSlot, Policy
from campaigns.operations.gathering import is_gathered
from campaigns.operations.runner.claim import LEASE
from campaigns.prepared import update_rows
from campaigns.queueing import wakeups
from campaigns.queueing.rows import fetch_all, sql_of, takeable
from campaigns.states import State, WaitingFor


@dataclass(frozen=True, slots=True)
class _Rest:
    """Slots that no single pause waits for. `is_for_gathered`: gathered ones come next."""

    numbers: list[int]
    is_for_gathered: bool = False


# More that wait are looked at than there are slots, for some may not take theirs now.
PASSED_OVER = 5


def take(operation: Operation) -> int:
    """Hold a slot for `operation`: the one that it has, or a free one. Returns how many there are by the policy, or 0
    if all of them are taken."""
    if limit := _take(operation.pk):
        return limit
    # An admin may have allowed more.
    return _take(operation.pk) if create_missing(Policy.current().max_concurrent_pauses) else 0


def _take(operation_id: UUID) -> int:
    key = PauseSlot._meta.get_field("operation_id").get_db_prep_value(operation_id, connection)
    (now, of_now), (until, of_until) = sql_of(Now()), sql_of(Now() + LEASE)
    lock = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    # Those of workers that died are free, too, once their lease has run out. Its own comes first: with a second slot,
    # it would keep another pause out. MATERIALIZED: as for the budget's slots.
    sql = f"""
        WITH usable AS MATERIALIZED (
            SELECT number FROM campaigns_place
            WHERE (operation_id IS NULL OR operation_id = %s OR held_until <= {now})
            AND number <= (SELECT max_concurrent_pauses FROM campaigns_policy WHERE id = 1)
            ORDER BY CASE WHEN operation_id = %s THEN 0 ELSE 1 END, number LIMIT 1 {lock}
        )
        UPDATE campaigns_place SET operation_id = %s, held_until = {until}
        WHERE number IN (SELECT number FROM usable)
        RETURNING (SELECT max_concurrent_pauses FROM campaigns_policy WHERE id = 1)
        """  # noqa: S608
    taken = fetch_all(sql, (key, *of_now, key, key, *of_until))
    return int(taken[0][0]) if taken else 0


def take_unclaimed(limit: int, most: int, freed: Collection[int] = ()) -> list[int]:
    """Lock up to `most` free slots for a bulk, and return their numbers. Inside the transaction that holds them.

    `freed`: those that the bulk itself has just freed, when nobody waited for them. Any other free one that somebody
    waits for, as after the death of its holder, is handed on instead. `create_missing` comes before it, once for many.
    """
    numbers = [slot.number for slot in _usable(limit)]
    others = [number for number in numbers if number not in freed]
    rest = _hand_on(others).numbers if others else []
    return sorted({*freed, *rest}.intersection(numbers))[:most]


def is_one_free(limit: int) -> bool:
    """Whether it is worth looking for a slot."""
    held = PauseSlot.objects.filter(operation_id__isnull=False, held_until__gt=Now(), number__lte=limit)
    return held.count() < limit


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
    if _release_unwanted(operation):
        return
    rest = _free([operation])
    if rest.is_for_gathered:
        transaction.on_commit(wakeups.enqueue_gathered)
    elif rest.numbers:
        _wake_bulk()


def _release_unwanted(operation: Operation) -> bool:
    """Free its slot if nobody waits for one."""
    free = {"operation_id": None, "held_until": None}
    return bool(update_rows(_held_unwanted, where={"operation_id": operation.pk}, changes=free))


def _held_unwanted(operation_id: UUID) -> QuerySet[PauseSlot]:
    wanted = Exists(_waiting()) | Exists(_waiting_bulks())
    return PauseSlot.objects.filter(~wanted, operation_id=operation_id)


def release_ended(operation_id: UUID) -> None:
    """Hand on the slot of an operation that somebody cancelled just before its worker took one."""
    ended = Operation.objects.filter(pk=operation_id, ended_at__isnull=False).first()
    if ended is not None:
        with transaction.atomic():
            release(ended)


def release_many(operations: Sequence[Operation]) -> list[int]:
    """As `release`, but nobody is woken who sends many. Returns the slots that no single pause waits for."""
    return _free(operations).numbers


def hand_on_free() -> None:
    """Give slots to single pauses that wait although some are free: their wake-up was lost, or a holder has died."""
    if not Operation.objects.filter(is_in_turn()).exists():
        return
    with transaction.atomic():
        limit = Policy.current().max_concurrent_pauses
        create_missing(limit)
        numbers = [slot.number for slot in _usable(limit)]
        if numbers:
            _hand_on(numbers)


def _free(operations: Sequence[Operation]) -> _Rest:
    held = PauseSlot.objects.filter(operation_id__in=[operation.pk for operation in operations])
    numbers = list(held.order_by("number").values_list("number", flat=True))
    rest = _hand_on(numbers) if numbers else _Rest([])
    if rest.numbers:
        PauseSlot.objects.filter(number__in=rest.numbers).update(operation_id=None, held_until=None)
    return rest


def _usable(limit: int) -> list[PauseSlot]:
    """Free slots, locked: nobody's, and those of workers that died, once their lease has run out."""
    usable = Q(operation_id=None) | Q(held_until__lte=Now())
    return list(takeable(PauseSlot.objects.filter(usable, number__lte=limit)).order_by("number"))


def _hand_on(numbers: list[int]) -> _Rest:
    """Give these slots to the single pauses that wait, in turn."""
    rest, is_for_gathered = list(numbers), False
    for waiting, waiting_for in _in_turn()[: len(numbers) + PASSED_OVER]:
        # An admin may have lowered the limit since the slot was taken.
        if not rest or rest[0] > Policy.current().max_concurrent_pauses:
            break
        if waiting_for == WaitingFor.TOGETHER:
            # Those who send many take their slots themselves.
            is_for_gathered = True
            break
        # A worker may have claimed it since that look, or somebody cancelled it. One that another process writes just
        # now is passed over: that one may wait for what this one holds.
        still = Operation.objects.filter(pk=waiting, state=State.WAITING, lease_until=None)
        if takeable(still).exists() and still.update(next_attempt_at=Now(), enqueued_at=Now()):
            _hand_to(waiting, rest.pop(0))
            transaction.on_commit(partial(wakeups.enqueue_operation, waiting))
    return _Rest(rest, is_for_gathered)


def is_in_turn() -> Q:
    """Pauses that wait for a slot and that no worker has: whoever frees one, or finds one free, hands it to them."""
    # A pause that has sent something waits because CXone refused it: woken at once, it would use up its tries
    # within seconds.
    single = Q(state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT) & ~Exists(_attempts())
    # One that holds a slot already needs no second one.
    return single & Q(lease_until=None) & ~Q(pk__in=_holders())


def _in_turn() -> QuerySet[Operation, tuple[UUID, str]]:
    """The pauses that wait for a slot, by their turn, and what for."""
    turn = Case(When(bulk__isnull=False, then=2), When(waiting_for=WaitingFor.TOGETHER, then=1), default=0)
    return _waiting().order_by("-override", turn, "requested_at").values_list("pk", "waiting_for")


def _waiting() -> QuerySet[Operation]:
    gathered = is_gathered() & Q(lease_until=None, next_attempt_at__lte=Now())
    return Operation.objects.filter(is_in_turn() | gathered)


def _attempts() -> QuerySet[Attempt]:
    return Attempt.objects.filter(operation=OuterRef("pk"))


def _holders() -> QuerySet[PauseSlot, Any]:
    return PauseSlot.objects.filter(operation_id__isnull=False, held_until__gt=Now()).values("operation_id")


def _hand_to(operation_id: UUID, number: int) -> None:
    PauseSlot.objects.filter(pk=number).update(operation_id=operation_id, held_until=Now() + LEASE)


def _wake_bulk() -> None:
    """No single pause waits for a slot; the first bulk that does goes on."""
    first = _waiting_bulks().order_by("-override", "requested_at").values_list("pk", flat=True).first()
    if first and Bulk.objects.filter(pk=first, lease_until=None).update(next_attempt_at=Now(), enqueued_at=Now()):
        transaction.on_commit(partial(wakeups.enqueue_bulk, first))


def _waiting_bulks() -> QuerySet[Bulk]:
    return Bulk.objects.filter(ended_at=None, waiting_for=WaitingFor.PAUSE_SLOT, lease_until=None)


def create_missing(limit: int) -> bool:
    """Make the rows up to `limit`, which an admin may have raised. False: there are so many."""
    if PauseSlot.objects.filter(number__lte=limit).count() >= limit:
        return False
    # Another worker may be doing the same.
    slots = [PauseSlot(number=number) for number in range(1, limit + 1)]
    PauseSlot.objects.bulk_create(slots, ignore_conflicts=True)
    return True

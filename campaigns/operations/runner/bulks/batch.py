"""One batch of a bulk: which operations come next, and the transaction that begins them."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction

from campaigns.models import Bulk, Operation, OperationKind
from campaigns.operations.runner import pause_slots, together
from campaigns.operations.runner.bulks.claim import ClaimedBulk
from campaigns.operations.runner.bulks.fate import Fate, Situation, find_fate
from campaigns.operations.runner.together import BatchedChange, Sorted, open_in_thread
from campaigns.policy.holds import lock_on_hold, refusal_of
from campaigns.queueing.request_budget import GrantedRequests
from campaigns.states import State, WaitingFor

# How many more operations than can be sent are looked at for a batch. Where most of them need no request, the look
# goes further.
LOOK_AT = 5
LOOK_FURTHER = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """`requests`: to be sent now; `others`: how many operations ended, or were left to single workers, without one.
    `is_last`: no operation is left that hasn't begun, or somebody cancelled them."""

    requests: list[BatchedChange] = field(default_factory=list)
    others: int = 0
    is_last: bool = False


def begin_batch(
    claimed: ClaimedBulk,
    situation: Situation,
    granted: GrantedRequests,
    *,
    most: int,
    look_at: int,
    is_first: bool,
    freed: Collection[int],
) -> Batch:
    """Begin up to `most` operations of the bulk, and end those that need no request. All of it is on record then.

    `look_at`: how many more are looked at; `is_first`: the first batch of a slice, which begins with those that had to
    wait for their turn; `freed`: the pause slots that the batch before left to nobody. LeaseLost: another worker has
    the bulk; nothing was begun.
    """
    pauses = claimed.bulk.kind == OperationKind.PAUSE
    limit = situation.policy.max_concurrent_pauses if pauses else None
    with transaction.atomic():
        if not claimed.may_begin():
            return Batch(is_last=True)
        slots = pause_slots.take_unclaimed(limit, most, freed) if limit else list(range(most))
        operations = _next_operations(claimed.bulk, len(slots) + look_at, is_first)
        if not operations:
            return Batch(is_last=True)
        on_hold = set() if pauses else lock_on_hold([operation.campaign_id for operation in operations])
        found = _sort_out(operations, situation, len(slots), on_hold)
        requests = together.begin(found, lambda _: open_in_thread(granted), slots, limit, situation.at)
    claimed.sending(found.to_send)
    return Batch(requests, len(found.ended) + len(found.left))


def _next_operations(bulk: Bulk, most: int, is_first: bool) -> list[Operation]:
    """The next of the bulk that haven't begun, in its order, locked. `is_first`: those first that had to wait."""
    unlocked = Operation.objects.select_for_update(skip_locked=True, of=("self",)).filter(bulk=bulk)
    # Schedules are most of a campaign's row, and no part of this.
    unbegun = unlocked.select_related("campaign").defer("campaign__schedule").order_by("next_attempt_at")
    operations: list[Operation] = []
    if is_first:
        operations += unbegun.filter(state=State.WAITING, waiting_for=WaitingFor.TURN)[:most]
    operations += unbegun.filter(state=State.QUEUED)[: most - len(operations)]
    return operations


def _sort_out(operations: list[Operation], situation: Situation, places: int, on_hold: Collection[str]) -> Sorted:
    found = Sorted()
    for operation in operations:
        if operation.campaign_id in on_hold:
            fate = Fate(State.REJECTED, refusal_of(operation.campaign_id).sentence)
        else:
            fate = find_fate(operation, situation)
        if fate.state != State.RUNNING or len(found.to_send) < places:
            found.put(operation, fate.state, fate.error)
    return found

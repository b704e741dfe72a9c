"""Gathered pauses: read, begun and sent together, a few at a time, in slices of a worker's time as a bulk is.

Each is as safe as one that is sent alone after it has queued for its slot: its campaign is read, with its version, at
most some seconds before the PUT, and so are the calls of all. Whatever isn't plain goes on as a single operation.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from campaigns.cxone import deadline
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import BudgetSpent, CXoneError
from campaigns.cxone.gateway import Gateway, Version
from campaigns.models import Bulk, Operation, OperationKind, PauseSlot, Policy, SyncState
from campaigns.operations.gathering import is_gathered
from campaigns.operations.runner import calls, pause_slots, slices, together
from campaigns.operations.runner.bulks.claim import wake
from campaigns.operations.runner.bulks.fate import READ_FIRST, Fate, Situation, fate_by_calls
from campaigns.operations.runner.bulks.reading import ask_for_read
from campaigns.operations.runner.claim import LEASE, STALLED_SECONDS, Renewing, is_left_to_its_bulk
from campaigns.operations.runner.execution import at_once
from campaigns.operations.runner.goal import is_as_asked
from campaigns.operations.runner.together import BatchedChange, Sorted
from campaigns.queueing import wakeups
from campaigns.queueing.circuit_breaker import SharedBreaker, tell_breaker
from campaigns.queueing.leases import is_free, is_held
from campaigns.queueing.request_budget import GrantedRequests
from campaigns.queueing.rows import database_now, takeable, with_campaigns
from campaigns.states import State, WaitingFor
from campaigns.tenancy import open_own_gateway, require_own_tenant

log = logging.getLogger(__name__)

# How old a count may be when a PUT goes out by it.
count_lasts = calls.longest_age
# So many more than there are slots are read side by side.
READ_AHEAD = 5
# All wait for the slowest answer. What takes longer goes on alone, with the time that a single exchange has.
READ_SECONDS = 5.0
# What was read longer ago than this is read again: a person may have changed it.
FRESH_SECONDS = 8.0
# When CXone took none of those that were sent. They go on alone; the others try a little later.
FAILED_SECONDS = 1.0
# While they are read; renewals come every 10 s. Until a dead worker's leases run out, nobody goes on with the others.
# Nothing is on its way yet, so a lease that runs out too early costs a read.
READ_LEASE = timedelta(seconds=15)
# While a bulk goes first that overrides the calls check.
STOP_SECONDS = 2.0
# What is sent meanwhile is confirmed by the same read of all campaigns.
READ_WITHIN_SECONDS = 2.0


class _TooSlow(Exception):
    """A campaign wasn't read in READ_SECONDS. That CXone doesn't answer is for a single worker to find out."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One whose campaign has just been read: `seen`, or why it couldn't be. `fence`: under which it is claimed;
    `gateway` made that request."""

    operation: Operation
    fence: int
    gateway: Gateway
    seen: Version | Exception


class _Slice(Renewing):
    """What one slice of work goes by. `reading`: those that this worker has claimed and is reading; `ready`: has read;
    `good_until`: until when what was read and counted will do (by the monotonic clock); `freed`: the pause slots that
    the last ones left to nobody; `wait`: how many seconds nothing can be done; `lacks_slot`: all slots are taken."""

    def __init__(self) -> None:
        self.granted = GrantedRequests(Lane.BULK)
        self.reading: list[Operation] = []
        self.ready: list[_Read] = []
        self.sending: list[Operation] = []
        self.good_until = monotonic()
        self.freed: list[int] = []
        self.wait = 0.0
        self.lacks_slot = False
        self.has_sent = False
        self._progress_at = monotonic()

    def __str__(self) -> str:
        return "gathered pauses"

    def note_progress(self) -> None:
        self._progress_at = monotonic()

    def is_stalled(self) -> bool:
        return monotonic() - self._progress_at > STALLED_SECONDS

    def renew(self) -> bool:
        held = [(each.pk, each.fence, READ_LEASE) for each in self.reading]
        held += [(read.operation.pk, read.fence, READ_LEASE) for read in self.ready]
        held += [(each.pk, each.fence, LEASE) for each in self.sending]
        for key, fence, lease in held:
            mine = Operation.objects.filter(pk=key, fence=fence, lease_until__isnull=False)
            mine.update(lease_until=Now() + lease)
        PauseSlot.objects.filter(operation_id__in=[each.pk for each in self.sending]).update(held_until=Now() + LEASE)
        return True


def advance_gathered() -> bool:
    """Work on them for a slice of time. False: there are none, or another worker has them."""
    gathered = Operation.objects.filter(is_gathered())
    if gathered.filter(is_held()).exists() or not gathered.filter(next_attempt_at__lte=Now()).exists():
        return False
    require_own_tenant()
    work = _Slice()
    with work.renewing():
        try:
            _work_for_a_while(work)
        except BudgetSpent as error:
            work.wait = error.wait_ms / 1000
        except Exception:
            log.exception("Gathered pauses were interrupted by a fault in this system; they go on one by one.")
            _go_on_alone(work)
        finally:
            work.granted.settle()
            _let_go(work)
    _go_on(work)
    return True


def _work_for_a_while(work: _Slice) -> None:
    end, situation = monotonic() + slices.SLICE_SECONDS, None
    while work.ready or (monotonic() < end and not work.wait):
        if not work.ready:
            policy = Policy.current()
            work.lacks_slot = not pause_slots.is_one_free(policy.max_concurrent_pauses)
            situation = None if work.lacks_slot else _read_some(work, policy)
        if situation is None:
            return
        _send_some(work, situation)
        work.note_progress()
        if work.lacks_slot or monotonic() > work.good_until:
            _let_go(work)


def _go_on(work: _Slice) -> None:
    """Have somebody take up what is left; after the last one, have all campaigns read, which confirms them."""
    if work.wait:
        _set_rest(next_attempt_at=Now() + timedelta(seconds=work.wait), enqueued_at=None)
    elif _set_rest(enqueued_at=Now()):
        # Whoever waits for a worker meanwhile comes first. Whoever frees a slot wakes them; it may just be free again.
        if not work.lacks_slot or pause_slots.is_one_free(Policy.current().max_concurrent_pauses):
            _enqueue()
        return
    if work.has_sent:
        ask_for_read(database_now(), READ_WITHIN_SECONDS)
    wake(WaitingFor.TURN)


def _enqueue() -> None:
    if not wakeups.enqueue_gathered():
        _set_rest(enqueued_at=None)


def _set_rest(**changes: Any) -> int:
    """Change those that nobody works on. Returns how many there are."""
    rest = Operation.objects.filter(is_gathered(), lease_until=None)
    # Locked first, without waiting for any: two that update many rows could wait for each other's.
    with transaction.atomic():
        keys = list(takeable(rest).values_list("pk", flat=True))
        return Operation.objects.filter(pk__in=keys).update(**changes)


def _read_some(work: _Slice, policy: Policy) -> Situation | None:
    """Claim the next ones, and read their campaigns side by side. None: nobody is left. BudgetSpent: as it says."""
    # More than there are slots, since each look costs statements; not many more, since a click may take the slots.
    wanted = 2 * min(together.MOST_AT_ONCE, policy.max_concurrent_pauses + READ_AHEAD)
    most = work.granted.have_ready(wanted) // 2
    if not most:
        raise BudgetSpent(wait_ms=max(work.granted.milliseconds_to_wait(wanted), 1000))
    operations = _claim_next(most)
    if not operations:
        work.wait = STOP_SECONDS if _stop_goes_first() else 0.0
        return None
    work.reading, began = operations, monotonic()
    gateways = [together.open_in_thread(work.granted) for _ in operations]
    seen = together.side_by_side(_read_version, list(zip(gateways, operations, strict=True)))
    tell_breaker(seen)
    fences = [operation.fence for operation in operations]
    work.ready, work.reading = list(map(_Read, operations, fences, gateways, seen)), []
    work.good_until = began + FRESH_SECONDS
    if any(isinstance(each, CXoneError) and together.is_for_all(each) for each in seen):
        work.granted.settle()
        raise BudgetSpent(wait_ms=max(work.granted.milliseconds_closed(), 1000))
    return _situation(work, policy)


def _claim_next(most: int) -> list[Operation]:
    with transaction.atomic():
        first = list(_in_turn()[:most])
        operations = with_campaigns(takeable(Operation.objects.filter(is_gathered(), is_free(), pk__in=first)))
        Operation.objects.filter(pk__in=[each.pk for each in operations]).update(
            fence=F("fence") + 1, lease_until=Now() + READ_LEASE
        )
    for operation in operations:
        operation.fence += 1
    return sorted(operations, key=lambda each: first.index(each.pk))


def _in_turn() -> QuerySet[Operation, UUID]:
    """Those that override the calls check first; then one of each person after the other."""
    gathered = Operation.objects.filter(is_gathered(), is_free(), next_attempt_at__lte=Now())
    if _stop_goes_first():
        gathered = gathered.filter(override=True)
    turn = Window(RowNumber(), partition_by=["by"], order_by=["requested_at", "pk"])
    return gathered.annotate(turn=turn).order_by("-override", "turn", "requested_at").values_list("pk", flat=True)


def _read_version(asked: tuple[Gateway, Operation]) -> Version | Exception:
    gateway, operation = asked
    began = monotonic()
    try:
        with deadline.at_most(READ_SECONDS):
            return gateway.read_version(operation.campaign_id)
    except CXoneError as error:
        return _TooSlow() if monotonic() - began >= READ_SECONDS else error
    except Exception as error:
        log.exception("Operation %s was interrupted by a fault in this system.", operation.pk)
        return error


def _situation(work: _Slice, policy: Policy) -> Situation:
    gateway, count = open_own_gateway(Lane.BULK, work.granted, SharedBreaker()), None
    try:
        # Without it each goes on alone, and is counted by itself.
        count = slices.count_for_slice(gateway, work.granted)
    except BudgetSpent:
        raise
    except CXoneError as error:
        log.warning("Gathered pauses go on without a count of calls: %s", error)
    pause_slots.create_missing(policy.max_concurrent_pauses)
    now = database_now()
    if count:
        work.good_until = min(work.good_until, monotonic() + (count.at + count_lasts() - now).total_seconds())
    return Situation(policy, at_once(gateway, now), is_fresh=False, count=count)


def _send_some(work: _Slice, situation: Situation) -> None:
    """Send as many as there are free slots. BudgetSpent: as it says."""
    most = work.granted.have_ready(min(len(work.ready), together.MOST_AT_ONCE))
    if not most:
        raise BudgetSpent(wait_ms=max(work.granted.milliseconds_to_wait(together.MOST_AT_ONCE), 1000))
    requests = _begin(work, situation, most)
    if not requests:
        return
    result = together.carry_out_batch(requests, work.granted)
    work.freed, work.sending, work.has_sent = result.freed, [], True
    if result.milliseconds_closed:
        raise BudgetSpent(wait_ms=result.milliseconds_closed)
    if result.is_failing:
        work.wait = FAILED_SECONDS
        _let_go(work)


def _begin(work: _Slice, situation: Situation, most: int) -> list[BatchedChange]:
    limit = situation.policy.max_concurrent_pauses
    with transaction.atomic():
        slots = pause_slots.take_unclaimed(limit, most, work.freed)
        work.lacks_slot = not slots
        if not slots:
            return []
        ours = _still_ours(work.ready)
        found, rest = Sorted(), []
        for read in ours:
            fate = _fate(read, situation)
            if fate.state == State.RUNNING and len(found.to_send) == len(slots):
                rest.append(read)
            else:
                found.put(read.operation, fate.state, fate.error)
        gateways = {read.operation.pk: read.gateway for read in work.ready}
        requests = together.begin(found, lambda each: gateways[each.pk], slots, limit, situation.at)
    others = [read for read in work.ready if read not in ours]
    work.ready, work.sending = rest, found.to_send
    # Mostly cancelled. But one that somebody has only locked, as to see what is in progress, would keep its lease.
    _release(others)
    return requests


def _still_ours(reads: Sequence[_Read]) -> list[_Read]:
    """Those that nobody has cancelled or taken over, locked."""
    rows = takeable(Operation.objects.filter(is_gathered(), pk__in=[each.operation.pk for each in reads]))
    fences = dict(rows.values_list("pk", "fence"))
    return [each for each in reads if fences.get(each.operation.pk) == each.fence]


def _fate(read: _Read, situation: Situation) -> Fate:
    # A single worker finds out what else there is to do, or what is wrong.
    if isinstance(read.seen, Exception) or is_as_asked(read.operation, read.seen.state):
        return READ_FIRST
    read.operation.etag = read.seen.etag
    return fate_by_calls(read.operation, situation)


def _let_go(work: _Slice) -> None:
    """What was read and not begun is anybody's again."""
    _release(work.ready)
    work.ready = []


def _release(reads: Sequence[_Read]) -> None:
    for read in reads:
        Operation.objects.filter(is_gathered(), pk=read.operation.pk, fence=read.fence).update(lease_until=None)


def _go_on_alone(work: _Slice) -> None:
    """After a fault of ours: each single worker tries for as long as its patience lasts."""
    with transaction.atomic():
        together.leave_to_single_workers([read.operation for read in _still_ours(work.ready)])
        SyncState.bump()
    work.ready = []


def _stop_goes_first() -> bool:
    """A bulk that overrides the calls check has pauses to begin."""
    unbegun = Operation.objects.filter(is_left_to_its_bulk(), bulk=OuterRef("pk"), kind=OperationKind.PAUSE)
    return Bulk.objects.filter(Exists(unbegun), override=True, ended_at=None, cancelled_at=None).exists()

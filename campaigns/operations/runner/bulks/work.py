"""A bulk from its claim to its end, in slices: a worker gives it two seconds, then whoever else waits comes first."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from structlog.contextvars import bound_contextvars

from audit.kinds import RecordKind, Status
from campaigns.cxone.budget import Lane
from campaigns.cxone.errors import BudgetSpent, CXoneError, Refused
from campaigns.cxone.gateway import Gateway
from campaigns.models import Bulk, Operation, OperationKind, Policy, SyncState
from campaigns.operations import rank
from campaigns.operations.bulk.progress import BulkProgress, read_progress
from campaigns.operations.bulk.records import record_bulk
from campaigns.operations.gathering import are_gathered_before
from campaigns.operations.runner import pause_slots, slices, together
from campaigns.operations.runner.bulks import batch, making, reading
from campaigns.operations.runner.bulks.claim import ClaimedBulk, claim_bulk, wake
from campaigns.operations.runner.bulks.fate import Situation
from campaigns.operations.runner.calls import CallsCount
from campaigns.operations.runner.claim import is_left_to_its_bulk
from campaigns.operations.runner.execution import at_once
from campaigns.operations.runner.patience import patience_of, wait_after
from campaigns.operations.still_stands import standing
from campaigns.queueing.circuit_breaker import SharedBreaker
from campaigns.queueing.leases import LeaseLost
from campaigns.queueing.request_budget import GrantedRequests
from campaigns.queueing.rows import database_now
from campaigns.states import OPEN, State, WaitingFor
from campaigns.tenancy import open_own_gateway, require_own_tenant

log = logging.getLogger(__name__)

# While all campaigns are read, where nothing else counts the calls.
COUNT_SECONDS = 2.0
# While another bulk goes first, and while all pause slots are taken: in case the wake-up is lost that ends this.
TURN_SECONDS = 10.0
SLOT_SECONDS = 2.0
# Waiting for a full read, which wakes the bulk when it is done.
READ_SECONDS = 1.0
# How often a bulk looks whether its last operations have ended: later less often, since an outage may take long.
SOON_SECONDS, LATER_SECONDS = 1.0, 5.0
SOON = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Wait:
    waiting_for: WaitingFor
    seconds: float


@dataclass(slots=True)
class _Slice:
    """What one slice of work goes by. `situation`: read once for it, when the first batch needs them. `is_made`,
    `is_begun`: nothing is left to make, or to begin; `is_first`: the next batch is the slice's first;
    `freed`: the pause slots that the batch before left to nobody."""

    claimed: ClaimedBulk
    granted: GrantedRequests = field(default_factory=lambda: GrantedRequests(Lane.BULK))
    situation: Situation | None = None
    look_at: int = batch.LOOK_AT
    is_made: bool = False
    is_begun: bool = False
    is_first: bool = True
    freed: list[int] = field(default_factory=list)

    @property
    def bulk(self) -> Bulk:
        return self.claimed.bulk


def advance_bulk(bulk_id: UUID) -> bool:
    """Work on the bulk for a slice of time. False: it wasn't due, or another worker has it."""
    with bound_contextvars(bulk=str(bulk_id)):
        return _advance(bulk_id)


def _advance(bulk_id: UUID) -> bool:
    require_own_tenant()
    claimed = claim_bulk(bulk_id)
    if claimed is None:
        return False
    work = _Slice(claimed)
    with claimed.renewing():
        try:
            _work_for_a_while(work)
        except LeaseLost:
            log.warning("Bulk %s was taken over by another worker; this one began nothing more.", bulk_id)
        finally:
            work.granted.settle()
    return True


def _work_for_a_while(work: _Slice) -> None:
    end = monotonic() + slices.SLICE_SECONDS
    wait: Wait | None = None
    try:
        while wait is None and work.bulk.ended_at is None and monotonic() < end:
            wait = _step(work)
    except LeaseLost:
        raise
    except BudgetSpent as error:
        wait = Wait(WaitingFor.BUDGET, error.wait_ms / 1000)
    except Exception as error:
        if not isinstance(error, CXoneError):
            log.exception("Bulk %s was interrupted by a fault in this system.", work.bulk.pk)
        wait = _after_failure(work)
    if work.bulk.ended_at is None:
        wait = wait or Wait(WaitingFor.NOTHING, 0)
        failing = {"failures": work.bulk.failures, "failing_since": work.bulk.failing_since}
        work.claimed.release(wait.waiting_for, wait.seconds, **failing)


def _after_failure(work: _Slice) -> Wait:
    """CXone took nothing of a batch: the next one is a single request, a while later. None begins any more once the
    bulk has failed for as long as a single operation of its kind would keep trying."""
    bulk, now = work.bulk, database_now()
    bulk.failures += 1
    bulk.failing_since = bulk.failing_since or now
    if now - bulk.failing_since >= patience_of(OperationKind(bulk.kind)):
        # Otherwise thousands of resumes might go out hours later, when CXone is back and nobody expects them.
        while making.give_up_some(work.claimed, bulk.failing_since):
            pass
        work.is_begun = True
    return Wait(WaitingFor.RETRY, wait_after(bulk.failures))


def _step(work: _Slice) -> Wait | None:
    """The next thing to do for the bulk. None: go on at once."""
    if not work.is_made:
        work.is_made = not making.make_some(work.claimed)
        return None
    if work.bulk.cancelled_at and making.cancel_some(work.claimed):
        return None
    if work.is_begun or work.bulk.cancelled_at:
        wake(WaitingFor.TURN)
        return _end_or_wait(work)
    if work.situation is None:
        wait = _wait_before(work.bulk)
        if wait is None:
            work.situation = _read_situation(work)
        return wait
    return _send_batch(work, work.situation)


def _wait_before(bulk: Bulk) -> Wait | None:
    """Before the first batch of a slice: whether it is this bulk's turn, and whether the last full read will do."""
    if _goes_after_another(bulk):
        return Wait(WaitingFor.TURN, TURN_SECONDS)
    if bulk.kind == OperationKind.PAUSE and are_gathered_before(bulk):
        return Wait(WaitingFor.TURN, SLOT_SECONDS)
    if reading.is_awaited(bulk):
        return Wait(WaitingFor.READ, READ_SECONDS)
    return None


def _goes_after_another(bulk: Bulk) -> bool:
    """Another one has operations to begin and comes first: one that overrides the calls check, or was asked for
    earlier. A pause and a resume don't wait for each other otherwise."""
    unbegun = Operation.objects.filter(is_left_to_its_bulk(), bulk=OuterRef("pk"))
    others = Bulk.objects.filter(Exists(unbegun), ended_at=None, cancelled_at=None).exclude(pk=bulk.pk)
    earlier = Q(kind=bulk.kind, requested_at__lt=bulk.requested_at, override=bulk.override)
    if not bulk.override:
        earlier |= Q(override=True)
    return others.filter(earlier).exists()


def _read_situation(work: _Slice) -> Situation:
    bulk, count, refusal = work.bulk, None, ""
    gateway = open_own_gateway(Lane.BULK, work.granted, SharedBreaker())
    if bulk.kind == OperationKind.PAUSE:
        try:
            count = _recent_count(work, gateway)
        except BudgetSpent:
            raise
        except CXoneError as error:
            # Tried again and again, it would be refused each time, and nobody would learn why nothing is paused. A
            # reason that overrides the calls check doesn't depend on it.
            if not (bulk.override or isinstance(error, Refused)):
                raise
            refusal = str(error)
            log.warning("Bulk %s goes on without a count of calls: %s", bulk.pk, error)
    policy, now = Policy.current(), database_now()
    pause_slots.create_missing(policy.max_concurrent_pauses)
    return Situation(
        policy=policy,
        at=at_once(gateway, now),
        is_fresh=reading.is_fresh(SyncState.current(), now),
        count=count,
        standing=_standing(bulk),
        unsettled=rank.unsettled(settings.CONFIRM_SECONDS),
        refusal=refusal,
    )


def _recent_count(work: _Slice, gateway: Gateway) -> CallsCount | None:
    count = slices.count_for_slice(gateway, work.granted)
    if count is None:
        return _count_of_full_read(work)
    if gateway.requests:
        work.claimed.write(requests=F("requests") + gateway.requests)
    return count


def _count_of_full_read(work: _Slice) -> CallsCount | None:
    """BudgetSpent: the next full read is awaited, which makes one."""
    if work.bulk.override:
        # It overrides whatever the count would say, so it doesn't wait for one.
        return None
    reading.ask_for_read(database_now())
    raise BudgetSpent(wait_ms=int(COUNT_SECONDS * 1000), cause="the calls of all campaigns are counted first")


def _standing(bulk: Bulk) -> set[UUID]:
    """Of the pauses that an exact resume undoes, those that still stand."""
    if bulk.undoes_id is None:
        return set()
    return standing(list(Operation.objects.filter(undone_by__bulk=bulk)))


def _send_batch(work: _Slice, situation: Situation) -> Wait | None:
    # After a failure one request finds out whether CXone works again.
    most = 1 if work.bulk.failures else together.MOST_AT_ONCE
    granted = work.granted.have_ready(most)
    if not granted:
        milliseconds = work.granted.milliseconds_to_wait(most)
        return Wait(WaitingFor.BUDGET, max(milliseconds / 1000, 1.0))
    is_first, work.is_first = work.is_first, False
    found = batch.begin_batch(
        work.claimed,
        situation,
        work.granted,
        most=granted,
        look_at=work.look_at,
        is_first=is_first,
        freed=work.freed,
    )
    work.is_begun = found.is_last
    work.look_at = batch.LOOK_AT if found.requests else batch.LOOK_FURTHER
    if not found.requests:
        return None if found.others or found.is_last else Wait(WaitingFor.PAUSE_SLOT, SLOT_SECONDS)
    result = together.carry_out_batch(found.requests, work.granted)
    work.freed = result.freed
    if result.milliseconds_closed:
        return Wait(WaitingFor.BUDGET, result.milliseconds_closed / 1000)
    if result.is_failing:
        return _after_failure(work)
    work.bulk.failing_since = None
    if result.is_whole:
        work.bulk.failures = 0
    return None


def _end_or_wait(work: _Slice) -> Wait | None:
    """End the bulk with its last operation; until then, have their campaigns read soon after the last request."""
    bulk = work.bulk
    in_progress = Operation.objects.filter(bulk=bulk, state__in=OPEN)
    newest = in_progress.filter(state=State.ACCEPTED).order_by("-accepted_at").values_list("accepted_at", flat=True)
    accepted_at = newest.first()
    if accepted_at:
        reading.ask_for_read(accepted_at)
    elif not in_progress.exists():
        _end(work.claimed)
        return None
    is_soon = accepted_at and database_now() - accepted_at < SOON
    return Wait(WaitingFor.OUTCOME, SOON_SECONDS if is_soon else LATER_SECONDS)


def _end(claimed: ClaimedBulk) -> None:
    bulk, now = claimed.bulk, database_now()
    progress = read_progress(bulk)
    with transaction.atomic():
        claimed.write(ended_at=now, lease_until=None, waiting_for=WaitingFor.NOTHING)
        bulk.ended_at = now
        SyncState.bump()
        record_bulk(RecordKind.BULK_ENDED, bulk, status=_status(progress), details=_result(bulk, progress))


def _result(bulk: Bulk, progress: BulkProgress) -> dict[str, int | float]:
    seconds = round((bulk.ended_at - bulk.begins_at).total_seconds(), 1) if bulk.ended_at else 0
    counts = {state.lower(): number for state, number in progress.counts.items()}
    return {**counts, "requests": progress.requests, "seconds": seconds}


def _status(progress: BulkProgress) -> Status:
    if progress.count(State.CONFIRMED, State.SKIPPED) == progress.total:
        return Status.SUCCESS
    if progress.count(State.CONFIRMED, State.SKIPPED, State.REJECTED) == progress.total:
        return Status.REJECTED
    return Status.FAILURE

"""What was asked for, saved: the operation and its record in one transaction, or the record of why it was refused."""

import hashlib
import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, QuerySet, Subquery
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.attention.causes import note_asked, open_before
from campaigns.errors import (
    InTheWay,
    KeyReused,
    OnHold,
    OperationRefusal,
    UnusableTime,
)
from campaigns.models import Campaign, Operation, OperationKind, Origin, Policy, SyncState
from campaigns.operations import four_eyes, rank
from campaigns.operations.approval_records import record_waiting
from campaigns.operations.descriptions import WAIT_FOR_CALLS
from campaigns.operations.gathering import MOST_ALONE, number_unsent
from campaigns.operations.labels import ends_at_the_latest, is_cancellable
from campaigns.operations.records import record_asked
from campaigns.operations.timed import HAND_OVER, due_columns
from campaigns.policy import holds
from campaigns.prepared import fetch_values
from campaigns.queueing import wakeups
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import DueTime, problem_of
from campaigns.states import IN_PROGRESS, State, WaitingFor

# Filters of log lines know it by this name.
log = logging.getLogger("campaigns.operations.requests")

# How often a pause looks what is in progress before it is refused. Each further look is for another operation that
# began in the milliseconds since the last one.
MOST_LOOKS = 5


@dataclass(frozen=True, kw_only=True)
class OperationRequest:
    """One request for an operation. Its contents decide whether a second one with the same key is the same.

    `at`: when it is due, if not at once. `until`: when a resume of its own ends this pause. `undoes`: the operation
    that this takes back, such as the pause that a resume ends. `hand_over`: how long before its time CXone gets it.
    """

    kind: OperationKind
    campaign: Campaign
    by: str
    reason: str = ""
    note: str = ""
    override: bool = False
    origin: Origin = Origin.PERSON
    undoes: Operation | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    at: DueTime | None = None
    until: DueTime | None = None
    hand_over: timedelta = HAND_OVER

    @property
    def is_plain_pause(self) -> bool:
        """A person's, for now, and for good."""
        is_persons = self.kind == OperationKind.PAUSE and self.origin == Origin.PERSON
        return is_persons and not (self.at or self.until or self.undoes or WAIT_FOR_CALLS in self.payload)

    @property
    def body_hash(self) -> str:
        undoes = str(self.undoes.pk) if self.undoes else ""
        times = [due.at.isoformat() if due else "" for due in (self.at, self.until)]
        what = [self.kind, self.campaign.pk, self.by, self.reason, self.note, self.override, self.payload]
        body = [*what, undoes, *times]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def save_request(request: OperationRequest, key: str, enqueue: bool) -> Operation:
    """The new operation, or the one that the same request with this `key` has made before.

    OperationRefusal: only the record of that was saved. `enqueue`: wake a worker after the commit.
    """
    if same_request := _check_times(request, key):
        return same_request
    try:
        operation = _save_unless_overtaken(request, key, enqueue)
    except OnHold as refusal:
        return _find_from_before(request, key, refusal)
    except IntegrityError:
        return _explain(request, key)
    log.info("A %s of campaign %s was requested.", request.kind, operation.campaign_id, extra=_named(operation))
    return operation


def _save_unless_overtaken(request: OperationRequest, key: str, enqueue: bool) -> Operation:
    """IntegrityError: the key is known, or something is in the way that doesn't give way.

    What a pause outranks may begin between its look and its insert. Then it looks again, and that gives way.
    """
    for _ in range(MOST_LOOKS - 1):
        try:
            return _save_with_record(request, key, enqueue)
        except IntegrityError:
            if not _goes_ahead(request, key):
                raise
    return _save_with_record(request, key, enqueue)


def _goes_ahead(request: OperationRequest, key: str) -> bool:
    """It is a new pause for now, and everything that is in progress gives way to it."""
    if request.kind != OperationKind.PAUSE or request.at or Operation.objects.filter(idempotency_key=key).exists():
        return False
    return rank.outranks_all(Operation(kind=request.kind, campaign=request.campaign, override=request.override))


def _save_with_record(request: OperationRequest, key: str, enqueue: bool) -> Operation:
    with transaction.atomic():
        around = _look_around(request)
        operation, superseded = _save(request, key, around, may_be_gathered=enqueue)
        resume = _hold_resume(request, operation, around)
        if operation.state != State.PENDING and operation.not_before is None and around.has_findings:
            note_asked([operation])
        SyncState.bump()
        rank.record(superseded)
        for each in filter(None, (operation, resume)):
            record_asked(each)
            if each.state == State.PENDING:
                record_waiting(each)
        # What is held for its time is the dispatcher's to find; what is gathered is taken up with the others.
        if enqueue and operation.state == State.QUEUED:
            transaction.on_commit(partial(wakeups.enqueue_operation, operation.id))
    return operation


def _named(operation: Operation) -> dict[str, str]:
    return {"operation": str(operation.pk), "state": operation.state}


def _find_from_before(request: OperationRequest, key: str, hold: OnHold) -> Operation:
    """The same request, if it was saved before the hold was placed."""
    if same_request := find_same(request, key):
        return same_request
    raise on_record(request, hold) from None


class _Around(NamedTuple):
    """The database's time, how many pauses of the same person have yet to be sent, whether an operation is in progress
    on the campaign or waits for a second person, whether findings are open that are attended to now, what the
    policy wants two people for, and the hold on the campaign, if there is one."""

    now: datetime
    unsent: int
    is_busy: bool
    has_findings: bool
    two_for_resume: bool
    two_for_schedule: bool
    hold: int | None

    def is_to_wait(self, request: OperationRequest) -> bool:
        """For a second person."""
        return four_eyes.waits(
            request.kind, request.origin, resumes=self.two_for_resume, schedules=self.two_for_schedule
        )


def _look_around(request: OperationRequest) -> _Around:
    """OnHold: nothing but a pause may be asked for."""
    (found,) = fetch_values(_around, campaign_id=request.campaign.pk, by=request.by)
    around = _Around(*found)
    if around.hold is not None and request.kind in holds.FORBIDDEN:
        raise holds.refusal_of(request.campaign.pk)
    return around


def _around(campaign_id: str, by: str) -> QuerySet[SyncState, Any]:
    others = Operation.objects.filter(rank.may_give_way(), campaign=campaign_id)
    policy = Policy.objects.filter(pk=1)
    return SyncState.objects.filter(pk=1).values_list(
        Now(),
        number_unsent(by),
        Exists(others),
        Exists(open_before(campaign_id)),
        Subquery(policy.values("two_for_resume")),
        Subquery(policy.values("two_for_schedule")),
        Subquery(Campaign.objects.filter(pk=campaign_id).values("hold_id")),
    )


def _check_times(request: OperationRequest, key: str) -> Operation | None:
    """The operation of the same request, if its time has passed since it was saved. UnusableTime: it can't be held."""
    at, until = (due.at if due else None for due in (request.at, request.until))
    if at is None and until is None:
        return None
    problem = problem_of(at, until, database_now())
    if not problem:
        return None
    if same_request := find_same(request, key):
        return same_request
    raise on_record(request, UnusableTime(problem))


def _hold_resume(request: OperationRequest, pause: Operation, around: _Around) -> Operation | None:
    """The resume that ends a pause `until` a time, held from the start: nobody has to remember it."""
    if request.until is None:
        return None
    resume = OperationRequest(
        kind=OperationKind.RESUME,
        campaign=request.campaign,
        by=request.by,
        reason=request.reason,
        note=request.note,
        at=request.until,
        undoes=pause,
    )
    # As long as the pause's own key may be, and different from every other.
    held, _ = _save(resume, hashlib.sha256(f"until {pause.idempotency_key}".encode()).hexdigest(), around)
    return held


def _save(
    request: OperationRequest, key: str, around: _Around, *, may_be_gathered: bool = False
) -> tuple[Operation, list[Operation]]:
    """The new operation, and those that ended to make way for it."""
    operation = Operation(
        kind=request.kind,
        campaign=request.campaign,
        by=request.by,
        reason=request.reason,
        note=request.note,
        override=request.override,
        origin=request.origin,
        undoes=request.undoes,
        payload=request.payload,
        idempotency_key=key,
        body_hash=request.body_hash,
        requested_at=around.now,
        **_when(request),
    )
    if around.is_to_wait(request):
        _save_waiting(operation, around)
        return operation, []
    # One that is held keeps nobody out, and makes nobody give way until its time.
    superseded = rank.make_way(operation) if around.is_busy and not request.at else []
    # One that is to take another's place does so as soon as a worker has it.
    if may_be_gathered and around.unsent >= MOST_ALONE and request.is_plain_pause and operation.outranks_id is None:
        _gather(operation, is_first=around.unsent == MOST_ALONE)
    operation.save(force_insert=True)
    return operation, superseded


def _save_waiting(operation: Operation, around: _Around) -> None:
    """It waits for a second person, and makes nobody give way before that. IntegrityError: something is in its way."""
    if operation.not_before is None and around.is_busy and not rank.outranks_all(operation):
        raise IntegrityError("An operation is in progress on the campaign.")
    four_eyes.begin_waiting(operation, by=operation.by, now=around.now)


def _gather(operation: Operation, *, is_first: bool) -> None:
    operation.state, operation.waiting_for, operation.enqueued_at = State.WAITING, WaitingFor.TOGETHER, None
    # Whoever works on it goes on with the others. Without this, it could wait for ever while no dispatcher runs.
    if is_first:
        transaction.on_commit(wakeups.enqueue_gathered)


def _when(request: OperationRequest) -> dict[str, Any]:
    if request.at:
        return {"state": State.SCHEDULED, **due_columns(request.kind, request.at, request.hand_over)}
    # Whoever asks enqueues it, or runs it; the dispatcher comes in only when that fails.
    return {"next_attempt_at": Now(), "enqueued_at": Now()}


def _explain(request: OperationRequest, key: str) -> Operation:
    """A constraint refused the operation: the same request was saved before, or another is in progress."""
    same_key = Operation.objects.filter(idempotency_key=key).first()
    if same_key and same_key.body_hash == request.body_hash:
        return same_key
    if same_key:
        sentence = (
            "This form was sent before with other contents, and that request stands. "
            "Look at that one first; then open a new form if you still want this."
        )
        raise on_record(request, KeyReused(sentence, same_key))
    # Of two, the pause: it is what will be.
    in_progress = Operation.objects.filter(campaign=request.campaign, state__in=IN_PROGRESS)
    other = in_progress.order_by(F("outranks").desc(nulls_last=True)).first()
    if other is None:
        waiting = Operation.objects.filter(campaign=request.campaign, kind=request.kind, state=State.PENDING)
        other = waiting.filter(not_before=None).first()
    raise on_record(request, in_the_way(other))


def in_the_way(other: Operation | None) -> InTheWay:
    """Why nothing can be asked for while `other` is in progress. None: it has ended since it was in the way."""
    if other is None:
        return InTheWay("Another operation was just in progress. Try again.")
    what, state = OperationKind(other.kind).label.lower(), other.state.lower()
    if other.state == State.PENDING:
        sentence = (
            f"A {what} requested by {other.by} waits for a second person on this campaign already. "
            "Have that one approved, refused or cancelled; then try again."
        )
        return InTheWay(sentence, other)
    sentence = (
        f"A {what} requested by {other.by} is still in progress on this campaign ({state}). "
        f"Wait until it has ended{', or cancel it' if is_cancellable(other) else ''}; then try again."
    )
    return InTheWay(f"{sentence} {ends_at_the_latest(other)}".rstrip(), other)


def on_record(request: OperationRequest, refusal: OperationRefusal) -> OperationRefusal:
    """`refusal`, to be raised: its record is saved."""
    with transaction.atomic():
        ledger.append(
            RecordKind.OPERATION_REFUSED,
            by=request.by,
            status=Status.REJECTED,
            action=request.kind,
            campaign_id=request.campaign.pk,
            campaign_name=request.campaign.name,
            operation=refusal.operation.id if refusal.operation else None,
            reason=request.reason,
            error=refusal.sentence,
            details={"code": refusal.code, **refusal.details},
        )
    return refusal


def find_same(request: OperationRequest, key: str) -> Operation | None:
    """What the same request has made before."""
    operation = Operation.objects.filter(idempotency_key=key).first()
    if operation and operation.body_hash == request.body_hash:
        return operation
    return None

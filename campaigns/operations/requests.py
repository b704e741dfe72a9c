"""What a person asks for. Each verb saves the operation and its audit record together, then wakes a worker."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.errors import (
    FindingsRefusal,
    InTheWay,
    KeyReused,
    OperationRefusal,
    OverrideNeeded,
    TooLate,
    UnreadableBase,
    UnusableTime,
)
from campaigns.models import Campaign, Operation, OperationKind, Origin, PauseSlot, ReasonCode, SyncState
from campaigns.operations import rank
from campaigns.operations.descriptions import is_cancellable
from campaigns.operations.records import record_asked, record_cancelled, record_ended
from campaigns.operations.timed import HAND_OVER, cancel_held_resume, due_columns
from campaigns.operations.undoing import REPEATS
from campaigns.policy.in_force import constraints_for, stopping
from campaigns.queueing import wakeups
from campaigns.queueing.rows import database_now
from campaigns.schedule import carry, check
from campaigns.schedule.due_times import DueTime, problem_of
from campaigns.states import CANCELLABLE, IN_PROGRESS, State

Schedule = dict[str, Any]
# Characters of JSON. The largest schedules have a few thousand; this bounds what a request can make us store.
LONGEST_BASE = 100_000


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One request for an operation. Its contents decide whether a second one with the same key is the same.

    `at`: when it is due, if not at once. `until`: when a resume of its own ends this pause. `undoes`: the pause that
    this resume ends. `hand_over`: how long before its time CXone gets it.
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
    def body_hash(self) -> str:
        undoes = str(self.undoes.pk) if self.undoes else ""
        times = [due.at.isoformat() if due else "" for due in (self.at, self.until)]
        what = [self.kind, self.campaign.pk, self.by, self.reason, self.note, self.override, self.payload]
        body = [*what, undoes, *times]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def request_pause(
    *,
    campaign: Campaign,
    by: str,
    reason: ReasonCode,
    note: str = "",
    drop_active_calls: bool = False,
    override: bool = False,
    origin: Origin = Origin.PERSON,
    at: DueTime | None = None,
    until: DueTime | None = None,
    hand_over: timedelta = HAND_OVER,
    key: str,
    enqueue: bool = True,
) -> Operation:
    """Ask for a pause, now or `at` a time, for good or `until` a time: then a resume of its own is held for that.

    `hand_over`: how long before its time CXone gets it; longer for one of very many.

    The same `key` again is the same operation. OperationRefusal: only its record was saved. What it outranks gives way
    (`rank`), for one at a time when that comes.
    """
    asked = _Asked(
        kind=OperationKind.PAUSE,
        campaign=campaign,
        by=by,
        reason=reason.code,
        note=note,
        override=override,
        origin=origin,
        payload={"drop_active_calls": drop_active_calls},
        at=at,
        until=until,
        hand_over=hand_over,
    )
    if reason.overrides_calls_check and not override:
        refusal = OverrideNeeded(
            f"{reason.code} pauses the campaign however many calls are in progress. Confirm that this is meant, "
            "or choose another reason."
        )
        raise _on_record(asked, refusal)
    return _ask(asked, key, enqueue)


def repeat_pause(*, pause: Operation, reason: ReasonCode, note: str) -> Operation:
    """Ask for `pause`, which no longer holds, once more and never again: every further call is the same operation."""
    asked = _Asked(
        kind=OperationKind.PAUSE,
        campaign=pause.campaign,
        by=pause.by,
        reason=reason.code,
        note=note,
        override=pause.override,
        origin=Origin.WATCH,
        payload=pause.payload | {REPEATS: str(pause.pk)},
    )
    return _ask(asked, f"watch-{pause.pk}", enqueue=True)


def request_resume(
    *,
    campaign: Campaign,
    by: str,
    reason: ReasonCode,
    note: str = "",
    origin: Origin = Origin.PERSON,
    at: DueTime | None = None,
    undoes: Operation | None = None,
    key: str,
    enqueue: bool = True,
) -> Operation:
    """Ask for a resume, like `request_pause`. `undoes`: only while the campaign is still paused by that pause."""
    asked = _Asked(
        kind=OperationKind.RESUME,
        campaign=campaign,
        by=by,
        reason=reason.code,
        note=note,
        origin=origin,
        undoes=undoes,
        at=at,
    )
    return _ask(asked, key, enqueue)


def request_schedule_change(
    *,
    campaign: Campaign,
    by: str,
    base: Schedule,
    schedule: object,
    etag: str = "",
    acknowledged: bool = False,
    note: str = "",
    key: str,
    enqueue: bool = True,
) -> Operation:
    """Ask for a change of the schedule from `base` (with its tag), which the person saw, to `schedule`.

    Keys that we don't know stay as they are in `base`, unless `schedule` has them itself. FindingsRefusal: it doesn't
    pass its checks, or has warnings that nobody `acknowledged`.
    """
    schedule = carry(base, schedule)
    payload = {"base": base, "ours": schedule, "etag": etag, "acknowledged": acknowledged}
    asked = _Asked(kind=OperationKind.SCHEDULE, campaign=campaign, by=by, note=note, payload=payload)
    if not (isinstance(base, dict) and _is_keepable([base, etag])):
        sentence = "What the schedule was changed from can't be read. Open the form again, or name another base file."
        raise _on_record(asked, UnreadableBase(sentence))
    now = database_now()
    findings = check(schedule, constraints_for(campaign, now), now, base)
    if stopping(findings, acknowledged):
        # The same request may have passed before, when the holidays or the policy were others.
        if same_request := _find_same(asked, key):
            return same_request
        raise _on_record(asked, FindingsRefusal(findings))
    return _ask(asked, key, enqueue)


def _find_same(asked: _Asked, key: str) -> Operation | None:
    operation = Operation.objects.filter(idempotency_key=key).first()
    if operation and operation.body_hash == asked.body_hash:
        return operation
    return None


def _is_keepable(value: object) -> bool:
    """JSON that a database can keep, and of a schedule's size."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return "\\u0000" not in text and len(text) <= LONGEST_BASE


def _ask(asked: _Asked, key: str, enqueue: bool) -> Operation:
    if same_request := _check_times(asked, key):
        return same_request
    try:
        with transaction.atomic():
            operation, superseded = _save(asked, key)
            resume = _hold_resume(asked, operation)
            SyncState.bump()
            rank.record(superseded)
            record_asked(operation)
            if resume:
                record_asked(resume)
            # What is held for its time is the dispatcher's to find.
            if enqueue and operation.not_before is None:
                transaction.on_commit(partial(wakeups.enqueue_operation, operation.id))
    except IntegrityError:
        return _explain(asked, key)
    return operation


def _check_times(asked: _Asked, key: str) -> Operation | None:
    """The operation of the same request, if its time has passed since it was saved. UnusableTime: it can't be held."""
    at, until = (due.at if due else None for due in (asked.at, asked.until))
    problem = problem_of(at, until, database_now())
    if not problem:
        return None
    if same_request := _find_same(asked, key):
        return same_request
    raise _on_record(asked, UnusableTime(problem))


def _hold_resume(asked: _Asked, pause: Operation) -> Operation | None:
    """The resume that ends a pause `until` a time, held from the start: nobody has to remember it."""
    if asked.until is None:
        return None
    resume = _Asked(
        kind=OperationKind.RESUME,
        campaign=asked.campaign,
        by=asked.by,
        reason=asked.reason,
        note=asked.note,
        at=asked.until,
        undoes=pause,
    )
    # As long as the pause's own key may be, and different from every other.
    held, _ = _save(resume, hashlib.sha256(f"until {pause.idempotency_key}".encode()).hexdigest())
    return held


def _save(asked: _Asked, key: str) -> tuple[Operation, list[Operation]]:
    """The new operation, and those that ended to make way for it."""
    operation = Operation(
        kind=asked.kind,
        campaign=asked.campaign,
        by=asked.by,
        reason=asked.reason,
        note=asked.note,
        override=asked.override,
        origin=asked.origin,
        undoes=asked.undoes,
        payload=asked.payload,
        idempotency_key=key,
        body_hash=asked.body_hash,
        requested_at=database_now(),
        **_when(asked),
    )
    # One that is held keeps nobody out, and makes nobody give way until its time.
    superseded = [] if asked.at else rank.make_way(operation)
    operation.save(force_insert=True)
    return operation, superseded


def _when(asked: _Asked) -> dict[str, Any]:
    if asked.at:
        return {"state": State.SCHEDULED, **due_columns(asked.kind, asked.at, asked.hand_over)}
    # Whoever asks enqueues it, or runs it; the dispatcher comes in only when that fails.
    return {"next_attempt_at": Now(), "enqueued_at": Now()}


def _explain(asked: _Asked, key: str) -> Operation:
    """A constraint refused the operation: the same request was saved before, or another is in progress."""
    same_key = Operation.objects.filter(idempotency_key=key).first()
    if same_key and same_key.body_hash == asked.body_hash:
        return same_key
    if same_key:
        sentence = (
            "This form was sent before with other contents, and that request stands. "
            "Look at it first; then open a new form if you still want this."
        )
        raise _on_record(asked, KeyReused(sentence, same_key))
    # Of two, the pause: it is what will be.
    in_progress = Operation.objects.filter(campaign=asked.campaign, state__in=IN_PROGRESS)
    other = in_progress.order_by(F("outranks").desc(nulls_last=True)).first()
    raise _on_record(asked, in_the_way(other))


def in_the_way(other: Operation | None) -> InTheWay:
    """Why nothing can be asked for while `other` is in progress. None: it has ended since it was in the way."""
    if other is None:
        return InTheWay("Another operation was just in progress. Ask again.")
    what, state = OperationKind(other.kind).label.lower(), other.state.lower()
    sentence = (
        f"A {what} asked for by {other.by} is still in progress on this campaign ({state}). "
        f"Wait until it has ended{', or cancel it' if is_cancellable(other) else ''}; then ask again."
    )
    return InTheWay(sentence, other)


def _on_record(asked: _Asked, refusal: OperationRefusal) -> OperationRefusal:
    with transaction.atomic():
        ledger.append(
            RecordKind.OPERATION_REFUSED,
            by=asked.by,
            status=Status.REJECTED,
            action=asked.kind,
            campaign_id=asked.campaign.pk,
            campaign_name=asked.campaign.name,
            operation=refusal.operation.id if refusal.operation else None,
            reason=asked.reason,
            error=refusal.sentence,
            details={"code": refusal.code, **refusal.details},
        )
    return refusal


def cancel_operation(*, operation: Operation, by: str) -> Operation:
    """Cancel an operation that has sent nothing. TooLate: a worker has it, or it has ended."""
    with transaction.atomic():
        cancelled = Operation.objects.filter(
            pk=operation.pk, state__in=CANCELLABLE, sent_at=None, lease_until=None
        ).update(state=State.CANCELLED, ended_at=Now(), waiting_for="", error="")
        if cancelled:
            # It may have been handed one while it waited.
            PauseSlot.objects.filter(operation_id=operation.pk).update(operation_id=None, held_until=None)
            operation.refresh_from_db()
            with_it = cancel_held_resume(operation)
            SyncState.bump()
            record_cancelled(operation, by)
            for resume in with_it:
                record_ended(resume)
    if not cancelled:
        operation.refresh_from_db()
        raise TooLate(_why_too_late(operation), operation)
    return operation


def _why_too_late(operation: Operation) -> str:
    if operation.state == State.CANCELLED:
        return "It was cancelled already; nothing was sent."
    if operation.ended_at:
        return "It was too late to cancel: it has ended. See below how."
    return "It was too late to cancel: CXone may have been asked already. See below how it goes on."

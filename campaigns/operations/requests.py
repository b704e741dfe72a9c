"""What a person asks for. Each verb saves the operation and its audit record together, then wakes a worker."""

import json
from datetime import timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from campaigns.errors import (
    FindingsRefusal,
    NoteNeeded,
    OverrideNeeded,
    TooLate,
    UnreadableBase,
)
from campaigns.models import Campaign, Hold, Operation, OperationKind, Origin, PauseSlot, ReasonCode, SyncState
from campaigns.operations import four_eyes
from campaigns.operations.descriptions import WAIT_FOR_CALLS
from campaigns.operations.records import record_cancelled, record_ended
from campaigns.operations.saving import OperationRequest, find_same, on_record, save_request
from campaigns.operations.still_stands import REPEATS
from campaigns.operations.timed import cancel_held_resume
from campaigns.policy.in_force import constraints_for, stopping
from campaigns.queueing.rows import database_now
from campaigns.schedule import carry, check
from campaigns.schedule.due_times import DueTime
from campaigns.states import CANCELLABLE, State

Schedule = dict[str, Any]
# Characters of JSON. The largest schedules have a few thousand; this bounds what a request can make us store.
LONGEST_BASE = 100_000


class RequestTerms(TypedDict, total=False):
    """What a pause and a resume can be asked for with. `at`: its time, if not at once. `undoes`: the operation that it
    takes back; a resume that undoes a pause is carried out only while the campaign is still paused by that."""

    note: str
    origin: Origin
    at: DueTime | None
    undoes: Operation | None


class PauseTerms(RequestTerms, total=False):
    """`until`: when a resume of its own ends it, which is held from the start. `hand_over`: how long before its time
    CXone gets it; longer for one of very many. `override`: however many calls are in progress."""

    override: bool
    until: DueTime | None
    hand_over: timedelta


def request_pause(
    *,
    campaign: Campaign,
    by: str,
    reason: ReasonCode,
    key: str,
    enqueue: bool = True,
    drop_active_calls: bool = False,
    wait_for_calls: int | None = None,
    **terms: Unpack[PauseTerms],
) -> Operation:
    """Ask for a pause.

    `wait_for_calls`: it is sent once at most so many calls are in progress, which no reason overrides.

    The same `key` again is the same operation. OperationRefusal: only its record was saved. What it outranks gives way
    (`rank`), for one at a time when that comes.
    """
    payload: dict[str, Any] = {"drop_active_calls": drop_active_calls}
    if wait_for_calls is not None:
        payload[WAIT_FOR_CALLS] = wait_for_calls
    request = OperationRequest(
        kind=OperationKind.PAUSE, campaign=campaign, by=by, reason=reason.code, payload=payload, **terms
    )
    if reason.overrides_calls_check and not request.override and wait_for_calls is None:
        refusal = OverrideNeeded(
            f"“{reason.label}” pauses the campaign however many calls are in progress. Confirm that this is meant, "
            "or choose another reason."
        )
        raise on_record(request, refusal)
    return _check_note(request, reason, key) or save_request(request, key, enqueue)


def repeat_pause(*, pause: Operation, reason: ReasonCode, note: str) -> Operation:
    """Ask for `pause`, which no longer holds, once more and never again: every further call is the same operation."""
    request = OperationRequest(
        kind=OperationKind.PAUSE,
        campaign=pause.campaign,
        by=pause.by,
        reason=reason.code,
        note=note,
        override=pause.override,
        origin=Origin.WATCH,
        payload=pause.payload | {REPEATS: str(pause.pk)},
    )
    return save_request(request, f"watch-{pause.pk}", enqueue=True)


def pause_again_on_hold(*, hold: Hold, reason: ReasonCode, note: str, key: str) -> Operation:
    """Ask for a pause of a campaign that dials again although it is on hold, in the name of whoever placed it."""
    request = OperationRequest(
        kind=OperationKind.PAUSE,
        campaign=hold.campaign,
        by=hold.placed_by,
        reason=reason.code,
        note=note,
        override=True,
        origin=Origin.WATCH,
        payload={"drop_active_calls": False},
    )
    return save_request(request, key, enqueue=True)


def request_resume(
    *, campaign: Campaign, by: str, reason: ReasonCode, key: str, enqueue: bool = True, **terms: Unpack[RequestTerms]
) -> Operation:
    """Ask for a resume, like `request_pause`."""
    request = OperationRequest(kind=OperationKind.RESUME, campaign=campaign, by=by, reason=reason.code, **terms)
    return _check_note(request, reason, key) or save_request(request, key, enqueue)


def request_schedule_change(
    *,
    campaign: Campaign,
    by: str,
    base: Schedule,
    schedule: object,
    etag: str = "",
    acknowledged: bool = False,
    note: str = "",
    undoes: Operation | None = None,
    key: str,
    enqueue: bool = True,
) -> Operation:
    """Ask for a change of the schedule from `base` (with its tag), which the person saw, to `schedule`.

    Keys that we don't know stay as they are in `base`, unless `schedule` has them itself. FindingsRefusal: it doesn't
    pass its checks, or has warnings that nobody `acknowledged`.
    """
    schedule = carry(base, schedule)
    payload = {"base": base, "ours": schedule, "etag": etag, "acknowledged": acknowledged}
    request = OperationRequest(
        kind=OperationKind.SCHEDULE, campaign=campaign, by=by, note=note, payload=payload, undoes=undoes
    )
    if not (isinstance(base, dict) and _is_keepable([base, etag])):
        sentence = "What the schedule was changed from can’t be read. Open the form again, or name another base file."
        raise on_record(request, UnreadableBase(sentence))
    now = database_now()
    findings = check(schedule, constraints_for(campaign, now, schedule), now, base)
    if stopping(findings, acknowledged):
        # The same request may have passed before, when the holidays or the policy were others.
        if same_request := find_same(request, key):
            return same_request
        raise on_record(request, FindingsRefusal(findings))
    return save_request(request, key, enqueue)


def _check_note(request: OperationRequest, reason: ReasonCode, key: str) -> Operation | None:
    """The operation of the same request, if one was made before the reason needed a note. NoteNeeded: there is none.

    What the product asks for by itself needs none.
    """
    if request.note or not reason.needs_note or request.origin != Origin.PERSON:
        return None
    if same_request := find_same(request, key):
        return same_request
    raise on_record(request, NoteNeeded(note_needed(reason)))


def note_needed(reason: ReasonCode) -> str:
    return f"The reason “{reason.label}” needs a note that says more. Nothing was sent: write one."


def _is_keepable(value: object) -> bool:
    """JSON that a database can keep, and of a schedule's size."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return "\\u0000" not in text and len(text) <= LONGEST_BASE


def cancel_operation(*, operation: Operation, by: str) -> Operation:
    """Cancel an operation that has sent nothing, also while a worker has it. TooLate: it may have, or has ended."""
    # An attempt is saved, together with `sent_at` and under the fence, before its first byte goes out. So either that
    # was first, and this finds nothing to cancel; or this is first, and the worker finds that it has lost its lease.
    unsent = Operation.objects.filter(pk=operation.pk, state__in=CANCELLABLE, sent_at=None)
    with transaction.atomic():
        cancelled = unsent.update(
            state=State.CANCELLED,
            ended_at=Now(),
            waiting_for="",
            error="",
            cancelled_by=by,
            fence=F("fence") + 1,
            lease_until=None,
        )
        if cancelled:
            # It may have been handed one while it waited.
            PauseSlot.objects.filter(operation_id=operation.pk).update(operation_id=None, held_until=None)
            if operation.state == State.PENDING:
                four_eyes.withdraw(operation)
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

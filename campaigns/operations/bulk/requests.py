"""Asking for a bulk: its row and one audit record. A worker makes its operations afterwards, and carries them out."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.errors import KeyReused, NoteNeeded, OperationRefusal, TooLate, UnusableSelection
from campaigns.models import Approval, Bulk, Campaign, Operation, OperationKind, Policy, ReasonCode, SyncState
from campaigns.operations import four_eyes
from campaigns.operations.approval_records import record_approval
from campaigns.operations.bulk.records import record_bulk
from campaigns.operations.requests import note_needed
from campaigns.operations.still_stands import standing
from campaigns.queueing import wakeups
from campaigns.queueing.rows import database_now
from campaigns.states import State

MOST_CAMPAIGNS = 5_000
# What is worth another try: CXone refused or couldn't, nobody knows what came of it, or it was rejected for calls or
# for an operation that may both be gone by now. What somebody cancelled, or another pause replaced, was meant to end.
WORTH_RETRYING = (State.FAILED, State.UNCONFIRMED, State.REJECTED)


@dataclass(frozen=True, kw_only=True)
class _AskedBulk:
    """One request for a bulk. Its contents decide whether a second one with the same key is the same."""

    kind: OperationKind
    campaign_ids: Sequence[str]
    by: str
    reason: str
    override: bool = False
    note: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    selection: dict[str, Any] = field(default_factory=dict)
    undoes: Bulk | None = None

    @property
    def body_hash(self) -> str:
        undone = str(self.undoes.pk) if self.undoes else ""
        ids = list(self.campaign_ids)
        body = [self.kind, ids, self.by, self.reason, self.note, self.payload, self.selection, undone]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def request_bulk(
    *,
    kind: OperationKind,
    campaign_ids: Sequence[str],
    by: str,
    reason: ReasonCode,
    note: str = "",
    drop_active_calls: bool = False,
    selection: dict[str, Any] | None = None,
    key: str,
    enqueue: bool = True,
) -> Bulk:
    """Ask for a pause or a resume of many campaigns. The same `key` again is the same bulk.

    Ids that no campaign has are left out. `selection`: what was chosen, for the record. OperationRefusal: only its
    record was saved.
    """
    pauses = kind == OperationKind.PAUSE
    asked = _AskedBulk(
        kind=kind,
        campaign_ids=_known(campaign_ids),
        by=by,
        reason=reason.code,
        override=pauses and reason.overrides_calls_check,
        note=note,
        payload={"drop_active_calls": drop_active_calls} if pauses else {},
        selection=selection or {},
    )
    return _check_note(asked, reason, key) or _ask(asked, key, enqueue)


def _known(campaign_ids: Sequence[str]) -> list[str]:
    """Each once, in their order."""
    # Far more than can be asked for are refused by their number, without a look at each.
    if len(campaign_ids) > 2 * MOST_CAMPAIGNS:
        return list(campaign_ids)
    known = set(Campaign.objects.filter(pk__in=campaign_ids).values_list("pk", flat=True))
    return [pk for pk in dict.fromkeys(campaign_ids) if pk in known]


def request_exact_resume(
    *, bulk: Bulk, by: str, reason: ReasonCode, note: str = "", key: str, enqueue: bool = True
) -> Bulk:
    """Ask to resume what `bulk` has paused and nobody has touched since. Like `request_bulk`."""
    asked = _AskedBulk(
        kind=OperationKind.RESUME,
        campaign_ids=_free_of_holds(untouched_since(bulk)),
        by=by,
        reason=reason.code,
        note=note,
        selection={"paused_by": str(bulk.pk)},
        undoes=bulk,
    )
    return _check_note(asked, reason, key) or _ask(asked, key, enqueue)


def _free_of_holds(campaign_ids: list[str]) -> list[str]:
    held = set(Campaign.objects.filter(pk__in=campaign_ids, hold__isnull=False).values_list("pk", flat=True))
    return [pk for pk in campaign_ids if pk not in held]


def untouched_since(bulk: Bulk) -> list[str]:
    """The campaigns that `bulk` has paused, and that are still so by its pause, as last read. In its order."""
    paused = Operation.objects.filter(bulk=bulk, kind=OperationKind.PAUSE, state=State.CONFIRMED)
    pauses = {pause.campaign_id: pause for pause in paused.filter(campaign__gone_at=None)}
    still = standing(list(pauses.values()))
    return [pk for pk in bulk.campaign_ids if pk in pauses and pauses[pk].pk in still]


def retry_failed(*, bulk: Bulk, by: str, key: str, enqueue: bool = True) -> Bulk:
    """Ask again for what `bulk` didn't bring about (`WORTH_RETRYING`). Like `request_bulk`."""
    operations = Operation.objects.filter(bulk=bulk, state__in=WORTH_RETRYING)
    failed = set(operations.values_list("campaign_id", flat=True))
    asked = _AskedBulk(
        kind=OperationKind(bulk.kind),
        campaign_ids=[pk for pk in bulk.campaign_ids if pk in failed],
        by=by,
        reason=bulk.reason,
        override=bulk.override,
        note=bulk.note,
        payload=bulk.payload,
        selection={"failed_of": str(bulk.pk)},
        undoes=bulk.undoes,
    )
    return _ask(asked, key, enqueue)


def cancel_rest(*, bulk: Bulk, by: str) -> Bulk:
    """Begin nothing more of `bulk`. A worker cancels the operations that haven't begun. TooLate: all have."""
    with transaction.atomic():
        # What waits for a second person has no operations that a worker would have to cancel.
        waiting = Bulk.objects.filter(pk=bulk.pk, pending=True)
        if was_pending := waiting.update(pending=False, cancelled_at=Now(), cancelled_by=by, ended_at=Now()):
            four_eyes.withdraw(bulk)
        cancelled = was_pending or Bulk.objects.filter(pk=bulk.pk, ended_at=None, cancelled_at=None).update(
            cancelled_at=Now(), cancelled_by=by, next_attempt_at=Now(), enqueued_at=Now()
        )
        if cancelled:
            bulk.refresh_from_db()
            SyncState.bump()
            record_bulk(RecordKind.BULK_CANCELLED, bulk, by=by, details={"asked_by": bulk.by})
            if not was_pending:
                transaction.on_commit(partial(wakeups.enqueue_bulk, bulk.pk))
    if not cancelled:
        bulk.refresh_from_db()
        raise TooLate("It was too late to cancel: this bulk has ended, or somebody has cancelled it already.")
    return bulk


def _check_note(asked: _AskedBulk, reason: ReasonCode, key: str) -> Bulk | None:
    """The bulk of the same request, if one was made before the reason needed a note. NoteNeeded: there is none."""
    if asked.note or not reason.needs_note:
        return None
    same_request = Bulk.objects.filter(idempotency_key=key, body_hash=asked.body_hash).first()
    if same_request is None:
        raise _on_record(asked, NoteNeeded(note_needed(reason)))
    return same_request


def _ask(asked: _AskedBulk, key: str, enqueue: bool) -> Bulk:
    _check_number(asked)
    try:
        with transaction.atomic():
            bulk = _save(asked, key)
            approval = _wait_for_second(bulk) if bulk.pending else None
            SyncState.bump()
            details = {"note": bulk.note, "asked_for": bulk.payload, "selection": bulk.selection}
            record_bulk(RecordKind.BULK_ASKED, bulk, details=details)
            if approval:
                record_approval(RecordKind.APPROVAL_ASKED, approval, bulk, by=approval.by)
            elif enqueue:
                transaction.on_commit(partial(wakeups.enqueue_bulk, bulk.pk))
    except IntegrityError:
        if not Bulk.objects.filter(idempotency_key=key).exists():
            # Something else can't be saved.
            raise
        return _find_same(asked, key)
    return bulk


_NO_CAMPAIGN = "These are no campaigns: nothing was requested. Choose at least one."
_NOTHING_LEFT = "None of its campaigns is still paused by that bulk, and free of a hold: nothing was requested."


def _check_number(asked: _AskedBulk) -> None:
    number = len(asked.campaign_ids)
    if number == 0:
        raise _on_record(asked, UnusableSelection(_NO_CAMPAIGN if asked.undoes is None else _NOTHING_LEFT))
    if number > MOST_CAMPAIGNS:
        sentence = (
            f"These are {number:,} campaigns, and at most {MOST_CAMPAIGNS:,} can be asked for at once. "
            "Nothing was requested: narrow the selection."
        )
        raise _on_record(asked, UnusableSelection(sentence))


def _save(asked: _AskedBulk, key: str) -> Bulk:
    bulk = Bulk(
        **{each.name: getattr(asked, each.name) for each in fields(asked)},
        number=len(asked.campaign_ids),
        idempotency_key=key,
        body_hash=asked.body_hash,
        requested_at=database_now(),
        next_attempt_at=Now(),
        # Whoever asks enqueues it, or runs it; the dispatcher comes in only when that fails.
        enqueued_at=Now(),
        pending=asked.kind != OperationKind.PAUSE and four_eyes.bulk_waits(asked.kind, Policy.current()),
    )
    bulk.save(force_insert=True)
    return bulk


def _wait_for_second(bulk: Bulk) -> Approval:
    now, policy = bulk.requested_at, Policy.current()
    digest = four_eyes.digest_of_bulk(bulk, list(bulk.campaign_ids))
    bulk.next_attempt_at = four_eyes.lapse_of(None, now, policy)
    bulk.save(update_fields=["next_attempt_at"])
    return four_eyes.open_approval(bulk, by=bulk.by, digest=digest, now=now, lapses_at=bulk.next_attempt_at)


def _find_same(asked: _AskedBulk, key: str) -> Bulk:
    """The key is used already: by the same request, sent twice, or by another one."""
    same_key = Bulk.objects.get(idempotency_key=key)
    if same_key.body_hash == asked.body_hash:
        return same_key
    sentence = (
        "This form was sent before with other contents, and that bulk stands. "
        "Look at that one first; then open a new form if you still want this."
    )
    raise _on_record(asked, KeyReused(sentence))


def _on_record(asked: _AskedBulk, refusal: OperationRefusal) -> OperationRefusal:
    number = len(asked.campaign_ids)
    with transaction.atomic():
        ledger.append(
            RecordKind.OPERATION_REFUSED,
            by=asked.by,
            status=Status.REJECTED,
            action=asked.kind,
            campaign_name=f"{number:,} campaigns",
            reason=asked.reason,
            error=refusal.sentence,
            details={"code": refusal.code, "campaigns": number, "selection": asked.selection},
        )
    return refusal

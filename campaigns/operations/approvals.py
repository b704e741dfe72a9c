"""What a second person decides: to approve exactly what they saw, or to refuse it. What nobody decides lapses.

Each is one transaction: it locks the operation, or the bulk, and then looks again at everything. Of two people at
once, of a decision and a pause, and of a decision and the lapse, one is first, and the other is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from audit.kinds import RecordKind, Status
from campaigns.attention.causes import note_asked
from campaigns.errors import ApprovalOutdated, FindingsRefusal, OperationRefusal, OwnRequest, TooLate
from campaigns.models import Approval, Bulk, Decision, Operation, OperationKind, SyncState
from campaigns.operations import four_eyes, rank
from campaigns.operations.approval_records import record_approval
from campaigns.operations.bulk.records import record_bulk
from campaigns.operations.labels import LAPSED, REFUSED
from campaigns.operations.phrases import join_words, part_name, time_with_zone
from campaigns.operations.records import record_ended
from campaigns.operations.saving import in_the_way
from campaigns.operations.timed import taken_up_at
from campaigns.policy.holds import refusal_of, stops
from campaigns.policy.in_force import constraints_for, stopping
from campaigns.queueing import wakeups
from campaigns.queueing.rows import database_now
from campaigns.schedule import check, merge, same
from campaigns.states import IN_PROGRESS, State

_KINDS = {Decision.REFUSED: RecordKind.APPROVAL_REFUSED, Decision.LAPSED: RecordKind.APPROVAL_LAPSED}
_OVERTAKEN = (
    "Somebody changed the hours in CXone since this was asked for, so it would send something else than you saw. "
    "Nothing was approved. What it would send now is shown: look at it, and approve that if it is right."
)

_RESTORED = (
    "The database was restored from an older copy, in which this waited. Somebody may have approved it after the copy "
    "was made, so nobody can approve it now: look at its campaigns, and ask again if it is still wanted."
)


@dataclass(slots=True)
class _Waiting:
    """What is to be decided on, locked, with the other operations in progress on its campaign.

    For the record, once all rows are written: `superseded` ended, `is_renewed`: it waits as something else now,
    `is_ended`: it ended without a decision by a person.
    """

    approval: Approval
    subject: Operation | Bulk
    now: datetime
    others: Sequence[Operation] = ()
    superseded: Sequence[Operation] = ()
    is_renewed: bool = False
    is_ended: bool = False


def approve(*, approval: Approval, by: str, seen: str, enqueue: bool = True) -> Operation | Bulk:
    """Have it carried out as any other from now on. `seen`: the digest of what the person was shown.

    The same click again is the same approval. OperationRefusal: it stays as it is, and the attempt is on record.
    """
    with transaction.atomic():
        waiting = _lock(approval)
        if _is_same_click(waiting.approval, by, seen):
            return waiting.subject
        refusal = _why_not_by(waiting, by) or _why_not_this(waiting, seen) or _give(waiting, by, enqueue)
        SyncState.bump()
        rank.record(list(waiting.superseded))
        if refusal:
            _record_denied(waiting, by, refusal)
        else:
            record_approval(RecordKind.APPROVAL_GIVEN, waiting.approval, waiting.subject, by=by)
    if refusal:
        raise refusal
    return waiting.subject


def refuse(*, approval: Approval, by: str, reason: str) -> Operation | Bulk:
    """Have it end without anything sent. OperationRefusal: as for `approve`."""
    with transaction.atomic():
        waiting = _lock(approval)
        refusal = _why_not_by(waiting, by)
        if refusal is None:
            _decide(waiting, Decision.REFUSED, by, reason)
            _end(waiting.subject, f"{by} {REFUSED}: {reason}", by)
        SyncState.bump()
        if refusal:
            _record_denied(waiting, by, refusal)
        else:
            _record_end(waiting)
    if refusal:
        raise refusal
    return waiting.subject


def lapse_due() -> None:
    """End what nobody has decided on in time."""
    due = Approval.objects.filter(decision="", lapses_at__lte=Now()).order_by("lapses_at")
    for approval in list(due):
        with transaction.atomic():
            waiting = _lock(approval)
            if waiting.approval.is_open and waiting.approval.lapses_at <= waiting.now:
                _lapse(waiting)
                SyncState.bump()
                _record_end(waiting)


def _lock(approval: Approval) -> _Waiting:
    """Everything that ends its waiting locks the same rows first, so nothing does from here on until the commit."""
    if approval.bulk_id:
        bulk = Bulk.objects.select_for_update(no_key=True).get(pk=approval.bulk_id)
        return _Waiting(Approval.objects.get(pk=approval.pk), bulk, database_now())
    operations = Operation.objects.select_related("campaign", "undoes").filter(approvals=approval)
    campaign_id = operations.get().campaign_id
    others = [other for other in rank.locked_on(campaign_id) if other.state in IN_PROGRESS]
    operation = operations.select_for_update(of=("self",), no_key=True).get()
    return _Waiting(Approval.objects.get(pk=approval.pk), operation, database_now(), others)


def _is_same_click(approval: Approval, by: str, seen: str) -> bool:
    return (approval.decision, approval.decided_by, approval.digest) == (Decision.APPROVED, by, seen)


def _why_not_by(waiting: _Waiting, by: str) -> OperationRefusal | None:
    """Why it isn't theirs to decide, or no longer. One whose time is over lapses now."""
    approval, operation = waiting.approval, _operation_of(waiting)
    if not approval.is_open:
        return TooLate(_RESTORED if _is_of_before_restore(waiting) else _already(approval), operation)
    if four_eyes.is_same_person(approval.by, by):
        sentence = (
            f"{approval.by} asked for this, and somebody else has to approve or refuse it. Nothing was sent. "
            "Whoever asked can cancel it."
        )
        return OwnRequest(sentence, operation)
    if approval.lapses_at <= waiting.now:
        _lapse(waiting)
        return TooLate(_already(waiting.approval), operation)
    return None


def _already(approval: Approval) -> str:
    by = approval.decided_by
    sentences = {
        Decision.APPROVED: f"{by} has approved it already. Nothing more needs to be done.",
        Decision.REFUSED: f"{by} has refused it already. Nothing was sent.",
        Decision.LAPSED: f"It lapsed at {time_with_zone(approval.lapses_at)}, since nobody had approved it until "
        "then. Nothing was sent. If it is still wanted, it has to be asked for again.",
        Decision.WITHDRAWN: "It was cancelled, or a pause took its place, before anybody decided. Nothing was sent.",
    }
    return sentences[Decision(approval.decision)]


def _is_of_before_restore(waiting: _Waiting) -> bool:
    """It ended with everything that was open in the copy (campaigns.restoring.settling), by nobody's decision."""
    if waiting.approval.decision != Decision.WITHDRAWN:
        return False
    subject = waiting.subject
    return subject.cancelled_at is None if isinstance(subject, Bulk) else subject.state == State.UNCONFIRMED


def _operation_of(waiting: _Waiting) -> Operation | None:
    return waiting.subject if isinstance(waiting.subject, Operation) else None


def _why_not_this(waiting: _Waiting, seen: str) -> OperationRefusal | None:
    """Why exactly what the person saw can't be approved: everything that was checked when it was asked for, again."""
    approval, subject = waiting.approval, waiting.subject
    if isinstance(subject, Bulk):
        return _without_paused(waiting, subject) or _why_outdated(
            approval, seen, four_eyes.digest_of_bulk(subject, subject.campaign_ids), None
        )
    if outdated := _why_outdated(approval, seen, four_eyes.digest_of_operation(subject), subject):
        return outdated
    # It waits on: the hold may be lifted before it lapses. What is left of a bulk is looked at as it is made.
    if stops(subject.kind, subject.campaign):
        return refusal_of(subject.campaign_id)
    if paused := _why_paused(waiting, subject):
        return paused
    return _why_no_change(waiting, subject) if subject.kind == OperationKind.SCHEDULE else None


def _why_outdated(approval: Approval, seen: str, now: str, operation: Operation | None) -> OperationRefusal | None:
    if seen == approval.digest == now:
        return None
    sentence = (
        "What waits here isn’t what you saw any more. Nothing was approved. What it would do now is shown: look at "
        "it, and approve that if it is right."
    )
    return ApprovalOutdated(sentence, operation)


def _why_paused(waiting: _Waiting, operation: Operation) -> OperationRefusal | None:
    """A stop wins, also over what was asked for at the same moment, so that the pause didn't find it."""
    if operation.not_before:
        return None
    pauses = operation.campaign.operations.filter(kind=OperationKind.PAUSE, not_before=None)
    pause = pauses.filter(requested_at__gte=operation.requested_at).first()
    if pause is None:
        return None
    waiting.superseded = rank.end_for(operation, pause)
    return TooLate(f"A pause requested by {pause.by} took its place. Nothing was sent.", operation)


def _why_no_change(waiting: _Waiting, operation: Operation) -> OperationRefusal | None:
    campaign, payload = operation.campaign, operation.payload
    if overtaken := _why_overtaken(waiting, operation):
        return overtaken
    constraints = constraints_for(campaign, waiting.now, payload["ours"])
    findings = check(payload["ours"], constraints, waiting.now, payload["base"])
    return FindingsRefusal(findings) if stopping(findings, payload["acknowledged"]) else None


def _why_overtaken(waiting: _Waiting, operation: Operation) -> OperationRefusal | None:
    """CXone has other hours than those that the change started from: then it waits as what it would be now."""
    payload, theirs = operation.payload, operation.campaign.schedule
    # Where lists show no hours, they may not have been read.
    if not theirs or same(theirs, payload["base"]):
        return None
    merged = merge(payload["base"], theirs, payload["ours"])
    if merged.clashes:
        parts = join_words([part_name(clash.part) for clash in merged.clashes])
        sentence = (
            f"Somebody changed {parts} in CXone, too, to something else, so this can’t be approved. Refuse it, and "
            f"have {operation.by} change the hours as they are now."
        )
        return ApprovalOutdated(sentence, operation)
    if four_eyes.sends_same(merged.schedule, payload):
        return None
    operation.payload = payload | {"base": theirs, "ours": merged.schedule}
    Operation.objects.filter(pk=operation.pk).update(payload=operation.payload)
    _renew(waiting, four_eyes.digest_of_operation(operation))
    return ApprovalOutdated(_OVERTAKEN, operation)


def _without_paused(waiting: _Waiting, bulk: Bulk) -> OperationRefusal | None:
    """Leave out the campaigns that somebody has paused since: then the rest waits to be approved."""
    paused = set(rank.pauses_since(bulk.campaign_ids, bulk.requested_at).values_list("campaign_id", flat=True))
    left = [pk for pk in bulk.campaign_ids if pk not in paused]
    if len(left) == bulk.number:
        return None
    if not left:
        _decide(waiting, Decision.WITHDRAWN, "")
        _end(bulk, "", "")
        waiting.is_ended = True
        return TooLate("All its campaigns were paused since. A stop wins: nothing was sent.")
    number = bulk.number - len(left)
    bulk.campaign_ids, bulk.number = left, len(left)
    Bulk.objects.filter(pk=bulk.pk).update(campaign_ids=left, number=len(left))
    _renew(waiting, four_eyes.digest_of_bulk(bulk, left))
    sentence = (
        f"{number:,} of its campaigns {'was' if number == 1 else 'were'} paused since: a stop wins. Nothing was "
        "approved. What is left is shown: look at it, and approve that."
    )
    return ApprovalOutdated(sentence)


def _renew(waiting: _Waiting, digest: str) -> None:
    waiting.is_renewed, waiting.approval.digest = True, digest
    Approval.objects.filter(pk=waiting.approval.pk).update(digest=digest)


def _give(waiting: _Waiting, by: str, enqueue: bool) -> OperationRefusal | None:
    """From here on it goes the way of all others."""
    subject = waiting.subject
    try:
        with transaction.atomic():
            if isinstance(subject, Bulk):
                _let_bulk_begin(subject, by, waiting.now, enqueue)
            else:
                _let_begin(waiting, subject, by, enqueue)
    except IntegrityError:
        return in_the_way(waiting.others[0] if waiting.others else None)
    _decide(waiting, Decision.APPROVED, by)
    return None


def _let_begin(waiting: _Waiting, operation: Operation, by: str, enqueue: bool) -> None:
    operation.approved_by, operation.approved_at, operation.error = by, waiting.now, ""
    if operation.not_before:
        # A worker that takes it up sees whether its time has passed.
        operation.state, operation.enqueued_at = State.SCHEDULED, None
        operation.next_attempt_at = taken_up_at(operation.kind, operation.not_before)
    else:
        waiting.superseded = rank.make_way(operation, waiting.others)
        operation.state, operation.next_attempt_at = State.QUEUED, waiting.now
        # Nobody else would be told: the dispatcher finds it.
        operation.enqueued_at = waiting.now if enqueue else None
    operation.save(
        update_fields=[
            "approved_by",
            "approved_at",
            "error",
            "state",
            "enqueued_at",
            "next_attempt_at",
            "payload",
            "outranks",
        ]
    )
    if operation.state == State.QUEUED:
        note_asked([operation])
        if enqueue:
            transaction.on_commit(partial(wakeups.enqueue_operation, operation.pk))


def _let_bulk_begin(bulk: Bulk, by: str, now: datetime, enqueue: bool) -> None:
    bulk.pending, bulk.approved_by, bulk.approved_at = False, by, now
    bulk.next_attempt_at, bulk.enqueued_at = now, now if enqueue else None
    bulk.save(update_fields=["pending", "approved_by", "approved_at", "next_attempt_at", "enqueued_at"])
    if enqueue:
        transaction.on_commit(partial(wakeups.enqueue_bulk, bulk.pk))


def _lapse(waiting: _Waiting) -> None:
    asked, until = waiting.approval.asked_at, waiting.approval.lapses_at
    _decide(waiting, Decision.LAPSED, "")
    minutes = round((until - asked).total_seconds() / 60)
    _end(waiting.subject, f"{LAPSED} within {minutes:,} min, so nothing was sent.", "")
    waiting.is_ended = True


def _decide(waiting: _Waiting, decision: Decision, by: str, reason: str = "") -> None:
    approval = waiting.approval
    approval.decision, approval.decided_by, approval.decided_at, approval.reason = decision, by, waiting.now, reason
    approval.save(update_fields=["decision", "decided_by", "decided_at", "reason"])


def _end(subject: Operation | Bulk, error: str, by: str) -> None:
    """Nothing of it was sent, and nothing will be."""
    if isinstance(subject, Bulk):
        ended = {"pending": False, "cancelled_at": Now(), "cancelled_by": by, "ended_at": Now()}
        Bulk.objects.filter(pk=subject.pk).update(**ended)
    else:
        ended = {"state": State.CANCELLED, "ended_at": Now(), "error": error[:1000], "cancelled_by": by}
        Operation.objects.filter(pk=subject.pk).update(**ended, fence=F("fence") + 1)
    subject.refresh_from_db(fields=list(ended))


def _record_denied(waiting: _Waiting, by: str, refusal: OperationRefusal) -> None:
    """With what was found out on the way."""
    if waiting.is_ended:
        _record_end(waiting)
    if waiting.is_renewed:
        record_approval(RecordKind.APPROVAL_CHANGED, waiting.approval, waiting.subject, by=waiting.approval.by)
    record_approval(
        RecordKind.APPROVAL_DENIED,
        waiting.approval,
        waiting.subject,
        by=by,
        status=Status.REJECTED,
        error=refusal.sentence,
        code=refusal.code,
    )


def _record_end(waiting: _Waiting) -> None:
    subject, approval = waiting.subject, waiting.approval
    if approval.decision in _KINDS:
        kind = _KINDS[Decision(approval.decision)]
        record_approval(kind, approval, subject, by=approval.decided_by, error=approval.reason)
    if isinstance(subject, Operation):
        record_ended(subject)
    else:
        record_bulk(RecordKind.BULK_ENDED, subject, details={"cancelled": subject.number})

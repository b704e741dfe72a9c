"""Four eyes: which requests wait for a second person, and the hash of what that person is asked to approve.

The policy in force when something is asked for decides; a change of the policy changes nothing that was asked before.
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models.functions import Now

from audit import canonical_json
from campaigns.deliveries.outbox import add_delivery
from campaigns.deliveries.receivers import NOTIFIED
from campaigns.lookalikes import keys_of
from campaigns.models import Approval, Bulk, Decision, Operation, OperationKind, Origin, Policy, Target
from campaigns.schedule import merge
from campaigns.states import State

APPROVAL_NEEDED = "APPROVAL_NEEDED"

# What a person can change of a schedule; the rest of a payload is a worker's.
_ASKED_FOR = ("base", "ours", "etag", "acknowledged")


class SecondWanted(NamedTuple):
    """For which single requests the policy in force wants a second person."""

    resumes: bool
    schedules: bool


NOTHING_WANTED = SecondWanted(resumes=False, schedules=False)


def waits(kind: str, origin: str, *, resumes: bool, schedules: bool) -> bool:
    """Whether a single request waits. `resumes`, `schedules`: what the policy wants two people for.

    Never a pause, and nothing that the product asks for by itself: an admin has switched that on.
    """
    if origin != Origin.PERSON:
        return False
    return (kind == OperationKind.RESUME and resumes) or (kind == OperationKind.SCHEDULE and schedules)


def bulk_waits(kind: str, policy: Policy) -> bool:
    """A bulk of resumes waits where each of them would, too: nobody gets around that by asking for two at once."""
    return kind == OperationKind.RESUME and (policy.two_for_bulk or policy.two_for_resume)


def is_on(policy: Policy) -> bool:
    return policy.two_for_resume or policy.two_for_bulk or policy.two_for_schedule


def lapse_of(at: datetime | None, now: datetime, policy: Policy) -> datetime:
    """When a request lapses. One for a time can be approved until that, and as long after it as it may be late."""
    minutes = policy.approval_minutes
    if at is None or at <= now:
        return now + timedelta(minutes=minutes)
    return at + timedelta(minutes=min(minutes, policy.late_minutes))


def digest_of_operation(operation: Operation) -> str:
    """The hash of exactly what is asked for: who asks for what, of which campaign, why, when, and from which base."""
    payload = operation.payload
    if operation.kind == OperationKind.SCHEDULE:
        payload = {name: payload.get(name) for name in _ASKED_FOR}
    return _digest(
        {
            "kind": operation.kind,
            "campaign_id": operation.campaign_id,
            "by": operation.by,
            "reason": operation.reason,
            "note": operation.note,
            "payload": payload,
            "undoes": str(operation.undoes_id or ""),
            "due": _due(operation),
        }
    )


def digest_of_bulk(bulk: Bulk, campaign_ids: list[str]) -> str:
    """One hash over all the operations that the bulk would make."""
    return _digest(
        {
            "kind": bulk.kind,
            "campaign_ids": campaign_ids,
            "by": bulk.by,
            "reason": bulk.reason,
            "note": bulk.note,
            "payload": bulk.payload,
            "undoes": str(bulk.undoes_id or ""),
        }
    )


def _due(operation: Operation) -> list[str | int]:
    """A time that was entered in a zone is that one there, also where new rules of the zone move the instant."""
    if operation.not_before is None:
        return []
    if operation.entered_zone:
        return [operation.entered_local, operation.entered_fold, operation.entered_zone]
    return [operation.not_before.isoformat()]


def _digest(what: dict[str, Any]) -> str:
    try:
        text = canonical_json.text(what)
    except ValueError:
        # A schedule can hold numbers beyond those of RFC 8785.
        text = json.dumps(what, sort_keys=True)
    return sha256(text.encode()).hexdigest()


def sends_same(schedule: object, payload: dict[str, Any]) -> bool:
    """Whether `schedule` is byte for byte what the change would send if nobody had changed anything else."""
    asked = merge(payload["base"], payload["base"], payload["ours"]).schedule
    return canonical_json.text(schedule) == canonical_json.text(asked)


def is_same_person(one: str, other: str) -> bool:
    """Names that read the same are one person's, as among accounts."""
    return one == other or bool(keys_of(one) & keys_of(other))


def open_approval(subject: Operation | Bulk, *, by: str, digest: str, now: datetime, lapses_at: datetime) -> Approval:
    """Have a second person asked, also by a notice where there is an address for it. Inside the transaction that saves
    what waits, before its audit records."""
    approval = Approval(by=by, digest=digest, asked_at=now, lapses_at=lapses_at)
    if isinstance(subject, Bulk):
        approval.bulk = subject
    else:
        approval.operation = subject
    approval.save(force_insert=True)
    if NOTIFIED.url:
        add_delivery(Target.ATTENTION, APPROVAL_NEEDED, _notice(approval, subject))
    return approval


def _notice(approval: Approval, subject: Operation | Bulk) -> bytes:
    about: dict[str, Any] = {
        "event": APPROVAL_NEEDED,
        "timestamp": _iso(approval.asked_at),
        "lapses_at": _iso(approval.lapses_at),
        "action": str(subject.kind),
        "by": approval.by,
        "reason": subject.reason,
    }
    if isinstance(subject, Bulk):
        about["campaigns"] = subject.number
    else:
        about |= {"campaign_id": subject.campaign_id, "campaign_name": subject.campaign.name}
    if settings.PUBLIC_BASE_URL:
        about["url"] = f"{settings.PUBLIC_BASE_URL}/approvals/{approval.pk}/"
    return canonical_json.text(about).encode()


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def withdraw(subject: Operation | Bulk) -> None:
    """It ends without a decision. Inside the transaction that ends it."""
    waiting = Approval.objects.filter(bulk=subject) if isinstance(subject, Bulk) else subject.approvals.all()
    waiting.filter(decision="").update(decision=Decision.WITHDRAWN, decided_at=Now())


def begin_waiting(operation: Operation, *, by: str, now: datetime) -> Approval:
    """Save `operation`, new or of before, as one that waits for a second person. `by`: who asks for it as it is."""
    policy = Policy.current()
    lapses_at = lapse_of(operation.not_before, now, policy)
    operation.state, operation.next_attempt_at, operation.enqueued_at = State.PENDING, lapses_at, None
    operation.save()
    return open_approval(operation, by=by, digest=digest_of_operation(operation), now=now, lapses_at=lapses_at)

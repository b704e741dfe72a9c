"""Two people in tests: Ada asks, and Bea decides."""

from typing import Any

from django.db.models.functions import Now

from campaigns.models import Approval, Bulk, Campaign, Operation, Policy
from campaigns.operations import approvals
from campaigns.simulator import Simulator


def want_two(*, resume: bool = True, bulk: bool = True, schedule: bool = True, minutes: int = 30) -> None:
    Policy.objects.update(
        two_for_resume=resume, two_for_bulk=bulk, two_for_schedule=schedule, approval_minutes=minutes
    )


def approval_of(subject: Operation | Bulk) -> Approval:
    """The newest one."""
    return subject.approvals.latest("asked_at")


def approve(subject: Operation | Bulk, by: str = "Bea", seen: str | None = None) -> Any:
    """`seen`: what waits at this moment, unless the person saw something else."""
    approval = approval_of(subject)
    decided = approvals.approve(approval=approval, by=by, seen=approval.digest if seen is None else seen)
    subject.refresh_from_db()
    return decided


def refuse(subject: Operation | Bulk, by: str = "Bea", reason: str = "too early") -> None:
    approvals.refuse(approval=approval_of(subject), by=by, reason=reason)
    subject.refresh_from_db()


def let_lapse(subject: Operation | Bulk) -> None:
    """Its time is over, and a worker sees that."""
    Approval.objects.filter(pk=approval_of(subject).pk).update(lapses_at=Now())
    approvals.lapse_due()
    subject.refresh_from_db()


def changes_at(cxone: Simulator) -> list[Any]:
    """What changed something in CXone."""
    return [*cxone.record.requests("PUT"), *cxone.record.requests("PATCH")]


def reread(campaign: Campaign) -> Campaign:
    campaign.refresh_from_db()
    return campaign

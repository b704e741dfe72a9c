"""Audit records of approvals: of an operation they are steps of it, of a bulk they stand for themselves."""

from typing import Any

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.models import Approval, Bulk, Operation
from campaigns.operations.records import append_entry, entry_of


def record_waiting(operation: Operation) -> None:
    """Of one that has just begun to wait for a second person. The transaction's last step, as always."""
    approval = operation.approvals.get(decision="")
    record_approval(RecordKind.APPROVAL_ASKED, approval, operation, by=approval.by)


def record_approval(
    kind: RecordKind,
    approval: Approval,
    subject: Operation | Bulk,
    *,
    by: str,
    status: Status = Status.INFO,
    error: str = "",
    **details: Any,
) -> None:
    """Append what happened to an approval. The transaction's last step, as always."""
    about = {"asked_by": approval.by, "approval": str(approval.pk), "digest": approval.digest}
    about |= {"lapses_at": approval.lapses_at.isoformat().replace("+00:00", "Z")} | details
    if isinstance(subject, Operation):
        append_entry(entry_of(kind, subject, by=by, status=status, error=error, details=about))
        return
    ledger.append(
        kind,
        by=by,
        status=status,
        action=subject.kind,
        campaign_name=f"{subject.number:,} campaign{'' if subject.number == 1 else 's'}",
        reason=subject.reason,
        error=error,
        details={"bulk": str(subject.pk), "campaigns": subject.number, **about},
    )

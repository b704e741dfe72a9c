"""Audit records of bulks."""

from typing import Any

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.models import Bulk
from campaigns.operations.records import approval_of


def record_bulk(
    kind: RecordKind, bulk: Bulk, *, by: str | None = None, status: Status = Status.INFO, details: dict[str, Any]
) -> None:
    """Append what happened to `bulk`, `by` its owner or another. The transaction's last step, as always."""
    ledger.append(
        kind,
        by=bulk.by if by is None else by,
        status=status,
        action=bulk.kind,
        reason=bulk.reason,
        details={"bulk": str(bulk.pk), "campaigns": bulk.number, **approval_of(bulk), **details},
    )

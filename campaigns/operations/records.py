"""Audit records of operations, written the same way by those who ask and by those who run."""

from typing import Any, cast

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.models import Bulk, Operation, OperationKind
from campaigns.operations.timed import begin_of
from campaigns.schedule.zones import ZONE_DATA
from campaigns.states import State

STATUS_OF_END = {
    State.CONFIRMED: Status.SUCCESS,
    State.SKIPPED: Status.SKIPPED,
    State.REJECTED: Status.REJECTED,
    State.CONFLICT: Status.FAILURE,
    State.FAILED: Status.FAILURE,
    State.UNCONFIRMED: Status.FAILURE,
    State.CANCELLED: Status.INFO,
    State.SUPERSEDED: Status.INFO,
}


def entry_of(
    kind: RecordKind,
    operation: Operation,
    *,
    by: str | None = None,
    status: Status = Status.INFO,
    details: dict[str, Any] | None = None,
    **facts: Any,
) -> ledger.Entry:
    """What happened to `operation`, `by` its owner or another, to be appended."""
    about = ledger.Facts(
        action=operation.kind,
        campaign_id=operation.campaign_id,
        campaign_name=operation.campaign.name,
        operation=operation.id,
        reason=operation.reason,
    )
    return ledger.Entry(
        kind=kind,
        by=operation.by if by is None else by,
        status=status,
        details=details or {},
        facts=cast("ledger.Facts", about | facts),
    )


def record_operation(kind: RecordKind, operation: Operation, **facts: Any) -> None:
    """Append what happened to `operation` (as for `entry_of`). The transaction's last step, as always."""
    append_entry(entry_of(kind, operation, **facts))


def append_entry(entry: ledger.Entry) -> None:
    ledger.append(entry.kind, by=entry.by, status=entry.status, details=entry.details, at=entry.at, **entry.facts)


def record_asked(operation: Operation) -> None:
    append_entry(asked_entry(operation))


def asked_entry(operation: Operation) -> ledger.Entry:
    asked_for = {"note": operation.note, "asked_for": operation.payload}
    details = {**asked_for, **_bulk(operation), **_undone(operation), **due_facts(operation), **_zone_data(operation)}
    details |= approval_of(operation)
    return entry_of(RecordKind.OPERATION_ASKED, operation, details=details)


def record_cancelled(operation: Operation, by: str, why: str = "") -> None:
    """`why`: where it wasn't a person's wish."""
    append_entry(cancelled_entry(operation, by, why))


def cancelled_entry(operation: Operation, by: str, why: str = "") -> ledger.Entry:
    details = {"asked_by": operation.by, **_superseder(operation)}
    return entry_of(RecordKind.OPERATION_CANCELLED, operation, by=by, error=why, details=details)


def record_superseded(operation: Operation) -> None:
    """A pause took the place of one that had sent nothing."""
    append_entry(superseded_entry(operation))


def superseded_entry(operation: Operation) -> ledger.Entry:
    if operation.superseded_by is None:
        raise ValueError(f"{operation} was superseded by nothing")
    return cancelled_entry(operation, operation.superseded_by.by, "A pause took its place before anything was sent.")


def record_rescheduled(operation: Operation, before: dict[str, Any], *, by: str, cause: str = "") -> None:
    """`before`: what `due_facts` was."""
    details: dict[str, Any] = {"before": before, "after": due_facts(operation)}
    if cause:
        details["cause"] = cause
    record_operation(RecordKind.OPERATION_RESCHEDULED, operation, by=by, details=details)


def due_facts(operation: Operation) -> dict[str, Any]:
    """When it is due, and the local time and zone in which that was entered; {} for one that was to happen at once."""
    if operation.not_before is None:
        return {}
    due: dict[str, Any] = {"due": operation.not_before.isoformat().replace("+00:00", "Z")}
    if operation.undoes_id:
        due["undoes"] = str(operation.undoes_id)
    if operation.entered_zone:
        due |= {"entered": operation.entered_local, "zone": operation.entered_zone, "zone_data": operation.zone_data}
    return due


def record_ended(operation: Operation) -> None:
    append_entry(ended_entry(operation))


def ended_entry(operation: Operation) -> ledger.Entry:
    return entry_of(
        RecordKind.OPERATION_ENDED,
        operation,
        status=STATUS_OF_END[State(operation.state)],
        latency_ms=operation.latency_ms,
        payload_hash=operation.payload_hash,
        api_response_status=operation.api_status,
        compliance_check=operation.compliance_check,
        concurrent_pause_limit=operation.place_limit,
        webhook_subscription_id=operation.campaign.subscription_id,
        error=operation.error,
        details={
            "state": operation.state,
            **approval_of(operation),
            **_superseder(operation),
            **_confirmation(operation),
            **_failures(operation),
            **_particulars(operation),
            **_zone_data(operation),
        },
    )


def _superseder(operation: Operation) -> dict[str, str]:
    if operation.superseded_by is None:
        return {}
    by = "taken_back_by" if operation.superseded_by.kind == OperationKind.RESUME else "superseded_by_person"
    return {"superseded_by": str(operation.superseded_by_id), by: operation.superseded_by.by}


def approval_of(operation: Operation | Bulk) -> dict[str, str]:
    """The second person, where the policy wanted one."""
    return {"approved_by": operation.approved_by} if operation.approved_by else {}


def _bulk(operation: Operation) -> dict[str, str]:
    return {"bulk": str(operation.bulk_id)} if operation.bulk_id else {}


def _undone(operation: Operation) -> dict[str, str]:
    return {"undoes": str(operation.undoes_id)} if operation.undoes_id else {}


def _confirmation(operation: Operation) -> dict[str, int]:
    """The time from the request, or from when it was due, until the change was seen, by the database's clock."""
    if operation.state != State.CONFIRMED or operation.confirmed_at is None:
        return {}
    took = operation.confirmed_at - begin_of(operation)
    return {"confirmation_ms": max(0, round(took.total_seconds() * 1000))}


def _failures(operation: Operation) -> dict[str, Any]:
    """How often it failed, and since when, if it ended because of that."""
    if not operation.failures:
        return {}
    since = operation.failing_since
    return {"failures": operation.failures, **({"failing_since": since.isoformat()} if since else {})}


def _particulars(operation: Operation) -> dict[str, Any]:
    if operation.kind != OperationKind.SCHEDULE:
        return {"calls": operation.calls_before, "limit": operation.calls_limit}
    if operation.conflict:
        return {"conflict": operation.conflict}
    return schedules_of(operation)


def _zone_data(operation: Operation) -> dict[str, str]:
    """The release of the time zone database by which its hours were interpreted."""
    if operation.kind == OperationKind.SCHEDULE:
        return {"zone_data": ZONE_DATA}
    return {}


def schedules_of(operation: Operation) -> dict[str, Any]:
    """Before and after, of a schedule that was sent."""
    if operation.applied is None:
        return {}
    return {"before": {"schedule": operation.payload["replaced"]}, "after": {"schedule": operation.applied}}

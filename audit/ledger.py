"""The ledger's only writer.

A record is written in the transaction of the change it tells of, as that transaction's last step: business rows
first, then the head. One lock order everywhere rules out deadlocks, and the head is held for moments only.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField
from django.utils import timezone

from audit import chain
from audit.kinds import Kind, Status
from audit.models import Head, Record

BOUNDS = {field.name: field.max_length or 0 for field in Record._meta.concrete_fields if isinstance(field, CharField)}


def append(
    kind: Kind,
    *,
    by: str,
    status: Status = Status.INFO,
    action: str = "",
    campaign_id: str = "",
    campaign_name: str = "",
    operation: uuid.UUID | None = None,
    reason: str = "",
    latency_ms: int | None = None,
    payload_hash: str = "",
    api_response_status: int | None = None,
    compliance_check: str = "",
    concurrent_pause_limit: int | None = None,
    webhook_subscription_id: str = "",
    error: str = "",
    details: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Record:
    """Add a record at the chain's end, inside the caller's transaction and as its last step. Three queries.

    `by` is the user name, or the label of who acted; `latency_ms` is in milliseconds. Text that is too long is cut
    with a mark. TransactionManagementError outside `transaction.atomic`; ValueError for details that aren't JSON, a
    kind or status that isn't listed, a number beyond 2^53, or a time without zone.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a record is appended inside the transaction of what it tells of")
    texts = {
        "kind": Kind(kind).value,
        "action": action,
        "status": Status(status).value,
        "by": by,
        "campaign_id": campaign_id,
        "campaign_name": campaign_name,
        "reason": reason,
        "payload_hash": payload_hash,
        "compliance_check": compliance_check,
        "webhook_subscription_id": webhook_subscription_id,
        "error": error,
    }
    record = Record(
        timestamp=at or timezone.now(),
        operation=operation,
        latency_ms=_whole(latency_ms),
        api_response_status=_whole(api_response_status),
        concurrent_pause_limit=_whole(concurrent_pause_limit),
        details=chain.plain(details or {}),
        **{name: chain.clean(text, BOUNDS[name]) for name, text in texts.items()},
    )
    return _link(record)


def _whole(number: int | None) -> int | None:
    if number is None:
        return None
    if abs(number) > chain.LARGEST:
        raise ValueError(f"{number} is too large a number for a record")
    return int(number)


def _link(record: Record) -> Record:
    """Give the record its place in the chain. The head stays locked until the transaction ends."""
    head = Head.objects.select_for_update().get()
    record.number = head.number + 1
    record.previous = head.digest
    record.body = chain.canonical(record.shown())
    record.digest = chain.digest(record.body)
    record.save(force_insert=True)
    Head.objects.filter(number=head.number).update(number=record.number, digest=record.digest)
    return record

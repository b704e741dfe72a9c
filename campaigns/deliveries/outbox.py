"""Deliveries to other systems: a row is written with the change that it reports, and sent again on request."""

from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.db.models.functions import Now

from audit import ledger
from audit.kinds import RecordKind
from campaigns.models import Campaign, Delivery, DeliveryState, Operation, OperationKind, SyncState, Target
from campaigns.queueing import wakeups
from campaigns.queueing.leases import is_free
from campaigns.queueing.rows import database_now

# How long a delivery is tried before it is parked: the WFM system may be down over a night.
PATIENCE = timedelta(days=1)
# What one click sends again: some seconds of work, since each leaves a record.
MOST_AT_ONCE = 500
EVENTS = {
    OperationKind.PAUSE: "CAMPAIGN_PAUSED",
    OperationKind.RESUME: "CAMPAIGN_RESUMED",
    OperationKind.SCHEDULE: "CAMPAIGN_SCHEDULE_UPDATED",
}
# By whom it is for: how it is put on record that it was given up, and sent again.
PARKED = {Target.WFM: RecordKind.DELIVERY_PARKED, Target.ATTENTION: RecordKind.NOTICE_PARKED}
_RESENT = {Target.WFM: RecordKind.DELIVERY_RESENT, Target.ATTENTION: RecordKind.NOTICE_RESENT}


class OnItsWay(Exception):
    """The delivery is pending already."""


def note_confirmed(operation: Operation) -> None:
    """Have the change sent to the WFM system. Inside the transaction that confirms it, before its audit record."""
    if not settings.WFM_WEBHOOK_URL:
        return
    body = body_of(operation, operation.confirmed_at or database_now())
    event = EVENTS[OperationKind(operation.kind)]
    add_delivery(Target.WFM, event, body, campaign=operation.campaign, operation=operation)


def add_delivery(
    target: Target, event: str, body: bytes, *, campaign: Campaign | None = None, operation: Operation | None = None
) -> None:
    """Have `body` sent, tried for a day. Inside the transaction that writes what it reports, before audit records."""
    # The row of SyncState stays locked until the commit, so that numbers are assigned, and become visible, in order.
    SyncState.bump()
    now = database_now()
    delivery = Delivery(
        target=target,
        number=(Delivery.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        event=event,
        campaign=campaign,
        operation=operation,
        body=body,
        created_at=now,
        park_at=now + PATIENCE,
        next_attempt_at=now,
        # Whoever adds it enqueues it; the dispatcher comes in only when that fails.
        enqueued_at=now,
    )
    delivery.save(force_insert=True)
    transaction.on_commit(wakeups.enqueue_deliveries, robust=True)


def body_of(operation: Operation, at: datetime) -> bytes:
    """Canonical JSON (RFC 8785): what is signed and sent, the same in each attempt."""
    common: dict[str, Any] = {
        "event": EVENTS[OperationKind(operation.kind)],
        "campaign_id": operation.campaign_id,
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    if operation.kind == OperationKind.SCHEDULE:
        about = {"schedule": operation.applied}
    else:
        about = {"reason": operation.reason}
    return rfc8785.dumps(common | about)


def due() -> QuerySet[Delivery]:
    """Those that may be sent now: nobody holds them, and nothing older of the same campaign waits."""
    pending = Delivery.objects.filter(state=DeliveryState.PENDING)
    older = pending.filter(campaign=OuterRef("campaign"), number__lt=OuterRef("number"))
    return pending.filter(is_free(), ~Exists(older), next_attempt_at__lte=Now())


def resend(*, delivery: Delivery, by: str) -> None:
    """Send a delivered or parked one again, with another day to try, on record. OnItsWay: it is pending."""
    with transaction.atomic():
        ended = Delivery.objects.filter(pk=delivery.pk, state__in=[DeliveryState.DELIVERED, DeliveryState.PARKED])
        before = ended.select_for_update().values("state", "failures", "error").first()
        if before is None:
            raise OnItsWay
        ended.update(
            state=DeliveryState.PENDING,
            park_at=Now() + PATIENCE,
            next_attempt_at=Now(),
            enqueued_at=Now(),
            lease_until=None,
            fence=F("fence") + 1,
            failures=0,
            error="",
            delivered_at=None,
            parked_at=None,
        )
        after = {"state": DeliveryState.PENDING, "failures": 0, "error": ""}
        record_delivery(_RESENT[Target(delivery.target)], delivery, by=by, details={"before": before, "after": after})
        transaction.on_commit(wakeups.enqueue_deliveries, robust=True)


def resend_parked(*, by: str) -> int:
    """Send parked ones again, oldest first, at most MOST_AT_ONCE, each on record. Returns how many."""
    # Each in a transaction of its own: the ledger's head isn't locked for the whole of a long list.
    parked = Delivery.objects.select_related("campaign", "operation").filter(state=DeliveryState.PARKED)
    sent = 0
    for delivery in parked.order_by("number")[:MOST_AT_ONCE]:
        try:
            resend(delivery=delivery, by=by)
        except OnItsWay:
            # Somebody else sent it meanwhile.
            continue
        sent += 1
    return sent


def record_delivery(kind: RecordKind, delivery: Delivery, *, by: str, details: dict[str, Any], **facts: Any) -> None:
    """Append what happened to `delivery`. The transaction's last step, as always."""
    operation, campaign = delivery.operation, delivery.campaign
    ledger.append(
        kind,
        by=by,
        action=operation.kind if operation else "",
        campaign_id=campaign.pk if campaign else "",
        campaign_name=campaign.name if campaign else "",
        operation=operation.pk if operation else None,
        details={"delivery": str(delivery.pk), "event": delivery.event, **details},
        **facts,
    )

"""Small rows for tests: every value has a plain default, and a test names only what it is about."""

import json
import uuid
from datetime import date, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from campaigns.cxone.gateway import Sent
from campaigns.handover.snapshot import take_snapshot
from campaigns.models import (
    Approval,
    Attempt,
    AttemptOutcome,
    Bulk,
    Calendar,
    Campaign,
    Delivery,
    Drain,
    DrainSample,
    Handover,
    Holiday,
    Operation,
    OperationKind,
    WallLink,
)
from campaigns.states import ENDS, State

PASSWORD = "a password for tests"
SENT = Sent("0" * 64, "PUT /api/v2/campaigns/spring")
SCHEDULE: dict[str, Any] = {
    "timezone": "America/New_York",
    "dialingHours": [
        {"day": day, "startTime": "09:00", "endTime": "17:00"} for day in ("MON", "TUE", "WED", "THU", "FRI")
    ],
    "pauseConditions": [],
}
_numbers = count(1)


def make_user(role: str = "supervisor", username: str = "") -> User:
    """A person of that role; no role: somebody who may sign in, and nothing else."""
    user = User(username=username or f"{role or 'nobody'}{next(_numbers)}")
    user.set_password(PASSWORD)
    user.save()
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def make_campaign(campaign_id: str = "", **values: Any) -> Campaign:
    """An active campaign that was read just now."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "id": campaign_id or f"campaign-{number}",
        "name": f"Campaign {number}",
        "status": "ACTIVE",
        "schedule": SCHEDULE,
        "timezone": "America/New_York",
        "read_at": timezone.now(),
    }
    return Campaign.objects.create(**defaults | values)


def make_operation(campaign: Campaign | None = None, **values: Any) -> Operation:
    """A pause, asked for just now; one in an end state has ended."""
    now = values.get("requested_at", timezone.now())
    defaults: dict[str, Any] = {
        "kind": OperationKind.PAUSE,
        "by": "supervisor",
        "reason": "WFM_OVERRIDE",
        "idempotency_key": uuid.uuid4().hex,
        "body_hash": "0" * 64,
        "next_attempt_at": now,
        "requested_at": now,
    }
    if values.get("state") in ENDS:
        defaults["ended_at"] = now + timedelta(seconds=1)
    if values.get("state") == State.CONFIRMED:
        defaults["confirmed_at"] = now + timedelta(seconds=1)
    return Operation.objects.create(campaign=campaign or make_campaign(), **defaults | values)


def make_approval(subject: Operation | Bulk | None = None, **values: Any) -> Approval:
    """Of a resume by default: it waits, for half an hour from now on."""
    now = values.get("asked_at", timezone.now())
    if subject is None:
        subject = make_operation(kind=OperationKind.RESUME, state=State.PENDING, by="ada")
    about = {"bulk": subject} if isinstance(subject, Bulk) else {"operation": subject}
    defaults = {"by": subject.by, "digest": "0" * 64, "asked_at": now, "lapses_at": now + timedelta(minutes=30)}
    return Approval.objects.create(**about | defaults | values)


def make_attempt(operation: Operation, **values: Any) -> Attempt:
    """The operation's next attempt, accepted at once."""
    defaults: dict[str, Any] = {
        "number": operation.attempts.count() + 1,
        "fence": 1,
        "payload_hash": "0" * 64,
        "sent_at": operation.requested_at,
        "answered_at": operation.requested_at,
        "outcome": AttemptOutcome.ACCEPTED,
        "api_status": 200,
    }
    return Attempt.objects.create(operation=operation, **defaults | values)


def make_drain(operation: Operation, *calls: int, seconds_apart: int = 3, **values: Any) -> Drain:
    """The calls of a paused campaign, sampled `seconds_apart`; it has ended when the last sample is none."""
    start = values.pop("started_at", operation.requested_at)
    end = start + timedelta(seconds=seconds_apart * (len(calls) - 1))
    ended: dict[str, Any] = {"ended_at": end, "end": "empty", "calls_at_end": 0} if calls and calls[-1] == 0 else {}
    drain = Drain.objects.create(
        operation=operation,
        campaign=operation.campaign,
        started_at=start,
        calls_at_start=calls[0] if calls else 0,
        **{"deadline": start + timedelta(minutes=30)} | ended | values,
    )
    DrainSample.objects.bulk_create(
        DrainSample(drain=drain, at=start + timedelta(seconds=seconds_apart * step), calls=number)
        for step, number in enumerate(calls)
    )
    return drain


def make_delivery(campaign: Campaign | None = None, **values: Any) -> Delivery:
    """What the WFM system is to be told of a confirmed pause, due now."""
    now = values.get("created_at", timezone.now())
    operation = values.pop("operation", None) or make_operation(campaign, state=State.CONFIRMED, requested_at=now)
    defaults: dict[str, Any] = {
        "number": next(_numbers),
        "event": "CAMPAIGN_PAUSED",
        "campaign": operation.campaign,
        "operation": operation,
        "body": json.dumps({"event": "CAMPAIGN_PAUSED", "campaign_id": operation.campaign_id}).encode(),
        "created_at": now,
        "park_at": now + timedelta(days=1),
        "next_attempt_at": now,
    }
    return Delivery.objects.create(**defaults | values)


def make_calendar(*campaigns: Campaign, **values: Any) -> Calendar:
    """A calendar of those campaigns, whose days are in each one's own zone."""
    calendar = Calendar.objects.create(**{"name": f"Calendar {next(_numbers)}"} | values)
    calendar.campaigns.set(campaigns)
    return calendar


def make_holiday(calendar: Calendar | None = None, day: str = "2026-12-25", **values: Any) -> Holiday:
    """Christmas Day, once and all day."""
    defaults = {"name": "Christmas Day", "date": date.fromisoformat(day)}
    return Holiday.objects.create(calendar=calendar or make_calendar(), **defaults | values)


def make_bulk(*campaigns: Campaign, **values: Any) -> Bulk:
    """A pause of those campaigns, asked for just now; none of its operations is made yet."""
    now = timezone.now()
    defaults: dict[str, Any] = {
        "kind": OperationKind.PAUSE,
        "by": "supervisor",
        "reason": "WFM_OVERRIDE",
        "payload": {"drop_active_calls": False},
        "campaign_ids": [campaign.pk for campaign in campaigns],
        "number": len(campaigns),
        "idempotency_key": uuid.uuid4().hex,
        "body_hash": "0" * 64,
        "requested_at": now,
        "next_attempt_at": now,
    }
    return Bulk.objects.create(**defaults | values)


def make_handover(**values: Any) -> Handover:
    """Written just now, and waiting for the next shift."""
    now = timezone.now()
    defaults = {"written_at": now, "written_by": "supervisor", "snapshot": take_snapshot(now), "key": uuid.uuid4().hex}
    return Handover.objects.create(**defaults | values)


def make_wall_link(token: str = "", **values: Any) -> WallLink:
    """A link that works until it is revoked."""
    defaults: dict[str, Any] = {
        "name": "Floor 2",
        "token_hash": sha256((token or uuid.uuid4().hex).encode()).hexdigest(),
        "key": uuid.uuid4().hex,
        "zone": "America/New_York",
        "made_at": timezone.now(),
        "made_by": "admin",
    }
    return WallLink.objects.create(**defaults | values)

"""Findings and campaigns as tests about attention start with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from campaigns.attention.findings import URGENCY
from campaigns.models import Campaign, Finding, FindingCode
from tests.factories import make_campaign

# Noon on a Wednesday in New York, within the hours of the factories' schedule.
NOON = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_finding(code: FindingCode, campaign: Campaign | None = None, **values: Any) -> Finding:
    """An open finding about a campaign, seen just now."""
    now = values.get("opened_at", timezone.now())
    about = campaign or make_campaign()
    defaults: dict[str, Any] = {"campaign": about, "code": code, "cause": "a cause", "since": now, "opened_at": now}
    finding = Finding.objects.create(**defaults | {"details": DETAILS.get(code, {})} | values)
    if finding.ended_at is None and URGENCY[code] > about.urgency:
        about.urgency = URGENCY[code]
        about.save(update_fields=["urgency"])
    return finding


_OPERATION = {"operation": "6f2c1f0e-58f5-4f6e-9a7e-000000000001", "kind": "pause", "by": "ann"}
DETAILS: dict[FindingCode, dict[str, Any]] = {
    FindingCode.DIALING_ON_HOLD: {"by": "rita", "reason": "Complaint", "placed_at": "2026-11-25T16:00:00+00:00"},
    FindingCode.CALLS_OUTSIDE_HOURS: {"calls": 3, "closed_at": "2026-11-25T22:00:00+00:00"},
    FindingCode.DIALING_ON_HOLIDAY: {"calls": 3, "holiday": "Thanksgiving", "calendar": "US", "hours": None},
    FindingCode.CALLS_OVER_LIMIT: {"calls": 80, "limit": 50},
    FindingCode.OPERATION_FAILED: {**_OPERATION, "state": "FAILED", "error": "CXone answered 500."},
    FindingCode.OPERATION_UNCONFIRMED: {**_OPERATION, "state": "UNCONFIRMED", "error": "It was never read back."},
    FindingCode.OPERATION_STUCK: {**_OPERATION},
    FindingCode.SCHEDULE_CONFLICT: {**_OPERATION, "kind": "schedule", "state": "CONFLICT", "error": ""},
    FindingCode.CHANGED_IN_CXONE: {"status": ["PAUSED", "ACTIVE"], "schedule": False},
    FindingCode.PAUSED_TOO_LONG: {"by": "ann", "until": None},
}

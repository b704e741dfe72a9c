"""Notices of what nobody attends to, to an address outside: a chat, a pager, a mail gateway.

Each finding is in one notice. What is due together goes in one: a storm of findings is one notice, with the
first of them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from campaigns.attention.findings import FindingView, open_findings, view_of
from campaigns.deliveries.outbox import add_delivery
from campaigns.deliveries.receivers import NOTIFIED
from campaigns.models import Finding, Operation, Target
from campaigns.queueing.rows import database_now, takeable
from campaigns.states import IN_PROGRESS

# Somebody who looks at the screen has seen it by then.
UNATTENDED = timedelta(minutes=5)
# In one notice: as many as anybody reads on a phone.
MOST_LISTED = 20
ATTENTION_NEEDED = "ATTENTION_NEEDED"


def send_unattended() -> int:
    """Have a notice sent of what nobody has attended to; how many findings that is. One query if there is none."""
    if not NOTIFIED.url:
        return 0
    now = database_now()
    if not _unattended(now).exists():
        return 0
    with transaction.atomic():
        # Two processes at once: each finding is in the notice of one of them.
        taken = list(takeable(Finding.objects.filter(pk__in=_unattended(now).values("pk"))).order_by("pk"))
        findings = list(open_findings().filter(pk__in=[finding.pk for finding in taken], notified_at=None))
        if not findings:
            return 0
        Finding.objects.filter(pk__in=[finding.pk for finding in findings]).update(notified_at=now)
        body = _body([view_of(finding) for finding in findings[:MOST_LISTED]], len(findings), now)
        add_delivery(Target.ATTENTION, ATTENTION_NEEDED, body)
    return len(findings)


def _unattended(now: datetime) -> QuerySet[Finding]:
    """Open for long, nobody is on it, and nobody has asked for anything of its campaign since."""
    acting = Operation.objects.filter(
        campaign=OuterRef("campaign"), state__in=IN_PROGRESS, requested_at__gte=OuterRef("opened_at")
    )
    found = Finding.objects.filter(ended_at=None, taken_at=None, notified_at=None, opened_at__lte=now - UNATTENDED)
    return found.filter(~Exists(acting)).order_by()


def _body(views: Sequence[FindingView], number: int, now: datetime) -> bytes:
    """Canonical JSON (RFC 8785), the most urgent first. `number`: of all of them."""
    about: dict[str, Any] = {
        "event": ATTENTION_NEEDED,
        "timestamp": _iso(now),
        "number": number,
        "findings": [_as_json(view) for view in views],
    }
    if settings.PUBLIC_BASE_URL:
        about["url"] = f"{settings.PUBLIC_BASE_URL}/attention/"
    return rfc8785.dumps(about)


def _as_json(view: FindingView) -> dict[str, Any]:
    campaign, calendar = view.campaign, view.finding.calendar
    about: dict[str, Any] = {"code": view.code.value, "title": view.label, "since": _iso(view.since)}
    about |= {"why": view.words.why, "next": view.words.next}
    if campaign is not None:
        about |= {"campaign_id": campaign.pk, "campaign_name": campaign.name}
    if calendar is not None:
        about["calendar"] = calendar.name
    return about


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")

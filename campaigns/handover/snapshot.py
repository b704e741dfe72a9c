"""The floor as a handover keeps it: plain JSON, so that it says for ever what was true then.

Names and reasons are copied, since campaigns are renamed and reasons retired. Times are instants in ISO 8601; those to
come are also in words, as clocks show them where the campaign is.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from campaigns.attention.findings import open_findings, view_of
from campaigns.floor import read_floor
from campaigns.models import Bulk, Campaign, Control, Finding, Hold, Operation, OperationKind, ReasonCode
from campaigns.operations.labels import asker_of, label_of
from campaigns.operations.timed import coming, due_in_words
from campaigns.schedule.clock_face import for_the_record
from campaigns.schedule.due_times import in_words
from campaigns.states import IN_PROGRESS, State

# What is due until then concerns the next shift.
AHEAD = timedelta(hours=12)
# Of each list: more than anybody reads. The numbers beside them are complete.
MOST = 300

Snapshot = dict[str, Any]
Labels = dict[str, str]


@for_the_record()
def take_snapshot(now: datetime) -> Snapshot:
    """In a fixed number of queries."""
    labels = ReasonCode.labels()
    due = coming().filter(not_before__lte=now + AHEAD).select_related("campaign")
    running = Operation.objects.filter(state__in=IN_PROGRESS, bulk=None).select_related("campaign")
    bulks = Bulk.objects.filter(ended_at=None).defer("campaign_ids").order_by("requested_at", "id")
    ends = _ends_of_pauses()
    return {
        "at": now.isoformat(),
        "counts": asdict(read_floor(now).total),
        **_listed("paused", _paused(control=Control.PERSON), lambda each: _paused_row(each, ends, labels)),
        **_listed("paused_elsewhere", _paused().exclude(control=Control.PERSON), _elsewhere_row),
        **_listed("holds", _holds(), _hold_row),
        **_listed("findings", open_findings(), _finding_row),
        **_listed("due", due, lambda each: _operation_row(each, labels)),
        **_listed("running", running.order_by("requested_at", "id"), lambda each: _operation_row(each, labels)),
        **_listed("bulks", bulks, lambda each: _bulk_row(each, labels)),
    }


def _paused(**only: Any) -> QuerySet[Campaign]:
    """The longest first."""
    found = Campaign.objects.filter(gone_at=None, status__iexact="paused", **only).select_related("explained_by")
    return found.defer("schedule").order_by("status_since", "name", "id")


def _holds() -> QuerySet[Hold]:
    """Those in force, the oldest first."""
    return Hold.objects.filter(ended_at=None).select_related("campaign").order_by("placed_at", "pk")


def _hold_row(hold: Hold) -> Snapshot:
    return {
        "id": hold.campaign_id,
        "name": str(hold.campaign),
        "by": hold.placed_by,
        "reason": hold.reason,
        "since": _iso(hold.placed_at),
        "until": in_words(hold.until, hold.campaign.timezone) if hold.until else "",
    }


def _ends_of_pauses() -> dict[str, Operation]:
    """By campaign, the resume that is held for its time."""
    resumes = Operation.objects.filter(kind=OperationKind.RESUME, state=State.SCHEDULED).select_related("campaign")
    # The last one is the first to come.
    return {each.campaign_id: each for each in resumes.order_by("-not_before")}


def _paused_row(campaign: Campaign, ends: dict[str, Operation], labels: Labels) -> Snapshot:
    pause, resume = campaign.explained_by, ends.get(campaign.pk)
    return {
        **_elsewhere_row(campaign),
        "by": campaign.controller,
        "reason": labels.get(pause.reason, pause.reason) if pause else "",
        "note": pause.note if pause else "",
        "until": due_in_words(resume) if resume else "",
    }


def _elsewhere_row(campaign: Campaign) -> Snapshot:
    return {
        "id": campaign.pk,
        "name": str(campaign),
        "since": _iso(campaign.status_since),
        "calls": campaign.active_calls,
        "how": Control(campaign.control).label,
    }


def _finding_row(finding: Finding) -> Snapshot:
    view = view_of(finding)
    return {
        "id": view.campaign.pk if view.campaign else "",
        "name": str(view.campaign or finding.calendar),
        "label": view.label,
        "tone": view.tone,
        "shape": view.shape,
        "why": view.words.why,
        "next": view.words.next,
        "since": _iso(view.since),
    }


def _operation_row(operation: Operation, labels: Labels) -> Snapshot:
    return {
        "id": operation.campaign_id,
        "operation": str(operation.pk),
        "name": str(operation.campaign),
        "kind": operation.get_kind_display(),
        "state": label_of(operation),
        "by": asker_of(operation),
        "reason": labels.get(operation.reason, operation.reason),
        "note": operation.note,
        "due": due_in_words(operation),
        "asked": _iso(operation.requested_at),
    }


def _bulk_row(bulk: Bulk, labels: Labels) -> Snapshot:
    return {
        "bulk": str(bulk.pk),
        "name": str(bulk),
        "by": bulk.by,
        "reason": labels.get(bulk.reason, bulk.reason),
        "note": bulk.note,
        "asked": _iso(bulk.requested_at),
    }


def _listed(name: str, found: "QuerySet[Any]", row_of: Callable[[Any], Snapshot]) -> Snapshot:
    """The first rows, and how many there are."""
    rows = [row_of(each) for each in found[: MOST + 1]]
    number = len(rows) if len(rows) <= MOST else found.count()
    return {name: rows[:MOST], f"{name}_number": number}


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""

"""What people decide about findings: that they are on it, or that nothing needs to be done. Both are on record."""

from typing import Any

from django.db import transaction

from audit import ledger
from audit.kinds import RecordKind
from campaigns.attention import keeping
from campaigns.attention.descriptions import describe_finding
from campaigns.attention.keeping import Changes, Open
from campaigns.models import Campaign, Finding, FindingCode, FindingEnd, SyncState
from campaigns.queueing.rows import database_now


def take_on(finding: Finding, *, by: str) -> bool:
    """Say that `by` is on it: nobody else need be notified. False: it has ended, or `by` is on it already."""
    with transaction.atomic():
        mine = Finding.objects.filter(pk=finding.pk, ended_at=None).exclude(taken_by=by)
        if not mine.update(taken_at=database_now(), taken_by=by):
            return False
        SyncState.bump()
        _record(RecordKind.FINDING_TAKEN, finding, by=by)
    return True


def dismiss(finding: Finding, *, by: str, note: str) -> bool:
    """End it by name: it returns only with another cause. False: it has ended already.

    A campaign that came back by itself may go on dialing then.
    """
    with transaction.atomic():
        if not _end(finding, by, note):
            return False
        kind = RecordKind.FINDING_DISMISSED
        if finding.code == FindingCode.CAME_BACK:
            kind = RecordKind.CAMPAIGN_RETURN_DISMISSED
        SyncState.bump()
        _record(kind, finding, by=by, note=note)
    return True


def _end(finding: Finding, by: str, note: str) -> bool:
    if finding.campaign_id is None:
        return _mark(finding, by, note)
    marked: list[bool] = []

    def judge(campaign: Campaign, opened: Open) -> Changes:
        marked.append(_mark(finding, by, note))
        code = FindingCode(finding.code)
        if not marked[-1]:
            return Changes()
        if code == FindingCode.CAME_BACK:
            Campaign.objects.filter(pk=campaign.pk).update(came_back_at=None)
        return Changes(ended={code: FindingEnd.DISMISSED})

    keeping.change([finding.campaign_id], judge)
    return any(marked)


def _mark(finding: Finding, by: str, note: str) -> bool:
    open_one = Finding.objects.filter(pk=finding.pk, ended_at=None)
    return bool(open_one.update(ended_at=database_now(), end=FindingEnd.DISMISSED, ended_by=by, note=note))


def _record(kind: RecordKind, finding: Finding, *, by: str, **details: Any) -> None:
    words, campaign = describe_finding(finding), finding.campaign
    facts = {"finding": words.label, "why": words.why, "code": finding.code, **details}
    if finding.calendar is not None:
        facts["calendar"] = finding.calendar.name
    ledger.append(
        kind,
        by=by,
        campaign_id=campaign.pk if campaign else "",
        campaign_name=campaign.name if campaign else "",
        details={name: value for name, value in facts.items() if value},
    )

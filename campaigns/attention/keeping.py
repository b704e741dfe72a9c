"""Opening and ending findings: always with the campaign's row locked, and its urgency written with them.

Locks are taken in one order everywhere: operations, campaigns, findings, the row of SyncState, the ledger's head. So
whoever calls this locks no further campaign after it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from audit import ledger
from audit.kinds import RecordKind
from campaigns.attention.descriptions import label_of_finding
from campaigns.attention.findings import URGENCY
from campaigns.attention.judging import OF_THE_ROW, Cause, causes_in, is_over, over_limit_since
from campaigns.attention.standards import Standards
from campaigns.models import Campaign, Finding, FindingCode, FindingEnd, SyncState
from campaigns.queueing.rows import database_now, update_each

# In one transaction: some tens of milliseconds.
AT_ONCE = 200
# What ends and returns as soon for the same cause is the same to whoever is on it.
SAME_AGAIN = timedelta(minutes=10)

Open = Mapping[FindingCode, Finding]
Causes = Mapping[FindingCode, Cause]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to become of the findings of one campaign. `renewed`: open ones that have another cause now."""

    opened: Causes = field(default_factory=dict)
    renewed: Causes = field(default_factory=dict)
    ended: Mapping[FindingCode, FindingEnd] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.opened or self.renewed or self.ended)


# What is to become of a campaign's findings, by its row and those that are open.
Judge = Callable[[Campaign, Open], Changes]


def change(campaign_ids: Collection[str], judge: Judge) -> bool:
    """Lock the campaigns, and have `judge` say what is to become of their findings. False: nothing was changed.

    A transaction of its own, or inside one that has locked no row of SyncState and nothing of the ledger yet. Five
    statements at most, and seven more for whatever is changed, however many campaigns there are.
    """
    with transaction.atomic():
        campaigns = _lock(campaign_ids)
        opened: Mapping[str, Open] = open_by_campaign(
            Finding.objects.filter(ended_at=None, campaign__in=[each.pk for each in campaigns])
        )
        changes = {each.pk: judge(each, opened.get(each.pk, {})) for each in campaigns}
        changes = without_dismissed({key: each for key, each in changes.items() if each})
        return _write(campaigns, opened, changes)


def settle(campaign_ids: Sequence[str], standards: Standards, causes: Mapping[str, Causes] | None = None) -> None:
    """Open and end what the campaigns' rows, as they are now, show by `standards`. `causes`: others, by campaign."""
    others = causes or {}
    for first in range(0, len(campaign_ids), AT_ONCE):
        _settle_some(campaign_ids[first : first + AT_ONCE], standards, others)


def _settle_some(campaign_ids: Sequence[str], standards: Standards, causes: Mapping[str, Causes]) -> None:
    over: list[Campaign] = []

    def judge(campaign: Campaign, opened: Open) -> Changes:
        since = over_limit_since(campaign, standards)
        if since != campaign.over_limit_since:
            campaign.over_limit_since = since
            over.append(campaign)
        return judged(campaign, opened, standards, causes.get(campaign.pk, {}))

    with transaction.atomic():
        change(campaign_ids, judge)
        if over:
            update_each(Campaign.objects.all(), over, ["over_limit_since"], are_locked=True)


def judged(campaign: Campaign, opened: Open, standards: Standards, causes: Causes) -> Changes:
    """`causes`: beside those that the row itself shows."""
    wanted = {**causes_in(campaign, standards), **causes}
    gone = [code for code, each in opened.items() if code not in wanted and _is_gone(code, each, campaign, standards)]
    return Changes(
        opened={code: cause for code, cause in wanted.items() if code not in opened},
        renewed={code: cause for code, cause in wanted.items() if code in opened and cause.key != opened[code].cause},
        ended=dict.fromkeys(gone, FindingEnd.GONE),
    )


def _is_gone(code: FindingCode, finding: Finding, campaign: Campaign, standards: Standards) -> bool:
    return code in OF_THE_ROW or is_over(finding, campaign, standards)


def open_by_campaign(findings: Iterable[Finding]) -> dict[str, dict[FindingCode, Finding]]:
    found: dict[str, dict[FindingCode, Finding]] = {}
    for finding in findings:
        if finding.campaign_id is not None:
            found.setdefault(finding.campaign_id, {})[FindingCode(finding.code)] = finding
    return found


def urgency_of(codes: Iterable[FindingCode]) -> int:
    """The column of a campaign with open findings of those codes."""
    return max((URGENCY[code] for code in codes), default=0)


def without_dismissed(changes: Mapping[str, Changes]) -> dict[str, Changes]:
    """Without opening what somebody has dismissed for the same cause. One query, or none if nothing is to open."""
    opening = [key for key, each in changes.items() if each.opened]
    if not opening:
        return dict(changes)
    rows = Finding.objects.filter(campaign__in=opening, end=FindingEnd.DISMISSED)
    dismissed = set(rows.values_list("campaign_id", "code", "cause"))
    left = {}
    for key, each in changes.items():
        opened = {code: cause for code, cause in each.opened.items() if (key, code, cause.key) not in dismissed}
        left[key] = Changes(opened, each.renewed, each.ended)
    return {key: each for key, each in left.items() if each}


def _lock(campaign_ids: Collection[str]) -> list[Campaign]:
    locked = Campaign.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(campaign_ids))
    return list(locked.select_related("hold").order_by("pk"))


@dataclass(frozen=True, slots=True)
class _Planned:
    campaign: Campaign
    opened: Open
    changes: Changes


def _write(campaigns: Sequence[Campaign], opened: Mapping[str, Open], changes: Mapping[str, Changes]) -> bool:
    now = database_now()
    planned = [_Planned(each, opened.get(each.pk, {}), changes.get(each.pk, Changes())) for each in campaigns]
    written = [_end(planned, now), _renew(planned), _open(planned, now), _save_urgency(planned)]
    if not any(written):
        return False
    SyncState.bump()
    ledger.append_many([*_ended_entries(planned), *_opened_entries(planned)])
    return True


def _opened_entries(planned: Iterable[_Planned]) -> Iterator[ledger.Entry]:
    for each in planned:
        for code, cause in each.changes.opened.items():
            yield _entry(RecordKind.FINDING_OPENED, each.campaign, Finding(code=code, details=cause.details))


def _ended_entries(planned: Iterable[_Planned]) -> Iterator[ledger.Entry]:
    for each in planned:
        for code, end in each.changes.ended.items():
            # A dismissal is on record as what somebody decided.
            if end != FindingEnd.DISMISSED:
                yield _entry(RecordKind.FINDING_ENDED, each.campaign, each.opened[code])


def _entry(kind: RecordKind, campaign: Campaign, finding: Finding) -> ledger.Entry:
    label = label_of_finding(FindingCode(finding.code), finding.details)
    details = {"finding": f"{label[:1].lower()}{label[1:]}", "code": str(finding.code)}
    return ledger.Entry(
        kind=kind, by="", details=details, facts={"campaign_id": campaign.pk, "campaign_name": campaign.name}
    )


def _end(planned: Iterable[_Planned], now: datetime) -> bool:
    ended: dict[FindingEnd, list[int]] = {}
    for each in planned:
        for code, end in each.changes.ended.items():
            ended.setdefault(end, []).append(each.opened[code].pk)
    for end, keys in ended.items():
        Finding.objects.filter(pk__in=keys).update(ended_at=now, end=end)
    return bool(ended)


def _renew(planned: Iterable[_Planned]) -> bool:
    renewed = []
    for each in planned:
        for code, cause in each.changes.renewed.items():
            finding = each.opened[code]
            finding.cause, finding.details = cause.key, cause.details
            renewed.append(finding)
    Finding.objects.bulk_update(renewed, ["cause", "details"])
    return bool(renewed)


def _open(planned: Iterable[_Planned], now: datetime) -> bool:
    new = []
    for each in planned:
        for code, cause in each.changes.opened.items():
            about = {"campaign": each.campaign, "code": code, "cause": cause.key, "since": cause.since}
            new.append(Finding(**about, details=cause.details, opened_at=now))
    if new:
        _keep_taken(new, now)
    Finding.objects.bulk_create(new)
    return bool(new)


def _keep_taken(new: Iterable[Finding], now: datetime) -> None:
    """Whoever was on what has just ended, and returns for the same cause, is on it still. One query."""
    campaigns = [finding.campaign_id for finding in new]
    just_ended = Finding.objects.filter(campaign__in=campaigns, ended_at__gt=now - SAME_AGAIN).exclude(taken_by="")
    earlier = {(each.campaign_id, each.code, each.cause): each for each in just_ended.order_by("ended_at")}
    for finding in new:
        if before := earlier.get((finding.campaign_id, finding.code, finding.cause)):
            finding.taken_at, finding.taken_by = before.taken_at, before.taken_by


def _save_urgency(planned: Iterable[_Planned]) -> bool:
    changed = []
    for each in planned:
        codes = (each.opened.keys() - each.changes.ended.keys()) | each.changes.opened.keys()
        urgency = urgency_of(codes)
        if urgency != each.campaign.urgency:
            each.campaign.urgency = urgency
            changed.append(each.campaign)
    if changed:
        update_each(Campaign.objects.all(), changed, ["urgency"], are_locked=True)
    return bool(changed)

"""The rounds over all campaigns: what time alone brings about, and what calendars and the policy have made of it.

Any process may make a round at any time. Each costs a fixed number of queries unless it finds something new.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from campaigns.attention import calendars, long_pauses, stuck
from campaigns.attention.judging import over_limit_since
from campaigns.attention.keeping import (
    Causes,
    Changes,
    Open,
    judged,
    open_by_campaign,
    settle,
    urgency_of,
    without_dismissed,
)
from campaigns.attention.standards import Standards, read_standards
from campaigns.attention.windows import cross_windows
from campaigns.models import Campaign, Finding, Policy, SyncState


def watch_campaigns() -> None:
    """Cross the windows that open or close now, and judge all campaigns that have calls or findings."""
    state = SyncState.objects.annotate(now=Now()).get(pk=1)
    cross_windows(state.now)
    if state.last_good_at is not None:
        _judge_all(read_standards(state.last_good_at), {})
    stuck.judge_stuck(state.now)
    calendars.judge_next_year(state.now)


def review_pauses() -> None:
    """Find the pauses that last longer than planned."""
    state = SyncState.objects.annotate(now=Now()).get(pk=1)
    if state.last_good_at is not None:
        _judge_all(read_standards(state.last_good_at), long_pauses.find_long_pauses(state.now, Policy.current()))


def judge_counted(campaigns: Sequence[Campaign], read_at: datetime) -> None:
    """Judge campaigns whose calls were counted anew, in the transaction that writes them and holds their rows."""
    standards = read_standards(read_at)
    settle(_unsettled(campaigns, _read_open(), standards, {}), standards)


def _judge_all(standards: Standards, causes: Mapping[str, Causes]) -> None:
    campaigns = list(_suspects(standards, causes))
    _read_schedules(campaigns)
    if keys := _unsettled(campaigns, _read_open(), standards, causes):
        settle(keys, standards, causes)


def _suspects(standards: Standards, causes: Mapping[str, Causes]) -> Iterable[Campaign]:
    """Those that may have a finding, or have one. In a quiet system, those with calls in progress."""
    shown = Q(active_calls__gt=0) | Q(urgency__gt=0) | Q(over_limit_since__isnull=False)
    shown |= Q(came_back_at__isnull=False) | Q(hold__isnull=False) | Q(pk__in=list(causes))
    if standards.restricted:
        shown |= Q(window_open=True)
    return Campaign.objects.filter(shown).select_related("hold").defer("schedule", "tags").order_by("pk")


def _read_schedules(campaigns: Iterable[Campaign]) -> None:
    """Of those whose window is closed and that have calls all the same: only their schedules are looked at."""
    concerned = {each.pk: each for each in campaigns if each.window_open is False and each.active_calls}
    if concerned:
        for key, schedule in Campaign.objects.filter(pk__in=list(concerned)).values_list("pk", "schedule"):
            concerned[key].schedule = schedule


def _read_open() -> Mapping[str, Open]:
    return open_by_campaign(Finding.objects.filter(ended_at=None, campaign__isnull=False))


def _unsettled(
    campaigns: Iterable[Campaign], opened: Mapping[str, Open], standards: Standards, causes: Mapping[str, Causes]
) -> list[str]:
    """The campaigns whose findings, or what is kept with them, are not as they are to be."""
    changes: dict[str, Changes] = {}
    outdated = set()
    for campaign in campaigns:
        its = opened.get(campaign.pk, {})
        changes[campaign.pk] = judged(campaign, its, standards, causes.get(campaign.pk, {}))
        same_limit = campaign.over_limit_since == over_limit_since(campaign, standards)
        if not same_limit or campaign.urgency != urgency_of(its):
            outdated.add(campaign.pk)
    changed = without_dismissed({key: each for key, each in changes.items() if each})
    return sorted(outdated | changed.keys())

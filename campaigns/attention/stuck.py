"""Operations that take too long: in progress for minutes, and not because somebody asked for that."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest

from campaigns.attention import keeping
from campaigns.attention.judging import Cause
from campaigns.attention.keeping import Changes, Open
from campaigns.models import Campaign, Finding, FindingCode, FindingEnd, Operation
from campaigns.states import IN_PROGRESS, State, WaitingFor

TOO_LONG = timedelta(minutes=5)
# What waits for one of these waits on purpose, and of a bulk, what hasn't begun or is behind other pauses.
# A worker that looks for a moment whether it may go on leaves the reason in place.
_ON_PURPOSE = Q(waiting_for__in=(WaitingFor.TURN, WaitingFor.TIME, WaitingFor.CALLS, WaitingFor.CALLS_TO_END))
_IN_A_BULK = Q(bulk__isnull=False) & (
    Q(state=State.QUEUED) | Q(state=State.WAITING, waiting_for=WaitingFor.PAUSE_SLOT)
)
_CODE = FindingCode.OPERATION_STUCK


def judge_stuck(now: datetime) -> None:
    """Two queries, unless something is to open or to end."""
    causes = find_stuck(now)
    rows = Finding.objects.filter(ended_at=None, code=_CODE, campaign__isnull=False)
    opened = keeping.open_by_campaign(rows)
    keys = causes.keys() | opened.keys()
    changes = {key: _judged(causes.get(key), opened.get(key, {})) for key in keys}
    concerned = keeping.without_dismissed({key: each for key, each in changes.items() if each})
    if concerned:
        keeping.change(concerned.keys(), lambda campaign, its: _of_campaign(campaign, its, causes))


def find_stuck(now: datetime) -> dict[str, Cause]:
    """By campaign id; of two on a campaign, the older. One query."""
    # One that was held for a day has been in progress only since its time; one that waited for fewer calls, since it
    # was sent.
    asked = Greatest("requested_at", Coalesce("not_before", "requested_at"))
    begun = Coalesce("sent_at", "started_at", asked)
    running = Operation.objects.filter(state__in=IN_PROGRESS, campaign__gone_at=None).annotate(begun=begun)
    late = running.filter(begun__lt=now - TOO_LONG).exclude(_ON_PURPOSE | _IN_A_BULK)
    columns = ("campaign_id", "pk", "kind", "by", "begun")
    found: dict[str, Cause] = {}
    for key, operation, kind, by, since in late.order_by("begun", "pk").values_list(*columns):
        found.setdefault(key, Cause(str(operation), since, {"operation": str(operation), "kind": kind, "by": by}))
    return found


def _of_campaign(campaign: Campaign, opened: Open, causes: dict[str, Cause]) -> Changes:
    return _judged(causes.get(campaign.pk), opened)


def _judged(cause: Cause | None, opened: Open) -> Changes:
    finding = opened.get(_CODE)
    if finding is None:
        return Changes(opened={_CODE: cause} if cause else {})
    if cause is None:
        return Changes(ended={_CODE: FindingEnd.GONE})
    return Changes(renewed={_CODE: cause} if cause.key != finding.cause else {})

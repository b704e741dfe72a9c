"""The open findings, grouped by code, and those that ended today. The number of queries is fixed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils import timezone

from campaigns.attention.findings import FindingView, open_findings, view_of
from campaigns.models import Campaign, Finding, FindingCode, FindingEnd, Operation
from campaigns.pages.access import PAUSE, SEE_OPERATIONS
from campaigns.pages.actions import Rights
from campaigns.pages.attention.steps import FindingStep, first_step
from campaigns.pages.freshness import Freshness
from campaigns.pages.version import version_of
from campaigns.selection import LONGEST_TAG, by_name, is_tag, known_tags, tag_label, with_tag
from campaigns.states import IN_PROGRESS

# Of a code, beside others; and of one that the page is narrowed to. Where there are more, many are changed at once.
MOST_OF_EACH = 20
MOST_OF_ONE = 200
MOST_ENDED = 50
# Which many campaigns are stopped together because of it.
STOPPING = (FindingCode.CAME_BACK, FindingCode.CALLS_OUTSIDE_HOURS, FindingCode.DIALING_ON_HOLIDAY)


@dataclass(frozen=True, slots=True)
class AttentionFilter:
    """What the page's address narrows it to. `mine`: what the reader is on. `tag`: as in "client:Northwind"."""

    code: str = ""
    mine: bool = False
    tag: str = ""

    @classmethod
    def read(cls, address: QueryDict) -> "AttentionFilter":
        """What makes no sense there is left out."""
        code, tag = address.get("code", ""), address.get("tag", "")
        if not tag and address.get("client"):
            # As addresses said it before other tags could be chosen.
            tag = f"client:{address['client']}"
        tag = tag.replace("\0", "").strip()[:LONGEST_TAG]
        return cls(code if code in FindingCode else "", address.get("mine") == "1", tag if is_tag(tag) else "")

    @property
    def query(self) -> str:
        chosen = {"code": self.code, "mine": "1" if self.mine else "", "tag": self.tag}
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def is_narrowed(self) -> bool:
        return self != AttentionFilter()


@dataclass(frozen=True, slots=True)
class FindingRow:
    """`step`: the action that the finding asks for, if the reader may take it. `is_mine`: the reader is on it.
    `operation`: which ended badly, where the step isn't to look at it and the reader may."""

    view: FindingView
    step: FindingStep | None
    is_mine: bool
    operation: str


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The open findings of one code. `bulk`: the address parameters of a pause of all their campaigns, or ""."""

    code: FindingCode
    rows: list[FindingRow]
    number: int
    bulk: str
    only: str

    @property
    def label(self) -> str:
        return self.code.label

    @property
    def tone(self) -> str:
        return self.rows[0].view.tone

    @property
    def shape(self) -> str:
        return self.rows[0].view.shape

    @property
    def left_out(self) -> int:
        return self.number - len(self.rows)


@dataclass(frozen=True, slots=True)
class EndedFinding:
    view: FindingView
    how: str


@dataclass(frozen=True, slots=True)
class AttentionPage:
    """`total`: how many are open, whatever the page is narrowed to."""

    groups: list[FindingGroup]
    total: int
    ended: list[EndedFinding]
    codes: list[tuple[str, str]]
    tags: dict[str, list[tuple[str, str]]]


def attention_version(chosen: AttentionFilter, rights: Rights, by: str, fresh: Freshness) -> str:
    minute = f"{fresh.now:%Y%m%d%H%M}"
    return version_of(fresh.version, fresh.shown, minute, chosen, rights, by)


def read_attention(chosen: AttentionFilter, rights: Rights, by: str, now: datetime) -> AttentionPage:
    """Five queries."""
    numbers = Counter(dict(_matching(chosen, by).order_by().values_list("code").annotate(number=Count("pk"))))
    most = MOST_OF_ONE if chosen.code else MOST_OF_EACH
    views = [view_of(finding) for finding in _first_of_each(_matching(chosen, by), most)]
    in_progress = _in_progress(views)
    groups: dict[FindingCode, list[FindingRow]] = {}
    for view in views:
        step = first_step(view, rights, in_progress.get(view.campaign.pk) if view.campaign else None)
        operation = _operation_of(view) if SEE_OPERATIONS in rights else ""
        groups.setdefault(view.code, []).append(FindingRow(view, step, view.finding.taken_by == by, operation))
    return AttentionPage(
        groups=[_group(code, rows, numbers[code], chosen, rights) for code, rows in groups.items()],
        total=Finding.objects.filter(ended_at=None).count(),
        ended=[EndedFinding(view_of(finding), _how(finding)) for finding in _ended_today(now)],
        codes=[(code.value, code.label) for code in FindingCode],
        tags=_offered_tags(chosen),
    )


def _operation_of(view: FindingView) -> str:
    ended_badly = view.code in {FindingCode.OPERATION_FAILED, FindingCode.OPERATION_UNCONFIRMED}
    return str(view.finding.details["operation"]) if ended_badly else ""


def _matching(chosen: AttentionFilter, by: str) -> QuerySet[Finding]:
    found = open_findings()
    if chosen.code:
        found = found.filter(code=chosen.code)
    if chosen.mine:
        found = found.filter(taken_by=by)
    if chosen.tag:
        found = found.filter(campaign__in=with_tag(chosen.tag))
    return found


def _first_of_each(found: QuerySet[Finding], most: int) -> list[Finding]:
    """The first `most` of each code, in order. One query."""
    place = Window(RowNumber(), partition_by=[F("code")], order_by=["since", "pk"])
    return list(found.defer("campaign__schedule").annotate(place=place).filter(place__lte=most))


def _in_progress(views: Iterable[FindingView]) -> dict[str, Operation]:
    campaigns = [view.campaign.pk for view in views if view.campaign]
    running = Operation.objects.filter(campaign__in=campaigns, state__in=IN_PROGRESS).order_by("requested_at")
    return {operation.campaign_id: operation for operation in running}


def _group(
    code: FindingCode, rows: list[FindingRow], number: int, chosen: AttentionFilter, rights: Rights
) -> FindingGroup:
    only = replace(chosen, code=code.value).query
    return FindingGroup(code, rows, number, _bulk(code, rows, chosen, rights), only)


def _bulk(code: FindingCode, rows: list[FindingRow], chosen: AttentionFilter, rights: Rights) -> str:
    # The list of campaigns doesn't know who is on what.
    if code not in STOPPING or chosen.mine or len(rows) < 2 or PAUSE not in rights:
        return ""
    parameters = {"all": "1", "finding": code.value}
    if chosen.tag:
        parameters["tag"] = chosen.tag
    return urlencode(parameters)


def _ended_today(now: datetime) -> QuerySet[Finding]:
    """By the reader's day, the latest first."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    ended = Finding.objects.filter(ended_at__gte=midnight).select_related("campaign", "calendar")
    return ended.defer("campaign__schedule").order_by("-ended_at", "-pk")[:MOST_ENDED]


def _how(finding: Finding) -> str:
    if finding.end == FindingEnd.DISMISSED:
        note = f": {finding.note}" if finding.note else ""
        return f"Dismissed by {finding.ended_by}{note}"
    return FindingEnd(finding.end).label


def _offered_tags(chosen: AttentionFilter) -> dict[str, list[tuple[str, str]]]:
    """Those of campaigns with an open finding, and the chosen one: each as the address has it, and its text."""
    known = known_tags(Campaign.objects.filter(urgency__gt=0))
    for name, texts in by_name([chosen.tag] if chosen.tag else []).items():
        known[name] = sorted({*known.get(name, ()), *texts}, key=str.casefold)
    return {tag_label(name): [(f"{name}:{text}", text) for text in texts] for name, texts in known.items()}

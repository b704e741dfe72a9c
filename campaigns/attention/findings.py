"""The open findings, for pages and commands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from campaigns.attention.descriptions import FindingDescription, describe_finding
from campaigns.models import Campaign, Finding, FindingCode
from campaigns.prepared import fetch_of

# How urgently somebody should look: the position in the list of codes, the first the most.
URGENCY = {code: len(FindingCode) - position for position, code in enumerate(FindingCode)}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its words, its campaign's values as last read. `campaign` is None for one about a calendar."""

    finding: Finding
    campaign: Campaign | None
    words: FindingDescription

    @property
    def code(self) -> FindingCode:
        return FindingCode(self.finding.code)

    @property
    def label(self) -> str:
        return self.words.label

    @property
    def tone(self) -> str:
        return self.words.tone

    @property
    def shape(self) -> str:
        return self.words.shape

    @property
    def since(self) -> datetime:
        return self.finding.since

    @property
    def lets_dial(self) -> bool:
        """Dismissing it is the decision that the campaign may go on dialing."""
        return self.code == FindingCode.CAME_BACK


def open_findings() -> QuerySet[Finding]:
    """The most urgent first, and of equals the oldest."""
    cases = [When(code=code, then=Value(value)) for code, value in URGENCY.items()]
    urgency = Case(*cases, output_field=IntegerField())
    found = Finding.objects.filter(ended_at=None).select_related("campaign", "calendar")
    return found.alias(urgency=urgency).order_by("-urgency", "since", "pk")


def view_of(finding: Finding) -> FindingView:
    """`finding` with its words. No query if its campaign has been read."""
    return FindingView(finding, finding.campaign, describe_finding(finding))


def findings_of(campaigns: Collection[Campaign]) -> dict[str, list[FindingView]]:
    """The open findings by campaign id, the most urgent first. One query."""
    known = {campaign.pk: campaign for campaign in campaigns}
    found: dict[str, list[FindingView]] = {}
    for finding in fetch_of(_open_of, list(known)):
        if finding.campaign_id is None:
            continue
        campaign = known[finding.campaign_id]
        view = FindingView(finding, campaign, describe_finding(finding, campaign))
        found.setdefault(campaign.pk, []).append(view)
    return found


def _open_of(ids: Sequence[str]) -> QuerySet[Finding]:
    return open_findings().select_related(None).filter(campaign__in=ids)


def counts() -> dict[FindingCode, int]:
    """How many are open of each code, the most urgent first; a code without any is left out. One query."""
    rows = Finding.objects.filter(ended_at=None).order_by().values_list("code").annotate(number=Count("pk"))
    numbers = dict(rows)
    return {code: numbers[code] for code in FindingCode if code in numbers}

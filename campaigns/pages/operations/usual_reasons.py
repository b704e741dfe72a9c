"""Which reasons a form shows at once: those that this centre gives most often. The rest is one click away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import Now

from campaigns.models import Campaign, Operation, OperationKind, Origin, ReasonCode

SHOWN = 5
LATELY = timedelta(days=90)
# What most resumes are for.
RESOLVED = "RESOLVED"


@dataclass(frozen=True, slots=True)
class OfferedReasons:
    """`usual`, and `others` in the order of the policy. `last`: the code last given for this campaign, or ""."""

    usual: list[ReasonCode]
    others: list[ReasonCode]
    last: str


def offer_reasons(kind: OperationKind, campaign: Campaign, reasons: Sequence[ReasonCode]) -> OfferedReasons:
    """`reasons`: those that may be given, in the order of the policy. Two queries."""
    asked = Operation.objects.filter(kind=kind, origin=Origin.PERSON)
    last = asked.filter(campaign=campaign).order_by("-requested_at", "-id").values_list("reason", flat=True).first()
    lately = asked.filter(requested_at__gte=Now() - LATELY).order_by().values_list("reason")
    counts = dict(lately.annotate(number=Count("pk")))
    # A stable order: of reasons that are given as often, that of the policy.
    ranked = sorted(reasons, key=lambda reason: (reason.code != RESOLVED, -counts.get(reason.code, 0)))
    # A single one isn't worth hiding.
    shown = ranked if len(ranked) <= SHOWN + 1 else ranked[:SHOWN]
    return OfferedReasons(shown, [reason for reason in reasons if reason not in shown], last or "")

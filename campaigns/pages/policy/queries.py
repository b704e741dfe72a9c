"""Policy for its pages. The number of queries doesn't depend on how many rules and campaigns there are."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from campaigns.models import CallingHoursRule, Campaign, Policy, ReasonCode
from campaigns.pages.campaigns.picker import Search

# Campaigns with a threshold of their own that the page names; the rest is counted.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """`own`: the first of the `own_number` campaigns that have a threshold of their own."""

    thresholds: Policy
    reasons: list[ReasonCode]
    rules: list[CallingHoursRule]
    own: list[Campaign]
    own_number: int

    @property
    def rest(self) -> int:
        return self.own_number - len(self.own)


def read_policy() -> PolicyPage:
    own = Campaign.objects.filter(max_active_calls__isnull=False)
    return PolicyPage(
        thresholds=Policy.current(),
        reasons=list(ReasonCode.objects.order_by("retired", "order", "code")),
        # Django ignores Meta.ordering in a query with GROUP BY.
        rules=list(
            CallingHoursRule.objects.annotate(campaigns_number=Count("campaigns")).order_by("-is_default", "name")
        ),
        own=list(own.order_by(Lower("name"), "id")[:MOST_NAMED]),
        own_number=own.count(),
    )


def without_rule() -> int:
    """The number of campaigns to which the default rule applies."""
    return Campaign.objects.filter(calling_hours=None, gone_at=None).count()


def campaigns_for_rule(rule: CallingHoursRule, search: Search) -> QuerySet[Campaign]:
    """The campaigns to choose from, each with its own rule."""
    # Those that are gone from CXone are only listed while they have this rule, so that it can be removed.
    found = Campaign.objects.filter(Q(gone_at=None) | Q(calling_hours=rule)).select_related("calling_hours")
    return search.narrow(found, Q(calling_hours=rule))

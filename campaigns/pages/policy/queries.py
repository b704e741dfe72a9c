"""Policy for its pages. The number of queries doesn't depend on how many rules and campaigns there are."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from campaigns.models import CallingHoursRule, Campaign, Policy, ReasonCode
from campaigns.operations.phrases import join_words
from campaigns.pages.campaigns.picker import Search

# Campaigns with a threshold of their own that the page names; the rest is counted.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class LimitsPage:
    """`own`: the first of the `own_number` campaigns that have a threshold of their own."""

    thresholds: Policy
    own: list[Campaign]
    own_number: int

    @property
    def two_people(self) -> str:
        """What waits for a second person; "" for nothing."""
        wanted = {
            "resumes": self.thresholds.two_for_resume,
            "resumes of many at once": self.thresholds.two_for_bulk and not self.thresholds.two_for_resume,
            "changes of dialing hours": self.thresholds.two_for_schedule,
        }
        chosen = [words for words, is_wanted in wanted.items() if is_wanted]
        return join_words(chosen) if chosen else ""

    @property
    def rest(self) -> int:
        return self.own_number - len(self.own)


def read_limits() -> LimitsPage:
    own = Campaign.objects.filter(max_active_calls__isnull=False)
    return LimitsPage(
        thresholds=Policy.current(),
        own=list(own.order_by(Lower("name"), "id")[:MOST_NAMED]),
        own_number=own.count(),
    )


def read_reasons() -> list[ReasonCode]:
    return list(ReasonCode.objects.order_by("retired", "order", "code"))


def read_rules() -> list[CallingHoursRule]:
    """Each with the number of campaigns that have it as their own."""
    # Django ignores Meta.ordering in a query with GROUP BY.
    counted = CallingHoursRule.objects.annotate(campaigns_number=Count("campaigns"))
    return list(counted.order_by("-is_default", "name"))


def without_rule() -> int:
    """The number of campaigns to which the default rule applies."""
    return Campaign.objects.filter(calling_hours=None, gone_at=None).count()


def campaigns_for_rule(rule: CallingHoursRule, search: Search) -> QuerySet[Campaign]:
    """The campaigns to choose from, each with its own rule."""
    # Those that are gone from CXone are only listed while they have this rule, so that it can be removed.
    found = Campaign.objects.filter(Q(gone_at=None) | Q(calling_hours=rule)).select_related("calling_hours")
    return search.narrow(found, Q(calling_hours=rule))

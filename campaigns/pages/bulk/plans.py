"""What a bulk's form is about: campaigns chosen in the list, or those that another bulk has paused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from campaigns.models import Bulk, Campaign, Operation, OperationKind
from campaigns.operations.bulk import requests
from campaigns.pages.bulk.selection import BulkSelection, selection_in_words
from campaigns.pages.freshness import Freshness, read_freshness
from campaigns.states import State


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What a form is about. `ask` carries it out, given the ids of the campaigns and what the form asks for.

    `path` and `query` are the form's address; `back` and `back_to`, where somebody goes who gives up. `missing`: how
    many of the chosen campaigns nobody knows here.
    """

    kind: OperationKind
    campaigns: Sequence[Campaign]
    chosen: str
    ask: Callable[..., Bulk]
    path: str
    query: str
    back: str
    back_to: str
    freshness: Freshness
    left_out: Sequence[Campaign] = ()
    missing: int = 0

    @property
    def title(self) -> str:
        """Of the page where there is nothing to confirm."""
        return f"{self.kind.label} campaigns"

    @property
    def most(self) -> int:
        """At once."""
        return requests.MOST_CAMPAIGNS

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def is_too_many(self) -> bool:
        return len(self.campaigns) > self.most


def plan_of_list(request: HttpRequest, kind: OperationKind) -> BulkPlan:
    selection, fresh = BulkSelection.read(request.GET), read_freshness()
    on_record = selection.on_record
    found = selection.find(fresh.now).defer("schedule")
    campaigns = list(found[: requests.MOST_CAMPAIGNS + 1])
    listed = selection.listed.query
    return BulkPlan(
        kind=kind,
        campaigns=campaigns,
        chosen=selection_in_words(on_record),
        ask=partial(requests.request_bulk, kind=kind, selection=on_record),
        path=request.path,
        query=selection.query,
        back=f"{reverse('campaigns:list')}?{listed}" if listed else reverse("campaigns:list"),
        back_to="Campaigns",
        freshness=fresh,
        missing=max(len(selection.ids) - len(campaigns), 0),
    )


def plan_of_bulk(request: HttpRequest, bulk: Bulk) -> BulkPlan:
    untouched = set(requests.untouched_since(bulk))
    confirmed = Operation.objects.filter(bulk=bulk, kind=OperationKind.PAUSE, state=State.CONFIRMED)
    campaigns = list(Campaign.objects.filter(pk__in=confirmed.values("campaign")).defer("schedule"))

    def ask(*, campaign_ids: Sequence[str], **asked: Any) -> Bulk:
        # It finds them itself: who was resumed since the form was read stays out.
        return requests.request_exact_resume(bulk=bulk, **asked)

    return BulkPlan(
        kind=OperationKind.RESUME,
        campaigns=[campaign for campaign in campaigns if campaign.pk in untouched],
        chosen=f"exactly what the {str(bulk).lower()} has paused, and nobody has touched since",
        ask=ask,
        path=request.path,
        query="",
        back=reverse("campaigns:bulk", args=[bulk.pk]),
        back_to=str(bulk),
        freshness=read_freshness(),
        left_out=[campaign for campaign in campaigns if campaign.pk not in untouched],
    )

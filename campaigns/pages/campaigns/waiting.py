"""What waits for a second person on a campaign: asked for it alone, or for many of which it is one."""

import json
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from campaigns.models import Approval, Campaign, OperationKind
from campaigns.operations.four_eyes import is_same_person
from campaigns.operations.timed import due_in_words
from campaigns.pages.access import APPROVE, SEE_OPERATIONS

# Of one campaign, on its page; the rest is on the page of approvals.
FEW = 5


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """`do`: what it asks for, of the campaign. `is_mine`: the reader asked for it."""

    approval: Approval
    do: str
    is_mine: bool
    may_decide: bool

    @property
    def shown(self) -> tuple[object, ...]:
        """All that decides how it looks."""
        return self.approval.pk, self.approval.digest, self.approval.lapses_at


def waiting_for(campaign: Campaign, user: User | AnonymousUser) -> list[WaitingRequest]:
    """In one query."""
    if not user.has_perm(SEE_OPERATIONS):
        return []
    # Both databases can look into JSON as text, and only few bulks wait.
    found = Approval.objects.annotate(chosen=Cast("bulk__campaign_ids", TextField()))
    found = found.filter(Q(operation__campaign=campaign) | Q(chosen__contains=json.dumps(campaign.pk)), decision="")
    found = found.select_related("operation__campaign", "bulk").defer("bulk__campaign_ids")
    return [_request(approval, user) for approval in found.order_by("asked_at", "pk")[:FEW]]


def _request(approval: Approval, user: User | AnonymousUser) -> WaitingRequest:
    is_mine = is_same_person(approval.by, user.get_username())
    return WaitingRequest(approval, _do(approval), is_mine, user.has_perm(APPROVE) and not is_mine)


def _do(approval: Approval) -> str:
    operation, bulk = approval.operation, approval.bulk
    kind = operation.kind if operation else bulk and bulk.kind
    do = "change its dialing hours" if kind == OperationKind.SCHEDULE else "resume it"
    if bulk:
        return f"{do}, as one of {bulk.number:,} campaigns" if bulk.number > 1 else do
    due = due_in_words(operation) if operation else ""
    return f"{do} at {due}" if due else do

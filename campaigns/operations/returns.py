"""Campaigns that came back by themselves: they dial although they were paused here, and nobody here resumed them."""

from django.db import transaction
from django.db.models import QuerySet

from audit import ledger
from audit.kinds import RecordKind
from campaigns.models import Campaign, SyncState


def returned() -> QuerySet[Campaign]:
    """The latest first. Each stays until it is paused again, or somebody decides that it may dial."""
    found = Campaign.objects.filter(came_back_at__isnull=False, gone_at=None)
    return found.order_by("-came_back_at", "pk")


def dismiss_return(*, campaign: Campaign, by: str) -> bool:
    """Let the campaign dial, and say so no more. False: it was paused again, or somebody did so before."""
    with transaction.atomic():
        if not returned().filter(pk=campaign.pk).update(came_back_at=None):
            return False
        SyncState.bump()
        ledger.append(
            RecordKind.CAMPAIGN_RETURN_DISMISSED, by=by, campaign_id=campaign.pk, campaign_name=campaign.name
        )
    return True

"""The event subscription of a campaign, created once. A failure here never stops an operation."""

import logging

from django.conf import settings
from django.db import transaction

from audit import ledger
from audit.kinds import RecordKind
from campaigns.cxone.errors import CXoneError
from campaigns.cxone.gateway import Gateway
from campaigns.models import Campaign

log = logging.getLogger(__name__)


def make_sure(campaign: Campaign, gateway: Gateway) -> None:
    """Have CXone send us the campaign's events, if it can reach us (PUBLIC_BASE_URL)."""
    if not most_requests(campaign):
        return
    try:
        subscription_id = _find(campaign, gateway)
        if not subscription_id:
            # Noted first: CXone may create it although its answer gets lost.
            Campaign.objects.filter(pk=campaign.pk).update(subscription_asked=True)
            subscription_id = gateway.subscribe(campaign.pk, address())
    except CXoneError as error:
        log.warning("Campaign %s has no event subscription and continues without: %s", campaign.pk, error)
        return
    campaign.subscription_id = subscription_id
    with transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(subscription_id=subscription_id)
        ledger.append(
            RecordKind.SUBSCRIPTION_MADE,
            by="",
            campaign_id=campaign.pk,
            campaign_name=campaign.name,
            webhook_subscription_id=subscription_id,
        )


def most_requests(campaign: Campaign) -> int:
    """How many requests `make_sure` may send for it."""
    if campaign.subscription_id or not settings.PUBLIC_BASE_URL:
        return 0
    return 2 if campaign.subscription_asked else 1


def address() -> str:
    return f"{settings.PUBLIC_BASE_URL}/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/"


def _find(campaign: Campaign, gateway: Gateway) -> str:
    """The one that an earlier request created although its answer was lost."""
    if not campaign.subscription_asked:
        return ""
    mine = [s for s in gateway.subscriptions() if s.url == address() and s.name.endswith(f"_{campaign.pk}")]
    return mine[0].subscription_id if mine else ""

"""Events as they come in from CXone: each is a hint that a campaign should be read."""

import json

from django.db.models.functions import Now

from campaigns.models import Campaign
from campaigns.queueing import wakeups


def note_event(*, body: bytes) -> bool:
    """CXone says that something happened to a campaign: have it read. False: the event names none that we know.

    Nothing else in the event is believed.
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return False
    campaign_id = event.get("campaignId") if isinstance(event, dict) else None
    if isinstance(campaign_id, int):
        campaign_id = str(campaign_id)
    if not isinstance(campaign_id, str) or not campaign_id.isprintable():
        return False
    noted = Campaign.objects.filter(pk=campaign_id, read_due_at=None).update(read_due_at=Now())
    if noted:
        wakeups.enqueue_read(campaign_id)
    return bool(noted) or Campaign.objects.filter(pk=campaign_id).exists()

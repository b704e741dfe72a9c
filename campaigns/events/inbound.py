"""Events as they come in from CXone: each is a hint that a campaign should be read."""

import json

from campaigns.events import hints


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
    return hints.note_hint(campaign_id)

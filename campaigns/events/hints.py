"""Hints that a campaign should be read. Any number of them cost one read of the campaign in a second at most."""

from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from campaigns.models import Campaign
from campaigns.queueing import wakeups
from campaigns.queueing.due import LOST_AFTER

SPACING = timedelta(seconds=1)


def note_hint(campaign_id: str) -> bool:
    """Have the campaign read. False: there is none of that id."""
    if not Campaign.objects.filter(pk=campaign_id, read_due_at=None).update(read_due_at=Now()):
        return Campaign.objects.filter(pk=campaign_id).exists()
    # Otherwise the dispatcher enqueues it, as soon as it may be read again.
    if Campaign.objects.filter(_is_rested(), pk=campaign_id).exists():
        wakeups.enqueue_read(campaign_id)
    return True


def due_hints() -> QuerySet[Campaign]:
    return Campaign.objects.filter(read_due_at__lte=Now())


def take_hint(campaign_id: str) -> bool:
    """Take back the hint before the campaign is read for it. False: there is none, or it was read a moment ago."""
    # Before the read, since an event that comes during it asks for another one.
    taken = due_hints().filter(_is_rested(), pk=campaign_id)
    return bool(taken.update(read_due_at=None, hinted_read_at=Now()))


def unheard_hints() -> QuerySet[Campaign]:
    """Campaigns whose hint no worker will take by itself: its wake-up was lost, or there was none."""
    lost = Q(read_due_at__lte=Now() - LOST_AFTER)
    held_back = Q(read_due_at__lt=F("hinted_read_at") + SPACING)
    return due_hints().filter(lost | held_back, _is_rested()).order_by("read_due_at")


def _is_rested() -> Q:
    return Q(hinted_read_at=None) | Q(hinted_read_at__lte=Now() - SPACING)

"""How long the calls of a paused campaign usually take to end, from its own earlier drains."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from campaigns.models import Drain
from campaigns.models.drain import DrainEnd

# Newer drains say more: campaigns change, and their calls with them.
NEWEST = 50
# With fewer, one unusual drain would be half of the history.
LEAST = 3


@dataclass(frozen=True, slots=True)
class UsualDrain:
    """Seconds from the pause to the last call's end: half of the earlier drains took up to the median, nine in ten up
    to `p90_seconds`. Both None: too few of the campaign's drains have been seen to end with its last call."""

    median_seconds: float | None = None
    p90_seconds: float | None = None


NO_HISTORY = UsualDrain()


def ended_drains(campaign_ids: Collection[str]) -> QuerySet[Drain]:
    # A pause without calls has nothing to end, and would make every other one look slow.
    return Drain.objects.filter(campaign__in=campaign_ids, end=DrainEnd.EMPTY, calls_at_start__gt=0)


def usual_drains(campaign_ids: Collection[str]) -> dict[str, UsualDrain]:
    """By campaign, for those that have a history. One query, or none for no campaigns."""
    if not campaign_ids:
        return {}
    ended = ended_drains(campaign_ids)
    place = Window(RowNumber(), partition_by=F("campaign"), order_by=F("started_at").desc())
    newest = ended.annotate(place=place).filter(place__lte=NEWEST, ended_at__isnull=False)
    seconds: dict[str, list[float]] = {}
    for drain in newest.order_by("-started_at").only("campaign_id", "started_at", "ended_at"):
        if drain.seconds is not None:
            seconds.setdefault(drain.campaign_id, []).append(drain.seconds)
    return {campaign_id: summarize_drains(found) for campaign_id, found in seconds.items()}


def summarize_drains(seconds: Sequence[float]) -> UsualDrain:
    if len(seconds) < LEAST:
        return NO_HISTORY
    # The shortest time within which at least nine in ten ended, rather than one between two of them.
    nine_in_ten = math.ceil(len(seconds) * 9 / 10)
    return UsualDrain(median(seconds), sorted(seconds)[nine_in_ten - 1])

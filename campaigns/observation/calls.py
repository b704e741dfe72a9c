"""Calls in progress over time: one sample a minute of all campaigns, packed.

A sample of 256 campaigns is one row of a few hundred bytes: a number of two bytes for each, compressed. A row for each
campaign would take as much for its own bookkeeping as this takes for all of them. docs/history.md has the figures.
"""

import sys
import zlib
from array import array
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from campaigns.models import CallsMinute, Campaign, CampaignNumber
from campaigns.queueing.rows import database_now

BLOCK = 256
MOST = 0xFFFF
MINUTE = timedelta(minutes=1)

# Minutes, oldest first, each with the number of calls.
CallsOverTime = list[tuple[datetime, int]]


def keep_sample(calls: Mapping[str, int], counted_at: datetime, numbers: Mapping[str, int] | None = None) -> None:
    """Keep the calls of all campaigns as those of this minute; the first count of a minute is kept.

    `calls`: by campaign id; one that isn't there has none. `numbers`: of all campaigns, if the caller has read them.
    Call it outside of a transaction.
    """
    minute = sampled_minute(counted_at)
    numbers = _numbers_of_all() if numbers is None else numbers
    rows = [CallsMinute(minute=minute, block=block, counts=counts) for block, counts in pack(calls, numbers)]
    # Of two reads in the same minute, the first one's are kept.
    CallsMinute.objects.bulk_create(rows, ignore_conflicts=True)


def sampled_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def calls_between(campaigns: Collection[Campaign], since: datetime, until: datetime) -> dict[str, CallsOverTime]:
    """By campaign id, the calls in each minute that was counted. Two queries."""
    numbers = dict(CampaignNumber.objects.filter(campaign__in=campaigns).values_list("campaign_id", "number"))
    blocks: dict[int, list[tuple[str, int]]] = {}
    for campaign_id, number in numbers.items():
        blocks.setdefault(number // BLOCK, []).append((campaign_id, number % BLOCK))
    found: dict[str, CallsOverTime] = {campaign.pk: [] for campaign in campaigns}
    rows = CallsMinute.objects.filter(minute__gt=since - MINUTE, minute__lt=until, block__in=list(blocks))
    for minute, block, packed in rows.order_by("minute").values_list("minute", "block", "counts").iterator():
        counts = unpack(packed)
        for campaign_id, place in blocks[block]:
            if place < len(counts):
                found[campaign_id].append((minute, counts[place]))
    return found


def pack(calls: Mapping[str, int], numbers: Mapping[str, int]) -> Iterable[tuple[int, bytes]]:
    """Each block with its counts. `numbers`: of all campaigns, by id."""
    blocks: dict[int, array[int]] = {}
    for number in sorted(numbers.values()):
        counts = blocks.setdefault(number // BLOCK, array("H"))
        # As long as the highest number needs: a campaign beyond the end had no number yet.
        counts.extend([0] * (number % BLOCK + 1 - len(counts)))
    for campaign_id, number in numbers.items():
        if count := calls.get(campaign_id, 0):
            blocks[number // BLOCK][number % BLOCK] = min(count, MOST)
    return [(block, zlib.compress(_bytes_of(counts))) for block, counts in blocks.items()]


def unpack(packed: bytes | memoryview) -> "array[int]":
    counts = array("H")
    counts.frombytes(zlib.decompress(packed))
    if _is_big_endian():
        counts.byteswap()
    return counts


def delete_old() -> int:
    """Delete what is older than CALLS_HISTORY_DAYS. Returns the number of rows."""
    cutoff = database_now() - timedelta(days=settings.CALLS_HISTORY_DAYS)
    return CallsMinute.objects.filter(minute__lt=cutoff).delete()[0]


def _numbers_of_all() -> dict[str, int]:
    """The numbers of all campaigns in CXone, by id; new ones get theirs."""
    here = Campaign.objects.filter(gone_at=None).order_by("name", "pk").values_list("pk", flat=True)
    numbered = CampaignNumber.objects.values_list("campaign_id", "number")
    numbers = dict(numbered)
    new = [campaign_id for campaign_id in here if campaign_id not in numbers]
    if new:
        with transaction.atomic():
            rows = [CampaignNumber(campaign_id=campaign_id) for campaign_id in new]
            CampaignNumber.objects.bulk_create(rows, ignore_conflicts=True)
        numbers = dict(numbered.all())
    return numbers


def _bytes_of(counts: "array[int]") -> bytes:
    if _is_big_endian():
        counts = array("H", counts)
        counts.byteswap()
    return counts.tobytes()


def _is_big_endian() -> bool:
    return sys.byteorder == "big"

"""Hourly figures: for each hour (UTC) and action, a row for each campaign and one for all of them together.

A record belongs to the hour in which its time lies. Written by `audit.folding` alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from audit.hours import hour_of
from audit.models import Record, Rollup
from audit.statistics.figures import KINDS, Figures

ALL = ""  # the campaign_id of the rows for all campaigns


class _Key(NamedTuple):
    hour: datetime
    campaign_id: str
    action: str


def add_to_rollups(records: Sequence[Record]) -> None:
    """Count records, inside the caller's transaction and under its lock. Two queries."""
    added = _figures(records)
    if not added:
        return
    for row in Rollup.objects.filter(_among(added)):
        key = _Key(row.hour, row.campaign_id, row.action)
        if key in added:
            added[key].merge_stored(row.figures)
    Rollup.objects.bulk_create(
        [Rollup(**key._asdict(), figures=figures.stored()) for key, figures in added.items()],
        update_conflicts=True,
        unique_fields=["campaign_id", "action", "hour"],
        update_fields=["figures"],
    )


def clear_rollups() -> None:
    """Delete everything."""
    Rollup.objects.all().delete()


def _figures(records: Sequence[Record]) -> dict[_Key, Figures]:
    added: dict[_Key, Figures] = defaultdict(Figures)
    for record in records:
        if record.kind in KINDS:
            for campaign_id in {record.campaign_id, ALL}:
                added[_Key(hour_of(record.timestamp), campaign_id, record.action)].add(record)
    return added


def _among(keys: dict[_Key, Figures]) -> Q:
    """The rows of these keys, and few others."""
    return Q(
        hour__in={key.hour for key in keys},
        campaign_id__in={key.campaign_id for key in keys},
        action__in={key.action for key in keys},
    )

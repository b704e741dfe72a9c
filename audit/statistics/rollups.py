"""Hourly figures: for each hour (UTC) and action, one row for each campaign and one for all campaigns together.

A record belongs to the hour of its timestamp. Only `audit.folding` writes these rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from audit.hours import hour_of
from audit.models import Record, Rollup
from audit.statistics import pause_times
from audit.statistics.figures import KINDS, Figures

# The campaign_id of the rows for all campaigns.
ALL = ""


class RollupKey(NamedTuple):
    hour: datetime
    campaign_id: str
    action: str


def add_to_rollups(records: Sequence[Record]) -> None:
    """Add the records to the rows, inside the caller's transaction and under its lock.

    Two queries, and up to three for pauses that begin or end.
    """
    added = figures_of(records)
    if not added:
        return
    for row in Rollup.objects.filter(_among(added)):
        key = RollupKey(row.hour, row.campaign_id, row.action)
        # The query returns more: every combination of these hours, campaigns and actions.
        if key in added:
            added[key].merge_stored(row.figures)
    Rollup.objects.bulk_create(
        [Rollup(**key._asdict(), figures=figures.stored()) for key, figures in added.items()],
        update_conflicts=True,
        unique_fields=["campaign_id", "action", "hour"],
        update_fields=["figures"],
    )


def clear_rollups() -> None:
    """Delete all rows."""
    Rollup.objects.all().delete()
    pause_times.clear_pauses()


def figures_of(records: Sequence[Record]) -> dict[RollupKey, Figures]:
    """What each row gains by these records, oldest first; notes which pauses begin and end with them."""
    added: dict[RollupKey, Figures] = defaultdict(Figures)
    paused = pause_times.follow_pauses(records)
    for record in records:
        # A resume that took effect late ends a pause, and counts for nothing else.
        if record.kind in KINDS or record.number in paused:
            # A set, so that a record without a campaign is counted once.
            for campaign_id in {record.campaign_id, ALL}:
                figures = added[RollupKey(hour_of(record.timestamp), campaign_id, record.action)]
                figures.add(record)
                figures.paused_seconds += paused.get(record.number, 0)
    return added


def _among(keys: dict[RollupKey, Figures]) -> Q:
    """A condition that the rows of these keys meet, and few others."""
    # An exact one would be an OR of as many terms as there are keys.
    return Q(
        hour__in={key.hour for key in keys},
        campaign_id__in={key.campaign_id for key in keys},
        action__in={key.action for key in keys},
    )

"""Whether each campaign's dialing window is open: kept in its row, so that lists and findings need no schedule.

Whoever saves a schedule sets both columns with it; a round sets them again whenever the moment comes at which they
change. Rules of time zones change with releases: then all rows are set again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, SyncState
from campaigns.queueing.rows import database_now, update_each
from campaigns.schedule import certain_until, opening

COLUMNS = ("window_open", "window_changes_at")
# In one transaction: some tens of milliseconds.
AT_ONCE = 200


def window_columns(schedule: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns of a campaign with that schedule, at `now` (aware)."""
    found = opening(schedule, now)
    return {"window_open": found.known_open, "window_changes_at": certain_until(schedule, now)}


def set_window(campaign: Campaign, now: datetime) -> None:
    """Set both columns of `campaign`, which the caller saves."""
    for name, value in window_columns(campaign.schedule, now).items():
        setattr(campaign, name, value)


def cross_windows(now: datetime) -> int:
    """Set the columns of the campaigns whose windows have opened or closed; how many those are. One query if none."""
    due = Campaign.objects.filter(window_changes_at__lte=now)
    return _set_again(list(due.order_by("pk").values_list("pk", flat=True)), now)


def set_all_windows() -> None:
    """Set the columns of all campaigns."""
    _set_again(list(Campaign.objects.order_by("pk").values_list("pk", flat=True)), database_now())


def _set_again(keys: Sequence[str], now: datetime) -> int:
    for first in range(0, len(keys), AT_ONCE):
        with transaction.atomic():
            # Locked before it is looked at: a read may be saving another schedule now.
            locked = Campaign.objects.select_for_update(no_key=True).filter(pk__in=keys[first : first + AT_ONCE])
            changed = [campaign for campaign in locked.order_by("pk") if _is_changed(campaign, now)]
            if changed:
                update_each(Campaign.objects.all(), changed, COLUMNS, are_locked=True)
                SyncState.bump()
    return len(keys)


def _is_changed(campaign: Campaign, now: datetime) -> bool:
    before = campaign.window_open, campaign.window_changes_at
    set_window(campaign, now)
    return before != (campaign.window_open, campaign.window_changes_at)

"""The full reads that bulks go by: they read no campaign themselves before they send a change, and none after it."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models import Bulk, PeriodicJob, SyncState
from campaigns.queueing import wakeups
from campaigns.queueing.rows import database_now

# A bulk is requested by what people saw a moment ago. With an older list it waits for another one, but not for long:
# what looks as asked for is then read by a single worker instead of being left out.
LIST_AGE = timedelta(seconds=10)
LIST_PATIENCE = timedelta(seconds=10)
# One that overrides the calls check waits for nothing that it can do without.
LIST_PATIENCE_OVERRIDING = timedelta(seconds=2)
# A list that is older than the usual interval and this much more is none to leave campaigns out by.
MARGIN = timedelta(seconds=15)


def is_awaited(bulk: Bulk) -> bool:
    """Whether to wait for a full read before the first operation. It was asked for, if so."""
    state, oldest = SyncState.current(), bulk.begins_at - LIST_AGE
    if state.last_good_at and state.last_good_at >= oldest:
        return False
    patience = LIST_PATIENCE_OVERRIDING if bulk.override else LIST_PATIENCE
    if bulk.started_at is None or database_now() - bulk.started_at > patience or state.failing_since:
        return False
    ask_for_read(oldest)
    return True


def is_fresh(state: SyncState, now: datetime) -> bool:
    """Whether what the last full read showed is good enough to send nothing."""
    if state.last_good_at is None:
        return False
    return now - state.last_good_at <= timedelta(seconds=state.interval_seconds) + MARGIN


def ask_for_read(after: datetime, within: float = 0) -> None:
    """Have all campaigns read by a read that begins after that moment, unless one has or is on its way: now, or so
    many seconds later, together with whatever is sent until then."""
    unread = Q(last_good_at=None) | Q(last_good_at__lte=after)
    unasked = Q(read_wanted_at=None) | Q(read_wanted_at__lt=after)
    if not SyncState.objects.filter(unread, unasked, pk=1).update(read_wanted_at=after):
        return
    if within:
        at = Now() + timedelta(seconds=within)
        PeriodicJob.objects.filter(name="sync_campaigns", next_at__gt=at).update(next_at=at)
    elif not wakeups.enqueue(wakeups.READ_ALL):
        PeriodicJob.objects.filter(name="sync_campaigns").update(next_at=Now())


def is_wanted(state: SyncState) -> bool:
    """Whether somebody waits for a full read that hasn't begun."""
    if state.read_wanted_at is None:
        return False
    return state.last_good_at is None or state.last_good_at <= state.read_wanted_at

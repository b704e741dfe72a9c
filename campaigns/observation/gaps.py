"""When CXone was not read: time of which nobody knows anything, and which no page may draw as calm."""

from datetime import datetime

from campaigns.models import ReadingGap, SyncState

# Intervals without a good read, after which the state counts as unknown. One read may fail and one may be late
# without anything being wrong.
PATIENCE = 3


def note_gap(state: SyncState, began: datetime) -> None:
    """Call it with the beginning of a good read, before that is noted as the last one. `state`: as it began."""
    last = state.last_good_at
    if last and (began - last).total_seconds() > PATIENCE * state.interval_seconds:
        ReadingGap.objects.bulk_create([ReadingGap(since=last, until=began)], ignore_conflicts=True)


def gaps_between(since: datetime, until: datetime, now: datetime) -> list[tuple[datetime, datetime]]:
    """The gaps that touch this time, oldest first, with one that lasts at `now`. Two queries."""
    found = ReadingGap.objects.filter(since__lt=until, until__gt=since).order_by("since")
    gaps = list(found.values_list("since", "until"))
    state = SyncState.current()
    last = state.last_good_at
    if last and last < until and (now - last).total_seconds() > PATIENCE * state.interval_seconds:
        gaps.append((last, now))
    return gaps

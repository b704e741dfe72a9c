"""The guard's round: a look at every guarded campaign, and a request for what is to be paused or resumed now.

Any process may make a round at any time, several at once: `acting` sees to it that they ask once.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from time import monotonic
from typing import Any

from campaigns.guard import acting
from campaigns.guard.acting import Terms
from campaigns.guard.decisions import Sight, Standing, decide, decide_on_new
from campaigns.guard.duty import Duty, read_duty
from campaigns.guard.stretches import Stretch
from campaigns.models import Campaign, GuardedStretch, Operation, SyncState
from campaigns.operations.still_stands import REPEATS
from campaigns.operations.timed import HAND_OVER
from campaigns.queueing.rows import database_now
from campaigns.states import IN_PROGRESS

# Seconds. The next round goes on with the rest; two at once would do the same work twice.
LONGEST_ROUND = 4.0
# Intervals without a good read, after which what was read can't be believed; as on the pages.
PATIENCE = 3

_COLUMNS = (
    *("pk", "campaign_id", "begins", "ends", "holidays", "left_alone", "withdrawn", "tries", "next_try_at"),
    *(
        "pause_id",
        "pause__state",
        "pause__error",
        "pause__superseded_by",
        "pause__sent_at",
        "pause__ended_at",
    ),
    *("resume_id", "resume__state", "resume__ended_at"),
    *("campaign__status", "campaign__window_open", "campaign__gone_at", "campaign__explained_by"),
    f"campaign__explained_by__payload__{REPEATS}",
)


def make_round() -> None:
    """Look at all guarded campaigns once. The number of queries doesn't depend on how many there are, only on how many
    are to be paused or resumed."""
    deadline, now = monotonic() + LONGEST_ROUND, database_now()
    duty, rows = read_duty(now), read_standing()
    for _ in chain(_begin(duty, rows, now), _go_on(duty, rows, now)):
        if monotonic() > deadline:
            break


def read_standing(**of: Any) -> list[Standing]:
    """The open rows, or those `of` some campaigns. One query."""
    rows = GuardedStretch.objects.filter(closed_at=None, **of).order_by("begins", "pk")
    return [Standing._make(columns) for columns in rows.values_list(*_COLUMNS)]


def _begin(duty: Duty, rows: Collection[Standing], now: datetime) -> Iterator[None]:
    """Open a row for each campaign that has a stretch, and none yet."""
    attended = {row.campaign_id for row in rows}
    new = [key for key in duty.stretches if key not in attended]
    if not new:
        return
    for campaign, sight in _read_sights(new, now):
        stretch = duty.stretches[campaign.pk]
        acting.open_row(campaign, stretch, decide_on_new(sight, stretch, now), _terms(duty, stretch, now))
        yield


def _read_sights(campaign_ids: Collection[str], now: datetime) -> Iterator[tuple[Campaign, Sight]]:
    """Three queries."""
    state = SyncState.current()
    read_at, patience = state.last_good_at, timedelta(seconds=PATIENCE * state.interval_seconds)
    # In this order a pause comes last, and so is the one that counts if it outranks another operation.
    in_progress = Operation.objects.filter(state__in=IN_PROGRESS).order_by("-kind")
    busy = dict(in_progress.values_list("campaign_id", "kind"))
    cause = ("kind", "origin", "by", "payload", "requested_at", "approved_at", "not_before")
    columns = ("name", "status", "read_at", *(f"explained_by__{name}" for name in cause))
    campaigns = Campaign.objects.select_related("explained_by").only(*columns)
    for campaign in campaigns.filter(pk__in=campaign_ids):
        # A full read that finds a campaign unchanged doesn't write its row.
        seen_at = max(campaign.read_at, read_at or campaign.read_at)
        sight = Sight(
            status=campaign.status,
            explained_by=campaign.explained_by,
            busy=busy.get(campaign.pk, ""),
            read_at=seen_at,
            is_old=now - seen_at > patience,
        )
        yield campaign, sight


def _go_on(duty: Duty, rows: Iterable[Standing], now: datetime) -> Iterator[None]:
    for row in rows:
        if row.campaign_id in duty.undated and now < row.ends:
            # Its time zone can't be read at the moment. What was known of this stretch holds until its end.
            continue
        stretch = duty.stretches.get(row.campaign_id)
        if stretch is not None and row.begins <= now < stretch.begins:
            # The row's own is over, or was moved, and this is the next one: nothing restricts the campaign until then.
            stretch = None
        if not acting.note_unnoted(row):
            acting.make_move(row, decide(row, stretch, now), stretch, _terms(duty, stretch, now))
        yield


def _terms(duty: Duty, stretch: Stretch | None, now: datetime) -> Terms:
    return Terms(now, duty.hand_overs[stretch.begins] if stretch else HAND_OVER)

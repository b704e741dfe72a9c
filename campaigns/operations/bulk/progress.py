"""How far a bulk is, and how long the rest may take. Two queries, however many campaigns it has."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Sum

from campaigns.cxone.budget import Lane, lane_range
from campaigns.models import Bulk, Operation, RequestSlot
from campaigns.queueing.rows import database_now
from campaigns.states import ENDS, State

# The rate of a bulk that has only begun says nothing yet.
ENOUGH_STARTED = 10
MINUTE = 61


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """`counts`: its operations by state; those that aren't made yet count as queued, as waiting for a second person,
    or as cancelled, where it ended before they were. `requests`: to CXone, so far.

    `seconds_left`: until the last one has been sent, by the pace so far and the request budget; None: nobody knows.
    """

    total: int
    counts: dict[State, int]
    requests: int
    started_at: datetime | None
    ended_at: datetime | None
    seconds_left: float | None

    @property
    def begun(self) -> int:
        return self.total - self.counts.get(State.QUEUED, 0)

    @property
    def ended(self) -> int:
        return sum(self.counts.get(state, 0) for state in ENDS)

    def count(self, *states: State) -> int:
        return sum(self.counts.get(state, 0) for state in states)


def read_progress(bulk: Bulk) -> BulkProgress:
    rows = Operation.objects.filter(bulk=bulk).order_by().values("state")
    found = list(rows.annotate(number=Count("pk"), requests=Sum("requests"), newest=Max("sent_at")))
    counts = {State(row["state"]): row["number"] for row in found}
    total = bulk.number
    unmade = total - sum(counts.values())
    if unmade:
        state = _state_of_unmade(bulk)
        counts[state] = counts.get(state, 0) + unmade
    return BulkProgress(
        total=total,
        counts=counts,
        requests=bulk.requests + sum(row["requests"] for row in found),
        started_at=bulk.started_at,
        ended_at=bulk.ended_at,
        seconds_left=_seconds_left(bulk, total, counts),
    )


def _state_of_unmade(bulk: Bulk) -> State:
    if bulk.pending:
        return State.PENDING
    return State.CANCELLED if bulk.ended_at else State.QUEUED


def _seconds_left(bulk: Bulk, total: int, counts: dict[State, int]) -> float | None:
    """None before enough has begun to tell the pace."""
    rest = counts.get(State.QUEUED, 0)
    if bulk.ended_at or bulk.cancelled_at or not rest:
        return 0.0
    by_budget = _seconds_of_budget(rest)
    begun = total - rest
    if bulk.started_at is None or begun < ENOUGH_STARTED:
        return by_budget or None
    pace = (database_now() - bulk.started_at).total_seconds() / begun
    return max(by_budget, rest * pace)


def _seconds_of_budget(requests: int) -> float:
    """How long the lane of bulks takes to grant so many requests; 0 if it has them now."""
    lane = lane_range(Lane.BULK, settings.CXONE_RATE_PER_MINUTE)
    now = database_now()
    busy = RequestSlot.objects.filter(number__range=(lane[0], lane[-1]), free_at__gt=now).count()
    waiting = requests - (len(lane) - busy)
    if waiting <= 0:
        return 0.0
    return MINUTE * waiting / len(lane)

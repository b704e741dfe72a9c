"""What monitoring needs to know of the dispatchers, of the reads of CXone, and of the budget that all lanes share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Subquery, Value
from django.db.models.functions import Now

from campaigns.cxone.budget import Lane, lane_range
from campaigns.models import Heartbeat, RequestSlot, SyncState
from campaigns.queueing.circuit_breaker import Circuit, circuit_of
from campaigns.queueing.request_budget import SlotBudget

# Three heartbeats that every dispatcher has missed (campaigns/dispatcher.py).
HEARTBEAT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Pulse:
    """Ages in seconds, by the database's clock; None for never. `dispatchers`: how many are alive."""

    heartbeat_seconds: float | None
    dispatchers: int
    read_seconds: float | None
    read_interval_seconds: int
    circuit: Circuit
    clock_ahead_seconds: int | None


def read_pulse() -> Pulse:
    """In one statement."""
    beats = Heartbeat.objects.order_by().annotate(all=Value(1)).values("all")
    alive = beats.filter(at__gte=Now() - timedelta(seconds=HEARTBEAT_SECONDS))
    state: Any = SyncState.objects.annotate(
        now=Now(),
        beat_at=Subquery(beats.annotate(latest=Max("at")).values("latest")),
        alive=Subquery(alive.annotate(number=Count("pk")).values("number")),
    ).get(pk=1)
    return Pulse(
        heartbeat_seconds=_age(state.now, state.beat_at),
        dispatchers=state.alive or 0,
        read_seconds=_age(state.now, state.last_good_at),
        read_interval_seconds=state.interval_seconds,
        circuit=circuit_of(state, state.now),
        clock_ahead_seconds=state.clock_ahead_seconds,
    )


def budget_used() -> dict[Lane, float]:
    """Of the requests that each lane may make in a minute, the share that isn't free now: 0 to 1."""
    rate = SlotBudget().rate
    ranges = {lane: lane_range(lane, rate) for lane in Lane}
    busy = Q(free_at__gt=Now())
    columns = {
        lane.name: Count("pk", filter=busy & Q(number__range=(numbers[0], numbers[-1])))
        for lane, numbers in ranges.items()
    }
    found = RequestSlot.objects.aggregate(**columns)
    return {lane: found[lane.name] / len(numbers) for lane, numbers in ranges.items()}


def _age(now: datetime, at: datetime | None) -> float | None:
    return None if at is None else max((now - at).total_seconds(), 0.0)

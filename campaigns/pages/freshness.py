"""How far the screen can be trusted: the age of what CXone last reported, for the head of every page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, Max, Subquery, Value
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from campaigns.models import Campaign, Delivery, DeliveryState, SyncState
from campaigns.operations.returns import returned
from campaigns.queueing.circuit_breaker import Circuit, circuit_of

# Intervals without a good read, after which the state counts as unknown. One read may fail and one may be late
# without anything being wrong.
PATIENCE = 3
# More of them on top of a page would push everything else out of sight.
MOST_RETURNED = 5


class FreshnessLevel(StrEnum):
    FRESH = "fresh"
    FAILING = "failing"
    OLD = "old"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Freshness:
    """`read_at` is the last good read of CXone; `failing_since` and `error` say since when and why no later one was,
    if so. `circuit`: not closed while CXone answers nothing at all. `now` is the database's time, by which a page
    judges whatever another process wrote; `clock_ahead_seconds`: how far CXone's clock is ahead of it. `any_parked`:
    a delivery was given up, to which the head then leads. `returned_count`: how many campaigns came back by
    themselves, the last at `returned_at`."""

    level: FreshnessLevel
    circuit: Circuit
    now: datetime
    read_at: datetime | None
    failing_since: datetime | None
    error: str
    version: int
    clock_ahead_seconds: int | None
    any_parked: bool
    returned_count: int
    returned_at: datetime | None

    @property
    def age_seconds(self) -> int | None:
        if self.read_at is None:
            return None
        return max(int((self.now - self.read_at).total_seconds()), 0)

    def age_of(self, campaign: Campaign) -> int:
        """Seconds since CXone last reported the campaign."""
        # A full read that finds a campaign unchanged doesn't write its row.
        reported_at = max(campaign.read_at, self.read_at or campaign.read_at)
        return max(int((self.now - reported_at).total_seconds()), 0)

    @property
    def returned(self) -> str:
        """Another text whenever another campaign came back by itself, or no longer counts as one; "" without any."""
        if self.returned_at is None:
            return ""
        return f"{self.returned_count}-{self.returned_at:%Y%m%d%H%M%S%f}"

    @property
    def is_answering(self) -> bool:
        """CXone answers, as far as is known; single reads may fail."""
        return self.circuit == Circuit.CLOSED

    @property
    def shown(self) -> tuple[FreshnessLevel, bool]:
        """What the words in the head depend on."""
        return self.level, self.is_answering

    @property
    def is_known(self) -> bool:
        """What the screen shows may be taken for how things are."""
        return self.level in {FreshnessLevel.FRESH, FreshnessLevel.FAILING}


def read_freshness() -> Freshness:
    """In one query."""
    # By the database's clock, which also dated the last good read: that of a web server may be off.
    parked = Delivery.objects.filter(state=DeliveryState.PARKED)
    came_back = returned().order_by().annotate(all=Value(1)).values("all")
    state = SyncState.objects.annotate(
        now=Now(),
        any_parked=Exists(parked),
        returned_count=Coalesce(Subquery(came_back.annotate(count=Count("pk")).values("count")), 0),
        returned_at=Subquery(came_back.annotate(latest=Max("came_back_at")).values("latest")),
    ).get(pk=1)
    now = state.now
    return Freshness(
        level=_level(state, now),
        circuit=circuit_of(state, now),
        now=now,
        read_at=state.last_good_at,
        failing_since=_failing_since(state),
        error=state.error,
        version=state.version,
        clock_ahead_seconds=state.clock_ahead_seconds,
        any_parked=state.any_parked,
        returned_count=state.returned_count,
        returned_at=state.returned_at,
    )


def _level(state: SyncState, now: datetime) -> FreshnessLevel:
    if state.last_good_at is None:
        return FreshnessLevel.NEVER
    if now - state.last_good_at > timedelta(seconds=PATIENCE * state.interval_seconds):
        return FreshnessLevel.OLD
    if _failing_since(state):
        return FreshnessLevel.FAILING
    return FreshnessLevel.FRESH


def _failing_since(state: SyncState) -> datetime | None:
    """The earliest failure since CXone last did what it should: of a full read, or of any call while none succeeds."""
    # A few failures in a row may be an accident, and aren't told.
    unanswered_since = state.unanswered_since if state.probe_at else None
    return min(filter(None, [state.failing_since, unanswered_since]), default=None)


def head(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what the head of a page needs, read only by pages that show it."""
    return {
        "freshness": SimpleLazyObject(read_freshness),
        "returned_campaigns": SimpleLazyObject(lambda: list(returned()[:MOST_RETURNED])),
        "role": SimpleLazyObject(lambda: role_of(request.user)),
    }


def role_of(user: User | AnonymousUser) -> str:
    """The person's roles in words."""
    names = sorted(group.name for group in user.groups.all())
    return ", ".join(names) or ("superuser" if user.is_superuser else "no role")

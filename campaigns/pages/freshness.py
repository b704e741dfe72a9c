"""How far the screen can be trusted: the age of what CXone last reported, for the head of every page."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Case, Count, Exists, Max, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from campaigns.dialect import cxone_can
from campaigns.models import Approval, Campaign, Delivery, DeliveryState, Finding, Handover, Policy, SyncState
from campaigns.observation.gaps import PATIENCE
from campaigns.operations.four_eyes import SecondWanted
from campaigns.operations.returns import returned
from campaigns.prepared import fetch_objects
from campaigns.queueing.circuit_breaker import Circuit, circuit_of

# More of them on top of a page would push everything else out of sight.
MOST_RETURNED = 5
# What is older isn't called live.
NOT_LIVE_SECONDS = 90


class FreshnessLevel(StrEnum):
    FRESH = "fresh"
    FAILING = "failing"
    OLD = "old"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class WaitingHandover:
    """The newest one, which nobody has acknowledged."""

    pk: int
    by: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """`read_at` is the last good read of CXone; `failing_since` and `error` say since when and why no later one was,
    if so. `circuit`: not closed while CXone answers nothing at all. `now` is the database's time, by which a page
    judges whatever another process wrote; `clock_ahead_seconds`: how far CXone's clock is ahead of it; `unreadable`:
    how many campaigns are on no page, since their entries in CXone's list can't be read; `interval_seconds`: from one
    read to the next. `gave_up`: how many notices were given up, to which the head then leads. `returned_count`: how
    many campaigns came back by themselves, the last at `returned_at`. `findings`: how many are open, the last of them
    `latest_finding`. `handover`: waits to be acknowledged. `approvals`: how many wait for a second person, the last
    since `approval_asked_at`; `wants_approvals`: the policy wants one for something; `wanted`: for which single
    requests."""

    level: FreshnessLevel
    circuit: Circuit
    now: datetime
    read_at: datetime | None
    failing_since: datetime | None
    error: str
    version: int
    clock_ahead_seconds: int | None
    unreadable: int
    interval_seconds: int
    gave_up: int
    returned_count: int
    returned_at: str
    findings: int
    latest_finding: int | None
    handover: WaitingHandover | None
    approvals: int
    approval_asked_at: str
    wants_approvals: bool
    wanted: SecondWanted

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
        return _counted(self.returned_count, self.returned_at)

    @property
    def notices(self) -> str:
        """Another text whenever the notices about campaigns and handovers, or the menu's counts, may be others."""
        found = f"{self.findings}-{self.latest_finding}" if self.findings else ""
        waiting = f"h{self.handover.pk}" if self.handover else ""
        asked = f"a{_counted(self.approvals, self.approval_asked_at)}" if self.approvals else ""
        left_out = f"u{self.unreadable}" if self.unreadable else ""
        return "/".join(filter(None, (self.returned, found, waiting, asked, left_out)))

    @property
    def is_answering(self) -> bool:
        """CXone answers, as far as is known; single reads may fail."""
        return self.circuit == Circuit.CLOSED

    @property
    def is_live(self) -> bool:
        """It was read as lately as that it may be called so. Where CXone tells of no changes and a read of all takes
        minutes, what is shown is as good as it gets, and yet minutes old."""
        is_lately = self.age_seconds is not None and self.age_seconds < NOT_LIVE_SECONDS
        return self.level == FreshnessLevel.FRESH and (is_lately or cxone_can().events)

    @property
    def shown(self) -> tuple[FreshnessLevel, bool, bool]:
        """What the words in the head depend on."""
        return self.level, self.is_answering, self.is_live

    @property
    def is_known(self) -> bool:
        """What the screen shows may be taken for how things are."""
        return self.level in {FreshnessLevel.FRESH, FreshnessLevel.FAILING}


def read_freshness() -> Freshness:
    """In one query."""
    (state,) = fetch_objects(_state)
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
        unreadable=state.unreadable,
        interval_seconds=state.interval_seconds,
        gave_up=state.gave_up,
        returned_count=state.returned_count,
        returned_at="" if state.returned_at is None else str(state.returned_at),
        findings=state.findings,
        latest_finding=state.latest_finding,
        handover=WaitingHandover(state.handover, state.written_by) if state.handover else None,
        approvals=state.approvals,
        approval_asked_at="" if state.approval_asked_at is None else str(state.approval_asked_at),
        wants_approvals=bool(state.wants_approvals),
        wanted=wanted_in(state),
    )


def _state() -> QuerySet[Any, Any]:
    """The one row of the state, with what else the head and the notices say."""
    parked = Delivery.objects.filter(state=DeliveryState.PARKED).order_by().annotate(all=Value(1)).values("all")
    came_back = returned().order_by().annotate(all=Value(1)).values("all")
    found = Finding.objects.filter(ended_at=None).order_by().annotate(all=Value(1)).values("all")
    waiting = Approval.objects.filter(decision="").order_by().annotate(all=Value(1)).values("all")
    wants_two = Q(two_for_resume=True) | Q(two_for_bulk=True) | Q(two_for_schedule=True)
    # What is older than the newest handover is in it, or is past.
    newest = Handover.objects.order_by("-written_at", "-pk")[:1]
    return SyncState.objects.filter(pk=1).annotate(
        # By the database's clock, which also dated the last good read: that of a web server may be off.
        now=Now(),
        gave_up=Coalesce(Subquery(parked.annotate(count=Count("pk")).values("count")), 0),
        returned_count=Coalesce(Subquery(came_back.annotate(count=Count("pk")).values("count")), 0),
        returned_at=Subquery(came_back.annotate(latest=Max("came_back_at")).values("latest")),
        findings=Coalesce(Subquery(found.annotate(count=Count("pk")).values("count")), 0),
        latest_finding=Subquery(found.annotate(latest=Max("pk")).values("latest")),
        handover=Subquery(newest.values(waiting=Case(When(acknowledged_at=None, then="pk")))),
        written_by=Subquery(newest.values("written_by")),
        approvals=Coalesce(Subquery(waiting.annotate(count=Count("pk")).values("count")), 0),
        approval_asked_at=Subquery(waiting.annotate(latest=Max("asked_at")).values("latest")),
        wants_approvals=Exists(Policy.objects.filter(wants_two, pk=1)),
        **second_wanted(),
    )


def second_wanted() -> dict[str, Exists]:
    """For which single requests the policy wants a second person, for a statement about something else."""
    policy = Policy.objects.filter(pk=1)
    return {
        "resumes_wait": Exists(policy.filter(two_for_resume=True)),
        "schedules_wait": Exists(policy.filter(two_for_schedule=True)),
    }


def wanted_in(row: Any) -> SecondWanted:  # noqa: ANN401 (whatever row the statement is about)
    return SecondWanted(resumes=bool(row.resumes_wait), schedules=bool(row.schedules_wait))


def _counted(number: int, latest: str) -> str:
    """Another text whenever there is one more or less of them, or another one is the latest."""
    return f"{number}-{re.sub(r'[^0-9]', '', latest)}" if latest else ""


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

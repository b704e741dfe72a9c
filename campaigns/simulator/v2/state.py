"""The simulated tenant's campaigns and subscribers, and every rule by which they change. Not safe for threads."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Literal

from campaigns.simulator.exchange import RefusalError
from campaigns.simulator.hours import DialingHours
from campaigns.simulator.population import LONGEST_TAIL_SECONDS, OUTSIDE_HOURS_LINES, OVER_LIMIT_LINES, Habit, Profile
from campaigns.simulator.traffic import Traffic
from campaigns.simulator.v2.schedules import schedule_errors

ETags = Literal["strong", "weak", "weakened", "none"]


@dataclass(frozen=True, slots=True)
class PendingStatus:
    """A status that was asked for: under way from `begins`, in effect from `takes_effect`."""

    status: str
    begins: float
    takes_effect: float
    drop_calls: bool = False


@dataclass(slots=True)
class SimulatedCampaign:
    id: str
    name: str
    status: str
    schedule: dict[str, Any]
    traffic: Traffic
    tags: dict[str, str] = field(default_factory=dict)
    habit: Habit = Habit.ANY_HOUR
    version: int = 1
    coming: PendingStatus | None = None
    hours: DialingHours = field(init=False)
    body: bytes = b""
    etag: str = ""

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Compose the response's body and ETag once for each change, not for each request."""
        content = {"id": self.id, "name": self.name, "status": self.status, "schedule": self.schedule}
        if self.tags:
            content["tags"] = self.tags
        self.hours = DialingHours.read(self.schedule)
        self.body = json.dumps(content).encode()
        digest = hashlib.sha256(b"%d:%s" % (self.version, self.body)).hexdigest()
        self.etag = f'"{digest[:20]}"'

    def advance(self, now: float, rng: Random) -> None:
        """Let calls begin and end until `now`."""
        is_active = self.status == "ACTIVE"
        if self.habit == Habit.ANY_HOUR:
            self.traffic.advance(now, is_active, rng)
        elif self.habit == Habit.KEEPS_HOURS:
            self.traffic.advance(now, is_active and self.hours.dials_at(now), rng)
            if not self.hours.dials_at(now) and not self.hours.dials_at(now - LONGEST_TAIL_SECONDS):
                self.traffic.calls = 0
        else:
            self.traffic.lines = OVER_LIMIT_LINES if self.hours.open_at(now) else OUTSIDE_HOURS_LINES
            self.traffic.advance(now, is_active, rng)
            if not self.hours.open_at(now - LONGEST_TAIL_SECONDS):
                self.traffic.calls = min(self.traffic.calls, self.traffic.lines)


@dataclass(frozen=True, slots=True)
class Subscriber:
    id: str
    name: str
    url: str
    # None: every campaign's events.
    campaign_id: str | None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class StatusChanged:
    campaign_id: str
    status: str
    at: float

    def content(self) -> dict[str, str]:
        return {
            "eventType": "outbound.campaign.status.changed",
            "campaignId": self.campaign_id,
            "status": self.status,
            "timestamp": datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


class Tenant:
    """`on_change` is called with each campaign that changed, `on_status` with each change of a status."""

    def __init__(
        self,
        profiles: Iterable[Profile],
        *,
        seed: int,
        pause_seconds: float,
        clock: Callable[[], float],
        on_change: Callable[[SimulatedCampaign], None],
        on_status: Callable[[StatusChanged], None],
        on_subscribe: Callable[[], None],
    ) -> None:
        self.campaigns: dict[str, SimulatedCampaign] = {}
        self.subscribers: dict[str, Subscriber] = {}
        self.pause_seconds = pause_seconds
        self._coming: set[str] = set()
        self._rng = Random(seed)
        self._clock = clock
        self._on_change = on_change
        self._on_status = on_status
        self._on_subscribe = on_subscribe
        self.start_over(profiles)

    def start_over(self, profiles: Iterable[Profile]) -> None:
        self.subscribers.clear()
        self._coming.clear()
        self.campaigns.clear()
        for profile in profiles:
            self.campaigns[profile.id] = SimulatedCampaign(
                profile.id,
                profile.name,
                profile.status,
                profile.schedule,
                profile.traffic,
                profile.tags,
                profile.habit,
            )

    def put(self, campaign: SimulatedCampaign) -> None:
        self.campaigns[campaign.id] = campaign
        if campaign.coming:
            self._coming.add(campaign.id)

    def remove(self, campaign_id: str) -> None:
        self.find(campaign_id)
        del self.campaigns[campaign_id]
        self._coming.discard(campaign_id)

    def forget(self, campaign_id: str) -> None:
        """Drop the change that is still to come, if there is one."""
        campaign = self.find(campaign_id)
        campaign.coming = None
        self._coming.discard(campaign_id)
        self._on_change(campaign)

    def find(self, campaign_id: str) -> SimulatedCampaign:
        try:
            return self.campaigns[campaign_id]
        except KeyError:
            raise RefusalError(404, f"There is no campaign {campaign_id!r}.") from None

    def settle(self) -> None:
        """Carry out every change whose time has come, in the order of their times."""
        if not self._coming:
            return
        now = self._clock()
        due = []
        for campaign_id in self._coming:
            campaign = self.campaigns[campaign_id]
            if campaign.coming and campaign.coming.takes_effect <= now:
                due.append((campaign.coming, campaign))
        for change, campaign in sorted(due, key=lambda item: item[0].takes_effect):
            self._carry_out(campaign, change)

    def calls(self, campaign: SimulatedCampaign) -> int:
        campaign.advance(self._clock(), self._rng)
        return campaign.traffic.calls

    def pause(self, campaign: SimulatedCampaign, at: float, *, drop_calls: bool, limit: int) -> bool:
        """Whether this changed anything: the same pause, asked for again, doesn't."""
        if campaign.status == "PAUSED":
            raise RefusalError(409, "The campaign is already paused.", code="campaign.already.paused")
        if campaign.status != "ACTIVE":
            raise RefusalError(409, f"The campaign is {campaign.status}; only an ACTIVE one can be paused.")
        now = self._clock()
        # A deferred pause that has not begun may be replaced by another one; one that is under way may not.
        if campaign.coming and campaign.coming.begins <= now:
            raise RefusalError(409, "A pause of this campaign is under way.", code="pause.under.way")
        # A time in the past means now.
        begins = max(now, at)
        change = PendingStatus("PAUSED", begins, begins + self.pause_seconds, drop_calls)
        if begins > now and change == campaign.coming:
            return False
        # A deferred pause doesn't count against the limit before it begins.
        if begins <= now and self._under_way(now) >= limit:
            message = f"Too many pauses at once: the limit of {limit} under way is reached."
            raise RefusalError(409, message, code="too.many.pauses")
        self._schedule_change(campaign, change)
        return True

    def resume(self, campaign: SimulatedCampaign, at: float) -> bool:
        if campaign.status == "ACTIVE":
            raise RefusalError(409, "The campaign is already active.", code="campaign.already.active")
        if campaign.status != "PAUSED":
            raise RefusalError(409, f"The campaign is {campaign.status}; only a PAUSED one can be resumed.")
        begins = max(self._clock(), at)
        change = PendingStatus("ACTIVE", begins, begins)
        if change == campaign.coming:
            return False
        self._schedule_change(campaign, change)
        return True

    def set_schedule(self, campaign: SimulatedCampaign, schedule: object) -> None:
        errors = schedule_errors(schedule, campaign.schedule)
        if errors or not isinstance(schedule, dict):
            raise RefusalError(422, "The schedule is not valid.", errors=errors)
        campaign.schedule = schedule
        self._changed(campaign)

    def change(
        self,
        campaign: SimulatedCampaign,
        *,
        status: str | None = None,
        schedule: dict[str, Any] | None = None,
        name: str | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        """Somebody else changes it: no rule applies but the schedule's form."""
        if schedule is not None:
            self.set_schedule(campaign, schedule)
        if name is not None:
            campaign.name = name
            self._changed(campaign)
        if tags is not None:
            campaign.tags = tags
            self._changed(campaign)
        if status is not None and status != campaign.status:
            self._carry_out(campaign, PendingStatus(status, self._clock(), self._clock()))

    def set_traffic(self, campaign: SimulatedCampaign, traffic: Traffic) -> None:
        """Exactly this traffic, whatever the hour. It doesn't change the campaign itself: its ETag stays."""
        campaign.traffic = traffic
        campaign.habit = Habit.ANY_HOUR
        self._on_change(campaign)

    def subscribe(self, subscriber: Subscriber) -> None:
        self.subscribers[subscriber.id] = subscriber
        self._on_subscribe()

    def urls_for(self, event: StatusChanged) -> list[str]:
        return [
            subscriber.url
            for subscriber in self.subscribers.values()
            if subscriber.enabled and subscriber.campaign_id in {None, event.campaign_id}
        ]

    def _under_way(self, now: float) -> int:
        waiting = [self.campaigns[campaign_id].coming for campaign_id in self._coming]
        return sum(1 for change in waiting if change and change.status == "PAUSED" and change.begins <= now)

    def _schedule_change(self, campaign: SimulatedCampaign, change: PendingStatus) -> None:
        if change.takes_effect <= self._clock():
            self._carry_out(campaign, change)
            return
        campaign.coming = change
        self._coming.add(campaign.id)
        self._on_change(campaign)

    def _carry_out(self, campaign: SimulatedCampaign, change: PendingStatus) -> None:
        # The calls until then, while it still had its old status.
        campaign.advance(change.takes_effect, self._rng)
        if change.drop_calls:
            campaign.traffic.calls = 0
        campaign.status = change.status
        campaign.coming = None
        self._coming.discard(campaign.id)
        self._changed(campaign)
        self._on_status(StatusChanged(campaign.id, campaign.status, change.takes_effect))

    def _changed(self, campaign: SimulatedCampaign) -> None:
        campaign.version += 1
        campaign.refresh()
        self._on_change(campaign)


def as_saved(campaign: SimulatedCampaign) -> dict[str, Any]:
    traffic, coming = campaign.traffic, campaign.coming
    return {
        "id": campaign.id,
        "name": campaign.name,
        "status": campaign.status,
        "schedule": campaign.schedule,
        "tags": campaign.tags,
        "habit": campaign.habit,
        "version": campaign.version,
        "traffic": [traffic.lines, traffic.busy_share, traffic.call_seconds, traffic.calls, traffic.at],
        "coming": [coming.status, coming.begins, coming.takes_effect, coming.drop_calls] if coming else None,
    }


def from_saved(saved: dict[str, Any]) -> SimulatedCampaign:
    coming = PendingStatus(*saved["coming"]) if saved["coming"] else None
    traffic, habit = Traffic(*saved["traffic"]), Habit(saved["habit"])
    return SimulatedCampaign(**{**saved, "traffic": traffic, "coming": coming, "habit": habit})


def etag_of(campaign: SimulatedCampaign, etags: ETags) -> str | None:
    if etags == "none":
        return None
    if etags == "strong":
        return campaign.etag
    return f"W/{campaign.etag}"

"""The simulated tenant with all that belongs to it, and the methods by which tests and the demo change it."""

import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.simulator.application import Application
from campaigns.simulator.limits import RateLimit, RetryAfter
from campaigns.simulator.population import populate
from campaigns.simulator.record import RequestLog
from campaigns.simulator.traffic import steady
from campaigns.simulator.v2.events import Events
from campaigns.simulator.v2.oauth import SCOPES, TokenIssuer
from campaigns.simulator.v2.routes import CAMPAIGN_PATH, REASONS, Api
from campaigns.simulator.v2.state import ETags, SimulatedCampaign, StatusChanged, Tenant
from campaigns.simulator.v2.store import Store


class Simulation(Application):
    """What it remembers, and the methods that change it.

    keep_hours: campaigns dial within their hours only, and those in the US on no federal holiday; but for as many
    `offenders`. rate_per_minute None: no limit. etags: the kind of ETag, or none at all; "weakened" as by a proxy that
    compresses.
    reasons: the pause reasons that it accepts. pause_seconds: how long a pause is under way before it takes effect.
    post_events: whether subscribers are notified. webhook_secret: what signs their events; "": nothing does.
    state_file: where its state is kept, if anywhere. record_file: where each request is noted as it comes.
    """

    def __init__(
        self,
        campaigns: int = 1000,
        *,
        seed: int = 1,
        keep_hours: bool = False,
        offenders: int = 0,
        client_id: str = "simulator",
        client_secret: str = "simulator-secret",  # noqa: S107
        scopes: Sequence[str] = SCOPES,
        token_seconds: float = 3600,
        rate_per_minute: int | None = 200,
        retry_after: RetryAfter = "seconds",
        page_cap: int = 100,
        pause_seconds: float = 0,
        reasons: Sequence[str] = REASONS,
        etags: ETags = "strong",
        post_events: bool = True,
        webhook_secret: str = "",
        state_file: Path | None = None,
        record_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(RequestLog(CAMPAIGN_PATH, record_file), clock, sleep)
        self._post_events = post_events
        self._populate = partial(populate, campaigns, seed, keep_hours=keep_hours, offenders=offenders)
        self._store = Store(state_file, seed)
        self._tokens = TokenIssuer(client_id, client_secret, scopes=scopes, seconds=token_seconds, clock=clock)
        self._limit = RateLimit(rate_per_minute, retry_after=retry_after, clock=clock)
        self._tenant = self._create_tenant(seed, pause_seconds)
        self._api = Api(self._tenant, page_cap=page_cap, reasons=reasons, etags=etags)
        self._events = Events(tick=self.settle, secret=webhook_secret, clock=clock)
        self._store.restore(self._tenant)
        self._start_events()

    def _create_tenant(self, seed: int, pause_seconds: float) -> Tenant:
        """A tenant whose changes are stored, and reported to subscribers."""
        return Tenant(
            self._populate(self._clock()),
            seed=seed,
            pause_seconds=pause_seconds,
            clock=self._clock,
            on_change=self._store.changed,
            on_status=self._notify,
            on_subscribe=self._subscribed,
        )

    def change(
        self,
        campaign_id: str,
        *,
        status: str | None = None,
        schedule: dict[str, Any] | None = None,
        name: str | None = None,
        calls: int | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        """Change a campaign from outside. `calls`: exactly so many in progress for as long as it is active."""
        with self._lock:
            campaign = self._tenant.find(campaign_id)
            if calls is not None:
                self._tenant.set_traffic(campaign, steady(calls, self._clock()))
            self._tenant.change(campaign, status=status, schedule=schedule, name=name, tags=tags)
            self._store.write(self._tenant)

    def add(
        self,
        *,
        id: str | None = None,  # noqa: A002
        name: str = "New Campaign",
        status: str = "ACTIVE",
        schedule: dict[str, Any] | None = None,
        calls: int = 0,
        tags: dict[str, str] | None = None,
    ) -> str:
        """Add a campaign, without a dialing window unless a schedule is given; returns its id."""
        empty = {"timezone": "America/New_York", "dialingHours": [], "pauseConditions": []}
        with self._lock:
            now = self._clock()
            campaign = SimulatedCampaign(
                id or str(uuid.uuid4()), name, status, schedule or empty, steady(calls, now), tags or {}
            )
            self._tenant.put(campaign)
            self._store.changed(campaign)
            self._store.write(self._tenant)
        return campaign.id

    def remove(self, campaign_id: str) -> None:
        with self._lock:
            self._tenant.remove(campaign_id)
            self._store.removed(campaign_id)
            self._store.write(self._tenant)

    def campaign(self, campaign_id: str) -> dict[str, Any]:
        """The campaign as it is now, with its calls in progress."""
        with self._lock:
            self.settle()
            campaign = self._tenant.find(campaign_id)
            return {
                "id": campaign.id,
                "name": campaign.name,
                "status": campaign.status,
                "schedule": campaign.schedule,
                "tags": campaign.tags,
                "calls": self._tenant.calls(campaign),
            }

    @property
    def size(self) -> int:
        return len(self.campaign_ids())

    def campaign_ids(self, status: str | None = None) -> list[str]:
        with self._lock:
            self.settle()
            return [each.id for each in self._tenant.campaigns.values() if status in {None, each.status}]

    def subscriptions(self) -> list[dict[str, str]]:
        with self._lock:
            return [{"id": each.id, "name": each.name, "url": each.url} for each in self._tenant.subscribers.values()]

    def expire_tokens(self) -> None:
        with self._lock:
            self._tokens.expire_all()

    def settle(self) -> None:
        """Carry out what is due; every request does so by itself."""
        with self._lock:
            self._tenant.settle()
            self._store.write(self._tenant)

    def reset(self) -> None:
        """As on the first day: campaigns, subscriptions, tokens, limits, faults, record."""
        with self._lock:
            self._tenant.start_over(self._populate(self._clock()))
            self._store.forget()
            self._store.write(self._tenant)
            self._tokens.expire_all()
            self._limit.forget()
            self._faults.clear()
            self.record.clear()

    def close(self) -> None:
        """End the thread that posts events, if there is one."""
        self._events.close()

    def _notify(self, event: StatusChanged) -> None:
        if self._post_events:
            for url in self._tenant.urls_for(event):
                self._events.send(url, event.content())

    def _subscribed(self) -> None:
        self._store.subscribed()
        self._start_events()

    def _start_events(self) -> None:
        if self._post_events and self._tenant.subscribers:
            self._events.start()

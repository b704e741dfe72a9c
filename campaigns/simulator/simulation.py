"""The simulated tenant with all that belongs to it, and the methods by which tests and the demo change it."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any

from campaigns.simulator.events import Events
from campaigns.simulator.faults import Body, Fault, Faults
from campaigns.simulator.limits import RateLimit, RetryAfter
from campaigns.simulator.oauth import SCOPES, TokenIssuer
from campaigns.simulator.population import populate
from campaigns.simulator.record import RequestLog
from campaigns.simulator.routes import REASONS, Api
from campaigns.simulator.state import SimulatedCampaign, StatusChanged, Tags, Tenant
from campaigns.simulator.store import Store
from campaigns.simulator.traffic import steady


class Simulation:
    """A simulated CXone without HTTP. `clock` returns seconds since the epoch; `sleep` carries out a fault's delay.

    rate_per_minute None: no limit. tags: the kind of ETag, or none at all; "weakened" as by a proxy that compresses.
    reasons: the pause reasons that it accepts. pause_seconds: how long a pause is under way before it takes effect.
    post_events: whether subscribers are notified. webhook_secret: what signs their events; "": nothing does.
    state_file: where its state is kept, if anywhere. record_file: where each request is noted as it comes.
    """

    def __init__(
        self,
        campaigns: int = 1000,
        *,
        seed: int = 1,
        client_id: str = "simulator",
        client_secret: str = "simulator-secret",  # noqa: S107
        scopes: Sequence[str] = SCOPES,
        token_seconds: float = 3600,
        rate_per_minute: int | None = 200,
        retry_after: RetryAfter = "seconds",
        page_cap: int = 100,
        pause_seconds: float = 0,
        reasons: Sequence[str] = REASONS,
        tags: Tags = "strong",
        post_events: bool = True,
        webhook_secret: str = "",
        state_file: Path | None = None,
        record_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        # One lock for all of the state: requests come from several threads, and a thread that has it calls `settle`.
        self._lock = RLock()
        self._clock = clock
        self._sleep = sleep
        self._post_events = post_events
        self._populate = partial(populate, campaigns, seed)
        self._faults = Faults()
        self._store = Store(state_file, seed)
        self._tokens = TokenIssuer(client_id, client_secret, scopes=scopes, seconds=token_seconds, clock=clock)
        self._limit = RateLimit(rate_per_minute, retry_after=retry_after, clock=clock)
        self._tenant = self._create_tenant(seed, pause_seconds)
        self._api = Api(self._tenant, page_cap=page_cap, reasons=reasons, tags=tags)
        self._events = Events(tick=self.settle, secret=webhook_secret, clock=clock)
        self.record = RequestLog(record_file)
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

    def fail(
        self,
        method: str,
        path: str,
        *,
        times: int | None = 1,
        skip: int = 0,
        status: int | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Body | None = None,
        delay: float = 0.0,
        done: bool | None = None,
        cut: bool = False,
        change: dict[str, object] | None = None,
        size: int = 0,
        gzip: bool = False,
        trickle: float = 0.0,
        forget: bool = False,
    ) -> None:
        """Script a fault; `Fault` describes each argument."""
        self._faults.add(
            Fault(
                method,
                path,
                times,
                skip,
                status,
                headers or {},
                body,
                delay=delay,
                done=done,
                cut=cut,
                change=change,
                size=size,
                gzip=gzip,
                trickle=trickle,
                forget=forget,
            )
        )

    def faults(self) -> list[Fault]:
        """The faults that have not been used up."""
        return self._faults.waiting()

    def clear_faults(self) -> None:
        self._faults.clear()

    def change(
        self,
        campaign_id: str,
        *,
        status: str | None = None,
        schedule: dict[str, Any] | None = None,
        name: str | None = None,
        calls: int | None = None,
    ) -> None:
        """Change a campaign from outside. `calls`: exactly so many in progress for as long as it dials."""
        with self._lock:
            campaign = self._tenant.find(campaign_id)
            if calls is not None:
                self._tenant.set_traffic(campaign, steady(calls, self._clock()))
            self._tenant.change(campaign, status=status, schedule=schedule, name=name)
            self._store.write(self._tenant)

    def add(
        self,
        *,
        id: str | None = None,  # noqa: A002
        name: str = "New Campaign",
        status: str = "ACTIVE",
        schedule: dict[str, Any] | None = None,
        calls: int = 0,
    ) -> str:
        """Add a campaign, without a dialing window unless a schedule is given; returns its id."""
        empty = {"timezone": "America/New_York", "dialingHours": [], "pauseConditions": []}
        with self._lock:
            now = self._clock()
            campaign = SimulatedCampaign(id or str(uuid.uuid4()), name, status, schedule or empty, steady(calls, now))
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
                "calls": self._tenant.calls(campaign),
            }

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

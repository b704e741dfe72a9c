"""The simulator as a WSGI application, with the handles by which tests and the demo move it from outside."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import formatdate
from functools import partial
from http.client import responses
from pathlib import Path
from threading import RLock
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from campaigns.simulator.control import PREFIX, Control
from campaigns.simulator.events import Events
from campaigns.simulator.exchange import Answer, ConnectionCutError, RefusalError, Request, read_request
from campaigns.simulator.faults import Body, Fault, Faults
from campaigns.simulator.limits import RateLimit, RetryAfter
from campaigns.simulator.oauth import SCOPES, Tokens, require_scope
from campaigns.simulator.population import populate
from campaigns.simulator.record import Record
from campaigns.simulator.routes import REASONS, Api
from campaigns.simulator.state import Campaign, StatusChanged, Tags, Tenant
from campaigns.simulator.store import Store
from campaigns.simulator.traffic import steady


class Simulator:
    """A pretend CXone. `clock` answers seconds since the epoch; `sleep` carries out the delays of faults.

    rate_per_minute None: no limit. tags: the kind of ETag, or none at all; "weakened" as
    by a proxy that compresses. reasons: the pause reasons it knows.
    pause_seconds: how long a pause is under way before it has taken effect. post_events: whether subscribers hear.
    Each answer bears a Date by `clock`. A fault with `cut` raises ConnectionCutError (a ConnectionError) out of the
    application.
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
        state_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._lock = RLock()
        self._clock = clock
        self._sleep = sleep
        self._post_events = post_events
        self._populate = partial(populate, campaigns, seed)
        self._faults = Faults()
        self._store = Store(state_file, seed)
        self._tokens = Tokens(client_id, client_secret, scopes=scopes, seconds=token_seconds, clock=clock)
        self._limit = RateLimit(rate_per_minute, retry_after=retry_after, clock=clock)
        self._tenant = Tenant(
            self._populate(clock()),
            seed=seed,
            pause_seconds=pause_seconds,
            clock=clock,
            on_change=self._store.changed,
            on_status=self._tell,
            on_subscribe=self._subscribed,
        )
        self._api = Api(self._tenant, page_cap=page_cap, reasons=reasons, tags=tags)
        self._events = Events(tick=self.settle)
        self._control = Control(self)
        self.record = Record()
        self._store.restore(self._tenant)
        self._listen()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._answer(read_request(environ))
        except RefusalError as refusal:
            answer = refusal.answer()
        headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {responses.get(answer.status, 'Unknown')}", headers)
        return [answer.body]

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
    ) -> None:
        """Script a fault; `Fault` says what each argument means."""
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
        """Add a campaign, without a dialing window unless a schedule is given; answers its id."""
        empty = {"timezone": "America/New_York", "dialingHours": [], "pauseConditions": []}
        with self._lock:
            now = self._clock()
            campaign = Campaign(id or str(uuid.uuid4()), name, status, schedule or empty, steady(calls, now))
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
            return [
                {"id": each.id, "name": each.name, "url": each.url} for each in self._tenant.subscriptions.values()
            ]

    def expire_tokens(self) -> None:
        with self._lock:
            self._tokens.expire_all()

    def settle(self) -> None:
        """Carry out what has come due; every request does so by itself."""
        with self._lock:
            self._tenant.settle()
            self._store.write(self._tenant)

    def reset(self) -> None:
        """As on the first day: campaigns, subscriptions, tokens, limits, faults, record."""
        with self._lock:
            self._tenant.begin_anew(self._populate(self._clock()))
            self._store.forget()
            self._store.write(self._tenant)
            self._tokens.expire_all()
            self._limit.forget()
            self._faults.clear()
            self.record.clear()

    def close(self) -> None:
        """End the thread that posts events, where there is one."""
        self._events.close()

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith(PREFIX):
            return self._control.answer(request)
        arrived, at = time.monotonic(), self._clock()
        fault = self._faults.take(request)
        if fault is None:
            answer = self._dated(self._work(request))
            self.record.add(request, answer, arrived=arrived, at=at)
            return answer
        answer = fault.distort(self._dated(self._work(request) if fault.done else fault.answer()))
        self.record.add(request, answer, arrived=arrived, at=at, cut=fault.cut)
        if fault.delay:
            self._sleep(fault.delay)
        if fault.cut:
            raise ConnectionCutError("The simulator cut the connection.")
        return answer

    def _dated(self, answer: Answer) -> Answer:
        answer.headers["Date"] = formatdate(self._clock(), usegmt=True)
        return answer

    def _work(self, request: Request) -> Answer:
        with self._lock:
            self._tenant.settle()
            try:
                return self._route(request)
            except RefusalError as refusal:
                return refusal.answer()
            finally:
                self._store.write(self._tenant)

    def _route(self, request: Request) -> Answer:
        if request.path == "/oauth/token" and request.method == "POST":
            return self._tokens.issue(request)
        token = self._tokens.check(request)
        self._limit.count(token.client_id)
        scope, work = self._api.find(request)
        require_scope(token, scope)
        return work()

    def _tell(self, event: StatusChanged) -> None:
        if self._post_events:
            for url in self._tenant.listeners(event):
                self._events.send(url, event.content())

    def _subscribed(self) -> None:
        self._store.subscribed()
        self._listen()

    def _listen(self) -> None:
        if self._post_events and self._tenant.subscriptions:
            self._events.start()

"""The first dialect of the gateway: CXone's API v2, as docs/cxone-api.md describes it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import rfc8785

from campaigns.cxone.auth import Tokens
from campaigns.cxone.breaker import CircuitBreaker, NoBreaker
from campaigns.cxone.budget import Budget, Lane
from campaigns.cxone.caller import Caller, sent_of
from campaigns.cxone.channel import Channel
from campaigns.cxone.clock import RemoteClock
from campaigns.cxone.errors import NoETag, NotFound
from campaigns.cxone.gateway import (
    CampaignList,
    CampaignState,
    Capabilities,
    Counts,
    Gateway,
    PreparedChange,
    Schedule,
    Sending,
    Subscription,
    TenantFacts,
    Version,
    WriteResponse,
    subscription_name,
)
from campaigns.cxone.json_body import readable_entries
from campaigns.cxone.replies import (
    Call,
    Reply,
    is_accepted_without_state,
    require_usable,
    trouble,
    unusable,
    usable_etag,
    value_of,
)
from campaigns.cxone.v2 import wire
from campaigns.cxone.v2.pages import KnownPages, ListReader, is_last_page

T = TypeVar("T")

READ = "outbound:campaign:read"
WRITE = "outbound:campaign:write"
ANALYTICS = "analytics:read"
EVENTS = "events:write"
SCOPE = f"{READ} {WRITE} {ANALYTICS} {EVENTS}"

CAMPAIGNS = "/api/v2/outbound/campaigns"
STATES = "/api/v2/campaigns"
CALLS = "/api/v2/analytics/outbound/conversations/details/query"
SUBSCRIPTIONS = "/api/v2/event/subscriptions"

# --- Assumed, since the sources say nothing about it. For a tenant that differs, this is the place to change. ---

# The server may cap it: what it sends is counted, not what was asked for.
PAGE_SIZE = 100

# 50,000 campaigns. A server that never says "last page" is given up then.
MOST_PAGES = 500

# Each page may take half a minute. A list whose first page is five minutes old is no picture of the present.
MOST_LIST_SECONDS = 300.0

# Of all pages together, which are held in memory. A thousand campaigns have about half a megabyte.
MOST_LIST_BYTES = 50_000_000

# A call in progress began within it: no call takes longer than a day.
CALLS_WINDOW = timedelta(hours=24)

PAUSED, ACTIVE = "PAUSED", "ACTIVE"
EVENT_TYPES = ["outbound.campaign.status.changed"]


def _one_campaign(campaign_id: str) -> str:
    """The filter that narrows a query to one campaign; a quote inside a value is doubled."""
    return "campaignId eq '{}'".format(campaign_id.replace("'", "''"))


# --- End of what is assumed. ---

CAPABILITIES = Capabilities(
    defers=True,
    events=True,
    versioned=True,
    reasons=True,
    several_windows=True,
    chooses_zone=True,
    pause_conditions=True,
    pauses_at_once=True,
    limits_pauses=True,
    holds_pauses=True,
    counts_at_once=True,
    lists_schedules=True,
    reads_at_once=True,
)

LISTING = Call("list the campaigns", READ, name="list_campaigns")

# A proxy that compresses a response makes its ETag weak (nginx) or changes it (Apache): If-Match compares strongly.
UNALTERED = "identity"


class V2(Gateway):
    """A Gateway for one operation; all share one pooled `client`, whose base address is CXone's."""

    def __init__(
        self,
        client: httpx.Client,
        tokens: Tokens,
        budget: Budget,
        lane: Lane,
        *,
        clock: RemoteClock | None = None,
        breaker: CircuitBreaker | None = None,
        known_pages: KnownPages | None = None,
    ) -> None:
        self._channel = Channel(
            client, budget, lane, breaker=breaker or NoBreaker(), clock=clock or RemoteClock(), mask=tokens.mask
        )
        self._caller = Caller(self._channel, tokens)
        self._known_pages = known_pages or KnownPages({})

    def base(self) -> str:
        """Where the API is, without a slash at its end."""
        return str(self._channel.client.base_url).rstrip("/")

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    @property
    def requests(self) -> int:
        return self._channel.requests

    def now(self) -> datetime | None:
        return self._channel.clock.now()

    def tenant(self) -> TenantFacts | None:
        return None

    def list_campaigns(self) -> CampaignList:
        reader = ListReader(self._known_pages)
        with self._caller.one_token():
            self._read_pages(reader)
        return reader.finish()

    def _read_pages(self, reader: ListReader) -> None:
        size = 0
        began = monotonic()
        while len(reader.pages) < MOST_PAGES and not (reader.pages and is_last_page(reader.pages)):
            reply = self._read_page(reader)
            size += len(reply.body)
            if size > MOST_LIST_BYTES:
                raise unusable(LISTING, reply.status, f"all pages together are longer than {MOST_LIST_BYTES:,} bytes")
            if monotonic() - began > MOST_LIST_SECONDS:
                raise trouble(LISTING, cause=f"all pages together took longer than {MOST_LIST_SECONDS:.0f} s")

    def read_state(self, campaign_id: str, *, needs_schedule: bool = False) -> CampaignState:
        call = Call(f"read campaign {campaign_id}", READ, by_id=True, name="read_campaign")
        state, _ = self._campaign(call, self._request("GET", _address(STATES, campaign_id)), campaign_id)
        return state

    def read_version(self, campaign_id: str) -> Version:
        state, reply = self._tagged(
            Call(f"read campaign {campaign_id}", READ, by_id=True, name="read_campaign"), campaign_id
        )
        return Version(state, usable_etag(reply.headers.get("etag")) or "")

    def read_for_edit(self, campaign_id: str) -> Version:
        call = Call(f"read campaign {campaign_id} for editing", READ, by_id=True, name="read_campaign")
        state, reply = self._tagged(call, campaign_id)
        etag = usable_etag(reply.headers.get("etag"))
        if etag is None:
            raise NoETag(f"change campaign {campaign_id}", status=reply.status)
        return Version(state, etag)

    def calls_in_progress(self, campaign_id: str | None = None) -> Counts:
        begins, ends = self._calls_window()
        filter_ = "status eq 'IN_PROGRESS'"
        if campaign_id:
            filter_ += f" and {_one_campaign(campaign_id)}"
        query = {
            "fromTime": wire_time(begins),
            "toTime": wire_time(ends),
            "groupBy": ["campaignId"],
            "filter": filter_,
            "metrics": ["conversationCount"],
        }
        call = Call("count the calls in progress", ANALYTICS, name="count_calls")
        groups, reply = self._exchange(call, self._request("POST", CALLS, query), wire.Groups.model_validate)
        counts = Counts()
        for group in groups.groups:
            if group.campaign_id is not None:
                counts[group.campaign_id] += group.count
            elif campaign_id:
                raise unusable(call, reply.status, "it counts calls of no campaign, though one was asked for")
        return counts

    def prepare_pause(
        self,
        campaign_id: str,
        *,
        reason: str,
        effective_at: datetime,
        drop_active_calls: bool,
        max_concurrent_pauses: int,
    ) -> PreparedChange:
        body = {
            "status": PAUSED,
            "pauseReason": reason,
            "effectiveTime": wire_time(effective_at),
            "dropActiveCalls": drop_active_calls,
            "maxConcurrentPauses": max_concurrent_pauses,
        }
        request = self._request("PUT", _address(STATES, campaign_id), body)
        return _prepared("pause", f"pause campaign {campaign_id}", campaign_id, request)

    def prepare_resume(self, campaign_id: str, *, effective_at: datetime) -> PreparedChange:
        body = {"status": ACTIVE, "effectiveTime": wire_time(effective_at)}
        request = self._request("PUT", _address(STATES, campaign_id), body)
        return _prepared("resume", f"resume campaign {campaign_id}", campaign_id, request)

    def send_prepared(self, change: PreparedChange, sending: Sending | None = None) -> WriteResponse:
        return self._write(change, sending)

    def write_schedule(self, campaign_id: str, schedule: Schedule, *, etag: str, sending: Sending) -> WriteResponse:
        doing = f"change the schedule of campaign {campaign_id}"
        if usable_etag(etag) is None:
            raise NoETag(doing)
        request = self._request("PATCH", _address(CAMPAIGNS, campaign_id), {"schedule": schedule})
        # As the ETag was read.
        request.headers.encoding = "latin-1"
        request.headers["If-Match"] = etag
        request.headers["Accept-Encoding"] = UNALTERED
        return self._write(_prepared("change_schedule", doing, campaign_id, request), sending)

    def subscribe(self, campaign_id: str, url: str) -> str:
        body = {
            "name": subscription_name(campaign_id),
            "url": url,
            "eventTypes": EVENT_TYPES,
            "filter": _one_campaign(campaign_id),
            "enabled": True,
        }
        call = Call(f"send events of campaign {campaign_id}", EVENTS, writes=True, name="subscribe")
        created, _ = self._exchange(call, self._request("POST", SUBSCRIPTIONS, body), wire.Created.model_validate)
        return created.id

    def subscriptions(self) -> tuple[Subscription, ...]:
        call = Call("list the event subscriptions", EVENTS, name="list_subscriptions")
        listed, _ = self._exchange(call, self._request("GET", SUBSCRIPTIONS), wire.Entities.model_validate)
        subscriptions = readable_entries(listed.entities, wire.EventSubscription.model_validate)
        return tuple(subscription.value() for subscription in subscriptions)

    def _calls_window(self) -> tuple[datetime, datetime]:
        ours = datetime.now(UTC)
        theirs = self.now() or ours
        # By whichever clock is wider: a call that is left out would let a busy campaign be paused.
        return min(ours, theirs) - CALLS_WINDOW, max(ours, theirs)

    def _tagged(self, call: Call, campaign_id: str) -> tuple[CampaignState, Reply]:
        """From the one address that gives an ETag."""
        request = self._request("GET", _address(CAMPAIGNS, campaign_id))
        request.headers["Accept-Encoding"] = UNALTERED
        return self._campaign(call, request, campaign_id)

    def _read_page(self, reader: ListReader) -> Reply:
        number = len(reader.pages) + 1
        call = Call(f"list the campaigns (page {number})", READ, name="list_campaigns")
        request = self._request("GET", f"{CAMPAIGNS}?pageSize={PAGE_SIZE}&pageNumber={number}")
        with self._channel.one_call():
            reply = self._caller.reply(call, request)
            require_usable(call, reply)
            if not reader.is_known(reply.body):
                value_of(call, reply, partial(reader.read, reply.body))
        return reply

    def _write(self, change: PreparedChange, sending: Sending | None = None) -> WriteResponse:
        call = Call(change.doing, WRITE, writes=True, by_id=True, name=change.name)
        with self._channel.one_call():
            reply = self._caller.reply(call, change.request, partial(sending, change.sent) if sending else None)
            if is_accepted_without_state(reply):
                state = None
            else:
                state = _campaign_in(reply, call, change.campaign_id)
        return WriteResponse(state, reply.status, usable_etag(reply.headers.get("etag")))

    def _campaign(self, call: Call, request: httpx.Request, campaign_id: str) -> tuple[CampaignState, Reply]:
        with self._channel.one_call():
            reply = self._caller.reply(call, request)
            return _campaign_in(reply, call, campaign_id), reply

    def _request(self, method: str, address: str, body: dict[str, Any] | None = None) -> httpx.Request:
        client = self._channel.client
        if body is None:
            return client.build_request(method, address)
        # Canonical JSON: the same change always has the same hash.
        content = rfc8785.dumps(body)
        return client.build_request(method, address, content=content, headers={"Content-Type": "application/json"})

    def _exchange(self, call: Call, request: httpx.Request, read: Callable[[object], T]) -> tuple[T, Reply]:
        with self._channel.one_call():
            reply = self._caller.reply(call, request)
            return value_of(call, reply, read), reply


def _prepared(name: str, doing: str, campaign_id: str, request: httpx.Request) -> PreparedChange:
    return PreparedChange(name, doing, campaign_id, sent_of(request), request)


def _campaign_in(reply: Reply, call: Call, campaign_id: str) -> CampaignState:
    campaign = value_of(call, reply, wire.WireCampaign.model_validate)
    if campaign.id != campaign_id:
        raise unusable(call, reply.status, "it is about another campaign")
    return campaign.state()


def _address(root: str, campaign_id: str) -> str:
    # Each of them would be the address of something else.
    if campaign_id in {"", ".", ".."}:
        raise NotFound(f"find campaign {campaign_id!r}")
    return f"{root}/{quote(campaign_id, safe='')}"


def wire_time(moment: datetime) -> str:
    """`moment` (aware) as CXone writes times: UTC, whole seconds. ValueError: it has no zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

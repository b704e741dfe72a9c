"""The requests of the contract, made bare."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

LIST = "/api/v2/outbound/campaigns"
ANALYTICS = "/api/v2/analytics/outbound/conversations/details/query"
SUBSCRIPTIONS = "/api/v2/event/subscriptions"
SCOPE = "outbound:campaign:read outbound:campaign:write analytics:read events:write"


@dataclass(frozen=True)
class Tenant:
    base_url: str
    client_id: str
    client_secret: str
    token_url: str | None = None
    transport: httpx.BaseTransport | None = None


def sign_in(client: httpx.Client, tenant: Tenant, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        "scope": SCOPE,
    }
    return client.post(tenant.token_url or "/oauth/token", data=form | changed)


def wire_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> str:
    return wire_time(datetime.now(UTC))


def for_editing(campaign_id: str) -> str:
    return f"{LIST}/{campaign_id}"


def state_of(campaign_id: str) -> str:
    return f"/api/v2/campaigns/{campaign_id}"


def pause(client: httpx.Client, campaign_id: str, **changed: Any) -> httpx.Response:
    body = {
        "status": "PAUSED",
        "pauseReason": "EMERGENCY",
        "effectiveTime": now(),
        "dropActiveCalls": False,
        "maxConcurrentPauses": 1,
    }
    return client.put(state_of(campaign_id), json=body | changed)


def resume(client: httpx.Client, campaign_id: str, **changed: Any) -> httpx.Response:
    return client.put(state_of(campaign_id), json={"status": "ACTIVE", "effectiveTime": now()} | changed)


def query_calls(client: httpx.Client, campaign_id: str | None = None, **changed: Any) -> httpx.Response:
    until = datetime.now(UTC)
    narrowed = f" and campaignId eq '{campaign_id}'" if campaign_id else ""
    body = {
        "fromTime": wire_time(until - timedelta(hours=4)),
        "toTime": wire_time(until),
        "groupBy": ["campaignId"],
        "filter": f"status eq 'IN_PROGRESS'{narrowed}",
        "metrics": ["conversationCount"],
    }
    return client.post(ANALYTICS, json=body | changed)


def set_schedule(client: httpx.Client, campaign_id: str, schedule: object, tag: str | None) -> httpx.Response:
    headers = {"If-Match": tag} if tag else {}
    return client.patch(for_editing(campaign_id), json={"schedule": schedule}, headers=headers)


def subscribe(client: httpx.Client, campaign_id: str, **changed: Any) -> httpx.Response:
    body = {
        "name": f"CampaignPause_{campaign_id}",
        "url": "https://control.example/webhooks/cxone/token/",
        "eventTypes": ["outbound.campaign.status.changed"],
        "filter": f"campaignId eq '{campaign_id}'",
        "enabled": True,
    }
    return client.post(SUBSCRIPTIONS, json=body | changed)

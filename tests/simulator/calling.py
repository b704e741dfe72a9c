"""A client of the simulator, a clock that stands still, and the bodies that the contract asks for."""

from datetime import UTC, datetime
from typing import Any

import httpx

from campaigns.simulator import Simulator
from tests.simulator.transport import SimulatorTransport

CLIENT = {"client_id": "simulator", "client_secret": "simulator-secret"}
ANALYTICS = "/api/v2/analytics/outbound/conversations/details/query"
SUBSCRIPTIONS = "/api/v2/event/subscriptions"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def connect(simulator: Simulator) -> httpx.Client:
    """A client with a token."""
    return sign_in(httpx.Client(transport=SimulatorTransport(simulator), base_url="http://cxone.test"))


def sign_in(client: httpx.Client) -> httpx.Client:
    answer = client.post("/oauth/token", data={"grant_type": "client_credentials", **CLIENT})
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def wire_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pause(client: httpx.Client, campaign_id: str, at: float = NOON, **changed: Any) -> httpx.Response:
    body = {
        "status": "PAUSED",
        "pauseReason": "MAINTENANCE",
        "effectiveTime": wire_time(at),
        "dropActiveCalls": False,
        "maxConcurrentPauses": 1,
    }
    return client.put(f"/api/v2/campaigns/{campaign_id}", json=body | changed)


def resume(client: httpx.Client, campaign_id: str, at: float = NOON) -> httpx.Response:
    body = {"status": "ACTIVE", "effectiveTime": wire_time(at)}
    return client.put(f"/api/v2/campaigns/{campaign_id}", json=body)


def read_status(client: httpx.Client, campaign_id: str) -> str:
    status: str = client.get(f"/api/v2/campaigns/{campaign_id}").json()["status"]
    return status


def subscribe(client: httpx.Client, campaign_id: str, url: str) -> httpx.Response:
    body = {
        "name": f"CampaignPause_{campaign_id}",
        "url": url,
        "eventTypes": ["outbound.campaign.status.changed"],
        "filter": f"campaignId eq '{campaign_id}'",
        "enabled": True,
    }
    return client.post(SUBSCRIPTIONS, json=body)


def query_calls(client: httpx.Client, campaign_id: str | None = None, **changed: Any) -> httpx.Response:
    narrowed = f" and campaignId eq '{campaign_id}'" if campaign_id else ""
    body = {
        "fromTime": wire_time(NOON - 86400),
        "toTime": wire_time(NOON),
        "groupBy": ["campaignId"],
        "filter": f"status eq 'IN_PROGRESS'{narrowed}",
        "metrics": ["conversationCount"],
    }
    return client.post(ANALYTICS, json=body | changed)


def schedule(**changed: Any) -> dict[str, Any]:
    window = {"day": "MON", "startTime": "09:00", "endTime": "17:00"}
    return {"timezone": "America/Denver", "dialingHours": [window], "pauseConditions": ["BUSY"]} | changed
